"""Laying the course out for a learner never costs the learner work."""

from __future__ import annotations

from pathlib import Path

import pytest

from matlearn import course


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for name in (
        "notebooks/index.ipynb",
        "notebooks/search/01-a.ipynb",
        "data/README.md",
        "exercises/README.md",
        "exercises/search/01-a.ipynb",
        "exercises/search/solutions/01-a.ipynb",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"first {name}")
    (root / "notebooks/.ipynb_checkpoints").mkdir()
    (root / "notebooks/.ipynb_checkpoints/index.ipynb").write_text("junk")
    return root


def test_everything_but_checkpoints_is_laid_out(source: Path, tmp_path: Path) -> None:
    done = course.lay_out(tmp_path / "mine", source)
    assert sorted(done.new) == [
        "data/README.md",
        "exercises/README.md",
        "exercises/search/01-a.ipynb",
        "notebooks/index.ipynb",
        "notebooks/search/01-a.ipynb",
    ]
    assert not list((tmp_path / "mine").rglob("*.part"))


def test_solutions_are_laid_out_only_where_asked_for(source: Path, tmp_path: Path) -> None:
    solution = "exercises/search/solutions/01-a.ipynb"
    assert not (course.lay_out(tmp_path / "mine", source).folder / solution).exists()
    assert course.lay_out(tmp_path / "mine", source, solutions=True).new == (solution,)
    course.lay_out(tmp_path / "mine", source)
    assert (tmp_path / "mine" / solution).is_file()  # what is there stays


def test_a_course_within_a_folder_called_solutions_is_laid_out_too(
    source: Path, tmp_path: Path
) -> None:
    there = tmp_path / "solutions/course"
    there.parent.mkdir()
    source.rename(there)
    assert len(course.lay_out(tmp_path / "mine", there).new) == 5


def test_a_changed_file_is_kept_and_an_untouched_one_is_renewed(
    source: Path, tmp_path: Path
) -> None:
    course.lay_out(tmp_path / "mine", source)
    (tmp_path / "mine/notebooks/index.ipynb").write_text("my own work")
    (source / "notebooks/index.ipynb").write_text("second version")
    (source / "notebooks/search/01-a.ipynb").write_text("second version")
    done = course.lay_out(tmp_path / "mine", source)
    assert done.kept == ("notebooks/index.ipynb",)
    assert done.updated == ("notebooks/search/01-a.ipynb",)
    assert (tmp_path / "mine/notebooks/index.ipynb").read_text() == "my own work"
    assert (tmp_path / "mine/notebooks/search/01-a.ipynb").read_text() == "second version"


def test_a_file_that_was_there_before_is_never_overwritten(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine/notebooks/index.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("older than matlearn")
    for _ in range(2):
        assert "notebooks/index.ipynb" in course.lay_out(tmp_path / "mine", source).kept
    assert mine.read_text() == "older than matlearn"


def test_a_damaged_manifest_makes_differing_files_the_learners(
    source: Path, tmp_path: Path
) -> None:
    course.lay_out(tmp_path / "mine", source)
    (tmp_path / "mine" / course.MANIFEST).write_text("{broken")
    (source / "data/README.md").write_text("second version")
    assert course.lay_out(tmp_path / "mine", source).kept == ("data/README.md",)


def test_a_file_in_place_of_the_folder_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("not a folder")
    with pytest.raises(NotADirectoryError, match="must be a directory"):
        course.lay_out(tmp_path / "mine", source)
