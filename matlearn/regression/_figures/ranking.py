"""The leaderboard of a task as a figure, with one's own results in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.regression._benchmark.metrics import LABELS

from .scores import by_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_OURS = "computed here"


def leaderboard(results: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the published leaderboard of a task with one's own results in it, the best on top.

    Parameters
    ----------
    results : MatbenchResult, sequence of them, dict of str to them, or pandas.DataFrame
        Of one task; or what ``MatbenchResult.compare`` returns. What is not the official protocol
        has an open marker: it does not compare with the rest.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`fold_scores`; also if a column is missing.

    References
    ----------
    Dunn et al., npj Comput. Mater. 6, 138 (2020).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"mean": [0.3, 0.1], "std": [0.01, 0.01], "metric": "mae",
    ...                       "source": ["published", "computed here"]}, index=["Dummy", "mine"])
    >>> [label.get_text() for label in leaderboard(frame).get_yticklabels()]
    ['mine', 'Dummy']
    """
    frame, unit, task = _table(results)
    missing = [name for name in ("mean", "std", "metric", "source") if name not in frame]
    if missing:
        raise ValueError(f"the leaderboard's frame lacks {', '.join(missing)}")
    metric = str(frame["metric"].iloc[0])
    best_first = frame.sort_values("mean", ascending=metric in ("mae", "rmse"))
    ax = new_axes(ax, size=(7.6, 1.4 + 0.3 * len(frame)))
    ours = best_first["source"].astype(str).str.startswith(_OURS).to_numpy()
    loose = best_first["source"].astype(str).str.contains("not the protocol").to_numpy()
    for row, (mean, std) in enumerate(zip(best_first["mean"], best_first["std"], strict=True)):
        color = PALETTE[5] if ours[row] else PALETTE[0]
        ax.errorbar(mean, row, xerr=std if np.isfinite(std) else None, color=color, capsize=3,
                    fmt="D" if ours[row] else "o", mfc="white" if loose[row] else color)  # fmt: skip
    ax.set_yticks(range(len(best_first)), [str(name) for name in best_first.index], fontsize=11)
    for label, mine in zip(ax.get_yticklabels(), ours, strict=True):
        label.set_fontweight("bold" if mine else "normal")
    ax.set(xlabel=LABELS[metric].capitalize() + unit, ylim=(len(frame) - 0.5, -0.5), title=task)
    places = [
        f"{name} is number {row + 1} with {mean:.4g}"
        for row, (name, mean) in enumerate(best_first["mean"].items()) if ours[row]
    ]  # fmt: skip
    describe(
        ax, f"{LABELS[metric].capitalize()}{unit} of {len(frame)} algorithms on {task or 'a task'}, "
        f"best first: {best_first.index[0]} {best_first['mean'].iloc[0]:.4g}, last "
        f"{best_first.index[-1]} {best_first['mean'].iloc[-1]:.4g}"
        + (f"; {'; '.join(places)}." if places else ".")
    )  # fmt: skip
    return ax


def _table(results: Any) -> tuple[pd.DataFrame, str, str]:
    """The table to draw, the unit of its numbers, and the task's name."""
    import pandas as pd

    if isinstance(results, pd.DataFrame):
        return results, "", ""
    shown = by_name(results)
    rows = []
    for number, (name, result) in enumerate(shown.items()):
        table = result.compare()
        mine = table["source"].astype(str).str.startswith(_OURS)
        rows.append(table[mine].rename(index={table.index[mine][0]: name}))
        if number == 0:
            rows.append(table[~mine])
    unit = f" ({result.unit})" if result.unit and result.kind == "regression" else ""
    return pd.concat(rows), unit, result.task
