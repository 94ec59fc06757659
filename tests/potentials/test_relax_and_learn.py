"""Relaxing with learning on the way: the hull is the reference's, and nothing paid for is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT
from cloudpickle import dumps, loads

from matlearn._relaxing.loop import Run, relax_all
from matlearn.calculators import single_points, with_results
from matlearn.plotting import describe
from matlearn.potentials._hulls.grading import GradedRelaxation, GradingCalculator
from matlearn.potentials._hulls.journal import Journal, Remembered
from matlearn.potentials._hulls.screening import fractions_of, hull_heights
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.candidates import alloy_candidates
from matlearn.potentials.moment_tensors import MTP
from matlearn.potentials.relaxing import LearnedHull, relax_and_learn
from matlearn.store import Store

SCRIPT = Path(__file__).with_name("killed_hull.py")
QUICK = {"workers": 1, "progress": False}


def disturbed(cells, count):
    """Make larger cells of them, strained and rattled."""
    rng = np.random.default_rng(5)
    made = []
    for atoms in cells:
        for _ in range(count):
            larger = atoms.repeat(2)
            strain = np.eye(3) * rng.uniform(0.96, 1.04) + rng.normal(0, 0.01, (3, 3))
            larger.set_cell(larger.cell.array @ strain, scale_atoms=True)
            larger.positions += rng.normal(0, 0.06, larger.positions.shape)
            made.append(larger)
    return made


@pytest.fixture(scope="module")
def candidates():
    return alloy_candidates(["Ni", "Pt"], 3, lattices=["fcc", "bcc"])


@pytest.fixture(scope="module")
def found(candidates, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hull") / "run"
    return relax_and_learn(
        candidates,
        MTP(8, ["Ni", "Pt"]),
        "emt",
        accurate=MTP(10, ["Ni", "Pt"]),
        folder=folder,
        survivors=4,
        max_iterations=25,
        **QUICK,
    )


@pytest.fixture(scope="module")
def direct(candidates, tmp_path_factory):
    """Relax every candidate by the reference itself."""
    store = tmp_path_factory.mktemp("direct") / "all.db"
    run = relax_all(candidates, "emt", store=store, kind=Run, fmax=0.02, max_steps=200, **QUICK)
    records = run.records()
    energies = np.array([r.atoms.get_potential_energy() / len(r.atoms) for r in records])
    calls = sum(record.info["steps"] + 1 for record in records)
    return energies, calls


def test_the_hull_is_the_one_of_relaxing_everything_by_the_reference(found, direct, candidates):
    energies, calls = direct
    fractions = fractions_of(candidates, ["Ni", "Pt"])
    formation, above = hull_heights(energies, fractions)
    frame = found.to_frame()
    lowest_of_all = {
        tuple(x): formation[above == 0][k] for k, x in enumerate(fractions[above == 0])
    }
    stable = frame[frame["stable"]]
    shares = stable[["x_Ni", "x_Pt"]].to_numpy()
    for share, energy in zip(shares, stable["formation_energy"], strict=True):
        assert energy == pytest.approx(lowest_of_all.pop(tuple(share)), abs=1e-4)
    assert not lowest_of_all
    assert sum(found.calls.values()) < calls / 3


def test_the_energies_of_the_hull_are_the_references(found):
    final = found.to_frame().query("stable")
    for atoms, energy in zip(final["structure"], final["energy_per_atom"], strict=True):
        copy = atoms.copy()
        copy.calc = EMT()
        assert copy.get_potential_energy() / len(copy) == pytest.approx(energy, abs=1e-12)
        assert np.abs(copy.get_forces()).max() < 0.02


def test_screens_keep_what_lies_within_four_rmse_of_the_hull(found):
    frame = found.to_frame()
    for screen, before in ((1, frame["label"].notna()), (2, frame["kept_1"])):
        width = 4 * found.rmse[f"screen {screen}"]
        assert ((frame[f"above_{screen}"] <= width) == frame[f"kept_{screen}"])[before].all()
        assert frame.loc[frame["kept_2"], "energy_per_atom"].notna().all()
    assert found.counts["candidates"] > found.counts["screen 1"] >= found.counts["screen 2"]


def test_every_relaxation_kept_had_no_grade_above_the_threshold(found):
    with Store(found.path / "relaxed.db") as store:
        grades = [record.info["grade"] for record in store.records()]
    assert len(grades) == found.counts["candidates"] + found.counts["screen 1"]
    assert max(grades) <= 2.1
    sweeps = found.sweeps()
    assert (sweeps.groupby("screen")["relaxed"].sum() == [len(found.to_frame()),
            found.counts["screen 1"]]).all()  # fmt: skip
    assert sweeps["largest_grade"].iloc[0] > 2.1


def test_calls_and_cpu_seconds_are_counted_by_part(found):
    with Store(found.path / "labels.db") as store:
        assert sum(found.calls.values()) == len(store) + found.calls["final"]
    assert found.calls["start"] == 20
    assert found.calls["survivors"] <= 4
    assert found.calls["final"] >= found.counts["final"]
    assert set(found.cpu) == {"MTP relaxation", "grading", "labelling", "training",
                              "final relaxation"}  # fmt: skip
    assert all(seconds > 0 for seconds in found.cpu.values())
    assert len(found.images) == sum(found.calls.values()) - found.calls["final"]


def test_a_finished_run_is_read_and_costs_nothing_again(found, candidates):
    again = relax_and_learn(
        candidates,
        MTP(8, ["Ni", "Pt"]),
        "emt",
        accurate=MTP(10, ["Ni", "Pt"]),
        folder=found.path,
        survivors=4,
        max_iterations=25,
        **QUICK,
    )
    assert again == found
    assert again.cpu["labelling"] == found.cpu["labelling"]
    assert LearnedHull.read(found.path).stable == found.stable
    with pytest.raises(ValueError, match=r"holds another run.*seed=0 there and 1 now"):
        relax_and_learn(candidates, MTP(8, ["Ni", "Pt"]), "emt", folder=found.path, seed=1)


def test_the_hull_is_drawn_with_an_alternative_text(found):
    ax = found.plot()
    text = describe(ax)
    assert f"{found.counts['candidates']} candidates" in text
    assert all(label in text for label in found.stable)
    plt.close(ax.figure)


def test_killed_again_and_again_it_computes_nothing_twice(tmp_path):
    folder, log = tmp_path / "run", tmp_path / "log"
    log.touch()
    finished = []
    for calls in (4, 15, 40):  # killed while it labels, learns and relaxes
        with subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), str(log)],
            env={**os.environ, "PAUSE": "0.03", "OMP_NUM_THREADS": "1"},
        ) as process:
            while process.poll() is None and len(log.read_text().splitlines()) < calls:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        finished.append(len(log.read_text().splitlines()))
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        from killed_hull import search
    finally:
        sys.path.remove(str(SCRIPT.parent))
    result = search(str(folder), str(log))
    repeated = [n for n in Counter(log.read_text().splitlines()).values() if n > 1]
    assert finished == sorted(finished) and finished[0] < finished[-1]
    assert sum(n - 1 for n in repeated) <= len(finished)  # what was in flight at each kill
    assert result.counts["failed"] == 0
    unbroken = search(str(tmp_path / "unbroken"), str(tmp_path / "log-2"))
    assert list(result.to_frame()["stable"]) == list(unbroken.to_frame()["stable"])


class FailsOnPairs(EMT):
    """EMT that cannot compute cells of one nickel and one platinum."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        if set(atoms.symbols) == {"Ni", "Pt"} and len(atoms) == 2:
            raise RuntimeError("not converged")
        super().calculate(atoms, list(properties), system_changes)


