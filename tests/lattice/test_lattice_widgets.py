"""What the lattice widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk

from matlearn import datasets
from matlearn.lattice import MonteCarlo, models, widgets
from matlearn.lattice._live.stepping import Stepper


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


def ising(temperature: float = 1.5, **options: object) -> MonteCarlo:
    return MonteCarlo(
        models.ising("square"), models.supercell("square", 8, fill="Au"), temperature=temperature,
        boltzmann_constant=1.0, **options,
    )  # fmt: skip


@pytest.fixture
def board() -> Iterator[object]:
    board = widgets.monte_carlo_board(ising(), temperatures=(0.5, 9.0), spin_up="Au")
    yield board
    board.pause(wait=True, timeout=30)
    assert board.error is None


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come about within 30 s"
        time.sleep(0.01)


def test_nothing_runs_before_the_start(board: object) -> None:
    assert not board.running
    assert board.button.description == "Start"
    assert board.simulation.sweeps == 0
    assert board.picture.data.startswith(b"\x89PNG")
    assert "up 100.0 %" in board.picture.alt


def test_the_button_starts_and_pauses(board: object) -> None:
    board.button.click()
    assert board.button.description == "Pause"
    wait_until(lambda: len(board.traces) >= 2)
    board.button.click()
    assert board.button.description == "Start"
    board.pause(wait=True)
    sweeps = board.simulation.sweeps
    assert sweeps == board.traces.values("sweep")[-1] >= 2
    assert f"Sweep {sweeps}: paused" in board.status.value


def test_curves_of_a_paused_run_are_complete_for_a_page_that_opens_late(board: object) -> None:
    board.start()
    wait_until(lambda: len(board.traces) >= 2)
    board.pause(wait=True, timeout=30)
    sweeps = board.traces.values("sweep")
    assert len(sweeps) >= 2
    assert [trace["x"] for trace in board.traces.figure._widget_data] == [sweeps] * 3


def test_a_slider_changes_the_temperature_of_the_running_simulation(board: object) -> None:
    board.speed.value = 30
    board.start()
    wait_until(lambda: len(board.traces) >= 1)
    assert board.traces.values("composition")[0] > 0.8, "ordered below the critical temperature"
    for temperature in np.linspace(2.0, 9.0, 15):  # dragged
        board.temperature.value = float(temperature)
    wait_until(lambda: board.traces.values("temperature")[-1] == 9.0)
    assert board.simulation.temperature == 9.0
    wait_until(lambda: abs(board.traces.values("composition")[-1]) < 0.7)


def test_a_slider_acts_on_a_paused_simulation_at_once(board: object) -> None:
    board.temperature.value = 3.0
    board.potentials["Au"].value = -0.5
    assert board.simulation.temperature == 3.0
    assert board.simulation.chemical_potentials == {"Ag": 0.0, "Au": -0.5}


def test_a_chemical_potential_turns_the_magnetisation_over(board: object) -> None:
    board.temperature.value = 4.0
    board.speed.value = 30
    board.potentials["Au"].value = board.potentials["Au"].min
    board.start()
    wait_until(lambda: board.traces.values("composition")[-1:] < [-0.8])


def test_reset_brings_the_atoms_back_while_it_runs_and_while_it_does_not(board: object) -> None:
    board.temperature.value = 9.0
    board.start()
    wait_until(lambda: len(board.traces) >= 3)
    board.temperature.value = 0.5
    board.reset.click()
    wait_until(lambda: board.traces.values("sweep")[:1] == [1.0] and len(board.traces) <= 2)
    assert board.traces.values("composition")[0] == 1.0
    board.pause(wait=True)
    board.reset.click()
    assert len(board.traces) == 0
    assert (board.simulation.numbers == 79).all()


def test_the_figure_shows_what_was_recorded(board: object) -> None:
    board.start()
    wait_until(lambda: len(board.traces) >= 3)
    board.pause(wait=True)
    for line, quantity in zip(board.traces.figure.data, board.traces.quantities, strict=True):
        assert list(line.y) == board.traces.values(quantity.column)
    assert board.traces.values("energy")[-1] == board.simulation.energy / 64


def test_an_error_of_the_simulation_is_shown_and_it_can_go_on(board: object) -> None:
    run = board.simulation.run

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("no <more> memory")

    board.simulation.run = broken
    board.start()
    wait_until(lambda: not board.running)
    wait_until(lambda: "Stopped by RuntimeError" in board.status.value)
    assert "no &lt;more&gt; memory" in board.status.value
    assert board.button.description == "Start"
    board.simulation.run = run
    board.start()
    wait_until(lambda: len(board.traces) >= 1)


def test_a_second_board_on_the_same_simulation_ends_the_first(board: object) -> None:
    board.start()
    other = widgets.monte_carlo_board(board.simulation, start=True)
    wait_until(lambda: len(other.traces) >= 1)
    assert not board.running
    other.pause(wait=True)


def test_an_alloy_shows_a_layer_of_it_and_its_composition() -> None:
    frame = datasets.load("cu-pd-emt")
    from matlearn.lattice import fit_cluster_expansion

    fit = fit_cluster_expansion(frame, [4.0])
    start = bulk("Cu", a=frame.attrs["primitive"].cell.cellpar()[0] * 2**0.5).repeat(4)
    mixed = MonteCarlo(fit, start, temperature=600, ensemble="canonical",
                       concentrations={"Cu": 0.5, "Pd": 0.5})  # fmt: skip
    board = widgets.monte_carlo_board(mixed)
    assert board.potentials == {}
    assert (board.temperature.min, board.temperature.max) == (60.0, 1500.0)
    assert board.layer.max == 3
    first = board.picture.data
    board.layer.value = 2
    assert board.picture.data != first
    assert [q.panel for q in board.traces.quantities] == [
        "Fraction of Pd", "Energy (meV/atom)", "T (K)"
    ]  # fmt: skip
    board.start()
    wait_until(lambda: len(board.traces) >= 1)
    board.pause(wait=True)
    assert board.traces.values("composition") == [0.5] * len(board.traces)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperatures": (2.0, 5.0)}, "with the present 1.5 between them"),
        ({"temperatures": (-1.0, 5.0)}, "two positive ends"),
        ({"chemical_potentials": (1.0, 2.0)}, "must have the present 0 of Au"),
        ({"chemical_potentials": {"Cu": (-1.0, 1.0)}}, "has a range for Cu, but sliders are for"),
        ({"spin_up": "Cu"}, "spin_up must be one of Ag, Au, got 'Cu'"),
        ({"plane": (0, 0, 0)}, "three numbers that are not all zero"),
        ({"layer": 3}, "layer must be from 0 to 0, got 3"),
        ({"sweeps_per_picture": 0}, "must be at least 1"),
    ],
)
def test_what_a_board_cannot_show_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        widgets.monte_carlo_board(ising(), **options)


def test_a_canonical_simulation_has_no_chemical_potentials_to_turn() -> None:
    simulation = ising(ensemble="canonical", concentrations={"Ag": 0.5, "Au": 0.5})
    with pytest.raises(ValueError, match="a canonical simulation has none"):
        widgets.monte_carlo_board(simulation, chemical_potentials=(-1.0, 1.0))


def test_a_board_needs_a_simulation() -> None:
    with pytest.raises(TypeError, match="simulation must be a MonteCarlo, got Atoms"):
        widgets.monte_carlo_board(bulk("Cu"))


def test_without_widgets_the_board_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    simulation = ising()
    ax = widgets.monte_carlo_board(simulation, spin_up="Au")
    assert simulation.sweeps == 200
    assert "Layer 1 of 1" in ax._matlearn_alt
    assert len(ax.figure.axes) == 2


class Counter:
    """A simulation that only counts, and says what ran at the same time."""

    def __init__(self) -> None:
        self.sweeps = self.temperature = 0
        self.threads: set[str] = set()
        self.inside = 0

    def run(self, sweeps: int, record_every: int) -> pd.DataFrame:
        self.inside += 1
        assert self.inside == 1, "two threads at once"
        self.threads.add(threading.current_thread().name)
        self.sweeps += sweeps
        self.inside -= 1
        return pd.DataFrame({"sweep": [self.sweeps]})


def test_it_rests_when_nobody_looks_and_goes_on_when_somebody_does() -> None:
    simulation = Counter()
    states: list[bool] = []
    stepper = Stepper(simulation, lambda _: None, lambda: states.append(stepper.running),
                      interval=0.01, patience=0.1)  # fmt: skip
    stepper.start()
    wait_until(lambda: not stepper.running)
    stepper.join(10)
    assert states == [True, False]
    done = simulation.sweeps
    assert done >= 1
    stepper.seen()
    wait_until(lambda: simulation.sweeps > done)
    stepper.stop()
    stepper.join(10)
    stepper.seen()
    assert not stepper.running, "told to stop it stays so, whoever looks"
    assert simulation.threads == {"live board"}


def test_many_sweeps_a_picture_are_cut_into_short_runs() -> None:
    simulation = Counter()
    lengths: list[int] = []
    run = simulation.run

    def slow(sweeps: int, record_every: int) -> pd.DataFrame:
        lengths.append(sweeps)
        time.sleep(0.002 * sweeps)  # 500 sweeps a second
        return run(sweeps, record_every)

    simulation.run = slow
    pictures: list[dict[str, float]] = []
    stepper = Stepper(simulation, pictures.append, lambda: None, interval=0.01)
    stepper.sweeps_per_picture = 200
    stepper.start()
    wait_until(lambda: len(pictures) >= 1)
    stepper.stop()
    stepper.join(10)
    assert pictures[0]["sweep"] == 200
    assert lengths[0] == 1
    assert max(lengths) <= 50, "a blink of 0.08 s is 40 sweeps"


def test_a_wish_is_granted_by_the_thread_that_runs() -> None:
    simulation = Counter()
    stepper = Stepper(simulation, lambda _: None, lambda: None, interval=0.01)
    stepper.start()
    for value in range(1, 200):
        stepper.wish(temperature=value)
    wait_until(lambda: simulation.temperature == 199)
    stepper.stop()
    stepper.join(10)
    stepper.wish(temperature=5)
    assert simulation.temperature == 5


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    whole = datasets.load("cu-pd-emt")
    return whole[whole["n_atoms"] <= 4]


def test_the_explorer_begins_with_a_fit_of_pairs(frame: pd.DataFrame) -> None:
    explorer = widgets.fit_explorer(frame)
    assert len(explorer.cutoffs[0].options) == 8
    assert [label for label, _ in explorer.cutoffs[1].options][:1] == ["none"]
    assert len(explorer.chosen) == 1
    assert f"<b>{explorer.fit.n_parameters} parameters</b>" in explorer.status.value
    assert "<b>29 structures</b>" in explorer.status.value
    assert explorer.picture.data.startswith(b"\x89PNG")
    assert "29 structures" in explorer.picture.alt


def test_each_setting_is_fitted_once(frame: pd.DataFrame) -> None:
    explorer = widgets.fit_explorer(frame, cutoffs=[[3.0, 4.0, 5.0], [0, 3.0]], methods=["ridge"])
    first = explorer.fit
    assert explorer.chosen == (4.0,)
    explorer.cutoffs[1].value = 3.0
    assert explorer.fit.n_parameters == first.n_parameters + 1, "one triplet of neighbours"
    explorer.cutoffs[1].value = 0.0
    assert explorer.fit is first
    table = explorer.to_frame()
    assert sorted(table["cutoffs"]) == [(4.0,), (4.0, 3.0)]
    assert table["rmse_validation"].iloc[-1] == first.rmse_validation


def test_a_fit_that_is_not_possible_says_why(frame: pd.DataFrame) -> None:
    explorer = widgets.fit_explorer(frame, cutoffs=[[3.0, 7.0], [0, 5.0]], methods=["ridge", "ols"])
    explorer.cutoffs[1].value = 5.0
    assert "structures a parameter" in explorer.status.value
    explorer.method.value = "ols"
    assert explorer.fit is None
    assert explorer.status.value.startswith("<b>No fit:</b>")
    explorer.cutoffs[1].value = 0.0
    explorer.cutoffs[0].value = 3.0
    assert explorer.fit.n_parameters == 3


def test_cutoffs_without_a_lattice_must_be_given(frame: pd.DataFrame) -> None:
    bare = frame.copy()
    bare.attrs = {}
    with pytest.raises(ValueError, match=r"cutoffs is needed: frame.attrs holds no 'primitive'"):
        widgets.fit_explorer(bare)
    with pytest.raises(ValueError, match="one to four lists that are not empty"):
        widgets.fit_explorer(frame, cutoffs=[[]])
    with pytest.raises(ValueError, match="cutoffs of pairs must be positive"):
        widgets.fit_explorer(frame, cutoffs=[[0.0, 3.0]])
