"""At which temperature does order set in, and how: continuously, or by a jump?"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ase import Atoms
from ase.units import kB

from matlearn.lattice._phases.arguments import finite_numbers, warn_of_few_sites, whole_numbers
from matlearn.lattice._phases.searching import Search
from matlearn.lattice._phases.sweeping import Setting
from matlearn.lattice._scans.shipping import expansion_of, pack
from matlearn.lattice.statistics import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("continuous", "first order", "none found")


@dataclass(frozen=True, repr=False)
class Transition:
    """A transition temperature, what kind of transition it is, and why one thinks so."""

    temperature: float
    """The best estimate (K); NaN where none was found. Of `estimates`, the last one."""
    error: float
    """Standard error, or half of the bracket (K); see `error_is`."""
    kind: str
    """``"continuous"``, ``"first order"`` or ``"none found"``."""
    method: str
    """What the temperature comes from."""
    error_is: str
    """``"statistical"``: one standard error. ``"bracket"``: it lies within, nothing more."""
    bracket: tuple[float, float] | None
    """First order: disordered on heating at the second, ordered on cooling at the first (K)."""
    latent_heat: Estimate | None
    """First order: jump of the energy (semi-grand: of E - sum mu N), eV a site."""
    evidence: tuple[str, ...]
    """What was seen, in words."""
    boltzmann_constant: float
    """In eV/K; 1 for models in units of J."""
    _estimates: pd.DataFrame = field(repr=False)
    _table: pd.DataFrame = field(repr=False)

    @property
    def estimates(self) -> pd.DataFrame:
        """Every estimate: ``method``, ``temperature`` and ``error`` (K), ``error_is``."""
        return self._estimates.copy()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a run.

        Returns
        -------
        DataFrame
            ``run`` (``"heating"``, ``"cooling"`` or ``"size 2"``), ``n_sites``, ``temperature``
            (K), ``energy`` and ``grand_energy`` with their errors (eV an active site),
            ``heat_capacity`` (kB an active site), ``order`` (its magnitude) and ``binder``, each
            with its error. ``order`` and ``binder`` are left out where nothing gives the order.
        """
        return self._table.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what decided: energies on heating and cooling, or the crossing of cumulants.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.lattice._figures.labels import column_label
        from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

        ax = new_axes(ax)
        model = self.boltzmann_constant == 1
        sizes = self._table["run"].str.startswith("size").any()
        column = "binder" if self.kind == "continuous" and sizes else "grand_energy"
        factor = 1.0 if model or column == "binder" else 1000.0
        bare = np.allclose(self._table["energy"], self._table["grand_energy"])
        shown = self._table[self._table["run"].str.startswith("size") == (column == "binder")]
        for k, (run, rows) in enumerate(shown.groupby("run", sort=False)):
            ordered = rows.sort_values("temperature")
            label = f"{rows['n_sites'].iloc[0]} sites" if column == "binder" else run
            ax.errorbar(
                ordered["temperature"], factor * ordered[column],
                factor * ordered[f"{column}_error"],
                color=PALETTE[k % len(PALETTE)], marker=MARKERS[k % len(MARKERS)], capsize=3,
                label=label,
            )  # fmt: skip
        if math.isfinite(self.temperature):
            ax.axvspan(
                self.temperature - self.error, self.temperature + self.error, color="0.85", zorder=0
            )
        energy = f"{'Energy' if bare else 'E - μN'} ({'J' if model else 'meV'}/site)"
        ax.set(
            xlabel=column_label("temperature", model=model)[0],
            ylabel="Binder cumulant" if column == "binder" else energy,
        )
        ax.legend()
        describe(ax, f"{'; '.join(self.evidence)}.")
        return ax

    def __repr__(self) -> str:
        unit = "J/kB" if self.boltzmann_constant == 1 else "K"
        if not math.isfinite(self.temperature):
            return f"Transition(none found: {self.evidence[-1]})"
        if self.error_is == "bracket":
            at = f"{self.temperature - self.error:.5g} to {self.temperature + self.error:.5g}"
        else:
            at = f"{Estimate(self.temperature, self.error)}"
        return f"Transition({self.kind}, T = {at} {unit}, by {self.method})"


