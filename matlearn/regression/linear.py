"""Linear models looked into: paths of the penalty, coefficients with their errors, collinearity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._models import paths as _paths
from matlearn.regression._models.coefficients import inside
from matlearn.regression._models.path_result import RegularisationPath
from matlearn.regression._models.spread import CoefficientSpread

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.base import BaseEstimator

Floats = NDArray[np.float64]

__all__ = [
    "CoefficientSpread",
    "RegularisationPath",
    "bootstrap_coefficients",
    "coefficients",
    "regularisation_path",
    "variance_inflation",
]


def regularisation_path(
    X: Any,
    y: Any,
    *,
    kind: str = "lasso",
    alphas: Sequence[float] | Floats | None = None,
    folds: int = 5,
    unit: str = "",
    seed: int = 0,
) -> RegularisationPath:
    """Fit a linear model for many penalties, and measure each by cross-validation.

    Features are scaled to mean 0 and standard deviation 1 in each fold from its training part.

    Parameters
    ----------
    X : pandas.DataFrame or array_like, shape (n, p)
        Features.
    y : array_like, shape (n,)
        Target.
    kind : {"lasso", "ridge"}
        The sum that is penalised: of moduli (coefficients become zero one by one), or of squares
        (all shrink).
    alphas : array_like, optional
        Penalties, in the units of `make_model`: for LASSO the target counts in its standard
        deviations. Left out: 60, from where LASSO leaves nothing to a thousandth of it, or from
        1000 n to n / 100,000 for ridge.
    folds : int
        Of the cross-validation.
    unit : str
        Of the target, for figures.
    seed : int
        Of the folds.

    Returns
    -------
    RegularisationPath

    Raises
    ------
    ValueError
        If `kind` is another, a penalty is not positive, X or y is not finite or constant, or
        there are fewer than 10 samples or folds that cannot be.

    References
    ----------
    Tibshirani, J. R. Stat. Soc. B 58, 267 (1996); Hoerl and Kennard, Technometrics 12, 55 (1970).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(60, 8))
    >>> path = regularisation_path(x, 3 * x[:, 2] + 0.1 * rng.normal(size=60), unit="eV")
    >>> [name for name, _ in path.left(path.one_standard_error)]
    ['feature 3']
    """
    from sklearn.model_selection import KFold

    if kind not in _paths.KINDS:
        raise ValueError(f"kind must be 'lasso' or 'ridge', got {kind!r}")
    table, target, names = _paths.read_table(X, y)
    if isinstance(folds, bool) or not isinstance(folds, int) or not 2 <= folds <= len(target):
        raise ValueError(
            f"folds must be a whole number from 2 to {len(target)} (samples), got {folds!r}"
        )
    if alphas is None:
        chosen = _paths.default_alphas(kind, table, target)
    else:
        chosen = np.sort(np.asarray(alphas, dtype=float).ravel())[::-1]
        if not len(chosen) or not (np.isfinite(chosen).all() and chosen.min() > 0):
            raise ValueError("alphas must be positive and finite, and at least one")
    parts = list(KFold(folds, shuffle=True, random_state=seed).split(table))
    slopes = _paths.fit_path(kind, _paths.standardise(table, table), target - target.mean(), chosen)
    test, train = _paths.path_errors(kind, table, target, chosen, parts)
    return RegularisationPath(kind, chosen, slopes, tuple(names), test, train, unit)


def coefficients(model: BaseEstimator, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Tabulate the coefficients of a fitted linear model, in physical units and in scaled ones.

    Parameters
    ----------
    model
        A fitted ``make_model("ols" | "ridge" | "lasso")``, or another linear model of scikit-learn.
    names : sequence of str, optional
        One for each column of what was fitted; those of its data frame unless given.

    Returns
    -------
    pandas.DataFrame
        Indexed by feature, the strongest first: ``slope`` (unit of the target over unit of the
        feature), ``spread`` (standard deviation of the feature where the model scales, otherwise
        1), ``effect`` (their product: unit of the target). ``.attrs["intercept"]`` is the
        prediction where all features are 0. For a classifier the target is the logarithm of the odds.

    Raises
    ------
    TypeError
        If the model is not linear, or not fitted.
    ValueError
        If there is not a name for each column.

    Examples
    --------
    >>> from matlearn.regression.models import make_model
    >>> x = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [3.0, 5.0]])
    >>> table = coefficients(make_model("ols").fit(x, 5 + 2 * x[:, 0]), ["mass", "charge"])
    >>> table.slope.round(6).to_dict(), round(table.attrs["intercept"], 6)
    ({'mass': 2.0, 'charge': ...0.0}, 5.0)
    """
    import pandas as pd

    labels, slopes, spread, intercept = inside(model, names)
    table = pd.DataFrame(
        {"slope": slopes, "spread": spread, "effect": slopes * spread},
        index=pd.Index(labels, name="feature"),
    )
    table = table.loc[:].iloc[np.argsort(-np.abs(table.effect.to_numpy()), kind="stable")]
    table.attrs["intercept"] = intercept
    return table


