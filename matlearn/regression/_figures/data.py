"""Figures of data before any model: how targets are spread, which elements, what is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression.tasks import Task


def quantity(task: Task) -> str:
    """Name of a task's property with its unit, as an axis shows it."""
    name = task.label[:1].upper() + task.label[1:]
    return f"{name} ({task.unit})" if task.unit else name


def distribution(task: Task, *, bins: int = 50, ax: Axes | None = None) -> Axes:
    """Draw how the targets of a task are spread; a value that many samples share is named.

    Parameters
    ----------
    task : Task
        Of either kind: of a classification the two classes are counted.
    bins : int
        Number of bars over the whole range.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matlearn.regression.tasks import Task
    >>> gaps = Task(name="gaps", kind="regression", label="gap", unit="eV", ids=list("abcd"),
    ...             formulas=["Cu", "Ag", "Si", "C"], target=np.array([0, 0, 1.1, 5.5]))
    >>> distribution(gaps).get_xlabel()
    'Gap (eV)'
    """
    ax = new_axes(ax)
    if task.kind == "classification":
        sizes = [int(np.count_nonzero(~task.target)), int(np.count_nonzero(task.target))]
        ax.bar(["no", "yes"], sizes, color=[PALETTE[0], PALETTE[1]])
        for place, size in enumerate(sizes):
            ax.annotate(f"{size:,}", (place, size), ha="center", va="bottom")
        ax.set(xlabel=quantity(task), ylabel="Samples")
        describe(ax, f"{task.name}: {sizes[1]} of {len(task)} samples are yes.")
        return ax
    ax.hist(task.target, bins=bins, color=PALETTE[0], edgecolor="white", linewidth=0.3)
    mean = float(np.mean(task.target))
    low, high = (float(edge) for edge in np.percentile(task.target, [5, 95]))
    ax.axvline(mean, color=PALETTE[5], linestyle="--", label=f"mean {mean:.3g}")
    ax.axvspan(low, high, color=PALETTE[1], alpha=0.15, linewidth=0,
               label=f"5 to 95 %: {low:.3g} to {high:.3g}")  # fmt: skip
    values, counts = np.unique(task.target, return_counts=True)
    common, share = values[np.argmax(counts)], counts.max() / len(task)
    said = ""
    if share > 0.05 and len(task) > 20:
        said = f"; {100 * share:.0f} % are exactly {common:.3g}"
        ax.plot([], [], " ", label=said[2:])
        ax.set_yscale("log")
    low_end, high_end = ax.get_ylim()
    ax.set_ylim(low_end, 30 * high_end if said else 1.35 * high_end)  # room for the legend
    ax.set(xlabel=quantity(task), ylabel=f"Samples of {len(task):,}")
    ax.legend(loc="upper right")
    describe(
        ax, f"{task.name}: {len(task)} targets from {task.target.min():.3g} to "
        f"{task.target.max():.3g} {task.unit}, mean {mean:.3g}, nine tenths from {low:.3g} to "
        f"{high:.3g}{said}.",
    )  # fmt: skip
    return ax


