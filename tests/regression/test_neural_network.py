"""The network in torch: an estimator of scikit-learn, reproducible, and able to learn."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from matlearn.regression.models import NeuralNetworkClassifier, NeuralNetworkRegressor

_QUICK = {"epochs": 40, "learning_rate": 0.02, "device": "cpu"}


@parametrize_with_checks(
    [NeuralNetworkRegressor((16,), **_QUICK), NeuralNetworkClassifier((16,), **_QUICK)]
)
def test_network_is_an_estimator_of_scikit_learn(estimator, check):
    check(estimator)


def _waves(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).uniform(-2, 2, (n, 2))
    return x, np.sin(2 * x[:, 0]) * x[:, 1]


def test_network_learns_what_no_linear_model_can():
    model = NeuralNetworkRegressor((64, 64), epochs=80, device="cpu").fit(*_waves(600))
    x, y = _waves(200, seed=1)
    assert np.abs(model.predict(x) - y).mean() < 0.1 < 0.5 < np.abs(y).mean()


def test_classifier_learns_a_ring_and_knows_where_it_is_not_sure():
    x, _ = _waves(600)
    model = NeuralNetworkClassifier((32,), epochs=100, device="cpu")
    model.fit(x, np.where((x**2).sum(axis=1) < 2, "inside", "outside"))
    assert model.predict([[0.0, 0.0], [1.9, 1.9]]).tolist() == ["inside", "outside"]
    sure, unsure = model.predict_proba([[0.0, 0.0], [1.0, 1.0]])
    assert sure[0] > 0.95 and 0.1 < unsure[0] < 0.9


def test_same_seed_same_network_and_another_seed_another():
    x, y = _waves(100)
    model = NeuralNetworkRegressor((8,), **_QUICK)
    first, again = (clone(model).fit(x, y).predict(x) for _ in range(2))
    other = clone(model).set_params(random_state=1).fit(x, y).predict(x)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3


def test_fitting_leaves_torch_as_it_was():
    import torch

    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    NeuralNetworkRegressor((8,), threads=threads + 1, epochs=2, device="cpu").fit(*_waves(50))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("kind", [NeuralNetworkRegressor, NeuralNetworkClassifier])
def test_network_survives_joblib(kind, tmp_path: Path):
    x, y = _waves(60)
    model = kind((8,), **_QUICK).fit(x, y > 0)
    joblib.dump(model, tmp_path / "network.joblib")
    np.testing.assert_array_equal(
        joblib.load(tmp_path / "network.joblib").predict(x), model.predict(x)
    )


def test_prediction_is_a_chain_of_matrix_products():
    x, y = _waves(60)
    model = NeuralNetworkRegressor((5, 4), **_QUICK).fit(x, y)
    assert [matrix.shape for matrix in model.coefs_] == [(2, 5), (5, 4), (4, 1)]
    values = x
    for matrix, vector in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        values = (values @ matrix + vector).clip(min=0)
    expected = (values @ model.coefs_[-1] + model.intercepts_[-1])[:, 0]
    np.testing.assert_allclose(model.predict(x), expected)


def test_history_says_which_epoch_was_kept_and_why_training_ended():
    x, _ = _waves(200)
    noise = np.random.default_rng(0).normal(size=200)  # nothing to learn: stops early
    model = NeuralNetworkRegressor((32,), epochs=300, patience=10, device="cpu").fit(x, noise)
    history = model.history_
    assert list(history) == ["epoch", "loss", "validation_loss", "learning_rate"]
    assert len(history) == model.best_epoch_ + 10 < 300
    assert history.validation_loss.idxmin() == model.best_epoch_ - 1


def test_few_samples_are_all_trained_on():
    x, y = _waves(30)
    model = NeuralNetworkRegressor((8,), epochs=7, device="cpu").fit(x, y)
    assert model.history_.validation_loss.isna().all()
    assert model.best_epoch_ == len(model.history_) == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": 64}, r"hidden must be a tuple of widths such as \(128, 64\), got 64"),
        ({"hidden": (8, 0)}, "hidden must be a tuple"),
        ({"epochs": 0}, "epochs must be a whole number from 1 on, got 0"),
        ({"batch_size": 1.5}, "batch_size must be a whole number"),
        ({"learning_rate": "fast"}, "learning_rate must be a number from"),
        ({"dropout": 1.0}, "dropout must be a number from 0 to 0.95, got 1.0"),
        ({"loss": "huber"}, "loss must be one of 'absolute', 'squared', got 'huber'"),
    ],
)
def test_settings_that_cannot_be_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        NeuralNetworkRegressor(**settings).fit(*_waves(20))


def test_targets_too_large_for_the_network_are_said_to_need_scaling():
    x, _ = _waves(50)
    model = NeuralNetworkRegressor((8,), loss="squared", epochs=3, device="cpu")
    with pytest.raises(ValueError, match="scale features and target"):
        model.fit(x, np.full(50, 1e30))