def bootstrap_coefficients(
    model: BaseEstimator, X: Any, y: Any, *, repeats: int = 200, unit: str = "", seed: int = 0
) -> CoefficientSpread:
    """Fit a linear model to resamples of the data: what its coefficients are worth.

    Each resample draws as many samples as there are, with replacement.

    Parameters
    ----------
    model
        A linear regression; it is cloned, not fitted.
    X : pandas.DataFrame or array_like, shape (n, p)
        Features.
    y : array_like, shape (n,)
        Target.
    repeats : int
        Number of resamples, at least 10.
    unit : str
        Of the target, for figures.
    seed : int
        Of the resamples.

    Returns
    -------
    CoefficientSpread

    Raises
    ------
    ValueError
        If X or y cannot be fitted (see `regularisation_path`) or `repeats` is too small.
    TypeError
        If the model is not linear.

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 9.5.

    Examples
    --------
    >>> from matlearn.regression.models import make_model
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(40, 2))
    >>> spread = bootstrap_coefficients(make_model("ols"), x, x[:, 0] + rng.normal(size=40), repeats=50)
    >>> spread
    CoefficientSpread(2 features, 50 resamples, 1 effects larger than twice their standard error)
    """
    from sklearn.base import clone

    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 10:
        raise ValueError(f"repeats must be a whole number of at least 10, got {repeats!r}")
    table, target, names = _paths.read_table(X, y)
    rng = np.random.default_rng(seed)
    spread = table.std(axis=0)
    found = np.empty((repeats + 1, table.shape[1]))
    for number in range(repeats + 1):
        rows = rng.integers(len(target), size=len(target)) if number else slice(None)
        _, slopes, _, _ = inside(clone(model).fit(table[rows], target[rows]), names)
        found[number] = slopes * spread
    return CoefficientSpread(tuple(names), found[0], found[1:], spread, unit)


def variance_inflation(X: Any) -> pd.Series:
    """Tell how well each feature is predicted by all others together: its variance inflation factor.

    The standard error of a coefficient of least squares is larger by the square root of this
    factor than if the feature had nothing to do with the others.

    Parameters
    ----------
    X : pandas.DataFrame or array_like, shape (n, p)
        Features; constant ones are left out.

    Returns
    -------
    pandas.Series
        1 / (1 - R2) of each feature from the others, the largest first. Infinite where it is a
        sum of the others to machine precision, as a range is of minimum and maximum.

    Raises
    ------
    ValueError
        If X is no table of finite numbers, or has fewer than 10 rows.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> variance_inflation(np.column_stack([x, x[:, 0] - x[:, 1]])).tolist()
    [inf, inf, inf]
    """
    import pandas as pd

    rows = len(np.asarray(X))
    table, _, names = _paths.read_table(X, np.arange(float(rows)))
    scaled = _paths.standardise(table, table)
    _, values, right = np.linalg.svd(scaled, full_matrices=False)
    small = values <= values.max() * max(scaled.shape) * np.finfo(float).eps * 10
    involved = (right[small] ** 2).sum(axis=0) > 1e-12
    inverse = ((right[~small] / values[~small, None]) ** 2).sum(axis=0) * rows
    factors = np.where(involved, np.inf, inverse)
    return pd.Series(factors, index=names, name="variance inflation").sort_values(
        ascending=False, kind="stable"
    )
