from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT

from matlearn.search.running import SearchRun, run_search
from matlearn.store import Store, StoreError

SCRIPT = Path(__file__).with_name("killed_search.py")


def wait_until(condition, process=None, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        assert process is None or process.poll() is None, "the search ended by itself"
        time.sleep(0.01)


def finished(path: Path) -> int:
    if not path.exists():
        return 0
    with Store(path) as store:
        return len(store)


def begin(store: Path, log: Path, workers: int, pause: float) -> subprocess.Popen:
    command = [str(part) for part in (sys.executable, SCRIPT, store, log, workers)]
    environment = {**os.environ, "PAUSE": str(pause), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)


def kill(process: subprocess.Popen) -> list[int]:
    """Kill a search as the system would, and give the processes it had started."""
    family = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    return family


def finish(process: subprocess.Popen) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


def contents(path: Path) -> dict[str, tuple]:
    with Store(path) as store:
        return {
            r.key: (
                r.status,
                r.info["steps"],
                r.atoms.positions.tobytes(),
                r.atoms.cell.array.tobytes(),
                r.atoms.get_potential_energy(),
                r.atoms.get_forces().tobytes(),
                r.atoms.get_stress().tobytes(),
            )
            for r in store.records()
        }


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory) -> dict[str, tuple]:
    folder = tmp_path_factory.mktemp("whole")
    finish(begin(folder / "s.db", folder / "log", 1, 0))
    return contents(folder / "s.db")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_killed_again_and_again_ends_as_if_it_never_was(tmp_path, uninterrupted, workers):
    store, log = tmp_path / "s.db", tmp_path / "log"
    committed_at_kill: list[set[str]] = []
    for more, delay in [(1, 0.0), (2, 0.07), (1, 0.03), (3, 0.01)]:
        goal = finished(store) + more
        process = begin(store, log, workers, 0.01)
        wait_until(lambda goal=goal: finished(store) >= goal, process)
        time.sleep(delay)  # into the middle of the next relaxation
        family = kill(process)
        with Store(store) as opened:
            committed_at_kill.append(set(opened.keys()))
            done = {len(record.atoms) for record in opened.records()}
        with log.open("a") as file:
            file.write("".join(f"killed {number}\n" for number in sorted(done)))
        wait_until(lambda family=family: not any(map(_alive, family)))  # no orphans
    assert 7 <= len(committed_at_kill[-1]) < 12
    finish(begin(store, log, workers, 0))

    assert contents(store) == uninterrupted
    assert all(before <= after for before, after in pairwise(committed_at_kill))
    lines = [line.split() for line in log.read_text().splitlines()]
    done = Counter(size for what, size in lines if what == "done")
    assert max(done.values()) == 1  # nothing was finished twice
    safe: set[str] = set()
    for what, size in lines:
        assert not (what == "start" and size in safe), f"{size} was begun again after its commit"
        safe |= {size} if what in ("done", "killed") else set()
    starts = Counter(size for what, size in lines if what == "start")
    assert len(starts) == 12
    assert sum(starts.values()) > 12  # the kills did fall into relaxations


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def cells(*numbers: float) -> list[Atoms]:
    return [bulk("Cu", "fcc", a=a) for a in numbers]


def search(structures, calculator="emt", **options):
    options = {"workers": 1, "progress": False, **options}
    return run_search(structures, calculator, **options)


class Touchy(EMT):
    """EMT that goes wrong in a way that depends on the number of atoms."""

    calls = 0

    def calculate(self, atoms=None, *args, **kwargs):
        Touchy.calls += 1
        if len(atoms) == 2:
            raise ArithmeticError("did not converge")
        super().calculate(atoms, *args, **kwargs)
        if len(atoms) == 3:
            self.results["energy"] = float("nan")


class Repulsive(Calculator):
    """Blows every cell up."""

    implemented_properties = ["energy", "forces", "stress"]  # noqa: RUF012

    def calculate(self, atoms=None, *args, **kwargs):
        super().calculate(atoms, *args, **kwargs)
        self.results = {
            "energy": -atoms.get_volume(),
            "forces": np.zeros((len(atoms), 3)),
            "stress": np.array([-1.0, -1, -1, 0, 0, 0]),
        }