def in_order(task: Task, *, ax: Axes | None = None) -> Axes:
    """Draw the targets in the order of the file: does the row number know the answer?

    Parameters
    ----------
    task : Task
        Any.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    from scipy.stats import spearmanr

    target = task.target.astype(float)
    rows = np.arange(1, len(task) + 1)
    rank = float(spearmanr(rows, target).statistic) if len(np.unique(target)) > 1 else 0.0
    ax = new_axes(ax)
    ax.plot(rows, target, ".", markersize=3, color=PALETTE[0], alpha=0.5, rasterized=True)
    ax.plot([], [], " ", label=f"rank correlation {rank:+.2f}")
    ax.set(xlabel="Row of the file", ylabel=quantity(task))
    ax.legend(handlelength=0, loc="best")
    describe(ax, f"{task.name}: target against row number, rank correlation {rank:+.3f}.")
    return ax


def repeated_formulas(task: Task, count: int = 12, *, ax: Axes | None = None) -> Axes:
    """Draw the formulas whose targets lie furthest apart, with each of their samples.

    Parameters
    ----------
    task : Task
        A regression. Where no formula occurs twice, the figure says so.
    count : int
        How many formulas to show.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the task is a classification.
    """
    from matlearn.regression.diagnostics import formula_groups

    if task.kind != "regression":
        raise ValueError(f"task must be a regression, {task.name} is a classification")
    groups = formula_groups(task.formulas)
    first = dict(zip(groups[::-1], range(len(groups) - 1, -1, -1), strict=True))
    targets = {int(group): task.target[groups == group] for group in _widest(groups, task, count)}
    ax = new_axes(ax, size=(7.0, 1.2 + 0.32 * len(targets)))
    if not targets:
        ax.text(0.5, 0.5, "no formula has two targets", ha="center", transform=ax.transAxes)
    names = []
    for place, (group, values) in enumerate(targets.items()):
        ax.plot([values.min(), values.max()], [place, place], color="0.75", zorder=1)
        ax.plot(values, np.full(len(values), place), MARKERS[0], markersize=6, alpha=0.6,
                color=PALETTE[0], markeredgecolor="white")  # fmt: skip
        names.append(f"{_reduced(task.formulas[first[group]])}, {len(values)}")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel=quantity(task), ylim=(max(len(names), 1) - 0.5, -0.5))
    ax.grid(axis="y", visible=False)
    rows = "; ".join(
        f"{name} samples from {v.min():.3g} to {v.max():.3g}"
        for name, v in zip(names[:3], targets.values(), strict=False)
    )
    describe(ax, f"{task.name}: formulas with the widest targets ({task.unit}): {rows or 'none'}.")
    return ax


def _widest(groups: np.ndarray, task: Task, count: int) -> list[int]:
    """Numbers of the groups with the widest targets, the widest first."""
    low = np.full(groups.max() + 1, np.inf)
    high = -low
    np.minimum.at(low, groups, task.target)
    np.maximum.at(high, groups, task.target)
    order = np.argsort(low - high, kind="stable")
    return [int(group) for group in order[:count] if high[group] > low[group]]


def _reduced(formula: str) -> str:
    from matlearn.regression._tasks.duplicates import reduced

    return reduced(formula)


def same_formulas(task: Task, other: Task, *, ax: Axes | None = None) -> Axes:
    """Draw one task against another for the formulas that both hold.

    Where a formula occurs more than once, its point is the median, and a line spans its targets.

    Parameters
    ----------
    task, other : Task
        Regressions; along the x and along the y axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no formula in common, or a task is a classification.
    """
    for each in (task, other):
        if each.kind != "regression":
            raise ValueError(f"tasks must be regressions, {each.name} is a classification")
    table = task.beside(other)
    if not len(table):
        raise ValueError(f"{task.name} and {other.name} have no formula in common")
    x, y = table["target"].to_numpy(), table["median"].to_numpy()
    ax = new_axes(ax, size=(5.6, 5.2))
    ax.vlines(x, table["lowest"], table["highest"], color="0.8", linewidth=1, zorder=1)
    size = 30 if len(table) < 300 else 10
    ax.scatter(x, y, s=size, color=PALETTE[0], alpha=0.6, edgecolor="white",
               linewidth=0.3, zorder=2)  # fmt: skip
    ends = [float(edge([edge(x), edge(y)])) for edge in (np.min, np.max)]
    ax.plot(ends, ends, color="0.3", linewidth=1, zorder=0)
    difference = y - x
    text = (
        f"{len(table):,} formulas\nmean difference {difference.mean():+.3g} {task.unit}\n"
        f"mean absolute {np.abs(difference).mean():.3g} {task.unit}"
    )
    ax.plot([], [], " ", label=text)
    ax.legend(loc="upper left", handlelength=0, handletextpad=0)
    ax.set(xlabel=f"{quantity(task)}, {_short(task)}", ylabel=f"{quantity(other)}, {_short(other)}")
    describe(
        ax, f"{other.name} against {task.name}: {len(table)} formulas in common, mean difference "
        f"{difference.mean():+.3g}, mean absolute difference {np.abs(difference).mean():.3g} "
        f"{task.unit}.",
    )  # fmt: skip
    return ax


def _short(task: Task) -> str:
    return task.name.removeprefix("matbench_")
