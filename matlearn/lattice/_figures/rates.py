"""How long configurations last, and how diffusion depends on the temperature, as figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .labels import as_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def waiting_times(frame: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what share of the waits before a hop is longer than a time, beside the exact line.

    Each wait is divided by the mean that its configuration has, 1 / (sum of its rates). All of them
    then follow one law: the share that is longer than t such means is exp(-t).

    Parameters
    ----------
    frame : pandas.DataFrame
        What ``run(hops, record_every=1)`` of a :class:`matlearn.lattice.KineticMonteCarlo` returns:
        ``hops``, ``time`` and ``residence`` (s) after each hop.
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
        If it is no frame, a column is missing, or not every hop was recorded.

    Examples
    --------
    >>> import pandas as pd
    >>> run = pd.DataFrame({"hops": [1, 2, 3], "time": [1e-6, 3e-6, 4e-6], "residence": 1e-6})
    >>> waiting_times(run).get_yscale()
    'log'
    """
    frame = as_frame(frame, "frame", ["hops", "time", "residence"])
    if len(frame) < 2 or not (np.diff(frame["hops"]) == 1).all():
        raise ValueError("frame must have a row for each hop: run(hops, record_every=1)")
    waits = np.sort(np.diff(frame["time"]) / frame["residence"].to_numpy()[:-1])
    share = 1.0 - np.arange(len(waits)) / len(waits)
    ax = new_axes(ax)
    ax.step(waits, share, where="post", color=PALETTE[0], linewidth=2.2, label="simulated")
    line = np.array([0.0, waits[-1]])
    ax.plot(line, np.exp(-line), color="0.2", linestyle="--", linewidth=1.2, label="exponential")
    ax.set(
        xlabel="Wait (in means, 1 / sum of rates)", ylabel="Share of longer waits", yscale="log",
        xlim=(0, None), ylim=(0.5 / len(waits), 1.5),
    )  # fmt: skip
    ax.set_title(title or "")
    ax.legend()
    describe(
        ax, f"Share of {len(waits)} waits that are longer than a time, on a logarithmic axis, beside "
        f"a straight line; the mean is {waits.mean():.3f} of the expected one."
    )  # fmt: skip
    return ax


def arrhenius(
    results: Mapping[str, Iterable[Any]],
    *,
    kind: str = "tracer",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw diffusion coefficients on a logarithmic axis against the inverse temperature.

    Parameters
    ----------
    results : dict of str to iterable of Diffusion
        By name, what :meth:`matlearn.lattice.KineticMonteCarlo.diffusion` returned at several
        temperatures.
    kind : {"tracer", "jump"}
        Which coefficient.
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
        If it is no such dict, or there is nothing to draw.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.lattice import KineticMonteCarlo
    >>> gas = bulk("Li", "sc", a=3.0).repeat(4)
    >>> gas.symbols[::2] = "X"
    >>> simulation = KineticMonteCarlo(0.3, gas, temperature=300.0, attempt_frequency=1e13)
    >>> arrhenius({"a gas": [simulation.diffusion(1000)]}).get_xlabel()
    '1000 K / temperature'
    """
    if kind not in ("tracer", "jump"):
        raise ValueError(f"kind must be 'tracer' or 'jump', got {kind!r}")
    if not isinstance(results, Mapping):
        raise TypeError(f"results must be a dict of names to results, got {type(results).__name__}")
    lines = {
        name: sorted(found, key=lambda one: -one.temperature) for name, found in results.items()
    }
    if not any(lines.values()):
        raise ValueError("results holds no diffusion coefficients")
    ax, said = new_axes(ax), []
    for index, (name, found) in enumerate(lines.items()):
        values = [getattr(one, kind) for one in found]
        ax.errorbar(
            [1000.0 / one.temperature for one in found], values,
            yerr=[getattr(one, f"{kind}_error") for one in found], label=name, linewidth=1.2,
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)], capsize=3,
        )  # fmt: skip
        said.append(
            f"{name}, {values[0]:.2g} cm2/s at {found[0].temperature:g} K to {values[-1]:.2g} at "
            f"{found[-1].temperature:g} K"
        )
    ax.set_yscale("log")
    word = {"tracer": "Tracer", "jump": "Jump"}[kind]
    ax.set(xlabel="1000 K / temperature", ylabel=f"{word} diffusion coefficient (cm²/s)")
    ax.set_title(title or "")
    ax.legend()
    describe(ax, f"{word} diffusion against inverse temperature: {'; '.join(said)}.")
    return ax
