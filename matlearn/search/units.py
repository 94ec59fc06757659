"""Which atoms belong together: molecules, chains, layers and nets in a periodic crystal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from matlearn._structures import as_atoms

INFINITE = float("inf")


class _Unit(NamedTuple):
    """One connected component: its atoms, and in how many directions it goes on for ever."""

    atoms: list[int]
    dimensions: int


def connected_units(structure: Atoms, species: str | Sequence[str], cutoff: float) -> Counter:
    """Count the units that atoms closer than a cut-off form, across the cell's faces.

    Parameters
    ----------
    structure : ase.Atoms or pymatgen Structure
        Any cell, also one so small that an atom meets its own image.
    species : str or sequence of str
        Element symbols; atoms of other elements do not connect anything.
    cutoff : float
        Two of these atoms are connected when closer than this, in angstrom.

    Returns
    -------
    Counter
        Number of atoms in a unit -> number of such units in the cell: ``Counter({2: 3})`` for
        three molecules of two atoms. A unit that goes on for ever (chain, layer or net) has the
        key ``float("inf")`` and is counted once, however many of its atoms the cell holds.

    Raises
    ------
    ValueError
        If the cut-off is not a positive number, a symbol is no element's, or a position is not
        finite.
    TypeError
        If `structure` is no structure.

    Examples
    --------
    A nitrogen molecule that lies across the face of its cell, and a chain of images:

    >>> molecule = Atoms("N2", positions=[[0, 0, 0.2], [0, 0, 4.1]], cell=[5, 5, 5], pbc=True)
    >>> connected_units(molecule, "N", 1.6)
    Counter({2: 1})
    >>> connected_units(Atoms("N", cell=[5, 5, 1.3], pbc=True), "N", 1.6)
    Counter({inf: 1})
    """
    structure = _checked_structure(structure)
    units = _units(structure, _numbers(species), _checked_cutoff(cutoff))
    return Counter(INFINITE if unit.dimensions else len(unit.atoms) for unit in units)


def motif(structure: Atoms, species: str | Sequence[str] = "N", cutoff: float = 1.6) -> str:
    """Name the units of a structure in one short string.

    Parameters
    ----------
    structure : ase.Atoms or pymatgen Structure
        Any cell.
    species : str or sequence of str
        Element symbols; the default suits nitrides and azides.
    cutoff : float
        Two of these atoms are connected when closer than this, in angstrom; 1.6 lies between
        a bond of nitrogen (1.1 to 1.45) and any other distance.

    Returns
    -------
    str
        The different units, largest first: ``"N2"`` (nothing but pairs), ``"N3"``,
        ``"N3+N2"``, ``"N2+N"`` (pairs and single atoms), ``"isolated N"`` (single atoms only);
        ``"N chain"``, ``"N layer"``, ``"N net"`` for what is infinite in one, two or three
        directions; ``"no N"``. Several elements are named in the order of `species`:
        ``"CN"``, ``"C2N2"``.

    Raises
    ------
    ValueError, TypeError
        See `connected_units`.

    Examples
    --------
    >>> azide = Atoms("N3Li", positions=[[0, 0, 0], [0, 0, 1.2], [0, 0, 2.4], [3, 3, 3]])
    >>> motif(azide)
    'N3'
    >>> motif(azide, "Li")
    'isolated Li'
    """
    structure = _checked_structure(structure)
    wanted = _numbers(species)
    symbols = dict(zip(wanted, [species] if isinstance(species, str) else species, strict=True))
    ranked = set()
    for unit in _units(structure, wanted, _checked_cutoff(cutoff)):
        counts = Counter(int(structure.numbers[i]) for i in unit.atoms)
        if unit.dimensions:
            name = "".join(symbols[z] for z in wanted if z in counts)
            name += (" chain", " layer", " net")[unit.dimensions - 1]
        else:
            name = "".join(
                symbols[z] + (str(counts[z]) if counts[z] > 1 else "")
                for z in wanted
                if z in counts
            )
        ranked.add((-unit.dimensions, -len(unit.atoms) if not unit.dimensions else 0, name))
    names = [name for *_, name in sorted(ranked)]
    if not names:
        return "no " + "/".join(symbols.values())
    if all(name in symbols.values() for name in names):
        return "isolated " + "+".join(names)
    return "+".join(names)


def _checked_structure(structure: Any) -> Atoms:
    atoms = as_atoms(structure)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise ValueError("structure has positions or cell vectors that are not finite")
    return atoms


def _numbers(species: str | Sequence[str]) -> list[int]:
    if not isinstance(species, str | Sequence):
        raise TypeError(
            "species must be an element symbol or a sequence of them, such as 'N' or ('C', 'N'), "
            f"got {species!r}"
        )
    symbols = [species] if isinstance(species, str) else list(species)
    for symbol in symbols:
        if atomic_numbers.get(symbol, 0) < 1:
            raise ValueError(f"species must be element symbols such as 'N', got {symbol!r}")
    if not symbols or len(set(symbols)) < len(symbols):
        raise ValueError(f"species must be one or more different elements, got {species!r}")
    return [atomic_numbers[symbol] for symbol in symbols]


def _checked_cutoff(cutoff: float) -> float:
    if isinstance(cutoff, bool) or not isinstance(cutoff, int | float | np.number):
        raise TypeError(f"cutoff must be a number in angstrom, got {cutoff!r}")
    if not 0 < cutoff < np.inf:
        raise ValueError(f"cutoff must be a positive length in angstrom, got {cutoff!r}")
    return float(cutoff)


def _units(structure: Atoms, wanted: Sequence[int], cutoff: float) -> Iterator[_Unit]:
    chosen = np.flatnonzero(np.isin(structure.numbers, wanted))
    neighbours: list[list[tuple[int, NDArray[np.int_]]]] = [[] for _ in chosen]
    for i, j, image in _bonds(structure, chosen, cutoff):
        neighbours[i].append((j, image))
        neighbours[j].append((i, -image))
    image_of: dict[int, NDArray[np.int_]] = {}
    for start in range(len(chosen)):
        if start in image_of:
            continue
        image_of[start] = np.zeros(3, dtype=int)
        members, loops = [start], []
        for i in members:  # grows while it is walked through
            for j, image in neighbours[i]:
                reached = image_of[i] + image
                if j not in image_of:
                    image_of[j] = reached
                    members.append(j)
                elif np.any(reached != image_of[j]):  # back at an atom, in another cell
                    loops.append(reached - image_of[j])
        dimensions = int(np.linalg.matrix_rank(np.array(loops))) if loops else 0
        yield _Unit([int(chosen[i]) for i in members], dimensions)


def _bonds(
    structure: Atoms, chosen: NDArray[np.int_], cutoff: float
) -> Iterator[tuple[int, int, NDArray[np.int_]]]:
    """Yield each bond once: positions of its two atoms in `chosen`, and the second one's cell."""
    cell = structure.cell.complete().array
    periodic = structure.pbc & structure.cell.any(1)
    fractional = np.linalg.solve(cell.T, structure.positions[chosen].T).T
    shift = np.where(periodic, np.floor(fractional), 0.0)
    fractional -= shift
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    reach = np.where(periodic, np.floor(cutoff / heights) + 1, 0).astype(int)
    images = np.stack(
        np.meshgrid(*(np.arange(-m, m + 1) for m in reach), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    image_vectors = images @ cell
    positions = fractional @ cell
    home = len(images) // 2
    difference = positions[None, :, None] + image_vectors - positions[:, None, None]
    squared = np.einsum("ijkx,ijkx->ijk", difference, difference)
    first, second, image = np.nonzero(squared < cutoff * cutoff)
    once = (first < second) | ((first == second) & (image > home))
    for i, j, k in zip(first[once], second[once], image[once], strict=True):
        wrapped = images[k] - shift[j].astype(int) + shift[i].astype(int)
        yield int(i), int(j), wrapped
