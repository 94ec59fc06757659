"""Diffusion as figures: how far atoms have come, and D against how full the lattice is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .labels import as_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_KINDS = {"tracer": "tracer diffusion", "jump": "jump (collective) diffusion"}
_DISPLACEMENTS = {
    "mean_squared_displacement": "of an atom",
    "collective_squared_displacement": "of the sum of all, an atom",
}


def diffusion(
    results: Mapping[float, Any] | pd.DataFrame,
    *,
    exact: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw diffusion coefficients against the fraction of sites that are filled.

    Parameters
    ----------
    results : dict of float to Diffusion, or pandas.DataFrame
        What :meth:`matlearn.lattice.KineticMonteCarlo.diffusion` returned at each filling, or a
        table with ``filling``, ``tracer`` and ``jump`` (cm2/s), and ``tracer_error``,
        ``jump_error`` if known.
    exact : dict of str to callable, optional
        Curves to compare with: D (cm2/s) of an array of fillings, by name; ``"tracer"`` and
        ``"jump"`` are drawn in the colours of what they belong to.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is neither, a column is missing, or there is nothing to draw.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"filling": [0.2, 0.8], "tracer": [7e-6, 1e-6], "jump": [8e-6, 2e-6]})
    >>> diffusion(table, exact={"jump": lambda filling: 1e-5 * (1 - filling)}).get_xlabel()
    'Fraction of sites filled'
    """
    frame = _table(results)
    shown = [kind for kind in _KINDS if kind in frame]
    if not shown:
        raise ValueError(f"results has neither tracer nor jump; it has: {', '.join(frame)}")
    ax = new_axes(ax)
    for index, (name, curve) in enumerate((exact or {}).items()):
        filling = np.linspace(0.0, 1.0, 200)
        color = PALETTE[list(_KINDS).index(name)] if name in _KINDS else "0.4"
        ax.plot(filling, curve(filling), color=color, linewidth=1.5, zorder=1,
                linestyle=("-", "--", ":", "-.")[index % 4],
                label=f"{name}, exact" if name in _KINDS else name)  # fmt: skip
    said = []
    for index, kind in enumerate(shown):
        error = f"{kind}_error"
        ax.errorbar(
            frame["filling"], frame[kind], yerr=frame.get(error),
            linestyle="none", marker=MARKERS[index], color=PALETTE[index], capsize=3,
            markersize=(7, 10)[index], markerfacecolor=(PALETTE[0], "none")[index],
            markeredgewidth=1.8, label=_KINDS[kind],
        )  # fmt: skip
        ends = frame[kind].iloc[[0, -1]]
        said.append(f"{_KINDS[kind]} from {ends.iloc[0]:.3g} to {ends.iloc[-1]:.3g} cm2/s")
    ax.set(xlabel="Fraction of sites filled", ylabel="Diffusion coefficient (cm²/s)", xlim=(0, 1))
    ax.set_ylim(bottom=0)
    ax.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=True)
    ax.set_title(title or "", loc="right")
    ax.legend()
    span = f"{frame['filling'].iloc[0]:.3g} to {frame['filling'].iloc[-1]:.3g}"
    describe(ax, f"Diffusion against filling, {span}: {'; '.join(said)}.")
    return ax


def _table(results: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(results, Mapping):
        names = [name for kind in _KINDS for name in (kind, f"{kind}_error")]
        try:
            rows = [
                {"filling": float(filling), **{name: getattr(one, name) for name in names}}
                for filling, one in results.items()
            ]
        except (AttributeError, TypeError, ValueError) as error:
            raise TypeError(
                f"results must be a dict of fillings to diffusion results: {error}"
            ) from None
        results = pd.DataFrame(rows, columns=["filling", *names])
    return as_frame(results, "results", ["filling"]).sort_values("filling")


def displacements(frame: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw squared displacements of a kinetic run against its time.

    Parameters
    ----------
    frame : pandas.DataFrame
        What ``run`` of a :class:`matlearn.lattice.KineticMonteCarlo` returns: ``time`` (s) and
        ``mean_squared_displacement`` and ``collective_squared_displacement`` (Å²).
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        The collective line is one walk only and as ragged as one: its D comes from many blocks.

    Raises
    ------
    TypeError, ValueError
        If it is no frame, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> run = pd.DataFrame({"time": [1e-6, 2e-6], "mean_squared_displacement": [3.0, 6.0],
    ...                     "collective_squared_displacement": [2.0, 9.0]})
    >>> displacements(run).get_xlabel()
    'Time (µs)'
    """
    frame = as_frame(frame, "frame", ["time", *_DISPLACEMENTS])
    ax = new_axes(ax)
    name, factor = _time_unit(float(frame["time"].max()))
    for index, (column, label) in enumerate(_DISPLACEMENTS.items()):
        ax.plot(frame["time"] * factor, frame[column], color=PALETTE[index], label=label,
                linewidth=2.2 if index == 0 else 1.2)  # fmt: skip
    ax.set(xlabel=f"Time ({name})", ylabel="Squared displacement (Å²)")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_title(title or "")
    ax.legend()
    last = frame.iloc[-1]
    describe(
        ax, f"Squared displacements against time; after {last['time'] * factor:.3g} {name} "
        f"{last['mean_squared_displacement']:.3g} Å² an atom."
    )  # fmt: skip
    return ax


def _time_unit(longest: float) -> tuple[str, float]:
    """A unit in which the longest time has one to four digits, and seconds in it."""
    units = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9, "ps": 1e12}
    for name, factor in units.items():
        if longest * factor >= 1.0:
            return name, factor
    return "ps", 1e12
