"""Figures of features: which say the same, which go with the target, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.regression._features.magpie import readable
from matlearn.regression._figures.data import quantity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.regression.tasks import Task

_MOST_NAMES = 40
_MANY_POINTS = 1500
_FEW_IN_A_SHARE = 8


def feature_correlation(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how features go with each other, Spearman's coefficients, like beside like.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a sample, a column a feature. Up to 40 are named.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column does not vary, or has missing values (`features.check`), or there are fewer than
        two columns.

    Examples
    --------
    >>> from matlearn.regression import features
    >>> table = features.magpie(["NaCl", "MgO", "LiF", "CsI"])
    >>> ax = feature_correlation(table[["MagpieData mean Number", "MagpieData mean AtomicWeight"]])
    >>> ax.get_yticklabels()[0].get_text()
    'atomic number'
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    from matlearn.regression.features import check

    check(frame)
    if frame.shape[1] < 2:
        raise ValueError(f"frame must have two columns at least, got {frame.shape[1]}")
    matrix = frame.corr(method="spearman").to_numpy()
    apart = 1.0 - np.abs(matrix)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average", optimal_ordering=True)
    order = leaves_list(tree)
    names = _without_common([readable(str(name)) for name in frame.columns[order]])
    ax = new_axes(ax, size=(8.6, 7.0))
    image = ax.imshow(matrix[np.ix_(order, order)], cmap="PuOr", vmin=-1, vmax=1)
    if len(names) <= _MOST_NAMES:
        ax.set_xticks(range(len(names)), names, rotation=90, fontsize=10)
        ax.set_yticks(range(len(names)), names, fontsize=10)
    ax.grid(False)
    ax.figure.colorbar(image, ax=ax, label="Spearman's correlation", shrink=0.8)
    upper = np.abs(matrix[np.triu_indices(len(matrix), 1)])
    first, second = np.unravel_index(np.argmin(apart + 2 * np.eye(len(apart))), apart.shape)
    pair = [readable(str(frame.columns[i])) for i in (first, second)]
    describe(ax, f"Correlation of {len(names)} features with each other: {(upper > 0.8).sum()} of "
                 f"{len(upper)} pairs above 0.8 in size; closest are {pair[0]} and {pair[1]} "
                 f"({matrix[first, second]:.2f}).")  # fmt: skip
    return ax


def feature_ranking(
    found: pd.DataFrame, *, count: int = 10, chance: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the features that go best with a target, each by itself.

    Parameters
    ----------
    found : pandas.DataFrame
        What `features.correlations` returns.
    count : int
        How many to show, the best first.
    chance : float, optional
        What features without any meaning reach: drawn as a band.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the frame has no column ``spearman``, or `count` is below 1.

    Examples
    --------
    >>> from matlearn.regression import features
    >>> table = features.magpie(["NaCl", "MgO", "LiF", "CsI"])
    >>> found = features.correlations(table, [5.64, 4.21, 4.03, 4.57])  # lattice constants, A
    >>> feature_ranking(found, count=3).get_xlabel()
    "Spearman's correlation with the target"
    """
    if "spearman" not in found:
        raise ValueError(
            f"found must come from features.correlations, got columns {list(found.columns)}"
        )
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    shown = found["spearman"].dropna().head(count)
    ax = new_axes(ax, size=(7.6, 0.9 + 0.34 * len(shown)))
    colors = [PALETTE[0] if value > 0 else PALETTE[5] for value in shown]
    bars = ax.barh(range(len(shown)), shown, color=colors, height=0.7)
    for bar, value in zip(bars, shown, strict=True):
        bar.set_hatch("" if value > 0 else "//")
        bar.set_edgecolor("white")
    ax.set_yticks(range(len(shown)), [readable(str(name)) for name in shown.index], fontsize=11)
    ax.invert_yaxis()
    said = ""
    if chance is not None:
        ax.axvspan(-chance, chance, color="0.85", linewidth=0, zorder=0, label="nonsense reaches")
        ax.legend(loc="lower right" if shown.iloc[-1] < 0 else "lower left")
        said = f" Features without meaning reach {chance:.2f}."
    ax.axvline(0, color="0.3", linewidth=1)
    ax.set(xlim=(-1, 1), xlabel="Spearman's correlation with the target")
    ax.grid(axis="y", visible=False)
    text = ", ".join(f"{readable(str(name))} {value:.2f}" for name, value in shown.head(3).items())
    describe(ax, f"The {len(shown)} features that go best with the target: {text}.{said}")
    return ax


