"""The full runs that come with the course: what they say follows from what they predicted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import matlearn as ml
from matlearn import regression
from matlearn.regression._benchmark import recorded
from matlearn.regression._benchmark.metrics import measure
from matlearn.regression._tasks.definitions import MATBENCH

BOOSTED = [f"{task}-gradient-boosting" for task in ("log_gvrh", "mp_gap", "mp_e_form")]
FORESTS = {
    "steels": "steels-random-forest",
    "expt_gap": "expt_gap-random-forest",
    "expt_is_metal": "expt_is_metal-random-forest",
    "phonons": "phonons-random-forest-scm",
}
NAMES = [*BOOSTED, *FORESTS.values(), "phonons-random-forest"]


@pytest.fixture(scope="module")
def runs() -> dict[str, regression.MatbenchResult]:
    return ml.datasets.load("matbench-runs")


@pytest.fixture(scope="module")
def costs() -> pd.DataFrame:
    folder = ml.datasets.fetch("matbench-runs").parent
    return pd.read_csv(folder / "runs.csv").set_index("run")


def test_the_three_large_tasks_were_run_within_their_limits(
    runs: dict[str, regression.MatbenchResult], costs: pd.DataFrame
) -> None:
    assert set(costs.index) == set(runs) == set(NAMES)
    for name in BOOSTED:
        assert runs[name].official
        assert len(runs[name]) == MATBENCH[runs[name].task].rows
        assert runs[name].features == "magpie"  # composition alone
        assert costs.loc[name, "cpu_seconds"] < 600
        assert costs.loc[name, "peak_memory_mb"] < 2000
        assert costs.loc[name, "peak_memory_mb"] >= 0.99 * runs[name].peak_memory_mb


def test_boosting_by_composition_beats_the_published_forest_on_mp_gap(
    runs: dict[str, regression.MatbenchResult],
) -> None:
    published = regression.leaderboard("mp_gap").loc["RF-SCM/Magpie"]
    ours = runs["mp_gap-gradient-boosting"]
    assert ours.mean["mae"] + 3 * ours.std["mae"] < published["mean"]


@pytest.mark.parametrize("task", FORESTS)
def test_forests_are_within_a_standard_deviation_of_the_published_one(
    task: str, runs: dict[str, regression.MatbenchResult]
) -> None:
    published = regression.leaderboard(task).loc["RF-SCM/Magpie"]
    ours = runs[FORESTS[task]]
    assert ours.official
    assert abs(ours.mean[ours.metric] - published["mean"]) < published["std"]


@pytest.mark.parametrize("name", NAMES)
def test_measures_follow_from_predictions_and_the_official_folds(
    name: str, runs: dict[str, regression.MatbenchResult], published_mirror: str
) -> None:
    run = runs[name]
    task = regression.load_task(run.task, progress=False)
    table = run.with_task(task).predictions
    assert table["id"].tolist() == task.ids
    for number, (_, test) in enumerate(task.folds()):
        part = table.iloc[test]
        assert (part["fold"] == number).all()
        said = part["prediction"].to_numpy()
        scores = part["probability"].to_numpy() if task.kind == "classification" else None
        found = measure(task.kind, part["target"].to_numpy(), said, scores)
        kept = run.folds.set_index("fold").loc[number]
        for key, value in found.items():
            # 24 bits of each prediction are kept; a probability's ties may break otherwise
            assert value == pytest.approx(kept[key], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_kept_without_what_others_published(
    name: str, runs: dict[str, regression.MatbenchResult]
) -> None:
    assert {"fold", "prediction"} <= set(runs[name].predictions) <= {
        "fold", "prediction", "probability"
    }  # fmt: skip


def small_task() -> regression.Task:
    formulas = ["NaCl", "MgO", "KCl", "CaO", "LiF", "SrO"]
    target = np.array([2.5, 6.0, 2.0, 3.5, 3.0, 3.5])
    return regression.Task(
        "hardness", "regression", "hardness", "", list("abcdef"), formulas, target
    )


def test_a_bare_run_gets_back_from_the_task_what_it_left_out() -> None:
    task = small_task()
    result = regression.run_matbench(task, "ridge", folds=3, progress=False)
    back = recorded.bare(result, task).with_task(task).predictions
    whole = result.predictions.set_index("id").loc[task.ids].reset_index()
    pd.testing.assert_frame_equal(back, whole, check_dtype=False, rtol=1e-6)


def test_a_bare_run_refuses_another_task_or_a_part() -> None:
    task = small_task()
    result = recorded.bare(regression.run_matbench(task, "dummy", folds=2, progress=False), task)
    with pytest.raises(ValueError, match=r"must have the 6 samples of the run, got 4"):
        result.with_task(task.subset(4))
    with pytest.raises(ValueError, match=r"must be hardness, which the run is of, got softness"):
        result.with_task(dataclasses.replace(task, name="softness"))
