"""Arrhenius laws against lines that are known, and against weighted fits of NumPy."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from ase.units import kB

from matlearn.transport import Arrhenius, arrhenius

T = np.array([450.0, 550.0, 650.0, 800.0])


def law(t: np.ndarray, energy: float = 0.1, prefactor: float = 1.6e-4) -> np.ndarray:
    return prefactor * np.exp(-energy / (kB * t))


def quiet(*arguments: object, **options: object) -> Arrhenius:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return arrhenius(*arguments, **options)


def test_exact_points_give_the_exact_law() -> None:
    fit = arrhenius([(t, d, 0.03 * d) for t, d in zip(T, law(T), strict=True)])
    assert fit.activation_energy == pytest.approx(0.1)
    assert fit.prefactor == pytest.approx(1.6e-4)
    assert fit.chi_square == pytest.approx(0.0, abs=1e-18)
    assert fit.messages == ()
    assert fit.at(300.0)[0] == pytest.approx(law(np.array(300.0)))


def test_equals_the_weighted_fit_of_numpy_with_absolute_errors() -> None:
    rng = np.random.default_rng(2)
    relative = np.array([0.02, 0.05, 0.03, 0.10])
    values = law(T) * np.exp(relative * rng.normal(size=4))
    fit = arrhenius(list(zip(T, values, relative * values, strict=True)))
    line, covariance = np.polyfit(-1 / (kB * T), np.log(values), 1, w=1 / relative, cov="unscaled")
    assert fit.activation_energy == pytest.approx(line[0])
    assert np.log(fit.prefactor) == pytest.approx(line[1])
    assert fit.covariance == pytest.approx(covariance[::-1, ::-1])
    assert fit.activation_energy_error == pytest.approx(np.sqrt(covariance[0, 0]))


def test_errors_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    relative = np.array([0.05, 0.04, 0.04, 0.03])
    pulls, far = [], []
    for _ in range(400):
        values = law(T) * (1 + relative * rng.normal(size=4))
        fit = quiet(list(zip(T, values, relative * values, strict=True)))
        pulls.append((fit.activation_energy - 0.1) / fit.activation_energy_error)
        value, error = fit.at(300.0)
        far.append((np.log(value) - np.log(law(np.array(300.0)))) * value / error)
    for found in (np.array(pulls), np.array(far)):
        assert np.mean(np.abs(found) < 1) == pytest.approx(0.683, abs=0.06)


def test_band_opens_away_from_the_points() -> None:
    fit = arrhenius([(t, d, 0.05 * d) for t, d in zip(T, law(T), strict=True)])
    band = fit.band([600.0, 400.0, 300.0, 250.0])
    relative = (band["error"] / band["value"]).to_numpy()
    assert (np.diff(relative) > 0).all()
    assert band["extrapolated"].tolist() == [False, True, True, True]
    assert (band["lower"] > 0).all()
    assert np.allclose(band["upper"] * band["lower"], band["value"] ** 2, rtol=1e-12)


def test_for_a_conductivity_sigma_times_temperature_is_activated() -> None:
    sigma = 5000.0 * np.exp(-0.12 / (kB * T)) / T
    fit = arrhenius(
        [(t, s, 0.02 * s) for t, s in zip(T, sigma, strict=True)], quantity="conductivity"
    )
    assert fit.activation_energy == pytest.approx(0.12)
    assert fit.prefactor == pytest.approx(5000.0)
    assert fit.at(500.0)[0] == pytest.approx(5000.0 * np.exp(-0.12 / (kB * 500.0)) / 500.0)
    assert "S K/cm" in repr(fit)


def test_order_and_form_of_the_points_do_not_matter() -> None:
    values = law(T) * np.array([1.02, 0.97, 1.01, 0.99])
    triples = list(zip(T, values, 0.03 * values, strict=True))
    fit = arrhenius(triples)
    frame = pd.DataFrame(triples, columns=["temperature", "value", "error"])
    results = [
        SimpleNamespace(temperature=t, value=v, error=e, species="Ag", kind="self")
        for t, v, e in triples
    ]
    for other in (triples[::-1], frame, np.array(triples), results):
        again = arrhenius(other)
        assert again.activation_energy == pytest.approx(fit.activation_energy)
        assert again.covariance == pytest.approx(fit.covariance)
    assert arrhenius(results).species == "Ag"


def test_two_points_are_fitted_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="two points always lie on a line"):
        fit = arrhenius([(500, 1e-5, 1e-6), (700, 2e-5, 1e-6)])
    assert fit.activation_energy == pytest.approx(kB * np.log(2) / (1 / 500 - 1 / 700))
    expected = kB * np.hypot(0.1, 0.05) / (1 / 500 - 1 / 700)
    assert fit.activation_energy_error == pytest.approx(expected)
    assert np.isnan(fit.probability)


def test_a_bend_is_noticed_and_errors_stay_as_they_were() -> None:
    straight = [(t, d, 0.02 * d) for t, d in zip(T, law(T), strict=True)]
    bent = [*straight[:-1], (T[-1], 1.5 * straight[-1][1], 0.03 * straight[-1][1])]
    with pytest.warns(UserWarning, match="phase transition"):
        fit = arrhenius(bent)
    assert fit.probability < 0.01
    assert fit.activation_energy_error == pytest.approx(
        arrhenius(straight).activation_energy_error, rel=0.02
    )


def test_values_near_zero_and_degrees_celsius_are_noticed() -> None:
    points = [(t, d, 0.05 * d) for t, d in zip(T, law(T), strict=True)]
    with pytest.warns(UserWarning, match="300 K the value is within two standard errors of zero"):
        arrhenius([(300, 5e-6, 4e-6), *points])
    with (
        pytest.warns(UserWarning, match="Celsius"),
        pytest.warns(UserWarning, match="two points"),
    ):
        arrhenius([(25, 1e-5, 1e-6), (100, 1.2e-5, 1e-6)])


def test_without_errors_the_scatter_stands_in() -> None:
    values = law(T) * np.array([1.02, 0.97, 1.01, 0.99])
    with pytest.warns(UserWarning, match="no errors"):
        fit = arrhenius(list(zip(T, values, strict=True)))
    line, covariance = np.polyfit(-1 / (kB * T), np.log(values), 1, cov=True)
    assert fit.activation_energy == pytest.approx(line[0])
    assert fit.covariance == pytest.approx(covariance[::-1, ::-1])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "empty"),
        ([(500, 1e-5, 1e-6)], "two different temperatures"),
        ([(500, 1e-5, 1e-6), (500, 1.1e-5, 1e-6)], "500 K alone"),
        ([(500, 1e-5, 1e-6), (600, 0.0, 1e-6)], "value at 600 K must be positive"),
        ([(500, -1e-5, 1e-6), (600, 1e-5, 1e-6)], "value at 500 K must be positive"),
        ([(500, np.nan, 1e-6), (600, 1e-5, 1e-6)], "value at 500 K must be positive"),
        ([(500, 1e-5, 0.0), (600, 1e-5, 1e-6)], "error at 500 K must be positive"),
        ([(500, 1e-5, None), (600, 1e-5, 1e-6)], "error is missing at 500 K"),
        ([(500, 1e-5), (600, 2e-5)], "two points without errors"),
        ([(-23, 1e-5, 1e-6), (600, 1e-5, 1e-6)], "kelvin"),
        ([(500, 1e-5, 1e-6, 1.0)], "triples"),
        ([("hot", 1e-5, 1e-6), (600, 1e-5, 1e-6)], "no numbers"),
        (pd.DataFrame({"temperature": [1.0], "D": [1.0]}), "without value"),
    ],
)
def test_bad_points_are_named(points: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        arrhenius(points)


def test_what_cannot_be_mixed_or_read_is_refused() -> None:
    def result(**fields: object) -> SimpleNamespace:
        base = {"temperature": 500.0, "value": 1e-5, "error": 1e-6, "species": "Li", "kind": "self"}
        return SimpleNamespace(**{**base, **fields})

    with pytest.raises(ValueError, match="one quantity, species and kind"):
        arrhenius([result(), result(species="Ag", temperature=600.0)])
    with pytest.raises(ValueError, match="one quantity, species and kind"):
        arrhenius([result(), result(kind="collective", temperature=600.0)])
    with pytest.raises(ValueError, match="has no temperature"):
        arrhenius([result(), result(temperature=None)])
    with pytest.raises(ValueError, match="must not mix"):
        arrhenius([result(), (600, 1e-5, 1e-6)])
    with pytest.raises(ValueError, match="but points are of diffusion"):
        arrhenius([result(), result(temperature=600.0)], quantity="conductivity")
    with pytest.raises(ValueError, match="quantity must be"):
        arrhenius([(500, 1e-5, 1e-6), (600, 2e-5, 1e-6)], quantity="viscosity")
    with pytest.raises(TypeError, match="points must be"):
        arrhenius(3.0)
    fit = quiet([(500, 1e-5, 1e-6), (600, 2e-5, 1e-6)])
    with pytest.raises(ValueError, match="kelvin"):
        fit.at(-5.0)
