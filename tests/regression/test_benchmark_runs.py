"""The protocol: folds, measures, inputs, and results that can be stopped, saved and compared."""

from __future__ import annotations

import dataclasses
import json
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict

from matlearn.regression import Task, benchmark
from matlearn.regression._benchmark.metrics import UnknownMetric
from matlearn.regression._benchmark.running import PeakMemory
from matlearn.regression.benchmark import MatbenchResult, measure, run_matbench

FORMULAS = [f"{a}{b}{n}" for a in ("Na", "K", "Mg", "Ca", "Al") for b in "FOSN" for n in (1, 2, 3)]


def made_up(kind: str = "regression", **changes: object) -> Task:
    """60 formulas whose target is the share of the second element, and a little more."""
    share = np.array([int(f[-1]) / (1 + int(f[-1])) for f in FORMULAS])
    target = share + 0.05 * np.sin(np.arange(60))
    values = target if kind == "regression" else target > 0.6
    ids = [f"id-{i}" for i in range(60)]
    task = Task("made up", kind, "share", "", ids, list(FORMULAS), values)
    return dataclasses.replace(task, **changes) if changes else task


def table(columns: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(60, columns))
    matrix[:, 0] = [int(f[-1]) for f in FORMULAS]
    return pd.DataFrame(matrix, columns=[f"x{i}" for i in range(columns)])


class Mean(RegressorMixin, BaseEstimator):
    """Predicts the mean, and takes anything."""

    takes_structures = True
    calls = 0

    def fit(self, X, y):
        type(self).calls += 1
        self.mean_ = float(np.mean(y))
        self.seen_ = X
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


def run(task, model, **options):
    return run_matbench(task, model, **{"progress": False, "workers": 1, **options})


def test_predictions_are_those_of_scikit_learn_on_the_same_folds() -> None:
    task, matrix = made_up(), table()
    result = run(task, LinearRegression(), features=matrix)
    same = cross_val_predict(LinearRegression(), matrix, task.target, cv=task.folds())
    by_id = result.predictions.set_index("id")["prediction"].loc[task.ids]
    assert np.allclose(by_id, same, rtol=0, atol=1e-12)
    assert result.mean["mae"] == pytest.approx(
        np.mean([np.abs(same[test] - task.target[test]).mean() for _, test in task.folds()])
    )


def test_measures_of_a_regression_are_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    target, prediction = rng.normal(size=50), rng.normal(size=50)
    got = measure("regression", target, prediction)
    assert got["mae"] == pytest.approx(metrics.mean_absolute_error(target, prediction))
    assert got["rmse"] == pytest.approx(metrics.root_mean_squared_error(target, prediction))
    assert got["r2"] == pytest.approx(metrics.r2_score(target, prediction))


