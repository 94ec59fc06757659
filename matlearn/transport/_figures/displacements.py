"""Mean squared displacements with the lines that were fitted to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import A2_PER_PS, labelled, with_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", "-.", ":")
_DRAWN = 600


def msd(
    result: Any,
    *,
    log: bool | None = None,
    by_axis: bool = False,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw mean squared displacements, the fitted line, the window it was fitted in, and D.

    On logarithmic axes motion as free flight has the slope 2, diffusion the slope 1 (the grey
    line), and rattling in a cage the slope 0.

    Parameters
    ----------
    result : Diffusion or MeanSquaredDisplacement, a list of them, or a dict of them by name
        A diffusion coefficient brings its line; its window is shaded.
    log : bool, optional
        Logarithmic axes, or plain ones. Left out, a new figure shows both, and given axes are
        plain.
    by_axis : bool
        Draw the displacement along each axis instead of their sum.
    until : float, optional
        Longest lag that is drawn (ps). Left out, somewhat beyond the window of the fit, or half
        the run: longer lags are averages of little.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        The plain one where there are two.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or there is none.

    Examples
    --------
    >>> from matlearn.transport import mean_squared_displacement, random_walk
    >>> walk = random_walk(frames=100, ions=10)
    >>> msd(mean_squared_displacement(walk, walk.species[0])).get_ylabel()
    'Mean squared displacement (Å²)'
    """
    import matplotlib.pyplot as plt

    found = labelled(result, _name, "result")
    for _, one in found:
        curve = getattr(one, "msd", one)
        if not (hasattr(curve, "lags") and hasattr(curve, "values")):
            raise TypeError(
                "result must be what diffusion_coefficient or mean_squared_displacement returns, "
                f"got {type(one).__name__}"
            )
    if ax is None and log is None:
        panels = list(plt.subplots(1, 2, figsize=(11.5, 4.6))[1])
        logs = [False, True]
    else:
        panels, logs = [new_axes(ax)], [bool(log)]
    for panel, power in zip(panels, logs, strict=True):
        _draw(found, panel, log=power, by_axis=by_axis, until=until)
    return panels[0]


def _name(result: Any) -> str:
    temperature = getattr(result, "temperature", None)
    kind = " together" if getattr(result, "kind", "self") == "collective" else ""
    at = f" at {temperature:.0f} K" if temperature else ""
    return f"{getattr(result, 'species', '')}{kind}{at}"


def _draw(
    found: list[tuple[str, Any]], ax: Axes, *, log: bool, by_axis: bool, until: float | None
) -> None:
    said, top, floor = [], 0.0, np.inf
    for index, (name, one) in enumerate(found):
        color, curve = PALETTE[index % len(PALETTE)], getattr(one, "msd", one)
        fitted = hasattr(one, "window") and hasattr(one, "intercept")
        usual = 1.25 * one.window[1] if fitted else 0.5 * float(curve.lags[-1])
        last = usual if until is None else float(until)
        lags, shown = _thinned(np.asarray(curve.lags, dtype=float), last, log)
        label = name
        if fitted:
            number = with_error(one.value, one.error)
            label = f"{name}: D = {number} cm²/s".lstrip(": ")
            start, end = one.window
            said.append(
                f"{name}: fitted from {start:.3g} to {end:.3g} ps, D = {number} cm²/s".lstrip(": ")
            )
        else:
            said.append(f"{name}: {float(curve.values[shown[-1]]):.3g} Å² after {lags[-1]:.3g} ps")
        values = np.asarray(curve.values, dtype=float)[shown]
        if by_axis:
            parts = np.asarray(curve.by_axis, dtype=float)[shown]
            for column, axis in enumerate(curve.axes):
                ax.plot(
                    lags, parts[:, column], color=color, linestyle=_DASHES[column],
                    label=f"{name} along {axis}".lstrip(),
                )  # fmt: skip
        else:
            ax.plot(lags, values, color=color, label=label)
        if fitted and not by_axis:
            _line(one, ax, color, alone=len(found) == 1, last=float(lags[-1]))
        top = max(top, float(values.max()))
        floor = min(floor, float(values[values > 0].min(initial=np.inf)))
    ax.set(xlabel="Lag (ps)", ylabel="Mean squared displacement (Å²)")
    if log:
        ax.set(xscale="log", yscale="log")
        _guide(ax, floor, top)
    else:
        ax.set_xlim(left=0)
        ax.set_ylim(0, 1.12 * top if top > 0 else 1.0)
    ax.legend(fontsize=10, loc="upper left")
    scale = "on logarithmic axes" if log else "against the lag"
    describe(ax, f"Mean squared displacement {scale}. " + "; ".join(said) + ".")


