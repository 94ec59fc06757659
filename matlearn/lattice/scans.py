"""Simulations at many temperatures: side by side, or one after another as a sample is annealed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ase import Atoms
from ase.units import kB

from matlearn.lattice._averages.series import Estimate
from matlearn.lattice._kinetics.checks import whole
from matlearn.lattice._scans.scanning import Plan, Point, points_of
from matlearn.lattice._scans.shipping import pack
from matlearn.store import Store

if TYPE_CHECKING:
    from icet import ClusterExpansion
    from matplotlib.axes import Axes

DIRECTIONS = (None, "up", "down")


@dataclass(frozen=True, repr=False)
class Scan:
    """Averages at many temperatures, with their errors."""

    ensemble: str
    """``"semi-grand"``, ``"canonical"`` or ``"vcsgc"``."""
    direction: str | None
    """``"up"`` or ``"down"`` where each temperature began from the one before; else None."""
    n_sites: int
    """Sites of the supercell."""
    boltzmann_constant: float
    """eV/K, or 1 for a model in units of J."""
    chemical_potentials: dict[str, float] | None
    """In eV; None where there are none."""
    configurations: dict[float, Atoms] = field(repr=False)
    """Temperature (K) -> the last configuration."""
    series: dict[float, pd.DataFrame] = field(repr=False)
    """Temperature (K) -> all records, where they were kept."""
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a temperature, in the order of simulation.

        Returns
        -------
        DataFrame
            ``temperature`` (K); ``energy_per_atom`` and ``energy_error`` (eV); ``heat_capacity``
            and its ``_error`` (kB an active site; in a semi-grand scan at fixed chemical
            potentials); ``acceptance``; ``concentration_<El>`` and every column of the observers,
            each with its ``_error``; ``autocorrelation_time`` of the energy (sweeps);
            ``n_effective``, as how many independent samples its records count; ``drift``, by how
            many standard errors the energies of the two halves differ (above 3: not in
            equilibrium); ``sweeps``; ``cpu_seconds``.
        """
        frame = self._table.copy()
        frame.attrs["boltzmann_constant"] = self.boltzmann_constant
        return frame

    @property
    def peak(self) -> tuple[float, Estimate]:
        """Temperature (K) of the largest heat capacity found, and that heat capacity (kB a site)."""
        row = self._table.loc[self._table["heat_capacity"].idxmax()]
        value = Estimate(float(row["heat_capacity"]), float(row["heat_capacity_error"]))
        return float(row["temperature"]), value

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the heat capacity; see `matlearn.lattice.plots.heat_capacity`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        **options
            Handed on.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.lattice import plots

        return plots.heat_capacity(self, ax=ax, **options)

    def __len__(self) -> int:
        return len(self._table)

    def __repr__(self) -> str:
        temperatures = self._table["temperature"]
        at, value = self.peak
        way = f" {self.direction}" if self.direction else ""
        return (
            f"Scan({self.ensemble}, {len(self)} temperatures{way} {temperatures.iloc[0]:g} to "
            f"{temperatures.iloc[-1]:g}, {self.n_sites} sites, largest heat capacity {value} kB at "
            f"{at:g})"
        )