def transition_temperature(
    cluster_expansion: Any,
    supercell: Atoms,
    *,
    between: tuple[float, float],
    ensemble: str = "semi-grand",
    chemical_potentials: Mapping[str, float] | None = None,
    concentrations: Mapping[str, float] | None = None,
    order_parameter: Any = None,
    n_temperatures: int = 9,
    sizes: Sequence[int] = (1, 2),
    sweeps: int = 1000,
    equilibration: int = 300,
    free_energies: bool = True,
    boltzmann_constant: float = kB,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> Transition:
    """Find a transition temperature, and whether the transition is continuous or of first order.

    1. The model is cooled from disorder and heated from order, over the same temperatures.
    2. Where energies jump, more temperatures are put in between, and both are done again. A
       transition is of first order if heating and cooling jump at different temperatures
       (hysteresis), or if the energies at the jump have two peaks. It lies within the bracket;
       where in it, the crossing of free energies says (if its error is smaller than the bracket),
       integrated from infinite temperature and from the ordered ground state.
    3. Where nothing jumps and the heat capacity has a peak, runs at several sizes are made around
       it: Binder's cumulants of the order parameter cross at the critical temperature. If they do
       not, and the heat capacity does not depend on the size either, there is no transition.

    Parameters
    ----------
    cluster_expansion : icet.ClusterExpansion
        Or a fit that has one.
    supercell : Atoms
        Best in its ordered state: then heating starts from it. If cooling finds a state of lower
        energy, that is taken. It must suit the order (commensurate).
    between : pair of float
        Temperatures (K) at which the model is surely ordered, and surely disordered.
    ensemble : str
        ``"semi-grand"`` or ``"canonical"``.
    chemical_potentials : dict, optional
        Symbol -> eV, semi-grand.
    concentrations : dict, optional
        Symbol -> fraction, canonical; else the supercell's.
    order_parameter : observer or function of Atoms, optional
        Gives one number, that is large with order (its sign does not matter) and averages to zero
        without. Left out, in a binary alloy: the root of the power of the ordered state's
        superstructure peaks in all their variants; the magnetisation where it is a pure element.
    n_temperatures : int
        In each run over the temperatures, at least 5.
    sizes : sequence of int
        Continuous: how often the supercell is repeated along each of its directions, at least two
        sizes; of one, the peak of its heat capacity is taken. In three dimensions size 2 has eight
        times the sites.
    sweeps, equilibration : int
        Sweeps to average over, and before that, at each temperature.
    free_energies : bool
        First order: whether to find the crossing of free energies.
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
    Transition

    Raises
    ------
    ValueError
        If an argument is out of its range, or does not suit the ensemble.

    Warns
    -----
    UserWarning
        If the supercell has fewer than 32 active sites.

    Notes
    -----
    A transition of first order that is weaker than the fluctuations of this supercell looks
    continuous. The statistical error of a crossing of cumulants does not hold corrections to
    scaling: repeat with larger sizes. A bracket from hysteresis shrinks with longer runs.

    References
    ----------
    K. Binder, Z. Phys. B 43, 119 (1981); M. S. S. Challa, D. P. Landau and K. Binder, Phys. Rev. B
    34, 1841 (1986) (first order: two peaks in the energy).

    Examples
    --------
    >>> from matlearn.lattice import models
    >>> transition_temperature(                               # exact: 2.2692 J/kB (Onsager)
    ...     models.ising("square"), models.supercell("square", 6), between=(1.8, 3.0),
    ...     boltzmann_constant=1.0, sweeps=500, n_temperatures=5, workers=1, progress=False)
    Transition(continuous, T = 2.2... J/kB, by crossing of Binder's cumulants)
    """
    low, high = _range(between)
    whole_numbers(
        n_temperatures=(n_temperatures, 5), sweeps=(sweeps, 64), equilibration=(equilibration, 0)
    )
    if ensemble not in ("semi-grand", "canonical"):
        raise ValueError(f"ensemble must be 'semi-grand' or 'canonical', got {ensemble!r}")
    if ensemble == "canonical" and chemical_potentials is not None:
        raise ValueError("chemical_potentials are for ensemble='semi-grand'")
    if ensemble == "semi-grand" and concentrations is not None:
        raise ValueError("concentrations are for ensemble='canonical'")
    given = np.atleast_1d(np.asarray(sizes))
    if given.dtype.kind != "i" or given.ndim > 1 or not len(given) or (given < 1).any():
        raise ValueError(f"sizes must be positive whole numbers, got {sizes!r}")
    if ensemble == "semi-grand" and chemical_potentials is None:
        chemical_potentials = {}
    from tqdm.auto import tqdm

    expansion = expansion_of(cluster_expansion)
    setting = Setting(
        pack(expansion), ensemble, chemical_potentials, int(sweeps), int(equilibration),
        boltzmann_constant, order_parameter,
    )  # fmt: skip
    with contextlib.closing(
        tqdm(total=0, disable=not progress, unit="run", desc="looking for a transition")
    ) as bar:
        search = Search(
            setting, supercell, concentrations, tuple(sorted({int(s) for s in given})),
            bool(free_energies),
            seed, client, workers, bar,
        )  # fmt: skip
        result = search.result(np.linspace(low, high, int(n_temperatures)))
    warn_of_few_sites(int(result["_table"]["n_sites"].min()))
    return Transition(boltzmann_constant=boltzmann_constant, **result)


def _range(between: tuple[float, float]) -> tuple[float, float]:
    pair = finite_numbers("between", between)
    if len(pair) != 2 or not 0 < pair[0] < pair[1]:
        raise ValueError(
            f"between must be two temperatures, the lower one first and positive; got {between!r}"
        )
    return pair[0], pair[1]
