"""A figure of models that know a single feature: what was learned, and what was learned by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", ":", "-.")


def fits(
    models: Mapping[str, Any],
    x: Any,
    y: Any,
    *,
    unseen: tuple[Any, Any] | None = None,
    xlabel: str = "feature",
    ylabel: str = "target",
    ax: Axes | None = None,
) -> Axes:
    """Fit models to a few samples of a single feature, and draw their curves through them.

    Parameters
    ----------
    models : mapping of str to estimator
        Regressors by name; they are not changed.
    x, y : array_like, shape (n,)
        Feature and target of the samples that are trained on.
    unseen : pair of array_like, optional
        Feature and target of other samples; the legend then has both mean absolute errors.
    xlabel, ylabel : str
        Names of the axes, with units.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no model, lengths differ, or a value is not finite.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> ax = fits({"line": LinearRegression()}, [0, 1, 2], [0, 1, 3], unseen=([3], [4]))
    >>> [text.get_text() for text in ax.get_legend().get_texts()][-1]
    'line: MAE 0.22 seen, 0.33 unseen'
    """
    from sklearn.base import clone

    known = _pair("x and y", x, y)
    others = None if unseen is None else _pair("unseen", *unseen)
    if not models:
        raise ValueError("models is empty: give regressors by name")
    ax = new_axes(ax, size=(7.5, 4.8))
    if others is not None:
        ax.scatter(*others, s=14, color="0.7", linewidth=0, label="unseen", zorder=1)
    ax.scatter(*known, s=50, color="black", marker="o", label="trained on", zorder=3)
    ends = known[0] if others is None else np.concatenate([known[0], others[0]])
    line = np.linspace(ends.min(), ends.max(), 600)
    said = []
    for k, (name, model) in enumerate(models.items()):
        fitted = clone(model).fit(known[0].reshape(-1, 1), known[1])
        errors = [
            np.abs(fitted.predict(one.reshape(-1, 1)) - other).mean()
            for one, other in ((known, others) if others is not None else (known,))
        ]
        label = f"{name}: MAE {errors[0]:.2f} seen"
        label += f", {errors[1]:{'.2f' if errors[1] < 100 else '.0e'}} unseen" if others else ""
        ax.plot(line, fitted.predict(line.reshape(-1, 1)), color=PALETTE[(0, 1, 5, 2, 3)[k % 5]],
                linestyle=_DASHES[k % len(_DASHES)], label=label, zorder=2)  # fmt: skip
        said.append(label)
    values = known[1] if others is None else np.concatenate([known[1], others[1]])
    pad = 0.15 * np.ptp(values)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(values.min() - pad, values.max() + pad))
    ax.legend(fontsize=11, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    describe(ax, f"{ylabel} against {xlabel}, {len(known[0])} samples with curves. "
                 + "; ".join(said) + ".")  # fmt: skip
    return ax


def _pair(name: str, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    one, other = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
    if len(one) != len(other) or not len(one):
        raise ValueError(f"{name} must be equally long and not empty, got {len(one)}, {len(other)}")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError(f"{name} must be finite")
    return one, other
