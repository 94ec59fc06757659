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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return transport.diffusion_coefficient(run, "Ag")


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
    for name in ("450K", "550K", "600K", "650K", "650K-teacher"):
        run = runs[name]
        mobile = transport.mean_squared_displacement(run, "Ag").values[len(run) // 2]
        assert sulfur_moved(run) < 0.3 < 15 < mobile
    assert sulfur_moved(runs["800K"]) > 20  # molten


def test_the_origin_is_on_the_lattice_of_sulfur(runs):
    run = runs["650K"]
    places = run.positions[0, run.indices("S")] / (run.cells[0, 0, 0] / 3)
    away = places - np.round(2 * places) / 2  # corners and centres of the cubic cells
    assert np.abs(away.mean(axis=0)).max() < 0.02


def test_recorded_diffusion_coefficients_are_those_of_the_shipped_runs(silver, runs):
    claims = silver.results["diffusion"]
    assert {"450K", "550K", "600K", "650K"} <= set(claims)
    for name, claimed in claims.items():
        found = diffusion(runs[name])
        assert abs(found.value - claimed["D_cm2_per_s"]) < 2 * claimed["error_cm2_per_s"]


def test_the_student_diffuses_like_its_teacher(silver, runs):
    teacher = diffusion(runs["650K-teacher"])
    student = diffusion(runs["650K-48-atoms"])
    claimed = silver.results["teacher"]
    scatter = claimed["student_windows"]["scatter_cm2_per_s"]  # of parts as long as the teacher's
    assert abs(teacher.value - student.value) < 2 * np.hypot(scatter, student.error)
    assert np.hypot(scatter, student.error) < 0.25 * teacher.value
    assert claimed["speedup"] > 20


def test_current_is_larger_than_nernst_and_einstein_expect(silver):
    claimed = silver.results["haven"]
    assert claimed["replicas"] == 3
    assert 0.1 < claimed["ratio"] + 2 * claimed["error"] < 1
