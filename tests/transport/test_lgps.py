"""The own data of Li10Ge(PS6)2 say what they are said to say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ase import Atoms

from matlearn import datasets, transport
from matlearn.transport._data.conductors import Conductor


@pytest.fixture(scope="module")
def lgps() -> Conductor:
    return datasets.load("lgps")


@pytest.fixture(scope="module")
def runs() -> dict[str, transport.Trajectory]:
    return datasets.load("lgps-runs")


def test_labels_and_structure_belong_to_one_crystal(lgps: Conductor) -> None:
    assert "lgps" in repr(lgps)
    formulas = {atoms.get_chemical_formula() for atoms in [*lgps.images, lgps.structure]}
    assert formulas == {"Ge2Li20P4S24"}
    assert len(lgps) == len(lgps.images) == lgps.results["student"]["labels"]


def test_the_relaxed_cell_is_near_the_published_one() -> None:
    relaxed = datasets.load("lgps-relaxed")
    assert np.abs(relaxed.get_forces()).max() < 0.01
    ratio = relaxed.cell.lengths() / [8.787646, 8.787646, 12.657546]  # of the published file
    assert ratio == pytest.approx([1.007, 1.007, 1.009], abs=5e-4)
    assert relaxed.cell.angles() == pytest.approx([90, 90, 90], abs=0.01)


def test_the_published_structure_relaxes_to_ours_without_a_jump(published_mirror: str) -> None:
    published, relaxed = datasets.load("lgps-structure"), datasets.load("lgps-relaxed")
    assert (published.numbers == relaxed.numbers).all()
    shift = published.get_scaled_positions() - relaxed.get_scaled_positions()
    shift -= np.rint(shift)
    assert np.linalg.norm(shift @ relaxed.cell.array, axis=1).max() < 0.5


def test_errors_of_the_student_are_those_that_are_recorded(lgps: Conductor) -> None:
    pytest.importorskip("motep", reason="needs motep: pip install motep")
    from matlearn.fitting import error_report

    found = error_report(lgps.calculator(), lgps.images).errors
    said = lgps.results["student"]["train"]
    assert found["forces"].rms == pytest.approx(said["forces_eV_per_A"], rel=1e-4)
    assert 1000 * found["energy_per_atom"].rms == pytest.approx(
        said["energy_meV_per_atom"], rel=1e-3
    )
    assert said["forces_eV_per_A"] < 0.16


def test_the_student_conserves_energy(lgps: Conductor) -> None:
    pytest.importorskip("motep", reason="needs motep: pip install motep")
    hot = lgps.structure
    run = transport.run_md(
        hot, lgps.calculator(), temperature=2000, steps=1000, ensemble="nve", seed=3,
        progress=False,
    )  # fmt: skip
    total = 1000 * (run.energies + run.kinetic_energies)[20:] / len(hot)
    slope = np.polyfit(run.times[20:], total, 1)[0]
    assert abs(slope) * 20 < 1.0  # 2 ps are too few for the 0.1 meV that 20 ps must keep
    assert abs(lgps.results["student"]["nve"]["drift_meV_per_atom_in_20_ps"]) < 0.1


def crystal(run: transport.Trajectory) -> transport.Trajectory:
    """A run up to the first sulfur whose nearest P or Ge is another one than at the start."""
    late = transport.bond_partners(run, "S", ("P", "Ge")).first_change
    return run if late is None else run[: round(late / run.time_step)]


@pytest.fixture(scope="module")
def whole(runs: dict[str, transport.Trajectory]) -> dict[int, list[transport.Trajectory]]:
    """The student's runs in one cell and volume, as far as they are the crystal, by temperature."""
    named = {
        kelvin: [name for name in runs if re.fullmatch(rf"{kelvin}K(-\d)?", name)]
        for kelvin in (600, 700, 800, 900, 1000)
    }
    return {kelvin: [crystal(runs[name]) for name in names] for kelvin, names in named.items()}


