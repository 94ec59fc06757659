"""The first cell of every notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matlearn import notebook


@pytest.fixture(autouse=True)
def _own_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path / "results"))
    monkeypatch.delenv("MATLEARN_SCALE", raising=False)
    monkeypatch.setattr(notebook, "_current", None)


def test_setup_seeds_numpy() -> None:
    notebook.setup(seed=3)
    first = np.random.rand()  # noqa: NPY002
    notebook.setup(seed=3)
    assert np.random.rand() == first  # noqa: NPY002


def test_scale_comes_from_the_argument_then_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert notebook.setup().scale == "small"
    monkeypatch.setenv("MATLEARN_SCALE", "full")
    assert notebook.setup().scale == "full"
    assert notebook.pick(small=1, full=2) == 2
    assert notebook.setup(scale="small").scale == "small"
    assert notebook.pick(small=1, full=2) == 1


def test_an_unknown_scale_is_refused_and_says_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match="scale must be 'small' or 'full', got 'huge'"):
        notebook.setup(scale="huge")  # type: ignore[arg-type]
    monkeypatch.setenv("MATLEARN_SCALE", "tiny")
    for use in (notebook.setup, notebook.scale, lambda: notebook.pick(small=1, full=2)):
        with pytest.raises(ValueError, match="MATLEARN_SCALE"):
            use()


def test_results_are_found_again_and_a_fresh_start_keeps_the_old_file() -> None:
    path = notebook.results_path("search.db")
    path.write_text("paid for")
    assert notebook.results_path("search.db").read_text() == "paid for"
    assert not notebook.results_path("search.db", fresh=True).exists()
    assert path.with_name("search.db.old").read_text() == "paid for"


def test_a_fresh_start_of_a_folder_keeps_the_last_one() -> None:
    for round_number in ("first", "second", "third"):
        path = notebook.results_path("run", fresh=True)
        assert not path.exists()
        path.mkdir()
        (path / "calls").write_text(round_number)
    assert (path.with_name("run.old") / "calls").read_text() == "second"


@pytest.mark.parametrize("name", ["../search.db", "", "..", "a/b"])
def test_a_result_has_a_plain_file_name(name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        notebook.results_path(name)


def test_settings_say_what_was_set_in_one_line() -> None:
    text = repr(notebook.setup(seed=5))
    assert "small scale, seed 5" in text
    assert "\n" not in text


def test_what_a_page_shows_of_the_settings_makes_it_patient() -> None:
    settings = notebook.setup()
    shown = settings._repr_html_()
    assert repr(settings) in shown
    assert "AbortSignal.timeout = patient" in shown  # anywidget gives up after two seconds
