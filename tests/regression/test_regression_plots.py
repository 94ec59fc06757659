"""What the figures of the regression chapter say; their numbers against scikit-learn's."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from matlearn.plotting import describe
from matlearn.regression import plots
from matlearn.regression._figures.scored import class_names, scored
from matlearn.regression.benchmark import MatbenchResult, run_matbench
from matlearn.regression.models import make_model
from matlearn.regression.tasks import Task

RNG = np.random.default_rng(3)
X = pd.DataFrame(RNG.normal(size=(120, 3)), columns=["mass", "radius", "charge"])
METAL = (X["mass"] + 0.8 * RNG.normal(size=120)).to_numpy() > 0.4
SURE = 1 / (1 + np.exp(-2 * X["mass"].to_numpy()))


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def task(kind: str, name: str = "made_up", n: int = 120) -> Task:
    length = (2 * X["mass"] - X["radius"]).to_numpy() + 0.1 * RNG.normal(size=120)
    return Task(
        name=name, kind=kind, label="metal" if kind == "classification" else "length",
        unit="" if kind == "classification" else "Å", ids=[f"id-{i}" for i in range(n)],
        formulas=["Cu"] * n, target=METAL[:n] if kind == "classification" else length[:n],
    )  # fmt: skip


@pytest.fixture(scope="module")
def regression() -> dict[str, MatbenchResult]:
    made = task("regression")
    return {m: run_matbench(made, m, features=X, progress=False) for m in ("dummy", "ridge")}


@pytest.fixture(scope="module")
def classification() -> MatbenchResult:
    made = task("classification", "own_is_metal")
    return run_matbench(made, "ridge", features=X, progress=False)


def legend(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_parity_shows_every_test_sample_and_the_errors_over_folds(
    regression: dict[str, MatbenchResult],
) -> None:
    result = regression["ridge"]
    ax = plots.parity(result)
    points = ax.collections[-1]
    np.testing.assert_allclose(points.get_offsets()[:, 1], result.predictions["prediction"])
    assert len(np.unique(points.get_facecolors(), axis=0)) == 5, "a colour a fold"
    assert f"MAE {result.mean['mae']:.3g} ± {result.std['mae']:.2g}" in legend(ax)[0]
    assert "120 samples in 5 folds" in describe(ax)


def test_parity_of_many_samples_shows_their_density(
    regression: dict[str, MatbenchResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matlearn.regression._figures.scores._MANY", 100)
    ax = plots.parity(regression["ridge"])
    assert ax.collections[-1].get_array().sum() == 120
    assert len(ax.figure.axes) == 2, "with a colour bar"


def test_fold_scores_draw_each_fold_their_mean_and_spread(
    regression: dict[str, MatbenchResult],
) -> None:
    ax = plots.fold_scores(regression)
    drawn = sorted(line.get_xdata()[0] for line in ax.lines)
    expected = np.concatenate([result.folds["mae"] for result in regression.values()])
    np.testing.assert_allclose(drawn, np.sort(expected))
    bar = ax.patches[0]
    assert bar.get_x() + bar.get_width() / 2 == pytest.approx(regression["dummy"].mean["mae"])
    assert bar.get_width() / 2 == pytest.approx(regression["dummy"].std["mae"])
    assert ax.get_xlabel() == "Mean absolute error (Å)"
    assert plots.fold_scores(regression, metric="r2").get_xlabel().endswith("determination")


def test_fold_scores_have_the_leaderboard_as_lines_only_for_official_results(
    regression: dict[str, MatbenchResult],
) -> None:
    assert "leaderboard" not in describe(plots.fold_scores(regression))
    official = dataclasses.replace(regression["ridge"], task="matbench_expt_gap", official=True)
    ax = plots.fold_scores(official)
    said = [text.get_text().split("\n")[0] for text in ax.texts]
    assert said[:2] == ["Dummy", "RF-SCM/Magpie"]
    dummy = ax.lines[-len(said)].get_xdata()[0]
    assert dummy == pytest.approx(1.1435, abs=5e-5)
    with pytest.raises(ValueError, match=r"has no 'Oracle'; it has: .*RF-SCM/Magpie"):
        plots.fold_scores(official, references=["Oracle"])


def test_the_leaderboard_has_ones_own_result_in_its_place(
    regression: dict[str, MatbenchResult],
) -> None:
    ours = dataclasses.replace(regression["ridge"], task="matbench_expt_gap", official=True)
    ax = plots.leaderboard({"ours": ours})
    names = [label.get_text() for label in ax.get_yticklabels()]
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert bold == ["ours"]
    assert names.index("ours") == 0, "its error is smaller than any published one"
    assert names[-1] == "Dummy"
    assert f"ours is number 1 with {ours.mean['mae']:.4g}" in describe(ax)


def test_results_of_different_tasks_are_not_drawn_together(
    regression: dict[str, MatbenchResult], classification: MatbenchResult
) -> None:
    with pytest.raises(ValueError, match="of one task, got made_up, own_is_metal"):
        plots.fold_scores({**regression, "c": classification})
    with pytest.raises(TypeError, match=r"must be a MatbenchResult.*got list"):
        plots.parity([1, 2])
    with pytest.raises(ValueError, match="own_is_metal is a classification: roc"):
        plots.parity(classification)
    with pytest.raises(ValueError, match="metric must be one of mae, rmse, r2"):
        plots.fold_scores(regression, metric="accuracy")


def test_roc_has_the_curve_and_area_of_scikit_learn() -> None:
    ax = plots.roc(METAL, SURE, thresholded=True)
    false, true, _ = metrics.roc_curve(METAL, SURE)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([false, true]))
    area = metrics.roc_auc_score(METAL, SURE)
    after = metrics.roc_auc_score(METAL, SURE > 0.5)
    assert legend(ax) == [f"area {area:.3f}", f"threshold 0.5: area {after:.3f}"]
    assert after == pytest.approx(metrics.balanced_accuracy_score(METAL, SURE > 0.5))


def test_roc_of_a_result_gives_the_mean_area_of_its_folds(classification: MatbenchResult) -> None:
    ax = plots.roc({"ridge": classification})
    mean, std = classification.mean["roc_auc"], classification.std["roc_auc"]
    assert legend(ax) == [f"ridge: area {mean:.3f} ± {std:.3f}"]
    assert classification.plot().get_xlabel() == "False positive rate"


def test_precision_and_recall_at_the_threshold_are_scikit_learns() -> None:
    ax = plots.precision_recall(METAL, SURE, threshold=0.7)
    recall, precision = ax.lines[1].get_xydata()[0]
    assert recall == pytest.approx(metrics.recall_score(METAL, SURE > 0.7))
    assert precision == pytest.approx(metrics.precision_score(METAL, SURE > 0.7))
    assert legend(ax) == [f"average precision {metrics.average_precision_score(METAL, SURE):.3f}"]


def test_the_confusion_matrix_is_scikit_learns_and_names_its_classes(
    classification: MatbenchResult,
) -> None:
    ax = plots.confusion(classification)
    frame = classification.predictions
    expected = metrics.confusion_matrix(frame["target"], frame["prediction"]).ravel()
    assert [int(text.get_text().split("\n")[0]) for text in ax.texts] == expected.tolist()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["no metal", "metal"]


def test_a_perfect_probability_lies_on_the_diagonal() -> None:
    sure = np.random.default_rng(0).random(20_000)
    true = np.random.default_rng(1).random(20_000) < sure
    ax = plots.reliability(true, sure, bins=10)
    container = ax.containers[0]
    x, y = container.lines[0].get_xydata().T
    np.testing.assert_allclose(x, np.arange(0.05, 1, 0.1), atol=0.01)
    np.testing.assert_allclose(x, y, atol=4 * 0.5 / np.sqrt(2000))
    assert legend(ax) == [f"Brier score {metrics.brier_score_loss(true, sure):.3f}"]


def test_a_score_at_the_threshold_counts_as_no_as_scikit_learn_has_it() -> None:
    data = scored([False, True, True], [0.2, 0.5, 0.8])
    assert data.said.tolist() == [False, False, True]
    assert scored([False, True, True], [-2.0, -0.1, 3.0]).threshold == 0.0
    assert class_names("mp_is_metal") == ("no metal", "metal")


@pytest.mark.parametrize(
    ("classes", "scores", "error", "message"),
    [
        ([True, False], None, TypeError, "scores is needed beside the true classes"),
        ([True, False], [0.1, 0.2, 0.3], ValueError, r"as many as the classes, got shapes \(3,\)"),
        ([True, True], [0.1, 0.2], ValueError, "of two kinds, got only True"),
        ([0, 1, 2], [0.1, 0.2, 0.3], ValueError, r"True and False \(or 1 and 0\), got \[0, 1, 2\]"),
        ([True, False], [0.1, np.nan], ValueError, "scores must be finite, got 1 that are not"),
    ],
)
def test_what_has_no_roc_curve_is_refused(
    classes: list, scores: list | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plots.roc(classes, scores)


def test_a_regression_has_no_roc_curve(regression: dict[str, MatbenchResult]) -> None:
    with pytest.raises(ValueError, match="result has no scores to draw a threshold through"):
        plots.roc(regression["ridge"])


def test_distances_are_no_probabilities() -> None:
    with pytest.raises(ValueError, match="scores must be probabilities, from 0 to 1"):
        plots.reliability(METAL, 3 * SURE)


def test_coefficients_are_in_the_targets_unit_for_one_standard_deviation() -> None:
    y = 3 * X["charge"] - X["mass"]
    model = make_model("ols").fit(X, y)
    ax = plots.coefficients(model, unit="eV")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["charge", "mass", "radius"]
    widths = [bar.get_width() for bar in ax.patches]
    expected = [3 * X["charge"].std(ddof=0), -X["mass"].std(ddof=0), 0]
    np.testing.assert_allclose(widths, expected, atol=1e-10)
    lasso = make_model("lasso", alpha=1e-4).fit(X, y)  # which scales the target as well
    widths = [bar.get_width() for bar in plots.coefficients(lasso).patches]
    np.testing.assert_allclose(widths, expected, atol=2e-3)


def test_columns_that_the_model_dropped_have_no_coefficient() -> None:
    table = X.assign(constant=1.0)[["constant", "mass", "radius"]]
    ax = plots.coefficients(make_model("ridge").fit(table, X["mass"]))
    assert {label.get_text() for label in ax.get_yticklabels()} == {"mass", "radius"}


def test_a_forest_has_no_coefficients() -> None:
    model = make_model("random-forest", n_estimators=2).fit(X, X["mass"])
    with pytest.raises(TypeError, match="got RandomForestRegressor without coefficients"):
        plots.coefficients(model)


def test_partial_dependence_of_a_linear_model_has_its_slope() -> None:
    model = make_model("ols").fit(X, 3 * X["charge"] - X["mass"])
    ax = plots.partial_dependence(model, X, "charge", individual=7, unit="eV")
    assert len(ax.lines) == 8
    for line in ax.lines:
        x, y = line.get_xydata().T
        np.testing.assert_allclose(np.diff(y) / np.diff(x), 3, rtol=1e-6)
    by_position = plots.partial_dependence(model.fit(X.to_numpy(), X["mass"]), X.to_numpy(), 0)
    assert by_position.get_xlabel() == "0"


@pytest.mark.parametrize(
    ("feature", "message"),
    [("valence", "feature must be a column of X, got 'valence'"), ("flat", "constant")],
)
def test_a_feature_that_says_nothing_is_refused(feature: str, message: str) -> None:
    table = X.assign(flat=2.0)
    model = make_model("ols").fit(table, X["mass"])
    with pytest.raises(ValueError, match=message):
        plots.partial_dependence(model, table, feature)


def test_every_figure_has_an_alternative_text(
    regression: dict[str, MatbenchResult], classification: MatbenchResult
) -> None:
    model = make_model("ols").fit(X, X["mass"])
    axes = [
        plots.parity(regression["ridge"]), plots.fold_scores(regression),
        plots.leaderboard(regression), plots.roc(classification),
        plots.precision_recall(classification), plots.confusion(classification),
        plots.reliability(classification, bins=5), plots.coefficients(model),
        plots.partial_dependence(model, X, "mass"),
    ]  # fmt: skip
    for ax in axes:
        assert len(describe(ax)) > 40
    assert len({ax.figure for ax in axes}) == len(axes)
