"""Benchmark results as figures: parity, and fold by fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn import plotting
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes
from matlearn.regression._benchmark.metrics import LABELS, METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MANY = 3000  # above this many points their density is drawn


def parity(result: Any, *, ax: Axes | None = None) -> Axes:
    """Draw predicted against true values of all test folds together.

    Points are coloured by fold; above 3,000 of them their density is drawn instead. The errors in
    the legend are means over the folds, with their spread.

    Parameters
    ----------
    result : MatbenchResult
        Of a regression.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If it is no result.
    ValueError
        If it is one of a classification.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from matlearn.regression.benchmark import run_matbench
    >>> from matlearn.regression.tasks import Task
    >>> x = np.linspace(0, 1, 20)
    >>> task = Task(name="line", kind="regression", label="length", unit="m",
    ...             ids=[str(i) for i in range(20)], formulas=["Cu"] * 20, target=3 * x)
    >>> result = run_matbench(task, "ols", features=pd.DataFrame({"x": x}), progress=False)
    >>> parity(result).get_xlabel()
    'Reference length (m)'
    """
    from matplotlib.lines import Line2D

    frame = _checked(result).predictions
    if result.kind != "regression":
        raise ValueError(
            f"{result.task} is a classification: roc, confusion and reliability draw those"
        )
    x = frame["target"].to_numpy(dtype=float)
    y = frame["prediction"].to_numpy(dtype=float)
    ax = plotting.parity(x, y, label=result.label, unit=result.unit, ax=ax)
    points, limits = ax.collections[-1], ax.get_xlim()
    if len(x) > _MANY:
        points.remove()
        cells = ax.hexbin(x, y, gridsize=70, bins="log", mincnt=1, cmap="viridis_r",
                          extent=(*limits, *limits), linewidths=0.1)  # fmt: skip
        figure: Any = ax.figure
        figure.colorbar(cells, ax=ax, label="Samples in a cell", shrink=0.8)
    else:
        numbers = frame["fold"].to_numpy(dtype=int)
        points.set_facecolor([PALETTE[number % len(PALETTE)] for number in numbers])
    mean, std = result.mean, result.std
    text = (
        f"MAE {mean['mae']:.3g} ± {std['mae']:.2g}, RMSE {mean['rmse']:.3g} {result.unit}\n"
        f"R² {mean['r2']:.3f}, {len(x):,} samples in {len(result.folds)} folds"
    )
    bare = Line2D([], [], linestyle="none")
    ax.legend([bare], [text], loc="upper left", handlelength=0, handletextpad=0).set_in_layout(
        False
    )
    describe(
        ax, f"Predicted against true {result.label} by {result.name}, {result.task}: "
        f"{text.replace(chr(10), ', ')}."
    )  # fmt: skip
    return ax


def fold_scores(
    results: Any,
    *,
    metric: str | None = None,
    references: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw results side by side: a point a fold, their mean and spread, the leaderboard's as lines.

    Two models whose points mix are not told apart by their means; the folds are the same for all,
    and a marker stands for the same fold in each row.

    Parameters
    ----------
    results : MatbenchResult, sequence of them, or dict of str to them
        Of one task; a dict gives them names.
    metric : str, optional
        A column of the results' ``folds``; the one that the leaderboard ranks by if left out.
    references : sequence of str, optional
        Algorithms of the leaderboard that are drawn as lines. By default its dummy, its random
        forest and its best where all results are official ones, otherwise none: errors on other
        samples do not compare.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there are no results, they are of several tasks, the metric is none of theirs or the
        leaderboard has no such algorithm.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from matlearn.regression.benchmark import run_matbench
    >>> from matlearn.regression.tasks import Task
    >>> x = np.linspace(0, 1, 20)
    >>> task = Task(name="line", kind="regression", label="length", unit="m",
    ...             ids=[str(i) for i in range(20)], formulas=["Cu"] * 20, target=3 * x)
    >>> results = {name: run_matbench(task, name, features=pd.DataFrame({"x": x}), progress=False)
    ...            for name in ("dummy", "ols")}
    >>> ax = fold_scores(results)
    >>> [label.get_text().split("\\n")[0] for label in ax.get_yticklabels()]
    ['dummy', 'ols']
    """
    shown = by_name(results)
    first = next(iter(shown.values()))
    metric = metric or first.metric
    if metric not in METRICS[first.kind]:
        raise ValueError(
            f"metric must be one of {', '.join(METRICS[first.kind])} for a {first.kind}, "
            f"got {metric!r}"
        )
    ax = new_axes(ax, size=(7.6, 1.6 + 0.75 * len(shown)))
    labels, texts = [], []
    for row, (name, result) in enumerate(shown.items()):
        values, color = result.folds[metric].to_numpy(dtype=float), PALETTE[row % len(PALETTE)]
        mean, std = float(values.mean()), float(values.std())
        ax.barh(row, 2 * std, left=mean - std, height=0.56, color=color, alpha=0.25, linewidth=0)
        ax.vlines(mean, row - 0.34, row + 0.34, color=color, linewidth=3)
        shift = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [0.0]
        for fold, (value, up) in enumerate(zip(values, shift, strict=True)):
            ax.plot(value, row + up, MARKERS[fold % len(MARKERS)], color=color, markersize=7,
                    markeredgecolor="white")  # fmt: skip
        labels.append(f"{name}\n{mean:.4g} ± {std:.2g}")
        texts.append(f"{name} {mean:.4g} ± {std:.2g}")
    for name, value in _references(shown, metric, references).items():
        ax.axvline(value, color="0.45", linewidth=1.2, linestyle="--", zorder=0)
        ax.annotate(f"{name}\n{value:.4g}", (value, 1.0), xycoords=("data", "axes fraction"),
                    xytext=(0, 3), textcoords="offset points", ha="center", fontsize=10,
                    color="0.3")  # fmt: skip
        texts.append(f"leaderboard's {name} {value:.4g}")
    unit = f" ({first.unit})" if metric in ("mae", "rmse") and first.unit else ""
    ax.set_yticks(range(len(shown)), labels)
    ax.set(xlabel=LABELS[metric].capitalize() + unit, ylim=(len(shown) - 0.5, -0.5))
    ax.grid(axis="y", visible=False)
    describe(
        ax, f"{LABELS[metric].capitalize()}{unit} on {first.task}, "
        f"mean ± spread over {len(first.folds)} folds: {'; '.join(texts)}."
    )  # fmt: skip
    return ax


