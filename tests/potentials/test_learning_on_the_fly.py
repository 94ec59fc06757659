"""Learning on the fly: it asks rarely, learns what it needs, and loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import all_changes
from ase.calculators.emt import EMT
from killed_learning import learn

from matlearn.calculators import single_points, with_results
from matlearn.potentials._learning import guards
from matlearn.potentials._learning.dynamics import Dynamics
from matlearn.potentials._learning.labels import Labels, cpu_seconds
from matlearn.potentials._learning.starting import rattled_positions
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.learning import LearningError, LearningRun, learn_on_the_fly
from matlearn.potentials.moment_tensors import MTP
from matlearn.store import Store

SCRIPT = Path(__file__).with_name("killed_learning.py")


def copper(repeat: int = 1) -> Atoms:
    return bulk("Cu", "fcc", a=3.65, cubic=True).repeat((repeat, repeat, 1))


def small(**options):
    """A run that takes a part of a second."""
    settings = {
        "atoms": copper(),
        "mtp": MTP(4, ["Cu"], cutoff=4.0),
        "reference": "emt",
        "temperature": 800,
        "steps": 100,
        "start": 3,
        "progress": False,
        **options,
    }
    return learn_on_the_fly(
        settings.pop("atoms"), settings.pop("mtp"), settings.pop("reference"), **settings
    )


@pytest.fixture(scope="module")
def run() -> LearningRun:
    return small(atoms=copper(2), mtp=MTP(6, ["Cu"], cutoff=5.0), steps=600)


def test_it_asks_rarely_and_is_as_good_as_a_potential_taught_everything(run):
    comparison = run.compare("emt", counts=(40,), progress=False)
    assert run.finished and run.steps == 600
    assert comparison.plain_calls == 601
    assert comparison.calls == run.calls == len(run.images)
    assert comparison.saved > 10
    assert comparison.force_ratio < 1.15
    frame = comparison.to_frame()
    assert frame["forces_rms"].iloc[0] == comparison.learned.errors["forces"].rms
    assert frame["calls"].tolist() == [run.calls, 601]
    assert "meV" in comparison.plot().get_ylabel()


def test_nothing_it_was_taught_is_extrapolation_afterwards(run):
    active = ActiveSet(run.mtp, run.images)
    assert active.grades(run.images).max() <= 1.002
    along = active.grades(run.trajectory)
    assert np.mean(along < run.settings["stop"]) > 0.9


def test_it_halts_where_it_does_not_know_and_goes_back(run):
    rows = run.to_frame()
    assert (rows.loc[rows["event"] == "stop", "grade"] > 10).all()
    assert (rows.loc[rows["event"] == "keep", "grade"].between(2.1, 10)).all()
    for row in np.flatnonzero(rows["event"] == "stop"):
        assert rows["step"][row + 1] <= rows["step"][row]
    assert (rows["event"] == "stop").any()
    asked = run.labels[run.labels["event"] == "stop"]
    assert (asked["grade"] > 2.1).all()
    assert [image.info["step"] for image in run.trajectory] == list(range(0, 601, 20))


def test_the_trajectory_has_the_temperature_of_its_thermostat(run):
    # 16 atoms at 800 K: one structure's temperature scatters by 16 %; 600 steps hold some 5
    # independent ones at least
    settled = run.history[run.history["step"] > 150]
    assert settled["temperature"].mean() == pytest.approx(800, rel=0.2)


def test_energies_of_the_labelled_structures_are_those_of_the_reference(run):
    again = single_points(run.images, "emt", progress=False)
    for ours, true in zip(run.images, again, strict=True):
        assert ours.get_potential_energy() == pytest.approx(true.get_potential_energy(), abs=1e-9)


def test_the_same_seed_gives_the_same_run_and_another_one_another():
    first, again, other = small(), small(), small(seed=1)
    assert first.history.equals(again.history)
    assert first.calls == again.calls
    assert not np.allclose(first.trajectory[-1].positions, other.trajectory[-1].positions)


def test_a_run_that_was_killed_loses_no_reference_call(tmp_path):
    folder, log = tmp_path / "run", tmp_path / "log"
    command = [sys.executable, str(SCRIPT), str(folder), str(log)]
    process = subprocess.Popen(command, env={**os.environ, "PAUSE": "0.05"})
    deadline = time.monotonic() + 120
    while _paid(folder) < 8:
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with Store(folder / "reference.db") as store:
        before = store.keys()
    begun = log.read_text().splitlines()
    assert len(begun) - len(before) <= 1
    log.write_text("")

    resumed = learn(folder, log)
    paid = log.read_text().splitlines()
    assert not set(before) & set(paid)
    assert len(paid) == resumed.calls - len(before)
    whole = learn(tmp_path / "other", tmp_path / "other.log")
    assert resumed.finished and resumed.calls == whole.calls
    assert resumed.history["step"].tolist() == whole.history["step"].tolist()
    np.testing.assert_allclose(
        resumed.trajectory[-1].positions, whole.trajectory[-1].positions, atol=1e-6
    )
    np.testing.assert_allclose(resumed.mtp.parameters, whole.mtp.parameters, rtol=1e-4, atol=1e-8)

    log.write_text("")
    again = learn(folder, log)
    assert log.read_text() == ""
    np.testing.assert_array_equal(again.mtp.parameters, resumed.mtp.parameters)
    longer = learn(folder, log, steps=160)
    assert longer.steps == 160
    assert len(log.read_text().splitlines()) == longer.calls - resumed.calls


def _paid(folder: Path) -> int:
    if not (folder / "reference.db").exists():
        return 0
    with Store(folder / "reference.db") as store:
        return len(store)


class Moody(EMT):
    """EMT that raises at some of its calls."""

    def __init__(self, error: BaseException, at: tuple[int, ...]) -> None:
        super().__init__()
        self.error, self.at, self.calls = error, at, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        self.calls += 1
        if self.calls in self.at:
            raise self.error
        super().calculate(atoms, list(properties), list(system_changes))


def test_an_interrupted_run_gives_what_it_has_and_goes_on_later(tmp_path):
    calculator = Moody(KeyboardInterrupt(), (6,))
    part = small(reference=lambda: calculator, folder=tmp_path)
    assert (part.finished, part.reason, part.calls) == (False, "interrupted", 5)
    whole = small(reference=lambda: calculator, folder=tmp_path)
    assert whole.finished
    assert calculator.calls == whole.calls + 1
    assert [a.get_potential_energy() for a in whole.images[:5]] == [
        a.get_potential_energy() for a in part.images[:5]
    ]


def test_a_reference_that_fails_is_counted_and_the_run_goes_on():
    class ConvergenceError(Exception):
        """As GPAW's: of no other kind."""

    calculator = Moody(ConvergenceError("no convergence"), (2,))
    run = small(reference=calculator)
    assert run.finished
    assert run.failures == ["ConvergenceError: no convergence"]
    assert len(run.images) == run.calls - 1


