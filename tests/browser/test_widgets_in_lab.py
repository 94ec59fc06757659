"""view and explore in JupyterLab, in a small notebook of the test's own."""

from __future__ import annotations

from lab import Lab

SETUP = """
import pandas as pd
import matlearn as ml
from ase.build import bulk, molecule
from ase import Atoms
ml.plotting.use_style()
azide = Atoms("LiN3", [(0, 0, 0), (2, 2, 0.9), (2, 2, 2.08), (2, 2, 3.26)], cell=[4, 4, 5], pbc=True)
structures = [bulk("Cu"), bulk("NaCl", "rocksalt", a=5.6), bulk("Si"), azide]
frame = pd.DataFrame({
    "label": ["copper", "salt", "silicon", "azide"], "energy_per_atom": [0.3, 0.2, 0.1, 0.0],
    "volume_per_atom": [11.0, 22.0, 20.0, 20.0], "kind": ["metal", "salt", "net", "salt"],
    "structure": structures})
"""


def test_view_draws_a_structure_with_its_cell_and_a_legend(lab: Lab) -> None:
    lab.open(lab.write("view.ipynb", SETUP, "ml.widgets.view(azide, supercell=(2, 1, 1))"))
    lab.run_all()
    viewer = lab.page.locator(".matlearn-viewer")
    viewer.wait_for()
    lab.wait_for_picture(viewer.locator("canvas").first)
    assert viewer.locator(".matlearn-legend").inner_text().split() == ["Li", "N"]
    lab.assert_no_faults()
    lab.save("view")


def test_explore_shows_what_is_clicked_and_what_is_chosen_by_keyboard(lab: Lab) -> None:
    explore = 'ml.widgets.explore(frame, "volume_per_atom", "energy_per_atom", color="kind")'
    lab.open(lab.write("explore.ipynb", SETUP, explore))
    lab.run_all()
    widget = lab.page.locator(".matlearn-explore")
    label = widget.locator(".matlearn-label")
    canvas = widget.locator(".matlearn-picture canvas").first
    first = lab.wait_for_picture(canvas)
    assert "azide" in label.inner_text()
    lab.save("explore")

    lab.click_point(widget)  # copper, alone in its corner
    lab.page.wait_for_function(
        "() => document.querySelector('.matlearn-label').innerText.includes('copper')"
    )
    second = lab.wait_for_picture(canvas, differs_from=first)
    lab.save("explore-clicked")

    widget.locator(".matlearn-selector select").focus()
    lab.page.keyboard.press("ArrowUp")  # from the highest, copper, to the next lower, salt
    lab.page.wait_for_function(
        "() => document.querySelector('.matlearn-label').innerText.includes('salt')"
    )
    lab.wait_for_picture(canvas, differs_from=second)
    lab.assert_no_faults()
    lab.save("explore-keyboard")


def test_a_figure_carries_its_alternative_text(lab: Lab) -> None:
    plot = "ml.plotting.parity([1, 2], [1, 3], label='energy', unit='eV');"
    lab.open(lab.write("alternative.ipynb", SETUP, plot))
    lab.run_all()
    image = lab.page.locator(".jp-OutputArea img").first
    assert image.get_attribute("alt").startswith("Predicted against reference energy. MAE 0.5")
    assert lab.page.locator(".jp-OutputArea img").count() == 1
    lab.save("alternative")
