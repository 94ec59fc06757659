"""The same measurement many times over: what scatters, what is quoted, and why they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def repeated_estimates(
    estimates: Mapping[str, Sequence[Any]], truth: float, *, ax: Axes | None = None
) -> Axes:
    """Draw D of many runs with their errors beside what is true: how many bars reach it?

    Parameters
    ----------
    estimates : dict of lists of Diffusion
        Results of each method, one a run.
    truth : float
        The diffusion coefficient that they should find (cm2/s).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is nothing to draw, or the truth is not above zero.

    Examples
    --------
    >>> from matlearn.transport import diffusion_coefficient, random_walk
    >>> walks = [random_walk(frames=100, ions=10, seed=seed) for seed in range(3)]
    >>> found = {"gls": [diffusion_coefficient(walk, "Li") for walk in walks]}
    >>> repeated_estimates(found, walks[0].info["diffusion"]).get_ylabel()
    'Estimated over true D'
    """
    if not estimates or not all(len(found) for found in estimates.values()):
        raise ValueError("estimates must hold at least one result for each name, got none")
    if not truth > 0:
        raise ValueError(f"truth must be a diffusion coefficient above 0 cm2/s, got {truth!r}")
    ax = new_axes(ax, size=(9.0, 4.4))
    left, said, ticks = 0, [], []
    for index, (name, results) in enumerate(estimates.items()):
        value = np.array([one.value for one in results]) / truth
        error = np.array([one.error for one in results]) / truth
        order = np.argsort(value)
        value, error = value[order], error[order]
        reached = np.abs(value - 1) <= error
        at = left + np.arange(len(value))
        for chosen, color, marker in ((reached, PALETTE[0], "o"), (~reached, PALETTE[5], "x")):
            ax.errorbar(
                at[chosen], value[chosen], error[chosen], fmt=marker, color=color, markersize=4,
                linewidth=1.2, label={"o": "reaches the truth", "x": "does not"}[marker]
                if index == 0 else None,
            )  # fmt: skip
        share = (
            f"quoted {100 * error.mean():.1f} %, scatter {100 * np.std(value - 1):.1f} %\n"
            f"{reached.sum()} of {len(value)} bars reach the truth"
        )
        ticks.append((at.mean(), f"{name}\n{share}"))
        said.append(f"{name}: " + share.replace("\n", ", "))
        left += len(value) + max(3, len(value) // 10)
    ax.axhline(1.0, color="0.3", linewidth=1.2, zorder=0)
    ax.set_xticks([at for at, _ in ticks], [text for _, text in ticks])
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="x", visible=False)
    ax.set_ylabel("Estimated over true D")
    ax.legend(fontsize=10, loc="upper left")
    describe(ax, "Estimated over true D of many runs, sorted. " + "; ".join(said) + ".")
    return ax


def lag_correlation(
    lags: Sequence[float] | np.ndarray, correlation: np.ndarray, *, ax: Axes | None = None
) -> Axes:
    """Draw how closely mean squared displacements at different lags follow one another.

    Parameters
    ----------
    lags : sequence of float, shape (n,)
        In ps, ascending.
    correlation : array_like, shape (n, n)
        Correlation coefficients between runs, as `numpy.corrcoef` gives them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> lag_correlation([1.0, 2.0], [[1.0, 0.6], [0.6, 1.0]]).get_xlabel()
    'Lag (ps)'
    """
    times, matrix = np.asarray(lags, dtype=float), np.asarray(correlation, dtype=float)
    if times.ndim != 1 or matrix.shape != (len(times), len(times)):
        raise ValueError(
            f"correlation must be a square of as many rows as there are lags, {times.shape}, got "
            f"shape {matrix.shape}"
        )
    ax = new_axes(ax, size=(5.8, 4.8))
    image = ax.imshow(matrix, vmin=0.0, vmax=1.0, origin="lower", cmap="cividis")
    shown = np.unique(np.linspace(0, len(times) - 1, min(7, len(times))).round().astype(int))
    names = [f"{times[k]:.3g}" for k in shown]
    ax.set_xticks(shown, names)
    ax.set_yticks(shown, names)
    ax.grid(visible=False)
    ax.set(xlabel="Lag (ps)", ylabel="Lag (ps)")
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label("Correlation between runs")
    beside = np.diag(matrix, 1)
    describe(
        ax,
        "Correlation of mean squared displacements at different lags, "
        f"{times[0]:.3g} to {times[-1]:.3g} ps. Neighbouring lags: {beside.min(initial=1.0):.2f} "
        f"to {beside.max(initial=0.0):.2f}; the shortest with the longest: {matrix[0, -1]:.2f}.",
    )
    return ax
