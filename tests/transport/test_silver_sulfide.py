"""The silver sulfide that is shipped: its potential, its labels and its runs say what is claimed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from matlearn import datasets, transport
from matlearn.fitting import error_report


@pytest.fixture(scope="module")
def silver():
    return datasets.load("silver-sulfide")


@pytest.fixture(scope="module")
def runs():
    return datasets.load("silver-sulfide-runs")


def diffusion(run) -> transport.Diffusion:
    """D of silver, from a run or from replicas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return transport.diffusion_coefficient(run, "Ag", diffusive_from=3.0)


def test_the_student_describes_its_labels(silver):
    some = silver.images[::4]
    errors = error_report(silver.calculator(), some).errors
    assert errors["energy_per_atom"].rms < 0.002
    assert errors["forces"].rms < 0.12
    recorded = silver.results["distillation"]["test"]["student_162"]
    assert errors["forces"].rms == pytest.approx(recorded["forces_rms_eV_per_A"], rel=0.25)


def test_energy_is_conserved(silver):
    start = silver.structure
    run = transport.run_md(start, silver.calculator(), temperature=600, steps=500, timestep=0.002,
                           ensemble="nve", record_every=10, progress=False)  # fmt: skip
    total = 1000 * (run.energies + run.kinetic_energies) / len(start)  # meV/atom
    assert np.ptp(total) < 0.1
    claimed = silver.results["energy_conservation"]
    assert claimed["duration_ps"] == pytest.approx(20.0)
    assert abs(claimed["drift_meV_per_atom"]) < 0.1


def sulfur_moved(run) -> float:
    """Mean squared distance (A2) between where sulfur is in the first and in the last tenth."""
    places = run.positions[:, run.indices("S")]
    places = places - places.mean(axis=1, keepdims=True)  # the lattice recoils where silver flows
    tenth = len(run) // 10
    moved = places[-tenth:].mean(axis=0) - places[:tenth].mean(axis=0)
    return float((moved**2).sum(axis=1).mean())


def test_sulfur_stays_and_silver_flows_up_to_650_kelvin_and_not_at_800(runs):
    for name in ("450K", "500K", "550K", "600K", "600K-3", "650K", "650K-teacher"):
        run = runs[name]
        mobile = transport.mean_squared_displacement(run, "Ag").values[len(run) // 2]
        assert sulfur_moved(run) < 0.3 < 15 < mobile
    assert sulfur_moved(runs["800K"]) > 20  # molten


def test_the_origin_is_on_the_lattice_of_sulfur(runs):
    run = runs["650K"]
    places = run.positions[0, run.indices("S")] / (run.cells[0, 0, 0] / 3)
    away = places - np.round(2 * places) / 2  # corners and centres of the cubic cells
    assert np.abs(away.mean(axis=0)).max() < 0.02


def test_a_run_is_cut_before_its_lattice_is_lost(silver, runs):
    lattice = silver.results["lattice"]
    lost = {name for name, found in lattice.items() if found["lost"]}
    assert "600K-2" in lost and not lost & {"450K", "500K", "500K-2", "500K-3", "550K"}
    for name in lost:
        assert runs[name].duration == pytest.approx(lattice[name]["used_ps"], abs=1.0)
        assert runs[name].duration < lattice[name]["ran_ps"]
    melts = runs["600K-melts"]
    assert melts.duration == pytest.approx(1000.0)
    kept = int(lattice["600K-2"]["used_ps"] / melts.time_step)
    for part, least, most in ((melts[:kept], 0, 3), (melts[-kept:], 10, np.inf)):
        sulfur = transport.mean_squared_displacement(part, "S", drift="all")
        assert least < np.interp(100.0, sulfur.lags, sulfur.values) < most  # A2, after 100 ps


def test_recorded_diffusion_coefficients_are_those_of_the_shipped_runs(silver, runs):
    claims = silver.results["diffusion"]
    assert set(claims) == {"450K", "500K", "550K", "600K", "650K"}
    for claimed in claims.values():
        used = [runs[name] for name in claimed["runs"]]
        assert sum(run.duration for run in used) >= 200  # ps
        found = diffusion(used)
        assert abs(found.value - claimed["D_cm2_per_s"]) < claimed["error_cm2_per_s"]


def test_the_activation_energy_is_that_of_the_shipped_runs(silver, runs):
    claims = silver.results["diffusion"]
    law = transport.arrhenius([diffusion([runs[n] for n in c["runs"]]) for c in claims.values()])
    claimed = silver.results["arrhenius"]["own_errors"]
    away = abs(law.activation_energy - claimed["activation_energy_eV"])
    assert away < claimed["error_eV"] < 0.01


def test_the_student_diffuses_like_its_teacher(silver, runs):
    teachers = [run for name, run in runs.items() if name.startswith("650K-teacher")]
    assert sum(run.duration for run in teachers) > 100
    teacher, student = diffusion(teachers), diffusion(runs["650K-48-atoms"])
    claimed = silver.results["teacher"]
    error = max(teacher.error, claimed["student_in_parts"]["scatter_cm2_per_s"])
    assert abs(teacher.value - student.value) < 2 * np.hypot(error, student.error)
    assert np.hypot(error, student.error) < 0.25 * teacher.value
    assert abs(claimed["deviation_joint_sigma"]) < 2
    assert claimed["joint_error_relative"] < 0.25
    assert claimed["speedup"] > 20


@pytest.mark.parametrize("name", ["500K", "600K"])
def test_current_is_larger_than_nernst_and_einstein_expect(silver, runs, name):
    claimed = silver.results["haven"][name]
    assert claimed["replicas"] == 3
    assert max(claimed["durations_ps"]) == pytest.approx(1000.0)
    used = [runs[one] for one in silver.results["diffusion"][name]["runs"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = transport.haven_ratio(used, "Ag", diffusive_from=claimed["diffusive_from_ps"])
    assert found.value == pytest.approx(claimed["ratio"], abs=claimed["error"])
    assert 0.1 < found.value + 2 * found.error < 0.5


def test_the_start_that_is_found_agrees_with_a_late_one(runs):
    three = [runs[name] for name in ("500K", "500K-2", "500K-3")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = transport.diffusion_coefficient(three, "Ag")
    late = diffusion(three)
    assert abs(found.value - late.value) < 1.5 * late.error
    assert found.error > 0.5 * late.error
