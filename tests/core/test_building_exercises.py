"""Exercises are made from their solutions, the same ones each time."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import nbformat
import pytest

from matlearn._exercises import building, prompts
from matlearn.cli import main
from matlearn.exercises import Exercise, Verdict

LATER = "print(energy, cell)\nml.exercises.check('search.1a', energy)"


@pytest.fixture(autouse=True)
def two_exercises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path / "results"))
    module = types.ModuleType("matlearn.search.checks")
    one = Exercise(
        "Name an even number.", lambda x: Verdict(x % 2 == 0, "odd"), ("a", "b $x^2$", "c")
    )
    module.CHECKS = {"1a": one, "1b": one}  # type: ignore[attr-defined]
    module.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "matlearn.search.checks", module)


def code(source: str, *tags: str, id: str) -> Any:
    return nbformat.v4.new_code_cell(source, id=id, metadata={"tags": list(tags)} if tags else {})


def text(source: str, *tags: str, id: str) -> Any:
    return nbformat.v4.new_markdown_cell(
        source, id=id, metadata={"tags": list(tags)} if tags else {}
    )


def course(folder: Path, *cells: Any, name: str = "01-evens.ipynb") -> Path:
    path = folder / "exercises/search/solutions" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return folder / "exercises"


def usual() -> list[Any]:
    return [
        text("# Search · 1 · Evens, see [the notebook](../../../notebooks/index.ipynb)", id="head"),
        code("import matlearn as ml\nml.notebook.setup()", id="setup"),
        code("# Choose an even number.\neven = 2 * 2", "solution", id="even"),
        code('ml.exercises.check("search.1a", even)', "check", id="check-a"),
        text("Twice two is four.", "explanation", id="why"),
        code("# And another one.\nother = even + 2", "solution", id="other"),
        code('ml.exercises.check("search.1b", other)', "check", id="check-b"),
        text("Go on with odd ones.", id="next"),
    ]


@pytest.mark.parametrize(
    ("solution", "kept", "names"),
    [
        ("# The energy?\nenergy = 3.0", "# The energy?", "energy"),
        ("# Two\n# lines\n\nfor cell in (1, 2):\n    energy = cell  # counts", "# Two\n# lines", "cell energy"),
        ("# One\nhidden = 2\nenergy, *cell = hidden, 3", "# One", "energy cell"),
        ("# One\nenergy = 2\nenergy += 2\nenergy.unit = 4", "# One", "energy"),
        ("# One\nimport numpy\nfrom ase import Atoms as cell", "# One\nfrom ase import Atoms as cell", ""),
        ("# Draw it\nplot(energy)", "# Draw it", ""),
        ("energy = 1  # not a prompt", prompts.PROMPT, "energy"),
        ("# One\nif (cell := 3) > 2:\n    energy: float = [x for x in y]", "# One", "cell energy"),
        ("# One\nwith open(x) as cell:\n    energy = [cell for cell in y]", "# One", "cell energy"),
    ],
)  # fmt: skip
def test_a_solution_becomes_a_prompt(solution: str, kept: str, names: str) -> None:
    expected = [kept, *(f"{name} = ...  # your answer" for name in names.split())]
    assert prompts.prompt(solution, LATER) == "\n".join(expected)


def test_of_a_function_its_signature_and_docstring_stay() -> None:
    solution = '''# Write it
def energy(
    atoms,
    scale: float = 2.0,
) -> float:
    """Energy of a crystal.

    In eV.
    """
    secret = 2
    return secret * scale

@cached
def cell(x):
    # secret
    return x

def short(x): return x + 1
'''
    expected = '''# Write it
def energy(
    atoms,
    scale: float = 2.0,
) -> float:
    """Energy of a crystal.

    In eV.
    """
    ...  # your answer
@cached
def cell(x):
    ...  # your answer
def short(x):
    ...  # your answer'''
    made = prompts.prompt(solution, LATER)
    assert made == expected
    compile(made, "made", "exec")


def test_a_magic_command_in_a_solution_is_refused(tmp_path: Path) -> None:
    folder = course(tmp_path, code("# Time\n%time x = 2", "solution", id="one"))
    with pytest.raises(ValueError, match=r"search/solutions/01-evens.ipynb: .* no plain Python"):
        building.build(folder=folder)


def test_an_exercise_has_prompts_folded_hints_and_folded_explanations(tmp_path: Path) -> None:
    folder = course(tmp_path, *usual())
    assert building.build(folder=folder).written == ("search/01-evens.ipynb",)
    made = nbformat.read(folder / "search/01-evens.ipynb", as_version=4)
    assert " ".join(cell.id for cell in made.cells) == (
        "head setup even hints-search-1a check-a why other hints-search-1b check-b next"
    )
    cells = {cell.id: cell for cell in made.cells}
    assert cells["even"].source == "# Choose an even number.\neven = ...  # your answer"
    assert cells["even"].metadata.tags == ["exercise"]
    hints = cells["hints-search-1a"].source
    assert hints.count("<details>") == hints.count("</details>") == 3
    assert "<summary>Hint 2</summary>\n\nb $x^2$\n" in hints
    assert "Twice two" in cells["why"].source
    assert cells["why"].source.startswith("<details>\n<summary>After you have tried</summary>")
    assert cells["check-a"].source == 'ml.exercises.check("search.1a", even)'
    assert "](../../notebooks/index.ipynb)" in cells["head"].source  # one folder nearer
    assert "solutions/01-evens.ipynb" in made.metadata.generated
    assert "2 * 2" not in nbformat.writes(made)


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    folder = course(tmp_path, *usual())
    building.build(folder=folder)
    first = (folder / "search/01-evens.ipynb").read_bytes()
    assert building.build(folder=folder).same == ("search/01-evens.ipynb",)
    (folder / "search/01-evens.ipynb").unlink()
    building.build(folder=folder)
    assert (folder / "search/01-evens.ipynb").read_bytes() == first


def test_outputs_of_a_solution_do_not_matter(tmp_path: Path) -> None:
    building.build(folder=(folder := course(tmp_path, *usual())))
    cells = usual()
    cells[2].outputs, cells[2].execution_count = [nbformat.v4.new_output("stream", text="4")], 7
    course(tmp_path, *cells)
    assert building.build(folder=folder, check=True).written == ()


def test_check_finds_what_differs_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = course(tmp_path, *usual())
    monkeypatch.setattr("matlearn.course.course_root", lambda: tmp_path)
    assert main(["exercises", "build", "--check"]) == 1
    assert not (folder / "search/01-evens.ipynb").exists()
    assert main(["exercises", "build", "search"]) == 0
    assert main(["exercises", "build", "--check"]) == 0
    (folder / "search/02-old.ipynb").write_text("{}")
    capsys.readouterr()
    assert main(["exercises", "build", "--check"]) == 1
    assert "02-old.ipynb: has no solution" in capsys.readouterr().out


SOLVED = code("x = 1", "solution", id="s")
CHECK = 'ml.exercises.check("search.1a", x)'


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ([code(CHECK, "check", id="c")], "no cell tagged 'solution' is before"),
        ([SOLVED, code("print(x)", "check", id="c")], "must call ml.exercises.check once"),
        ([SOLVED, code(CHECK, id="c")], "not tagged 'check'"),
        ([SOLVED, code(CHECK.replace("1a", "9a"), "check", id="c")], "there are: .*search.1b"),
    ],
)
def test_a_solution_that_cannot_be_built_from_is_named(
    cells: list[Any], fault: str, tmp_path: Path
) -> None:
    folder = course(tmp_path, *cells)
    with pytest.raises(ValueError, match=rf"search/solutions/01-evens.ipynb: .*{fault}"):
        building.build(folder=folder)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"id": "why"', '"id": "even"', "same id: even"),
        ('"id": "why",', "", r"cells \[4\] have no id"),
    ],
)
def test_cells_need_identifiers_of_their_own(
    old: str, new: str, fault: str, tmp_path: Path
) -> None:
    folder = course(tmp_path, *usual())
    path = folder / "search/solutions/01-evens.ipynb"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ValueError, match=fault):
        building.build(folder=folder)


def test_an_unknown_chapter_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "build", "cooking"]) == 1
    assert "chapter must be one of regression" in capsys.readouterr().err


def test_the_list_shows_what_is_solved(capsys: pytest.CaptureFixture[str]) -> None:
    from matlearn import exercises

    exercises.check("search.1a", 2)
    exercises.check("search.1b", 3)
    assert main(["exercises"]) == 0
    said = capsys.readouterr().out
    assert "search.1a        solved  Name an even number." in said
    assert "search.1b        tried   Name" in said
    assert main(["exercises", "progress"]) == 0
    said = capsys.readouterr().out
    assert "search      [##########..........] 1 of 2 solved, 1 more tried" in said
