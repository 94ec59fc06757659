"""What the transport widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from ase.units import kB
from matplotlib.axes import Axes

from matlearn.plotting import describe
from matlearn.transport import Trajectory, arrhenius, diffusion_coefficient, random_walk, widgets
from matlearn.transport._live.moving import TRAIL, Film

WALK = random_walk(frames=600, ions=20, seed=4)
POINTS = [(500, 1.68e-5, 8e-7), (600, 2.45e-5, 1e-6), (750, 3.57e-5, 2e-6)]


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


def lags(explorer: Any) -> tuple[float, float]:
    start, end = explorer.window.value
    return start * explorer.windows.step, end * explorer.windows.step


def test_it_begins_with_what_the_estimator_says(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    found = diffusion_coefficient(WALK, "Li")
    assert lags(explorer) == pytest.approx(found.window, rel=0.3)
    assert explorer.value == pytest.approx(found.value, abs=found.error)
    assert explorer.error == pytest.approx(found.error, rel=0.3)


def test_a_window_gives_what_the_library_gives_for_it(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    explorer.window.index = (10, 40)
    start, end = lags(explorer)
    for method, value, error in (
        ("gls", explorer.value, explorer.error), ("ols", *explorer.line)
    ):  # fmt: skip
        found = diffusion_coefficient(WALK, "Li", method=method, diffusive_from=start, until=end)
        assert (value, error) == pytest.approx((found.value, found.error), rel=1e-9)
    assert f"lags from {start:.3g} to {end:.3g} ps" in explorer.status.value


def test_the_figure_follows_the_window(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    explorer.window.index = (5, 30)
    start, end = lags(explorer)
    _, best, usual, shade, others, this = explorer.figure.data
    for trace, value in ((best, explorer.value), (usual, explorer.line[0])):
        assert trace.x[0] == pytest.approx(start)
        assert trace.x[-1] == pytest.approx(end)
        slope = (trace.y[-1] - trace.y[0]) / (trace.x[-1] - trace.x[0])
        assert slope == pytest.approx(6e4 * value)
    assert (min(shade.x), max(shade.x)) == pytest.approx((start, end))
    assert (this.x[0], this.y[0]) == pytest.approx((start, explorer.value))
    table = explorer.to_frame()
    assert list(others.y) == table["value"].tolist()
    assert list(others.error_y.array) == table["error"].tolist()


def test_the_button_goes_back_to_the_automatic_window(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    first, value = explorer.window.index, explorer.value
    explorer.window.index = (2, 20)
    assert explorer.value != value
    explorer.automatic.click()
    assert explorer.window.index == first
    assert explorer.value == value


def test_an_empty_window_says_so_and_keeps_the_last_number(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    value = explorer.value
    explorer.window.index = (7, 7)
    assert "at least three lags" in explorer.status.value
    assert explorer.value == value


def test_axes_become_logarithmic_and_plain_again(live: None) -> None:
    explorer = widgets.explore_fit(WALK, "Li")
    explorer.scale.value = "log"
    assert explorer.figure.layout.xaxis.type == explorer.figure.layout.yaxis.type == "log"
    assert min(explorer.figure.data[3].y) > 0, "zero has no place on a logarithmic axis"
    explorer.scale.value = "linear"
    assert explorer.figure.layout.yaxis.type == "linear"


def test_the_known_value_of_a_walk_is_shown_and_a_run_has_none(live: None) -> None:
    known = widgets.explore_fit(WALK, "Li")
    assert "2.08e-4" in known.status.value
    plain = widgets.explore_fit(Trajectory(
        numbers=WALK.numbers, positions=WALK.positions, cells=WALK.cells, pbc=True,
        time_step=WALK.time_step), "Li")  # fmt: skip
    assert "known value" not in plain.status.value


def test_figures_of_the_boards_are_complete_for_a_page_that_opens_late(live: None) -> None:
    for figure in (
        widgets.explore_fit(WALK, "Li").figure,
        widgets.explore_arrhenius(POINTS).figure,
    ):
        sent = figure._widget_data
        assert [list(one["y"]) for one in sent] == [list(one.y) for one in figure.data]


@pytest.mark.parametrize("live_or_not", ["0", "1"])
@pytest.mark.parametrize(
    ("run", "species", "message"),
    [(WALK, "Na", "Na"), (WALK[:10], "Li", "too few"), ([], "Li", "trajectory")],
)
def test_what_cannot_be_fitted_is_refused(
    monkeypatch: pytest.MonkeyPatch, live_or_not: str, run: Any, species: str, message: str
) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", live_or_not)
    with pytest.raises(ValueError, match=message):
        widgets.explore_fit(run, species)


def test_outside_a_notebook_there_are_pictures() -> None:
    for found in (
        widgets.explore_fit(WALK, "Li"), widgets.play(WALK), widgets.explore_arrhenius(POINTS)
    ):  # fmt: skip
        assert isinstance(found, Axes)
        assert describe(found)


def places(player: Any) -> tuple[np.ndarray, list[Any]]:
    """What the last message tells the page: positions of the atoms, and cylinders."""
    code = player.viewer.ngl._ngl_msg_archive[-1]["args"][0]
    begin = code.index("})(this, ") + len("})(this, ")
    flat, shapes = json.loads(f"[{code[begin : code.rindex(');')]}]")
    return np.reshape(flat, (-1, 3)), shapes


def test_the_player_shows_each_frame_with_mobile_ions_inside_the_cell(live: None) -> None:
    player = widgets.play(WALK, step=10)
    assert player.frame.max == 59
    player.frame.value = 42
    assert f"{WALK.times[420]:.2f} ps" in player.viewer.label.value
    shown, _ = places(player)
    moved = shown - WALK.positions[420]
    fractions = moved @ np.linalg.inv(WALK.cells[420])
    mobile = WALK.indices("Li")
    whole = fractions[mobile] - fractions[mobile][0]
    np.testing.assert_allclose(whole, np.round(whole), atol=1e-3)
    inside = shown[mobile] @ np.linalg.inv(WALK.cells[420])
    assert inside.min() > -1e-3
    assert inside.max() < 1 + 1e-3
    np.testing.assert_allclose(player.atoms.positions, shown, atol=1e-3)


def test_trails_end_at_their_ions_and_go_when_switched_off(live: None) -> None:
    player = widgets.play(WALK, step=10, trails=3)
    assert places(player)[1] == [], "nothing has moved yet"
    player.frame.value = 50
    shown, shapes = places(player)
    assert len({tuple(shape[3]) for shape in shapes}) > 3, "they fade"
    ends = np.array([shape[2] for shape in shapes])
    for ion in player.film.leaders:
        assert np.linalg.norm(ends - shown[ion], axis=1).min() < 0.02
    assert len(shapes) <= 3 * TRAIL
    player.trails.value = False
    assert places(player)[1] == []


def test_a_film_takes_off_the_drift_of_the_others() -> None:
    pushed = Trajectory(
        numbers=WALK.numbers, positions=WALK.positions + np.linspace(0, 50, 600)[:, None, None],
        cells=WALK.cells, pbc=True, time_step=WALK.time_step,
    )  # fmt: skip
    mobile, rows = WALK.indices("Li"), np.arange(0, 600, 60)
    still, moving = (Film.of(run, mobile, rows, 2) for run in (WALK, pushed))
    others = np.setdiff1d(np.arange(len(WALK.numbers)), mobile)
    np.testing.assert_allclose(moving.positions(9)[others], moving.positions(0)[others], atol=1e-6)
    np.testing.assert_allclose(moving.series, still.series, atol=1e-6)


def test_the_fastest_species_is_the_one_that_plays(live: None) -> None:
    player = widgets.play(WALK)
    assert set(player.film.mobile) == set(WALK.indices("Li"))


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"trajectory": 3}, TypeError, "must be a Trajectory"),
        ({"trajectory": [WALK]}, TypeError, "of several runs"),
        ({"species": "Na"}, ValueError, "Na"),
        ({"trails": 21}, ValueError, "trails must be from 0 to the 20"),
        ({"step": 0}, ValueError, "step must be"),
        ({"step": 1.5}, ValueError, "step must be"),
    ],
)
def test_what_cannot_be_played_is_refused(change: dict[str, Any], kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        widgets.play(**({"trajectory": WALK} | change))


def test_the_law_follows_the_points_that_count(live: None) -> None:
    board = widgets.explore_arrhenius(POINTS, extrapolate_to=300)
    law = arrhenius(POINTS)
    assert board.fit.activation_energy == pytest.approx(law.activation_energy)
    assert board.figure.data[4].y[0] == pytest.approx(law.at(300)[0])
    board.switches[600.0].value = False
    ends = kB * np.log(3.57 / 1.68) / (1 / 500 - 1 / 750)
    assert board.fit.activation_energy == pytest.approx(ends)
    assert list(board.figure.data[3].y) == [2.45e-5]
    assert "two points always lie on a line" in board.status.value


def test_larger_error_bars_widen_the_band_in_proportion(live: None) -> None:
    board = widgets.explore_arrhenius(POINTS)
    before = board.fit.activation_energy_error
    board.errors.value = 2.0
    assert board.fit.activation_energy_error == pytest.approx(2 * before)
    assert list(board.figure.data[2].error_y.array) == pytest.approx([1.6e-6, 2e-6, 4e-6])


def test_the_target_says_whether_it_lies_between_the_points(live: None) -> None:
    board = widgets.explore_arrhenius(POINTS, extrapolate_to=300)
    assert "At 300 K, extrapolated" in board.status.value
    board.target.value = 600
    assert "At 600 K, interpolated" in board.status.value
    assert board.figure.data[4].x[0] == pytest.approx(1000 / 600)


def test_one_temperature_is_no_law(live: None) -> None:
    board = widgets.explore_arrhenius(POINTS)
    board.switches[500.0].value = board.switches[600.0].value = False
    assert board.fit is None
    assert "at least two temperatures" in board.status.value
    assert not board.figure.data[1].x
    board.switches[500.0].value = True
    assert board.fit is not None


def test_what_was_measured_stays_on_the_board(live: None) -> None:
    board = widgets.explore_arrhenius(arrhenius(POINTS), experiment={"made up": [(550, 2e-5)]})
    assert board.figure.data[5].name == "made up"
    assert list(board.figure.data[5].y) == [2e-5]


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        ([POINTS[0]], {}, "temperature"),
        (POINTS, {"extrapolate_to": -5}, "above 0 K"),
        (POINTS, {"experiment": {"a": [(500,)]}}, "pairs of a temperature"),
    ],
)
def test_what_is_no_law_is_refused(points: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        widgets.explore_arrhenius(points, **options)
