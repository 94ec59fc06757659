"""A learning run as a figure: its grade, and where it asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.potentials._learning.comparison import LearningComparison
    from matlearn.potentials._learning.result import LearningRun


def learning_history(run: LearningRun, *, ax: Axes | None = None) -> Axes:
    """Draw the grade along a trajectory that learned, and below it when the reference was asked.

    Parameters
    ----------
    run : LearningRun
        What `matlearn.potentials.learn_on_the_fly` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Grades are on a logarithmic axis; the number of calls has an axis of its own, at the right.
    """
    ax = new_axes(ax, size=(7.5, 4.6))
    rows = run.history
    time, grade = rows["time"].to_numpy(float), rows["grade"].to_numpy(float)
    halted = rows["event"].isin(["stop", "blow-up"]).to_numpy()
    smallest, largest = 0.05, 1e6
    shown = np.clip(np.nan_to_num(grade, nan=largest), smallest, largest)
    select, stop = run.settings["select"], run.settings["stop"]
    ax.plot(time[~halted], shown[~halted], ".", color=PALETTE[4], markersize=4, label="went on")
    if halted.any():
        ax.plot(
            time[halted], shown[halted], "x", color=PALETTE[5], markersize=7, markeredgewidth=2,
            label="halted, learned, went back",
        )  # fmt: skip
    for level, name in ((select, "select"), (stop, "stop")):
        ax.axhline(level, color="0.3", linewidth=1, linestyle="--")
        ax.annotate(
            f"{name} {level:g}", (1, level), xycoords=("axes fraction", "data"), xytext=(-4, 3),
            textcoords="offset points", ha="right", fontsize=11, color="0.2",
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set(xlabel="Time (ps)", ylabel="Extrapolation grade")
    counts = ax.twinx()
    counts.grid(visible=False)
    counts.spines["right"].set_visible(True)
    calls_at, calls = _calls(run)
    counts.step(calls_at, calls, where="post", color=PALETTE[0], linewidth=2, label="calls")
    counts.set_ylabel("Reference calls", color=PALETTE[0])
    counts.tick_params(axis="y", colors=PALETTE[0])
    counts.set_ylim(0, 1.15 * max(run.calls, 1))
    ax.set_zorder(counts.get_zorder() + 1)
    ax.patch.set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=11, borderaxespad=0.2)
    _plain_numbers(ax.yaxis)
    counts.yaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    describe(
        ax,
        f"Extrapolation grade over {run.steps} steps; {run.calls} reference calls, of which "
        f"{int((run.labels['event'] == 'start').sum())} before the first step; halted "
        f"{int(halted.sum())} times, the last at {time[halted].max() if halted.any() else 0:.3g} ps.",
    )
    return ax


def _plain_numbers(axis: Any) -> None:
    """Write 0.2, 5 and 1000 on a logarithmic axis, and no powers unless they are large."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = sorted(axis.get_view_interval())
    subs = (1.0, 2.0, 5.0) if high / low < 1000 else (1.0,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=9))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _calls(run: LearningRun) -> tuple[np.ndarray, np.ndarray]:
    """Count calls against the time (ps) at which they were made."""
    rows, labels = run.history, run.labels
    spacing = float(rows["time"].iloc[-1] / rows["step"].iloc[-1]) if len(rows) else 0.0
    times = np.maximum.accumulate(labels["step"].to_numpy(float) * spacing)
    end = float(rows["time"].max()) if len(rows) else 0.0
    at = np.concatenate([[0.0], times, [end]])
    return at, np.concatenate([[0], np.arange(1, len(times) + 1), [len(times)]])


def learning_comparison(comparison: LearningComparison, *, ax: Axes | None = None) -> Axes:
    """Draw force errors against the size of the training set, on the fly and from plain dynamics.

    Parameters
    ----------
    comparison : LearningComparison
        What ``LearningRun.compare`` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Both axes are logarithmic; filled symbols are RMS errors, open ones the largest.
    """
    ax = new_axes(ax)
    frame = comparison.to_frame()
    taught = frame.iloc[1:]
    for column, fill, name in (("forces_rms", "full", "RMS"), ("forces_max", "none", "largest")):
        ax.plot(
            taught["training"], 1000 * taught[column], "s-", color=PALETTE[1], fillstyle=fill,
            label=f"frames of plain dynamics, {name}",
        )  # fmt: skip
        ax.plot(
            frame["training"].iloc[:1], 1000 * frame[column].iloc[:1], "o", color=PALETTE[0],
            markersize=10, fillstyle=fill, label=f"learned on the fly, {name}",
        )  # fmt: skip
    ax.set(xscale="log", yscale="log")
    ax.set(xlabel="Structures trained on", ylabel="Force error (meV/Å)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=10, borderaxespad=0.2)
    for axis in (ax.xaxis, ax.yaxis):
        _plain_numbers(axis)
    learned, everything = frame.iloc[0], frame.iloc[-1]
    describe(
        ax,
        f"Force errors along the trajectory that learned. On the fly with {comparison.calls} "
        f"structures: RMS {1000 * learned['forces_rms']:.2f}, largest "
        f"{1000 * learned['forces_max']:.3g} meV/A; with {int(everything['training'])} structures "
        f"of plain dynamics {1000 * everything['forces_rms']:.2f} and "
        f"{1000 * everything['forces_max']:.3g} meV/A.",
    )
    return ax
