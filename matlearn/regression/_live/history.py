"""All runs so far, side by side: folds, spread, and the score on what was seen. Private."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from matlearn._widgets.settled import settle
from matlearn.plotting import PALETTE
from matlearn.regression._live.crossing import Run
from matlearn.regression._live.neighbours import table

_WIDTH, _HEIGHT = 560, 300


class History:
    """Scores of runs as points, a column a run; a click shows the run again.

    Parameters
    ----------
    metric : str
        Name of the score, with its unit.
    on_click : callable
        Called with the number of the run that was clicked.

    Attributes
    ----------
    figure : plotly.graph_objects.FigureWidget
        Traces: the folds, their mean with its spread, and the mean on the training samples.
    """

    def __init__(self, metric: str, on_click: Callable[[int], None]) -> None:
        self._on_click = on_click
        folds = go.Scatter(
            name="test folds", mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 7, "color": PALETTE[4], "symbol": "circle"},
        )  # fmt: skip
        mean = go.Scatter(
            name="their mean ± spread", mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 12, "color": PALETTE[0], "symbol": "line-ew-open", "line": {"width": 4}},
            error_y={"type": "data", "thickness": 2, "width": 5, "color": PALETTE[0]},
        )  # fmt: skip
        seen = go.Scatter(
            name="seen in training", mode="markers", hovertemplate="%{text}<extra></extra>",
            marker={"size": 11, "color": PALETTE[1], "symbol": "diamond"},
        )  # fmt: skip
        sheet = go.Figure([folds, mean, seen])
        sheet.update_layout(
            template="plotly_white", width=_WIDTH, height=_HEIGHT, hovermode="closest",
            margin={"l": 75, "r": 15, "t": 35, "b": 50}, font={"size": 13, "color": "#222222"},
            legend={"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
            xaxis={"title": "Run", "dtick": 1, "zeroline": False, "range": [-0.6, 5.6]},
            yaxis={"title": metric, "rangemode": "tozero", "zeroline": False}, dragmode=False,
        )  # fmt: skip
        self.figure = go.FigureWidget(sheet)
        self.figure._config = {"displayModeBar": False, "responsive": False}
        for trace in self.figure.data:
            trace.on_click(self._clicked)

    def show(self, runs: Sequence[Run]) -> None:
        """Draw all runs."""
        folds, mean, seen = self.figure.data
        names = [f"run {run.number}, {run.name}" for run in runs]
        each = [
            (run.number + 0.06 * (fold - 2), score, f"{name}<br>fold {fold + 1}: {score:.4g}")
            for run, name in zip(runs, names, strict=True)
            for fold, score in enumerate(run.test)
        ]
        with self.figure.batch_update():
            folds.x, folds.y, folds.text = (list(column) for column in zip(*each, strict=True))
            mean.x = seen.x = [run.number for run in runs]
            mean.y = [float(run.test.mean()) for run in runs]
            mean.error_y.array = [float(run.test.std()) for run in runs]
            mean.text = [
                f"{name}<br>test {run.test.mean():.4g} ± {run.test.std():.2g}"
                for run, name in zip(runs, names, strict=True)
            ]
            seen.y = [float(run.train.mean()) for run in runs]
            seen.text = [
                f"{name}<br>training {rounded(run.train.mean())}"
                for run, name in zip(runs, names, strict=True)
            ]
            self.figure.layout.xaxis.range = [-0.6, max(5.6, runs[-1].number + 0.6)]
        settle(self.figure)

    def _clicked(self, trace: Any, points: Any, _state: Any) -> None:
        if points.point_inds:
            self._on_click(round(trace.x[points.point_inds[0]]))


def rounded(value: float) -> str:
    """Write four digits, and nought for what is left of it by rounding.

    Examples
    --------
    >>> rounded(0.123456), rounded(3e-18)
    ('0.1235', '0')
    """
    return f"{value:.4g}" if abs(value) > 1e-9 else "0"


def to_frame(runs: Sequence[Run]) -> pd.DataFrame:
    """Give runs as a table, a row each."""
    return pd.DataFrame(
        [
            {
                "run": run.number, "model": run.model, "settings": dict(run.settings),
                "n_samples": run.n_samples, "test": run.test.mean(), "test_std": run.test.std(),
                "train": run.train.mean(), "cpu_seconds": run.cpu_seconds,
            }
            for run in runs
        ]
    )  # fmt: skip


def to_html(runs: Sequence[Run], metric: str, *, lower_is_better: bool) -> str:
    """Give runs as an HTML table, the latest on top and the best one bold."""
    order = list(reversed(runs))
    choose = min if lower_is_better else max
    best = choose(order, key=lambda run: float(run.test.mean()))
    rows = [
        [
            str(run.number), run.name, str(run.n_samples),
            f"{rounded(run.test.mean())} ± {run.test.std():.2g}", rounded(run.train.mean()),
            f"{run.cpu_seconds:.1f}",
        ]
        for run in order
    ]  # fmt: skip
    head = ["Run", "Model", "Samples", f"Test {metric}", "Training", "CPU s"]
    return table(rows, head, strong=order.index(best))
