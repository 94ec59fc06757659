from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import ase.db
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.store import Store, StoreError


def evaluated() -> Atoms:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=1)
    atoms.calc = EMT()
    atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
    return atoms


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "filled.db"
    with Store(path) as store:
        for i in range(30):
            store.add(f"cell-{i}", evaluated(), number=i)
    return path


def test_a_structure_comes_back_bit_for_bit_with_results_and_info(tmp_path):
    atoms = evaluated()
    atoms.info = {"label": "017", "weights": np.arange(3), "nested": {"a": [1, None]}}
    atoms.set_constraint(FixAtoms([0]))
    with Store(tmp_path / "s.db") as store:
        store.add("017", atoms, steps=np.int64(12), start=tmp_path)
    with Store(tmp_path / "s.db") as store:
        record = store.record("017")
        back = store.get("017")
    np.testing.assert_array_equal(back.positions, atoms.positions)
    np.testing.assert_array_equal(back.cell.array, atoms.cell.array)
    assert back.get_potential_energy() == atoms.get_potential_energy()
    np.testing.assert_array_equal(
        back.get_forces(apply_constraint=False), atoms.get_forces(apply_constraint=False)
    )
    np.testing.assert_array_equal(back.get_stress(), atoms.get_stress())
    assert back.info == {"label": "017", "weights": [0, 1, 2], "nested": {"a": [1, None]}}
    assert back.constraints[0].index.tolist() == [0]
    assert (record.status, record.reason) == ("done", None)
    assert record.info == {"steps": 12, "start": str(tmp_path)}


def test_failures_are_kept_with_their_reason_and_in_order(tmp_path):
    with Store(tmp_path / "s.db") as store:
        store.add("b", None, status="failed", reason="exploded")
        store.add("a", bulk("Cu"))
        assert store.keys() == ["b", "a"]
        assert store.keys(status="failed") == ["b"]
        assert [(r.key, r.reason) for r in store.records()] == [("b", "exploded"), ("a", None)]
        assert (len(store), "a" in store, "c" in store) == (2, True, False)
        with pytest.raises(ValueError, match="failed, exploded"):
            store.get("b")
        with pytest.raises(KeyError, match="no 'c'"):
            store.get("c")


def test_results_of_a_structure_that_was_moved_since_are_not_kept(tmp_path):
    atoms = evaluated()
    atoms.positions[0] += 0.1
    with Store(tmp_path / "s.db") as store:
        store.add("moved", atoms)
        assert "energy" not in store.get("moved").calc.results if store.get("moved").calc else True


def test_a_key_is_used_once(filled):
    with Store(filled) as store:
        with pytest.raises(KeyError, match="cell-3"):
            store.add("cell-3", None)
        assert len(store) == 30


def test_what_json_cannot_hold_is_named(tmp_path):
    with Store(tmp_path / "s.db") as store:
        with pytest.raises(TypeError, match="'when' in info of 'a'"):
            store.add("a", None, when=object())
        assert len(store) == 0


def test_ase_reads_the_same_file(filled):
    rows = list(ase.db.connect(filled).select(limit=2))
    assert rows[0].toatoms().get_potential_energy() == evaluated().get_potential_energy()
    assert rows[1].data["key"] == "cell-1"


def test_a_reader_sees_each_record_while_another_writes(tmp_path):
    with Store(tmp_path / "s.db") as writer, Store(tmp_path / "s.db") as reader, writer.writing():
        for number in range(1, 4):
            writer.add(str(number), bulk("Cu"))
            assert len(reader) == number
            assert reader.get(str(number)).symbols[0] == "Cu"


def test_a_second_writer_is_refused_and_nothing_is_left_behind(tmp_path):
    with Store(tmp_path / "s.db") as first, Store(tmp_path / "s.db") as second:
        with first.writing(), pytest.raises(StoreError, match="being written by another"):
            second.add("a", None)
        second.add("a", None)
        assert "a" in first
    assert [file.name for file in tmp_path.iterdir()] == ["s.db"]


def test_sqlite_locks_of_other_programs_give_a_clear_error(filled, monkeypatch):
    monkeypatch.setattr("matlearn._sqlite.WAIT", 0.1)
    other = sqlite3.connect(filled, isolation_level=None)
    with Store(filled) as store:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="kept it locked"):
            store.add("new", None)
        other.execute("ROLLBACK")
        store.add("new", None)
        assert len(store) == 31
    other.close()


