"""What the regression widgets do on the Python side; tests/browser looks at the screen."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from sklearn import metrics
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from matlearn.plotting import describe
from matlearn.regression import widgets
from matlearn.regression._live import model_explorer
from matlearn.regression._live.choices import SETTINGS, settings_of
from matlearn.regression._tasks.folding import official_folds
from matlearn.regression.benchmark import run_matbench
from matlearn.regression.linear import regularisation_path
from matlearn.regression.models import MODELS, make_model
from matlearn.regression.tasks import Task

SYMBOLS = ["Li", "Na", "K", "Rb", "Mg", "Ca", "Sr", "Ba"]
ANIONS = ["F", "Cl", "Br", "I", "O", "S", "Se"]
PAIRS = [(m, x) for m in SYMBOLS for x in ANIONS]
FEATURES = pd.DataFrame(
    {
        "row": [SYMBOLS.index(m) for m, _ in PAIRS],
        "anion": [ANIONS.index(x) for _, x in PAIRS],
        "noise": np.random.default_rng(0).normal(size=len(PAIRS)),
    }
)


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")


def task(kind: str = "regression", *, structures: bool = False) -> Task:
    length = np.array([4 + 0.2 * SYMBOLS.index(m) + 0.25 * ANIONS.index(x) for m, x in PAIRS])
    return Task(
        name="made_up_is_metal" if kind == "classification" else "made_up", kind=kind,
        label="lattice constant", unit="Å" if kind == "regression" else "",
        ids=[f"crystal-{i}" for i in range(len(PAIRS))], formulas=[m + x for m, x in PAIRS],
        target=length if kind == "regression" else length > 5.5,
        structures=[bulk(m + x, "rocksalt", a=a) for (m, x), a in zip(PAIRS, length, strict=True)]
        if structures else None,
    )  # fmt: skip


def explore(kind: str = "regression", *, structures: bool = False, **options: Any) -> Any:
    options = {"features": FEATURES, "models": ["knn", "ridge"]} | options
    return widgets.explore_models(task(kind, structures=structures), **options)


def fit(explorer: Any) -> None:
    explorer.button.click()
    explorer.join(60)
    assert explorer.error is None


def test_it_begins_with_the_mean() -> None:
    explorer = explore()
    (run,) = explorer.runs
    folds = task().folds(5)
    target = explorer._samples.target
    expected = [np.abs(target[test] - target[train].mean()).mean() for train, test in folds]
    np.testing.assert_allclose(run.test, expected)
    assert not explorer.running
    assert "press Fit" in explorer.status.value
    assert "Run 0, mean" in explorer.caption.value


def test_the_button_fits_what_is_chosen_and_the_run_is_that_of_scikit_learn() -> None:
    explorer = explore()
    explorer.settings["n_neighbors"].value = 2
    explorer.settings["weights"].value = "uniform"
    fit(explorer)
    run = explorer.shown
    samples = explorer._samples
    model = make_model("knn", n_neighbors=2, weights="uniform")
    for (train, test), score, seen in zip(task().folds(5), run.test, run.train, strict=True):
        model.fit(samples.inputs.iloc[train], samples.target[train])
        said = model.predict(samples.inputs.iloc[test])
        np.testing.assert_allclose(run.predicted[test], said)
        assert score == pytest.approx(np.abs(said - samples.target[test]).mean())
        again = model.predict(samples.inputs.iloc[train])
        assert seen == pytest.approx(np.abs(again - samples.target[train]).mean())
    assert run.name == "knn: Neighbours 2, Weights equal"
    assert explorer.button.description == "Fit"
    assert "Run 1, knn" in explorer.caption.value


def test_one_neighbour_learns_by_heart_and_that_is_seen() -> None:
    explorer = explore()
    explorer.settings["n_neighbors"].value = 1
    fit(explorer)
    assert "<b>0</b> on what was seen in training" in explorer.caption.value
    seen = explorer.points.figure.data[0]
    np.testing.assert_allclose(seen.y, seen.x)
    assert explorer.shown.test.mean() > 0.05


def test_runs_stay_beside_one_another() -> None:
    explorer = explore()
    fit(explorer)
    explorer.model.value = "ridge"
    assert list(explorer.settings) == ["alpha"]
    explorer.samples.value = 50
    fit(explorer)
    table = explorer.to_frame()
    assert table["model"].tolist() == ["mean", "knn", "ridge"]
    assert table["n_samples"].tolist() == [56, 56, 50]
    folds, mean, seen = explorer.history.figure.data
    assert len(folds.x) == 15
    np.testing.assert_allclose(mean.y, table["test"])
    np.testing.assert_allclose(mean.error_y.array, table["test_std"])
    np.testing.assert_allclose(seen.y, table["train"])
    best = int(table["test"].idxmin())
    bold = explorer.table.value.split("font-weight: bold")[1]
    assert bold.split("</td>")[0].endswith(f">{best}")
    explorer.history._clicked(mean, SimpleNamespace(point_inds=[1]), None)
    assert explorer.shown.number == 1
    assert len(explorer.points.figure.data[1].x) == 56
    with pytest.raises(ValueError, match="number must be of a run, 0 to 2, got 3"):
        explorer.show(3)


def test_a_click_shows_the_sample_its_crystal_and_its_neighbours() -> None:
    explorer = explore(structures=True)
    fit(explorer)
    explorer.points._clicked(None, SimpleNamespace(point_inds=[7]), None)
    formula = explorer._formulas[7]
    assert explorer.detail.selected == explorer.detail.selector.value == 7
    assert formula in explorer.detail.caption.value
    assert sorted(explorer.detail.viewer.atoms.symbols) == sorted(
        bulk(formula, "rocksalt", a=5).symbols
    )
    ring = explorer.points.figure.data[2]
    assert ring.x[0] == explorer._samples.target[7]
    inputs = StandardScaler().fit_transform(explorer._samples.inputs)
    near = np.argsort(np.linalg.norm(inputs - inputs[7], axis=1))[1]
    first = explorer.detail.neighbours.value.split("<td")[1]
    assert explorer._formulas[near] in first
    assert formula in explorer.points.figure.data[1].text[7]


def test_the_list_begins_with_the_worst_predicted_sample() -> None:
    explorer = explore()
    fit(explorer)
    run, target = explorer.shown, explorer._samples.target
    worst = int(np.abs(run.predicted - target).argmax())
    assert explorer.detail.viewer is None
    text, first = explorer.detail.selector.options[0]
    assert first == worst
    assert text.endswith(explorer._formulas[worst])
    explorer.detail.selector.value = explorer.detail.selector.options[-1][1]
    assert explorer.detail.selected != worst
    chosen = explorer.detail.selected
    fit(explorer)
    assert explorer.detail.selected == chosen, "it stays chosen from run to run"


def test_classes_are_explored_by_balanced_accuracy() -> None:
    explorer = explore("classification", models=["random-forest", "svm"])
    explorer.settings["n_estimators"].value = 10
    fit(explorer)
    run, samples = explorer.shown, explorer._samples
    scores = [
        metrics.balanced_accuracy_score(samples.target[test], run.predicted[test] > 0.5)
        for _, test in official_folds(samples.target, "classification")
    ]
    np.testing.assert_allclose(run.test, scores)
    assert np.mean(scores) > 0.7
    assert ((run.predicted >= 0) & (run.predicted <= 1)).all()
    assert explorer.points.figure.layout.xaxis.ticktext == ("no metal", "metal")
    explorer.model.value = "svm"
    assert "epsilon" not in explorer.settings, "that one is of the regression"
    fit(explorer)
    assert ((explorer.shown.predicted >= 0) & (explorer.shown.predicted <= 1)).all()
    assert "balanced accuracy" in explorer.table.value


def test_a_run_can_be_stopped_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = explore()
    begun, go_on = threading.Event(), threading.Event()
    first = explorer._on_fold

    def wait(done: int) -> None:
        first(done)
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(explorer, "_on_fold", wait)
    explorer.button.click()
    assert begun.wait(30)
    assert explorer.running
    assert explorer.button.description == "Stop"
    assert explorer.progress.value == 1
    explorer.button.click()
    go_on.set()
    explorer.join(30)
    assert len(explorer.runs) == 1
    assert explorer.status.value == "stopped"
    fit(explorer)
    assert len(explorer.runs) == 2


def test_an_error_of_a_fit_is_shown_and_the_next_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = explore()
    explorer.settings["n_neighbors"].value = 80  # more than there are
    explorer.button.click()
    explorer.join(30)
    assert isinstance(explorer.error, ValueError)
    assert "No fit (ValueError)" in explorer.status.value
    assert len(explorer.runs) == 1

    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("no <more> memory")

    with monkeypatch.context() as patch:
        patch.setattr(model_explorer, "cross_validate", broken)
        explorer.start()
        explorer.join(30)
    assert "no &lt;more&gt; memory" in explorer.status.value
    explorer.settings["n_neighbors"].value = 3
    fit(explorer)


def test_at_most_so_many_samples_are_drawn_and_always_the_same() -> None:
    first, second = explore(max_samples=30), explore(max_samples=30)
    assert len(first._samples) == 30
    np.testing.assert_array_equal(first._samples.rows, second._samples.rows)
    rows = first._samples.rows
    np.testing.assert_array_equal(first._samples.target, task().target[rows])
    pd.testing.assert_frame_equal(first._samples.inputs, FEATURES.iloc[rows].reset_index(drop=True))
    by_formula = widgets.explore_models(task(), models="ridge", max_samples=25)
    assert by_formula._samples.inputs.shape == (25, 132), "Magpie's features"


@pytest.mark.parametrize("kind", ["regression", "classification"])
@pytest.mark.parametrize("name", MODELS)
def test_every_setting_is_one_of_the_model_and_every_end_of_it_is_taken(
    name: str, kind: str
) -> None:
    if name == "kernel-ridge" and kind == "classification":
        return
    settings = settings_of(name, kind)
    assert len(settings) <= 3
    assert settings or name in ("dummy", "ols")
    for setting in settings:
        assert setting.default in setting.values
        for value in (setting.values[0], setting.values[-1]):
            make_model(name, kind, **{setting.parameter: None if value == "none" else value})
        assert len(setting.options) == len(setting.values)
    offered = {setting.parameter for setting in SETTINGS.get(name, ())}
    if kind == "regression":
        assert offered - {setting.parameter for setting in settings} <= {"C"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"models": []}, "at least one model"),
        ({"models": ["forest"]}, "name must be one of dummy, ols"),
        ({"max_samples": 5}, "max_samples must be at least 20"),
        ({"features": FEATURES.head(5)}, "a row for each of the 56 samples, got 5"),
        ({"features": "chemistry"}, "features must be one of magpie"),
    ],
)
def test_what_cannot_be_explored_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explore(**options)


def test_a_table_is_no_task() -> None:
    with pytest.raises(TypeError, match=r"task must be a Task.*got DataFrame"):
        widgets.explore_models(FEATURES)


def test_without_widgets_the_explorer_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    ax = explore(models="ridge")
    result = run_matbench(task(), "ridge", features=FEATURES, progress=False)
    assert "Ridge" in describe(ax)
    assert len(ax.figure.axes) == 2
    assert len(ax.collections[-1].get_offsets()) == len(result.predictions)
    assert explore("classification", models="ridge").get_xlabel() == "False positive rate"


RNG = np.random.default_rng(1)
METAL = RNG.random(300) < 0.3
SURE = 1 / (1 + np.exp(-(3 * METAL - 2 + RNG.normal(size=300))))


@pytest.mark.parametrize("threshold", [0.1, 0.37, 0.5, 0.8])
def test_at_every_threshold_the_leaderboards_number_is_the_balanced_accuracy(
    threshold: float,
) -> None:
    explorer = widgets.explore_roc(METAL, SURE, classes=("insulator", "metal"))
    explorer.threshold.value = threshold
    scores = explorer.data.score
    said = scores > explorer.threshold.value
    after = metrics.roc_auc_score(METAL, said)
    assert explorer.measures["balanced_accuracy"] == pytest.approx(after)
    assert explorer.measures["roc_auc"] == pytest.approx(metrics.roc_auc_score(METAL, SURE))
    assert explorer.measures["precision"] == pytest.approx(metrics.precision_score(METAL, said))
    np.testing.assert_array_equal(explorer.counts, metrics.confusion_matrix(METAL, said))
    polygon, point = explorer.figure.data[1], explorer.figure.data[2]
    assert np.trapezoid(polygon.y, polygon.x) == pytest.approx(after)
    assert polygon.y[1] == point.y[0] == pytest.approx(metrics.recall_score(METAL, said))
    assert f"{after:.3f}" in explorer.table.value


def test_a_threshold_beyond_all_scores_is_no_error() -> None:
    explorer = widgets.explore_roc(METAL, SURE)
    explorer.threshold.value = 1.0
    assert "nothing is taken for True" in explorer.table.value
    assert explorer.measures["balanced_accuracy"] == 0.5


def test_distances_have_a_slider_that_covers_them_all() -> None:
    explorer = widgets.explore_roc(METAL, 40 * SURE - 20)
    assert explorer.threshold.min < (40 * SURE - 20).min()
    assert explorer.threshold.max > (40 * SURE - 20).max()
    assert explorer.threshold.value == pytest.approx(0.0, abs=1e-9)


def test_a_result_is_explored_with_all_its_predictions() -> None:
    result = run_matbench(task("classification"), "ridge", features=FEATURES, progress=False)
    explorer = widgets.explore_roc(result)
    frame = result.predictions
    assert explorer.measures["accuracy"] == pytest.approx((frame.target == frame.prediction).mean())
    assert explorer.data.classes == ("no metal", "metal")


def test_without_widgets_the_threshold_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    ax = widgets.explore_roc(METAL, SURE, threshold=0.4)
    assert "area after thresholding" in describe(ax)
    assert "Confusion matrix of 300 samples at threshold 0.4" in describe(ax)


X = pd.DataFrame(RNG.normal(size=(60, 5)) * [1, 10, 0.1, 1, 1], columns=list("abcde"))
Y = (2 * X["a"] - 0.1 * X["b"] + 0.3 * RNG.normal(size=60)).to_numpy()


@pytest.mark.parametrize(("kind", "position"), [("lasso", 12), ("lasso", 30), ("ridge", 20)])
def test_a_path_is_what_make_model_gives_at_that_penalty(kind: str, position: int) -> None:
    paths = regularisation_path(X, Y, kind=kind)
    alpha = float(paths.alphas[position])
    scaled = StandardScaler().fit_transform(X)
    if kind == "ridge":
        expected = Ridge(alpha=alpha).fit(scaled, Y).coef_
    else:
        expected = (
            Y.std() * Lasso(alpha=alpha, tol=1e-8).fit(scaled, (Y - Y.mean()) / Y.std()).coef_
        )
    np.testing.assert_allclose(paths.coefficients[position], expected, atol=1e-3)
    model = make_model(kind, alpha=alpha)
    splits = list(KFold(5, shuffle=True, random_state=0).split(X))
    errors = [
        np.abs(model.fit(X.iloc[train], Y[train]).predict(X.iloc[test]) - Y[test]).mean()
        for train, test in splits
    ]
    np.testing.assert_allclose(paths.test[:, position], errors, atol=1e-3)


def test_the_slider_takes_features_in_and_ridge_keeps_all() -> None:
    explorer = widgets.explore_paths(X.assign(flat=1.0), Y, unit="eV")
    explorer.alpha.value = 0
    assert "<b>0 of 5 coefficients</b>" in explorer.status.value
    explorer.alpha.value = len(explorer.paths.alphas) - 1
    assert explorer.table.value.index(">a<") < explorer.table.value.index(">b<")
    np.testing.assert_allclose(explorer.figure.data[0].y, explorer.paths.coefficients[:, 0])
    explorer.alpha.value = explorer.paths.best
    assert "no penalty does better" in explorer.status.value
    explorer.kind.value = "ridge"
    assert explorer.paths.kind == "ridge"
    assert "<b>5 of 5 coefficients</b>" in explorer.status.value
    np.testing.assert_allclose(explorer.figure.data[0].y, explorer.paths.coefficients[:, 0])


def test_without_widgets_the_paths_are_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    ax = widgets.explore_paths(X, Y, kind="ridge", unit="eV")
    assert "Paths of the coefficients of 5 features (ridge)" in describe(ax)
    assert len(ax.lines) == 7  # two penalties are marked


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "elastic"}, "kind must be 'lasso' or 'ridge', got 'elastic'"),
        ({"y": Y[:5]}, r"got shapes \(60, 5\) and \(5,\)"),
        ({"y": np.full(60, np.nan)}, "y must be finite"),
        ({"y": np.ones(60)}, "y is constant"),
        ({"folds": 61}, "folds must be a whole number from 2 to 60"),
    ],
)
def test_what_has_no_path_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        widgets.explore_paths(**({"X": X, "y": Y} | change))


def test_figures_are_complete_for_a_page_that_opens_late() -> None:
    explorer, threshold = explore(), widgets.explore_roc(METAL, SURE)
    fit(explorer)
    paths = widgets.explore_paths(X, Y)
    for figure in (
        explorer.points.figure, explorer.history.figure, threshold.figure, paths.figure
    ):  # fmt: skip
        sent = figure._widget_data
        assert [trace["x"] for trace in sent] == [list(trace.x) for trace in figure.data]
        assert [trace["y"] for trace in sent] == [list(trace.y) for trace in figure.data]
        assert figure._widget_layout["width"] == figure.layout.width
