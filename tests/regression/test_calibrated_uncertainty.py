"""Error bars that hold: planted noise is found, and calibration sees nothing that it is tested on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from matlearn.regression._diagnostics.scaling import (
    conformal_factor,
    fit_line,
    miscalibration_area,
    normal_factor,
)
from matlearn.regression.diagnostics import CalibratedEnsemble, ensemble_uncertainty

NOISE = 0.5


def planted(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A line in three features, with noise of standard deviation 0.5."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X.sum(axis=1) + NOISE * rng.normal(size=n)


@pytest.fixture(scope="module")
def of_a_line():
    return ensemble_uncertainty(LinearRegression(), *planted(2000), members=6, progress=False)


def test_calibrated_error_bars_are_the_planted_noise(of_a_line) -> None:
    frame = of_a_line.to_frame()
    assert frame["std"].mean() == pytest.approx(NOISE, rel=0.05)
    assert frame["std_raw"].mean() < 0.1 * NOISE  # members of a line agree: they know no noise
    table = of_a_line.metrics()
    assert table.loc["z_std", "calibrated"] == pytest.approx(1, abs=0.05)
    assert table.loc["z_std", "raw"] > 10
    assert table.loc["miscalibration_area", "calibrated"] < 0.03
    assert table.loc["miscalibration_area", "raw"] > 0.35


def test_intervals_hold_as_many_as_they_say(of_a_line) -> None:
    table = of_a_line.coverage([0.5, 0.8, 0.95])
    for column in ("calibrated", "conformal"):
        assert (np.abs(table[column] - table.index) < 0.03).all(), column
    assert (table["raw"] < 0.2).all()
    assert table.loc[0.5, "noise"] == pytest.approx(0.5 * np.sqrt(1 / 2000 + 1 / 1000))


def test_bins_of_error_bars_hold_each_sample_once(of_a_line) -> None:
    bins = of_a_line.bins(7)
    assert bins["count"].sum() == 2000
    assert bins["count"].max() - bins["count"].min() <= 1
    assert bins["std"].is_monotonic_increasing
    frame = of_a_line.to_frame()
    rmse = np.sqrt(((frame["prediction"] - frame["target"]) ** 2).mean())
    assert np.sqrt(np.average(bins["rmse"] ** 2, weights=bins["count"])) == pytest.approx(rmse)


def test_each_sample_is_tested_once_in_the_order_of_the_rows(of_a_line) -> None:
    frame = of_a_line.to_frame()
    assert frame.index.tolist() == list(range(2000))
    assert frame["target"].to_numpy() == pytest.approx(planted(2000)[1])


def test_noise_that_depends_on_the_features_is_ranked() -> None:
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, size=(1500, 2))
    noise = np.where(X[:, 0] > 0, 1.0, 0.1)
    y = X[:, 1] + noise * rng.normal(size=1500)
    forest = RandomForestRegressor(40, min_samples_leaf=5, random_state=0)
    found = ensemble_uncertainty(forest, X, y, folds=3, progress=False)
    assert found.kind == "forest"
    std = found.to_frame()["std"].to_numpy()
    assert np.median(std[noise == 1.0]) > 3 * np.median(std[noise == 0.1])
    table = found.metrics()
    assert table.loc["rank_correlation", "calibrated"] > 0.5
    assert table.loc["miscalibration_area", "calibrated"] < table.loc["miscalibration_area", "raw"]


def test_a_model_that_knows_its_samples_by_heart_is_not_believed() -> None:
    X = np.random.default_rng(0).normal(size=(400, 3))
    y = np.random.default_rng(1).normal(size=400)  # nothing to be learned, training errors are zero
    model = CalibratedEnsemble(KNeighborsRegressor(1), members=5).fit(X, y)
    std = model.predict(np.random.default_rng(2).normal(size=(50, 3)), return_std=True)[1]
    assert std.mean() > 0.9


def test_polymorphs_do_not_make_error_bars_too_short() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(150), 4)  # four of each formula, and nothing to be learned
    X, y = rng.normal(size=(150, 3))[groups], rng.normal(size=150)[groups]
    torn, whole = (
        CalibratedEnsemble(KNeighborsRegressor(1), members=5).fit(X, y, given)
        for given in (None, groups)
    )
    new = rng.normal(size=(50, 3))
    assert torn.predict(new, return_std=True)[1].mean() < 0.6
    assert whole.predict(new, return_std=True)[1].mean() > 0.9
    found = ensemble_uncertainty(
        KNeighborsRegressor(1), X, y, members=5, groups=groups, progress=False
    )
    inside = found.coverage([0.9]).iloc[0]
    assert inside["conformal"] == pytest.approx(0.9, abs=3 * inside["noise"] * 2)  # four alike


def test_a_group_is_calibrated_on_as_a_whole_or_not_at_all() -> None:
    X, y = planted(90)
    groups = np.r_[np.zeros(60), np.arange(1, 31)]  # one is larger than what is kept
    model = CalibratedEnsemble(LinearRegression(), members=2).fit(X, y, groups)
    assert sum(model.n_calibration_) < 31 or sum(model.n_calibration_) > 60
    with pytest.raises(ValueError, match="three or more, got 2"):
        CalibratedEnsemble(LinearRegression(), members=2).fit(X, y, groups > 0)
    with pytest.raises(ValueError, match="a label for each of 90"):
        CalibratedEnsemble(LinearRegression(), members=2).fit(X, y, groups[:10])


def test_targets_of_test_samples_change_neither_predictions_nor_error_bars() -> None:
    X, y = planted(200)
    folds = [(np.arange(150), np.arange(150, 200))]
    other = y.copy()
    other[150:] += 100
    first, second = (
        ensemble_uncertainty(
            LinearRegression(), X, one, members=3, folds=folds, progress=False
        ).to_frame()
        for one in (y, other)
    )
    assert len(first) == 50
    assert (
        first[["prediction", "std_raw", "std"]] == second[["prediction", "std_raw", "std"]]
    ).all(axis=None)


def test_the_line_from_disagreement_to_error_is_found() -> None:
    rng = np.random.default_rng(0)
    std = rng.uniform(0.1, 2.0, size=40_000)
    a, b = fit_line(std, (0.3 + 1.7 * std) * rng.normal(size=len(std)))
    assert (a, b) == (pytest.approx(0.3, abs=0.03), pytest.approx(1.7, abs=0.03))
    a, b = fit_line(1e3 * std, 1e3 * std * rng.normal(size=len(std)))  # in another unit
    assert (a, b) == (pytest.approx(0, abs=40), pytest.approx(1, abs=0.03))


def test_exact_hits_do_not_make_error_bars_vanish() -> None:
    rng = np.random.default_rng(0)
    std = np.where(np.arange(400) < 200, 0.0, 0.5)  # metals that all trees know, and the others
    residual = std * rng.normal(size=400)
    residual[:5] = 0.3  # some of the metals are none
    a, b = fit_line(std, residual)
    assert 0.01 < a < 0.1
    assert a + 0.5 * b == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("std", [np.zeros(50), np.full(50, 0.3)])
def test_a_level_disagreement_makes_a_level_error_bar(std) -> None:
    residual = np.random.default_rng(0).normal(size=50)
    assert fit_line(std, residual) == (pytest.approx(np.sqrt((residual**2).mean())), 0.0)


@pytest.mark.parametrize(("n", "level"), [(9, 0.8), (19, 0.9), (50, 0.5), (13, 0.7)])
def test_conformal_intervals_hold_the_promised_share_with_few_samples(n, level) -> None:
    draws = np.random.default_rng(0).exponential(size=(6000, n + 1))
    held = np.mean([draw[-1] <= conformal_factor(draw[:-1], level) for draw in draws])
    exact = np.ceil((n + 1) * level - 1e-9) / (n + 1)
    assert exact >= level
    assert held == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 6000))


def test_a_level_beyond_what_the_samples_can_tell_has_no_interval() -> None:
    assert conformal_factor(np.arange(9.0), 0.95) == np.inf
    model = CalibratedEnsemble(LinearRegression(), members=2).fit(*planted(80))
    assert model.n_calibration_ == (10, 10)
    low, high = model.interval(planted(3)[0], level=0.99)
    assert np.isinf(high - low).all()
    low, high = model.interval(planted(3)[0], level=0.8)
    assert (high > low).all()


def test_miscalibration_is_the_area_to_the_diagonal() -> None:
    levels = np.linspace(0.05, 0.95, 19)
    assert miscalibration_area(levels, levels) == pytest.approx(0)
    assert miscalibration_area(levels, np.zeros(19)) == pytest.approx(0.5, abs=0.03)
    assert normal_factor(0.6827) == pytest.approx(1, abs=1e-4)


def test_a_forests_members_are_its_trees() -> None:
    X, y = planted(120)
    forest = make_pipeline(StandardScaler(), RandomForestRegressor(7, random_state=3))
    model = CalibratedEnsemble(forest).fit(X, y)
    assert model.ensemble_.kind == "forest"
    assert model.ensemble_.predictions(X).shape == (7, 120)
    assert model.predict(X) == pytest.approx(model.ensemble_.fitted[0].predict(X))


def test_bagged_trees_see_the_features_that_they_were_given() -> None:
    X, y = planted(120)
    bagged = BaggingRegressor(n_estimators=5, max_features=2, random_state=0)
    model = CalibratedEnsemble(bagged).fit(X, y)
    assert model.predict(X) == pytest.approx(model.ensemble_.fitted[0].predict(X))


def test_restarts_differ_by_their_seeds_alone() -> None:
    X, y = planted(120)
    model = CalibratedEnsemble(SGDRegressor(), kind="restarts", members=4).fit(X, y)
    predictions = model.ensemble_.predictions(X)
    assert len(np.unique(predictions[:, 0])) == 4
    again = clone(model).fit(X, y)
    assert (again.ensemble_.predictions(X) == predictions).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "forest"}, "no trees of its own"),
        ({"kind": "restarts"}, "needs a model with random_state"),
        ({"kind": "bayes"}, "kind must be 'auto'"),
        ({"members": 1}, "members must be 2 or more"),
        ({"calibration_size": 0.04}, "calibration needs 4 samples"),
        ({"calibration_size": 1.5}, "between 0 and 1"),
    ],
)
def test_what_makes_no_ensemble_is_refused(options, message) -> None:
    with pytest.raises(ValueError, match=message):
        ensemble_uncertainty(LinearRegression(), *planted(100), **options, progress=False)


def test_classes_have_no_error_bars_and_no_sample_is_tested_twice() -> None:
    X, y = planted(100)
    with pytest.raises(ValueError, match="must be a regressor here"):
        ensemble_uncertainty(LogisticRegression(), X, y > 0, progress=False)
    half = np.arange(50), np.arange(50, 100)
    with pytest.raises(ValueError, match="tested more than once"):
        ensemble_uncertainty(LinearRegression(), X, y, folds=[half, half], progress=False)
