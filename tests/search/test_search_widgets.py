"""What the search widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from matlearn.search import SearchRun, frame_from_atoms, random_structures, widgets


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


@pytest.fixture
def sets() -> dict[str, pd.DataFrame]:
    frames = []
    for shift in (0.0, -240.0):
        images = [bulk("Cu", a=3.5), bulk("Cu", a=3.6)]
        frame = frame_from_atoms([single(image) for image in images], labels=["small", "large"])
        frame["energy_per_atom"] += shift
        frame["motif"] = ["N2", "N3"]
        frames.append(frame)
    return {"PBE": frames[0], "learned": frames[1]}


def single(atoms: Atoms) -> Atoms:
    atoms.calc = EMT()
    atoms.get_potential_energy()
    return atoms


@pytest.fixture
def cells() -> list[Atoms]:
    return list(
        random_structures(
            "Cu", 8, formula_units=(2,), volume_per_formula_unit=12.0, min_separation=2.0, seed=3
        )
    )


def n_points(explorer: object) -> list[int]:
    return [len(trace.x) for trace in explorer.figure.data[:-1]]  # type: ignore[attr-defined]


def test_sets_are_overlaid_each_from_its_own_lowest(sets: dict[str, pd.DataFrame]) -> None:
    explorer = widgets.explore_search(sets)
    assert [trace.name for trace in explorer.figure.data[:-1]] == ["PBE", "learned"]
    assert [min(trace.y) for trace in explorer.figure.data[:-1]] == [0.0, 0.0]


def test_the_switch_shows_energies_as_computed(sets: dict[str, pd.DataFrame]) -> None:
    explorer = widgets.explore_search(sets)
    explorer.absolute.value = True
    lows = [min(trace.y) for trace in explorer.figure.data[:-1]]
    assert lows[0] - lows[1] == pytest.approx(240)
    assert explorer.figure.layout.yaxis.title.text == "Energy (eV/atom)"


def test_filters_hide_points_in_plot_and_list(sets: dict[str, pd.DataFrame]) -> None:
    explorer = widgets.explore_search(sets)
    assert n_points(explorer) == [2, 2]
    explorer.motif_filter.value = "N3"
    assert n_points(explorer) == [1, 1]
    explorer.set_filter.value = "learned"
    assert n_points(explorer) == [0, 1]
    assert [value for _, value in explorer.selector.options] == [3]
    assert explorer.selected == 3
    assert "motif: N3, set: learned" in explorer.viewer.label.value
    explorer.motif_filter.value = explorer.set_filter.value = "all"
    assert n_points(explorer) == [2, 2]
    assert explorer.selected == 3, "what was chosen stays chosen"


def test_filters_that_leave_nothing_leave_an_empty_plot(sets: dict[str, pd.DataFrame]) -> None:
    sets["learned"]["motif"] = "N3"
    explorer = widgets.explore_search(sets)
    explorer.set_filter.value = "learned"
    explorer.motif_filter.value = "N2"
    assert n_points(explorer) == [0, 0]
    assert explorer.selector.options == ()
    assert list(explorer.figure.data[-1].x) == []


def test_a_single_set_is_coloured_by_motif(sets: dict[str, pd.DataFrame]) -> None:
    explorer = widgets.explore_search(sets["PBE"])
    assert {trace.name for trace in explorer.figure.data[:-1]} == {"N2", "N3"}


def test_the_frames_given_are_not_changed(sets: dict[str, pd.DataFrame]) -> None:
    columns = list(sets["PBE"].columns)
    widgets.explore_search(sets)
    assert list(sets["PBE"].columns) == columns


def test_a_live_search_runs_to_its_end(cells: list[Atoms], tmp_path: Path) -> None:
    live = widgets.live_search(cells, "emt", store=tmp_path / "copper.db")
    live.join(60)
    assert not live.running
    assert live.error is None
    assert len(live.run) == 8
    assert n_points(live.explorer) == [len(live.run.to_frame())]
    assert live.button.description == "Finished"
    assert live.explorer.selected == live.explorer.frame["relative_energy"].argmin()
    assert "8 in all" in live.status.value


def test_a_stopped_search_keeps_what_is_done_and_goes_on(
    cells: list[Atoms], tmp_path: Path
) -> None:
    path = tmp_path / "copper.db"
    live = widgets.live_search(cells, "emt", store=path, start=False)
    take = live._take

    def stop_after_three(record: object) -> None:
        take(record)
        if len(live._records) == 3:
            live._stop.set()

    live._take = stop_after_three
    live.start()
    live.join(60)
    assert live.run.stopped
    assert len(SearchRun.read(path)) == len(live._records) == 3
    assert live.button.description == "Go on"
    assert not live.button.disabled

    live._take = take
    live.button.click()
    live.join(60)
    assert not live.run.stopped
    assert len(live.run) == 8


def test_a_search_of_another_session_is_shown_at_once(cells: list[Atoms], tmp_path: Path) -> None:
    path = tmp_path / "copper.db"
    widgets.live_search(cells, "emt", store=path).join(60)
    again = widgets.live_search(cells, "emt", store=path, start=False)
    assert "8 in all" in again.status.value
    assert n_points(again.explorer)[0] >= 7


def test_an_error_of_the_search_is_shown(cells: list[Atoms], tmp_path: Path) -> None:
    path = tmp_path / "copper.db"
    widgets.live_search(cells, "emt", store=path).join(60)
    other = widgets.live_search(cells, "emt", store=path, fmax=0.01)
    other.join(60)
    assert isinstance(other.error, ValueError)
    assert "Stopped by ValueError" in other.status.value


def test_a_search_needs_structures(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="structures is empty"):
        widgets.live_search([], "emt", store=tmp_path / "none.db")


def test_without_widgets_the_search_runs_and_is_drawn(
    monkeypatch: pytest.MonkeyPatch, cells: list[Atoms], tmp_path: Path
) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    ax = widgets.live_search(cells, "emt", store=tmp_path / "copper.db")
    assert ax.get_ylabel() == "Energy above the lowest (meV/atom)"
    assert len(SearchRun.read(tmp_path / "copper.db")) == 8


def test_exploring_the_published_search_reaches_every_structure(
    lin2_airss: dict[str, pd.DataFrame],
) -> None:
    sets = {"PBE": lin2_airss["run1"], "M3GNet": lin2_airss["run1-m3gnet"]}
    explorer = widgets.explore_search(sets)
    assert n_points(explorer) == [800, 702]
    explorer.motif_filter.value = "N2"
    assert n_points(explorer) == [369, 314]