def test_a_reference_that_always_fails_ends_the_run_with_its_reason(tmp_path):
    calculator = Moody(RuntimeError("no convergence"), tuple(range(99)))
    with pytest.raises(LearningError, match=r"step 0.*no convergence"):
        small(reference=calculator, folder=tmp_path)
    with Store(tmp_path / "reference.db") as store:
        assert len(store.keys(status="failed")) == 3


def test_a_potential_that_blows_up_is_halted_and_taught():
    cells = [copper() for _ in range(4)]
    for cell, positions in zip(cells, rattled_positions(cells[0], 4, seed=3), strict=True):
        cell.positions = positions
    images = single_points(cells, "emt", progress=False)
    mtp = MTP(4, ["Cu"], cutoff=4.0, min_distance=1.9)
    mtp.fit(images, progress=False, max_iterations=5)
    mtp.parameters = -300.0 * mtp.parameters
    run = small(mtp=mtp, images=images)
    assert run.history["event"][0] == "blow-up"
    assert run.finished
    assert guards.shortest_distance(run.images) > 1.5


def test_it_stops_when_its_calls_are_used_up_and_goes_on_with_more(tmp_path):
    part = small(max_calls=5, folder=tmp_path)
    assert (part.calls, part.finished, part.reason) == (5, False, "reached max_calls=5")
    assert len(part.images) == 5
    whole = small(folder=tmp_path)
    assert whole.finished and whole.calls > 5


def test_atoms_are_graded_one_by_one_where_that_is_asked():
    by_atom = small(mode="neighbourhood", atoms=copper(2))
    by_cell = small(mode="configuration", atoms=copper(2))
    assert by_atom.calls < by_cell.calls


def test_a_start_set_is_used_instead_of_calls(run):
    later = small(atoms=copper(2), mtp=run.mtp.copy(), images=run.images, steps=100)
    assert later.calls < 10
    assert later.images[0].get_potential_energy() == run.images[0].get_potential_energy()


