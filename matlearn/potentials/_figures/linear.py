"""Grades of models linear in their parameters: on a line, and in a plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.potentials._active.maxvol import MaxVol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_LEVELS = (1.0, 2.0, 4.0, 8.0)


def grade_on_a_line(
    x: Any,
    truth: Any,
    prediction: Any,
    grades: Any,
    *,
    train: Any,
    active: Any = (),
    xlabel: str = "x",
    ylabel: str = "y",
    ax: Axes | None = None,
) -> Axes:
    """Draw a curve, what a model makes of it, and under both where the grade is above 1.

    Parameters
    ----------
    x, truth, prediction, grades : array_like, shape (n,)
        Where, the true curve, the model's, and its extrapolation grade.
    train : array_like, shape (m, 2)
        Points (x, y) that the model was fitted to.
    active : sequence of int
        Which of these are in the active set.
    xlabel, ylabel : str
        What the axes are, with units.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        The grade is drawn against an axis of its own, at the right.

    Examples
    --------
    >>> x = np.linspace(0, 2, 5)
    >>> ax = grade_on_a_line(x, x**2, 2 * x - 1, [2, 1, 0.5, 1, 2], train=[[0.5, 0.25], [1.5, 2.25]])
    >>> ax.get_legend().get_texts()[0].get_text()
    'truth'
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    x, truth, prediction, grades, train = (
        np.asarray(one, dtype=float) for one in (x, truth, prediction, grades, train)
    )
    ax = new_axes(ax, size=(7.6, 4.6))
    ax.plot(x, truth, color="0.3", linestyle="--", label="truth")
    ax.plot(x, prediction, color=PALETTE[0], label="model")
    ax.scatter(
        train[:, 0],
        train[:, 1],
        s=36,
        color=PALETTE[0],
        edgecolor="white",
        zorder=3,
        label="training set",
    )
    chosen = train[list(active)] if len(active) else np.empty((0, 2))
    ax.scatter(chosen[:, 0], chosen[:, 1], s=150, facecolor="none", edgecolor=PALETTE[5], linewidth=2, zorder=4,
               label="active set")  # fmt: skip
    low, high = (
        np.concatenate([truth, train[:, 1]]).min(),
        np.concatenate([truth, train[:, 1]]).max(),
    )
    pad = 0.35 * (high - low) or 1.0
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(low - pad, high + pad), xlim=(x.min(), x.max()))
    inside = grades <= 1.001
    right = ax.twinx()  # lies below, and the shade below its line
    right.fill_between(x, 0, 1, where=inside.tolist(), transform=right.get_xaxis_transform(),
                    color="0.9", zorder=0)  # fmt: skip
    right.plot(x, grades, color=PALETTE[1], linestyle="-.")
    right.set_yscale("log")
    right.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    right.yaxis.set_minor_locator(NullLocator())
    right.set_ylabel("Extrapolation grade (dash-dotted)")
    right.grid(visible=False)
    right.spines["right"].set_visible(True)
    ax.fill([], [], color="0.9", label="grade up to 1")
    ax.plot([], [], color=PALETTE[1], linestyle="-.", label="grade (right)")
    ax.legend(fontsize=10, loc="upper center", ncols=2)
    ax.set_zorder(right.get_zorder() + 1)
    ax.patch.set_visible(False)
    error = np.abs(prediction - truth)
    outside = f"{error[~inside].max():.2g}" if (~inside).any() else "none"
    within = f"{error[inside].max():.2g}" if inside.any() else "none"
    describe(ax, f"A curve and a model of it. Largest error where the grade is at most 1: {within}; "
                 f"elsewhere: {outside}. The grade reaches {grades.max():.2g}.")  # fmt: skip
    return ax


def simplex(
    points: Any,
    *,
    features: Callable[[Floats], Floats] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw points of a plane, their hull, the simplex of the active set, and grades around.

    Parameters
    ----------
    points : array_like, shape (n, 2)
        The training set, three points or more.
    features : callable, optional
        Gives the rows (m, n_parameters) of points (m, 2); where it is left out the model is
        linear, with the rows (1, x, y).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> ax = simplex(np.random.default_rng(1).normal(size=(30, 2)))
    >>> ax.get_legend().get_texts()[0].get_text()
    'training set'
    """
    from scipy.spatial import ConvexHull

    given = np.asarray(points, dtype=float)
    if given.ndim != 2 or given.shape[1] != 2 or len(given) < 3:
        raise ValueError(f"points must have shape (n, 2) with n of 3 or more, got {given.shape}")
    rows = features or (lambda xy: np.column_stack([np.ones(len(xy)), xy]))
    model = MaxVol(rows(given))
    ax = new_axes(ax, size=(6.4, 5.4))
    low, high = given.min(axis=0), given.max(axis=0)
    edge = 0.9 * (high - low)
    x, y = (np.linspace(low[k] - edge[k], high[k] + edge[k], 160) for k in (0, 1))
    plane = np.column_stack([one.ravel() for one in np.meshgrid(x, y)])
    grade = model.grades(rows(plane)).reshape(len(y), len(x))
    ax.contourf(x, y, grade, levels=[0, 1], colors=["0.9"], zorder=0)
    lines = ax.contour(x, y, grade, levels=_LEVELS, colors="0.45", linewidths=1.0, zorder=1)
    ax.clabel(lines, fmt=lambda level: f"{level:.3g}", fontsize=10)
    ax.scatter(given[:, 0], given[:, 1], s=28, color=PALETTE[0], edgecolor="white", linewidth=0.5, zorder=3,
               label="training set")  # fmt: skip
    corners = given[ConvexHull(given).vertices]
    ax.plot(*np.vstack([corners, corners[:1]]).T, color=PALETTE[0], linewidth=1.5, zorder=2,
            label="its convex hull")  # fmt: skip
    active = given[model.indices]
    if len(active) == 3:
        ax.plot(*np.vstack([active, active[:1]]).T, color=PALETTE[5], linestyle="--", zorder=2,
                label="the active set's simplex")  # fmt: skip
    ax.scatter(active[:, 0], active[:, 1], s=150, facecolor="none", edgecolor=PALETTE[5], linewidth=2, zorder=4,
               label="active set")  # fmt: skip
    ax.fill([], [], color="0.9", label="grade up to 1")
    ax.set(xlabel="First descriptor", ylabel="Second descriptor")
    ax.legend(fontsize=10, loc="upper left")
    describe(ax, f"{len(given)} points, their convex hull, an active set of {len(active)}, and "
                 "contours of the grade; the hull lies within the contour of grade 1.")  # fmt: skip
    return ax
