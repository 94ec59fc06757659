"""A search praises its own choice; nesting does not. And two models on the same folds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold

from matlearn.regression.diagnostics import (
    compare_models,
    corrected_std_error,
    nested_cross_validation,
)


class OneFeature(RegressorMixin, BaseEstimator):
    """A line through a single feature of many."""

    def __init__(self, column=0):
        self.column = column

    def fit(self, X, y):
        self.line_ = np.polyfit(X[:, self.column], y, 1)
        return self

    def predict(self, X):
        return np.polyval(self.line_, X[:, self.column])


@pytest.fixture
def noise() -> tuple[np.ndarray, np.ndarray]:
    """Fifty features and a target that have nothing to do with each other."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 50)), rng.normal(size=40)


@pytest.mark.parametrize("seed", range(4))
def test_of_pure_noise_a_search_finds_something_and_nesting_nothing(seed) -> None:
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(40, 50)), rng.normal(size=40)
    found = nested_cross_validation(
        OneFeature(), X, y, {"column": range(50)}, inner=3, progress=False
    )
    chance = np.mean([
        np.abs(y[test] - y[train].mean()).mean()
        for train, test in KFold(5, shuffle=True, random_state=0).split(X)
    ])  # fmt: skip
    assert found.search_error < 0.97 * chance
    assert found.error > chance
    assert found.optimism == pytest.approx(found.error - found.search_error)


def test_the_search_is_scikit_learns(noise) -> None:
    X, y = noise
    grid = {"alpha": [0.1, 10.0, 1000.0]}
    found = nested_cross_validation(Ridge(), X, y, grid, inner=3, seed=2, progress=False)

    def search(n):
        folds = KFold(n, shuffle=True, random_state=2)
        return GridSearchCV(Ridge(), grid, scoring="neg_mean_absolute_error", cv=folds)

    assert found.search_error == pytest.approx(-search(5).fit(X, y).best_score_)
    assert found.best == search(5).fit(X, y).best_params_
    for row, (train, test) in zip(
        found.to_frame().itertuples(), KFold(5, shuffle=True, random_state=2).split(X), strict=True
    ):
        inner = search(3).fit(X[train], y[train])
        assert row.search_error == pytest.approx(-inner.best_score_)
        assert row.alpha == inner.best_params_["alpha"]
        assert row.test_error == pytest.approx(np.abs(inner.predict(X[test]) - y[test]).mean())


def test_groups_hold_in_the_inner_folds_too(noise) -> None:
    X, y = noise
    X = X.copy()
    X[:, 0] = np.arange(40)
    groups = np.arange(40) // 4
    sides = []

    class Watching(OneFeature):
        def fit(self, X, y):
            self.rows_ = X[:, 0].astype(int)
            return self

        def predict(self, X):
            sides.append((set(groups[self.rows_]), set(groups[X[:, 0].astype(int)])))
            return np.zeros(len(X))

    nested_cross_validation(
        Watching(), X, y, {"column": [0]}, folds=3, inner=2, groups=groups, workers=1,
        progress=False,
    )  # fmt: skip
    assert len(sides) == 2 * (3 * 3 + 3)
    assert all(not one & other for one, other in sides[1::2])


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "grid is empty"),
        ({"alpha": []}, "must have a list of values"),
        ({"alpha": "auto"}, "must have a list of values"),
        ({"depth": [1]}, "has no parameter 'depth'"),
    ],
)
def test_a_grid_without_sense_is_refused(noise, grid, message) -> None:
    with pytest.raises(ValueError, match=message):
        nested_cross_validation(Ridge(), *noise, grid, progress=False)


def folds(errors, **more) -> pd.DataFrame:
    return pd.DataFrame({"fold": range(5), "n_train": 80, "n_test": 20, "mae": errors, **more})


A, B = [0.50, 0.61, 0.44, 0.55, 0.52], [0.47, 0.58, 0.43, 0.50, 0.50]


def test_the_corrected_test_is_that_of_nadeau_and_bengio() -> None:
    found = compare_models(folds(A), folds(B))
    off = np.array(B) - A
    error = np.sqrt(off.var(ddof=1) * (1 / 5 + 20 / 80))
    assert found.difference == pytest.approx(off.mean())
    assert found.std_error == pytest.approx(error)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(off.mean() / error), df=4))
    plain = stats.ttest_rel(B, A)
    assert found.p_value > plain.pvalue  # which takes folds for independent
    assert found.std_error == pytest.approx(1.5 * off.std(ddof=1) / np.sqrt(5))


def test_the_standard_error_of_five_folds_is_half_as_large_again_as_the_plain_one() -> None:
    scores = np.random.default_rng(0).normal(size=5)
    plain = scores.std(ddof=1) / np.sqrt(5)
    assert corrected_std_error(scores, 800, 200) == pytest.approx(1.5 * plain)
    assert np.isnan(corrected_std_error([1.0], 8, 2))


def test_results_of_equal_scores_do_not_differ() -> None:
    assert compare_models(folds(A), folds(A)).p_value == 1.0
    assert compare_models(folds(A), folds(np.array(A) + 1)).p_value < 1e-12


def test_results_of_other_folds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different folds"):
        compare_models(folds(A), folds(B, n_test=21))
    ids = pd.DataFrame({"id": ["a", "b"], "fold": [0, 1]})
    first, second = (
        SimpleNamespace(folds=folds(A), predictions=table, task="t", name=name)
        for name, table in (("m", ids), ("n", ids.assign(fold=[1, 0])))
    )
    with pytest.raises(ValueError, match="different folds"):
        compare_models(first, second)
    assert compare_models(first, first).names == ("the first", "the second")
    second.predictions = ids
    assert compare_models(first, second).names == ("m", "n")
    assert list(compare_models(folds(A), folds(B), names=("x", "y")).to_frame())[:2] == ["x", "y"]
    with pytest.raises(ValueError, match="names must be two different ones"):
        compare_models(folds(A), folds(B), names=("x", "x"))
    with pytest.raises(ValueError, match="metric must be a column of both"):
        compare_models(folds(A), folds(B), metric="r2")
    with pytest.raises(TypeError, match="must be MatbenchResult or DataFrame"):
        compare_models(folds(A), [1, 2])
