"""Radial distributions against shells of crystals, direct sums and known limits."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from matlearn.transport import Trajectory, radial_distribution


def still(atoms: Atoms, frames: int = 1) -> Trajectory:
    return Trajectory.from_atoms([atoms] * frames, time_step=0.1)


def shaken(atoms: Atoms, frames: int = 3, seed: int = 0, strain: float = 0.0) -> Trajectory:
    """Atoms far from their places, some in other cells, and cells that breathe and shear."""
    rng = np.random.default_rng(seed)
    images = []
    for _ in range(frames):
        image = atoms.copy()
        image.set_cell(
            image.cell.array @ (np.eye(3) + strain * rng.normal(size=(3, 3))), scale_atoms=True
        )
        image.positions += rng.normal(scale=0.3, size=image.positions.shape)
        images.append(image)
    return Trajectory.from_atoms(images, time_step=0.1)


@pytest.mark.parametrize("repeat", [1, 3])
def test_shells_of_a_face_centred_cubic_crystal(repeat: int) -> None:
    a = 4.0
    crystal = bulk("Al", "fcc", a=a) * (repeat, repeat, repeat)
    g = radial_distribution(still(crystal), "Al", cutoff=1.4 * a, bins=280)
    # 12 at a / sqrt(2), 6 at a, 24 at a sqrt(3/2), 12 at a sqrt(2) beyond
    for edge, neighbours in [(0.9, 12), (1.1, 18), (1.3, 42)]:
        assert g.neighbours(edge * a) == pytest.approx(neighbours, abs=1e-9)
    assert g.first_peak == pytest.approx(a / np.sqrt(2), abs=0.03)
    assert a / np.sqrt(2) < g.first_minimum < a
    assert g.first_coordination == pytest.approx(12)


def test_of_the_same_crystal_in_any_cell() -> None:
    primitive = still(bulk("Cu") * (4, 4, 4))
    cubic = still(bulk("Cu", cubic=True) * (3, 3, 3))
    a = radial_distribution(primitive, "Cu", cutoff=7.0)
    b = radial_distribution(cubic, "Cu", cutoff=7.0)
    assert a.coordination == pytest.approx(b.coordination, abs=1e-9)
    assert a.density == pytest.approx(4 / 3.61**3)


@pytest.mark.parametrize("cutoff", [2.0, 4.0, 9.0])
def test_equals_ase_neighbour_lists_in_a_skewed_cell_that_changes(cutoff: float) -> None:
    start = Atoms("Li7Cl5", positions=np.random.default_rng(1).random((12, 3)) * 9)
    start.set_cell([[6.0, 0, 0], [2.5, 5.5, 0], [-1.5, 2.0, 5.0]])
    start.pbc = True
    run = shaken(start, strain=0.02)
    for first, second in [("Li", "Cl"), ("Cl", "Li"), ("Li", "Li")]:
        g = radial_distribution(run, first, second, cutoff=cutoff, bins=40)
        expected, values = np.zeros(40), np.zeros(40)
        edges = np.linspace(0, cutoff, 41)
        for k in range(len(run)):
            atoms = run.atoms(k)
            i, j, d = neighbor_list("ijd", atoms, cutoff)
            symbols = np.array(atoms.get_chemical_symbols())
            d = d[(symbols[i] == first) & (symbols[j] == second)]
            counts = np.histogram(d, edges)[0]
            expected += counts
            values += counts * atoms.get_volume()
        n, m = len(run.indices(first)), len(run.indices(second))
        assert g.coordination == pytest.approx(np.cumsum(expected) / (3 * n), abs=1e-9)
        shells = 4 / 3 * np.pi * np.diff(edges**3)
        assert g.values == pytest.approx(values / (3 * n * m * shells), abs=1e-9)


def test_ideal_gas_has_no_structure() -> None:
    rng = np.random.default_rng(3)
    gas = [
        Atoms("He60Ne40", scaled_positions=rng.random((100, 3)), cell=[10, 11, 12], pbc=True)
        for _ in range(150)
    ]
    run = Trajectory.from_atoms(gas, time_step=0.1, unwrap=False)
    unlike = radial_distribution(run, "He", "Ne", bins=10)
    assert unlike.values[3:] == pytest.approx(1.0, abs=0.03)
    alike = radial_distribution(run, "He", bins=10)
    assert alike.values[5:].mean() == pytest.approx(1 - 1 / 60, abs=0.01)


def test_numbers_of_unlike_neighbours_balance() -> None:
    run = shaken(bulk("NaCl", "rocksalt", a=5.6, cubic=True) * (2, 2, 2))
    run = Trajectory.from_atoms([run.atoms(i)[:-5] for i in range(len(run))], time_step=0.1)
    sodium, chlorine = len(run.indices("Na")), len(run.indices("Cl"))
    there = radial_distribution(run, "Na", "Cl")
    back = radial_distribution(run, "Cl", "Na")
    assert sodium * there.coordination == pytest.approx(chlorine * back.coordination)
    assert there.values == pytest.approx(back.values)


def test_does_not_depend_on_wrapping_drift_or_order() -> None:
    atoms = bulk("NaCl", "rocksalt", a=5.6, cubic=True) * (2, 2, 2)
    run = shaken(atoms)
    g = radial_distribution(run, "Na", "Cl")
    order = np.random.default_rng(5).permutation(len(atoms))
    moved = []
    for k in range(len(run)):
        image = run.atoms(k)[order]
        image.positions += 3.0 * k
        image.wrap()
        moved.append(image)
    other = radial_distribution(
        Trajectory.from_atoms(moved, time_step=0.1, unwrap=False), "Na", "Cl"
    )
    assert other.values == pytest.approx(g.values, abs=1e-9)


def test_step_takes_every_nth_frame_and_replicas_are_counted_together() -> None:
    run = shaken(bulk("Cu", cubic=True) * (2, 2, 2), frames=5)
    thin = radial_distribution(run, "Cu", step=2)
    assert thin.frames == 3
    assert thin.values == pytest.approx(
        radial_distribution(run[::2], "Cu", cutoff=thin.cutoff).values
    )
    both = radial_distribution([run[:2], run[2:]], "Cu", cutoff=3.5)
    assert both.values == pytest.approx(radial_distribution(run, "Cu", cutoff=3.5).values)


def test_table_and_representation() -> None:
    g = radial_distribution(still(bulk("Cu", cubic=True) * (3, 3, 3)), "Cu", cutoff=4.7)
    frame = g.to_frame()
    assert list(frame.columns) == ["distance", "value", "coordination"]
    assert frame["coordination"].iloc[-1] == pytest.approx(42)
    assert len(repr(g)) < 90


def test_one_shell_alone_has_no_minimum_behind_it() -> None:
    g = radial_distribution(still(bulk("Cu", cubic=True) * (2, 2, 2)), "Cu", cutoff=2.6)
    assert np.isnan(g.first_minimum)
    assert np.isnan(g.first_coordination)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": "Ag"}, "Ag"),
        ({"first": "Cu", "cutoff": 0.0}, "cutoff must lie between 0 and"),
        ({"first": "Cu", "cutoff": 200.0}, "repeat the cell"),
        ({"first": "Cu", "bins": 1}, "bins"),
        ({"first": "Cu", "step": 0}, "step"),
        ({"first": "Cu", "step": 3}, "2 frames"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, message: str) -> None:
    run = still(bulk("Cu", cubic=True) * (2, 2, 2), frames=2)
    with pytest.raises(ValueError, match=message):
        radial_distribution(run, **arguments)


def test_what_is_not_a_trajectory_or_not_periodic_is_refused() -> None:
    crystal = bulk("Cu", cubic=True)
    with pytest.raises(TypeError, match="from_atoms"):
        radial_distribution([crystal], "Cu")
    with pytest.raises(ValueError, match="empty"):
        radial_distribution([], "Cu")
    with pytest.raises(ValueError, match="same atoms"):
        radial_distribution([still(crystal), still(crystal * (1, 1, 2))], "Cu")
    with pytest.raises(ValueError, match="periodic"):
        radial_distribution(still(Atoms("Cu2", positions=[[0, 0, 0], [2, 0, 0]])), "Cu")