def by_name(results: Any) -> dict[str, Any]:
    """Give one or several results of one task by name."""
    if isinstance(results, Mapping):
        shown = {str(name): _checked(result) for name, result in results.items()}
    else:
        several = results if isinstance(results, (list, tuple)) else [results]
        shown = {}
        for result in several:
            name = _checked(result).name
            shown[name if name not in shown else f"{name}, {len(shown) + 1}"] = result
    if not shown:
        raise ValueError("results is empty")
    tasks = list(dict.fromkeys(result.task for result in shown.values()))
    if len(tasks) > 1:
        raise ValueError(
            f"results must be of one task, got {', '.join(tasks)}: draw each by itself"
        )
    return shown


def _checked(result: Any) -> Any:
    for name in ("predictions", "folds", "kind", "task"):
        if not hasattr(result, name):
            raise TypeError(
                f"result must be a MatbenchResult, as run_matbench returns, got "
                f"{type(result).__name__}"
            )
    return result


def _references(
    shown: Mapping[str, Any], metric: str, wish: Sequence[str] | None
) -> dict[str, float]:
    from matlearn.regression.benchmark import leaderboard

    first = next(iter(shown.values()))
    if wish is None and not (metric == first.metric and all(r.official for r in shown.values())):
        return {}
    if wish is not None and (not len(wish) or metric != first.metric):
        return {}
    published = leaderboard(first.task)["mean"]
    if wish is None:
        best = published.idxmin() if metric in ("mae", "rmse") else published.idxmax()
        wish = dict.fromkeys(n for n in ("Dummy", "RF-SCM/Magpie", best) if n in published)  # type: ignore[assignment]
    unknown = [name for name in wish or () if name not in published]
    if unknown:
        raise ValueError(
            f"the leaderboard of {first.task} has no {unknown[0]!r}; it has: "
            f"{', '.join(map(str, published.index)) or 'nothing'}"
        )
    return {name: float(published[name]) for name in wish or ()}
