"""The regression chapter's widgets in JupyterLab, in small notebooks of the test's own."""

from __future__ import annotations

import re

from lab import Lab

MODELS = """
import numpy as np
import pandas as pd
from ase.build import bulk
from matlearn import regression
from matlearn.regression.tasks import Task
metals, anions = ["Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba"], ["F", "Cl", "Br", "I", "O", "S", "Se"]
pairs = [(m, a) for m in metals for a in anions]
a = [4.0 + 0.2 * metals.index(m) + 0.25 * anions.index(x) for m, x in pairs]
task = Task(
    name="made-up", kind="regression", label="lattice constant", unit="Å",
    ids=[f"crystal-{i}" for i in range(len(pairs))], formulas=[m + x for m, x in pairs],
    target=np.array(a),
    structures=[bulk(m + x, "rocksalt", a=l) for (m, x), l in zip(pairs, a)])
features = pd.DataFrame({"row": [metals.index(m) for m, x in pairs],
                         "anion": [anions.index(x) ** 2 for m, x in pairs],
                         "noise": np.random.default_rng(0).normal(size=len(pairs))})
explorer = regression.widgets.explore_models(task, features=features, models=["ridge", "knn"])
explorer
"""

ROC = """
import numpy as np
from matlearn import regression
rng = np.random.default_rng(0)
metal = rng.random(400) < 0.3
sure = 1 / (1 + np.exp(-(3 * metal - 2 + rng.normal(size=400))))
regression.widgets.explore_roc(metal, sure, classes=("insulator", "metal"))
"""

PATHS = """
import numpy as np
import pandas as pd
from matlearn import regression
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(60, 6)), columns=["mass", "radius", "charge", "x", "y", "z"])
y = 2 * X["mass"] - X["radius"] + 0.3 * rng.normal(size=60)
regression.widgets.explore_paths(X, y)
"""


def measure(lab: Lab, name: str) -> float:
    text = lab.page.locator(".matlearn-measures").inner_text()
    match = re.search(rf"^{name}\s+([\d.]+)", text, re.MULTILINE)
    assert match is not None, text
    return float(match.group(1))


def test_a_model_is_chosen_fitted_and_a_point_shows_its_crystal(lab: Lab) -> None:
    lab.open(lab.write("models.ipynb", MODELS))
    lab.run_all()
    explorer = lab.page.locator(".matlearn-model-explorer")
    caption = explorer.locator(".matlearn-caption")
    caption.get_by_text("Run 0, mean").wait_for()
    canvas = explorer.locator(".matlearn-picture canvas").first
    before = lab.wait_for_picture(canvas)
    lab.save("models-begun")

    explorer.get_by_role("button", name="Fit").click()
    caption.get_by_text("Run 1, ridge").wait_for()
    explorer.locator(".matlearn-model select").select_option("knn")
    explorer.locator(".matlearn-setting", has_text="Neighbours").locator(".noUi-handle").focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowLeft")
    explorer.get_by_role("button", name="Fit").click()
    caption.get_by_text("Run 2, knn: Neighbours 1,").wait_for()
    assert "0 on what was seen in training" in caption.inner_text()
    runs = explorer.locator(".matlearn-runs tr")
    assert runs.count() == 4
    assert runs.nth(1).inner_text().startswith("2")
    lab.save("models-fitted")

    sample = explorer.locator(".matlearn-sample")
    first = sample.inner_text()
    lab.click_point(explorer.locator(".matlearn-points"))
    lab.page.wait_for_function(
        "first => document.querySelector('.matlearn-sample').innerText !== first", arg=first
    )
    assert "predicted" in explorer.locator(".hoverlayer .hovertext").first.text_content()
    second = lab.wait_for_picture(canvas, differs_from=before)
    lab.save("models-clicked")

    clicked = sample.inner_text()
    explorer.locator(".matlearn-selector select").focus()
    lab.page.keyboard.press("Home")  # the worst predicted one
    lab.page.wait_for_function(
        "first => document.querySelector('.matlearn-sample').innerText !== first", arg=clicked
    )
    lab.wait_for_picture(canvas, differs_from=second)
    lab.assert_no_faults()


def test_the_threshold_moves_every_measure_but_the_area(lab: Lab) -> None:
    lab.open(lab.write("roc.ipynb", ROC))
    lab.run_all()
    explorer = lab.page.locator(".matlearn-roc")
    explorer.locator(".scatterlayer .trace").first.wait_for(state="attached")
    area, recall = measure(lab, "area under ROC"), measure(lab, "recall")
    assert measure(lab, "“rocauc”, thresholded") == measure(lab, "balanced accuracy") < area
    lab.save("roc")
    explorer.locator(".matlearn-threshold .noUi-handle").focus()
    for _ in range(4):
        lab.page.keyboard.press("PageDown")
    lab.page.wait_for_function(
        "recall => Number(document.querySelector('.matlearn-measures').innerText"
        ".match(/recall\\s+([\\d.]+)/)[1]) > recall",
        arg=recall,
    )
    lab.save("roc-moved")
    assert measure(lab, "“rocauc”, thresholded") == measure(lab, "balanced accuracy")
    assert measure(lab, "area under ROC") == area
    lab.assert_no_faults()


def test_a_smaller_penalty_lets_more_coefficients_in(lab: Lab) -> None:
    lab.open(lab.write("paths.ipynb", PATHS))
    lab.run_all()
    explorer = lab.page.locator(".matlearn-paths")
    explorer.locator(".scatterlayer .trace").first.wait_for(state="attached")
    handle = explorer.locator(".matlearn-alpha .noUi-handle")
    handle.focus()
    lab.page.keyboard.press("Home")
    explorer.get_by_text("0 of 6 coefficients").wait_for()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    explorer.get_by_text("1 of 6 coefficients").wait_for()
    assert explorer.locator(".matlearn-coefficients").inner_text().startswith("mass")
    lab.save("paths")
    explorer.get_by_role("button", name="ridge").click()
    explorer.get_by_text("6 of 6 coefficients").wait_for()
    lab.save("paths-ridge")
    lab.assert_no_faults()