def test_a_record_comes_back_whole(run, tmp_path):
    run.save(tmp_path / "record", reference="EMT")
    back = LearningRun.load(tmp_path / "record")
    assert (back.calls, back.steps, back.settings) == (run.calls, run.steps, run.settings)
    assert len(back.trajectory) == len(run.trajectory)
    assert back.history["event"].tolist() == run.history["event"].tolist()
    forces = [images[-1].get_forces() for images in (back.images, run.images)]
    np.testing.assert_allclose(*forces, atol=1e-7)
    assert back.plot().get_xlabel() == run.plot().get_xlabel() == "Time (ps)"
    (tmp_path / "record" / "run.json").write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        LearningRun.load(tmp_path / "record")
    with pytest.raises(FileNotFoundError, match="no learning run"):
        LearningRun.load(tmp_path)


def test_a_folder_of_another_run_is_refused(tmp_path):
    small(folder=tmp_path, steps=10)
    with pytest.raises(ValueError, match=r"temperature=800.*300"):
        small(folder=tmp_path, steps=10, temperature=300)
    (tmp_path / "checkpoint.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"checkpoint.npz is no .* or a damaged one"):
        small(folder=tmp_path, steps=10)


def test_a_trajectory_can_be_put_back(tmp_path):
    for thermostat in ("langevin", "bussi"):
        dynamics = Dynamics(
            copper(), temperature=500, timestep=0.002, thermostat=thermostat, relaxation=0.1, seed=4
        )
        dynamics.use(EMT())
        for _ in range(3):
            dynamics.advance()
        there = dynamics.moment()
        ends = []
        for _ in range(2):
            dynamics.restore(there)
            for _ in range(4):
                dynamics.advance()
            ends.append((dynamics.step, dynamics.moment().momenta))
        assert ends[0][0] == ends[1][0] == 7
        np.testing.assert_array_equal(ends[0][1], ends[1][1])


def test_guards_tell_a_wreck_from_a_hot_crystal():
    atoms = copper()
    assert not guards.too_close(atoms, 1.6)
    atoms.positions[1] = atoms.positions[0] + [1.0, 0.0, 0.0]
    assert guards.too_close(atoms, 1.6)
    atoms.positions[1] = np.nan
    assert guards.too_close(atoms, 1.6)
    atoms = copper()
    atoms.set_momenta(np.full((4, 3), np.nan))
    assert guards.too_hot(atoms, 300)
    atoms.set_velocities(np.ones((4, 3)))
    atoms.set_momenta(atoms.get_momenta() * np.sqrt(300 / atoms.get_temperature()))
    for number, ratio, hot in ((1, 7.9, False), (1, 8.1, True), (8, 5.0, True)):
        crystal = atoms.repeat((number, 1, 1))
        crystal.set_momenta(crystal.get_momenta() * np.sqrt(ratio))
        assert guards.too_hot(crystal, 300) is hot


def test_cpu_time_of_other_processes_is_counted():
    labels = Labels(Elsewhere, None)
    assert labels.pay(copper()).info["cpu_s"] >= 0.2
    assert cpu_seconds() > time.process_time()


class Elsewhere(EMT):
    """EMT that lets another process work."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        busy = "import time\nwhile time.process_time() < 0.4: pass"
        subprocess.run([sys.executable, "-c", busy], check=True)
        super().calculate(atoms, list(properties), list(system_changes))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"atoms": "Cu"}, TypeError, "atoms must be ASE Atoms"),
        ({"atoms": bulk("Ag", cubic=True)}, ValueError, "atoms hold Ag"),
        ({"atoms": bulk("Cu")}, ValueError, "two or more"),
        ({"steps": 0}, ValueError, "steps must be at least 1"),
        ({"steps": 10.5}, TypeError, "steps must be a whole number"),
        ({"temperature": -1}, ValueError, "temperature must be positive"),
        ({"timestep": 2.0}, ValueError, "in ps"),
        ({"select": 0.5}, ValueError, "select must be above 1"),
        ({"select": 20}, ValueError, "at most stop"),
        ({"mode": "atom"}, ValueError, "mode must be"),
        ({"thermostat": "nose"}, ValueError, "thermostat must be"),
        ({"max_calls": 0}, ValueError, "max_calls"),
        ({"images": copper()}, TypeError, "list of ASE Atoms"),
        ({"images": [copper()]}, ValueError, "no reference energy"),
        ({"images": [with_results(copper(), {"energy": np.nan})]}, ValueError, "not a number"),
        ({"atoms": copper().repeat(2)[[0, 0]]}, ValueError, "same place"),
        ({"mtp": MTP(2, ["Cu"], cutoff=2.0)}, ValueError, "choose a longer one"),
        ({"weights": (1, 0.1)}, ValueError, "weights must be three numbers"),
        ({"reference": "dft"}, ValueError, "name_or_path"),
    ],
)
def test_bad_input_is_named(options, error, message):
    with pytest.raises(error, match=message):
        small(**options)
