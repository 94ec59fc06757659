"""What follows from the second order alone: bands, densities of states, thermal properties."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._phono3py.drawing import draw

if TYPE_CHECKING:
    import pandas as pd
    from ase import Atoms
    from matplotlib.axes import Axes

    from matlearn.phonons._constants.results import ForceConstants

KJ_PER_MOL = 0.01036426965
"""eV."""


@dataclass(frozen=True, repr=False, eq=False)
class BandStructure:
    """Frequencies along lines through reciprocal space."""

    qpoints: np.ndarray
    """Wave vectors in the reciprocal vectors of the primitive cell, (points, 3)."""
    distances: np.ndarray
    """Way along the lines (1/A, without 2 pi), (points,)."""
    frequencies: np.ndarray
    """THz, imaginary ones negative, (points, bands)."""
    eigenvectors: np.ndarray
    """Polarisation of each mode, (points, bands, atoms of the primitive cell, 3), complex."""
    labels: tuple[tuple[float, str], ...]
    """Special points: way along the lines (1/A) and name."""
    starts: tuple[int, ...]
    """Number of the first wave vector of each line."""
    primitive: Atoms
    """The primitive cell."""
    nac: bool
    """Whether the field of polar modes counts."""

    @property
    def lines(self) -> list[slice]:
        """The wave vectors of each line."""
        ends = [*self.starts[1:], len(self.qpoints)]
        return [slice(first, last) for first, last in zip(self.starts, ends, strict=True)]

    def to_frame(self) -> pd.DataFrame:
        """Give a row a wave vector: way (1/A), q1, q2, q3, and the bands (THz) by number."""
        import pandas as pd

        columns: dict[str | int, np.ndarray] = {"distance": self.distances}
        columns |= {f"q{axis + 1}": self.qpoints[:, axis] for axis in range(3)}
        columns |= dict(enumerate(self.frequencies.T))
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the bands (`matlearn.phonons.plots.bands`)."""
        axes: Axes = draw("bands", self, ax)
        return axes

    def __repr__(self) -> str:
        way = "-".join(name for _, name in self.labels)
        low, high = self.frequencies.min() + 0.0, self.frequencies.max()
        return (
            f"BandStructure({self.frequencies.shape[1]} bands along {way}, "
            f"{low:.2f} to {high:.2f} THz)"
        )


@dataclass(frozen=True, repr=False, eq=False)
class DensityOfStates:
    """How many modes there are at each frequency."""

    frequencies: np.ndarray
    """THz, (n,)."""
    total: np.ndarray
    """Modes per THz and primitive cell, (n,); the integral is 3 times its atoms."""
    by_element: dict[str, np.ndarray]
    """The share of each element, (n,) each."""
    mesh: tuple[int, int, int]
    """Wave vectors along each reciprocal vector."""

    def to_frame(self) -> pd.DataFrame:
        """Give columns ``frequency`` (THz), ``total`` and each element (modes per THz)."""
        import pandas as pd

        return pd.DataFrame({"frequency": self.frequencies, "total": self.total, **self.by_element})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the density of states (`matlearn.phonons.plots.dos`)."""
        axes: Axes = draw("dos", self, ax)
        return axes

    def __repr__(self) -> str:
        number = float(np.trapezoid(self.total, self.frequencies))
        mesh = "x".join(map(str, self.mesh))
        return (
            f"DensityOfStates({number:.2f} modes up to {self.frequencies[self.total > 1e-6].max():.2f} "
            f"THz, mesh {mesh})"
        )


@dataclass(frozen=True, repr=False, eq=False)
class ThermalProperties:
    """Free energy, entropy and heat capacity of the harmonic crystal, per primitive cell."""

    temperatures: np.ndarray
    """K, (n,)."""
    free_energy: np.ndarray
    """Helmholtz free energy of the vibrations (eV per primitive cell), (n,)."""
    entropy: np.ndarray
    """J/(K mol of primitive cells), (n,)."""
    heat_capacity: np.ndarray
    """At constant volume, J/(K mol of primitive cells), (n,)."""
    zero_point_energy: float
    """eV per primitive cell."""
    atoms: int
    """Atoms of the primitive cell."""

    def to_frame(self) -> pd.DataFrame:
        """Give columns ``temperature`` (K), ``free_energy`` (eV), ``entropy``, ``heat_capacity``."""
        import pandas as pd

        return pd.DataFrame(
            {
                "temperature": self.temperatures,
                "free_energy": self.free_energy,
                "entropy": self.entropy,
                "heat_capacity": self.heat_capacity,
            }
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the heat capacity (`matlearn.phonons.plots.heat_capacity`)."""
        axes: Axes = draw("heat_capacity", self, ax)
        return axes

    def __repr__(self) -> str:
        return (
            f"ThermalProperties({len(self.temperatures)} temperatures to "
            f"{self.temperatures.max():g} K, C = {self.heat_capacity[-1]:.2f} J/(K mol) there, "
            f"zero-point energy {1000 * self.zero_point_energy:.1f} meV a cell of {self.atoms} atoms)"
        )


