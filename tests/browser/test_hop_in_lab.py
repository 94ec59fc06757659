"""A hop's images in the viewer, in real JupyterLab."""

from __future__ import annotations

from typing import Any

HOP = """
import matlearn as ml
path = ml.datasets.load("lithium-chloride").path
path.view(radius=5.2)
"""


def test_the_slider_moves_the_ion_that_hops(lab: Any) -> None:
    lab.open(lab.write("hop.ipynb", HOP))
    lab.run_all()
    viewer = lab.page.locator(".matlearn-viewer")
    viewer.wait_for()
    picture = viewer.locator(".matlearn-picture")
    before = lab.wait_for_picture(picture)
    assert "Image 0 of 0 to 9: 0.000 eV" in viewer.inner_text()
    assert "Li that hops" in viewer.inner_text()
    lab.save("hop-start")
    handle = viewer.locator(".noUi-handle").last  # the first is nglview's own, hidden
    handle.focus()
    for _ in range(4):
        lab.page.keyboard.press("ArrowRight")
    viewer.get_by_text("Image 4 of 0 to 9").wait_for()
    lab.wait_for_picture(picture, differs_from=before)
    lab.assert_no_faults()
    lab.save("hop-saddle")
