"""What a structure looks like, whoever draws it: whole units, bonds, colours, PDB text.

Private: :mod:`matlearn.widgets` is the way in.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn import _structures

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

BOND_SCALE = 1.15  # a bond is shorter than this times the sum of the covalent radii
NON_METALS = frozenset(
    "H B C N O F Si P S Cl Ge As Se Br Sb Te I He Ne Ar Kr Xe".split()  # noqa: SIM905
)


def as_atoms(structure: Any, argument: str = "structure") -> Atoms:
    """Return ASE Atoms, at least one, from ASE Atoms or a pymatgen Structure or Molecule."""
    atoms = _structures.as_atoms(structure, argument)
    if len(atoms) == 0:
        raise ValueError(f"{argument} has no atoms")
    return atoms


def covalent_pairs(atoms: Atoms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the bonds between non-metals: first atom, second atom, cell shift of the second."""
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    radii = covalent_radii[atoms.numbers] * BOND_SCALE
    radii[[symbol not in NON_METALS for symbol in atoms.symbols]] = 0.0
    i, j, shift = neighbor_list("ijS", atoms, radii)
    both = (radii[i] > 0) & (radii[j] > 0)
    return i[both], j[both], shift[both]


def whole_units(atoms: Atoms) -> Atoms:
    """Return a copy whose bonded units are not cut by the walls of the cell.

    Every unit (an N2 dimer, an azide) is put together and its centre moved into the cell; a unit
    without an end, a chain or a net, is put together along one of its spanning trees.
    """
    atoms = atoms.copy()
    if atoms.cell.rank < 3 or not atoms.pbc.any():
        return atoms
    neighbours: list[list[tuple[int, np.ndarray]]] = [[] for _ in atoms]
    for i, j, shift in zip(*covalent_pairs(atoms), strict=True):
        neighbours[i].append((int(j), shift))
    offset = np.zeros((len(atoms), 3))
    scaled = atoms.get_scaled_positions(wrap=False)
    seen: set[int] = set()
    for start in range(len(atoms)):
        if start in seen:
            continue
        unit = [start]
        seen.add(start)
        for i in unit:  # grows while it is walked
            for j, shift in neighbours[i]:
                if j not in seen:
                    seen.add(j)
                    offset[j] = offset[i] + shift
                    unit.append(j)
        centre = (scaled[unit] + offset[unit]).mean(axis=0)
        offset[unit] -= np.where(atoms.pbc, np.floor(centre + 1e-6), 0)
    atoms.set_scaled_positions(scaled + offset)
    return atoms


def displayed(structure: Any, supercell: tuple[int, int, int] = (1, 1, 1)) -> Atoms:
    """Return the atoms that are drawn: whole units, repeated, in the cell of one repeat."""
    atoms = whole_units(as_atoms(structure))
    cell = atoms.cell.copy()
    repeated = atoms.repeat(supercell) if cell.rank == 3 else atoms
    repeated.set_cell(cell, scale_atoms=False)
    return repeated


def check_supercell(supercell: Any) -> tuple[int, int, int]:
    """Return `supercell` as three positive integers, or say what is wrong with it."""
    values = np.asarray(supercell)
    if values.shape != (3,) or values.dtype.kind not in "iu" or (values < 1).any():
        raise ValueError(
            f"supercell must be three positive integers such as (2, 2, 1), got {supercell!r}"
        )
    return int(values[0]), int(values[1]), int(values[2])


def cell_edges(atoms: Atoms) -> list[tuple[list[float], list[float]]]:
    """Return the twelve edges of the cell as pairs of points; none where there is no cell."""
    if atoms.cell.rank < 3:
        return []
    corners = [np.array(corner) for corner in itertools.product((0, 1), repeat=3)]
    return [
        ((first @ atoms.cell).tolist(), (second @ atoms.cell).tolist())
        for first, second in itertools.combinations(corners, 2)
        if np.abs(first - second).sum() == 1
    ]


def pdb_text(atoms: Atoms) -> str:
    """Return PDB text with every bond said explicitly; the cell is drawn apart."""
    lines = []
    for index, (symbol, (x, y, z)) in enumerate(
        zip(atoms.get_chemical_symbols(), atoms.positions, strict=True), start=1
    ):
        lines.append(
            f"HETATM{index:5d} {symbol.upper():>2s}   UNL A   1    "
            f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00          {symbol.upper():>2s}"
        )
    free = atoms.copy()
    free.pbc = False
    first, second, _ = covalent_pairs(free)
    lines += [f"CONECT{i + 1:5d}{j + 1:5d}" for i, j in zip(first, second, strict=True) if i < j]
    return "\n".join([*lines, "END", ""])


def element_colors(atoms: Atoms) -> dict[str, str]:
    """Return the colour of every element, lightest element first, as NGL draws them (Jmol's)."""
    from ase.data import atomic_numbers
    from ase.data.colors import jmol_colors

    elements = sorted(set(atoms.get_chemical_symbols()), key=lambda name: atomic_numbers[name])
    return {
        name: "#"
        + "".join(f"{round(255 * part):02x}" for part in jmol_colors[atomic_numbers[name]])
        for name in elements
    }


def draw_structure(
    structure: Any, *, supercell: tuple[int, int, int] = (1, 1, 1), ax: Axes | None = None
) -> Axes:
    """Draw a still picture of a structure with its cell and the elements' colours."""
    from ase.data import covalent_radii
    from ase.visualize.plot import plot_atoms

    from matlearn.plotting import describe, new_axes

    atoms = displayed(structure, supercell)
    ax = new_axes(ax, size=(5.0, 4.4))
    colors = element_colors(atoms)
    plot_atoms(
        atoms, ax, radii=0.5 * covalent_radii[atoms.numbers], rotation="-80x,-20y,8z",
        colors=[colors[symbol] for symbol in atoms.symbols],
    )  # fmt: skip
    ax.set_axis_off()
    for name, color in colors.items():
        ax.scatter([], [], s=120, color=color, edgecolor="0.4", label=name)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    periodic = "crystal" if atoms.cell.rank == 3 else "molecule"
    describe(ax, f"Structure of the {periodic} {atoms.get_chemical_formula()}, {len(atoms)} atoms.")
    return ax
