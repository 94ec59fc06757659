"""Mean squared displacements against direct sums, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from matlearn import transport
from matlearn.transport._estimators.fourier import direct, mean_squares


def double_sum(positions: np.ndarray) -> np.ndarray:
    """The definition, by loops."""
    frames, ions, _ = positions.shape
    values = np.zeros(frames)
    for lag in range(1, frames):
        for begin in range(frames - lag):
            values[lag] += ((positions[begin + lag] - positions[begin]) ** 2).sum()
        values[lag] /= (frames - lag) * ions
    return values


@pytest.fixture(scope="module")
def walk() -> transport.Trajectory:
    return transport.random_walk(frames=120, ions=7, vibration=0.2, drift=(3, -2, 1), seed=4)


def test_transform_equals_the_direct_double_sum() -> None:
    rng = np.random.default_rng(0)
    positions = rng.standard_normal((150, 6, 3)).cumsum(axis=0) + 1000.0
    values = mean_squares(positions).sum(axis=1)
    np.testing.assert_allclose(values, double_sum(positions), rtol=1e-10, atol=1e-10)


def test_transform_keeps_its_digits_where_ions_went_far() -> None:
    rng = np.random.default_rng(1)
    positions = 1e-3 * rng.standard_normal((4000, 2, 3)).cumsum(axis=0)
    positions += np.linspace(0.0, 2000.0, 4000)[:, None, None]
    values = mean_squares(positions)
    for lag in (1, 2, 30, 31, 33, 40, 3999):
        np.testing.assert_allclose(values[lag], direct(positions, lag), rtol=1e-9)


def test_transform_in_chunks_equals_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = np.random.default_rng(2).standard_normal((50, 9, 3)).cumsum(axis=0)
    whole = mean_squares(positions)
    monkeypatch.setattr("matlearn.transport._estimators.fourier.CHUNK", 700)
    np.testing.assert_allclose(mean_squares(positions), whole, rtol=1e-12, atol=1e-12)


def test_wrapping_changes_nothing(walk: transport.Trajectory) -> None:
    wrapped = [walk.atoms(index, wrap=True) for index in range(len(walk))]
    again = transport.Trajectory.from_atoms(wrapped, time_step=walk.time_step)
    expected = transport.mean_squared_displacement(walk, "Li")
    assert np.abs(walk.positions[:, :7]).max() > walk.cells[0].max()  # some did leave
    found = transport.mean_squared_displacement(again, "Li")
    np.testing.assert_allclose(found.values, expected.values, atol=1e-9)


def test_a_rigid_drift_changes_nothing() -> None:
    still = transport.random_walk(frames=80, ions=5, vibration=0.1, seed=9)
    moving = transport.random_walk(frames=80, ions=5, vibration=0.1, drift=(40, 9, 0), seed=9)
    expected = transport.mean_squared_displacement(still, "Li").values
    found = transport.mean_squared_displacement(moving, "Li").values
    np.testing.assert_allclose(found, expected, atol=1e-9)
    loose = transport.mean_squared_displacement(moving, "Li", drift=None)
    assert loose.values[-1] > 1e4


def test_order_of_atoms_changes_nothing(walk: transport.Trajectory) -> None:
    order = np.random.default_rng(3).permutation(len(walk.numbers))
    frames = [walk.atoms(index)[order] for index in range(len(walk))]
    mixed = transport.Trajectory.from_atoms(frames, time_step=walk.time_step, unwrap=False)
    expected = transport.mean_squared_displacement(walk, "Li").values
    found = transport.mean_squared_displacement(mixed, "Li").values
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_framework_means_the_others_centre_of_mass_or_nothing() -> None:
    frames = [
        Atoms("LiOTi", positions=[[k, 0, 0], [0.5 * k, 0, 0], [0.2 * k, 0, 0]]) for k in range(9)
    ]
    run = transport.Trajectory.from_atoms(frames, time_step=0.1)
    centre = (15.999 * 0.5 + 47.867 * 0.2) / (15.999 + 47.867)
    found = transport.mean_squared_displacement(run, "Li").values[3]
    assert found == pytest.approx((3 * (1 - centre)) ** 2, rel=1e-4)
    alone = [Atoms("Li2", positions=[[k, 0, 0], [k, 0, 0]]) for k in range(9)]
    run = transport.Trajectory.from_atoms(alone, time_step=0.1)
    assert transport.mean_squared_displacement(run, "Li").values[3] == pytest.approx(9.0)
    together = transport.mean_squared_displacement(run, "Li", drift="all").values[3]
    assert together == pytest.approx(0.0, abs=1e-12)


def test_axes_add_up(walk: transport.Trajectory) -> None:
    whole = transport.mean_squared_displacement(walk, "Li")
    plane = transport.mean_squared_displacement(walk, "Li", axes="zx")
    np.testing.assert_allclose(whole.by_axis[:, [2, 0]], plane.by_axis, atol=1e-12)
    np.testing.assert_allclose(whole.values, whole.by_axis.sum(axis=1))
    assert (plane.dimension, plane.ions, plane.frames, plane.replicas) == (2, 7, 120, 1)
    assert list(plane.to_frame()) == ["time", "msd", "msd_z", "msd_x"]


def test_collective_displacement_is_that_of_the_sum(walk: transport.Trajectory) -> None:
    found = transport.mean_squared_displacement(walk, "Li", kind="collective", drift=None)
    total = walk.positions[:, walk.indices("Li")].sum(axis=1)
    expected = ((total[5:] - total[:-5]) ** 2).sum(axis=1).mean() / 7
    assert found.values[5] == pytest.approx(expected, rel=1e-10)


def test_replicas_count_each_window_once(walk: transport.Trajectory) -> None:
    short = walk[:40]
    both = transport.mean_squared_displacement([walk, short], "Li", drift=None).values
    one = transport.mean_squared_displacement(walk, "Li", drift=None).values
    two = transport.mean_squared_displacement(short, "Li", drift=None).values
    assert both[10] == pytest.approx((110 * one[10] + 30 * two[10]) / 140)
    assert both[60] == pytest.approx(one[60])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"species": "Na"}, "Li"),
        ({"kind": "tracer"}, "collective"),
        ({"drift": "lattice"}, "framework"),
        ({"axes": "xw"}, "xyz"),
        ({"axes": "xx"}, "each once"),
    ],
)
def test_bad_arguments_are_named(walk, options, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=words):
        transport.mean_squared_displacement(walk, **({"species": "Li"} | options))


def test_replicas_that_differ_are_refused(walk: transport.Trajectory) -> None:
    with pytest.raises(ValueError, match="time between frames"):
        transport.mean_squared_displacement([walk, walk[::2]], "Li")
    other = transport.random_walk(frames=50, ions=3)
    with pytest.raises(ValueError, match="same atoms"):
        transport.mean_squared_displacement([walk, other], "Li")
    with pytest.raises(ValueError, match="empty"):
        transport.mean_squared_displacement([], "Li")
    with pytest.raises(TypeError, match="from_atoms"):
        transport.mean_squared_displacement([walk.atoms(0)], "Li")
    with pytest.raises(ValueError, match="at least 3"):
        transport.mean_squared_displacement(walk[:2], "Li")