def test_what_the_reference_cannot_compute_is_recorded_and_the_run_goes_on(tmp_path):
    cells = alloy_candidates(["Ni", "Pt"], 3, lattices=["fcc"])
    run = relax_and_learn(
        cells, MTP(4, ["Ni", "Pt"]), FailsOnPairs, folder=tmp_path / "run", start=10,
        max_iterations=8, keep=1000.0, **QUICK,
    )  # fmt: skip
    lost = run.failures()
    assert set(lost["label"]) <= {"fcc-0002-NiPt", "fcc-0003-NiPt"}
    assert len(lost)
    assert run.counts["final"] >= len(cells) - 2
    assert np.isfinite(run.to_frame()["energy_above_hull"]).sum() == run.counts["final"]


def test_what_still_extrapolates_at_the_limit_is_a_failure(tmp_path):
    cells = alloy_candidates(["Ni", "Pt"], 3, lattices=["fcc"])
    elements = [atoms for atoms in cells if len(atoms) == 1]
    reference = single_points(disturbed(elements, 8), "emt", progress=False)
    run = relax_and_learn(
        cells, MTP(2, ["Ni", "Pt"]), "emt", folder=tmp_path / "run", images=reference,
        max_sweeps=3, max_iterations=8, max_calls=1, keep=100.0, fmax=0.1, **QUICK,
    )  # fmt: skip
    failures = run.failures()
    assert len(failures)
    assert failures["reason"].str.contains("still extrapolates").all()
    assert sum(run.calls.values()) - run.calls["final"] == 1
    assert run.calls["start"] == 0
    relaxed = run.to_frame()
    assert {"Ni", "Pt"} <= set(relaxed.loc[relaxed["formation_energy"].notna(), "formula"])


