"""The result of a density map."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units

from matlearn.transport._structure.grids import maxima, nearest, smoothed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DensityMap"]


@dataclass(frozen=True, repr=False)
class DensityMap:
    """How often mobile ions are found in each part of a cell."""

    values: np.ndarray = field(repr=False)
    """Ions per A3 in each voxel, shape (nx, ny, nz); voxel k spans k/n to (k + 1)/n of its axis."""
    cell: np.ndarray = field(repr=False)
    """Of the map, (3, 3) in A: the mean cell of the run, over the folds."""
    species: str
    """What moves."""
    ions: float
    """In this cell: the integral of the map."""
    fold: tuple[int, int, int]
    """Repeats of this cell in that of the run, which were laid on top of one another."""
    frames: int
    """Frames that were counted, all replicas together."""
    framework: Atoms = field(repr=False)
    """Mean positions of all other atoms, folded into this cell."""
    temperature: float | None = None
    """K, where the run knows it."""

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.values.shape))
        peak = self.values.max() / max(self.values.mean(), 1e-300)
        return (
            f"DensityMap({self.species}, {self.ions:g} ions on {shape} voxels, highest {peak:.1f} "
            f"times the mean, {self.frames} frames)"
        )

    @property
    def voxel(self) -> float:
        """Volume of a voxel, A3."""
        return float(abs(np.linalg.det(self.cell)) / self.values.size)

    def section(self, axis: str = "z", at: float = 0.0) -> np.ndarray:
        """Give the layer of voxels at a place along a cell vector.

        Parameters
        ----------
        axis
            ``"x"``, ``"y"`` or ``"z"``: the first, second or third cell vector.
        at
            Fraction of that vector, 0 to 1.

        Returns
        -------
        numpy.ndarray
            Ions per A3, two axes.
        """
        along = self._axis(axis)
        if not 0 <= at <= 1:
            raise ValueError(f"at must be a fraction of the cell, 0 to 1, got {at}")
        count = self.values.shape[along]
        return np.take(self.values, int(at * count) % count, axis=along)

    def projection(self, axis: str = "z") -> np.ndarray:
        """Give the mean over all layers along a cell vector (ions per A3, two axes)."""
        return self.values.mean(axis=self._axis(axis))

    def _axis(self, axis: str) -> int:
        if axis not in ("x", "y", "z"):
            raise ValueError(f"axis must be 'x', 'y' or 'z', got {axis!r}")
        return "xyz".index(axis)

    def free_energy(self, temperature: float | None = None) -> np.ndarray:
        """Give the free energy of an ion at each place, -kT ln(density), from its lowest value.

        Parameters
        ----------
        temperature
            K; that of the run unless given.

        Returns
        -------
        numpy.ndarray
            eV, shape of `values`; infinite where no ion was ever seen.

        Raises
        ------
        ValueError
            If the temperature is neither given nor known.
        """
        kelvin = self.temperature if temperature is None else temperature
        if kelvin is None or not kelvin > 0:
            raise ValueError(f"temperature must be given (K, positive), got {temperature}")
        with np.errstate(divide="ignore"):
            return -units.kB * kelvin * np.log(self.values / self.values.max())

    def sites(
        self, *, threshold: float = 2.0, separation: float = 1.0, smoothing: float = 0.25
    ) -> Atoms:
        """Find the places where ions like to be: local maxima of the density.

        Parameters
        ----------
        threshold
            A maximum counts from so many times the mean density on.
        separation
            Of two maxima closer than this (A) the higher one counts.
        smoothing
            Standard deviation (A) of a Gaussian that the map is smoothed with first.

        Returns
        -------
        ase.Atoms
            In the cell of the map, the densest first, with arrays ``"density"`` (ions per A3, after
            smoothing) and ``"occupancy"`` (ions in all that is nearer to it than to another site).
            `matlearn.transport.hop_statistics` takes it.

        Raises
        ------
        ValueError
            If an argument is impossible, or no maximum is high enough.
        """
        for name, value in (("threshold", threshold), ("separation", separation)):
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be positive, got {value}")
        if not (np.isfinite(smoothing) and smoothing >= 0):
            raise ValueError(f"smoothing must be 0 or more, in A, got {smoothing}")
        soft = smoothed(self.values, self.cell, smoothing)
        least = threshold * float(soft.mean())
        found = maxima(soft, self.cell, least, separation)
        if len(found) == 0:
            raise ValueError(
                f"threshold = {threshold:g} times the mean density is above the highest maximum, "
                f"{soft.max() / soft.mean():.3g} times the mean: lower it, or look at the map; a "
                "liquid has no sites"
            )
        places = np.argwhere(self.values > 0)
        mine = nearest((places + 0.5) / self.values.shape, found, self.cell)
        weights = self.values[tuple(places.T)] * self.voxel
        sites = Atoms([self.species] * len(found), scaled_positions=found, cell=self.cell, pbc=True)
        voxels = np.minimum((found * soft.shape).astype(int), np.array(soft.shape) - 1)
        sites.set_array("density", soft[tuple(voxels.T)])
        sites.set_array("occupancy", np.bincount(mine, weights, minlength=len(found)))
        return sites

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write a Gaussian cube file, with the framework's atoms, through `ase.io`.

        Parameters
        ----------
        path
            Ends in .cube. Densities are in ions per A3, lengths (as always in a cube) in bohr.
        """
        from ase.io.cube import write_cube

        target = Path(path)
        if target.suffix != ".cube":
            raise ValueError(f"path must end in .cube, got {target.name!r}")
        origin = (0.5 / np.array(self.values.shape)) @ self.cell
        part = target.with_name(target.name + ".part")
        with part.open("w") as file:
            write_cube(
                file, self.framework, self.values, origin=origin,
                comment=f"{self.species}, ions per A3, {self.frames} frames",
            )  # fmt: skip
        part.replace(target)

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw a section or a projection (`matlearn.transport.plots.density_map`).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.
        **options
            As of `matlearn.transport.plots.density_map`: ``axis``, ``at``, ``limit`` and so on.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from matlearn.transport import plots

        return plots.density_map(self, ax=ax, **options)
