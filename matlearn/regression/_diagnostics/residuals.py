"""Where a model is wrong: residuals by element, by anion, by number of elements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.grouping import parsed

if TYPE_CHECKING:
    import pandas as pd

ANIONS = ("F", "O", "Cl", "N", "Br", "I", "S", "Se", "C", "H", "P", "As", "Te")
"""The most electronegative first, by Pauling's scale."""

BY = ("element", "anion", "elements")


def residuals_by_chemistry(
    formulas: Iterable[str], target: Any, prediction: Any, *, by: str = "element"
) -> pd.DataFrame:
    """Tabulate errors by chemistry: where is the model wrong, and in which direction?

    Parameters
    ----------
    formulas : sequence of str, shape (n_samples,)
        Chemical formulas.
    target, prediction : array_like, shape (n_samples,)
        True and predicted values in the same unit; predictions of samples that were not trained on.
    by : str
        ``"element"``: a compound counts for each of its elements; ``"anion"``: its most
        electronegative element of F, O, Cl, N, Br, I, S, Se, C, H, P, As, Te, or ``"none"`` of
        them, as in alloys; ``"elements"``: how many elements it has.

    Returns
    -------
    DataFrame
        A row a group, the most frequent first (``"elements"``: in order): ``count``; ``mae`` and
        ``mae_error``, the mean absolute residual and its standard error; ``bias`` and
        ``bias_error``, those of the mean of prediction less target; ``spread``, the mean absolute
        deviation of the group's targets from their mean, which is what a model that knew only the
        group would make. All in the unit of the target; standard errors take samples for
        independent and are NaN for a single one.

    Raises
    ------
    ValueError
        If lengths differ, a value is not finite or not a number, or `by` is unknown.

    Examples
    --------
    >>> residuals_by_chemistry(["NaF", "KF", "NaCl"], [1.0, 2, 3], [1.5, 2.5, 3], by="anion")["mae"]
    anion
    F     0.5
    Cl    0.0
    Name: mae, dtype: float64
    """
    import pandas as pd

    if by not in BY:
        raise ValueError(f"by must be one of {', '.join(map(repr, BY))}, got {by!r}")
    amounts = parsed(formulas)
    true, guessed = _numbers("target", target), _numbers("prediction", prediction)
    if not len(amounts) == len(true) == len(guessed) or not len(true):
        raise ValueError(
            f"formulas, target and prediction must be equally many and not none, got "
            f"{len(amounts)}, {len(true)} and {len(guessed)}"
        )
    members: dict[Any, list[int]] = {}
    for row, one in enumerate(amounts):
        for name in _groups_of(one, by):
            members.setdefault(name, []).append(row)
    table = {name: _row(true[rows], guessed[rows]) for name, rows in members.items()}
    frame = pd.DataFrame.from_dict(table, orient="index").rename_axis(by)
    frame["count"] = frame["count"].astype(int)
    if by == "elements":
        return frame.sort_index()
    return frame.sort_values("count", ascending=False, kind="stable")


def _groups_of(amounts: dict[str, float], by: str) -> list[Any]:
    if by == "element":
        return list(amounts)
    if by == "elements":
        return [len(amounts)]
    return [next((symbol for symbol in ANIONS if symbol in amounts), "none")]


def _row(true: NDArray[np.float64], guessed: NDArray[np.float64]) -> dict[str, float]:
    residual = guessed - true
    root = np.sqrt(len(residual))

    def error(values: NDArray[np.float64]) -> float:
        return float(values.std(ddof=1) / root) if len(values) > 1 else float("nan")

    return {
        "count": len(residual),
        "mae": float(np.abs(residual).mean()),
        "mae_error": error(np.abs(residual)),
        "bias": float(residual.mean()),
        "bias_error": error(residual),
        "spread": float(np.abs(true - true.mean()).mean()),
    }


def _numbers(name: str, given: Any) -> NDArray[np.float64]:
    values = np.asarray(given)
    if values.ndim != 1 or values.dtype.kind not in "fiu":
        raise ValueError(
            f"{name} must be a number a sample, got {values.dtype} of shape {values.shape}: "
            "classes have no residuals"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite in {int((~np.isfinite(values)).sum())} rows")
    return values.astype(float)