def scan_temperature(
    cluster_expansion: ClusterExpansion | Any,
    supercell: Atoms,
    temperatures: Iterable[float],
    *,
    sweeps: int,
    equilibration: int,
    ensemble: str = "semi-grand",
    chemical_potentials: Mapping[str, float] | None = None,
    concentrations: Mapping[str, float] | None = None,
    phis: Mapping[str, float] | None = None,
    kappa: float = 200.0,
    direction: str | None = None,
    observers: Sequence[Any] = (),
    record_every: int = 1,
    keep_series: bool = False,
    boltzmann_constant: float = kB,
    seed: int = 0,
    store: str | os.PathLike[str] | Store | None = None,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> Scan:
    """Simulate at many temperatures, and average.

    Each temperature has random numbers of its own, which follow from `seed` and the temperature
    alone: the result does not depend on the number of workers or on what else is in the list.

    Parameters
    ----------
    cluster_expansion : icet.ClusterExpansion
        Or a fit that has one.
    supercell : ase.Atoms
        Where each temperature begins (with a `direction`, the first).
    temperatures : iterable of float
        In K (with ``boltzmann_constant=1`` in units of J/kB), all different.
    sweeps, equilibration : int
        Sweeps that are averaged over, and sweeps before them that are not, at each temperature.
    ensemble, chemical_potentials, concentrations, phis, kappa
        As for `MonteCarlo`.
    direction : str, optional
        None: the temperatures are independent, and simulated side by side. ``"up"`` or ``"down"``:
        they are sorted, and each begins with the last configuration of the one before, as a sample
        is heated or cooled slowly; needed for hysteresis. Then there is one process.
    observers : sequence
        As for `MonteCarlo.run`; each temperature has copies of its own. With several processes
        they must be such as can be pickled by cloudpickle, which functions and our observers are.
    record_every : int
        Sweeps between records.
    keep_series : bool
        Keep all records, in `Scan.series`.
    boltzmann_constant : float
        In eV/K; 1 for models in units of J.
    seed : int
        Of all random numbers.
    store : path or Store, optional
        A file (SQLite) that keeps each temperature as it is finished: the same call goes on from
        there, also with more temperatures. Results of other settings, of a changed expansion, or
        of observers that do something else are refused.
    client, workers
        A Dask client, or the number of processes; see `matlearn.parallel.map_unordered`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Scan

    Raises
    ------
    ValueError, TypeError
        For an argument that makes no sense, as for `MonteCarlo`; if there are too few sweeps for
        16 records; if the store holds a temperature of other settings (the message says which).
    matlearn.store.StoreError
        If the store cannot be used.

    Examples
    --------
    >>> from matlearn.lattice.models import ising, supercell
    >>> scan = scan_temperature(
    ...     ising("square"), supercell("square", 8, fill="Au"), [1.0, 3.0], sweeps=400,
    ...     equilibration=50, boltzmann_constant=1.0, workers=1, progress=False)
    >>> cold, hot = scan.to_frame()["energy_per_atom"]
    >>> bool(-2.0 <= cold < -1.95 and -1.1 < hot < -0.6)
    True
    """
    kelvins = _checked(temperatures, sweeps, equilibration, record_every, direction)
    plan = Plan(
        packed=pack(cluster_expansion),
        supercell=supercell,
        settings={
            "ensemble": ensemble,
            "chemical_potentials": None if not chemical_potentials else dict(chemical_potentials),
            "concentrations": None if concentrations is None else dict(concentrations),
            "phis": None if phis is None else dict(phis),
            "kappa": kappa,
            "boltzmann_constant": boltzmann_constant,
        },
        sweeps=int(sweeps),
        equilibration=int(equilibration),
        record_every=int(record_every),
        observers=tuple(observers) if isinstance(observers, Sequence) else (observers,),
        seed=whole(seed, "seed", 0),
        keep_series=keep_series,
        direction=direction,
    )
    with ExitStack() as stack:
        opened = store
        if store is not None and not isinstance(store, Store):
            opened = stack.enter_context(Store(store))
        if isinstance(opened, Store):
            stack.enter_context(opened.writing())
        bar = stack.enter_context(_bar(len(kelvins), progress))
        points: dict[float, Point] = {}
        for point in points_of(plan, kelvins, opened, client, workers):
            points[point.temperature] = point
            bar.update()
    ordered = [points[kelvin] for kelvin in kelvins]
    return Scan(
        ensemble=ensemble,
        direction=direction,
        n_sites=len(supercell),
        boltzmann_constant=boltzmann_constant,
        chemical_potentials=plan.settings["chemical_potentials"],
        configurations={p.temperature: p.configuration for p in ordered},
        series={p.temperature: pd.DataFrame(p.series) for p in ordered if p.series is not None},
        _table=pd.DataFrame([p.row for p in ordered]),
    )


def _checked(
    temperatures: Iterable[float],
    sweeps: int,
    equilibration: int,
    record_every: int,
    direction: str | None,
) -> list[float]:
    try:
        kelvins = [float(kelvin) for kelvin in np.ravel(np.asarray(list(temperatures), float))]
    except (TypeError, ValueError):
        raise TypeError(f"temperatures must be a list of numbers, got {temperatures!r}") from None
    bad = [kelvin for kelvin in kelvins if not (kelvin > 0 and np.isfinite(kelvin))]
    if bad or not kelvins:
        shown = f"{bad[0]:g}" if bad else "none"
        raise ValueError(f"temperatures must be positive and finite, got {shown}")
    if len(set(kelvins)) < len(kelvins):
        raise ValueError("temperatures must all be different, got one twice")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be None, 'up' or 'down', got {direction!r}")
    for name, number, least in (
        ("sweeps", sweeps, 1), ("equilibration", equilibration, 0), ("record_every", record_every, 1),
    ):  # fmt: skip
        if isinstance(number, bool | str) or int(number) != number or number < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {number}")
    if sweeps // record_every < 16:
        raise ValueError(
            f"sweeps={sweeps} with record_every={record_every} gives {sweeps // record_every} "
            "records; at least 16 are needed to tell an error"
        )
    if direction is not None:
        kelvins.sort(reverse=direction == "down")
    return kelvins


def _bar(total: int, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, disable=not progress, unit="temperature", desc="scan")
