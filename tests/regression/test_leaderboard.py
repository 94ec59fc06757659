"""The published results: complete, and with their sources."""

from __future__ import annotations

import pandas as pd
import pytest

from matlearn.regression import task_from_frame
from matlearn.regression._benchmark.leaderboard import FILE, leaderboard
from matlearn.regression._tasks.definitions import MATBENCH


@pytest.mark.parametrize("task", MATBENCH)
def test_every_task_has_its_published_results_the_best_first(task: str) -> None:
    table = leaderboard(task)
    assert {"Dummy", "RF-SCM/Magpie", "AMMExpress v2020", "MODNet (v0.1.12)"} <= set(table.index)
    assert table.index.is_unique
    assert table.notna().all().all()
    regression = MATBENCH[task].kind == "regression"
    assert set(table["metric"]) == {"mae" if regression else "balanced_accuracy"}
    assert table["mean"].is_monotonic_increasing == regression
    assert table.index[-1] == "Dummy"
    assert (table["std"] > 0).all()
    assert (table["std"] < 0.4 * table["mean"]).all()
    assert table["source"].str.match(r"https://(doi\.org/10\.|arxiv\.org/abs/)").all()


def test_numbers_are_those_of_the_result_pages() -> None:
    phonons = leaderboard("phonons")
    # docs_src/Leaderboards Per-Task/matbench_v0.1_matbench_phonons.md of the matbench repository
    for algorithm, mean, std in (
        ("ALIGNN", 29.5385, 2.1148),
        ("MODNet (v0.1.12)", 34.2751, 2.0781),
        ("CrabNet", 55.1114, 5.7317),
        ("CGCNN v2019", 57.7635, 12.3109),
        ("RF-SCM/Magpie", 67.6126, 8.99),
        ("Dummy", 323.9822, 17.7269),
    ):
        assert phonons["mean"][algorithm] == pytest.approx(mean, abs=0.005)
        assert phonons["std"][algorithm] == pytest.approx(std, abs=0.005)
    assert phonons.index[0] == "MegNet (kgcnn v2.1.0)"


def test_the_table_holds_no_task_that_is_none() -> None:
    table = pd.read_csv(FILE)
    assert set("matbench_" + table["task"]) == set(MATBENCH)
    assert not table.duplicated(["task", "algorithm"]).any()


def test_our_own_tasks_have_nothing_published_and_unknown_ones_are_refused() -> None:
    assert leaderboard("cubic_log_gvrh").empty
    table = pd.DataFrame({"formula": ["NaCl", "MgO"], "gap": [5.0, 4.5]})
    assert leaderboard(task_from_frame(table, "gap")).empty
    assert list(leaderboard("cubic_gap").columns) == list(leaderboard("mp_gap").columns)
    with pytest.raises(ValueError, match="did you mean 'steels'"):
        leaderboard("steel")
