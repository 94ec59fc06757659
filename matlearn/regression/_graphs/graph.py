"""A crystal as a graph: atoms are nodes, bonds to their neighbours are edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn._structures import as_atoms
from matlearn.regression._graphs.checks import check_neighbourhood
from matlearn.regression._graphs.neighbours import distance_to_nearest, nearest_neighbours

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class CrystalGraph:
    """A crystal as a graph; every edge leads from an atom to one of its neighbours.

    Attributes
    ----------
    numbers : numpy.ndarray
        shape (atoms,), the atomic numbers: all that a node knows at first.
    centres, neighbours : numpy.ndarray
        shape (edges,), the two atoms of each edge. Both directions of a bond are edges.
    distances : numpy.ndarray
        shape (edges,), A: all that an edge knows besides its two atoms.
    images : numpy.ndarray
        shape (edges, 3), in which copy of the cell the neighbour lies.
    positions, cell : numpy.ndarray
        shapes (atoms, 3) and (3, 3), A; for drawing only, no model sees them.
    cutoff : float
        A; no edge is longer.
    max_neighbours : int
        Edges from an atom, but for ties.
    """

    numbers: np.ndarray
    centres: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    images: np.ndarray
    positions: np.ndarray
    cell: np.ndarray
    cutoff: float
    max_neighbours: int

    @property
    def symbols(self) -> list[str]:
        """Chemical symbol of each atom."""
        from ase.data import chemical_symbols

        return [chemical_symbols[number] for number in self.numbers]

    @property
    def formula(self) -> str:
        """Formula of the cell, in the order of Hill."""
        from ase.formula import Formula

        return Formula.from_list(self.symbols).format("hill")

    def __repr__(self) -> str:
        each = len(self.distances) / len(self.numbers)
        return (
            f"CrystalGraph({self.formula}: {len(self.numbers)} atoms, {len(self.distances)} edges, "
            f"{each:.3g} an atom, {self.distances.min():.2f} to {self.distances.max():.2f} A)"
        )

    def to_frame(self) -> pd.DataFrame:
        """Give a row for each edge: its two atoms, their elements, the distance in A."""
        import pandas as pd

        symbols = np.array(self.symbols)
        return pd.DataFrame(
            {
                "atom": self.centres,
                "neighbour": self.neighbours,
                "elements": np.char.add(
                    np.char.add(symbols[self.centres], "-"), symbols[self.neighbours]
                ),
                "distance": self.distances,
                "image": [tuple(int(n) for n in image) for image in self.images],
            }
        )

    def without(self, edges: Sequence[int] | np.ndarray) -> CrystalGraph:
        """Give the graph without some of its edges, to see what they are good for.

        Parameters
        ----------
        edges
            Their numbers, as in the rows of `to_frame`.
        """
        kept = np.delete(np.arange(len(self.distances)), np.asarray(edges, dtype=int))
        fields = ("centres", "neighbours", "distances", "images")
        return replace(self, **{name: getattr(self, name)[kept] for name in fields})

    def plot(self, *, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw it: `matlearn.regression.plots.crystal_graph`."""
        from matlearn.regression._figures.graphs import crystal_graph

        return crystal_graph(self, ax=ax, **options)


def build_graph(
    structure: Any, cutoff: float = 8.0, max_neighbours: int = 12, *, name: str = "structure"
) -> CrystalGraph:
    """Make the graph of a structure, or take one that is a graph already.

    Raises
    ------
    TypeError
        If it is neither ASE Atoms nor a pymatgen Structure nor a graph.
    ValueError
        If an atom has no neighbour, two atoms are in one place, a site is of several elements, a
        coordinate is not finite, or a graph was made with another cut-off.
    """
    check_neighbourhood(cutoff, max_neighbours)
    if isinstance(structure, CrystalGraph):
        if (structure.cutoff, structure.max_neighbours) != (cutoff, max_neighbours):
            raise ValueError(
                f"{name} is a graph made with cutoff={structure.cutoff:g} and max_neighbours="
                f"{structure.max_neighbours}, not with {cutoff:g} and {max_neighbours}: make it "
                f"again with matlearn.regression.graph"
            )
        return structure
    atoms = checked_atoms(structure, name)
    edges = nearest_neighbours(atoms, float(cutoff), int(max_neighbours))
    _check_edges(atoms, edges[0], edges[2], cutoff, name)
    return CrystalGraph(
        numbers=atoms.numbers.astype(np.int64),
        centres=edges[0].astype(np.int64),
        neighbours=edges[1].astype(np.int64),
        distances=edges[2].astype(float),
        images=edges[3].astype(np.int64),
        positions=atoms.positions.copy(),
        cell=atoms.cell.array.copy(),
        cutoff=float(cutoff),
        max_neighbours=int(max_neighbours),
    )


