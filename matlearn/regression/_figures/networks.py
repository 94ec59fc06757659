"""How a network trained, and what a recorded run came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression._graphs.records import BenchmarkRecord


def training_history(model: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the errors of a network on training and validation crystals against the epoch.

    Both in percent of what they were after the first epoch; and the learning rate, in percent of
    its highest.

    Parameters
    ----------
    model
        A fitted `CrystalGraphNetwork` or `CrystalGraphClassifier`. Of several members, the first.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.regression import CrystalGraphNetwork
    >>> model = CrystalGraphNetwork(width=4, layers=1, epochs=3)
    >>> ax = training_history(model.fit([bulk("Cu"), bulk("Ag")], [3.6, 4.1]))
    >>> [line.get_label() for line in ax.lines]
    ['learning rate', 'training']
    """
    history = model.history_[model.history_["member"] == 0]
    ax = new_axes(ax)
    rate = history["learning_rate"] / history["learning_rate"].max()
    ax.plot(history["epoch"], 100 * rate, color="0.6", linestyle=":", label="learning rate")
    told = []
    for number, (name, column) in enumerate([("training", "loss"), ("validation", "validation")]):
        if column in history:
            error = 100 * history[column] / history[column].iloc[0]
            ax.plot(
                history["epoch"], error, color=PALETTE[number], marker=MARKERS[number],
                markersize=4, label=name,
            )  # fmt: skip
            told.append(f"{name} {error.iloc[-1]:.0f} %, lowest {np.min(error):.0f} %")
    ax.set(xlabel="Epoch", ylabel="Of the first epoch (%)", ylim=(0, 110))
    ax.legend()
    describe(ax, f"Errors after {len(history)} epochs, of those after one: {'; '.join(told)}.")
    return ax


def recorded_folds(record: BenchmarkRecord, *, ax: Axes | None = None) -> Axes:
    """Draw the mean absolute error of each model of a record in each fold.

    Parameters
    ----------
    record
        What `matlearn.datasets.load("phonons-graph-network")` gives.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = record.to_frame()
    ax = new_axes(ax)
    for number, name in enumerate(table.index):
        folds = record.folds[record.folds["model"] == name]
        ax.plot(
            folds["fold"] + 1 + 0.14 * (number - (len(table) - 1) / 2), folds["mae"],
            linestyle="none", markersize=9, label=name,
            color=PALETTE[number], marker=MARKERS[number],
        )  # fmt: skip
        ax.axhline(table.loc[name, "mae"], color=PALETTE[number], linewidth=1.2, linestyle="--")
    ax.set_xticks(sorted(record.folds["fold"].unique() + 1))
    ax.set(xlabel="Fold", ylabel=f"Mean absolute error ({record.unit})")
    ax.set_ylim(0, 1.3 * record.folds["mae"].max())
    ax.legend(loc="upper right", ncols=len(table))
    told = (f"{name} {row['mae']:.1f} ± {row['std']:.1f}" for name, row in table.iterrows())
    describe(
        ax, f"Mean absolute error of {record.label} in each fold, {record.unit}: " + ", ".join(told)
    )
    return ax
