"""Errors of correlated samples, against series whose memory is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from matlearn.lattice import statistics
from matlearn.lattice.statistics import (
    Estimate,
    autocorrelation_time,
    binder_cumulant,
    blocking,
    equilibration,
    heat_capacity,
    jackknife,
    mean,
    reweight,
    susceptibility,
)


def fading(memory: float, n: int, seed: int) -> np.ndarray:
    """Samples of variance 1 whose correlation fades as memory**t: tau = 1/2 + memory/(1-memory)."""
    noise = np.random.default_rng(seed).normal(size=n + 1000) * math.sqrt(1 - memory**2)
    return lfilter([1.0], [1.0, -memory], noise)[1000:]


@pytest.mark.parametrize("memory", [0.3, 0.5, 0.9, 0.98])
def test_the_autocorrelation_time_of_a_known_memory_is_found_within_its_error(memory):
    exact = 0.5 + memory / (1 - memory)
    found = [autocorrelation_time(fading(memory, 100_000, seed)) for seed in range(8)]
    deviations = np.array([(f.time - exact) / f.error for f in found])
    assert np.abs(deviations).max() < 4
    assert 0.2 < deviations.std() < 2.0
    assert all(f.reliable for f in found)


@pytest.mark.parametrize("method", ["autocorrelation", "blocking"])
def test_errors_of_the_mean_are_as_large_as_its_deviations(method):
    series = [3.0 + fading(0.9, 8192, seed) for seed in range(200)]
    if method == "blocking":
        pairs = [(b.mean, b.error) for b in map(blocking, series)]
    else:
        pairs = [(m.value, m.error) for m in map(mean, series)]
    values, errors = np.array(pairs).T
    exact = math.sqrt(2 * 9.5 / 8192)
    assert errors.mean() == pytest.approx(exact, rel=0.1)
    # the deviations in units of the errors: 200 of them have a spread of 1 within 5 %
    assert ((values - 3.0) / errors).std() == pytest.approx(1.0, abs=0.2)


def test_independent_samples_have_time_one_half_and_the_textbook_error():
    samples = np.random.default_rng(5).normal(size=20_000)
    found = mean(samples)
    assert found.error == pytest.approx(1 / math.sqrt(20_000), rel=0.05)
    assert autocorrelation_time(samples).time == pytest.approx(0.5, abs=0.05)


def test_samples_that_avoid_their_predecessors_count_as_independent():
    assert autocorrelation_time(fading(-0.5, 10_000, 1)).time == 0.5  # and not 1/6


def test_a_constant_series_has_no_error():
    assert mean([2.0] * 10) == Estimate(2.0, 0.0, 10.0)
    assert autocorrelation_time([2.0] * 10).time == 0.5
    assert blocking([2.0] * 64).error == 0.0


def test_a_series_that_is_too_short_says_so():
    memory = autocorrelation_time(fading(0.99, 300, 1))
    assert not memory.reliable
    assert "too short" in repr(memory)
    assert not blocking(np.cumsum(np.ones(64))).converged


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3), seed=st.integers(0, 100))
def test_shifting_and_scaling_samples_changes_the_mean_alone(shift, scale, seed):
    series = fading(0.7, 500, seed)
    one, other = mean(series), mean(shift + scale * series)
    assert other.value == pytest.approx(shift + scale * one.value, abs=1e-8 * scale)
    assert other.error == pytest.approx(scale * one.error, rel=1e-6)
    assert other.n_effective == pytest.approx(one.n_effective, rel=1e-6)


def test_the_start_of_a_decaying_run_is_found():
    rng = np.random.default_rng(2)
    series = fading(0.8, 4000, 3) + 30 * np.exp(-np.arange(4000) / 100)
    found = equilibration(series)
    assert 300 < found.start < 900  # at 300 the drift is 1.5, at 900 it is 0.004
    assert mean(series[found.start :]).value == pytest.approx(0, abs=4 * math.sqrt(9 / 3000))
    assert equilibration(rng.normal(size=2000)).fraction < 0.2


def test_the_jackknife_error_of_a_variance_is_that_of_theory():
    found = jackknife(np.var, np.random.default_rng(1).normal(size=40_000))
    assert found.error == pytest.approx(math.sqrt(2 / 40_000), rel=0.3)
    assert abs(found.value - 1) < 4 * found.error


def test_the_jackknife_knows_correlations():
    deviations = []
    for seed in range(60):
        found = heat_capacity(fading(0.9, 20_000, seed), 1.0, n_sites=1, boltzmann_constant=1.0)
        deviations.append((found.value - 1.0) / found.error)
    assert np.abs(np.mean(deviations)) < 4 / math.sqrt(60) + 0.3
    assert np.std(deviations) == pytest.approx(1.0, abs=0.4)


def test_heat_capacity_of_two_level_systems_is_schottkys():
    kelvin, gap, n = 700.0, 0.08, 200
    k_b = 8.617330337217213e-05
    x = gap / (k_b * kelvin)
    occupied = 1 / (1 + math.exp(x))
    energies = gap * np.random.default_rng(4).binomial(n, occupied, size=20_000)
    found = heat_capacity(energies, kelvin, n_sites=n)
    assert abs(found.value - x**2 * occupied * (1 - occupied)) < 4 * found.error
    assert found.error < 0.02 * found.value


def test_free_spins_have_curies_susceptibility_and_no_binder_cumulant():
    total = 2 * np.random.default_rng(4).binomial(400, 0.5, size=20_000) - 400
    found = susceptibility(total / 400, 2.5, n_sites=400, boltzmann_constant=1.0)
    assert abs(found.value - 1 / 2.5) < 4 * found.error
    cumulant = binder_cumulant(total / 400)
    assert abs(cumulant.value - 2 / (3 * 400)) < 4 * cumulant.error  # <m4>/<m2>^2 = 3 - 2/N
    assert binder_cumulant([0.9, -0.9] * 20).value == pytest.approx(2 / 3)


def test_reweighting_gives_the_energy_of_a_neighbouring_temperature():
    n, gap = 100, 1.0
    rng = np.random.default_rng(8)
    energies = gap * rng.binomial(n, 1 / (1 + math.exp(gap / 1.0)), size=20_000).astype(float)
    found = reweight(energies, 1.0, 1.1, boltzmann_constant=1.0)
    assert abs(found.value - n / (1 + math.exp(1 / 1.1))) < 4 * found.error
    same = reweight(energies, 1.0, 1.0, boltzmann_constant=1.0)
    assert same.value == pytest.approx(energies.mean())
    squares = reweight(energies, 1.0, 1.1, energies**2, boltzmann_constant=1.0)
    p = 1 / (1 + math.exp(1 / 1.1))
    assert abs(squares.value - (n * p * (1 - p) + (n * p) ** 2)) < 4 * squares.error
    with pytest.raises(ValueError, match=r"too far from 1: .* simulate nearer"):
        reweight(energies, 1.0, 100.0, boltzmann_constant=1.0)


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (-1.74561, 0.00123, "-1.7456(12)"),
        (2.0, 0.0996, "2.00(10)"),
        (2.0, 0.00996, "2.000(10)"),
        (1234.5, 23.4, "1234(23)"),
        (0.5, 0.0, "0.5(0)"),
        (0.1, math.nan, "0.1 +- nan"),
    ],
)
def test_an_estimate_shows_two_digits_of_its_error(value, error, shown):
    assert repr(Estimate(value, error)) == shown


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean([1.0, 2.0]), r"at least 4 samples"),
        (lambda: mean([1.0, 2.0, math.nan, 3.0]), r"finite, got 1 samples"),
        (lambda: mean(np.ones((4, 4))), r"one dimension"),
        (lambda: autocorrelation_time([1.0, 2, 3, 4], window_factor=0), r"window_factor"),
        (lambda: equilibration(range(10)), r"at least 20"),
        (lambda: jackknife(np.var, np.ones(20), np.ones(21)), r"equally long"),
        (lambda: jackknife(np.var, np.arange(20.0), n_blocks=1), r"n_blocks must be from 2 to 10"),
        (lambda: heat_capacity(np.ones(20), -300.0, n_sites=4), r"temperature must be positive"),
        (lambda: heat_capacity(np.ones(20), 300.0, n_sites=0), r"n_sites must be positive"),
        (lambda: binder_cumulant(np.zeros(20)), r"zero in all samples"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_results_can_be_drawn_and_tabulated():
    series = fading(0.9, 4000, 0)
    memory, blocks = autocorrelation_time(series), blocking(series)
    assert memory.to_frame()["autocorrelation"].iloc[0] == 1.0
    assert blocks.to_frame()["error"].iloc[0] == pytest.approx(series.std(ddof=1) / 4000**0.5)
    assert memory.plot().get_xlabel().startswith("Lag")
    assert blocks.plot().get_xscale() == "log"
    assert set(statistics.__all__) <= set(dir(statistics))
