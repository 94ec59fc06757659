"""How long ions stayed at their sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import with_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def stays(hops: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of stays that lasted longer than a time, beside that of a constant rate.

    Parameters
    ----------
    hops : HopStatistics
        From :func:`matlearn.transport.hop_statistics`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If no stay was seen from beginning to end.

    Examples
    --------
    >>> from matlearn.transport import hop_statistics, random_walk
    >>> grid = 2.5 * np.stack(np.meshgrid(*[np.arange(10)] * 3), axis=-1).reshape(-1, 3)
    >>> hops = hop_statistics(random_walk(frames=200, ions=10, seed=1), "Li", grid)
    >>> stays(hops).get_ylabel()
    'Stays longer than t'
    """
    complete = np.sort(hops.events["stay"].dropna().to_numpy(dtype=float))
    if len(complete) == 0:
        raise ValueError("no stay was seen from its beginning to its end: run longer")
    share = 1 - np.arange(len(complete)) / len(complete)
    ax = new_axes(ax)
    ax.step(
        complete, share, color=PALETTE[0], where="post", label=f"{hops.species}, {hops.hops} hops"
    )
    times = np.linspace(0, complete[-1], 200)
    mean = with_error(hops.residence_time, hops.residence_time * hops.rate_error / hops.rate)
    ax.plot(
        times, np.exp(-times * hops.rate), color=PALETTE[1], linestyle="--",
        label=f"constant rate, {mean} ps between hops",
    )  # fmt: skip
    ax.set(xlabel="Time t (ps)", ylabel="Stays longer than t", yscale="log")
    ax.set_ylim(0.5 / len(complete), 1.3)
    ax.legend()
    describe(
        ax, f"Share of stays of {hops.species} that last longer than a time, on a logarithmic axis, "
        f"beside a constant rate of one hop in {mean} ps; the longest stay lasted {complete[-1]:.3g} ps."
    )  # fmt: skip
    return ax
