"""A figure that takes long to load is complete all the same: small laptops, busy ones."""

from __future__ import annotations

from lab import Lab

SETUP = """
import matlearn as ml
ml.notebook.setup()
"""

FIGURE = """
from matlearn import phonons
rows = [{"value": n, "kappa": k} for n, k in ((7, 9.4), (11, 8.9), (15, 8.7), (19, 8.6))]
phonons.widgets.explore_convergence(phonons.Convergence("mesh", 300.0, rows), tolerance=0.02)
"""

SLOWER = """() => {
  const create = URL.createObjectURL;
  URL.createObjectURL = blob => create.call(URL, blob.size < 1e6 ? blob : new Blob(
    ["await new Promise(done => setTimeout(done, 4000));\\n", blob], {type: blob.type}));
}"""
"""Let the JavaScript of a large widget take four seconds longer."""


def test_a_figure_that_loads_slowly_still_follows_its_sliders(lab: Lab) -> None:
    lab.open(lab.write("slow.ipynb", SETUP, FIGURE))
    lab.page.evaluate(SLOWER)
    lab.run_all()
    board = lab.page.locator(".matlearn-convergence")
    plot = board.locator(".js-plotly-plot")
    plot.locator(".scatterlayer .trace").first.wait_for(state="attached")
    before = lab.wait_for_picture(plot)
    board.locator(".matlearn-tolerance .noUi-handle").focus()
    lab.page.keyboard.press("End")
    lab.wait_for_picture(plot, differs_from=before)
    assert "[anywidget] Failed to initialize model." not in lab.console
    lab.assert_no_faults()
