"""What view and explore do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes

from matlearn import widgets
from matlearn._widgets.drawing import (
    cell_edges,
    covalent_pairs,
    displayed,
    element_colors,
    pdb_text,
)

LABELS = ["copper", "salt", "silicon", "azide"]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


@pytest.fixture
def azide() -> Atoms:
    positions = [(0, 0, 0), (2, 2, -1.2), (2, 2, 0), (2, 2, 1.2)]
    return Atoms("LiN3", positions, cell=[4, 4, 5], pbc=True)


@pytest.fixture
def frame(azide: Atoms) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": LABELS,
            "energy": [0.3, 0.2, 0.1, 0.0],
            "volume": [11.0, 22.0, 20.0, 20.0],
            "kind": ["metal", "salt", "net", "salt"],
            "structure": [bulk("Cu"), bulk("NaCl", "rocksalt", a=5.6), bulk("Si"), azide],
        }
    )


def click(explorer: object, trace: int, point: int) -> None:
    traced = explorer.figure.data[trace]  # type: ignore[attr-defined]
    for callback in traced._click_callbacks:
        callback(traced, SimpleNamespace(point_inds=[point]), None)


def test_view_outside_a_notebook_is_a_picture_that_says_what_it_shows(azide: Atoms) -> None:
    ax = widgets.view(azide)
    assert isinstance(ax, Axes)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Li", "N"]
    assert "LiN3" in ax._matlearn_alt


def test_view_without_nglview_is_a_picture(
    monkeypatch: pytest.MonkeyPatch, live: None, azide: Atoms
) -> None:
    find_spec = widgets.importlib.util.find_spec
    monkeypatch.setattr(
        widgets.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "nglview" else find_spec(name, *rest),
    )
    assert isinstance(widgets.view(azide), Axes)


def test_view_takes_a_pymatgen_structure(live: None) -> None:
    from pymatgen.core import Lattice, Structure

    salt = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    assert len(widgets.view(salt).atoms) == 8


@pytest.mark.parametrize("supercell", [(2, 2), 2, (1, 1, 0), (1.5, 1, 1), None])
def test_view_rejects_a_wrong_supercell(supercell: object) -> None:
    with pytest.raises(ValueError, match="supercell must be three positive integers"):
        widgets.view(bulk("Cu"), supercell=supercell)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["Cu", 3, [bulk("Cu"), "Cu"]])
def test_view_rejects_what_is_no_structure(wrong: object) -> None:
    with pytest.raises(TypeError, match="must be ASE Atoms or a pymatgen Structure"):
        widgets.view(wrong)


@pytest.mark.parametrize("wrong", [[], Atoms()])
def test_view_rejects_nothing(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"empty|no atoms"):
        widgets.view(wrong)


def test_view_shows_the_frame_that_the_slider_says(live: None) -> None:
    viewer = widgets.view([bulk("Cu"), bulk("Ag"), molecule("N2")])
    assert viewer.frame.max == 2
    viewer.frame.value = 1
    assert viewer.atoms.get_chemical_formula() == "Ag"
    viewer.frame.value = 2
    assert viewer.atoms.get_chemical_formula() == "N2"
    assert cell_edges(viewer.atoms) == []


def test_many_structures_leave_no_trail_in_the_viewer(live: None) -> None:
    viewer = widgets.view(bulk("Cu"))
    for _ in range(200):
        viewer.show(bulk("Ag"))
    assert len(viewer.ngl._ngl_msg_archive) == 1
    assert len(viewer.ngl._ngl_displayed_callbacks_before_loaded) == 1
    assert viewer.ngl._remote_call_thread.q == []


def test_an_azide_across_the_wall_is_drawn_whole(azide: Atoms) -> None:
    azide.wrap()
    assert np.ptp(azide.positions[1:, 2]) > 3
    drawn = displayed(azide)
    assert np.ptp(drawn.positions[1:, 2]) == pytest.approx(2.4)
    assert pdb_text(drawn).count("CONECT") == 2


@settings(max_examples=25, deadline=None)
@given(shift=st.tuples(*[st.floats(-9, 9)] * 3), repeats=st.tuples(*[st.integers(1, 3)] * 3))
def test_neither_origin_nor_repeats_change_the_units(
    shift: tuple[float, float, float], repeats: tuple[int, int, int]
) -> None:
    cell = [[4, 0, 0], [1, 4, 0], [0.5, 0.5, 5]]
    azide = Atoms("LiN3", [(0, 0, 0), (2, 2, 1), (2, 2, 2.2), (2, 2, 3.4)], cell=cell, pbc=True)
    azide.positions += shift
    azide.wrap()
    drawn = displayed(azide, repeats)
    drawn.pbc = False
    first, second, _ = covalent_pairs(drawn)
    assert len(first) == len(second) == 4 * np.prod(repeats)
    assert drawn.cell[:] == pytest.approx(np.array(cell))


def test_colours_are_those_that_ngl_draws() -> None:
    assert element_colors(Atoms("N2Li")) == {"Li": "#cc80ff", "N": "#3050f8"}


def test_the_cell_is_twelve_edges_of_the_right_length() -> None:
    lengths = [np.linalg.norm(np.subtract(*edge)) for edge in cell_edges(bulk("Cu", cubic=True))]
    assert lengths == pytest.approx([3.61] * 12)


def test_explore_starts_with_the_lowest_and_lists_from_low_to_high(
    live: None, frame: pd.DataFrame
) -> None:
    explorer = widgets.explore(frame, "volume", "energy", color="kind")
    assert explorer.selected == 3
    assert [value for _, value in explorer.selector.options] == [3, 2, 1, 0]
    assert "azide" in explorer.viewer.label.value


def test_a_click_shows_the_structure_and_moves_ring_and_list(
    live: None, frame: pd.DataFrame
) -> None:
    explorer = widgets.explore(frame, "volume", "energy", color="kind")
    metal = [trace.name for trace in explorer.figure.data].index("metal")
    click(explorer, metal, 0)
    assert explorer.selected == explorer.selector.value == 0
    assert explorer.viewer.atoms.get_chemical_formula() == "Cu"
    ring = explorer.figure.data[-1]
    assert (list(ring.x), list(ring.y)) == ([11.0], [0.3])


def test_the_list_does_what_a_click_does(live: None, frame: pd.DataFrame) -> None:
    explorer = widgets.explore(frame, "volume", "energy")
    explorer.selector.value = 1
    assert explorer.selected == 1
    assert explorer.viewer.atoms.get_chemical_formula() == "ClNa"


def test_choosing_renders_once(live: None, frame: pd.DataFrame) -> None:
    explorer = widgets.explore(frame, "volume", "energy")
    shown: list[object] = []
    show = explorer.viewer.show
    explorer.viewer.show = lambda *a, **k: (shown.append(a[0]), show(*a, **k))  # type: ignore
    click(explorer, 0, 1)
    assert len(shown) == 1


def test_every_point_of_every_colour_leads_to_its_own_structure(
    live: None, frame: pd.DataFrame
) -> None:
    explorer = widgets.explore(frame, "volume", "energy", color="kind")
    reached = []
    for number, trace in enumerate(explorer.figure.data[:-1]):
        for point, (x, y) in enumerate(zip(trace.x, trace.y, strict=True)):
            click(explorer, number, point)
            row = frame.iloc[explorer.selected]
            assert (row["volume"], row["energy"]) == (x, y)
            reached.append(row["label"])
    assert sorted(reached) == sorted(LABELS)


def test_a_plot_is_complete_for_a_page_that_opens_late(live: None, frame: pd.DataFrame) -> None:
    figure = widgets.explore(frame, "volume", "energy", color="kind").figure
    sent = figure._widget_data
    assert [trace["x"] for trace in sent] == [list(trace.x) for trace in figure.data]
    assert sum(len(trace["x"]) for trace in sent) == len(frame) + 1, "each row, and the ring"
    assert figure._widget_layout["yaxis"]["title"]["text"] == "Energy (eV)"


def test_rows_without_a_value_are_not_drawn(live: None, frame: pd.DataFrame) -> None:
    frame.loc[3, "energy"] = np.nan
    explorer = widgets.explore(frame, "volume", "energy")
    assert [value for _, value in explorer.selector.options] == [2, 1, 0]
    assert len(explorer.figure.data[0].x) == 3


def test_numbers_get_a_scale_and_many_names_are_gathered(live: None) -> None:
    many = pd.DataFrame({"x": range(30), "y": range(30), "structure": [bulk("Cu")] * 30})
    many["number"] = np.linspace(0, 1, 30)
    many["name"] = [f"group {i // 2}" for i in range(30)]
    scaled = widgets.explore(many, "x", "y", color="number").figure.data[0]
    assert list(scaled.marker.color) == pytest.approx(many["number"])
    gathered = widgets.explore(many, "x", "y", color="name").figure.data[:-1]
    assert [trace.name for trace in gathered][-1] == "other"
    assert sum(len(trace.x) for trace in gathered) == 30


def test_text_from_a_frame_is_not_taken_for_markup(live: None, frame: pd.DataFrame) -> None:
    frame["label"] = "<img src=x>"
    explorer = widgets.explore(frame, "volume", "energy")
    assert "<img" not in explorer.viewer.label.value
    assert "<img" not in explorer.figure.data[0].text[0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (("volum", "energy"), "no column 'volum'; it has: label, energy, volume"),
        (("kind", "energy"), "'kind' does not hold numbers; these do: energy, volume"),
    ],
)
def test_explore_says_which_columns_there_are(
    frame: pd.DataFrame, columns: tuple[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        widgets.explore(frame, *columns)


def test_explore_rejects_a_frame_without_a_number(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no row with finite volume and energy"):
        widgets.explore(frame.assign(energy=np.nan), "volume", "energy")


@pytest.mark.parametrize("color", [None, "kind", "energy"])
def test_explore_outside_a_notebook_is_a_plot(frame: pd.DataFrame, color: str | None) -> None:
    ax = widgets.explore(frame, "volume", "energy", color=color)
    assert ax.get_xlabel() == "Volume (Å³)"
    assert "4 structures" in ax._matlearn_alt


def test_importing_the_widgets_loads_no_heavy_library() -> None:
    code = (
        "import sys, matlearn.widgets, matlearn.plotting; "
        "print([m for m in ('nglview', 'plotly', 'ipywidgets', 'ase', 'pandas', 'matplotlib') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
