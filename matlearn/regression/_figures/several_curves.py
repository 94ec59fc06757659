"""Learning curves of several models in one figure: which is best depends on how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .diagnostics import _plain_ticks, error_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression.diagnostics import LearningCurve


def learning_curves(
    curves: Mapping[str, LearningCurve], *, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw how the errors of several models on unseen samples fall with the number trained on.

    Bars are standard deviations over the folds. Both axes are logarithmic: a power law is a line.

    Parameters
    ----------
    curves : mapping of str to LearningCurve
        By name; all of the same samples and measure.
    unit : str
        That of the target, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no curves, or they measure different things.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from matlearn.regression import diagnostics
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> y = X[:, 0] + np.random.default_rng(1).normal(size=100)
    >>> curve = diagnostics.learning_curve(Ridge(), X, y, sizes=[10, 80], progress=False)
    >>> ax = learning_curves({"one": curve}, unit="eV")
    >>> ax.get_xlabel()
    'Samples trained on'
    """
    metrics = {curve.metric for curve in curves.values()}
    if len(metrics) != 1:
        raise ValueError(
            f"curves must be at least one, all of one measure, got {sorted(metrics) or 'none'}"
        )
    metric = metrics.pop()
    ax = new_axes(ax, size=(7.5, 4.8))
    said = []
    sizes: set[float] = set()
    for k, (name, curve) in enumerate(curves.items()):
        table = curve.summary()
        x = table.index.to_numpy(float)
        sizes.update(x)
        ax.errorbar(
            x, table["test_error"], yerr=np.nan_to_num(table["test_std"]), label=name, capsize=3,
            color=PALETTE[k % len(PALETTE)], marker=MARKERS[k % len(MARKERS)], markersize=7,
        )  # fmt: skip
        first, last = table["test_error"].iloc[[0, -1]]
        said.append(f"{name} from {first:.3g} with {x[0]:g} to {last:.3g} with {x[-1]:g}")
    ax.set(
        xscale="log", yscale="log", xlabel="Samples trained on", ylabel=error_label(metric, unit)
    )
    ax.set_xticks(sorted(sizes), [f"{size:g}" for size in sorted(sizes)])
    _plain_ticks(ax)
    ax.minorticks_off()
    ax.legend()
    describe(ax, f"{error_label(metric, unit)} on unseen samples against the number trained on: "
                 + "; ".join(said) + ".")  # fmt: skip
    return ax
