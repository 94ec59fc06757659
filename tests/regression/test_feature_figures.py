"""Figures of features show what they say, and refuse what they cannot show."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from matlearn.plotting import describe
from matlearn.regression import Task, features, plots


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def task() -> Task:
    formulas = ["NaCl", "KCl", "LiF", "MgO", "CaO", "BaO", "CsI", "NaF", "ZnS", "GaAs"] * 4
    target = features.magpie(formulas)["MagpieData range Electronegativity"].to_numpy() ** 2
    return Task(
        name="made-up", kind="regression", label="gap", unit="eV",
        ids=[f"s{i}" for i in range(len(formulas))], formulas=formulas, target=target,
    )  # fmt: skip


def test_like_features_stand_beside_each_other() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60))
    table = pd.DataFrame(
        {"a": a, "b": b, "minus a": -a, "nearly b": b + 0.01 * rng.normal(size=60)}
    )
    ax = plots.feature_correlation(table)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert abs(names.index("a") - names.index("minus a")) == 1
    assert abs(names.index("b") - names.index("nearly b")) == 1
    shown = ax.images[0].get_array()
    assert shown[names.index("a"), names.index("minus a")] == pytest.approx(-1)
    assert "2 of 6 pairs" in describe(ax)


def test_a_ranking_shows_the_best_in_words_and_with_units(task: Task) -> None:
    found = features.correlations(features.magpie(task.formulas), task.target)
    ax = plots.feature_ranking(found, count=5, chance=0.3)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert len(names) == len(ax.patches) - 1 == 5
    assert names[0] in ("range of electronegativity", "mean deviation of electronegativity")
    assert "0.30" in describe(ax)


def test_a_median_follows_the_relation(task: Task) -> None:
    column = features.magpie(task.formulas)["MagpieData range Electronegativity"]
    ax = plots.feature_against_target(task, column, bins=4)
    assert ax.get_xlabel() == "Range of electronegativity"
    assert ax.get_ylabel() == "Gap (eV)"
    x, y = ax.lines[0].get_data()
    assert (np.diff(y) > 0).all()
    np.testing.assert_allclose(np.asarray(y), np.asarray(x) ** 2, rtol=0.3)


def test_a_few_samples_are_drawn_as_they_are(task: Task) -> None:
    few = task.subset(10, seed=0)
    column = features.magpie(few.formulas)["MagpieData range Electronegativity"]
    ax = plots.feature_against_target(few, column)
    assert len(ax.collections[0].get_offsets()) == 10
    assert not ax.lines
    assert "rises" in describe(ax)


def test_a_ranking_of_something_else_is_refused(task: Task) -> None:
    with pytest.raises(ValueError, match=r"features\.correlations"):
        plots.feature_ranking(pd.DataFrame({"r": [1.0]}))
    found = features.correlations(features.magpie(task.formulas), task.target)
    with pytest.raises(ValueError, match="count"):
        plots.feature_ranking(found, count=0)


def test_a_column_that_does_not_belong_to_the_task_is_refused(task: Task) -> None:
    with pytest.raises(ValueError, match="40 samples, got 3"):
        plots.feature_against_target(task, pd.Series([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="not all equal"):
        plots.feature_against_target(task, pd.Series(np.ones(40)))


def test_features_that_do_not_vary_cannot_be_correlated() -> None:
    with pytest.raises(ValueError, match="drop_constant"):
        plots.feature_correlation(features.magpie(["NaCl", "KCl"]))
