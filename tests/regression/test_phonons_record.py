"""The recorded run on matbench_phonons: what it says, and that it is so."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from ase.build import bulk

from matlearn import datasets, plotting, regression
from matlearn._datasets.cache import course_data
from matlearn.regression._graphs import records

FOREST = 67.61  # 1/cm, RF-SCM/Magpie; +- 8.99
CGCNN = 57.76  # 1/cm; both of matbench's leaderboard, January 2024


@pytest.fixture(scope="module")
def record():
    return datasets.load("phonons-graph-network")


def test_network_beats_the_forest_and_comes_up_to_cgcnn(record):
    mae = record.to_frame()["mae"]
    assert mae["network-of-4"] <= mae["network"] < 1.15 * CGCNN
    assert mae["network"] < mae["forest"]
    assert mae["forest"] == pytest.approx(FOREST, abs=8.99)


def test_settings_are_those_of_the_default(record):
    settings = record.models["network"]["settings"]
    assert settings == regression.CrystalGraphNetwork().get_params()
    assert record.models["network-of-4"]["settings"] == settings | {"members": 4}
    assert record.models["forest"]["settings"]["n_estimators"] == 500


def test_it_stands_in_the_leaderboard(record):
    table = record.compare()
    assert table["mean"].is_monotonic_increasing
    assert table.loc["network (recorded here)", "std"] == record.to_frame().loc["network", "std"]
    assert "network" in repr(record)
    assert "in each fold" in plotting.describe(record.plot())


@pytest.mark.parametrize("model", ["network", "network-of-4", "forest"])
def test_scores_follow_from_the_predictions_and_the_published_targets(
    published_mirror, record, model
):
    task = regression.load_task("phonons", progress=False)
    result = record.result(model, task)
    for number, (_, test) in enumerate(task.folds()):
        part = result.predictions[result.predictions["fold"] == number]
        assert sorted(part["id"]) == sorted(task.ids[row] for row in test)
        error = np.abs(part["prediction"] - part["target"]).mean()
        assert error == pytest.approx(result.folds["mae"].iloc[number], abs=1e-3)
    assert result.official
    assert result.mean["mae"] == pytest.approx(record.to_frame().loc[model, "mae"])
    with pytest.raises(ValueError, match="task must be the whole matbench_phonons"):
        record.result(model, task.subset(100))
    with pytest.raises(ValueError, match="model must be one of network, network-of-4, forest"):
        record.result("cgcnn", task)


def test_network_of_all_crystals_knows_light_from_heavy(record):
    light, heavy = record.network.predict(
        [bulk("MgO", "rocksalt", a=4.21), bulk("KBr", "rocksalt", a=6.6)]
    )
    assert 500 < light < 850 and 80 < heavy < 220  # 1/cm
    assert len(record.network.elements_) > 60


def test_damaged_records_are_refused(record, tmp_path):
    source = course_data() / "regression/phonons-graph-network/record"
    for name, change, words in (
        (records.ABOUT, lambda text: json.dumps({"form": "other"}), "is no recorded benchmark"),
        (records.PREDICTIONS, lambda text: text.replace("forest", "tree"), "does not belong"),
        (records.PREDICTIONS, lambda text: text.rpartition(",")[0] + ",\n", "no numbers"),
        (records.PREDICTIONS, lambda text: text[: len(text) // 2], "not belong"),
    ):
        folder = tmp_path / name / words[:5]
        shutil.copytree(source, folder)
        file = folder / name
        file.write_text(change(file.read_text()))
        with pytest.raises(ValueError, match=words):
            records.load(folder)
