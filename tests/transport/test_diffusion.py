"""Diffusion coefficients: exact cases, honest errors, and warnings that come when they should."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from matlearn import transport
from matlearn.transport._estimators.covariance import window_covariance
from matlearn.transport._estimators.regression import solve
from matlearn.transport._estimators.series import Series
from matlearn.transport._estimators.words import with_error


def quiet(trajectory: Any, species: str = "Li", **options: Any) -> transport.Diffusion:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return transport.diffusion_coefficient(trajectory, species, **options)


def run_of(positions: np.ndarray, time_step: float = 0.1) -> transport.Trajectory:
    """Ions alone, as a trajectory."""
    numbers = np.full(positions.shape[1], 3)
    return transport.Trajectory(
        numbers=numbers,
        positions=positions,
        cells=np.broadcast_to(50.0 * np.eye(3), (len(positions), 3, 3)),
        pbc=np.array([True] * 3),
        time_step=time_step,
    )


def test_units_from_end_to_end() -> None:
    """By hand: an ion goes 0.2 A a frame, so that lags 1, 2, 3 have 0.04, 0.16 and 0.36 A2.

    A line through these rises (0.36 - 0.04) / 2 = 0.16 A2 a frame of 0.5 ps: 0.32 A2/ps; a sixth
    of it are 0.0533 A2/ps, and an A2/ps is 1e-4 cm2/s.
    """
    positions = np.zeros((40, 1, 3))
    positions[:, 0, 0] = 0.2 * np.arange(40)
    d = quiet(
        run_of(positions, 0.5), method="ols", diffusive_from=0.5, until=1.5, drift=None, axes="xyz"
    )
    assert d.value == pytest.approx(5.3333333333e-6, rel=1e-9)
    assert d.window == pytest.approx((0.5, 1.5))
    assert d.slope == pytest.approx(0.32)
    along = quiet(
        run_of(positions, 0.5), method="ols", diffusive_from=0.5, until=1.5, drift=None, axes="x"
    )
    assert along.value == pytest.approx(3 * d.value)


def test_covariance_is_that_of_overlapping_gaussian_windows() -> None:
    """Against the double sum over windows of a walk with memory."""
    frames, lags = 14, np.array([1, 3, 6])
    g = 1.3 * np.arange(60.0) + 0.7
    g[:3] = [0.0, 1.1, 2.9]
    found = window_covariance(lags, g, 3, frames, 1 / 3, 0.25)
    for i, n in enumerate(lags):
        for j, m in enumerate(lags):
            total = 0.0
            for k in range(frames - n):
                for q in range(frames - m):
                    c = (
                        g[abs(k + n - q)]
                        + g[abs(k - q - m)]
                        - g[abs(k + n - q - m)]
                        - g[abs(k - q)]
                    )
                    overlap = max(0, min(k + n, q + m) - max(k, q))
                    total += 2 / 3 * (c / 2) ** 2 + 0.25 * overlap
            expected = total / ((frames - n) * (frames - m))
            assert found[i, j] == pytest.approx(expected, rel=1e-10)


def test_covariance_agrees_with_the_scatter_between_walks() -> None:
    lags = np.array([1, 4, 16])
    measured, model = [], []
    for seed in range(250):
        walk = transport.random_walk(frames=200, ions=5, framework=0, seed=seed)
        series = Series([walk.positions])
        measured.append(series.by_axis().sum(axis=1)[lags])
        moments = series.moments(1)
        model.append((moments.share, moments.cumulant))
    share, cumulant = np.mean(model, axis=0)
    expected = window_covariance(lags, 1.25 * np.arange(500.0), 1, 200, share, cumulant) / 5
    ratio = np.cov(np.array(measured).T) / expected
    assert np.diag(ratio) == pytest.approx(np.ones(3), abs=0.3)
    assert ratio[0, 1] == pytest.approx(1.0, abs=0.35)


def test_generalised_least_squares_of_a_straight_line_is_exact() -> None:
    x = np.arange(1.0, 9.0)
    covariance = np.minimum.outer(x, x)
    found, errors = solve(np.c_[x, np.ones(8)], 2.0 * x + 1.0, covariance)
    assert found == pytest.approx([2.0, 1.0])
    # a Wiener process tied at its first point: the slope's variance is 1 / (last - first)
    assert errors[0, 0] == pytest.approx(1 / 7, rel=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"kind": "gaussian"},
        {"kind": "gaussian", "anisotropy": (3, 1, 0)},
        {"axes": "xy"},
        {"vibration": 0.3, "drift": (2, 0, 1)},
    ],
)
def test_error_is_small_and_covers_the_truth(options: dict) -> None:
    """A dozen walks of the benchmark's kind; the benchmark takes 400."""
    deviations = []
    for seed in range(12):
        walk = transport.random_walk(seed=100 + seed, **options)
        d = quiet(walk, axes=options.get("axes", "xyz"))
        exact = walk.info["diffusion"]
        assert d.error < 0.04 * exact
        deviations.append((d.value - exact) / d.error)
    assert 0.5 < np.sqrt(np.mean(np.square(deviations))) < 1.5


def test_hops_that_go_back_move_the_start() -> None:
    plain = quiet(transport.random_walk(seed=1))
    back = transport.random_walk(backward=0.4, seed=1)
    d = quiet(back)
    assert plain.window[0] <= 0.5 and d.window[0] >= 1.0
    assert abs(d.value - back.info["diffusion"]) < 3 * d.error
    early = quiet(back, diffusive_from=0.1)
    assert early.value > 1.3 * back.info["diffusion"]
    assert any("not diffusive" in message for message in early.messages)


