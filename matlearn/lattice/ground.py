"""The ground states of a cluster expansion: what it orders into at zero temperature."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matlearn.lattice._fits.fractions import distances_above, independent_fractions
from matlearn.lattice._fits.ground_search import Search, row_of
from matlearn.lattice._scans.shipping import expansion_of

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

METHODS = ("auto", "solver", "annealing")


@dataclass(frozen=True, repr=False, eq=False)
class GroundStates:
    """The lowest structure found at each composition, and which of them are ground states."""

    max_atoms: int
    """All cells of up to so many atoms were tried."""
    n_sites: int
    """Sites of the supercell that was searched, 0 if none was."""
    stopped: bool
    """True if the search of the supercell was interrupted before the last composition."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give the lowest structures as a table, a row for each composition and method.

        Returns
        -------
        DataFrame
            ``label``, ``formula``, ``concentration`` (of the last species on the sites that may
            hold it), ``n_atoms``, ``mixing_energy`` (eV/atom, predicted), ``hull_distance``
            (eV/atom, above the hull of all rows), ``ground_state`` (on that hull), ``method``
            (``"enumeration"``, ``"all arrangements"``, ``"solver"`` or ``"annealing"``),
            ``proven``, ``scope`` (where nothing is lower, if proven), ``seconds``, ``reason`` (why
            no better method was used) and ``structure``.
        """
        return self._table.copy()

    @property
    def states(self) -> pd.DataFrame:
        """The ground states: the rows on the hull, the smallest cell of each, by concentration."""
        rows = self._table[self._table["ground_state"]].sort_values(
            ["concentration", "n_atoms"], kind="stable"
        )
        points = np.round(independent_fractions(list(rows["structure"])), 9)
        first = ~pd.DataFrame(points).duplicated().to_numpy() if points.size else slice(0, 1)
        return rows[first].reset_index(drop=True)

    @property
    def proven(self) -> bool:
        """True if every composition searched was searched to the end."""
        return bool(self._table["proven"].all())

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the lowest energies and their hull; see `matlearn.lattice.plots.convex_hull`."""
        from . import plots

        return plots.convex_hull(self._table, ax=ax, **options)

    def __repr__(self) -> str:
        states = self.states
        names = ", ".join(states["formula"][:6]) + (", ..." if len(states) > 6 else "")
        where = [f"cells of up to {self.max_atoms} atoms"] if self.max_atoms else []
        where += [f"a supercell of {self.n_sites} sites"] if self.n_sites else []
        sure = "proven" if self.proven else "not all proven"
        early = ", stopped early" if self.stopped else ""
        return f"GroundStates({len(states)}: {names}; {' and '.join(where)}, {sure}{early})"


