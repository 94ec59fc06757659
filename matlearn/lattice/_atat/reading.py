"""ATAT's files as they are: ``lat.in``, ``clusters.out`` and ``eci.out``, read.

The formats are those of ATAT's manual (``corrdump``) and of its parser, which was read beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from ase.geometry import cellpar_to_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

VACANCY = "Vac"
_DELIMITERS = re.compile(r"[ \t,;/]+")


@dataclass(frozen=True, repr=False)
class AtatLattice:
    """A lattice as ``lat.in`` describes it.

    Attributes
    ----------
    primitive : ase.Atoms
        The cell, each site occupied by the first species it lists.
    chemical_symbols : list of list of str
        Species of each site in the order of the file, as icet takes them (ATAT's ``Vac`` is ``X``).
        The order matters to ATAT: in a binary the first species is the spin -1.
    axes : numpy.ndarray, shape (3, 3)
        Coordinate system of the file, a vector a row (A); the points of clusters refer to it.
    lines : tuple of int
        Line of each site in the file.
    """

    primitive: Atoms
    chemical_symbols: list[list[str]]
    axes: np.ndarray
    lines: tuple[int, ...] = ()

    @property
    def n_sites(self) -> int:
        """Sites in the cell, inactive ones included."""
        return len(self.primitive)

    def __repr__(self) -> str:
        sites = " ".join(",".join(symbols) for symbols in self.chemical_symbols)
        return f"AtatLattice({self.n_sites} sites: {sites})"


@dataclass(frozen=True, repr=False)
class AtatCluster:
    """One block of ``clusters.out``.

    Attributes
    ----------
    multiplicity : float
        Equivalent clusters in a cell of ``lat.in``.
    diameter : float
        Longest pair in the cluster (A).
    points : numpy.ndarray, shape (n, 3)
        Its points, in the coordinate system of ``lat.in``.
    n_species : tuple of int
        Species that may occupy each point (the file holds them less two).
    functions : tuple of int
        Cluster function of each point, from 0.
    line : int
        First line of the block in the file.
    """

    multiplicity: float
    diameter: float
    points: np.ndarray
    n_species: tuple[int, ...]
    functions: tuple[int, ...]
    line: int = field(default=0, compare=False)

    @property
    def order(self) -> int:
        """Number of points."""
        return len(self.points)

    def __repr__(self) -> str:
        return f"AtatCluster({self.order} points, {self.diameter:.3f} A, x {self.multiplicity:g})"


def read_lattice(path: str | Path) -> AtatLattice:
    """Read a lattice from ATAT's ``lat.in``.

    Parameters
    ----------
    path
        The file: a coordinate system (``a b c alpha beta gamma``, or three vectors), three lattice
        vectors in it, and a line a site with its species, such as ``0 0 0 Cu,Au``.

    Returns
    -------
    AtatLattice
        ``.primitive`` (ASE Atoms, A) and ``.chemical_symbols``, as icet's ``ClusterSpace`` takes
        them, species in the order of the file.

    Raises
    ------
    ValueError
        If the file is malformed; the message names the line.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> text = "4.0 4.0 4.0 90 90 90\\n0 .5 .5\\n.5 0 .5\\n.5 .5 0\\n0 0 0 Cu,Au\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "lat.in").write_text(text)
    ...     lattice = read_lattice(Path(folder) / "lat.in")
    >>> lattice.chemical_symbols, lattice.primitive.get_chemical_symbols()
    ([['Cu', 'Au']], ['Cu'])
    """
    path = Path(path)
    lines = _lines(path)
    first = _numbers(*_line(lines, path, "coordinate system"), (3, 6), "the coordinate system")
    if len(first) == 6:
        axes = np.array(cellpar_to_cell(first))
    else:
        words = [_line(lines, path, "coordinate system") for _ in range(2)]
        rest = [_numbers(*word, (3,), "an axis") for word in words]
        axes = np.array([first, *rest])
    words = [_line(lines, path, "lattice") for _ in range(3)]
    vectors = [_numbers(*word, (3,), "a lattice vector") for word in words]
    cell = np.array(vectors) @ axes
    if not abs(np.linalg.det(cell)) > 1e-6:
        raise ValueError(f"{path}: the lattice vectors lie in one plane")
    positions, species, numbers = [], [], []
    for number, line in lines:
        fields = line.split(None, 3)
        coordinates = _numbers(" ".join(fields[:3]), path, number, (3,), "a site's position")
        species.append(_species(" ".join(fields[3:]), path, number))
        positions.append(np.array(coordinates) @ axes)
        numbers.append(number)
    if not any(len(symbols) > 1 for symbols in species):
        raise ValueError(f"{path}: no site lists two species or more (such as 0 0 0 Cu,Au)")
    symbols = [symbols[0] for symbols in species]
    atoms = Atoms(symbols, positions=positions, cell=cell, pbc=True)
    return AtatLattice(atoms, species, axes, tuple(numbers))


def _species(text: str, path: Path, number: int) -> list[str]:
    """Species of a site, ``Vac`` turned into ASE's ``X``."""
    symbols = ["X" if word == VACANCY else word for word in _DELIMITERS.split(text.strip()) if word]
    if not symbols:
        raise ValueError(f"{path}, line {number}: a site needs its species, such as 0 0 0 Cu,Au")
    for symbol in symbols:
        if symbol not in atomic_numbers:
            raise ValueError(
                f"{path}, line {number}: {symbol!r} is no chemical element (write charge or spin "
                f"states as elements that the lattice does not hold; {VACANCY} is a vacancy)"
            )
    if len(set(symbols)) < len(symbols):
        raise ValueError(f"{path}, line {number}: a species is listed twice in {text.strip()!r}")
    return symbols


def read_clusters(path: str | Path) -> list[AtatCluster]:
    """Read ATAT's ``clusters.out``.

    Parameters
    ----------
    path
        The file: for each cluster its multiplicity, its diameter, its number of points, and a line
        a point with three coordinates, the number of species less two and the cluster function
        (both 0 where a binary's file leaves them out).

    Returns
    -------
    list of AtatCluster
        Points in the coordinate system of ``lat.in``.

    Raises
    ------
    ValueError
        If the file is malformed; the message names the line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".out") as file:
    ...     _ = file.write("1\\n0\\n0\\n\\n6\\n2.82843\\n2\\n0 0 0 0 0\\n0.5 0.5 0 0 0\\n")
    ...     file.flush()
    ...     read_clusters(file.name)
    [AtatCluster(0 points, 0.000 A, x 1), AtatCluster(2 points, 2.828 A, x 6)]
    """
    path = Path(path)
    lines = _lines(path)
    clusters = []
    for number, line in lines:
        (multiplicity,) = _numbers(line, path, number, (1,), "a cluster's multiplicity")
        (diameter,) = _numbers(*_line(lines, path, "last cluster"), (1,), "a cluster's diameter")
        (order,) = _numbers(*_line(lines, path, "last cluster"), (1,), "a number of points")
        if multiplicity <= 0 or diameter < 0 or order < 0 or order != int(order):
            raise ValueError(
                f"{path}, line {number}: a cluster starts with its multiplicity, its diameter and "
                f"its number of points, got {multiplicity:g}, {diameter:g} and {order:g}"
            )
        points = [
            _numbers(*_line(lines, path, "last cluster"), (3, 5), "a point")
            for _ in range(int(order))
        ]
        kinds = [tuple(point[3:]) or (0, 0) for point in points]
        if any(number != int(number) or number < 0 for kind in kinds for number in kind):
            raise ValueError(
                f"{path}, cluster of line {number}: the columns after a point's coordinates are "
                f"whole numbers (species less two, cluster function), got {kinds}"
            )
        clusters.append(
            AtatCluster(
                multiplicity,
                diameter,
                np.array([point[:3] for point in points]).reshape(-1, 3),
                tuple(int(kind[0]) + 2 for kind in kinds),
                tuple(int(kind[1]) for kind in kinds),
                number,
            )
        )
    if not clusters:
        raise ValueError(f"{path}: there is no cluster in the file")
    return clusters


def read_ecis(path: str | Path) -> np.ndarray:
    """Read ATAT's ``eci.out``.

    Parameters
    ----------
    path
        The file: one interaction a cluster of ``clusters.out``, in its order.

    Returns
    -------
    numpy.ndarray
        Energy of one cluster (eV), not multiplied by the multiplicity.

    Raises
    ------
    ValueError
        If the file is empty or holds something else; the message names the line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".out") as file:
    ...     _ = file.write("-0.1\\n0.0\\n0.025\\n")
    ...     file.flush()
    ...     read_ecis(file.name)
    array([-0.1  ,  0.   ,  0.025])
    """
    path = Path(path)
    values: list[float] = []
    for number, line in _lines(path):
        values += _numbers(line, path, number, None, "an interaction")
    if not values:
        raise ValueError(f"{path}: there is no interaction in the file")
    return np.array(values)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, numbered from 1."""
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line


def _line(lines: Iterator[tuple[int, str]], path: Path, what: str) -> tuple[str, Path, int]:
    """The next line, with what an error has to name."""
    for number, line in lines:
        return line, path, number
    raise ValueError(f"{path}: the file ends before its {what} is complete")


def _numbers(
    line: str, path: Path, number: int, counts: tuple[int, ...] | None, what: str
) -> list[float]:
    """The numbers of a line, as many as allowed."""
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        raise ValueError(f"{path}, line {number}: {what} needs numbers, got {line!r}") from None
    if not np.isfinite(values).all():
        raise ValueError(f"{path}, line {number}: {what} needs finite numbers, got {line!r}")
    if counts is not None and len(values) not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise ValueError(
            f"{path}, line {number}: {what} needs {wanted} numbers, got {len(values)} in {line!r}"
        )
    return values