def test_what_goes_wrong_is_kept_with_its_reason_and_the_search_goes_on(tmp_path):
    unlucky = [bulk("Cu", a=3.5) * (1, 1, n) for n in (1, 2, 3)]
    run = search([*unlucky, bulk("Cu", a=4.2)], Touchy(), store=tmp_path / "s.db")
    assert run.counts == {"done": 2, "exploded": 1, "error": 1}
    failures = run.failures().set_index("label")
    assert failures.loc["Cu-00001", "reason"] == "ArithmeticError: did not converge"
    assert failures.loc["Cu-00002", "reason"] == "energy or forces are not finite"
    assert run.to_frame()["label"].tolist() == ["Cu-00000", "Cu-00003"]


def test_explosions_and_slow_relaxations_are_told_apart(tmp_path):
    run = search(cells(3.6), Repulsive(), store=tmp_path / "a.db")
    assert "the volume went from 11.7" in run.failures()["reason"][0]
    run = search([bulk("Cu", a=4.2)], store=tmp_path / "b.db", max_steps=2)
    assert run.failures()["status"].tolist() == ["unconverged"]
    assert "after 2 steps" in run.failures()["reason"][0]
    frame = run.to_frame()
    assert frame["converged"].tolist() == [False]
    assert frame["steps"].tolist() == [2]


def test_elements_the_calculator_does_not_know_are_a_failure_with_a_reason(tmp_path):
    run = search([bulk("Fe"), bulk("Cu")], store=tmp_path / "s.db")
    assert run.counts == {"done": 1, "error": 1}
    assert "no parameters for Fe" in run.failures()["reason"][0]


def test_the_table_has_relaxed_structures_and_what_they_cost(tmp_path):
    start = bulk("Cu", a=3.9)
    start.info = {"label": "wide", "energy": 99.0, "seed": 3}
    frame = search([start], store=tmp_path / "s.db", fmax=0.001).to_frame()
    row = frame.loc[0]
    assert (row["label"], row["formula"], row["space_group"]) == ("wide", "Cu", "Fm-3m")
    assert row["volume_per_atom"] == pytest.approx(11.565, abs=0.01)  # EMT copper: a = 3.59 A
    assert row["energy"] == pytest.approx(-0.007, abs=0.001)
    assert row["structure"].info["seed"] == 3
    assert row["cpu_seconds"] > 0
    assert start.info["energy"] == 99.0
    assert start.calc is None


def test_pressure_is_in_gpa_and_reached(tmp_path):
    run = search(cells(3.6), store=tmp_path / "s.db", fmax=0.0005, pressure=10.0)
    row = run.to_frame().loc[0]
    assert row["pressure"] == pytest.approx(10.0, abs=0.02)
    assert -row["structure"].get_stress()[:3] / units.GPa == pytest.approx(10.0, abs=0.02)
    assert row["volume_per_atom"] < 11.3


def test_finished_structures_are_not_computed_again(tmp_path):
    first = search(cells(3.5, 3.6), Touchy(), store=tmp_path / "s.db")
    calls = Touchy.calls
    seen = []
    again = search(iter(cells(3.5, 3.6)), Touchy(), store=tmp_path / "s.db", on_result=seen.append)
    assert (Touchy.calls, seen) == (calls, [])
    assert again == first
    assert SearchRun.read(tmp_path / "s.db") == first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"structures": cells(3.5, 3.7)}, "'Cu-00001'.*another starting structure"),
        ({"fmax": 0.01}, "fmax=0.05 there and 0.01 now"),
        ({"pressure": 1.0}, "pressure=0.0 there and 1.0 now"),
        ({"max_steps": 10}, "max_steps=300 there and 10 now"),
        ({"calculator": "lj"}, "calculator='emt' there and 'lj' now"),
    ],
)
@pytest.mark.parametrize("lazy", [False, True])
def test_other_structures_or_settings_are_never_mixed(tmp_path, change, words, lazy):
    search(cells(3.5, 3.6), store=tmp_path / "s.db")
    options = {"structures": cells(3.5, 3.6), "calculator": "emt", **change}
    structures, calculator = options.pop("structures"), options.pop("calculator")
    with pytest.raises(ValueError, match=words):
        search(iter(structures) if lazy else structures, calculator,
               store=tmp_path / "s.db", **options)  # fmt: skip
    assert finished(tmp_path / "s.db") == 2


