"""Diffusion with memory: hops that go back, velocities that are forgotten, bends that never end."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from matlearn import transport
from matlearn.transport._estimators import start
from matlearn.transport._estimators.regression import Line, fit_line
from matlearn.transport._estimators.resting import slope_from_hops
from matlearn.transport._estimators.series import Series


def quiet(trajectory: Any) -> transport.Diffusion:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return transport.diffusion_coefficient(trajectory, "Li")


def run_of(positions: np.ndarray) -> transport.Trajectory:
    numbers = np.full(positions.shape[1], 3)
    return transport.Trajectory(numbers, positions, 50.0 * np.eye(3), np.ones(3, bool), 0.1)


@pytest.mark.parametrize(
    ("backward", "vibration", "most"), [(0.2, 0.0, 0.025), (0.5, 0.0, 0.03), (0.3, 0.3, 0.037)]
)
def test_hops_that_go_back_cost_little(backward: float, vibration: float, most: float) -> None:
    """As large as a root mean square of 16 walks may be; the benchmark takes 400."""
    deviations, errors = [], []
    for seed in range(16):
        walk = transport.random_walk(backward=backward, vibration=vibration, seed=300 + seed)
        d = quiet(walk)
        deviations.append(d.value / walk.info["diffusion"] - 1)
        errors.append(d.error / walk.info["diffusion"])
    deviation = np.sqrt(np.mean(np.square(deviations)))
    assert deviation < most and np.median(errors) < most
    assert 0.5 < deviation / np.median(errors) < 1.5


def test_hops_are_counted_where_ions_rest() -> None:
    """Ions that each hop along a line and come back with probability b: f = (1 - b) / (1 + b)."""
    walk = transport.random_walk(axes="x", backward=0.3, framework=0, seed=4)
    slope, error = slope_from_hops(Series([walk.positions[..., :1]])) or (0.0, 0.0)
    assert slope == pytest.approx(0.2 * 2.5**2 * 0.7 / 1.3, abs=3 * error)
    assert 0.0 < error < 0.04 * slope
    shaken = walk.positions + 0.1 * np.random.default_rng(0).normal(size=walk.positions.shape)
    assert slope_from_hops(Series([shaken])) is None
    swinging = 2.5 * (np.cumsum(np.arange(1000) % 7 == 0) % 2)[:, None, None] * np.ones((1, 9, 1))
    assert slope_from_hops(Series([swinging])) is None  # caged: nothing to be said


def test_hops_do_not_depend_on_how_ions_are_spread_over_replicas() -> None:
    walk = transport.random_walk(ions=80, framework=0, backward=0.2, seed=5)
    whole = slope_from_hops(Series([walk.positions]))
    halves = slope_from_hops(Series([walk.positions[:, :40], walk.positions[:, 40:]]))
    assert whole == pytest.approx(halves, rel=1e-9)


def test_an_exponential_beside_the_line_is_found() -> None:
    """Velocities that are forgotten as exp(-t / tau): D = tau kT / m, and an early negative bend."""
    rng, keep = np.random.default_rng(1), np.exp(-1 / 6)
    velocities = np.zeros((1100, 40, 3))
    kicks = np.sqrt(1 - keep**2) * rng.standard_normal(velocities.shape)
    for frame in range(1, len(velocities)):
        velocities[frame] = keep * velocities[frame - 1] + kicks[frame]
    d = quiet(run_of(np.cumsum(0.1 * velocities[100:], axis=0)))
    exact = 1e-4 * 0.01 * (1 + keep) / (1 - keep) / 2 / 0.1
    assert abs(d.value - exact) < 3 * d.error
    assert d.error < 0.035 * exact  # a line alone knows it to 5 %
    assert d.intercept < 0


def test_subdiffusion_is_not_taken_for_an_exponential() -> None:
    """Fractional Brownian motion, by circulant embedding (Davies and Harte, 1987)."""
    rng, k, twice = np.random.default_rng(3), np.arange(1000.0), 0.6
    row = ((k + 1) ** twice + np.abs(k - 1) ** twice - 2 * k**twice) / 2
    ring = np.sqrt(np.maximum(np.fft.fft(np.r_[row, row[-2:0:-1]]).real, 0) / 1998)
    noise = rng.standard_normal((1998, 50, 3)) + 1j * rng.standard_normal((1998, 50, 3))
    steps = np.fft.fft(ring[:, None, None] * noise, axis=0).real[:1000]
    d = quiet(run_of(np.cumsum(steps, axis=0)))
    assert any("not diffusive" in message for message in d.messages)


def test_a_curve_counts_only_where_the_line_after_it_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A curve that is sure of a slope 10 % too low, and looks straight, must not be believed."""
    rng = np.random.default_rng(3)
    walk = np.cumsum(rng.normal(size=(3000, 50, 3)), axis=0)
    cage = rng.normal(size=walk.shape) + np.repeat(rng.normal(size=(300, 50, 3)), 10, axis=0)
    run = run_of(walk + 2.0 * cage)
    honest = quiet(run)

    def lower(series: Series, mean: np.ndarray, begin: int, end: int, *_: Any) -> Line:
        line = fit_line(series, mean, 10, end, 30)
        low = {"slope": 0.9 * line.slope, "errors": line.errors / 9.0, "bend": 0.0, "start": 10}
        return Line(**(vars(line) | low))

    monkeypatch.setattr(start, "fit_curve", lower)
    assert quiet(run).value > 0.98 * honest.value
    monkeypatch.setattr(start, "apart", lambda *_: 0.0)
    assert quiet(run).value < 0.95 * honest.value
