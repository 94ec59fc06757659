"""A run that was killed goes on to the same numbers as if it had never stopped."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from matlearn.transport import read_trajectory, run_md
from matlearn.transport._dynamics import chunks, loop
from matlearn.transport.dynamics import DynamicsError

sys.path.insert(0, str(Path(__file__).parent))
from killed_dynamics import run

ENSEMBLES = ["nve", "nvt", "langevin", "npt"]


def same(one, other):
    """Say whether two trajectories are equal to the last bit."""
    names = ("positions", "cells", "energies", "kinetic_energies", "velocities")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_a_process_killed_twice_leaves_a_run_that_goes_on_as_if_it_had_not(tmp_path):
    store, steps = tmp_path / "copper.md", 3000
    command = [sys.executable, str(Path(__file__).parent / "killed_dynamics.py")]
    grown = 0
    for _ in range(2):
        process = subprocess.Popen([*command, str(store), "nvt", str(steps)])
        try:
            deadline = time.monotonic() + 60
            while not store.exists() or store.stat().st_size < grown + 30_000:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.005)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert process.returncode == -signal.SIGKILL
        grown = store.stat().st_size
    before = len(read_trajectory(store))
    assert 1 < before < steps // 5
    resumed = run(store, "nvt", 600 if before < 100 else 5 * before + 40)
    whole = run(None, "nvt", 600 if before < 100 else 5 * before + 40)
    assert len(resumed) > before
    assert same(resumed, whole)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_a_run_that_is_extended_equals_a_longer_one(tmp_path, ensemble):
    store = tmp_path / "copper.md"
    run(store, ensemble, 33)
    assert same(run(store, ensemble, 77), run(None, ensemble, 77))
    assert same(read_trajectory(store), run(None, ensemble, 77))


def test_a_file_cut_off_anywhere_goes_on_to_the_same_numbers(tmp_path):
    store = tmp_path / "copper.md"
    whole = run(store, "nvt", 60)
    data = store.read_bytes()
    for size in np.linspace(0, len(data) - 1, 12).astype(int):
        store.write_bytes(data[:size])
        assert same(run(store, "nvt", 60), whole), size


def test_a_flipped_bit_is_seen_and_what_follows_it_is_run_again(tmp_path):
    store = tmp_path / "copper.md"
    whole = run(store, "nvt", 60)
    data = bytearray(store.read_bytes())
    data[len(data) // 2] ^= 1
    store.write_bytes(data)
    assert len(read_trajectory(store)) < len(whole)
    assert same(run(store, "nvt", 60), whole)


def test_a_stop_during_the_equilibration_is_survived(tmp_path, monkeypatch):
    store = tmp_path / "copper.md"
    recorded = loop.Simulation._record

    def stop(simulation):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop.Simulation, "_record", stop)
    with pytest.raises(KeyboardInterrupt), pytest.warns(UserWarning, match="interrupted at step 0"):
        run(store, "nvt", 30)
    monkeypatch.setattr(loop.Simulation, "_record", recorded)
    assert same(run(store, "nvt", 30), run(None, "nvt", 30))


def test_ctrl_c_gives_what_there_is_and_the_next_call_goes_on(tmp_path, monkeypatch):
    store = tmp_path / "copper.md"
    recorded, calls = loop.Simulation._record, []

    def interrupted(simulation):
        calls.append(simulation.step)
        if len(calls) == 8:
            raise KeyboardInterrupt
        recorded(simulation)

    monkeypatch.setattr(loop.Simulation, "_record", interrupted)
    with pytest.warns(UserWarning, match="interrupted at step 35 of 60.*goes on"):
        part = run(store, "nvt", 60)
    assert len(part) == 7
    assert len(read_trajectory(store)) == 7
    monkeypatch.setattr(loop.Simulation, "_record", recorded)
    whole = run(None, "nvt", 60)
    assert same(part, whole[:7])
    assert same(run(store, "nvt", 60), whole)


class Disk:
    """A disk with room for so many bytes more."""

    def __init__(self, room):
        self.room, self.write = room, chunks.write

    def __call__(self, file, data):
        self.write(file, data[: self.room])
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= len(data)


def test_a_full_disk_says_what_is_kept_and_the_next_call_goes_on(tmp_path, monkeypatch):
    store, write = tmp_path / "copper.md", chunks.write
    whole = run(store, "nvt", 60)
    size = store.stat().st_size
    for part, words in [(0.02, "could not be begun"), (0.6, r"holds the run up to step \d+")]:
        store.unlink()
        monkeypatch.setattr(chunks, "write", Disk(int(part * size)))
        with pytest.raises((OSError, DynamicsError), match=words) as caught:
            run(store, "nvt", 60)
        for said in ("the disk is full", "MB free in", "free some space and make the same call"):
            assert said in str(caught.value)
        monkeypatch.setattr(chunks, "write", write)
        if part > 0.5:
            kept = caught.value.trajectory
            assert len(kept) > len(read_trajectory(store)) > 1
            assert same(kept, whole[: len(kept)])
        assert same(run(store, "nvt", 60), whole)


def test_a_disk_that_is_full_at_the_very_end_does_not_take_the_run_along(tmp_path, monkeypatch):
    store, write = tmp_path / "copper.md", chunks.write
    whole = run(store, "nvt", 59)  # its last records follow the last checkpoint
    size = store.stat().st_size
    store.unlink()
    monkeypatch.setattr(chunks, "write", Disk(size - 1))
    with pytest.raises(DynamicsError, match="the disk is full") as caught:
        run(store, "nvt", 59)
    assert same(caught.value.trajectory, whole)
    monkeypatch.setattr(chunks, "write", write)
    assert same(run(store, "nvt", 59), whole)


def test_a_disk_with_no_room_for_a_name_says_so(tmp_path, monkeypatch):
    def touch(path):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(
        OSError, match=r"a quota is used up.*: copper\.md could not be begun; free some space"
    ):
        run(tmp_path / "copper.md", "nvt", 20)


def test_lennard_jones_forgets_its_neighbours_at_a_checkpoint(tmp_path):
    argon = bulk("Ar", "fcc", a=5.4, cubic=True).repeat(2)
    settings = {"temperature": 150, "timestep": 0.008, "record_every": 10, "progress": False}
    settings |= {"checkpoint_every": 50}
    store = tmp_path / "argon.md"
    run_md(argon, "lj", steps=60, store=store, **settings)
    resumed = run_md(argon, "lj", steps=120, store=store, **settings)
    whole = run_md(argon, "lj", steps=120, **settings)
    assert np.array_equal(resumed.positions, whole.positions)


def test_a_finished_run_is_read_at_once(tmp_path):
    store = tmp_path / "copper.md"
    whole = run(store, "nvt", 60)
    touched = store.read_bytes()
    assert same(run(store, "nvt", 60), whole)
    assert len(run(store, "nvt", 40)) == 9
    assert store.read_bytes() == touched


def test_other_settings_are_named(tmp_path):
    crystal, store = bulk("Cu", cubic=True), tmp_path / "copper.md"
    settings = {"steps": 10, "store": store, "progress": False}
    run_md(crystal, "emt", temperature=300, **settings)
    with pytest.raises(ValueError, match=r"temperature was 300.0 and is now 400.0; give them"):
        run_md(crystal, "emt", temperature=400, **settings)
    with pytest.raises(ValueError, match="calculator was 'emt' and is now 'lj'"):
        run_md(crystal, "lj", temperature=300, **settings)
    crystal.rattle(0.01)
    with pytest.raises(ValueError, match="atoms was"):
        run_md(crystal, "emt", temperature=300, **settings)


def test_a_calculator_of_the_same_name_with_other_energies_does_not_go_on(tmp_path):
    from ase.calculators.emt import EMT

    class Shifted(EMT):
        def calculate(self, *args, **kwargs):
            super().calculate(*args, **kwargs)
            for name in ("energy", "free_energy"):
                self.results[name] += Shifted.shift

    crystal, store = bulk("Cu", cubic=True), tmp_path / "copper.md"
    settings = {"temperature": 300, "store": store, "progress": False}
    Shifted.shift = 0.0
    run_md(crystal, Shifted(), steps=10, **settings)
    Shifted.shift = 0.1
    with pytest.raises(ValueError, match="run with another calculator"):
        run_md(crystal, Shifted(), steps=20, **settings)


def test_two_processes_do_not_run_the_same_file(tmp_path):
    import fcntl

    store = tmp_path / "copper.md"
    run(store, "nvt", 20)
    with store.open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(RuntimeError, match="another process"):
            run(store, "nvt", 40)


def test_a_file_of_something_else_is_not_written_over(tmp_path):
    store = tmp_path / "thesis.txt"
    store.write_text("four years of work")
    with pytest.raises(ValueError, match="is there already and is no run"):
        run(store, "nvt", 20)
    assert store.read_text() == "four years of work"


def test_atoms_that_fly_apart_leave_what_was_good(tmp_path):
    crystal, store = bulk("Cu", cubic=True).repeat(2), tmp_path / "copper.md"
    settings = {"temperature": 3000, "timestep": 0.04, "ensemble": "nve", "record_every": 1}
    settings |= {"steps": 400, "store": store, "progress": False}
    with (
        pytest.warns(UserWarning, match="beyond 10 fs"),
        pytest.raises(
            DynamicsError, match=r"flew apart at step \d+: .*shorter time step"
        ) as caught,
    ):
        run_md(crystal, "emt", **settings)
    kept = caught.value.trajectory
    assert len(kept) == caught.value.step
    assert np.isfinite(kept.energies).all()
    assert same_positions(read_trajectory(store), kept)


def same_positions(one, other):
    return np.array_equal(one.positions, other.positions)