def feature_against_target(
    task: Task, values: pd.Series, *, bins: int = 12, ax: Axes | None = None
) -> Axes:
    """Draw a target against one feature, with the median and the middle half of equal shares.

    Parameters
    ----------
    task : Task
        A regression.
    values : pandas.Series, shape (n,)
        A column of the task's features.
    bins : int
        Into how many shares of equally many samples the feature is cut, at most; equal values stay
        together, and a share holds eight. With fewer than 24 samples only these are drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the task is a classification, the lengths differ, or values are missing or all equal.

    Examples
    --------
    >>> from matlearn.regression import Task, features
    >>> task = Task(name="a", kind="regression", label="lattice constant", unit="Å", ids=list("abc"),
    ...             formulas=["NaCl", "MgO", "LiF"], target=np.array([5.64, 4.21, 4.03]))
    >>> column = features.magpie(task.formulas)["MagpieData mean CovalentRadius"]
    >>> feature_against_target(task, column).get_xlabel()
    'Mean of covalent radius (pm)'
    """
    import pandas as pd

    if task.kind != "regression":
        raise ValueError(f"task must be a regression, got {task.name}, a {task.kind}")
    x, y = np.asarray(values, dtype=float).ravel(), np.asarray(task.target, dtype=float)
    if len(x) != len(y):
        raise ValueError(f"values must have one entry for each of {len(y)} samples, got {len(x)}")
    if not np.isfinite(x).all() or np.ptp(x) == 0:
        raise ValueError("values must be finite and not all equal")
    name = readable(str(getattr(values, "name", None) or "feature"))
    name = name[:1].upper() + name[1:]
    ax = new_axes(ax, size=(6.6, 4.4))
    if len(x) > _MANY_POINTS:
        dots: Any = ax.hexbin(x, y, gridsize=45, bins="log", cmap="Greys", mincnt=1, linewidths=0.1)
        ax.figure.colorbar(dots, ax=ax, label="Samples")
    else:
        few = len(x) < _FEW_IN_A_SHARE * 3
        ax.scatter(x, y, s=36 if few else 14, color=PALETTE[0] if few else "0.55", linewidth=0)
    ax.set(xlabel=name, ylabel=quantity(task))
    said = f"{quantity(task)} against {name}, {len(x)} samples."
    bins = min(bins, len(x) // _FEW_IN_A_SHARE)
    if bins < 3:
        slope = "rises" if np.corrcoef(x, y)[0, 1] > 0 else "falls"
        describe(ax, f"{said} On the whole it {slope}.")
        return ax
    share = pd.qcut(x, bins, labels=False, duplicates="drop")
    groups = pd.DataFrame({"x": x, "y": y}).groupby(share)
    middle, centre = groups["x"].median(), groups["y"].median()
    low, high = groups["y"].quantile(0.25), groups["y"].quantile(0.75)
    ax.fill_between(middle, low, high, color=PALETTE[1], alpha=0.45, linewidth=0,
                    label="middle half")  # fmt: skip
    ax.plot(middle, centre, "o-", color=PALETTE[5], label="median")
    ax.legend()
    describe(ax, f"{said} The median goes from {centre.iloc[0]:.3g} at {middle.iloc[0]:.3g} to "
                 f"{centre.iloc[-1]:.3g} at {middle.iloc[-1]:.3g}; the middle half of the samples is "
                 f"{(high - low).median():.2g} wide.")  # fmt: skip
    return ax


def _without_common(names: list[str]) -> list[str]:
    """Leave out "mean of" and the like where all names begin with it."""
    heads = {name.partition(" of ")[0] for name in names if " of " in name}
    if len(heads) == 1 and all(" of " in name for name in names):
        return [name.partition(" of ")[2] for name in names]
    return names
