"""A distilled potential: close to its teacher, honest about it, and never paid for twice."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.io import read

from matlearn.calculators import get_learner
from matlearn.transport import Distillation, Trajectory, distil

QUICK = {"level": 4, "cutoff": 4.0, "timestep": 0.004, "test": 2, "progress": False}


class CountedEMT(EMT):
    """EMT that counts, and can be interrupted as if someone pressed Ctrl-C."""

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.calls, self.stop_after = 0, stop_after

    def calculate(self, *args, **kwargs) -> None:
        if self.calls == self.stop_after:
            raise KeyboardInterrupt
        self.calls += 1
        super().calculate(*args, **kwargs)


def alloy():
    atoms = bulk("Cu", a=3.8, cubic=True) * 2
    atoms.symbols[::4] = "Ag"
    return atoms


@pytest.fixture(scope="module")
def molten() -> Distillation:
    """Liquid silver, with a run of the teacher beside it."""
    return distil(
        bulk("Ag", a=4.3, cubic=True) * 2, "emt", temperatures=[2200, 1600], budget=80, steps=300,
        teacher_run=600, **QUICK,
    )  # fmt: skip


def test_the_student_is_close_on_configurations_it_never_saw(molten):
    errors = molten.report.errors.errors
    assert errors["forces"].relative_rms < 0.3
    assert errors["energy_per_atom"].rms < 0.02
    assert len(molten.test_images) == molten.report.test_calls == 4
    seen = {image.positions.tobytes() for image in molten.images}
    assert not any(image.positions.tobytes() in seen for image in molten.test_images)


def test_it_learns_from_low_to_high_temperature_and_says_so(molten):
    rounds = molten.report.rounds
    assert rounds["temperature"].tolist() == [1600.0, 2200.0]
    assert rounds["calls"].sum() == molten.report.calls == len(molten.images) <= 80
    assert rounds["finished"].all()
    assert molten.report.reason == "grades stayed low at every temperature"
    assert set(molten.report.history["temperature_set"]) == {1600.0, 2200.0}


def test_structure_and_diffusion_stand_beside_the_teachers(molten):
    report = molten.report
    teacher, student = molten.runs
    assert student.duration == pytest.approx(3 * teacher.duration)
    assert np.array_equal(student.cells[0], teacher.cells[0])
    assert report.radial_difference("Ag-Ag") < 0.25
    both = report.diffusion
    assert both is not None and both[0].species == "Ag"
    spread = np.hypot(both[0].error, both[1].error)
    assert report.deviation == pytest.approx((both[1].value - both[0].value) / spread)
    assert abs(report.deviation) < 4
    assert report.joint_error == pytest.approx(spread / both[0].value)
    table = report.to_frame()
    assert table.loc["D(Ag), student (cm2/s)", "value"] == both[1].value
    assert table.loc["speed-up", "value"] == report.speedup > 1
    with pytest.raises(ValueError, match="pair must be one of Ag-Ag"):
        report.radial_difference("Cu-Cu")


def test_what_is_saved_can_be_read_by_others(molten, tmp_path):
    pytest.importorskip("motep")
    molten.save(tmp_path / "new")
    again = get_learner("mtp").potential.load(tmp_path / "new" / "potential.mtp")
    assert np.allclose(again.parameters, molten.potential.parameters, rtol=1e-6)
    labels = read(tmp_path / "new" / "labels.extxyz", ":")
    assert len(labels) == len(molten.images)
    assert labels[-1].get_potential_energy() == pytest.approx(
        molten.images[-1].get_potential_energy()
    )
    about = json.loads((tmp_path / "new" / "report.json").read_text())
    assert about["settings"]["temperatures"] == [1600.0, 2200.0]
    assert about["report"]["teacher calls"]["value"] == molten.report.calls


def test_a_budget_that_is_too_small_is_reported():
    found = distil(alloy(), "emt", temperatures=[300, 900], budget=11, steps=100, **QUICK)
    assert found.report.calls <= 11
    assert found.report.reason.startswith("the budget of 11 teacher calls was spent")
    assert found.report.reason in found.report.messages


def test_an_interrupted_distillation_goes_on_and_pays_for_nothing_twice(tmp_path):
    arguments = {"temperatures": [300, 600], "budget": 60, "steps": 60, **QUICK}
    whole = CountedEMT()
    expected = distil(alloy(), whole, folder=tmp_path / "whole", **arguments)
    first, second, third = CountedEMT(7), CountedEMT(), CountedEMT()
    with pytest.raises(KeyboardInterrupt):
        distil(alloy(), first, folder=tmp_path / "parts", **arguments)
    found = distil(alloy(), second, folder=tmp_path / "parts", **arguments)
    assert first.calls + second.calls == whole.calls
    assert found.report.calls == expected.report.calls
    assert np.allclose(found.potential.parameters, expected.potential.parameters)
    again = distil(alloy(), third, folder=tmp_path / "parts", **arguments)
    assert third.calls == 0
    assert np.array_equal(again.potential.parameters, found.potential.parameters)


def test_labelled_images_are_taken_as_a_beginning(molten):
    atoms = bulk("Ag", a=4.3, cubic=True) * 2
    found = distil(atoms, "emt", temperatures=1600, budget=30, steps=50, images=molten.images,
                   **QUICK)  # fmt: skip
    assert found.report.calls < 10
    assert len(found.images) == len(molten.images) + found.report.calls


def still(symbols: str = "Cu", **info) -> Trajectory:
    return Trajectory.from_atoms([bulk(symbols, cubic=True)] * 3, time_step=0.1, info=info)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"temperatures": []}, ValueError, "at least one temperature"),
        ({"temperatures": [-5]}, ValueError, "must be positive"),
        ({"temperatures": ["hot"]}, TypeError, "numbers in K"),
        ({"budget": 0}, ValueError, "budget must be at least 1"),
        ({"steps": 2.5}, TypeError, "steps must be a whole number"),
        ({"timestep": 2.0}, ValueError, "2 fs are 0.002"),
        ({"level": 7}, ValueError, "level"),
        ({"student": "oracle"}, ValueError, "'mtp'"),
        ({"mobile": "Li"}, ValueError, "mobile must be one of Cu"),
        ({"images": [bulk("Cu")]}, ValueError, "carries no energy"),
        ({"images": bulk("Cu")}, TypeError, "list of ASE Atoms"),
        ({"teacher_run": still("Ag", temperature=300.0)}, ValueError, "teacher_run holds Ag"),
        ({"teacher_run": still()}, ValueError, "does not know its temperature"),
        ({"teacher_run": 3}, ValueError, "teacher_run must be at least 100"),
        ({"teacher": "orakle"}, ValueError, "must be one of"),
    ],
)
def test_wrong_arguments_are_named(change, error, words):
    arguments = {"teacher": "emt", "temperatures": 300, "budget": 5, "steps": 10, **QUICK}
    with pytest.raises(error, match=words):
        distil(bulk("Cu", cubic=True), **{**arguments, **change})


def test_a_cluster_without_a_cell_is_refused():
    with pytest.raises(ValueError, match="periodic along all three axes"):
        distil(Atoms("Cu2", [[0, 0, 0], [2.3, 0, 0]]), "emt", temperatures=300)
