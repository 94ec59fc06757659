"""The layers of a crystal-graph network, from atoms to a property.

In all of them `h` holds a row for each atom (a node), `e` one for each edge; `centre` and
`neighbour` are the two atoms of each edge. Nothing depends on where the crystal lies, how it is
turned or in which order its atoms come: only elements and distances go in, and all sums run over
*all* neighbours of an atom, all atoms of a crystal.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from matlearn.regression._graphs.elements import node_table, radii_and_masses

SPACING = 0.18
"""A; between the Gaussians that a distance is spread over, and their width."""
LARGEST_SCORE = 15.0
"""Scores of atoms are cut off there: their exponentials must stay finite."""


class Bonds(nn.Module):
    """Describe an edge: its length, its length in units of the radii, its reduced mass.

    A length is spread over Gaussians, each of which answers to lengths near its own. A bond of
    2 A is short between two sulphur atoms and long between carbon and hydrogen: hence the second
    set. Two masses on a spring oscillate with the root of the stiffness over the reduced mass.
    """

    def __init__(self, cutoff: float) -> None:
        super().__init__()
        radii, masses = radii_and_masses()
        self.register_buffer("radii", torch.tensor(radii, dtype=torch.float32))
        self.register_buffer("masses", torch.tensor(masses, dtype=torch.float32))
        lengths = torch.linspace(0.8, cutoff, max(2, round((cutoff - 0.8) / SPACING) + 1))
        self.register_buffer("lengths", lengths)
        self.register_buffer("ratios", torch.linspace(0.6, 3.0, 16))
        self.width = len(self.lengths) + len(self.ratios) + 2

    def forward(
        self, numbers: Tensor, centre: Tensor, neighbour: Tensor, distance: Tensor
    ) -> Tensor:
        """Give a row of numbers for each edge."""
        one, other = numbers[centre], numbers[neighbour]
        ratio = distance / (self.radii[one] + self.radii[other])
        reduced = self.masses[one] * self.masses[other] / (self.masses[one] + self.masses[other])
        rest = torch.stack([ratio - 1.2, 1.4 - 0.5 * torch.log(reduced)], dim=1)
        return torch.cat([_spread(distance, self.lengths), _spread(ratio, self.ratios), rest], 1)


def _spread(value: Tensor, middles: Tensor) -> Tensor:
    """Answer of each Gaussian to a value."""
    width = middles[1] - middles[0]
    return torch.exp(-(((value[:, None] - middles) / width) ** 2))


class GatedConvolution(nn.Module):
    """Pass messages: every atom collects from its neighbours, and adds to what it knows.

    The message along an edge is made of both atoms and the edge. A *gate* between 0 and 1 says how
    much of it passes; an atom takes the mean over its edges, weighed by the gates,

        z = W_i h_i + W_j h_j + W_e e_ij,    gate, message = sigmoid(z'), silu(z'')
        h_i <- h_i + W_o (sum_j gate message) / (sum_j gate).

    So did CGCNN (Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018)), with a sum and batch
    normalisation. Three matrices cost a third of one on the three rows put together for every
    edge: the first two multiply once an atom, not once an edge.
    """

    def __init__(self, width: int, edge_width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.of_centre = nn.Linear(width, 2 * width)
        self.of_neighbour = nn.Linear(width, 2 * width, bias=False)
        self.of_edge = nn.Linear(edge_width, 2 * width, bias=False)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, h: Tensor, centre: Tensor, neighbour: Tensor, e: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Give the new rows of the atoms, and the gate of each edge."""
        x = self.norm(h)
        z = self.of_centre(x)[centre] + self.of_neighbour(x)[neighbour] + self.of_edge(e)
        gate, message = z.chunk(2, dim=1)
        gate, message = torch.sigmoid(gate), functional.silu(message)
        collected = torch.zeros_like(h).index_add(0, centre, gate * message)
        passed = torch.zeros_like(h).index_add(0, centre, gate)
        return h + self.dropout(self.out(collected / (passed + 1e-3))), gate


class Readout(nn.Module):
    """From atoms to the crystal: a mean over all atoms, weighed by what they are.

    Each atom makes a guess of the property and has a weight; weights of a crystal add up to 1. Of
    two cells of the same crystal, the larger has every atom several times: the mean is the same.
    """

    def __init__(self, width: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.guess = nn.Sequential(
            nn.Linear(width, width), nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, outputs)
        )
        self.score = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 1))

    def forward(self, h: Tensor, crystal: Tensor, n_crystals: int) -> tuple[Tensor, Tensor, Tensor]:
        """Give the property of each crystal, and weight and guess of each atom."""
        x = self.norm(h)
        guess = self.guess(x)
        weight = torch.exp(self.score(x)[:, 0].clamp(-LARGEST_SCORE, LARGEST_SCORE))
        total = torch.zeros(n_crystals, device=h.device).index_add(0, crystal, weight)
        weight = weight / total[crystal]
        value = torch.zeros(n_crystals, guess.shape[1], device=h.device)
        return value.index_add(0, crystal, weight[:, None] * guess), weight, guess


class Network(nn.Module):
    """The whole: elements and distances in, messages passed a few times, atoms read out."""

    def __init__(
        self, cutoff: float, width: int, layers: int, outputs: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        table = torch.tensor(node_table())
        self.register_buffer("elements", table)
        self.embedding = nn.Linear(table.shape[1], width)
        self.bonds = Bonds(cutoff)
        self.convolutions = nn.ModuleList(
            GatedConvolution(width, self.bonds.width, dropout) for _ in range(layers)
        )
        self.readout = Readout(width, outputs, dropout)

    def forward(
        self,
        numbers: Tensor,
        centre: Tensor,
        neighbour: Tensor,
        distance: Tensor,
        crystal: Tensor,
        n_crystals: int,
    ) -> dict[str, Tensor]:
        """Give the ``value`` of each crystal; for looking inside, ``weight`` and ``guess`` of atoms.

        With ``gates``, shape (layers, edges): the mean gate of each edge in each layer.
        """
        h = self.embedding(self.elements[numbers])
        e = self.bonds(numbers, centre, neighbour, distance)
        gates = []
        for convolution in self.convolutions:
            h, gate = convolution(h, centre, neighbour, e)
            gates.append(gate.mean(dim=1))
        value, weight, guess = self.readout(h, crystal, n_crystals)
        inside = torch.stack(gates) if gates else torch.zeros(0, len(centre))
        return {"value": value, "weight": weight, "guess": guess, "gates": inside}
