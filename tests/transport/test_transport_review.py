"""What careless or unlucky users meet: damaged files, frozen ions, replicas that do not match."""

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from ase.constraints import FixAtoms

from matlearn import transport
from matlearn.transport._barriers.search import digest

COPPER = bulk("Cu", cubic=True) * 2
SETTINGS = {"temperature": 300, "timestep": 0.004, "progress": False, "checkpoint_every": 20}


def run(atoms=COPPER, **options):
    return transport.run_md(atoms, "emt", **{"steps": 40, **SETTINGS, **options})


def still(frames=60, ions=4):
    positions = np.zeros((frames, ions + 1, 3)) + np.arange(ions + 1)[:, None]
    return transport.Trajectory(np.array([3] * ions + [8]), positions, 9 * np.eye(3), True, 0.1)


def test_a_run_whose_first_bytes_are_damaged_is_not_begun_anew_over_it(tmp_path):
    store = tmp_path / "copper.md"
    run(store=store)
    data = bytearray(store.read_bytes())
    data[100] ^= 1
    store.write_bytes(data)
    with pytest.raises(ValueError, match=r"damaged run.*another name"):
        run(store=store)
    assert store.read_bytes() == bytes(data)


def test_atoms_held_twice_count_once_and_some_must_move():
    atoms = COPPER.copy()
    atoms.set_constraint([FixAtoms([0, 1, -1]), FixAtoms([1, 2, 31])])
    assert run(atoms).info["degrees_of_freedom"] == 3 * (32 - 4)
    atoms.set_constraint(FixAtoms(range(32)))
    with pytest.raises(ValueError, match="all held by their constraints"):
        run(atoms)


def test_calculators_see_what_is_said_about_the_atoms():
    from ase.calculators.emt import EMT

    seen = []

    class Charged(EMT):
        def calculate(self, atoms=None, *args, **kwargs):
            seen.append(atoms.info.get("charge"))
            super().calculate(atoms, *args, **kwargs)

    atoms = COPPER.copy()
    atoms.info["charge"] = 2
    transport.run_md(atoms, Charged(), steps=10, **SETTINGS)
    assert set(seen) == {2}


@pytest.mark.parametrize("name", ["copper.md", "copper.npz"])
def test_a_time_step_that_contradicts_the_file_is_refused(tmp_path, name):
    path = tmp_path / name
    if path.suffix == ".npz":
        run().save(path)
    else:
        run(store=path)
    assert transport.read_trajectory(path, time_step=0.04).time_step == pytest.approx(0.04)
    with pytest.raises(ValueError, match=r"frames are 0\.04 ps apart"):
        transport.read_trajectory(path, time_step=0.01)


def test_numbers_of_numpy_in_info_are_saved(tmp_path):
    info = {"temperature": np.float32(500), "seed": np.int64(3), "sizes": np.arange(2)}
    replace(still(), info=info).save(tmp_path / "still.npz")
    found = transport.read_trajectory(tmp_path / "still.npz")
    assert found.info == {"temperature": 500.0, "seed": 3, "sizes": [0, 1]}
    with pytest.raises(TypeError, match="info must hold"):
        replace(still(), info={"what": object()}).save(tmp_path / "other.npz")


@pytest.mark.parametrize("method", ["gls", "ols", "kinisi"])
def test_ions_that_never_move_have_no_diffusion(method):
    with pytest.warns(UserWarning, match="did not move at all"):
        found = transport.diffusion_coefficient(still(), "Li", method=method)
    assert found.value == found.error == 0.0
    assert "Li" in repr(found)


@pytest.mark.parametrize("frames", [4, 30])
def test_a_replica_shorter_than_all_windows_counts_for_nothing(frames):
    long = [transport.random_walk(frames=600, ions=20, seed=seed) for seed in (1, 2)]
    short = transport.random_walk(frames=frames, ions=20, seed=3)
    options = {"diffusive_from": 8.0, "until": 20.0}
    alone = transport.diffusion_coefficient(long, "Li", **options)
    found = transport.diffusion_coefficient([*long, short], "Li", **options)
    assert found.value == pytest.approx(alone.value, rel=1e-4)


def test_replicas_at_other_temperatures_are_spoken_of():
    cold, hot = (
        replace(transport.random_walk(frames=300, seed=seed), info={"temperature": kelvin})
        for seed, kelvin in ((1, 500.0), (2, 900.0))
    )
    with pytest.warns(UserWarning, match="500 to 900 K were pooled"):
        transport.diffusion_coefficient([cold, hot], "Li")


def test_kinisi_takes_axes_in_any_order():
    pytest.importorskip("kinisi")
    walk = transport.random_walk(frames=60, ions=8, seed=1, probability=0.8)
    one, other = (
        transport.diffusion_coefficient(walk, "Li", axes=axes, method="kinisi", diffusive_from=0.5)
        for axes in ("xy", "yx")
    )
    assert one.value == other.value > 0


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_ions_whose_charges_cancel_have_no_haven_ratio():
    steps = np.random.default_rng(0).normal(size=(500, 10, 3))
    path = np.cumsum(np.concatenate([steps, -steps], axis=1), axis=0)
    path = np.concatenate([path, np.zeros((500, 1, 3))], axis=1)
    there = transport.Trajectory(np.array([3] * 20 + [8]), path, 20 * np.eye(3), True, 0.1)
    with pytest.raises(ValueError, match="not positive"):
        transport.haven_ratio(there, "Li")


def test_a_band_with_other_constraints_is_another_band():
    free, fixed = COPPER.copy(), COPPER.copy()
    fixed.set_constraint(FixAtoms([5]))
    assert digest(free) == digest(COPPER) != digest(fixed)