def test_steps_are_marked_above_select_and_broken_off_above_stop():
    cells = disturbed([bulk("Cu", a=3.6)], 8)
    mtp = MTP(2, ["Cu"], cutoff=4.5)
    mtp.fit(single_points(cells, "emt", progress=False), max_iterations=5, progress=False)
    active = ActiveSet(mtp, cells).maxvol("neighbourhood")
    far = bulk("Cu", a=4.3, cubic=True)
    far.info["label"] = "far"
    grade = float(active.grades(mtp.energy_jacobian([far], per_atom=True)).max())
    for stop, status in ((0.5 * grade, "error"), (1e9, "done")):
        calculator = GradingCalculator(mtp, active, select=2.1, stop=stop)
        attempt = loads(dumps(GradedRelaxation(calculator, 0.02, 100)))(far)
        assert attempt.outcome.status == status
        assert attempt.grade >= grade * (1 - 1e-6)
        assert attempt.marked[0].info == {"label": "far"}
        assert np.array_equal(attempt.marked[0].positions, far.positions)
        assert (len(attempt.marked) == 1) == (status == "error")
    near = bulk("Cu", a=3.58, cubic=True)
    near.info["label"] = "near"
    assert GradedRelaxation(calculator, 0.02, 100)(near).marked == []


def test_a_reference_that_remembers_computes_nothing_twice(tmp_path):
    journal = Journal(tmp_path / "journal")
    make = loads(dumps(Remembered(EMT, journal)))
    cell = bulk("Cu").repeat(2)
    cell.rattle(0.05, seed=1)
    first, second = cell.copy(), cell.copy()
    first.calc = make()
    forces = first.get_forces()
    with next(journal.folder.glob("*.jsonl")).open("a") as file:
        file.write('{"digest": "torn')
    assert len(journal) == 1
    second.calc = Remembered(None.__class__, journal)()  # it could not compute anything
    assert np.array_equal(second.get_forces(), forces)
    assert second.get_potential_energy() == first.get_potential_energy()
    assert np.array_equal(second.get_stress(), first.get_stress())


def test_a_ternary_hull_lets_a_phase_fall_apart_into_three():
    fractions = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [1 / 3] * 3])
    energies = np.array([-1.0, -2.0, -3.0, -1.7, -2.1])
    formation, above = hull_heights(energies, fractions)
    assert formation == pytest.approx([0, 0, 0, -0.2, -0.1])
    assert above == pytest.approx([0, 0, 0, 0, -0.1 + 2 / 3 * 0.2])
    with pytest.raises(ValueError, match="pure element"):
        hull_heights(energies[1:], fractions[1:])


CELLS = alloy_candidates(["Ni", "Pt"], 1, lattices=["fcc"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"structures": CELLS[:1]}, "structures must hold pure Pt"),
        ({"structures": [*CELLS, CELLS[0]]}, "two structures have the label 'fcc-0000-Ni'"),
        ({"structures": [bulk("Cu")]}, "has Cu, but the potential knows Ni, Pt"),
        ({"select": 1.0}, "select must be above 1"),
        ({"select": 20.0}, "at most stop = 10.0"),
        ({"keep": 0.0}, "keep must be a positive number"),
        ({"fmax": np.nan}, "fmax must be a positive number"),
        ({"max_sweeps": 0}, "max_sweeps must be a whole number"),
        ({"max_calls": 0}, "max_calls must be at least 1"),
        ({"start": 3}, "start must be at least 4"),
        ({"survivors": -1}, "survivors must be a whole number of at least 0"),
        ({"weights": (1, 0.1)}, "weights must be three numbers"),
        ({"mtp": MTP(4, ["Ni", "Pt"], cutoff=2.0)}, "choose a longer one"),
        ({"images": [with_results(CELLS[0], {"energy": np.nan})]}, "not a number"),
        ({"images": CELLS}, r"images\[0\] carries no energy"),
        ({"accurate": MTP(4, ["Pt", "Ni"])}, "accurate must be for Ni, Pt"),
        ({"reference": "emd"}, "name_or_path must be one of"),
    ],
)
def test_wrong_arguments_are_explained(tmp_path, change, message):
    given = {"structures": CELLS, "mtp": MTP(4, ["Ni", "Pt"]), "reference": "emt"} | change
    with pytest.raises(ValueError, match=message):
        relax_and_learn(**given, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("unfinished")
    with pytest.raises(ValueError, match="holds something else"):
        relax_and_learn(CELLS, MTP(4, ["Ni", "Pt"]), "emt", folder=tmp_path)
    with pytest.raises(TypeError, match="several ASE Atoms"):
        relax_and_learn(bulk("Ni"), MTP(4, ["Ni", "Pt"]), "emt", folder=tmp_path / "run")
    with pytest.raises(FileNotFoundError):
        LearnedHull.read(tmp_path)