def build_graphs(
    structures: Sequence[Any], cutoff: float, max_neighbours: int, *, progress: bool = False
) -> list[CrystalGraph]:
    """Make the graphs of many structures.

    Raises
    ------
    TypeError, ValueError
        As `build_graph`, naming the structure by its place; and if it is no sequence.
    """
    from tqdm.auto import tqdm

    items = checked_sequence(structures)
    made = all(isinstance(item, CrystalGraph) for item in items)
    return [
        build_graph(structure, cutoff, max_neighbours, name=f"structures[{number}]")
        for number, structure in enumerate(
            tqdm(items, desc="graphs", leave=False, disable=not progress or made)
        )
    ]


def checked_sequence(structures: Any) -> list[Any]:
    """Take several structures, and say what is wrong where it is one, or no structure at all."""
    if isinstance(structures, (str, Atoms, CrystalGraph)) or hasattr(structures, "to_ase_atoms"):
        raise TypeError(
            f"structures must be a list of structures, got one {type(structures).__name__}: "
            f"put it into a list"
        )
    try:
        items = list(structures)
    except TypeError:
        raise TypeError(
            f"structures must be a list of structures, got {type(structures).__name__}"
        ) from None
    if not items:
        raise ValueError("structures must hold at least one structure, got none")
    return items


def checked_atoms(structure: Any, name: str) -> Atoms:
    """Give a structure as ASE Atoms, and say why it can be no graph.

    Raises
    ------
    TypeError, ValueError
        As `build_graph`.
    """
    if isinstance(structure, str):
        raise TypeError(
            f"{name} must be a structure, got the text {structure!r}: a formula does not say where "
            f"the atoms are. For formulas there is matlearn.regression.features.magpie"
        )
    if getattr(structure, "is_ordered", True) is False:
        raise ValueError(
            f"{name} ({structure.formula}) has sites with several elements: a graph needs one atom "
            f"a site, so order it first (pymatgen's OrderDisorderedStructureTransformation)"
        )
    atoms = as_atoms(structure, name)
    if len(atoms) == 0:
        raise ValueError(f"{name} must have at least one atom, got none")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise ValueError(f"{name} must have finite coordinates and cell, got NaN or infinity")
    if atoms.pbc.any() and atoms.cell[atoms.pbc].any(axis=1).sum() < atoms.pbc.sum():
        raise ValueError(f"{name} is periodic along a vector of its cell that has no length")
    return atoms


def _check_edges(
    atoms: Atoms, centres: np.ndarray, distances: np.ndarray, cutoff: float, name: str
) -> None:
    counts = np.bincount(centres, minlength=len(atoms))
    if not counts.all():
        atom = int(np.argmin(counts))
        nearest = distance_to_nearest(atoms, atom, cutoff)
        what = f"atom {atom} ({atoms.symbols[atom]}) of {name} has no neighbour within {cutoff:g} A"
        if nearest is None:
            raise ValueError(f"{what}, and none far beyond: a lonely atom is no graph, remove it")
        raise ValueError(
            f"{what}, its nearest is {nearest:.2f} A away: choose cutoff={np.ceil(nearest + 0.1):g}"
            f" or more, or leave the structure out"
        )
    if distances.min() < 0.1:
        atom = int(centres[np.argmin(distances)])
        raise ValueError(
            f"{name} has two atoms in one place (atom {atom}, {atoms.symbols[atom]}, and another "
            f"{distances.min():.2g} A away): remove one of them"
        )
