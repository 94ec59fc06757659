"""The search widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

from lab import Lab

SETS = """
import matlearn as ml
from matlearn import search
from ase.build import bulk
cells = [bulk("Cu", a=a) for a in (3.4, 3.5, 3.6)] + [bulk("Cu", "bcc", a=2.7)]
cells += [bulk("Cu", "sc", a=2.3).repeat((1, 1, n)) for n in (1, 2)]
for n, cell in enumerate(cells):
    cell.info["label"] = f"copper-{n}"
    cell.calc = ml.calculators.get_calculator("emt")
    cell.get_potential_energy()
frame = search.frame_from_atoms(cells)
"""

LIVE = """
from matlearn import search
cells = list(search.random_structures("Cu", 400, formula_units=(4,), min_separation=2.0,
                                      volume_per_formula_unit=12.0, seed=1))
live = search.widgets.live_search(cells, "emt", store="live.db")
live
"""


def test_explore_search_filters_and_switches(lab: Lab) -> None:
    show = 'search.widgets.explore_search({"first": frame[:3], "second": frame[3:]})'
    lab.open(lab.write("sets.ipynb", SETS, show))
    lab.run_all()
    widget = lab.page.locator(".matlearn-explore")
    canvas = widget.locator(".matlearn-picture canvas").first
    lab.wait_for_picture(canvas)
    points = widget.locator(".scatterlayer .points path.point")
    lab.page.wait_for_function(
        "() => document.querySelectorAll('.scatterlayer .points path.point').length === 7"
    )  # six structures and the ring
    lab.save("sets")
    widget.locator("select").first.select_option("second")
    lab.page.wait_for_function(
        "() => document.querySelectorAll('.scatterlayer .points path.point').length === 4"
    )
    label = widget.locator(".matlearn-label").inner_text()
    assert points.count() == 4
    assert "copper-3" in label
    lab.assert_no_faults()


def test_a_live_search_stops_keeps_what_is_done_and_goes_on(lab: Lab) -> None:
    lab.open(lab.write("live.ipynb", LIVE))
    lab.run_all()
    widget = lab.page.locator(".matlearn-live")
    canvas = widget.locator(".matlearn-picture canvas").first
    lab.wait_for_picture(canvas)
    lab.page.wait_for_function(relaxed("> 3"))
    lab.save("live")

    button = widget.locator("button.matlearn-stop")
    button.click()
    widget.get_by_role("button", name="Go on").wait_for()
    kept = lab.page.evaluate(COUNT)
    assert 3 < kept < 400
    lab.save("live-stopped")

    button.click()
    lab.page.wait_for_function(relaxed(f"> {kept}"))
    button.click()
    widget.get_by_role("button", name="Go on").wait_for()
    assert "400 in all" in widget.locator(".matlearn-status").inner_text()
    lab.assert_no_faults()


COUNT = "parseInt(document.querySelector('.matlearn-status').innerText)"


def relaxed(condition: str) -> str:
    return f"() => {COUNT} {condition}"
