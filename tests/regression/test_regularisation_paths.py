"""Linear models looked into: paths, coefficients in physical units, and what they are worth."""

from __future__ import annotations

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import KFold

from matlearn.plotting import describe
from matlearn.regression import plots
from matlearn.regression.linear import (
    bootstrap_coefficients,
    coefficients,
    regularisation_path,
    variance_inflation,
)
from matlearn.regression.models import make_model


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def _sample(n: int = 60, p: int = 6, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Features of very different scale, two of which matter; a third repeats the first."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, p))
    z[:, 2] = z[:, 0] + 0.3 * z[:, 2]
    x = pd.DataFrame(z * 10.0 ** np.arange(p) + 5, columns=list("abcdef")[:p])
    return x, 4 * z[:, 0] - 2 * z[:, 1] + rng.normal(size=n) + 100


@pytest.mark.parametrize("kind", ["lasso", "ridge"])
def test_path_has_the_coefficients_of_the_model_with_that_penalty(kind):
    x, y = _sample()
    path = regularisation_path(x, y, kind=kind, alphas=[0.01, 0.1, 1.0])
    assert path.alphas.tolist() == [1.0, 0.1, 0.01]
    for alpha, line in zip(path.alphas, path.coefficients, strict=True):
        table = coefficients(make_model(kind, alpha=alpha).fit(x, y))
        np.testing.assert_allclose(table.effect[list(path.names)], line, atol=2e-3)


def test_ridge_path_agrees_with_scikit_learn_to_rounding():
    x, y = _sample()
    path = regularisation_path(x, y, kind="ridge")
    scaled = (x - x.mean()) / x.std(ddof=0)
    for alpha, line in zip(path.alphas[::20], path.coefficients[::20], strict=True):
        np.testing.assert_allclose(line, Ridge(alpha).fit(scaled, y).coef_, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", ["lasso", "ridge"])
def test_errors_are_those_of_pipelines_fitted_fold_by_fold(kind):
    x, y = _sample(40)
    path = regularisation_path(x, y, kind=kind, alphas=[0.5, 0.05], folds=4, seed=3)
    folds = KFold(4, shuffle=True, random_state=3).split(x)
    for number, (train, test) in enumerate(folds):
        for column, alpha in enumerate(path.alphas):
            model = make_model(kind, alpha=alpha).fit(x.iloc[train], y[train])
            for errors, rows in ((path.test, test), (path.train, train)):
                expected = np.abs(model.predict(x.iloc[rows]) - y[rows]).mean()
                assert errors[number, column] == pytest.approx(expected, abs=2e-3)


def test_lasso_path_begins_where_nothing_is_left_and_takes_in_one_feature_after_another():
    path = regularisation_path(*_sample())
    assert path.n_nonzero[0] == 0 and path.n_nonzero[1] >= 1 and path.n_nonzero[-1] >= 5
    assert (np.diff(path.alphas) < 0).all()
    assert path.left(5)[0][0] in ("a", "c")


def test_one_standard_error_takes_the_largest_penalty_that_is_as_good():
    path = regularisation_path(*_sample(200))
    one, best = path.one_standard_error, path.best
    limit = path.error[best] + path.standard_error[best]
    assert one <= best and path.error[one] <= limit
    assert (path.error[:one] > limit).all()
    assert path.alpha == path.alphas[one]
    assert path.n_nonzero[one] <= path.n_nonzero[best]


def test_target_in_another_unit_gives_the_same_path_in_that_unit():
    x, y = _sample()
    first, second = (regularisation_path(x, k * y, folds=3) for k in (1.0, 1000.0))
    np.testing.assert_allclose(first.alphas, second.alphas)
    np.testing.assert_allclose(1000 * first.coefficients, second.coefficients, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(1000 * first.test, second.test, rtol=1e-6)


def test_path_as_a_table_a_line_and_a_figure():
    x, y = _sample()
    x["constant"] = 1.0
    path = regularisation_path(x, y, unit="eV")
    assert "constant" not in path.names
    frame = path.to_frame()
    assert list(frame) == ["alpha", "n_nonzero", "error", "standard_error", "train_error"]
    assert frame.error.min() == path.error[path.best]
    assert "\n" not in repr(path) and "smallest MAE" in repr(path) and "eV" in repr(path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        path.kind = "ridge"
    ax = path.plot()
    assert ax.get_ylabel() == "Coefficient (eV)" and len(ax.figure.axes) == 2
    assert ax.get_xlim()[0] > ax.get_xlim()[1]
    assert "6 features" in describe(ax) and "test folds" in describe(ax)
    assert plots.regularisation_path(path, ax=plt.subplots()[1]).figure.axes[1:] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "elastic"}, "kind must be 'lasso' or 'ridge', got 'elastic'"),
        ({"folds": 1}, "folds must be a whole number from 2 to 60"),
        ({"alphas": [0.1, -1]}, "alphas must be positive and finite"),
        ({"alphas": []}, "alphas must be positive and finite, and at least one"),
        ({"y": np.ones(60)}, "y is constant"),
        ({"y": np.ones(3)}, r"shapes \(60, 6\) and \(3,\)"),
        ({"y": np.append(np.arange(59.0), np.nan)}, "y must be finite, got 1 values that are not"),
        ({"X": np.ones((60, 2))}, "every column of X is constant"),
    ],
)
def test_paths_that_cannot_be_are_refused(change, message):
    x, y = _sample()
    arguments = {"X": x, "y": y} | change
    with pytest.raises(ValueError, match=message):
        regularisation_path(arguments.pop("X"), arguments.pop("y"), **arguments)


