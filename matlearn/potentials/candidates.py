"""Candidate structures of an alloy: every ordering on a lattice up to a size.

The enumeration is that of Hart and Forcade, Phys. Rev. B 77, 224115 (2008) and 80, 014120 (2009):
superlattices by their Hermite normal forms, then the colourings of their sites, and of each kind
one for all that the symmetry of the lattice takes into each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols, reference_states

from matlearn._structures import as_atoms

LATTICES = ("fcc", "bcc", "hcp")
"""Lattices by name; hcp is the ideal one, c/a = sqrt(8/3)."""
MAX_ATOMS = 12
_CELLS = {"fcc": 4, "bcc": 2, "sc": 1, "diamond": 8}

__all__ = ["LATTICES", "alloy_candidates", "enumerate_orderings", "volumes_of_elements"]


def enumerate_orderings(lattice: str | Atoms, species: Sequence[str], n_atoms: int) -> list[Atoms]:
    """List the distinct orderings of species on a lattice that need so many atoms a cell.

    Parameters
    ----------
    lattice
        One of `LATTICES` (made with 1 A3 an atom), or a primitive cell of your own; its sites are
        all taken to be alike.
    species
        Chemical symbols. Exchanging two of them makes another structure.
    n_atoms
        Atoms in the primitive cell of the ordering, a multiple of the sites of the lattice's
        (2 for hcp).

    Returns
    -------
    list of Atoms
        The primitive cells, as compact as can be.

    Raises
    ------
    ValueError
        If the lattice is not known or not primitive, a species is not an element or comes twice,
        or there are too many orderings to go through.
    TypeError
        If `n_atoms` is no whole number.

    References
    ----------
    G. L. W. Hart and R. W. Forcade, Phys. Rev. B 77, 224115 (2008); 80, 014120 (2009).

    Examples
    --------
    Two orderings on fcc have two atoms, L1_0 and L1_1; six have three:

    >>> [len(enumerate_orderings("fcc", ["Cu", "Au"], n)) for n in range(1, 5)]
    [2, 2, 6, 19]
    """
    from matlearn.potentials._hulls.orderings import Parent, orderings

    symbols = _checked_species(species)
    _check_size("n_atoms", n_atoms)
    primitive = _primitive(lattice)
    cells, rest = divmod(int(n_atoms), len(primitive))
    if rest:
        raise ValueError(
            f"n_atoms must be a multiple of the {len(primitive)} sites of the primitive cell, "
            f"got {n_atoms}"
        )
    parent = Parent.of(primitive)
    if len(parent.rotations) != len({r.tobytes() for r in parent.rotations}):
        raise ValueError(
            f"lattice must be a primitive cell, its {len(primitive)} sites repeat a smaller one: "
            "use ase.build.bulk without cubic=True"
        )
    return [_atoms(parent, one, symbols) for one in orderings(parent, cells, len(symbols))]


def alloy_candidates(
    species: Sequence[str],
    max_atoms: int,
    *,
    lattices: Sequence[str] = LATTICES,
    volumes: Mapping[str, float] | None = None,
) -> list[Atoms]:
    """List the candidate structures of an alloy: the orderings on several lattices up to a size.

    Each has the volume that its elements have by themselves (Vegard's law, for volumes); the pure
    elements on each lattice are among them.

    Parameters
    ----------
    species
        Chemical symbols of two elements or more.
    max_atoms
        Size of the largest cells, in atoms, 1 to 12.
    lattices
        Some of `LATTICES`.
    volumes
        Volume an atom of each element, in A3; experiment unless given (`volumes_of_elements`).

    Returns
    -------
    list of Atoms
        By lattice and size, with ``info["label"]``, such as ``"fcc-0003-CuAu"``, and
        ``info["lattice"]``. A larger `max_atoms` adds structures and renames none.

    Raises
    ------
    ValueError
        For a wrong argument; where the volume of an element is not known.

    Examples
    --------
    >>> cells = alloy_candidates(["Cu", "Au"], 4)
    >>> len(cells), cells[2].info["label"], f"{cells[2].get_volume() / 2:.2f} A3"
    (71, 'fcc-0002-CuAu', '14.37 A3')
    """
    symbols = _checked_species(species)
    _check_size("max_atoms", max_atoms)
    unknown = [name for name in lattices if name not in LATTICES]
    if isinstance(lattices, str) or unknown or not len(lattices):
        raise ValueError(f"lattices must be some of {', '.join(LATTICES)}; got {lattices!r}")
    sizes = dict(volumes_of_elements(symbols) if volumes is None else volumes)
    for symbol in symbols:
        if not (symbol in sizes and np.isfinite(sizes[symbol]) and sizes[symbol] > 0):
            raise ValueError(
                f"volumes must give the volume of {symbol} in A3 an atom, a positive number; got "
                f"{sizes.get(symbol)}"
            )
    candidates = []
    for name in dict.fromkeys(lattices):
        number = 0
        for n_atoms in range(len(_primitive(name)), max_atoms + 1, len(_primitive(name))):
            for atoms in enumerate_orderings(name, symbols, n_atoms):
                volume = sum(sizes[symbol] for symbol in atoms.symbols)
                factor = (volume / atoms.get_volume()) ** (1 / 3)
                atoms.set_cell(atoms.cell.array * factor, scale_atoms=True)
                formula = _formula(atoms, symbols)
                atoms.info |= {"label": f"{name}-{number:04d}-{formula}", "lattice": name}
                candidates.append(atoms)
                number += 1
    return candidates


def volumes_of_elements(species: Sequence[str]) -> dict[str, float]:
    """Give the volumes of elements in their own crystals, from ASE's table of experiments.

    Parameters
    ----------
    species
        Chemical symbols.

    Returns
    -------
    dict
        Symbol -> A3 an atom.

    Raises
    ------
    ValueError
        If the crystal is not fcc, bcc, hcp, sc or diamond, whose volume the table gives.

    Examples
    --------
    >>> {symbol: round(v, 2) for symbol, v in volumes_of_elements(["Cu", "Mg"]).items()}
    {'Cu': 11.76, 'Mg': 23.26}
    """
    volumes = {}
    for symbol in _checked_species(species):
        state: Mapping[str, Any] = reference_states[atomic_numbers[symbol]] or {}
        kind = state.get("symmetry")
        if kind in _CELLS:
            volumes[symbol] = float(state["a"] ** 3 / _CELLS[kind])
        elif kind == "hcp":
            volumes[symbol] = float(state["a"] ** 3 * state["c/a"] * np.sqrt(3) / 4)
        else:
            raise ValueError(
                f"the volume of {symbol} is not known (its crystal is {kind}): give volumes="
                f"{{{symbol!r}: ...}} in A3 an atom"
            )
    return volumes


def _checked_species(species: Sequence[str]) -> list[str]:
    symbols = list(species)
    unknown = [one for one in symbols if one not in chemical_symbols[1:]]
    if isinstance(species, str) or unknown or not symbols or len(set(symbols)) < len(symbols):
        raise ValueError(
            f"species must be different chemical symbols, such as ['Cu', 'Au']; got {species!r}"
        )
    return symbols


def _check_size(name: str, size: Any) -> None:
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {size!r}")
    if not 1 <= size <= MAX_ATOMS:
        raise ValueError(f"{name} must be 1 to {MAX_ATOMS}, got {size}")


def _formula(atoms: Atoms, symbols: list[str]) -> str:
    """Write the reduced formula, elements in the order given."""
    counts = atoms.symbols.formula.reduce()[0].count()
    return "".join(f"{s}{counts[s] if counts[s] > 1 else ''}" for s in symbols if s in counts)


def _primitive(lattice: str | Atoms) -> Atoms:
    """Make the primitive cell of a lattice, with 1 A3 an atom where it is known by name."""
    if not isinstance(lattice, str):
        atoms = as_atoms(lattice, "lattice")
        if atoms.cell.rank < 3 or not len(atoms):
            raise ValueError("lattice must have atoms and a cell in three dimensions")
        return Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=True)
    if lattice not in LATTICES:
        raise ValueError(f"lattice must be one of {', '.join(LATTICES)}, got {lattice!r}")
    from ase.build import bulk

    packing = {"fcc": 4.0, "bcc": 2.0, "hcp": np.sqrt(2)}[lattice]  # atoms in a**3
    return bulk("X", lattice, a=packing ** (1 / 3))


def _atoms(parent: Any, ordering: Any, symbols: list[str]) -> Atoms:
    """Put an ordering into ASE Atoms, with the most compact cell."""
    from ase.geometry import minkowski_reduce

    cell = ordering.form @ parent.cell
    positions = (ordering.points[:, None] + parent.sites) @ parent.cell
    kinds = [symbols[colour] for colour in ordering.colours.ravel()]
    compact, _ = minkowski_reduce(cell)
    if np.linalg.det(compact) < 0:
        compact = -compact
    atoms = Atoms(kinds, positions.reshape(-1, 3), cell=compact, pbc=True)
    atoms.wrap()
    return atoms
