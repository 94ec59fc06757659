"""Random walks have the diffusion coefficient that they claim."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn import transport


def measured(walk: transport.Trajectory, lag: int) -> np.ndarray:
    """D along each axis between two lags (cm2/s)."""
    ions = walk.positions[:, walk.indices("Li")]
    msd = [((ions[n:] - ions[:-n]) ** 2).mean(axis=(0, 1)) for n in (lag, 2 * lag)]
    return 1e-4 * (msd[1] - msd[0]) / (2 * lag * walk.time_step)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lattice": "bcc"},
        {"lattice": "fcc"},
        {"axes": "xz", "lattice": "triangular"},
        {"axes": "y"},
        {"anisotropy": (4, 1, 0)},
        {"kind": "gaussian", "anisotropy": (2, 1, 1)},
        {"backward": 0.4, "probability": 0.9},
        {"probability": 1.0},
    ],
)
def test_diffusion_along_each_axis_is_what_is_claimed(options: dict) -> None:
    walk = transport.random_walk(frames=400, ions=1000, framework=0, seed=1, **options)
    found = measured(walk, 8)
    exact = np.array([walk.info["diffusion_by_axis"][axis] for axis in "xyz"])
    assert found == pytest.approx(exact, rel=0.03, abs=1e-12)
    axes = ["xyz".index(axis) for axis in options.get("axes", "xyz")]
    assert walk.info["diffusion"] == pytest.approx(exact[axes].mean())


def test_hop_that_goes_back_reverses_the_one_before() -> None:
    walk = transport.random_walk(
        frames=3000, ions=40, backward=0.3, probability=0.5, framework=0, seed=2
    )
    cosines = []
    for ion in range(40):
        steps = np.diff(walk.positions[:, ion], axis=0)
        steps = steps[np.abs(steps).max(axis=1) > 1e-9] / 2.5
        cosines.append([(steps[k:] * steps[:-k]).sum(axis=1).mean() for k in (1, 2, 3)])
    assert np.mean(cosines, axis=0) == pytest.approx([-0.3, 0.09, -0.027], abs=0.01)
    assert walk.info["correlation_factor"] == pytest.approx(0.7 / 1.3)


def test_walk_is_reproducible_and_wraps() -> None:
    one, two = (transport.random_walk(frames=60, ions=4, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.positions, two.positions)
    other = transport.random_walk(frames=60, ions=4, seed=6)
    assert np.abs(one.positions - other.positions).max() > 1
    frames = [one.atoms(index, wrap=True) for index in range(60)]
    again = transport.Trajectory.from_atoms(frames, time_step=0.1)
    moved = one.positions - one.positions[0]
    np.testing.assert_allclose(again.positions - again.positions[0], moved, atol=1e-9)


def test_framework_stays_but_for_vibration_and_drift() -> None:
    walk = transport.random_walk(
        frames=500, ions=2, vibration=0.2, drift=(1.0, 0, 0), framework=30, seed=3
    )
    rest = walk.positions[:, walk.indices("O")]
    rest = rest - rest.mean(axis=0)
    rest[:, :, 0] -= (np.arange(500) - 249.5)[:, None] * 0.1
    assert rest.std() == pytest.approx(0.2, rel=0.02)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"frames": 1}, "frames"),
        ({"ions": 0}, "ions"),
        ({"probability": 1.5}, "probability"),
        ({"backward": 1.0}, "backward"),
        ({"step": 0.0}, "step"),
        ({"time_step": -1.0}, "time_step"),
        ({"kind": "levy"}, "gaussian"),
        ({"lattice": "honeycomb"}, "cubic, bcc, fcc, triangular"),
        ({"lattice": "fcc", "axes": "xy"}, "needs 3 axes"),
        ({"axes": "q"}, "axes"),
        ({"anisotropy": (1, 1)}, "anisotropy"),
        ({"anisotropy": (1, 1, 2), "lattice": "bcc"}, "anisotropy"),
        ({"kind": "gaussian", "backward": 0.1}, "backward"),
        ({"species": "O"}, "species"),
        ({"vibration": -0.1}, "vibration"),
        ({"drift": 1.0}, "drift"),
    ],
)
def test_bad_walks_are_refused(options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        transport.random_walk(**options)
