"""The lattice widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from lab import Lab

ISING = """
from matlearn import lattice
model = lattice.models.ising("square")
spins = lattice.models.supercell("square", 24, fill="Au")
simulation = lattice.MonteCarlo(model, spins, temperature=0.8, boltzmann_constant=1.0, seed=1)
board = lattice.widgets.monte_carlo_board(
    simulation, temperatures=(0.2, 6.0), spin_up="Au", sweeps_per_picture=10)
"""

FITS = """
import matlearn as ml
from matlearn import lattice
frame = ml.datasets.load("cu-pd-emt")
explorer = lattice.widgets.fit_explorer(frame, methods=["ridge", "ols"])
explorer
"""

SWEEPS = "parseInt(document.querySelector('.matlearn-board .matlearn-status')" + (
    ".innerText.replace('Sweep ', '').replaceAll(',', ''))"
)


def said(lab: Lab) -> str:
    return str(lab.page.locator(".matlearn-board .matlearn-legend").inner_text())


def magnetisation(lab: Lab) -> float:
    match = re.search(r"up ([\d.]+) %", said(lab))
    assert match is not None
    return 2 * float(match.group(1)) / 100 - 1


def wait_until_changed(lab: Lab, locator: Any, before: np.ndarray) -> None:
    for _ in range(120):
        seen = lab.picture(locator)
        if seen.shape == before.shape and lab.changed(seen, before) > 0.1:
            return
        lab.page.wait_for_timeout(250)
    raise AssertionError("a tenth of the picture did not change within 30 s")


def test_a_running_simulation_follows_the_sliders(lab: Lab) -> None:
    lab.open(lab.write("board.ipynb", ISING, "board"))
    lab.run_all()
    board = lab.page.locator(".matlearn-board")
    lattice = board.locator(".matlearn-lattice img")
    lattice.wait_for()
    assert lattice.get_attribute("alt").startswith("Layer 1 of 1")
    assert magnetisation(lab) == 1.0
    lab.save("board")

    board.get_by_role("button", name="Start").click()
    lab.page.wait_for_function(f"() => {SWEEPS} > 30")
    assert magnetisation(lab) > 0.95, "far below the critical temperature"
    before = lab.picture(lattice)
    lab.save("board-cold")

    handle = board.locator(".matlearn-temperature .noUi-handle")
    handle.focus()
    lab.page.keyboard.press("End")
    board.locator(".matlearn-temperature .widget-readout", has_text="6.00").wait_for()
    wait_until_changed(lab, lattice, before)
    lab.page.wait_for_function(
        "() => parseFloat(document.querySelector('.matlearn-board .matlearn-legend')"
        ".innerText.match(/up ([\\d.]+) %/)[1]) < 75"
    )
    lab.save("board-hot")

    board.get_by_role("button", name="Pause").click()
    board.get_by_role("button", name="Start").wait_for()
    lab.assert_no_faults()


BUSY = """
import time
board.start()
board.temperature.value = 5.0
until = time.monotonic() + 3.0
while time.monotonic() < until:
    sum(range(1000))
print(f"{len(board.traces)} pictures, error: {board.error}, hottest {simulation.temperature}")
"""


def test_it_runs_on_while_another_cell_computes_and_for_as_long_as_it_is_seen(lab: Lab) -> None:
    impatient = ISING + "board._stepper._patience = 4.0"
    lab.open(lab.write("busy.ipynb", impatient, "board", BUSY))
    lab.run_all()
    pictures, rest = lab.page.locator(".jp-OutputArea-output pre").inner_text().split(" ", 1)
    assert int(pictures) >= 3
    assert rest.startswith("pictures, error: None, hottest 5.0")
    # five pictures of ten sweeps a second at most: this takes two patiences
    lab.page.wait_for_function(f"() => {SWEEPS} > {10 * int(pictures) + 400}")
    lab.assert_no_faults()
    lab.save("board-busy")


def test_the_fit_explorer_fits_anew_when_a_cut_off_is_moved(lab: Lab) -> None:
    lab.open(lab.write("fits.ipynb", FITS))
    lab.run_all()
    widget = lab.page.locator(".matlearn-fits")
    figure = widget.locator(".matlearn-fit img")
    before = lab.wait_for_picture(figure)
    status = widget.locator(".matlearn-status")
    first = re.search(r"(\d+) parameters", status.inner_text())
    assert first is not None
    assert "137 structures" in status.inner_text()
    lab.save("fits")

    widget.locator(".noUi-handle").first.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_function(
        "first => { const text = document.querySelector('.matlearn-fits .matlearn-status')"
        ".innerText; return text.includes('parameters') && !text.startsWith(first) }",
        arg=first.group(0),
    )
    lab.wait_for_picture(figure, differs_from=before)
    assert "2 fits" in figure.get_attribute("alt")
    lab.save("fits-longer")
    lab.assert_no_faults()
