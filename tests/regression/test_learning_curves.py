"""Errors against the number of samples and against a parameter, and what an interrupt leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold, cross_val_score, validation_curve
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from matlearn.regression.diagnostics import LearningCurve, learning_curve, train_against_test


@pytest.fixture
def line() -> tuple[np.ndarray, np.ndarray]:
    """Five features that add up, and noise with a standard deviation of 1."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(600, 5))
    return X, X.sum(axis=1) + rng.normal(size=600)


class Counting(RegressorMixin, BaseEstimator):
    """Predicts zero, and is interrupted at a fit that can be chosen."""

    fits = 0
    stop_at = -1

    def fit(self, X, y):
        Counting.fits += 1
        if Counting.fits == Counting.stop_at:
            raise KeyboardInterrupt
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.zeros(len(X))


class Watching(RegressorMixin, BaseEstimator):
    """Remembers which rows it was given; the first feature is the row's number."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y):
        self.rows_ = set(X[:, 0].astype(int))
        return self

    def predict(self, X):
        Watching.seen.append((self.rows_, set(X[:, 0].astype(int))))
        return np.zeros(len(X))


def test_with_all_samples_a_learning_curve_ends_at_cross_validation(line) -> None:
    X, y = line
    curve = learning_curve(Ridge(), X, y, sizes=[50, 480], seed=7, progress=False)
    folds = KFold(5, shuffle=True, random_state=7)
    scores = -cross_val_score(Ridge(), X, y, cv=folds, scoring="neg_mean_absolute_error")
    last = curve.to_frame().query("size == 480")
    assert last["test_error"].to_numpy() == pytest.approx(scores, rel=1e-9)


def test_errors_of_a_line_fall_to_the_noise_from_above_and_rise_to_it_from_below(line) -> None:
    curve = learning_curve(LinearRegression(), *line, sizes=[10, 60, 480], progress=False)
    table, noise = curve.summary(), np.sqrt(2 / np.pi)
    assert table["test_error"].is_monotonic_decreasing
    assert table["train_error"].is_monotonic_increasing
    assert table.loc[480, "test_error"] == pytest.approx(noise, rel=0.05)
    assert table.loc[10, "test_error"] > 1.2 * noise
    assert table.loc[10, "train_error"] < 0.8 * noise


def test_gain_is_what_a_power_law_takes_away_when_samples_double() -> None:
    sizes = np.repeat([10, 20, 40, 80], 2)
    table = pd.DataFrame(
        {"size": sizes, "fold": [0, 1] * 4, "train_error": 0.0, "test_error": 3 / np.sqrt(sizes)}
    )
    assert LearningCurve("x", "mae", table).gain == pytest.approx(1 - 2**-0.5)


def test_larger_draws_hold_the_smaller_ones_and_never_a_test_sample(line) -> None:
    X, y = line
    X = X[:100].copy()
    X[:, 0] = np.arange(100)
    Watching.seen.clear()
    learning_curve(Watching(), X, y[:100], sizes=[10, 30, 0.5], folds=2, workers=1, progress=False)
    both = Watching.seen[1::2]  # of each fit first training samples, then test samples
    trained = [one for one, _ in both]
    assert [len(one) for one in trained] == [10, 10, 25, 25, 30, 30]
    assert trained[0] < trained[2] < trained[4]
    assert all(not one & other for one, other in both)


def test_groups_are_never_on_both_sides(line) -> None:
    X, y = line
    X = X[:100].copy()
    X[:, 0] = np.arange(100)
    groups = np.arange(100) // 4
    Watching.seen.clear()
    learning_curve(
        Watching(), X, y[:100], sizes=[1.0], folds=3, groups=groups, workers=1, progress=False
    )
    for trained, tested in Watching.seen[1::2]:
        assert not {groups[k] for k in trained} & {groups[k] for k in tested}


def test_an_interrupted_learning_curve_keeps_the_sizes_that_are_done(line) -> None:
    Counting.fits, Counting.stop_at = 0, 9  # two sizes of four folds are done
    curve = learning_curve(
        Counting(), *line, sizes=[10, 20, 30], folds=4, workers=1, progress=False
    )
    assert list(curve.summary().index) == [10, 20]
    Counting.fits, Counting.stop_at = 0, 3
    with pytest.raises(KeyboardInterrupt):
        learning_curve(Counting(), *line, sizes=[10, 20], folds=4, workers=1, progress=False)


def test_processes_find_what_one_process_finds(line) -> None:
    X, y = line
    alone, together = (
        learning_curve(Ridge(), X, y, sizes=[20, 80], folds=2, workers=n, progress=False)
        for n in (1, 2)
    )
    columns = ["size", "fold", "train_error", "test_error"]
    pd.testing.assert_frame_equal(alone.to_frame()[columns], together.to_frame()[columns])


def test_small_draws_hold_every_class_in_proportion() -> None:
    class Seeing(ClassifierMixin, BaseEstimator):
        shares: list = []  # noqa: RUF012

        def fit(self, X, y):
            self.classes_ = np.unique(y)
            Seeing.shares.append(y.mean())
            return self

        def predict(self, X):
            return np.zeros(len(X), dtype=bool)

    y = np.arange(400) % 10 == 0
    curve = learning_curve(
        Seeing(), np.zeros((400, 1)), y, sizes=[20, 100], workers=1, progress=False
    )
    assert np.abs(np.array(Seeing.shares) - 0.1).max() <= 0.05
    assert curve.summary()["test_error"].tolist() == pytest.approx([0.5, 0.5])  # balanced


def test_train_against_test_agrees_with_scikit_learn(line) -> None:
    X, y = line
    values = [1, 5, 50]
    ours = train_against_test(
        KNeighborsRegressor(), X, y, "n_neighbors", values, seed=1, progress=False
    ).summary()
    train, test = validation_curve(
        KNeighborsRegressor(), X, y, param_name="n_neighbors", param_range=values,
        cv=KFold(5, shuffle=True, random_state=1), scoring="neg_mean_absolute_error",
    )  # fmt: skip
    assert ours["train_error"].to_numpy() == pytest.approx(-train.mean(axis=1))
    assert ours["test_error"].to_numpy() == pytest.approx(-test.mean(axis=1))
    assert ours["test_std"].to_numpy() == pytest.approx(test.std(axis=1, ddof=1))


def test_a_pipelines_parameter_needs_no_name_of_its_step(line) -> None:
    model = make_pipeline(StandardScaler(), Ridge())
    curve = train_against_test(model, *line, "alpha", [1e-3, 1e4], progress=False)
    assert curve.best == 1e-3
    with pytest.raises(ValueError, match="has no parameter 'depth'; it has 'alpha'"):
        train_against_test(model, *line, "depth", [1], progress=False)
    with pytest.raises(ValueError, match="several steps, name one"):
        train_against_test(
            make_pipeline(StandardScaler(), StandardScaler(), Ridge()), *line, "with_mean", [True],
            progress=False,
        )  # fmt: skip


def test_values_may_be_words_or_nothing(line) -> None:
    X, y = line
    curve = train_against_test(
        KNeighborsRegressor(), X, y, "weights", ["uniform", "distance"], progress=False
    )
    assert set(curve.summary().index) == {"uniform", "distance"}
    assert curve.plot().get_xlabel() == "weights"


@pytest.mark.parametrize(
    ("sizes", "message"),
    [([500], "from 2 to the 480"), ([], "got none"), ([1], "2 or more"), ([12.5], "whole number")],
)
def test_sizes_that_cannot_be_had_are_refused(line, sizes, message) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        learning_curve(Ridge(), *line, sizes=sizes, progress=False)


def test_a_draw_with_a_single_class_is_refused() -> None:
    y = np.arange(200) < 5
    with pytest.raises(ValueError, match="3 samples of fold 0 are of a single class"):
        learning_curve(DummyClassifier(), np.zeros((200, 1)), y, sizes=[3], progress=False)
