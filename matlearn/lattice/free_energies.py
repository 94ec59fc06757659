"""Free energies by thermodynamic integration: what Monte Carlo does not measure by itself.

A simulation gives averages, not the number of states. Along a path of equilibrium states, though,
free energies differ by integrals of averages: d(F/kT) / d(1/kT) = <E>. The path starts where the
free energy is known: at infinite temperature, where all arrangements are equally likely, or in a
perfectly ordered crystal at low temperature.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from ase import Atoms
from ase.units import kB

from matlearn.lattice._phases.arguments import temperatures_of, whole_numbers
from matlearn.lattice._phases.integrating import Potentials, Runs, Way
from matlearn.lattice._phases.paths import over_potential, over_temperature, varied
from matlearn.lattice._scans.shipping import pack

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STARTS = ("infinite temperature", "order")
ENSEMBLES = ("canonical", "semi-grand")


@dataclass(frozen=True, repr=False)
class FreeEnergy:
    """Free energies along a path of states."""

    ensemble: str
    """``"canonical"``: Helmholtz free energy F. ``"semi-grand"``: grand potential F - sum mu N."""
    start: str
    """Where the path starts."""
    n_sites: int
    """Active sites of the simulated cell."""
    boltzmann_constant: float
    """In eV/K; 1 for models in units of J."""
    tail: float
    """From order: the correction for what lies below the lowest temperature (eV a site)."""
    notes: tuple[str, ...]
    """What is doubtful, in words."""
    _table: pd.DataFrame = field(repr=False)
    _points: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a state that was asked for.

        Returns
        -------
        DataFrame
            ``temperature`` (K), ``chemical_potential_<El>`` (eV, semi-grand), ``free_energy`` with
            its ``error``, of which ``statistical_error`` and ``integration_error`` (eV an active
            site), ``energy`` with ``energy_error`` (eV an active site), ``entropy`` with
            ``entropy_error`` (kB an active site), ``concentration_<El>``.
        """
        return self._table.copy()

    @property
    def points(self) -> pd.DataFrame:
        """All points of the integration, as `to_frame`."""
        return self._points.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the free energy along the path, with its errors.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
        """
        frame = self._table
        varied = [c for c in frame if str(c).startswith("chemical_potential_")]
        over = next((c for c in varied if frame[c].nunique() > 1), None)
        if over is None:
            from matlearn.lattice import plots

            return plots.free_energy(self, ax=ax)
        from matlearn.plotting import describe, new_axes

        ax = new_axes(ax)
        ax.errorbar(frame[over], frame["free_energy"], frame["error"], marker="o", capsize=3)
        unit = "eV" if self.boltzmann_constant != 1 else "J"
        symbol = str(over).removeprefix("chemical_potential_")
        ax.set(xlabel=f"Chemical potential of {symbol} ({unit})")
        ax.set(ylabel=f"Grand potential ({unit}/site)")
        describe(
            ax,
            f"The grand potential falls from {frame['free_energy'].max():.4g} to "
            f"{frame['free_energy'].min():.4g} {unit} a site with the chemical potential of "
            f"{symbol}.",
        )
        return ax

    def __repr__(self) -> str:
        frame = self._table
        low, high = frame["temperature"].min(), frame["temperature"].max()
        at = f"at {low:.6g}" if low == high else f"from {low:.6g} to {high:.6g}"
        unit = "K" if self.boltzmann_constant != 1 else "J/kB"
        doubt = f", {len(self.notes)} warnings" if self.notes else ""
        return (
            f"FreeEnergy({self.ensemble}, {len(frame)} states {at} {unit}, from {self.start}, "
            f"{self.n_sites} sites, largest error {frame['error'].max():.2g}{doubt})"
        )


def free_energy(
    cluster_expansion: Any,
    supercell: Atoms,
    temperatures: float | Sequence[float],
    *,
    ensemble: str = "canonical",
    concentrations: Mapping[str, float] | None = None,
    chemical_potentials: Mapping[str, float] | Sequence[Mapping[str, float]] | None = None,
    start: str = "infinite temperature",
    limit: bool = True,
    sweeps: int = 1000,
    equilibration: int = 200,
    points: int = 12,
    tolerance: float = 1e-3,
    rounds: int = 4,
    boltzmann_constant: float = kB,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> FreeEnergy:
    """Compute free energies by thermodynamic integration, with both kinds of error.

    From infinite temperature, F/kT = -S(infinite)/kB + integral of <E> over 1/kT from 0 to 1/kT. From
    order, F/kT = E0/kT - integral of <E> - E0 over 1/kT from 1/kT to infinity. Grand potentials
    likewise, with E - sum of mu_i N_i; over the chemical potential of one species, at one
    temperature, d(potential) = -N d(mu). The rule of Hermite is used: the slopes of the averages are
    known from their fluctuations. Intervals are halved where the integration error is too large.

    Parameters
    ----------
    cluster_expansion : icet.ClusterExpansion
        Or a fit that has one.
    supercell : Atoms
        The lattice, and its composition unless `concentrations` are given. From order: perfectly
        ordered.
    temperatures : float or sequence of float
        Where the free energy is wanted, in K.
    ensemble : str
        ``"canonical"`` or ``"semi-grand"``.
    concentrations : dict, optional
        Symbol -> fraction of the sites, for a canonical run from a random arrangement.
    chemical_potentials : dict, or sequence of dict
        Symbol -> eV, for semi-grand runs. A sequence, in which one of them rises (or falls) and the
        others stay: the potential is integrated over it, at one temperature.
    start : str
        ``"infinite temperature"``, for the disordered phase, or ``"order"``, for the ordered phase
        that `supercell` holds. Neither may be followed through a transition of first order: then
        energies jump, a warning says where, and it is counted in `notes`.
    limit : bool
        Canonical, from infinite temperature: take the ideal entropy of mixing of an infinite
        crystal; False takes the number of arrangements of this very cell. (The difference is about
        ln(2 pi n x (1 - x)) / 2n kB a site.)
    sweeps, equilibration : int
        Sweeps to average over, and before that, at each point.
    points : int
        Points of the path to begin with, at least 4.
    tolerance : float
        Largest integration error aimed at, in kT a site.
    rounds : int
        At most so many times intervals are halved.
    boltzmann_constant : float
        In eV/K; 1 for models in units of J.
    seed : int
        Of the random numbers.
    client : distributed.Client, optional
        A cluster that makes the runs.
    workers : int, optional
        Processes otherwise; None: one for each core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    FreeEnergy

    Raises
    ------
    ValueError
        If an argument is out of its range, or does not suit the ensemble.

    References
    ----------
    D. Frenkel and B. Smit, Understanding Molecular Simulation (2002), chapter 7; for alloys:
    A. van de Walle and M. Asta, Modelling Simul. Mater. Sci. Eng. 10, 521 (2002).

    Examples
    --------
    >>> from matlearn.lattice import models
    >>> found = free_energy(                                  # exact: -2.7328 J (Onsager)
    ...     models.ising("square"), models.supercell("square", 8), 3.5, ensemble="semi-grand",
    ...     chemical_potentials={"Au": 0.0}, boltzmann_constant=1.0, sweeps=300, points=6,
    ...     workers=1, progress=False)
    >>> bool(abs(found.to_frame()["free_energy"][0] + 2.7328) < 0.03)
    True
    """
    goals = temperatures_of(temperatures)
    path = _potentials(ensemble, chemical_potentials, concentrations, len(goals))
    if start not in STARTS:
        raise ValueError(f"start must be one of {', '.join(map(repr, STARTS))}; got {start!r}")
    whole_numbers(
        sweeps=(sweeps, 16), equilibration=(equilibration, 0), points=(points, 4),
        rounds=(rounds, 0),
    )  # fmt: skip
    if not tolerance > 0:
        raise ValueError(f"tolerance must be positive (kT a site), got {tolerance}")
    if start == "order" and concentrations is not None:
        raise ValueError(
            "concentrations make a random arrangement; from order the supercell itself must be "
            "ordered, so leave them out"
        )
    from tqdm.auto import tqdm

    runs = Runs(
        pack(cluster_expansion), supercell, ensemble, concentrations, sweeps, equilibration,
        boltzmann_constant,
    )  # fmt: skip
    bar = tqdm(total=0, disable=not progress, unit="point", desc="integrating")
    with bar:
        way = Way(runs, seed, client, workers, bar)
        found = over_temperature(
            way, goals, path[0] if path else None, start, limit, points, tolerance, rounds
        )
        table, notes = found.frame, list(found.notes)
        asked = table[table["temperature"].isin(goals)]
        if len(path) > 1:
            symbol = varied(path)
            along = Way(replace(runs, observed=symbol), seed + 1, client, workers, bar)
            first = asked.iloc[0].to_dict()
            second = over_potential(along, goals[0], path, first, tolerance, rounds)
            table, notes = second.frame, notes + second.notes
            wanted = [p[symbol] for p in path]
            asked = table[table[f"chemical_potential_{symbol}"].isin(wanted)]
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return FreeEnergy(
        ensemble, start, found.n_sites, boltzmann_constant, found.tail, tuple(notes),
        asked.reset_index(drop=True), table,
    )  # fmt: skip


def _potentials(
    ensemble: str,
    given: Mapping[str, float] | Sequence[Mapping[str, float]] | None,
    concentrations: Mapping[str, float] | None,
    n_temperatures: int,
) -> list[Potentials]:
    if ensemble not in ENSEMBLES:
        raise ValueError(f"ensemble must be one of {', '.join(map(repr, ENSEMBLES))}")
    if ensemble == "canonical":
        if given is not None:
            raise ValueError(
                "chemical_potentials are for ensemble='semi-grand'; a canonical run has "
                "concentrations"
            )
        return []
    if given is None:
        raise ValueError("chemical_potentials must be given for ensemble='semi-grand'")
    if concentrations is not None:
        raise ValueError(
            "concentrations are for ensemble='canonical'; a semi-grand run has chemical_potentials"
        )
    path = [dict(given)] if isinstance(given, Mapping) else [dict(each) for each in given]
    if not path or (len(path) > 1 and n_temperatures > 1):
        raise ValueError(
            f"a path over {len(path)} chemical potentials needs exactly one temperature, got "
            f"{n_temperatures}"
        )
    if len(path) > 1:
        symbols = {symbol for each in path for symbol in each}
        path = [{symbol: float(each.get(symbol, 0.0)) for symbol in symbols} for each in path]
        varied(path)
    return path