@pytest.mark.parametrize("fraction", [0.0001, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused_and_left_alone(filled, fraction):
    whole = filled.read_bytes()
    filled.write_bytes(whole[: int(len(whole) * fraction)])
    before = filled.read_bytes()
    with pytest.raises(StoreError, match=r"filled\.db.*nothing was changed"):
        Store(filled)
    assert filled.read_bytes() == before


def test_foreign_files_are_refused_and_left_alone(tmp_path):
    text = tmp_path / "notes.db"
    text.write_text("my notes, not a database, and longer than a header")
    with pytest.raises(StoreError, match="no store"):
        Store(text)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(StoreError, match=r"its tables are songs"):
        Store(other)
    assert text.read_text().startswith("my notes")
    with pytest.raises(StoreError, match="no folder"):
        Store(tmp_path / "nowhere" / "s.db")


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "s.db").touch()
    with Store(tmp_path / "s.db") as store:
        store.add("a", None)
        assert len(store) == 1


def test_a_closed_store_says_so(filled):
    store = Store(filled)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        len(store)


def test_a_full_disk_loses_nothing_that_was_added(filled):
    with Store(filled) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StoreError, match="full"):
            for i in range(100):
                store.add(f"more-{i}", bulk("Cu") * (4, 4, 4))
        added = store.keys()
    with Store(filled) as store:
        assert store.keys() == added
        assert all(record.atoms is not None for record in store.records())


WRITER = """
import sys
from ase.build import bulk
from matlearn.store import Store
with Store(sys.argv[1]) as store:
    start = len(store)
    for i in range(start, start + 1000):
        store.add(f"r{i}", bulk("Cu"))
        print(i, flush=True)
"""


def test_records_survive_sigkill(tmp_path):
    path = tmp_path / "s.db"
    for records in (3, 11, 7):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        lines = [process.stdout.readline() for _ in range(records)]
        time.sleep(0.003 * records)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        lines += process.stdout.read().split("\n")[:-1]
        process.stdout.close()
        said = [int(line) for line in lines]
        with Store(path) as store:
            assert {f"r{i}" for i in said} <= set(store.keys())
            assert store.keys() == [f"r{i}" for i in range(len(store))]
            assert all(record.atoms.symbols[0] == "Cu" for record in store.records())


@settings(max_examples=25, deadline=None)
@given(key=st.text(min_size=1).filter(lambda s: s.isprintable()), value=st.floats(allow_nan=False))
def test_any_printable_key_and_any_number_come_back(tmp_path_factory, key, value):
    path = tmp_path_factory.mktemp("any") / "s.db"
    with Store(path) as store:
        store.add(key, Atoms("H", positions=[[value if abs(value) < 1e100 else 0, 0, 0]]), x=value)
        assert store.record(key).info["x"] == value
        assert store.keys() == [key]


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="it is a folder"):
        Store(tmp_path)


def test_a_store_is_made_where_files_cannot_be_linked(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", refuse)
    with Store(tmp_path / "s.db") as store:
        store.add("a", None)
    assert [path.name for path in tmp_path.iterdir()] == ["s.db"]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"key": None}, "key must be a string"),
        ({"key": 3}, "key must be a string"),
        ({"status": None}, "status must be a string"),
        ({"reason": 7}, "reason must be a string"),
        ({"atoms": "Cu"}, "atoms must be ASE Atoms"),
        ({"atoms": Atoms("Cu", info={(1, 2): 3})}, "names that are strings"),
    ],
)
def test_records_of_another_type_are_refused(tmp_path, record, words):
    with Store(tmp_path / "s.db") as store:
        with pytest.raises(TypeError, match=words):
            store.add(**{"key": "a", "atoms": None, **record})
        assert len(store) == 0


def test_a_pymatgen_structure_comes_back_as_atoms(tmp_path):
    with Store(tmp_path / "s.db") as store:
        store.add("copper", AseAtomsAdaptor.get_structure(bulk("Cu")))
        assert store.get("copper").symbols.get_chemical_formula() == "Cu"