def _thinned(lags: np.ndarray, until: float, log: bool) -> tuple[np.ndarray, np.ndarray]:
    """Lags above zero that are drawn, some hundred, and their positions."""
    last = int(np.searchsorted(lags, until * (1 + 1e-9), side="right"))
    first = 1 if lags[0] == 0 else 0
    if last - first < 2:
        raise ValueError(
            f"until must leave at least two lags: they go from {lags[first]:.3g} to {lags[-1]:.3g} "
            f"ps, got {until}"
        )
    if log:
        rows = np.geomspace(max(first, 1), last - 1, _DRAWN)
    else:
        rows = np.linspace(first, last - 1, _DRAWN)
    shown = np.unique(rows.round().astype(int)) if last - first > _DRAWN else np.arange(first, last)
    return lags[shown], shown


def _line(one: Any, ax: Axes, color: str, *, alone: bool, last: float) -> None:
    """The fitted line with what its error leaves open, and the window of the fit."""
    start, end = one.window
    times = np.geomspace(max(start, 1e-6), min(end, last), 60)
    slope = 2 * one.dimension * A2_PER_PS
    middle = one.intercept + slope * one.value * times
    spread = slope * (one.error or 0.0) * (times - start)
    ax.plot(
        times, middle, color="0.15", linestyle="--", linewidth=1.6, zorder=3,
        label="fitted, ± its error" if alone else None,
    )  # fmt: skip
    ax.fill_between(
        times, middle - spread, middle + spread, color=color, alpha=0.3, linewidth=0, zorder=1
    )
    if alone:
        ax.axvspan(
            start,
            min(end, max(last, start)),
            color="0.5",
            alpha=0.12,
            linewidth=0,
            label="window of the fit",
        )


def _guide(ax: Axes, floor: float, top: float) -> None:
    """A line of slope 1 above the curves."""
    left, right = ax.get_xlim()
    ends = np.array([max(left, 1e-6), right])
    ax.set_xlim(*ends)
    if not np.isfinite(floor) or floor >= top:
        return
    ax.set_ylim(0.6 * floor, 5 * top)
    ax.plot(ends, 2.2 * top * ends / ends[1], color="0.65", linewidth=1.2, label="slope 1")


def msd_by_species(
    trajectory: Any,
    species: Sequence[str] | None = None,
    *,
    drift: str | None = "framework",
    log: bool = False,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far each species has come: which ions are mobile, and which stay in place.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas.
    species : sequence of str, optional
        Which species; all of them where it is left out.
    drift : {"framework", "all"} or None
        As of :func:`matlearn.transport.mean_squared_displacement`. For an ion of the framework
        "framework" means all other species, the mobile ones too: "all" treats everyone alike.
    log : bool
        Logarithmic axes.
    until : float, optional
        Longest lag that is drawn (ps).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no trajectory, or a species is not there.

    Examples
    --------
    >>> from matlearn.transport import random_walk
    >>> ax = msd_by_species(random_walk(frames=100, ions=10), drift="all")
    >>> len(ax.get_legend().get_texts())
    2
    """
    from matlearn.transport.displacements import mean_squared_displacement

    first = trajectory[0] if isinstance(trajectory, (list, tuple)) else trajectory
    if not hasattr(first, "species"):
        raise TypeError(
            f"trajectory must be a Trajectory or a list of them, got {type(first).__name__}"
        )
    names = list(
        first.species if species is None else [species] if isinstance(species, str) else species
    )
    curves = {name: mean_squared_displacement(trajectory, name, drift=drift) for name in names}
    return msd(curves, log=log, until=until, ax=new_axes(ax))