def test_where_the_crystal_ends_is_what_is_recorded(
    lgps: Conductor, runs: dict[str, transport.Trajectory]
) -> None:
    for name, run in runs.items():
        said = lgps.results["runs"][name]["whole_run"]
        assert crystal(run).duration == pytest.approx(said["crystal_until_ps"])
        assert run.duration == pytest.approx(said["picoseconds"])
    ends = {name: crystal(run).duration < run.duration for name, run in runs.items()}
    assert not any(ends[name] for name in ends if name.startswith(("600K", "700K", "800K")))
    assert ends["900K"]
    assert ends["1000K"]


@pytest.mark.parametrize("kelvin", [600, 700, 800, 900, 1000])
def test_diffusion_is_of_200_ps_of_the_crystal_at_least(
    lgps: Conductor, whole: dict[int, list[transport.Trajectory]], kelvin: int
) -> None:
    parts = whole[kelvin]
    assert sum(run.duration for run in parts) >= 200 - 1e-6
    found = transport.diffusion_coefficient(parts, "Li")
    said = lgps.results["temperatures"][str(kelvin)]["diffusion"]["Li"]
    assert found.value == pytest.approx(said["D_cm2_per_s"], abs=0.3 * said["error"])
    assert found.error == pytest.approx(said["error"], rel=0.3)
    assert found.error < 0.06 * found.value
    assert not found.messages


def test_the_haven_ratio_is_of_a_nanosecond_and_replicas(
    lgps: Conductor, whole: dict[int, list[transport.Trajectory]]
) -> None:
    assert [run.duration for run in whole[800]] == pytest.approx([1000.0] * 3)
    found, said = transport.haven_ratio(whole[800], "Li"), lgps.results["haven"]
    assert found.value == pytest.approx(said["ratio"], abs=0.3 * said["error"])
    assert found.value + 3 * found.error < 1  # ions push each other
    assert found.error < 0.15 * found.value


def test_only_lithium_diffuses(runs: dict[str, transport.Trajectory]) -> None:
    run = runs["800K-1"]
    lag = round(100 / run.time_step)
    for element, far in (("S", 8), ("P", 3), ("Ge", 3)):
        msd = transport.mean_squared_displacement(run, element, drift="all")
        assert msd.values[lag] < far  # A2 in 100 ps, where lithium comes to more than 300
    assert transport.mean_squared_displacement(run, "Li").values[lag] > 300


def test_student_and_teacher_diffuse_alike(
    runs: dict[str, transport.Trajectory], whole: dict[int, list[transport.Trajectory]]
) -> None:
    student = transport.diffusion_coefficient(whole[1000], "Li")
    for run in (runs["1000K-teacher"], crystal(runs["1000K-teacher"])):
        teacher = transport.diffusion_coefficient(run, "Li")
        joint = np.hypot(student.error, teacher.error)
        assert abs(student.value - teacher.value) < 2 * joint
        assert joint < 0.25 * teacher.value


def test_the_law_is_that_of_the_runs(
    lgps: Conductor, whole: dict[int, list[transport.Trajectory]]
) -> None:
    points = [transport.diffusion_coefficient(parts, "Li") for parts in whole.values()]
    law, said = transport.arrhenius(points), lgps.results["arrhenius"]
    assert said["temperatures_K"] == list(whole)
    assert law.activation_energy == pytest.approx(said["Ea_eV"], abs=0.3 * said["Ea_error"])
    assert law.chi_square < 7.8  # 95 % of what chance gives with three degrees of freedom
    assert not law.messages


def test_the_student_was_never_shown_two_germanium_within_its_cutoff(
    lgps: Conductor, runs: dict[str, transport.Trajectory]
) -> None:
    def apart(atoms: Atoms) -> float:
        first, second = (atom.index for atom in atoms if atom.symbol == "Ge")
        return float(atoms.get_distance(first, second, mic=True))

    assert min(apart(atoms) for atoms in lgps.images) > 5.0
    broken = runs["1000K"]
    assert apart(broken.atoms(-1)) < 5.0  # the hole that it falls into
    assert min(apart(broken.atoms(i)) for i in range(0, 500, 10)) > 5.0
