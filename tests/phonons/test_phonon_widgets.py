"""What the phonon widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ase.build import bulk
from matplotlib.axes import Axes

from matlearn import phonons
from matlearn._widgets.drawing import displayed
from matlearn.phonons import Convergence, widgets
from matlearn.phonons._live.motion import motion, sites
from matlearn.plotting import describe

ROWS = [
    {"value": 20, "kappa": 8.40, "force_rmse": 0.030},
    {"value": 40, "failure": "too few forces <b>"},
    {"value": 60, "kappa": 8.15, "force_rmse": 0.028},
    {"value": 80, "kappa": 8.10, "force_rmse": 0.027},
]
TRAINING = Convergence("training", 300.0, ROWS)
SUPERCELL = Convergence(
    "supercell", 300.0, [{"value": (1, 1, 1), "kappa": 3.0}, {"value": (2, 2, 2), "kappa": 8.0}]
)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


@pytest.fixture(scope="module")
def constants() -> phonons.ForceConstants:
    cell = bulk("Al", a=3.9943, cubic=True)
    return phonons.force_constants(
        "emt", cell=cell, supercell=(2, 2, 2), order=2, workers=1, progress=False
    )


@pytest.fixture(scope="module")
def bands(constants: phonons.ForceConstants) -> phonons.BandStructure:
    return constants.bands("GXKGL", points=11)


@pytest.mark.parametrize(("point", "branch"), [("X", 1), ("X", 3), ("L", 1), ("L", 3)])
def test_the_force_on_each_atom_pulls_it_back_as_its_frequency_says(
    constants: phonons.ForceConstants, point: str, branch: int
) -> None:
    made = constants.phonopy()
    atoms = constants.supercell
    bands = constants.bands("GXKGL", points=3)
    rows = {name: int(np.abs(bands.distances - place).argmin()) for place, name in bands.labels}
    mode = motion(bands, atoms, rows[point], branch - 1)
    for phase in (0.0, 0.7):
        moved = mode.displacements(phase)
        forces = -np.einsum("ijab,jb->ia", constants.fc2, moved)
        expected = -_stiffness(mode.frequency) * atoms.get_masses()[0] * moved
        own = int(made.primitive.p2s_map[0])
        np.testing.assert_allclose(forces[0], expected[own], atol=2e-4)


def _stiffness(frequency: float) -> float:
    """(2 pi f)^2 in eV/(A2 amu)."""
    return float((2 * np.pi * frequency) ** 2 * 1.0364269656e-4)


def test_the_atom_that_moves_most_goes_as_far_as_is_said(bands: Any, constants: Any) -> None:
    atoms = displayed(constants.unitcell, (2, 2, 2))
    for row in (5, 17, 33):
        mode = motion(bands, atoms, row, 1)
        lengths = np.linalg.norm(mode.displacements(0.0), axis=1)
        assert lengths.max() == pytest.approx(0.45)
        assert sum(mode.shares.values()) == pytest.approx(1.0)


def test_the_longest_wave_moves_all_atoms_alike(bands: Any, constants: Any) -> None:
    atoms = displayed(constants.unitcell, (2, 2, 2))
    moved = motion(bands, atoms, 0, 2).displacements(0.0)
    np.testing.assert_allclose(moved, np.repeat(moved[:1], len(moved), axis=0), atol=1e-9)


def test_atoms_of_another_crystal_are_no_images(constants: Any) -> None:
    with pytest.raises(ValueError, match="piece of the crystal"):
        sites(constants.primitive, bulk("Al", a=4.3, cubic=True))


def sent(board: Any) -> list[Any]:
    """What the last message tells the page: base, along, across, arrows, seconds, plays, size."""
    code = board.viewer.ngl._ngl_msg_archive[-1]["args"][0]
    begin = code.index("})(this, ") + len("})(this, ")
    return list(json.loads(f"[{code[begin : code.rindex(');')]}]"))


def test_a_click_shows_the_mode_that_was_clicked(live: None, bands: Any) -> None:
    board = widgets.show_mode(bands)
    trace = board.figure.data[1]
    (callback,) = trace._click_callbacks
    place = list(trace.customdata).index(7)
    callback(trace, type("Points", (), {"point_inds": [place]})(), None)
    assert (board.mode.row, board.mode.branch) == (7, 1)
    assert (board.wave.value, board.branch.value) == (7, 2)
    ring = board.figure.data[-1]
    assert ring.x[0] == pytest.approx(bands.distances[7])
    assert ring.y[0] == pytest.approx(bands.frequencies[7, 1])
    assert board.point.value == -1
    assert "Γ to X, branch 2 of 3" in board.status.value
    _, along, across, *_ = sent(board)
    found = np.reshape(along, (-1, 3)) + 1j * np.reshape(across, (-1, 3))
    np.testing.assert_allclose(found, board.mode.amplitudes, atol=1e-4)


def test_the_keyboard_does_what_a_click_does(live: None, constants: Any) -> None:
    board = widgets.show_mode(constants, path="GXKGL", point="L", branch=1)
    assert "L, branch 1 of 3: 3.50 THz, transversal" in board.status.value
    board.branch.value = 3
    assert "longitudinal" in board.status.value
    board.point.value = dict(board.point.options)["X"]
    assert "X, branch 3 of 3: 8.6" in board.status.value
    board.wave.value += 1
    assert board.mode.row == board.wave.value
    assert "X" in board.status.value


def test_points_that_join_two_lines_stand_once_in_the_list(live: None, constants: Any) -> None:
    board = widgets.show_mode(constants, path="GX,KG")
    assert [name for name, _ in board.point.options] == ["between two", "Γ", "X", "K", "Γ (2)"]


def test_arrows_come_and_go_and_the_motion_stops(live: None, bands: Any) -> None:
    board = widgets.show_mode(bands, point="X", branch=3)
    *_, arrows, _, plays, size = sent(board)
    assert (arrows, plays, size) == ([], True, 1.0)
    board.arrows.value = True
    board.size.value = 0.5
    board.plays.value = False
    base, along, _, arrows, _, plays, size = sent(board)
    assert (plays, size) == (False, 0.5)
    assert board.plays.description == "Play"
    starts = np.array([arrow[1] for arrow in arrows])
    np.testing.assert_allclose(starts, np.reshape(base, (-1, 3)), atol=2e-3)
    ways = np.array([arrow[2] for arrow in arrows]) - starts
    cosines = (ways * np.reshape(along, (-1, 3))).sum(axis=1)
    assert (cosines > 0).all()


def test_a_page_that_opens_late_gets_the_crystal_and_the_mode(live: None, bands: Any) -> None:
    board = widgets.show_mode(bands)
    board.branch.value = 1
    archive = board.viewer.ngl._ngl_msg_archive
    assert len(archive) == 2
    assert "loadFile" in archive[0]["args"][0]
    assert [list(one["y"]) for one in board.figure._widget_data] == [
        list(one.y) for one in board.figure.data
    ]


@pytest.mark.parametrize("live_or_not", ["0", "1"])
@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"point": "Q"}, ValueError, "point must be one of G, X, K, L, got 'Q'"),
        ({"point": 999}, ValueError, "point must be from 0 to"),
        ({"point": 1.5}, TypeError, "name of a special point"),
        ({"branch": 4}, ValueError, r"branch must be from 1 \(the lowest\) to 3, got 4"),
        ({"branch": "low"}, TypeError, "branch must be a whole number"),
        ({"path": "GX"}, ValueError, "leave it out"),
        ({"supercell": (0, 1, 1)}, ValueError, "three positive integers"),
    ],
)
def test_modes_that_are_not_there_are_refused(
    monkeypatch: pytest.MonkeyPatch, bands: Any, live_or_not: str, change: Any, kind: type,
    message: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("MATLEARN_STATIC", live_or_not)
    with pytest.raises(kind, match=message):
        widgets.show_mode(bands, **change)


def test_outside_a_notebook_there_are_pictures(bands: Any) -> None:
    for found in (widgets.show_mode(bands), widgets.explore_convergence(TRAINING)):
        assert isinstance(found, Axes)
        assert describe(found)


def test_a_tighter_band_is_reached_later(live: None) -> None:
    board = widgets.explore_convergence(TRAINING, reference={"measured": 6.9})
    assert board.converged_at == 60
    band, line, mark, ring, measured = board.figure.data
    assert max(band.y) == pytest.approx(8.1 * 1.02)
    assert (list(mark.x), list(mark.y)) == (["60"], [8.15])
    assert list(ring.x) == ["80"]
    assert list(line.y) == [8.4, None, 8.15, 8.1]
    assert set(measured.y) == {6.9}
    board.tolerance.value = 5.0
    assert board.converged_at == 20
    board.tolerance.value = 0.3
    assert board.converged_at is None
    assert list(board.figure.data[2].x) == []
    assert "no value but the last" in board.status.value


def test_a_value_that_failed_says_why_in_plain_letters(live: None) -> None:
    board = widgets.explore_convergence(TRAINING)
    board.chosen.value = 1
    assert "failed: too few forces &lt;b&gt;" in board.status.value
    assert list(board.figure.data[3].x) == []


def test_other_quantities_and_results_can_be_chosen(live: None) -> None:
    board = widgets.explore_convergence({"data": TRAINING, "cell": SUPERCELL})
    board.quantity.value = "force_rmse"
    assert list(board.figure.data[1].y) == [0.030, None, 0.028, 0.027]
    assert list(board.figure.data[0].x) == [], "a band of errors says nothing"
    board.quantity.value = "change"
    assert board.figure.data[1].y[0] == pytest.approx(100 * (8.4 / 8.1 - 1))
    board.table.value = 1
    assert list(board.figure.data[1].x) == ["1×1×1", "2×2×2"]
    assert board.figure.layout.xaxis.title.text == "Supercell"
    assert "Not converged within 2 %" in board.status.value


@pytest.mark.parametrize(
    ("what", "tolerance", "kind", "message"),
    [
        (3, 0.02, TypeError, "got int, which has no 'over'"),
        (TRAINING, 0.0, ValueError, "above 0 and at most 0.5"),
        ([], 0.02, ValueError, "at least one"),
    ],
)
def test_what_cannot_be_explored_is_refused(
    what: Any, tolerance: float, kind: type, message: str
) -> None:
    with pytest.raises(kind, match=message):
        widgets.explore_convergence(what, tolerance=tolerance)