def ground_states(
    cluster_expansion: Any,
    *,
    max_atoms: int = 6,
    supercell: Atoms | None = None,
    compositions: Sequence[Mapping[str, int]] | None = None,
    method: str = "auto",
    max_seconds: float = 10.0,
    sweeps: int = 4000,
    restarts: int = 3,
    seed: int = 0,
    progress: bool = True,
) -> GroundStates:
    """Find what a cluster expansion orders into.

    All cells of up to `max_atoms` atoms are enumerated; a supercell, if given, is searched at
    each composition. There, *auto* tries all arrangements where they are few; otherwise it asks
    icet's ground-state finder, a mixed-integer programme whose answer is proven (Larsen, Jacobsen
    and Schiøtz, Phys. Rev. Lett. 120, 256101 (2018); two species a sublattice, needs highspy);
    where that does not apply or does not finish in time, it anneals: a lower arrangement may
    then exist. Which one it was stands in each row.

    A supercell has only the ground states that fit into it: an order with a period of three
    cells is not found in one of four.

    Parameters
    ----------
    cluster_expansion
        A fit, or icet's ClusterExpansion.
    max_atoms : int
        Largest cell to enumerate; 0 for none. The number of cells grows exponentially.
    supercell : Atoms, optional
        On the lattice; its species do not matter on sites with a choice.
    compositions : sequence of dict, optional
        Numbers of atoms in the supercell, such as ``[{"Au": 8}, {"Au": 16}]``; one species a
        sublattice may be left out. All compositions unless given.
    method : str
        For the supercell: ``"auto"``, ``"solver"`` or ``"annealing"``.
    max_seconds : float
        For the solver, each composition. After two time-outs in a row it is not asked again.
        It takes long for many interactions: with 15 parameters some eight sites are its limit.
    sweeps, restarts : int
        Of the annealing, each composition.
    seed : int
        Of the annealing.
    progress : bool
        Show a progress bar. Ctrl-C ends the search of the supercell and keeps what was found.

    Returns
    -------
    GroundStates

    Raises
    ------
    ValueError
        If there is nothing to search, a composition does not fit the supercell, or there are too
        many compositions; for ``method="solver"`` if it cannot treat the expansion or does not
        finish.
    TypeError
        If `cluster_expansion` is none, or `compositions` is no list of dicts.
    ImportError
        For ``method="solver"`` without highspy.

    Examples
    --------
    >>> from matlearn.lattice.models import ising
    >>> ground_states(ising("square", coupling=-1.0), max_atoms=2, progress=False).states[
    ...     ["n_atoms", "concentration", "mixing_energy"]].to_numpy().tolist()
    [[1.0, 0.0, 2.0], [2.0, 0.5, -2.0], [1.0, 1.0, 2.0]]
    """
    expansion = expansion_of(cluster_expansion)
    _check(max_atoms, supercell, compositions, method, max_seconds, sweeps, restarts)
    space = expansion.get_cluster_space_copy()
    found = _enumerated(expansion, space, max_atoms, progress) if max_atoms else []
    stopped = False
    if supercell is not None:
        search = Search(expansion, supercell, method, max_seconds, sweeps, restarts, seed)
        found += search.run(compositions, progress)
        stopped = search.stopped
    table = pd.DataFrame(found)
    structures = list(table["structure"])
    distances = distances_above(structures, table["mixing_energy"].to_numpy())
    table.insert(0, "label", [f"{row.formula}-{i:04d}" for i, row in enumerate(table.itertuples())])
    table.insert(5, "hull_distance", distances)
    table.insert(6, "ground_state", distances < 1e-7)
    return GroundStates(max_atoms, 0 if supercell is None else len(supercell), stopped, table)


def _check(
    max_atoms: Any,
    supercell: Any,
    compositions: Any,
    method: str,
    max_seconds: float,
    sweeps: Any,
    restarts: Any,
) -> None:
    given = {"max_atoms": (max_atoms, 0), "sweeps": (sweeps, 1), "restarts": (restarts, 1)}
    for name, (value, least) in given.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    if not max_seconds > 0:
        raise ValueError(f"max_seconds must be positive, got {max_seconds!r}")
    if supercell is None and max_atoms == 0:
        raise ValueError("nothing to search: give max_atoms, a supercell, or both")
    if supercell is None and compositions is not None:
        raise ValueError("compositions count the atoms of a supercell: give supercell, too")


def _enumerated(expansion: Any, space: Any, max_atoms: int, progress: bool) -> list[dict[str, Any]]:
    """Return the lowest cell of each composition."""
    from icet.tools import enumerate_structures
    from tqdm.auto import tqdm

    primitive = space.primitive_structure
    sizes = range(1, max_atoms // len(primitive) + 1)
    if not len(sizes):
        raise ValueError(
            f"max_atoms must be at least the {len(primitive)} atoms of the primitive cell, got "
            f"{max_atoms}"
        )
    started = time.process_time()
    lowest: dict[tuple[int, ...], tuple[float, Atoms]] = {}
    cells = enumerate_structures(primitive, sizes, space.chemical_symbols)
    for atoms in tqdm(cells, disable=not progress, delay=1.0, unit="cell", desc="enumerated"):
        energy = expansion.predict(atoms)
        numbers = np.sort(atoms.numbers)
        kinds, counts = np.unique(numbers, return_counts=True)
        key = tuple(np.ravel([kinds, counts // np.gcd.reduce(counts)]).tolist())
        if key not in lowest or energy < lowest[key][0] - 1e-9:
            lowest[key] = energy, atoms
    seconds = (time.process_time() - started) / len(lowest)
    scope = f"cells of up to {max_atoms} atoms"
    return [
        row_of(space, atoms, energy, "enumeration", True, scope, seconds, "")
        for energy, atoms in lowest.values()
    ]
