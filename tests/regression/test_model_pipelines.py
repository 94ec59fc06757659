"""Ten models by name: pipelines that are estimators, and errors that help."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from matlearn.regression.models import MODELS, make_model, parameter_key

_CLASSIFIERS = tuple(name for name in MODELS if name != "kernel-ridge")
_QUICK = {
    "random-forest": {"n_estimators": 5},
    "gradient-boosting": {"max_iter": 5},
    "neural-network": {"epochs": 5, "hidden": (8,), "device": "cpu"},
}


def _model(name: str, task: str = "regression"):
    return make_model(name, task, **_QUICK.get(name, {}))


def _line(n: int = 80, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    return x, 1000 + 300 * x[:, 0] - 200 * x[:, 1] + 10 * rng.normal(size=n)


_OF_EVERY_PIPELINE = dict.fromkeys(
    ("check_dont_overwrite_parameters", "check_estimators_overwrite_params"),
    "scikit-learn's own Pipeline keeps its fitted steps in its parameter `steps`",
)


@parametrize_with_checks(
    [make_model("ols"), make_model("lasso"), make_model("ridge", "classification")],
    expected_failed_checks=lambda estimator: _OF_EVERY_PIPELINE,
)
def test_pipelines_pass_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", MODELS)
def test_every_regression_beats_the_mean_in_any_unit(name):
    x, y = _line()
    if name == "neural-network":
        model = make_model(name, hidden=(16,), epochs=100, batch_size=8, device="cpu")
    else:
        model = _model(name).set_params(**({"model__max_iter": 50} if "boost" in name else {}))
    error = [
        np.abs(clone(model).fit(x[:60], k * y[:60]).predict(x[60:]) - k * y[60:]).mean() / k
        for k in (1.0, 2.0**-13)  # a power of two: sums round alike
    ]
    assert error[1] == pytest.approx(error[0], rel=2e-2)
    spread = np.abs(y[60:] - y[:60].mean()).mean()
    assert error[0] == pytest.approx(spread) if name == "dummy" else error[0] < 0.7 * spread


@pytest.mark.parametrize("name", _CLASSIFIERS)
def test_every_classifier_gives_classes_and_scores_to_rank_by(name):
    x, y = _line()
    model = _model(name, "classification").fit(x, y > y.mean())
    assert set(model.predict(x)) <= {False, True}
    if hasattr(model, "predict_proba"):
        scores = model.predict_proba(x)
        np.testing.assert_allclose(scores.sum(axis=1), 1.0)
    else:
        scores = model.decision_function(x)
        np.testing.assert_array_equal(scores > 0, model.predict(x))
    assert hasattr(model, "predict_proba") or name == "svm"


@pytest.mark.parametrize(
    ("name", "task"),
    [(name, "regression") for name in MODELS] + [(name, "classification") for name in _CLASSIFIERS],
)
def test_models_survive_clone_and_joblib_and_are_reproducible(name, task, tmp_path: Path):
    x, y = _line(60)
    target = y if task == "regression" else y > y.mean()
    model = _model(name, task)
    fitted = clone(model).fit(x, target)
    joblib.dump(fitted, tmp_path / "model.joblib")
    expected = fitted.predict(x)
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").predict(x), expected)
    np.testing.assert_array_equal(clone(fitted).fit(x, target).predict(x), expected)


def test_constant_columns_are_dropped_and_their_names_with_them():
    import pandas as pd

    x, y = _line()
    frame = pd.DataFrame({"a": x[:, 0], "same everywhere": 7.0, "b": x[:, 1]})
    model = make_model("ols").fit(frame, y)
    assert list(model[:-1].get_feature_names_out()) == ["a", "b"]
    assert model["model"].coef_.shape == (2,)


def test_dummy_classifier_draws_classes_by_their_frequency():
    y = np.arange(4000) % 4 == 0
    drawn = make_model("dummy", "classification").fit(np.arange(4000.0)[:, None], y)
    assert drawn.predict(np.arange(4000.0)[:, None]).mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("name", MODELS)
def test_everything_random_starts_from_zero_and_nothing_takes_more_cores(name):
    for task in ("regression", "classification") if name in _CLASSIFIERS else ("regression",):
        parameters = make_model(name, task).get_params()
        jobs = [value for key, value in parameters.items() if key.endswith("n_jobs")]
        assert set(jobs) <= {None, 1}
        if name in ("random-forest", "gradient-boosting", "neural-network"):
            key = parameter_key(make_model(name, task), "random_state")
            assert parameters[key] == 0
            assert make_model(name, task, random_state=5).get_params()[key] == 5


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (
            ("forest",),
            {},
            "name must be one of dummy, ols, ridge, .* got 'forest'.*'random-forest'",
        ),
        (("Random Forest",), {}, "did you mean 'random-forest'"),
        (("svm", "ranking"), {}, "task must be 'regression' or 'classification', got 'ranking'"),
        (("kernel-ridge", "classification"), {}, "'kernel-ridge' does not classify: 'svm' has"),
        (("svm",), {"c": 1}, r"parameters of 'svm' \(regression, SVR\) are C, .* got 'c'"),
        (("random-forest",), {"n_estimator": 9}, "got 'n_estimator' .did you mean 'n_estimators'"),
        (("ridge", "classification"), {"alpha": 1.0}, "LogisticRegression.* got 'alpha'"),
        (("ols",), {"random_state": 1}, "LinearRegression.* got 'random_state'"),
    ],
)
def test_unknown_names_tasks_and_parameters_are_refused(arguments, settings, message):
    with pytest.raises(ValueError, match=message):
        make_model(*arguments, **settings)


def test_a_name_that_is_no_text_is_a_type_error():
    with pytest.raises(TypeError, match=r"name must be one of .* got a int"):
        make_model(3)


@pytest.mark.parametrize(
    ("name", "key"),
    [("ridge", "model__alpha"), ("lasso", "model__regressor__alpha")],
)
def test_short_parameter_names_find_their_way_into_the_pipeline(name, key):
    model = make_model(name)
    assert parameter_key(model, "alpha") == parameter_key(model, key) == key
    model.set_params(**{parameter_key(model, "alpha"): 0.3})
    assert model.get_params()[key] == 0.3
    with pytest.raises(ValueError, match=r"got 'alhpa' \(did you mean 'alpha'"):
        parameter_key(model, "alhpa")


def test_lasso_leaves_out_what_says_nothing():
    x, y = _line()
    model = make_model("lasso", alpha=0.1).fit(x, y)
    assert (model["model"].regressor_.coef_ != 0).tolist() == [True, True, False, False]


def test_bad_numbers_are_refused_with_words():
    x, y = _line()
    broken = x.copy()
    broken[3, 1] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        make_model("ols").fit(broken, y)
    with pytest.raises(ValueError, match="NaN"):
        make_model("svm").fit(x, np.where(y > y.mean(), np.nan, y))
    with pytest.raises(ValueError, match="No feature in X meets the variance threshold"):
        make_model("ridge").fit(np.ones((5, 2)), np.arange(5.0))


def test_a_network_stays_sane_where_a_column_that_hardly_varied_is_large():
    x, y = _line()
    x[:, 3] = 0.0
    x[:3, 3] = 1e-6  # three samples of eighty
    far = np.zeros((1, 4))
    far[0, 3] = 1.0
    network = make_model("neural-network", hidden=(16,), epochs=60, device="cpu").fit(x, y)
    assert abs(network.predict(far)[0] - y.mean()) < 10 * y.std()
    line = make_model("ols").fit(x, y)  # a line is a line, for ever
    assert abs(line.predict(far)[0] - y.mean()) > 1000 * y.std()
