"""Velocity autocorrelations against direct sums, springs and Langevin particles that are known."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from matlearn.transport import Trajectory, diffusion_coefficient, velocity_autocorrelation

KT_OVER_M = 0.8314462618 * 300.0 / 6.94  # (A/ps)2 for lithium at 300 K


def run_of(
    positions: np.ndarray, velocities: np.ndarray | None, step: float, **options: object
) -> Trajectory:
    return Trajectory(
        **{
            "numbers": np.full(positions.shape[1], 3),
            "positions": positions,
            "cells": 50.0 * np.eye(3),
            "pbc": np.ones(3, dtype=bool),
            "time_step": step,
            "velocities": velocities,
            **options,
        }
    )


def springs(frequency: float, step: float, frames: int = 2000, ions: int = 5) -> Trajectory:
    rng = np.random.default_rng(0)
    t = np.arange(frames)[:, None, None] * step
    omega = 2 * np.pi * frequency
    phase = 2 * np.pi * rng.random((ions, 3))
    speed = np.sqrt(2 * KT_OVER_M)
    return run_of(
        speed / omega * np.sin(omega * t + phase) + 10.0,
        speed * np.cos(omega * t + phase),
        step,
        info={"temperature": 300.0},
    )


def langevin(
    friction: float = 2.0, step: float = 0.05, frames: int = 4000, ions: int = 40, seed: int = 1
) -> Trajectory:
    """Free particles, each an exact Ornstein-Uhlenbeck process: Z decays as exp(-friction t)."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-friction * step)
    v = np.sqrt(KT_OVER_M) * rng.normal(size=(ions, 3))
    x = np.zeros((ions, 3))
    # joint exact update of position and velocity (Gillespie, Phys. Rev. E 54, 2084 (1996))
    var_v = KT_OVER_M * (1 - keep**2)
    var_x = KT_OVER_M / friction**2 * (2 * friction * step - 3 + 4 * keep - keep**2)
    cov = KT_OVER_M / friction * (1 - keep) ** 2
    root = np.linalg.cholesky([[var_v, cov], [cov, var_x]])
    positions, velocities = np.empty((2, frames, ions, 3))
    for k in range(frames):
        positions[k], velocities[k] = x, v
        a, b = rng.normal(size=(2, ions, 3))
        x = x + v * (1 - keep) / friction + root[1, 0] * a + root[1, 1] * b
        v = v * keep + root[0, 0] * a
    return run_of(positions, velocities, step, info={"temperature": 300.0})


def test_equals_the_direct_double_sum() -> None:
    rng = np.random.default_rng(4)
    velocities = rng.normal(size=(40, 4, 3))
    run = run_of(np.zeros((40, 4, 3)), velocities, 0.01)
    z = velocity_autocorrelation(run, "Li", until=0.15)
    direct = [
        np.mean([(velocities[k] * velocities[k + n]).sum(axis=1).mean() for k in range(40 - n)])
        for n in range(16)
    ]
    assert z.values == pytest.approx(direct, abs=1e-10)
    assert z.times[-1] == pytest.approx(0.15)


@pytest.mark.parametrize("frequency", [1.3, 4.0, 11.0])
def test_spectrum_of_springs_peaks_at_their_frequency(frequency: float) -> None:
    z = velocity_autocorrelation(springs(frequency, 0.005), "Li", until=4.0)
    assert z.peak == pytest.approx(frequency, abs=0.05)
    area = np.trapezoid(z.spectrum, z.frequencies)
    assert area == pytest.approx(1.0, abs=0.01)
    near = np.abs(z.frequencies - frequency) < 1.0
    assert np.trapezoid(z.spectrum[near], z.frequencies[near]) > 0.98
    assert z.values[0] == pytest.approx(3 * KT_OVER_M, rel=0.01)


def test_langevin_particles_forget_exponentially_and_diffuse_as_green_and_kubo_say() -> None:
    run = langevin()
    z = velocity_autocorrelation(run, "Li", until=4.0)
    exact = KT_OVER_M / 2.0 * 1e-4  # kT / (m friction), cm2/s
    early = z.times < 1.0
    assert z.normalized[early] == pytest.approx(np.exp(-2.0 * z.times[early]), abs=0.05)
    assert abs(z.diffusion - exact) < 3.5 * z.diffusion_error
    assert z.diffusion_error < 0.1 * exact
    d = diffusion_coefficient(run, "Li")
    assert abs(z.diffusion - d.value) < 3.5 * np.hypot(z.diffusion_error, d.error)
    assert z.recorded
    assert z.messages == ()


