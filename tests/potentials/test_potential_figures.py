"""What the chapter's figures and widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk

from matlearn.calculators import get_calculator, single_points
from matlearn.plotting import describe
from matlearn.potentials import plots, widgets
from matlearn.potentials.lennard_jones import LennardJones, fit_lennard_jones
from matlearn.potentials.locality import force_response
from matlearn.potentials.moment_tensors import MTP


def crystals() -> list[Atoms]:
    images = []
    for lattice, lengths in {"fcc": (5.2, 5.4, 5.7), "sc": (3.5, 3.8, 4.0)}.items():
        for a in lengths:
            images.append(bulk("Ar", lattice, a=a))
            images[-1].info["crystal"] = lattice
    return single_points(images, get_calculator("lj", sigma=3.3, rc=12.0), progress=False)


def costs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "potential": ["MTP 8", "MTP 16", "slow"],
            "microseconds": [6.0, 40.0, 900.0],
            "energy": [0.002, 0.001, 0.0015],
            "forces": [0.04, 0.02, 0.03],
        }
    )


def test_learning_curves_average_what_was_repeated():
    frame = pd.DataFrame(
        {"images": [10, 10, 40, 40], "energy": [0.004, 0.006, 0.002, 0.002], "forces": 0.1}
    )
    line = plots.learning_curve(frame).lines[0]
    assert line.get_ydata() == pytest.approx([5.0, 2.0])
    with pytest.raises(ValueError, match="missing: images"):
        plots.learning_curve(frame.drop(columns="images"))
    with pytest.raises(ValueError, match="quantity must be one of energy, forces"):
        plots.learning_curve(frame, "stress")


def test_only_what_nothing_beats_is_joined():
    ax = plots.error_against_cost(costs())
    assert "MTP 8, MTP 16." in describe(ax)
    joined = ax.lines[-1]
    assert joined.get_xdata().tolist() == [6.0, 40.0]


def test_a_line_shows_the_potential_s_energies():
    images = crystals()
    exact = LennardJones(3.3, 0.0104, 12.0)
    for one in (exact, exact.calculator(), fit_lennard_jones(images)):
        ax = plots.energy_volume(images, one)
        points, line = ax.lines[:2]
        there = np.interp(points.get_xdata()[1], line.get_xdata(), line.get_ydata())
        assert there == pytest.approx(points.get_ydata()[1], abs=0.2)  # meV/atom
    with pytest.raises(ValueError, match="images is empty"):
        plots.energy_volume([])


def test_the_pair_energy_has_its_minimum_where_it_says():
    ax = plots.pair_potential(
        {"a": LennardJones(3.4, 0.01, 12.0), "b": LennardJones(3.0, 0.02, 9.0)}
    )
    x, y = ax.lines[0].get_data()
    assert x[np.argmin(y)] == pytest.approx(2 ** (1 / 6) * 3.4, abs=0.02)
    assert y.min() == pytest.approx(-10.0, abs=0.01)
    assert "20.00 meV deep" in describe(ax)


def test_the_overview_shows_what_was_held_back(small_cu_au):
    result = MTP(4, ["Cu", "Au"]).fit(
        small_cu_au[:8], validation=small_cu_au[8:], max_iterations=3, starts=1, progress=False
    )
    ax = plots.fit_overview(result)
    rms = result.validation.metrics["f_rmse"]
    assert f"RMS error {rms:.3g} eV/Å" in describe(ax)
    assert "held back" in [text.get_text() for text in ax.get_legend().get_texts()]
    with pytest.raises(ValueError, match="energy_per_atom, forces"):
        plots.fit_overview(result, "dipole")


def test_forces_change_only_within_twice_the_range_of_a_density():
    copper = bulk("Cu", cubic=True).repeat(5)
    pairs = force_response(copper, get_calculator("lj", sigma=2.3, epsilon=0.4, rc=5.0))
    assert pairs["distance"][pairs["change"] > 1e-12].max() < 5.1  # it moves by 0.1 A
    emt = get_calculator("emt")
    felt = force_response(copper, emt).query("change > 1e-12")
    assert emt.rc_list < felt["distance"].max() < 2 * emt.rc_list + 0.1
    assert felt["change"].iloc[:12].min() > 100 * felt.query("distance > 8")["change"].max()
    assert "nothing beyond 4." in describe(plots.force_response({"pairs": pairs}))
    with pytest.raises(ValueError, match="index must be"):
        force_response(copper, "emt", index=500)
    with pytest.raises(ValueError, match="displacement must be"):
        force_response(copper, "emt", displacement=0.0)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


@pytest.fixture
def board(live: None, small_cu_au: list[Atoms]) -> Iterator[object]:
    board = widgets.fit_board(MTP(6, ["Cu", "Au"]), small_cu_au, starts=1, max_iterations=400)
    yield board
    board.stop(wait=True, timeout=30)
    assert board.error is None


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come about within 30 s"
        time.sleep(0.01)


def test_a_fit_runs_and_is_stopped_by_the_button(board):
    assert (board.button.description, board.history) == ("Start", [])
    board.button.click()
    wait_until(lambda: len(board.history) >= 3)
    assert board.picture.data.startswith(b"\x89PNG")
    board.button.click()
    board.join(30)
    assert board.result.stop_reason == "interrupted"
    assert board.mtp.fitted
    assert board.button.description == "Go on"
    best = min(row["loss"] for row in board.history)

    done = len(board.history)
    board.start()
    wait_until(lambda: len(board.history) > done + 2)
    board.stop(wait=True)
    assert board.history[done]["loss"] <= best * 1.001, "it goes on where it was"


def test_nobody_looking_on_pauses_the_fit(board, monkeypatch):
    from matlearn.potentials._live import fit_board

    monkeypatch.setattr(fit_board, "PATIENCE", 0.0)
    board.start()
    board.join(30)
    assert board.result is None or board.result.stop_reason == "interrupted"
    assert 1 <= len(board.history) < 10


def test_the_board_says_what_ended_a_fit(live, small_cu_au):
    board = widgets.fit_board(MTP(6, ["Cu"]), small_cu_au)
    board.start()
    board.join(30)
    assert isinstance(board.error, ValueError)
    assert "Au" in board.status.value
    with pytest.raises(TypeError, match="mtp must be an MTP, got str"):
        widgets.fit_board("potential", small_cu_au)


def test_sliders_move_the_energies_to_the_best(live):
    board = widgets.lennard_jones_board(crystals(), start=(3.6, 0.008))
    before = board.rms
    drawn = board.picture.data
    board.button.click()
    assert board.rms < 1e-4 < before
    assert board.sigma.value == pytest.approx(3.3, abs=0.01)
    assert board.picture.data != drawn
    board.sigma.value = 3.5
    assert board.potential.sigma == 3.5
    assert board.rms > 1e-3


def test_without_widgets_there_is_a_figure(monkeypatch, small_cu_au):
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    assert "Volume" in widgets.lennard_jones_board(crystals()).get_xlabel()
    ax = widgets.fit_board(MTP(4, ["Cu", "Au"]), small_cu_au, max_iterations=2, starts=1)
    assert ax.get_ylabel() == "Loss"