def test_measures_of_a_classification_are_scikit_learns() -> None:
    rng = np.random.default_rng(2)
    target = rng.random(80) < 0.3
    score = target + rng.normal(size=80)
    said = score > 0.5
    got = measure("classification", target, said, score)
    for name, function in {
        "accuracy": metrics.accuracy_score,
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
        "f1": metrics.f1_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
    }.items():
        assert got[name] == pytest.approx(function(target, said)), name
    assert got["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, score))
    # the leaderboard's number: the area after thresholding is the balanced accuracy
    assert metrics.roc_auc_score(target, said) == pytest.approx(got["balanced_accuracy"])


def test_without_scores_there_is_no_area() -> None:
    target = np.array([True, False, True])
    assert np.isnan(measure("classification", target, target)["roc_auc"])


def test_a_classification_has_probabilities_or_scores() -> None:
    task, matrix = made_up("classification"), table()
    likely = run(task, LogisticRegression(), features=matrix)
    assert likely.scores.min() >= 0
    assert "probability" in likely.predictions
    distances = run(task, "svm", features=matrix)
    assert "score" in distances.predictions
    assert distances.predictions["prediction"].dtype == bool
    assert ((distances.scores > 0) == distances.predictions["prediction"]).all()
    for result in (likely, distances):
        for row in result.folds.itertuples():
            part = result.predictions[result.predictions["fold"] == row.fold]
            scores = result.scores[result.predictions["fold"] == row.fold]
            assert row.roc_auc == pytest.approx(metrics.roc_auc_score(part["target"], scores))


def test_spread_is_the_population_standard_deviation() -> None:
    result = run(made_up(), LinearRegression(), features=table())
    assert result.std["mae"] == pytest.approx(np.std(result.folds["mae"]))


def test_models_by_name_use_features_from_formulas() -> None:
    result = run(made_up(), "ridge", folds=3)
    assert result.features == "magpie"
    assert result.mean["mae"] < run(made_up(), "dummy", folds=3).mean["mae"] / 2
    assert not result.official
    assert "not the protocol" in repr(result)


def test_what_it_cost_is_told() -> None:
    result = run(made_up(), "ridge", folds=2)
    assert (result.folds["cpu_seconds"] > 0).all()
    assert result.cpu_seconds >= result.folds["cpu_seconds"].sum()
    assert result.peak_memory_mb > 20


def test_peak_memory_sees_what_was_freed_again() -> None:
    with PeakMemory(interval=0.001) as memory:
        before = memory.megabytes
        block = np.ones(30_000_000)
        for _ in range(5):
            block += 1.0
        del block
    assert memory.megabytes - before > 200


def test_processes_give_the_same_as_one() -> None:
    task, matrix = made_up(), table()
    one = run(task, "random-forest", features=matrix, folds=2)
    two = run(task, "random-forest", features=matrix, folds=2, workers=2)
    assert one.predictions.equals(two.predictions)


def test_folds_can_be_given() -> None:
    task = made_up()
    folds = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    result = run(task, LinearRegression(), features=table(), folds=folds)
    assert list(result.folds["n_test"]) == [30, 30]
    assert list(result.predictions["id"][:30]) == task.ids[30:]


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        ([(np.arange(30), np.arange(20, 60))], "are trained on and tested on"),
        ([(np.arange(30), np.array([60]))], "beyond the 60 samples"),
        ([(np.arange(30), np.array([], int))], "not empty"),
        ([(np.arange(9), np.arange(9, 12)), (np.arange(9), np.arange(10, 13))], "at most once"),
        ([], "is empty"),
        (61, "61"),
        (1, "at least 2"),
    ],
)
def test_folds_that_cannot_be_are_refused(folds: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(made_up(), LinearRegression(), features=table(), folds=folds)


def test_an_estimator_that_takes_structures_gets_them() -> None:
    structures = [object() for _ in range(60)]
    result = run(made_up(structures=structures), Mean(), folds=2)
    assert result.features == "structures"
    with pytest.raises(ValueError, match="loaded without"):
        run(made_up(), Mean(), folds=2)
    with pytest.raises(ValueError, match="leave features out"):
        run(made_up(structures=structures), Mean(), features=table(), folds=2)


def test_the_estimator_given_is_not_touched() -> None:
    model = LinearRegression()
    run(made_up(), model, features=table(), folds=2)
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize(
    ("task", "model", "error", "message"),
    [
        (made_up(), LogisticRegression(), ValueError, "is a classifier"),
        (made_up("classification"), LinearRegression(), ValueError, "is a regressor"),
        (made_up(), "forrest", ValueError, "random-forest"),
        (made_up(), LinearRegression, TypeError, "model must be"),
        (made_up(), 7, TypeError, "model must be"),
    ],
)
def test_models_that_do_not_fit_the_task_are_refused(task, model, error, message) -> None:
    with pytest.raises(error, match=message):
        run(task, model, features=table())


@pytest.mark.parametrize("bad", [np.inf, np.nan, "constant"])
def test_bad_columns_are_named(bad: object) -> None:
    matrix = table()
    if bad == "constant":
        matrix["x2"] = 1.0
    else:
        matrix.loc[5, "x2"] = bad
    with pytest.raises(ValueError, match="x2"):
        run(made_up(), "ridge", features=matrix)


def test_tables_of_another_length_and_unknown_features_are_refused() -> None:
    with pytest.raises(ValueError, match="row for each of the 60"):
        run(made_up(), "ridge", features=table().iloc[:50])
    with pytest.raises(ValueError, match="magpie"):
        run(made_up(), "ridge", features="mapgie")
    with pytest.raises(TypeError, match="list"):
        run(made_up(), "ridge", features=[1, 2])


def test_asking_a_regression_for_an_area_is_explained() -> None:
    result = run(made_up(), LinearRegression(), features=table(), folds=2)
    with pytest.raises(UnknownMetric, match="belongs to a classification"):
        result.mean["roc_auc"]
    with pytest.raises(KeyError, match="mae, rmse, r2"):
        result.mean["mea"]
    with pytest.raises(ValueError, match="no scores"):
        result.scores  # noqa: B018


def test_a_stopped_run_goes_on(tmp_path, monkeypatch) -> None:
    task = made_up(structures=[object()] * 60)
    Mean.calls = 0
    whole = run(task, Mean())
    real = Mean.fit

    def stop_at_third(self, X, y):
        if Mean.calls == 7:
            raise KeyboardInterrupt
        return real(self, X, y)

    monkeypatch.setattr(Mean, "fit", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        run(task, Mean(), store=tmp_path)
    monkeypatch.setattr(Mean, "fit", real)
    again = run(task, Mean(), store=tmp_path)
    assert Mean.calls == 5 + 2 + 3
    assert again.predictions.equals(whole.predictions)
    with pytest.raises(ValueError, match="another run"):
        run(task, Mean(), store=tmp_path, folds=4)


def test_another_parameter_is_another_run(tmp_path) -> None:
    run(made_up(), "ridge", features=table(), folds=2, store=tmp_path)
    from matlearn.regression.models import make_model

    with pytest.raises(ValueError, match="another run"):
        run(made_up(), make_model("ridge", alpha=3.0), features=table(), folds=2, store=tmp_path)


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_results_survive_a_file(kind: str, tmp_path) -> None:
    model = LinearRegression() if kind == "regression" else LogisticRegression()
    result = run(made_up(kind), model, features=table())
    result.save(tmp_path / "run.json")
    again = MatbenchResult.load(tmp_path / "run.json")
    assert again == result
    assert again.folds.equals(result.folds)
    assert again.predictions.equals(result.predictions)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.json", "run.parquet"]


def test_a_changed_file_is_noticed(tmp_path) -> None:
    result = run(made_up(), LinearRegression(), features=table())
    result.save(tmp_path / "run.json")
    result.predictions.iloc[:5].to_parquet(tmp_path / "run.parquet")
    with pytest.raises(ValueError, match="not the file that was saved"):
        MatbenchResult.load(tmp_path / "run.json")
    (tmp_path / "other.json").write_text(json.dumps({"form": "else"}))
    with pytest.raises(ValueError, match="no saved matbench result"):
        MatbenchResult.load(tmp_path / "other.json")
    with pytest.raises(ValueError, match=r"\.json"):
        result.save(tmp_path / "run.pkl")


def test_comparing_ranks_by_the_leaderboards_measure() -> None:
    result = run(made_up(name="matbench_steels"), LinearRegression(), features=table())
    ranked = result.compare()
    assert ranked["mean"].is_monotonic_increasing
    assert ranked.loc["RF-SCM/Magpie", "mean"] == 103.51
    assert "not the protocol" in ranked.loc[result.name, "source"]
    classes = run(
        made_up("classification", name="matbench_expt_is_metal"), LogisticRegression(),
        features=table(),
    )  # fmt: skip
    ranked = classes.compare()
    assert ranked["mean"].is_monotonic_decreasing
    assert set(ranked["metric"]) == {"balanced_accuracy"}


def test_own_material_is_compared_with_itself_alone() -> None:
    result = run(made_up(), LinearRegression(), features=table())
    assert list(result.compare().index) == [result.name]


def test_constant_magpie_columns_do_no_harm() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = run(made_up(), "lasso", folds=2)
    assert np.isfinite(result.predictions["prediction"]).all()


def test_the_module_lists_its_measures() -> None:
    assert benchmark.METRICS["regression"] == ("mae", "rmse", "r2")
