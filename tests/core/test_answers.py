"""The answers file outlives kernels, takes two at once, and is never lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest

from matlearn import exercises
from matlearn._exercises import answers
from matlearn.exercises import Exercise, Verdict

WRITER = """
import sys
from matlearn._exercises import answers
from matlearn.exercises import Verdict
for number in range(40):
    answers.record(f"search.{sys.argv[1]}{number}", number, Verdict(True, "good"))
    answers.record("search.both", number, Verdict(False, "not yet"))
"""


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path / "results"))
    module = types.ModuleType("matlearn.search.checks")
    even = Exercise(
        "Name an even number.", lambda x: Verdict(x % 2 == 0, "look at it"), ("a", "b", "c")
    )
    module.CHECKS = {"1a": even, "1b": even}  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "matlearn.search.checks", module)
    return answers.path()


def entry(file: Path, identifier: str = "search.1a") -> dict:
    return json.loads(file.read_text())["exercises"][identifier]


def test_an_answer_is_kept_with_what_was_said_of_it(file: Path) -> None:
    exercises.check("search.1a", 3)
    kept = entry(file)
    assert kept == {
        "passed": False, "message": "look at it", "answer": 3, "tries": 1, "hints": 0, "first_passed": None,
    }  # fmt: skip
    exercises.check("search.1a", 4)
    first = entry(file)["first_passed"]
    assert first.endswith("+00:00")
    exercises.check("search.1a", 5)
    kept = entry(file)
    assert (kept["passed"], kept["tries"], kept["first_passed"]) == (False, 3, first)
    assert exercises.progress().done == 1  # once solved stays solved


def test_no_answer_counts_as_no_try_and_displaces_nothing(file: Path) -> None:
    exercises.check("search.1a", ...)
    assert entry(file)["tries"] == 0
    exercises.check("search.1a", 4)
    exercises.check("search.1a", ...)
    assert entry(file)["passed"]
    assert entry(file)["answer"] == 4


def test_hints_go_on_after_a_kernel_has_ended(file: Path) -> None:
    assert [exercises.hint("search.1a").step for _ in range(2)] == [1, 2]
    script = "from matlearn._exercises import answers; print(answers.next_hint('search.1a', 3))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "3\n"
    assert exercises.hint("search.1a") == "c"  # the last stays
    assert exercises.hint("search.1a", 1).step == 1
    assert entry(file)["hints"] == 3


def test_what_another_kernel_saved_is_there_after_a_restart(file: Path) -> None:
    script = (
        "from matlearn._exercises import answers as a; from matlearn.exercises import Verdict\n"
    )
    script += "a.record('search.1a', 2, Verdict(True, 'good')); import os; os._exit(1)"
    subprocess.run([sys.executable, "-c", script], check=False)
    assert exercises.progress().done == 1
    assert exercises.progress().to_frame().loc["search", "total"] == 2


def test_two_processes_at_once_lose_nothing(file: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in "xy"]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    kept = json.loads(file.read_text())["exercises"]
    assert len(kept) == 81
    assert kept["search.both"]["tries"] == 80
    left = {path.name for path in file.parent.iterdir()}
    assert left <= {"answers.json", ".answers.json.lock"}


def test_threads_of_one_kernel_lose_nothing(file: Path) -> None:
    def write(name: str) -> None:
        for number in range(10):
            answers.record(f"search.{name}{number}", number, Verdict(True, "good"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers.read()["exercises"]) == 30


@pytest.mark.parametrize(
    "damage",
    [
        '{"exercises": {"search.1a"', "", "[1, 2]", '{"exercises": 3}', '{"exercises": {"search.1a": 1}}',
        "\x00\xff",
    ],
)  # fmt: skip
def test_a_damaged_file_is_kept_aside_with_a_warning(damage: str, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(damage.encode("latin-1"))
    with pytest.warns(UserWarning, match=r"kept as answers.damaged-1.json"):
        exercises.check("search.1a", 2)
    assert (file.parent / "answers.damaged-1.json").read_bytes() == damage.encode("latin-1")
    assert entry(file)["passed"]
    file.write_text("again")
    with pytest.warns(UserWarning, match=r"answers.damaged-2.json"):
        assert exercises.progress().done == 0
    assert (file.parent / "answers.damaged-1.json").read_bytes() == damage.encode("latin-1")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_the_record_not_the_verdict(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.parent.chmod(0o500)
    with pytest.warns(UserWarning, match="could not be saved"):
        assert exercises.check("search.1a", 2).passed
    with pytest.warns(UserWarning, match="could not be remembered"):
        assert exercises.hint("search.1a") == "a"


def test_a_file_in_place_of_the_folder_costs_the_record_not_the_verdict(file: Path) -> None:
    file.parent.write_text("not a folder")
    with pytest.warns(UserWarning, match="could not be saved"):
        assert exercises.check("search.1a", 2).passed
    with pytest.warns(UserWarning, match="could not be remembered"):
        assert exercises.hint("search.1a") == "a"


def test_other_parts_of_the_file_stay(file: Path) -> None:
    answers.change(lambda all_of_it: all_of_it["quiz"].update({"lattice.before": {"right": 3}}))
    exercises.check("search.1a", 2)
    assert answers.read()["quiz"] == {"lattice.before": {"right": 3}}


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (np.arange(3), [0, 1, 2]),
        (np.zeros((30, 2)), {"shape": [30, 2], "first": [0.0, 0.0, 0.0]}),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        ({"a": np.int64(2), 3: None}, {"a": 2, "3": None}),
        (list(range(100)), list(range(20))),
        ("x" * 1000, "x" * 199 + "…"),
        (float("inf"), "inf"),
        (1 + 2j, "(1+2j)"),
        (np.array(["a", "b"]), ["a", "b"]),
        (Verdict(True, "good"), "Right: good"),
    ],
)
def test_answers_are_kept_short(answer: object, kept: object) -> None:
    assert answers.short(answer) == kept
    json.dumps(answers.short(answer), allow_nan=False)


def test_an_answer_that_cannot_even_be_written_down_is_kept_by_its_kind() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise TypeError

    endless: list = []
    endless.append(endless)
    assert answers.short(Odd()) == "(Odd)"
    json.dumps(answers.short(endless))