def test_columns_that_are_not_finite_are_named():
    x, y = _sample()
    x.loc[3, "d"] = np.inf
    with pytest.raises(ValueError, match="NaN or infinity is in d"):
        regularisation_path(x, y)
    with pytest.raises(ValueError, match="at least 10 samples, got 5"):
        regularisation_path(x[["a"]].head(5), y[:5])


@pytest.mark.parametrize("name", ["ols", "ridge", "lasso"])
def test_coefficients_in_physical_units_predict_what_the_model_predicts(name):
    x, y = _sample()
    x["constant"] = 3.0
    model = make_model(name).fit(x, y)
    table = coefficients(model)
    said = x[table.index].to_numpy() @ table.slope.to_numpy() + table.attrs["intercept"]
    np.testing.assert_allclose(said, model.predict(x), rtol=1e-9)
    assert table.slope["constant"] == 0
    assert (table.effect.abs().diff().dropna() <= 0).all()


def test_coefficients_of_a_bare_estimator_and_of_a_classifier():
    x, y = _sample()
    bare = coefficients(Lasso(0.1).fit(x[["a", "b"]], y))
    assert (bare.spread == 1).all() and set(bare.index) == {"a", "b"}
    model = make_model("ridge", "classification").fit(x, y > 100)
    table = coefficients(model)
    odds = x[table.index].to_numpy() @ table.slope.to_numpy() + table.attrs["intercept"]
    np.testing.assert_allclose(odds, model.decision_function(x))


def test_coefficients_of_what_has_none_are_refused():
    x, y = _sample()
    for model in (make_model("ols"), make_model("knn").fit(x, y)):
        with pytest.raises(TypeError, match="model must be linear and fitted, got"):
            coefficients(model)
    with pytest.raises(ValueError, match="names must be one for each of 6 columns, got 2"):
        coefficients(make_model("ols").fit(x.to_numpy(), y), ["a", "b"])


def test_bootstrap_error_is_that_of_theory_where_there_is_one():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2))
    y = x @ [1.0, 0.0] + 0.5 * rng.normal(size=400)
    spread = bootstrap_coefficients(make_model("ols"), x, y, repeats=300)
    np.testing.assert_allclose(spread.standard_error, 0.5 / np.sqrt(400), rtol=0.2)
    assert spread.values[0] == pytest.approx(x[:, 0].std(), abs=0.08)


def test_bootstrap_shows_that_lasso_cannot_choose_between_twins():
    x, y = _sample()
    x["c"] = x["a"] + 0.05 * np.random.default_rng(1).normal(size=60)
    spread = bootstrap_coefficients(make_model("lasso", alpha=0.1), x, y, repeats=60, unit="eV")
    table = spread.to_frame()
    assert table.selected["b"] == 1.0
    assert 0.02 < min(table.selected["a"], table.selected["c"]) < 0.98
    assert table.high["a"] - table.low["a"] > 3 * (table.high["b"] - table.low["b"])
    ax = spread.plot(top=4)
    assert len(ax.get_yticklabels()) == 4 and "60 resamples" in describe(ax)
    assert "\n" not in repr(spread)


def test_bootstrap_needs_some_repeats():
    with pytest.raises(ValueError, match="repeats must be a whole number of at least 10, got 3"):
        bootstrap_coefficients(make_model("ols"), *_sample(), repeats=3)


def test_variance_inflation_is_one_over_what_the_others_leave_unexplained():
    x, _ = _sample(200)
    factors = variance_inflation(x)
    assert set(factors.index[:2]) == {"a", "c"}
    others = make_model("ols").fit(x.drop(columns="a"), x["a"])
    expected = 1 / (1 - others.score(x.drop(columns="a"), x["a"]))
    assert factors["a"] == pytest.approx(expected, rel=1e-6)
    assert factors["f"] == pytest.approx(1.0, abs=0.1)


def test_variance_inflation_of_a_sum_is_infinite_and_of_the_rest_is_not():
    x, _ = _sample(50)
    x["sum"] = x["a"] + x["b"]
    factors = variance_inflation(x)
    assert np.isinf(factors[["a", "b", "sum"]]).all()
    assert np.isfinite(factors[["d", "e", "f"]]).all()