def test_vibration_goes_into_the_intercept() -> None:
    walk = transport.random_walk(vibration=0.4, framework=100, probability=0.03, seed=3)
    d = quiet(walk)
    assert d.intercept == pytest.approx(6 * 0.4**2, rel=0.1)
    assert abs(d.value - walk.info["diffusion"]) < 3 * d.error


def test_ordinary_least_squares_claims_too_much() -> None:
    deviations = []
    for seed in range(15):
        walk = transport.random_walk(seed=seed, frames=500)
        d = quiet(walk, method="ols")
        deviations.append((d.value - walk.info["diffusion"]) / d.error)
    assert np.sqrt(np.mean(np.square(deviations))) > 5


def test_ions_that_move_together_enlarge_the_error() -> None:
    single = transport.random_walk(ions=10, framework=0, frames=2000, seed=8)
    fivefold = run_of(np.repeat(single.positions, 5, axis=1))
    alone, copied = quiet(single), quiet(fivefold)
    assert copied.value == pytest.approx(alone.value, rel=0.1)
    assert copied.error > 0.7 * alone.error  # and not alone.error / sqrt(5)


@pytest.mark.parametrize("together", [4, 20])
def test_errors_are_true_where_ions_move_in_groups(together: int) -> None:
    deviations = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        group = np.cumsum(rng.normal(size=(1000, 20 // together, 3)), axis=0)
        d = quiet(run_of(np.repeat(group, together, axis=1)))
        deviations.append((d.value / 5e-4 - 1) / (d.error / 5e-4))
    assert 0.4 < np.sqrt(np.mean(np.square(deviations))) < 1.6


def test_ions_that_are_not_alike_are_said_to_be() -> None:
    walk = transport.random_walk(ions=40, framework=0, seed=2)
    positions = walk.positions.copy()
    positions[:, :20] = positions[0, :20]
    d = quiet(run_of(positions))
    assert any("not alike" in message for message in d.messages)
    assert d.error > 0.08 * d.value


def test_collective_diffusion_of_independent_ions_is_the_same_but_less_known() -> None:
    walk = transport.random_walk(frames=4000, ions=20, seed=4)
    single, together = quiet(walk), quiet(walk, kind="collective")
    assert together.error > 3 * single.error
    assert abs(together.value - walk.info["diffusion"]) < 3 * together.error


def test_replicas_are_pooled() -> None:
    walks = [transport.random_walk(ions=10, frames=frames, seed=frames) for frames in (500, 800)]
    both, one = quiet(walks), quiet(walks[1])
    assert both.msd.replicas == 2
    assert both.error < one.error
    assert abs(both.value - walks[0].info["diffusion"]) < 3 * both.error


def test_a_solid_gets_no_confident_number() -> None:
    rng = np.random.default_rng(6)
    shaken = run_of(0.2 * rng.standard_normal((600, 30, 3)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        d = transport.diffusion_coefficient(shaken, "Li")
    assert any("compatible with zero" in str(warning.message) for warning in caught)
    assert d.value < 2 * d.error
    assert any("less than a hop" in message for message in d.messages)


def test_short_runs_and_few_ions_are_said_to_be() -> None:
    d = quiet(transport.random_walk(frames=60, ions=1, seed=1), diffusive_from=1.0)
    assert any("too short" in message for message in d.messages)


def test_a_good_run_has_no_messages() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        d = transport.diffusion_coefficient(transport.random_walk(seed=5), "Li")
    assert d.messages == ()
    assert "Diffusion(Li, D = " in repr(d) and "cm2/s, 50 ions, 99.9 ps" in repr(d)
    assert d.to_frame().loc[0, "value"] == d.value


def test_drift_without_a_framework_is_seen() -> None:
    drifting = transport.random_walk(framework=0, drift=(5, 0, 0), seed=7)
    d = quiet(drifting)
    assert any('drift="all"' in message for message in d.messages)
    assert not any("drifted" in m for m in quiet(transport.random_walk(framework=0)).messages)


def test_kinisi_agrees() -> None:
    pytest.importorskip("kinisi")
    walk = transport.random_walk(frames=100, ions=10, vibration=0.1, drift=(1, 0, 0), seed=2)
    ours, theirs = quiet(walk), quiet(walk, method="kinisi")
    assert theirs.method == "kinisi"
    assert abs(ours.value - theirs.value) < 2 * theirs.error
    assert 0.4 < ours.error / theirs.error < 2.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "fit"}, "gls"),
        ({"diffusive_from": "now"}, "auto"),
        ({"diffusive_from": 500.0}, "within the run"),
        ({"diffusive_from": 9.0, "until": 3.0}, "no window"),
        ({"until": -1.0}, "until"),
        ({"axes": ""}, "axes"),
        ({"method": "kinisi", "kind": "collective"}, "kinisi"),
        ({"species": "Na"}, "Li"),
    ],
)
def test_bad_requests_are_named(options: dict, words: str) -> None:
    walk = transport.random_walk(frames=100, ions=3)
    with pytest.raises(ValueError, match=words):
        quiet(walk, **options)


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        quiet(transport.random_walk(frames=15))
    with pytest.raises(TypeError, match="from_atoms"):
        quiet([Atoms("Li")])


def test_numbers_with_errors_are_written_as_they_are_read() -> None:
    assert with_error(2.3149e-5, 5.2e-7) == "2.31(5)e-5"
    assert with_error(1.234e-4, 1.6e-5) == "1.23(16)e-4"
    assert with_error(9.96e-6, 4e-8) == "9.96(4)e-6"
