"""The potentials chapter's widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

import re

from lab import Lab

FIT = """
from matlearn import potentials
images = potentials.cu_au_images(
    1, compositions=(0.0, 0.5, 1.0), repeat=(2, 1, 1), temperatures=(800.0,), disturbed=4)
mtp = potentials.MTP(8, ["Cu", "Au"])
board = potentials.widgets.fit_board(mtp, images, max_iterations=2000, starts=1)
board
"""

OUTCOME = """
board.stop(wait=True)
print(board.error, mtp.fitted, board.result.stop_reason)
"""

ARGON = """
from ase.build import bulk
from matlearn import calculators, potentials
crystals = [bulk("Ar", a=a) for a in (5.0, 5.2, 5.5, 5.9)]
made_up = calculators.get_calculator("lj", sigma=3.3, epsilon=0.01, rc=12.0)
potentials.widgets.lennard_jones_board(
    calculators.single_points(crystals, made_up, progress=False), start=(3.7, 0.012))
"""

GRADES = """
from ase.build import bulk
from matlearn import potentials
cells = [bulk("Cu", cubic=True).repeat(2), bulk("Cu", cubic=True).repeat((3, 1, 1))]
potentials.widgets.view_grades(cells, [[0.1] * 16 + [1.5] * 8 + [30.0] * 8, [5.0] * 12])
"""

LOSS = (
    "document.querySelector('.matlearn-fit-board .matlearn-status').innerText.match(/loss (\\S+)/)"
)


def rms(lab: Lab) -> float:
    text = lab.page.locator(".matlearn-lennard-jones .matlearn-status").inner_text()
    match = re.search(r"RMS error ([\d.]+) meV", text)
    assert match is not None
    return float(match.group(1))


def test_a_fit_is_watched_stopped_and_gone_on_with(lab: Lab) -> None:
    lab.open(lab.write("fit.ipynb", FIT))
    lab.run_all()
    board = lab.page.locator(".matlearn-fit-board")
    status = board.locator(".matlearn-status")
    status.get_by_text("75 parameters").wait_for()
    board.get_by_role("button", name="Start").click()
    first = float(lab.page.wait_for_function(f"() => {LOSS}").evaluate("match => match[1]"))
    figure = board.locator(".matlearn-fit img")
    before = lab.wait_for_picture(figure)
    lab.save("fit-board-begun")
    lab.page.wait_for_function(  # how far it came meanwhile depends on the machine
        f"first => {{ const m = {LOSS}; return m && m[1] < first }}", arg=first
    )
    lab.wait_for_picture(figure, differs_from=before)
    assert "RMS error" in figure.get_attribute("alt")

    board.get_by_role("button", name="energies").click()
    lab.page.wait_for_function(
        "() => document.querySelector('.matlearn-fit-board img').alt.includes('meV/atom')"
    )
    board.get_by_role("button", name="Stop").click()
    board.get_by_role("button", name="Go on").wait_for()
    status.get_by_text("interrupted").wait_for()
    lab.save("fit-board-stopped")
    done = figure.get_attribute("alt")

    board.get_by_role("button", name="Go on").click()
    lab.page.wait_for_function(
        "done => document.querySelector('.matlearn-fit-board img').alt !== done", arg=done
    )
    board.get_by_role("button", name="Stop").click()
    board.get_by_role("button", name="Go on").wait_for()
    lab.assert_no_faults()


def test_a_fit_leaves_the_kernel_free_and_its_potential_usable(lab: Lab) -> None:
    begun = FIT.replace("starts=1)", "starts=1, start=True)")
    lab.open(lab.write("free.ipynb", begun, OUTCOME))
    lab.run_all()
    said = lab.page.locator(".jp-OutputArea-output pre").inner_text()
    assert said.strip() == "None True interrupted"
    lab.assert_no_faults()


def test_a_slider_moves_the_error_and_least_squares_ends_it(lab: Lab) -> None:
    lab.open(lab.write("argon.ipynb", ARGON))
    lab.run_all()
    board = lab.page.locator(".matlearn-lennard-jones")
    figure = board.locator(".matlearn-fit img")
    before = lab.wait_for_picture(figure)
    first = rms(lab)
    handle = board.locator(".matlearn-sigma .noUi-handle")
    handle.focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowLeft")
    lab.wait_for_picture(figure, differs_from=before)
    assert rms(lab) != first
    board.get_by_role("button", name="Least squares").click()
    lab.page.wait_for_function(
        "() => document.querySelector('.matlearn-lennard-jones .matlearn-status')"
        ".innerText.startsWith('RMS error 0.0')"
    )
    lab.save("lennard-jones")
    lab.assert_no_faults()


def test_atoms_are_painted_by_their_grades(lab: Lab) -> None:
    lab.open(lab.write("grades.ipynb", GRADES))
    lab.run_all()
    viewer = lab.page.locator(".matlearn-viewer").first
    canvas = viewer.locator(".matlearn-picture canvas").first
    before = lab.wait_for_picture(canvas)
    hues = before.reshape(-1, 3).astype(int)
    assert (hues[:, 2] - hues[:, 0] > 80).any(), "no blue atom: grade of at most 1"
    assert (hues[:, 0] - hues[:, 2] > 120).any(), "no vermilion atom: grade above 10"
    assert "> 10 (8)" in viewer.inner_text()
    viewer.locator(".noUi-handle").last.focus()  # the first is nglview's own, hidden
    lab.page.keyboard.press("ArrowRight")
    viewer.locator(".matlearn-legend", has_text="2–10 (12)").wait_for()
    lab.wait_for_picture(canvas, differs_from=before)
    lab.assert_no_faults()