def test_its_error_is_the_scatter_between_runs() -> None:
    found = [
        velocity_autocorrelation(langevin(frames=600, ions=10, seed=s), "Li", until=3.0)
        for s in range(30)
    ]
    exact = KT_OVER_M / 2.0 * 1e-4
    pulls = np.array([(z.diffusion - exact) / z.diffusion_error for z in found])
    assert 0.65 < np.sqrt(np.mean(pulls**2)) < 1.5


def test_velocities_are_found_from_dense_frames() -> None:
    run = springs(2.0, 0.005)
    without = replace(run, velocities=None)
    z, known = (velocity_autocorrelation(one, "Li", until=2.0) for one in (without, run))
    assert not z.recorded
    assert z.messages == ()
    assert z.values == pytest.approx(known.values, abs=0.02 * known.values[0])
    assert z.peak == pytest.approx(known.peak, abs=0.01)


@pytest.mark.filterwarnings("ignore:D is:UserWarning")
def test_sparse_frames_are_said_to_be_sparse() -> None:
    sparse = replace(springs(8.0, 0.005)[::10], velocities=None)
    with pytest.warns(UserWarning, match=r"50 fs apart keep \d+% of the kinetic energy at 300 K"):
        velocity_autocorrelation(sparse, "Li")
    with pytest.warns(UserWarning, match="50 fs apart are too far apart"):
        velocity_autocorrelation(replace(sparse, info={}), "Li")


@pytest.mark.filterwarnings("ignore:D is:UserWarning")
def test_a_drift_of_the_framework_and_of_the_cell_is_taken_off() -> None:
    run = springs(3.0, 0.01, ions=6)
    numbers = np.array([3, 3, 3, 3, 8, 8])
    run = replace(run, numbers=numbers, masses=None)
    z = velocity_autocorrelation(run, "Li")
    wind = np.array([5.0, -3.0, 1.0])
    moving = replace(
        run,
        velocities=run.velocities + wind,
        positions=run.positions + run.times[:, None, None] * wind,
    )
    assert velocity_autocorrelation(moving, "Li").values == pytest.approx(z.values, abs=1e-8)
    windy, calm = (velocity_autocorrelation(one, "Li", drift=None) for one in (moving, run))
    assert windy.values[0] == pytest.approx(calm.values[0] + wind @ wind, rel=0.02)
    scale = (1 + 0.1 * np.sin(run.times))[:, None, None]
    swelling = replace(
        run, positions=run.positions * scale, cells=run.cells * scale, velocities=None
    )
    still = replace(run, velocities=None)
    a, b = (velocity_autocorrelation(one, "Li", drift=None) for one in (swelling, still))
    assert a.values[0] == pytest.approx(b.values[0], rel=0.05)


def test_a_solid_with_a_negative_diffusion_is_said_to_be_cut_short() -> None:
    solid = springs(frequency=2.0, step=0.005, frames=600)
    with pytest.warns(UserWarning, match="below zero"):
        found = velocity_autocorrelation(solid, "Li", until=0.375, drift=None)  # 3/4 of a swing
    assert found.diffusion < -2 * found.diffusion_error < 0
    assert "until" in found.messages[0] and "turns" in found.messages[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        half = velocity_autocorrelation(solid, "Li", until=0.125, drift=None)
    assert half.messages == () and half.diffusion > 0


def test_replicas_are_averaged_by_their_length() -> None:
    run = langevin(frames=300, ions=4)
    z = velocity_autocorrelation([run, run], "Li", until=1.0)
    alone = velocity_autocorrelation(run, "Li", until=1.0)
    assert z.values == pytest.approx(alone.values)
    assert z.diffusion == pytest.approx(alone.diffusion)
    assert list(z.to_frame().columns) == ["time", "value", "running_diffusion"]


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        (100, {"until": 3.0}, "half of the run"),
        (100, {"until": -1.0}, "until must lie"),
        (100, {"drift": "Li"}, "drift must be"),
        (10, {}, "20 at least"),
    ],
)
def test_bad_arguments_are_named(frames: int, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        velocity_autocorrelation(langevin(frames=frames, ions=2), "Li", **options)
    with pytest.raises(ValueError, match="species must be one of Li"):
        velocity_autocorrelation(langevin(frames=frames, ions=2), "Na")
    with pytest.raises(ValueError, match="same time between frames"):
        run = langevin(frames=100, ions=2)
        velocity_autocorrelation([run, replace(run, time_step=0.02)], "Li")
