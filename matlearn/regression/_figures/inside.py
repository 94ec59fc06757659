"""What a fitted model has learned, as figures: coefficients, and the dependence on one feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.regression._models.coefficients import inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def coefficients(
    model: Any,
    names: Sequence[str] | None = None,
    *,
    top: int = 20,
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the coefficients of a fitted linear model, the largest on top.

    Where the model scales its features, a coefficient is the change of the prediction when that
    feature grows by one standard deviation and all others stay, in the target's unit; the model's
    own scaling of the target is undone.

    Parameters
    ----------
    model : estimator
        Fitted; a pipeline whose last step is linear, or the linear model itself.
    names : sequence of str, optional
        Of the columns that the model was fitted to; those of the frame it saw if left out.
    top : int
        How many are drawn.
    unit : str
        Of the target.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If the model has no coefficients.
    ValueError
        If there is not a name for each column.

    Examples
    --------
    >>> import numpy as np
    >>> from matlearn.regression.models import make_model
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> model = make_model("ols").fit(x, 3 * x[:, 1])
    >>> ax = coefficients(model, ["mass", "charge"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['charge', 'mass']
    """
    known, slopes, spread, _ = inside(model, names)
    values = (slopes * spread)[spread > 0]  # a column that the model dropped has no spread
    known = [name for name, some in zip(known, spread > 0, strict=True) if some]
    order = np.argsort(-np.abs(values), kind="stable")[: max(1, top)]
    ax = new_axes(ax, size=(7.0, 1.2 + 0.3 * len(order)))
    colors = [PALETTE[0] if values[index] >= 0 else PALETTE[5] for index in order]
    ax.barh(range(len(order)), values[order], color=colors, height=0.7)
    ax.axvline(0, color="0.3", linewidth=0.8)
    ax.set_yticks(range(len(order)), [known[index] for index in order], fontsize=11)
    ax.set(xlabel="Coefficient" + (f" ({unit})" if unit else ""), ylim=(len(order) - 0.5, -0.6))
    ax.grid(axis="y", visible=False)
    used = int((values != 0).sum())
    largest = ", ".join(f"{known[index]} {values[index]:+.3g}" for index in order[:3])
    describe(
        ax,
        f"Coefficients of a linear model, {used} of {len(values)} not zero; the largest: {largest} {unit}".strip()
        + ".",
    )
    return ax


def partial_dependence(
    model: Any,
    X: Any,
    feature: str | int,
    *,
    individual: int = 40,
    points: int = 30,
    label: str = "prediction",
    unit: str = "",
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw how predictions change with one feature: for single samples, and on average.

    The feature is set to each value in turn while all others stay what they are. For features
    that depend on each other this makes up materials that cannot be; the lines below the axis show
    where samples are.

    Parameters
    ----------
    model : estimator
        Fitted.
    X : pandas.DataFrame or (n, p) array
        Samples.
    feature : str or int
        Column of `X`: its name, or its position.
    individual : int
        How many single samples are drawn; 0 for the average alone.
    points : int
        Number of values that the feature is set to, between its 1st and 99th percentile.
    label, unit : str
        What is predicted. For a classifier the probability of True is drawn.
    seed : int
        Which samples are drawn: at most 500 of them enter the average.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such column, it is constant, or a number is out of range.

    References
    ----------
    Friedman, Ann. Stat. 29, 1189 (2001); individual curves: Goldstein et al., J. Comput. Graph.
    Stat. 24, 44 (2015).

    Examples
    --------
    >>> import numpy as np
    >>> from matlearn.regression.models import make_model
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> ax = partial_dependence(make_model("ols").fit(x, x[:, 0]), x, 0, individual=5)
    >>> len(ax.lines)
    6
    """
    if individual < 0 or points < 2:
        raise ValueError(
            f"individual must be at least 0 and points at least 2, got {individual} and {points}"
        )
    table = X.to_numpy(dtype=float) if hasattr(X, "to_numpy") else np.asarray(X, dtype=float)
    columns = list(getattr(X, "columns", range(table.shape[1])))
    if feature not in columns:
        raise ValueError(f"feature must be a column of X, got {feature!r}; X has {_some(columns)}")
    position = columns.index(feature)
    rows = np.random.default_rng(seed).permutation(len(table))[:500]
    low, high = np.percentile(table[:, position], [1, 99])
    if not low < high:
        raise ValueError(f"feature {feature!r} is (almost) constant: it is {low:g} everywhere")
    values = np.linspace(low, high, points)
    curves = _curves(model, X, table[rows], position, values)
    ax = new_axes(ax)
    for curve in curves[:individual]:
        ax.plot(values, curve, color=PALETTE[4], linewidth=0.8, alpha=0.6)
    average = curves.mean(axis=0)
    ax.plot(values, average, color=PALETTE[5], linewidth=3.5, label="average")
    ticks = table[rows[:200], position]
    ax.vlines(ticks[(ticks >= low) & (ticks <= high)], 0, 0.03, color="0.3", linewidth=0.6,
              transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set(xlabel=str(feature), ylabel=f"{label.capitalize()}" + (f" ({unit})" if unit else ""))
    spread = float((curves.max(axis=1) - curves.min(axis=1)).mean())
    describe(
        ax, f"Predicted {label} against {feature}: on average from {average[0]:.3g} to "
        f"{average[-1]:.3g} {unit} between {low:.3g} and {high:.3g}; single samples change by "
        f"{spread:.3g} {unit}."
    )  # fmt: skip
    return ax


def _curves(model: Any, X: Any, table: np.ndarray, position: int, values: np.ndarray) -> np.ndarray:
    """Predictions for each sample with the feature at each value, shape (n, points)."""
    many = np.repeat(table, len(values), axis=0)
    many[:, position] = np.tile(values, len(table))
    inputs: Any = many
    if hasattr(X, "columns"):
        import pandas as pd

        inputs = pd.DataFrame(many, columns=X.columns)
    if hasattr(model, "predict_proba"):
        said = np.asarray(model.predict_proba(inputs))[:, -1]
    else:
        said = np.asarray(model.predict(inputs), dtype=float)
    return np.asarray(said, dtype=float).reshape(len(table), len(values))


def _some(names: Sequence[Any]) -> str:
    shown = ", ".join(str(name) for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
