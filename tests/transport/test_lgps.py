"""The own data of Li10Ge(PS6)2 say what they are said to say."""

from __future__ import annotations

import numpy as np
import pytest

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


def crystal(runs: dict[str, transport.Trajectory], name: str) -> transport.Trajectory:
    """At 1000 K the student leaves what it knows after 110 ps; the results stop at 100."""
    run = runs[name]
    return run[: round(100 / run.time_step) + 1] if name == "1000K" else run


@pytest.mark.parametrize("name", ["600K", "700K", "900K", "1000K"])
def test_diffusion_is_what_the_shipped_runs_give(
    lgps: Conductor, runs: dict[str, transport.Trajectory], name: str
) -> None:
    found = transport.diffusion_coefficient(crystal(runs, name), "Li")
    said = lgps.results["runs"][name]["diffusion"]["Li"]
    assert found.value == pytest.approx(said["D_cm2_per_s"], rel=0.02)
    assert found.error < 0.1 * found.value
    assert runs[name].duration >= 199


def test_only_lithium_diffuses(runs: dict[str, transport.Trajectory]) -> None:
    for element, far in (("S", 8), ("P", 3), ("Ge", 3)):
        msd = transport.mean_squared_displacement(runs["800K-1"], element, drift="all")
        assert msd.values[200] < far  # A2 in 100 ps, where lithium comes to more than 300


def test_student_and_teacher_diffuse_alike(runs: dict[str, transport.Trajectory]) -> None:
    student = transport.diffusion_coefficient(crystal(runs, "1000K"), "Li")
    teacher = transport.diffusion_coefficient(runs["1000K-teacher"], "Li")
    joint = np.hypot(student.error, teacher.error)
    assert abs(student.value - teacher.value) < 2 * joint
    assert joint < 0.25 * teacher.value


def test_the_law_is_that_of_the_runs(
    lgps: Conductor, runs: dict[str, transport.Trajectory]
) -> None:
    points = [
        transport.diffusion_coefficient(crystal(runs, name), "Li")
        for name in ("600K", "700K", "900K", "1000K")
    ]
    replicas = [run for name, run in runs.items() if name.startswith("800K-")]
    points.append(transport.diffusion_coefficient(replicas, "Li"))
    law, said = transport.arrhenius(points), lgps.results["arrhenius"]
    assert law.activation_energy == pytest.approx(said["Ea_eV"], abs=0.003)
    assert sum(run.duration for run in replicas) > 700
