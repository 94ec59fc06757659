"""A lattice thermal conductivity, and the modes that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matlearn.phonons._phono3py.drawing import draw

if TYPE_CHECKING:
    import pandas as pd
    from ase import Atoms
    from matplotlib.axes import Axes

CUMULATIVE = {"frequency": "THz", "mean free path": "nm"}
"""What the conductivity can be added up over, and its unit."""


@dataclass(frozen=True, repr=False, eq=False)
class ThermalConductivity:
    """How well a crystal conducts heat by its vibrations, and which of them carry it.

    Arrays by mode have wave vectors first, then bands; a wave vector stands for `weights` of the
    mesh.
    """

    temperatures: np.ndarray
    """K, (temperatures,)."""
    kappa: np.ndarray
    """Thermal conductivity (W/mK), (temperatures, 3, 3)."""
    mesh: tuple[int, int, int]
    """Wave vectors along each reciprocal vector of the primitive cell."""
    method: str
    """``"rta"``: each mode relaxes on its own; ``"lbte"``: all together."""
    nac: bool
    """Whether the field of polar modes counts."""
    isotopes: bool
    """Whether natural isotopes scatter."""
    qpoints: np.ndarray
    """Wave vectors in the reciprocal vectors of the primitive cell, (wave vectors, 3)."""
    weights: np.ndarray
    """How many of the mesh each wave vector stands for, (wave vectors,)."""
    frequencies: np.ndarray
    """THz, (wave vectors, bands)."""
    group_velocities: np.ndarray
    """km/s, (wave vectors, bands, 3)."""
    lifetimes: np.ndarray
    """1 / (4 pi Gamma), ps, (temperatures, wave vectors, bands); NaN where a mode has none."""
    heat_capacities: np.ndarray
    """Of a mode (eV/K), (temperatures, wave vectors, bands)."""
    mode_kappa: np.ndarray
    """Share of each mode and those like it (W/mK), (temperatures, wave vectors, bands, 3, 3); they
    add up to `kappa`."""
    kappa_rta: np.ndarray | None
    """For ``"lbte"``: what the relaxation-time approximation gives (W/mK), (temperatures, 3, 3)."""
    primitive: Atoms
    """The primitive cell."""
    messages: tuple[str, ...] = ()
    """Reasons for doubt."""

    @property
    def mean_free_paths(self) -> np.ndarray:
        """Speed times lifetime (nm), (temperatures, wave vectors, bands)."""
        return np.linalg.norm(self.group_velocities, axis=-1) * self.lifetimes

    @property
    def isotropic(self) -> np.ndarray:
        """Mean over the three directions (W/mK), (temperatures,)."""
        return np.trace(self.kappa, axis1=1, axis2=2) / 3

    def at(self, temperature: float = 300.0) -> float:
        """Give the mean over the three directions (W/mK) at a temperature (K) of the calculation.

        Raises
        ------
        ValueError
            If it was not computed at that temperature.
        """
        return float(self.isotropic[self._index(temperature)])

    def cumulative(
        self, quantity: str = "frequency", temperature: float | None = None
    ) -> pd.DataFrame:
        """Add the conductivity up over modes in the order of their frequency or mean free path.

        Parameters
        ----------
        quantity : {"frequency", "mean free path"}
            The order.
        temperature : float, optional
            K; the first one unless given.

        Returns
        -------
        DataFrame
            Columns ``frequency`` (THz) or ``mean free path`` (nm), ``kappa``, what all modes up to
            there carry (W/mK, mean over directions), and ``share`` of the whole.
        """
        import pandas as pd

        if quantity not in CUMULATIVE:
            raise ValueError(
                f"quantity must be one of {', '.join(map(repr, CUMULATIVE))}, got {quantity!r}"
            )
        number = 0 if temperature is None else self._index(temperature)
        values = self.frequencies if quantity == "frequency" else self.mean_free_paths[number]
        carried = np.trace(self.mode_kappa[number], axis1=-2, axis2=-1) / 3
        counts = np.isfinite(values)
        order = np.argsort(values[counts], kind="stable")
        kappa = np.cumsum(carried[counts][order])
        return pd.DataFrame(
            {quantity: values[counts][order], "kappa": kappa, "share": kappa / carried.sum()}
        )

    def modes(self, temperature: float | None = None) -> pd.DataFrame:
        """Give a row a mode: where it is, how fast, how long it lives, and what it carries.

        Parameters
        ----------
        temperature : float, optional
            K; the first one unless given.

        Returns
        -------
        DataFrame
            Columns q1, q2, q3, weight, band, frequency (THz), speed (km/s), lifetime (ps),
            mean_free_path (nm), heat_capacity (eV/K), kappa (W/mK, mean over directions).
        """
        import pandas as pd

        number = 0 if temperature is None else self._index(temperature)
        points, bands = self.frequencies.shape
        where = np.repeat(np.arange(points), bands)
        carried = np.trace(self.mode_kappa[number], axis1=-2, axis2=-1) / 3
        return pd.DataFrame(
            {
                **{f"q{axis + 1}": self.qpoints[where, axis] for axis in range(3)},
                "weight": self.weights[where],
                "band": np.tile(np.arange(bands), points),
                "frequency": self.frequencies.ravel(),
                "speed": np.linalg.norm(self.group_velocities, axis=-1).ravel(),
                "lifetime": self.lifetimes[number].ravel(),
                "mean_free_path": self.mean_free_paths[number].ravel(),
                "heat_capacity": self.heat_capacities[number].ravel(),
                "kappa": carried.ravel(),
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """Give a row a temperature: temperature (K), kappa (mean), xx, yy, zz, yz, xz, xy (W/mK)."""
        import pandas as pd

        places = {
            "xx": (0, 0),
            "yy": (1, 1),
            "zz": (2, 2),
            "yz": (1, 2),
            "xz": (0, 2),
            "xy": (0, 1),
        }
        parts = {name: self.kappa[:, i, j] for name, (i, j) in places.items()}
        return pd.DataFrame({"temperature": self.temperatures, "kappa": self.isotropic, **parts})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the conductivity over temperature (`matlearn.phonons.plots.kappa`)."""
        axes: Axes = draw("kappa", self, ax)
        return axes

    def _index(self, temperature: float) -> int:
        near = np.flatnonzero(np.isclose(self.temperatures, temperature, atol=1e-6))
        if not len(near):
            raise ValueError(
                f"temperature must be one of {', '.join(f'{t:g}' for t in self.temperatures)} K, "
                f"got {temperature:g}: compute it with temperatures=({temperature:g},)"
            )
        return int(near[0])

    def __repr__(self) -> str:
        from matlearn.phonons._phono3py.cells import formula_of

        number = int(np.abs(self.temperatures - 300).argmin())
        parts = [
            f"{self.isotropic[number]:.4g} W/mK at {self.temperatures[number]:g} K",
            f"mesh {'x'.join(map(str, self.mesh))}",
            self.method.upper(),
        ]
        parts += ["NAC"] if self.nac else []
        parts += ["isotopes"] if self.isotopes else []
        parts += [f"{len(self.temperatures)} temperatures"] if len(self.temperatures) > 1 else []
        parts += [f"{len(self.messages)} messages"] if self.messages else []
        return f"ThermalConductivity({formula_of(self.primitive)}, {', '.join(parts)})"