def bands(
    constants: ForceConstants, path: str | Sequence[Any] | None, points: int, nac: bool
) -> BandStructure:
    """Compute a band structure."""
    if not isinstance(points, int | np.integer) or points < 2:
        raise ValueError(f"points must be a whole number of at least 2, got {points!r}")
    lines = _lines(constants.primitive, path)
    between = [np.linspace(one[1], other[1], points) for one, other in lines]
    made = constants.phonopy(nac=nac)
    found = made.run_band_structure(between, with_eigenvectors=True)
    ways = [np.asarray(one) for one in found.distances]
    atoms = len(constants.primitive)
    vectors = np.concatenate([np.asarray(one) for one in found.eigenvectors or []])
    shaped = vectors.transpose(0, 2, 1).reshape(len(vectors), 3 * atoms, atoms, 3)
    labels: list[tuple[float, str]] = []
    for way, (one, other) in zip(ways, lines, strict=True):
        for place, name in ((way[0], one[0]), (way[-1], other[0])):
            if labels and abs(labels[-1][0] - place) < 1e-8:
                before = labels[-1][1]
                labels[-1] = (labels[-1][0], name if before == name else f"{before}|{name}")
            else:
                labels.append((float(place), name))
    return BandStructure(
        qpoints=np.concatenate(between),
        distances=np.concatenate(ways),
        frequencies=np.concatenate([np.asarray(one) for one in found.frequencies]),
        eigenvectors=shaped,
        labels=tuple(labels),
        starts=tuple(range(0, points * len(lines), points)),
        primitive=constants.primitive,
        nac=nac and constants.born is not None,
    )


Point = tuple[str, np.ndarray]


def _lines(primitive: Atoms, path: str | Sequence[Any] | None) -> list[tuple[Point, Point]]:
    """Give the ends of each line: name and wave vector."""
    if path is not None and not isinstance(path, str):
        pairs: Sequence[Any] = path
        try:
            named = [(str(label), np.asarray(q, dtype=float)) for label, q in pairs]
        except (TypeError, ValueError):
            named = []
        if len(named) < 2 or any(q.shape != (3,) or not np.isfinite(q).all() for _, q in named):
            raise ValueError(
                "path must be names of special points in one word, such as 'GXKGL', or at least two "
                f"pairs (label, three coordinates); got {path!r}"
            )
        return list(itertools.pairwise(named))
    from ase.dft.kpoints import parse_path_string

    made = primitive.cell.bandpath(None, npoints=0)
    special = made.special_points
    lines: list[tuple[Point, Point]] = []
    for names in parse_path_string(made.path if path is None else path):
        unknown = [name for name in names if name not in special]
        if unknown:
            raise ValueError(
                f"path has the point {unknown[0]!r}; this cell has {', '.join(special)}"
            )
        ends = [(name, np.asarray(special[name])) for name in names]
        lines += list(itertools.pairwise(ends))
    if not lines:
        raise ValueError(
            f"path must name at least two points of {', '.join(special)}, got {path!r}"
        )
    return lines