def test_a_name_and_the_calculator_made_from_it_are_the_same_search(tmp_path):
    from matlearn.calculators import get_calculator

    search(cells(3.5), "emt", store=tmp_path / "s.db")
    run = search(cells(3.5, 3.6), get_calculator("emt"), store=tmp_path / "s.db")
    assert run.counts == {"done": 2}


def test_equal_labels_are_refused_before_anything_is_computed(tmp_path):
    twins = cells(3.5, 3.6)
    for atoms in twins:
        atoms.info["label"] = "twin"
    with pytest.raises(ValueError, match="two structures have the label 'twin'"):
        search(twins, store=tmp_path / "s.db")
    assert finished(tmp_path / "s.db") == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_stopping_keeps_what_is_done_and_the_next_call_goes_on(tmp_path, workers):
    stop = threading.Event()
    structures = [bulk("Cu", a=3.4 + 0.05 * i) for i in range(6)]
    kept = []

    def after_two(record):
        kept.append(record.key)
        if len(kept) == 2:
            stop.set()

    run = search(structures, store=tmp_path / "s.db", workers=workers, stop=stop,
                 on_result=after_two)  # fmt: skip
    assert run.stopped
    assert sorted(run.labels) == sorted(kept)
    stop.clear()
    run = search(structures, store=tmp_path / "s.db", workers=workers, stop=stop)
    assert not run.stopped
    assert run.counts == {"done": 6}


def test_stopping_drops_a_relaxation_in_the_middle(tmp_path):
    asked = iter([False] * 4 + [True] * 99)
    run = search(cells(4.4), store=tmp_path / "s.db", stop=lambda: next(asked))
    assert (run.stopped, len(run)) == (True, 0)


def test_ctrl_c_keeps_what_is_done(tmp_path):
    def interrupt(record):
        if record.key == "Cu-00001":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(cells(3.5, 3.6, 3.7), store=tmp_path / "s.db", on_result=interrupt)
    assert SearchRun.read(tmp_path / "s.db").counts == {"done": 2}
    assert search(cells(3.5, 3.6, 3.7), store=tmp_path / "s.db").counts == {"done": 3}


def test_two_searches_do_not_share_a_store_at_once(tmp_path):
    def intrude(record):
        search(cells(3.7), store=tmp_path / "s.db")

    with pytest.raises(StoreError, match="being written by another"):
        search(cells(3.5, 3.6), store=tmp_path / "s.db", on_result=intrude)
    assert finished(tmp_path / "s.db") == 1


def test_results_do_not_depend_on_what_was_relaxed_before(tmp_path):
    structures = [bulk("Cu", "fcc", a=3.5, cubic=True) for _ in range(3)]
    for seed, atoms in enumerate(structures):
        atoms.rattle(0.2, seed=seed)
    forward = search(structures, store=tmp_path / "a.db").to_frame()["energy"]
    for atoms, label in zip(structures, "abc", strict=True):
        atoms.info["label"] = label
    backward = search(structures[::-1], EMT(), store=tmp_path / "b.db").to_frame()["energy"]
    assert forward.tolist() == backward.tolist()[::-1]


def test_forces_are_small_in_the_cell_as_it_ends_up(tmp_path):
    atoms = bulk("Li", cubic=True)
    atoms.set_cell(np.diag([3.9, 3.0, 3.5]) + 0.3, scale_atoms=True)
    atoms.positions[1] += [0.4, 0.1, -0.2]
    run = search([atoms], "chgnet", store=tmp_path / "s.db", fmax=0.02)
    assert run.counts == {"done": 1}
    relaxed = run.to_frame()["structure"][0]
    assert np.linalg.norm(relaxed.get_forces(), axis=1).max() < 0.02
    assert np.abs(relaxed.get_stress()).max() * relaxed.get_volume() / 2 < 0.02
