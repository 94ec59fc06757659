"""The transport chapter's widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

import re

from lab import Lab

FIT = """
from matlearn import transport
walk = transport.random_walk(frames=1000, ions=30, seed=3)
transport.widgets.explore_fit(walk, "Li")
"""

PLAY = """
from matlearn import transport
walk = transport.random_walk(frames=200, ions=12, seed=3)
transport.widgets.play(walk)
"""

LAW = """
from matlearn import transport
points = [(500, 1.68e-5, 8e-7), (600, 2.45e-5, 1e-6), (750, 3.57e-5, 2e-6)]
transport.widgets.explore_arrhenius(points, extrapolate_to=300, experiment={"made up": [(650, 3e-5)]})
"""


def diffusion(lab: Lab) -> str:
    text = lab.page.locator(".matlearn-fit-window .matlearn-status").inner_text()
    match = re.search(r"generalised least squares\s+(\S+) cm²/s", text)
    assert match is not None, text
    return match.group(1)


def test_moving_the_fit_window_changes_the_figure_and_the_diffusion(lab: Lab) -> None:
    lab.open(lab.write("fit-window.ipynb", FIT))
    lab.run_all()
    explorer = lab.page.locator(".matlearn-fit-window")
    plot = explorer.locator(".js-plotly-plot")
    plot.locator(".scatterlayer .trace").first.wait_for(state="attached")
    before, first = lab.wait_for_picture(plot), diffusion(lab)
    lab.save("fit-window")
    handle = explorer.locator(".matlearn-window .noUi-handle").first
    handle.focus()
    for _ in range(3):
        lab.page.keyboard.press("PageUp")
    lab.page.wait_for_function(
        "first => !document.querySelector('.matlearn-fit-window .matlearn-status')"
        ".innerText.includes(first)",
        arg=first,
    )
    lab.wait_for_picture(plot, differs_from=before)
    lab.save("fit-window-moved")
    assert diffusion(lab) != first
    explorer.get_by_role("button", name="Automatic").click()
    explorer.locator(".matlearn-status", has_text=first).wait_for()
    lab.assert_no_faults()


def test_a_run_plays_and_its_ions_leave_trails(lab: Lab) -> None:
    lab.open(lab.write("play.ipynb", PLAY))
    lab.run_all()
    player = lab.page.locator(".matlearn-player")
    canvas = player.locator(".matlearn-picture canvas").first
    first = lab.wait_for_picture(canvas)
    lab.save("player")
    slider = player.locator(".matlearn-frame .noUi-handle")
    slider.focus()
    lab.page.keyboard.press("End")
    player.locator(".matlearn-label", has_text="19.90 ps").wait_for()
    last = lab.wait_for_picture(canvas, differs_from=first)
    lab.save("player-last")
    player.locator(".matlearn-trails input").uncheck()
    lab.wait_for_picture(canvas, differs_from=last)
    lab.save("player-without-trails")
    player.locator(".matlearn-trails input").check()
    slider.focus()
    lab.page.keyboard.press("Home")
    player.locator(".matlearn-label", has_text=", 0.00 ps").wait_for()
    player.locator(".matlearn-play button").first.click()
    lab.page.wait_for_function(
        "() => parseFloat(document.querySelector('.matlearn-player .matlearn-label').innerText"
        ".split(', ')[1]) > 0.3"
    )
    lab.assert_no_faults()


def test_a_temperature_that_is_switched_off_changes_the_law(lab: Lab) -> None:
    lab.open(lab.write("law.ipynb", LAW))
    lab.run_all()
    board = lab.page.locator(".matlearn-arrhenius")
    plot = board.locator(".js-plotly-plot")
    plot.locator(".scatterlayer .trace").first.wait_for(state="attached")
    before = lab.wait_for_picture(plot)
    status = board.locator(".matlearn-status")
    status.get_by_text("0.097(9) eV").wait_for()
    lab.save("law")
    board.locator(".matlearn-switches input").last.uncheck()
    status.get_by_text("two points always lie on a line").wait_for()
    lab.wait_for_picture(plot, differs_from=before)
    said = status.inner_text()
    board.locator(".matlearn-target .noUi-handle").focus()
    for _ in range(5):
        lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_function(
        "said => document.querySelector('.matlearn-arrhenius .matlearn-status').innerText !== said",
        arg=said,
    )
    lab.save("law-moved")
    lab.assert_no_faults()