def checked_mesh(mesh: int | Sequence[int], argument: str = "mesh") -> tuple[int, int, int]:
    """Give a mesh as three numbers.

    Raises
    ------
    TypeError, ValueError
        If it is no mesh.
    """
    given = np.asarray(mesh)
    if given.dtype.kind not in "iu" or given.shape not in ((), (3,)):
        raise TypeError(f"{argument} must be a whole number or three of them, got {mesh!r}")
    numbers = [int(given)] * 3 if given.ndim == 0 else [int(one) for one in given]
    if min(numbers) < 1:
        raise ValueError(f"{argument} must be at least 1 along each direction, got {mesh!r}")
    return numbers[0], numbers[1], numbers[2]


def density_of_states(
    constants: ForceConstants, mesh: int | Sequence[int], nac: bool, step: float
) -> DensityOfStates:
    """Compute a density of states by the tetrahedron method."""
    numbers = checked_mesh(mesh)
    if not step > 0:
        raise ValueError(f"step must be a positive frequency (THz), got {step!r}")
    made = constants.phonopy(nac=nac)
    options: Any = {"is_gamma_center": True, "with_eigenvectors": True, "is_mesh_symmetry": False}
    modes = made.run_mesh(numbers, **options)
    width = float(np.ptp(np.asarray(modes.frequencies)))
    if step > width / 4:
        raise ValueError(f"step must be far below the {width:.3g} THz of all modes, got {step:g}")
    found = made.run_projected_dos(freq_pitch=step)
    each = np.asarray(found.projected_dos)
    symbols = np.array(constants.primitive.get_chemical_symbols())
    return DensityOfStates(
        frequencies=np.asarray(found.frequency_points),
        total=each.sum(axis=0),
        by_element={
            one: each[symbols == one].sum(axis=0) for one in dict.fromkeys(symbols.tolist())
        },
        mesh=numbers,
    )


def thermal_properties(
    constants: ForceConstants, temperatures: Any, mesh: int | Sequence[int], nac: bool
) -> ThermalProperties:
    """Compute the thermal properties of the harmonic crystal."""
    kelvin = checked_temperatures(temperatures, least=0.0)
    made = constants.phonopy(nac=nac)
    made.run_mesh(checked_mesh(mesh), is_gamma_center=True)
    found = made.run_thermal_properties(temperatures=kelvin, cutoff_frequency=1e-3)
    return ThermalProperties(
        temperatures=kelvin,
        free_energy=np.asarray(found.free_energy) * KJ_PER_MOL,
        entropy=np.asarray(found.entropy),
        heat_capacity=np.asarray(found.heat_capacity),
        zero_point_energy=float(found.zero_point_energy or 0.0) * KJ_PER_MOL,
        atoms=len(constants.primitive),
    )


def checked_temperatures(temperatures: Any, least: float) -> np.ndarray:
    """Give temperatures (K) as an array.

    Raises
    ------
    TypeError, ValueError
        If they are none.
    """
    try:
        kelvin = np.atleast_1d(np.asarray(temperatures, dtype=float))
    except (TypeError, ValueError) as error:
        raise TypeError(f"temperatures must be numbers (K), got {temperatures!r}") from error
    if kelvin.ndim != 1 or len(kelvin) == 0 or not np.isfinite(kelvin).all():
        raise ValueError(f"temperatures must be a list of finite numbers (K), got {temperatures!r}")
    if kelvin.min() < least:
        raise ValueError(f"temperatures must be at least {least:g} K, got {kelvin.min():g}")
    return kelvin
