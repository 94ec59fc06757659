"""Many graphs in flat arrays, and batches of them: one large graph whose parts do not touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from matlearn.regression._graphs.graph import CrystalGraph

if TYPE_CHECKING:
    Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, int]


class FlatGraphs:
    """All atoms and all edges of many graphs one after the other, on a device.

    Parameters
    ----------
    graphs
        In the order in which they are asked for.
    device
        Where the arrays lie.
    """

    def __init__(self, graphs: Sequence[CrystalGraph], device: str = "cpu") -> None:
        self._atoms = _starts([len(graph.numbers) for graph in graphs])
        self._edges = _starts([len(graph.distances) for graph in graphs])
        self._device = device
        self._numbers = self._joined([graph.numbers for graph in graphs], torch.int64)
        self._centres = self._joined([graph.centres for graph in graphs], torch.int64)
        self._neighbours = self._joined([graph.neighbours for graph in graphs], torch.int64)
        self._distances = self._joined([graph.distances for graph in graphs], torch.float32)

    def __len__(self) -> int:
        return len(self._atoms) - 1

    def batch(self, indices: np.ndarray) -> Batch:
        """Put some graphs side by side.

        Returns
        -------
        tuple
            What `layers.Network` takes: atomic numbers, centre and neighbour of each edge (counted
            through the batch), distances, the crystal of each atom, the number of crystals.
        """
        atoms, crystal = _members(self._atoms, indices)
        edges, owner = _members(self._edges, indices)
        sizes = np.diff(self._atoms)[indices]
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])  # of each crystal in the batch
        shift = self._index(first[owner])
        chosen_atoms, chosen_edges = self._index(atoms), self._index(edges)
        return (
            self._numbers[chosen_atoms],
            self._centres[chosen_edges] + shift,
            self._neighbours[chosen_edges] + shift,
            self._distances[chosen_edges],
            self._index(crystal),
            len(indices),
        )

    def _joined(self, parts: list[np.ndarray], dtype: torch.dtype) -> torch.Tensor:
        return torch.as_tensor(np.concatenate(parts), dtype=dtype, device=self._device)

    def _index(self, values: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(values, dtype=torch.int64, device=self._device)


def _starts(sizes: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _members(starts: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the chosen graphs, and for each row, which of the chosen ones it belongs to."""
    sizes = np.diff(starts)[indices]
    owner = np.repeat(np.arange(len(indices)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return starts[indices][owner] + within, owner
