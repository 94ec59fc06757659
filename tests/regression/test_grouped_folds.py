"""Folds by formula, by chemical system and by element; and what plain folds hide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from matlearn.regression.diagnostics import (
    compare_folds,
    formula_groups,
    grouped_folds,
    leave_one_element_out,
    whole_formulas,
)
from matlearn.regression.tasks import Task

SALTS = [a + b for a in ("Li", "Na", "K", "Rb", "Cs") for b in ("F", "Cl", "Br", "I")]


def test_a_formula_is_the_same_in_whatever_cell_order_or_brackets() -> None:
    formulas = ["Fe2O3", "O6Fe4", "Ca(OH)2", "CaO2H2", "FeO", "Fe0.4O0.6"]
    assert formula_groups(formulas).tolist() == [0, 0, 1, 1, 2, 0]
    assert formula_groups(formulas, by="system").tolist() == [0, 0, 1, 1, 0, 0]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([*SALTS, "Na2Cl2", "NaCl2"]), min_size=12, max_size=60),
    st.sampled_from(["formula", "system"]),
)
def test_grouped_folds_test_each_sample_once_and_divide_no_group(formulas, by) -> None:
    labels = formula_groups(formulas, by=by)
    if len(set(labels)) < 3:
        return
    folds = grouped_folds(formulas, 3, by=by)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(formulas)))
    for train, test in folds:
        assert not set(labels[train]) & set(labels[test])
        assert len(train) + len(test) == len(formulas)


def test_without_an_element_nothing_is_trained_on_that_holds_it() -> None:
    folds = leave_one_element_out(SALTS, min_count=4)
    assert list(folds) == ["Br", "Cl", "F", "I", "Cs", "K", "Li", "Na", "Rb"]  # 5 each, then 4
    train, test = folds["F"]
    assert [SALTS[k] for k in test] == ["LiF", "NaF", "KF", "RbF", "CsF"]
    assert len(train) == 15
    assert list(leave_one_element_out(SALTS, elements=["Na"])) == ["Na"]


@pytest.fixture
def repeated() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Pure noise, but each compound is there three times, with the same target."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    return np.tile(X, (3, 1)), np.tile(y, 3), SALTS * 3


def test_plain_folds_praise_a_model_that_knows_compounds_by_heart(repeated) -> None:
    found = compare_folds(
        KNeighborsRegressor(1), *repeated, schemes=("plain", "formula"), progress=False
    )
    table = found.summary()
    assert table.loc["plain", "mean"] < 0.25 * table.loc["formula", "mean"]
    assert table.loc["formula", "mean"] > table.loc["formula", "baseline"]  # worse than the mean
    assert table.loc["plain", "leaked"] > 0.9
    assert table.loc["formula", "leaked"] == 0


def test_an_element_that_bends_the_trend_is_the_worst_to_leave_out() -> None:
    formulas = SALTS * 2
    holds = np.array([[symbol in f for symbol in ("F", "Cl", "Br")] for f in formulas], dtype=float)
    rng = np.random.default_rng(1)
    y = holds @ [3.0, 0.2, 0.1] + 0.05 * rng.normal(size=len(formulas))
    found = compare_folds(LinearRegression(), holds, y, formulas, min_count=5, progress=False)
    table = found.elements()
    assert table.index[0] == "F"
    assert table.loc["F", "test_error"] > 20 * table.loc["F", "plain_error"]
    assert table.loc["F", "count"] == 10
    assert table.loc["F", "ratio"] == pytest.approx(
        table.loc["F", "test_error"] / table.loc["F", "plain_error"]
    )
    assert np.isnan(found.summary().loc["element", "std_error"])


def test_plain_errors_of_an_element_are_those_of_its_samples_in_plain_folds(repeated) -> None:
    X, y, formulas = repeated
    found = compare_folds(LinearRegression(), X, y, formulas, min_count=12, progress=False)
    table = found.to_frame()
    plain = table[table["scheme"] == "plain"]
    halogens = found.elements().loc[["F", "Cl", "Br", "I"]]  # each sample has one of the four
    assert np.average(halogens["plain_error"]) == pytest.approx(
        np.average(plain["test_error"], weights=plain["n_test"])
    )


def test_classes_are_compared_by_balanced_error() -> None:
    X = np.arange(60.0).reshape(-1, 1)
    found = compare_folds(
        KNeighborsClassifier(1), X, X[:, 0] > 40, SALTS * 3, schemes=("plain", "system"),
        progress=False,
    )  # fmt: skip
    assert found.metric == "balanced_error"
    assert found.summary()["baseline"].tolist() == pytest.approx([0.5, 0.5])


def test_a_draw_of_whole_formulas_has_every_sample_of_each() -> None:
    formulas = [*SALTS, *SALTS[:10], "Na2Cl2"]
    ids = [str(k) for k in range(len(formulas))]
    task = Task("t", "regression", "gap", "eV", ids, formulas, np.arange(len(formulas)))
    drawn = whole_formulas(task, 8, seed=1)
    labels = formula_groups(formulas)
    kept = labels[drawn.target.astype(int)]
    assert len(set(kept)) == 8
    assert len(drawn) == np.isin(labels, kept).sum()
    assert drawn.formulas == [formulas[int(k)] for k in drawn.target]
    assert whole_formulas(task, 20) is task
    with pytest.raises(ValueError, match="n must be 1 or more"):
        whole_formulas(task, 0)


def test_bad_formulas_and_groups_are_refused(repeated) -> None:
    X, y, formulas = repeated
    model = LinearRegression()
    with pytest.raises(ValueError, match="only 2 groups: a group is never divided"):
        grouped_folds(["NaCl", "NaCl", "KCl"], 3)
    with pytest.raises(TypeError, match="the single text 'NaCl'"):
        formula_groups("NaCl")
    with pytest.raises(TypeError, match=r"formulas\[1\] must be a formula as text"):
        formula_groups(["NaCl", None])
    with pytest.raises(ValueError, match="Xx"):
        formula_groups(["NaCl", "XxO"])
    with pytest.raises(ValueError, match="by must be"):
        formula_groups(["NaCl"], by="anion")
    with pytest.raises(ValueError, match="no element is in 20 samples"):
        leave_one_element_out(SALTS)
    with pytest.raises(ValueError, match="'U' is in none of the samples"):
        leave_one_element_out(SALTS, elements=["U"])
    with pytest.raises(ValueError, match="'Na' is in all of the samples"):
        leave_one_element_out(["NaCl", "NaF"], elements=["Na"])
    with pytest.raises(ValueError, match="schemes must be of 'plain'"):
        compare_folds(model, X, y, formulas, schemes=("random",), progress=False)
    with pytest.raises(ValueError, match="formulas must be 60, one a sample, got 20"):
        compare_folds(model, X, y, SALTS, progress=False)


def test_a_fifth_of_the_shear_moduli_have_formulas_that_occur_more_than_once(
    published_mirror,
) -> None:
    from matlearn.regression.tasks import load_task

    labels = formula_groups(load_task("log_gvrh", progress=False).formulas)
    assert (np.bincount(labels)[labels] > 1).mean() == pytest.approx(0.19, abs=0.005)
