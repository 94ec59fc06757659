"""Importance by permutation: twins hide each other, unless they are permuted together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance as of_scikit_learn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import ShuffleSplit

from matlearn.regression.diagnostics import correlated_groups, permutation_importance


@pytest.fixture
def twins() -> tuple[pd.DataFrame, np.ndarray]:
    """Target is a; b is a's twin, c is half as strong and alone, d is nothing."""
    a, c, d = np.random.default_rng(0).normal(size=(3, 400))
    return pd.DataFrame({"a": a, "b": a, "c": c, "d": d}), a + 0.5 * c


def test_a_twin_takes_half_of_the_importance_and_the_group_has_it_all(twins) -> None:
    X, y = twins
    options = {"repeats": 20, "progress": False}
    plain = permutation_importance(Ridge(1e-6), X, y, groups=None, **options).to_frame()
    grouped = permutation_importance(Ridge(1e-6), X, y, **options).to_frame()
    alone = permutation_importance(Ridge(1e-6), X[["a", "c", "d"]], y, **options).to_frame()
    assert grouped.index[0] == "a (+1)"
    assert grouped.loc["a (+1)", "columns"] == 2
    assert grouped.loc["a (+1)", "importance"] == pytest.approx(
        alone.loc["a", "importance"], rel=0.05
    )
    half = alone.loc["a", "importance"] / 2
    assert plain.loc[["a", "b"], "importance"].to_numpy() == pytest.approx(half, rel=0.05)
    assert plain.loc["c", "importance"] == pytest.approx(half, rel=0.1)  # as strong as the twins


def test_six_copies_look_unimportant_to_a_forest_until_they_go_together() -> None:
    rng = np.random.default_rng(1)
    a, c = rng.normal(size=(2, 300))
    X = np.column_stack([a + 0.01 * rng.normal(size=300) for _ in range(6)] + [c])
    forest = RandomForestRegressor(20, max_features=2, random_state=0)
    options = {"repeats": 3, "splits": 2, "progress": False}
    plain = permutation_importance(forest, X, 1.5 * a + c, groups=None, **options).to_frame()
    grouped = permutation_importance(forest, X, 1.5 * a + c, **options).to_frame()
    assert plain.index[0] == "x6"  # the weaker one seems to be the first
    assert grouped.index[0].endswith("(+5)")
    copies = plain.drop(index="x6")["importance"]
    assert copies.max() < 0.35 * grouped["importance"].iloc[0]


def test_of_single_columns_it_agrees_with_scikit_learn(twins) -> None:
    X, y = twins
    X = X.drop(columns="b")
    y = y + np.random.default_rng(2).normal(size=len(y))
    train, test = next(ShuffleSplit(1, test_size=0.2, random_state=0).split(X))
    model = LinearRegression().fit(X.iloc[train], y[train])
    theirs = of_scikit_learn(
        model, X.iloc[test], y[test], scoring="neg_mean_absolute_error", n_repeats=100,
        random_state=5,
    )  # fmt: skip
    ours = permutation_importance(
        LinearRegression(), X, y, groups=None, splits=1, repeats=100, progress=False
    ).to_frame()
    error = np.hypot(theirs.importances_std / 10, ours.loc[X.columns, "std_error"])
    off = ours.loc[X.columns, "importance"] - theirs.importances_mean
    assert (np.abs(off) < 4 * error).all()


def test_errors_over_splits_hold_more_than_those_over_permutations(twins) -> None:
    X, y = twins
    y = y + 3 * np.random.default_rng(4).normal(size=len(y))
    one = permutation_importance(Ridge(), X[:60], y[:60], splits=1, repeats=50, progress=False)
    many = permutation_importance(Ridge(), X[:60], y[:60], splits=8, repeats=50, progress=False)
    assert many.increases.shape == (3, 8, 50)
    assert one.to_frame()["std_error"].max() < many.to_frame()["std_error"].max()
    expected = many.increases[0].mean(axis=1).std(ddof=1) * np.sqrt(1 / 8 + 12 / 48)
    assert many.to_frame().loc["a (+1)", "std_error"] == pytest.approx(expected)


def test_classes_have_importances_too(twins) -> None:
    X, y = twins
    found = permutation_importance(LogisticRegression(), X, y > 0, progress=False)
    assert found.metric == "balanced_error"
    assert found.to_frame()["importance"].iloc[0] > 0.2


def test_groups_of_ones_own_are_permuted_together(twins) -> None:
    X, y = twins
    found = permutation_importance(Ridge(), X, y, groups={"all": list("abcd")}, progress=False)
    assert list(found.groups) == ["all"]
    assert found.plot(unit="eV").get_xlabel() == "Growth of the mean absolute error (eV)"


def test_correlated_groups_know_monotonic_functions_and_signs() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 200))
    X = pd.DataFrame({"a": a, "exp": np.exp(3 * a), "minus": -a, "b": b, "still": 1.0})
    assert list(correlated_groups(X).values()) == [["a", "exp", "minus"], ["b"], ["still"]]
    assert [len(one) for one in correlated_groups(X, 0.0).values()] == [5]
    assert list(correlated_groups(X[["b"]])) == ["b"]


def test_a_higher_threshold_never_makes_fewer_groups() -> None:
    rng = np.random.default_rng(5)
    X = rng.normal(size=(80, 1)) + rng.uniform(0.1, 2, size=12) * rng.normal(size=(80, 12))
    numbers = [len(correlated_groups(X, threshold)) for threshold in np.linspace(0, 1, 11)]
    assert numbers == sorted(numbers)
    assert numbers[0] == 1
    assert numbers[-1] == 12


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"g": ["a", "x"]}, "names 'x', which X does not have"),
        ({"g": ["a"], "h": ["a"]}, "'a' is in 'g' and in 'h'"),
        ({"g": []}, "names no column"),
        ({}, "groups is empty"),
        ("all", "must be 'correlated'"),
    ],
)
def test_groups_that_make_no_sense_are_refused(twins, groups, message) -> None:
    with pytest.raises(ValueError, match=message):
        permutation_importance(Ridge(), *twins, groups=groups, progress=False)


def test_thresholds_and_sizes_out_of_range_are_refused(twins) -> None:
    with pytest.raises(ValueError, match="threshold must be from 0 to 1"):
        permutation_importance(Ridge(), *twins, threshold=1.5, progress=False)
    with pytest.raises(ValueError, match="two samples or more on either side"):
        permutation_importance(Ridge(), *twins, test_size=0.001, progress=False)
    with pytest.raises(ValueError, match="must be finite"):
        correlated_groups(np.array([[1.0, np.nan], [2.0, 3.0]]))
