"""The phonons chapter's widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from lab import Lab

MODES = """
from ase.build import bulk
from matlearn import phonons
constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True), order=2,
                                    supercell=(2, 2, 2), workers=1, progress=False)
phonons.widgets.show_mode(constants, path="GXKGL", point="L", branch=1)
"""

PLACE = """([band, point]) => {
  const plot = document.querySelector('.matlearn-modes .js-plotly-plot');
  const box = plot.getBoundingClientRect();
  const {xaxis, yaxis} = plot._fullLayout;
  const trace = plot._fullData[band];
  const [x, y] = [trace.x[point], trace.y[point]];
  return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(y)];
}"""


def click_band(lab: Lab, *, band: int, point: int) -> None:
    """Click with the mouse on a wave vector of a band."""
    lab.page.locator(".matlearn-modes .js-plotly-plot").scroll_into_view_if_needed()
    x, y = lab.page.evaluate(PLACE, [band, point])
    lab.page.mouse.move(x - 30, y - 30)
    lab.page.mouse.move(x, y, steps=5)  # plotly knows what is clicked from what is hovered
    lab.page.locator(".matlearn-modes .hoverlayer .hovertext").first.wait_for()
    lab.page.mouse.down()
    lab.page.mouse.up()


def orange(picture: np.ndarray) -> float:
    """Return the share of the picture that has the colour of arrows, lit or not."""
    red, _, blue = np.moveaxis(picture.astype(int), 2, 0)
    return float((red - blue > 90).mean())


def resting(lab: Lab, canvas: Any) -> np.ndarray:
    """Wait until the picture stays as it is for a third of a period, and return it."""
    before = lab.picture(canvas)
    for _ in range(60):
        lab.page.wait_for_timeout(700)
        now = lab.picture(canvas)
        if lab.changed(now, before) < 0.001:
            return now
        before = now
    raise AssertionError("the atoms did not come to rest")


def test_a_clicked_mode_moves(lab: Lab) -> None:
    lab.open(lab.write("modes.ipynb", MODES))
    lab.run_all()
    board = lab.page.locator(".matlearn-modes")
    status = board.locator(".matlearn-status")
    status.get_by_text("L, branch 1 of 3: 3.50 THz, transversal").wait_for()
    canvas = board.locator(".matlearn-picture canvas").first
    first = lab.wait_for_picture(canvas)
    lab.wait_for_picture(canvas, differs_from=first)  # by itself: it moves
    lab.save("modes")
    click_band(lab, band=2, point=30)
    status.get_by_text("Γ to X, branch 3 of 3: ").wait_for()
    clicked = lab.wait_for_picture(canvas)
    lab.wait_for_picture(canvas, differs_from=clicked)
    lab.save("modes-clicked")
    board.get_by_role("button", name="Stop").click()
    board.get_by_role("button", name="Play").wait_for()
    still = resting(lab, canvas)
    board.locator(".matlearn-arrows input").check()
    lab.wait_for_picture(canvas, differs_from=still)
    lab.save("modes-arrows")
    assert orange(lab.picture(canvas)) > 5 * orange(still) + 0.0005, "no arrows"
    said = status.inner_text()
    board.locator(".matlearn-branch .noUi-handle").focus()
    lab.page.keyboard.press("Home")
    board.locator(".matlearn-point select").select_option("X")
    status.get_by_text("X, branch 1 of 3: 5.63 THz, transversal").wait_for()
    assert status.inner_text() != said
    lab.assert_no_faults()


CONVERGENCE = """
from matlearn import phonons
rows = [{"value": n, "kappa": k} for n, k in ((7, 9.4), (11, 8.9), (15, 8.7), (19, 8.6))]
phonons.widgets.explore_convergence(phonons.Convergence("mesh", 300.0, rows), tolerance=0.02)
"""


def test_what_counts_as_converged_follows_the_slider(lab: Lab) -> None:
    lab.open(lab.write("convergence.ipynb", CONVERGENCE))
    lab.run_all()
    board = lab.page.locator(".matlearn-convergence")
    status = board.locator(".matlearn-status")
    status.get_by_text("From 15 on all values are within 2 %").wait_for()
    plot = board.locator(".js-plotly-plot")
    plot.locator(".scatterlayer .trace").first.wait_for(state="attached")
    before = lab.wait_for_picture(plot)
    lab.save("convergence")
    board.locator(".matlearn-tolerance .noUi-handle").focus()
    lab.page.keyboard.press("End")
    status.get_by_text("From 7 on all values are within 20 %").wait_for()
    lab.wait_for_picture(plot, differs_from=before)
    lab.assert_no_faults()
