"""Magpie's features are matminer's, number by number."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Composition

from matlearn import datasets
from matlearn.regression import Task, features

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from bench_magpie import compare, made_up


@pytest.fixture(scope="module")
def matminer_magpie() -> object:
    from matminer.featurizers.composition import ElementProperty

    return ElementProperty.from_preset("magpie")


def test_random_compositions_have_matminers_numbers() -> None:
    assert compare(made_up(1000, seed=1)).largest_difference < 1e-10


def test_a_published_task_has_matminers_numbers(published_mirror: str, matminer_magpie) -> None:
    formulas = datasets.load("matbench_expt_gap", progress=False).formulas
    reference = [matminer_magpie.featurize(Composition(formula)) for formula in formulas]
    ours = features.magpie(formulas)
    np.testing.assert_allclose(ours, reference, rtol=0, atol=1e-10)
    assert len(ours) == 4604


def test_columns_are_called_as_in_matminer(matminer_magpie) -> None:
    assert features.magpie(["NaCl"]).columns.tolist() == matminer_magpie.feature_labels()


@pytest.mark.parametrize("formula", ["He", "NeXe", "RfO2", "CnAt", "FrLr3", "BkCf2Es", "Hs2Np"])
def test_elements_with_holes_in_the_table_are_filled_as_matminer_does(
    formula: str, matminer_magpie
) -> None:
    reference = matminer_magpie.featurize(Composition(formula))
    np.testing.assert_allclose(features.magpie([formula]).iloc[0], reference, rtol=0, atol=1e-10)


def test_rock_salt_by_hand() -> None:
    row = features.magpie(["NaCl"]).iloc[0]
    found = row[[f"MagpieData {s} Electronegativity" for s in ("minimum", "maximum", "range")]]
    assert found.tolist() == pytest.approx([0.93, 3.16, 2.23])
    assert row["MagpieData mean Electronegativity"] == pytest.approx((0.93 + 3.16) / 2)
    assert row["MagpieData avg_dev Electronegativity"] == pytest.approx(2.23 / 2)
    assert row["MagpieData mode Electronegativity"] == 0.93  # the smaller of two as frequent


def test_amounts_are_weights() -> None:
    row = features.magpie(["Na3Cl"]).iloc[0]
    assert row["MagpieData mean Number"] == pytest.approx((3 * 11 + 17) / 4)
    assert row["MagpieData mode Number"] == 11
    # 0.75 |11 - 12.5| + 0.25 |17 - 12.5|
    assert row["MagpieData avg_dev Number"] == pytest.approx(2.25)


def test_the_scale_and_the_order_of_a_formula_do_not_matter() -> None:
    table = features.magpie(["Fe2O3", "Fe4O6", "O1.5Fe1", "(Fe2O3)7", "Fe1O1Fe1O2"])
    for row in range(1, len(table)):
        np.testing.assert_allclose(table.iloc[row], table.iloc[0], rtol=1e-12, atol=1e-12)


def test_rows_stand_where_their_formulas_stood_whatever_their_lengths() -> None:
    formulas = ["NaCl", "Fe", "LiFePO4", "NaCl", "CuAl2O4", "O"] * 700  # more than a block
    table = features.magpie(formulas)
    for row in (0, 1, 2, 3, 4, 5, 2105, 4198):
        alone = features.magpie([formulas[row]]).iloc[0]
        assert table.iloc[row].tolist() == alone.tolist()


def test_a_series_keeps_its_index_and_a_list_is_numbered() -> None:
    series = pd.Series(["NaCl", "KCl"], index=["mb-2", "mb-1"], name="formula")
    assert features.magpie(series).index.tolist() == ["mb-2", "mb-1"]
    assert features.magpie(series.to_numpy()).index.tolist() == [0, 1]


def test_compositions_and_formulas_may_be_mixed() -> None:
    table = features.magpie(["NaCl", Composition("NaCl"), Composition({"Na+": 1, "Cl-": 1})])
    assert (table == table.iloc[0]).all(axis=None)


@pytest.mark.parametrize("given", ["NaCl", Composition("NaCl")])
def test_a_single_formula_is_refused(given: object) -> None:
    with pytest.raises(TypeError, match=r"must be a list, got one formula: write \['Na"):
        features.magpie(given)  # type: ignore[arg-type]


def test_a_table_is_refused_with_advice() -> None:
    with pytest.raises(TypeError, match="take its column"):
        features.magpie(pd.DataFrame({"formula": ["NaCl"]}))


def test_a_task_is_refused_with_advice() -> None:
    task = Task("gap", "regression", "gap", "eV", ["a"], ["NaCl"], np.array([5.0]))
    with pytest.raises(TypeError, match=r"give its \.formulas"):
        features.magpie(task)  # type: ignore[arg-type]


def test_no_formulas_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one formula"):
        features.magpie([])


def test_the_library_needs_no_matminer_in_memory() -> None:
    import subprocess

    code = (
        "import sys; from matlearn.regression import features; features.magpie(['NaCl']); "
        "print([m for m in ('matminer', 'pymatgen', 'torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_table_of_the_elements_says_what_is_not_known() -> None:
    table = features.elements_table()
    assert table.shape == (112, 23)
    assert table.loc["Na", "name"] == "Sodium"
    assert table.loc["Na", "electronegativity"] == 0.93
    assert table.loc["Fe", "melting temperature (K)"] == 1811
    assert table.loc["C", "covalent radius (pm)"] == 76
    assert np.isnan(table.loc["Ne", "electronegativity"])
    filled = features.elements_table(imputed=True)
    assert filled.loc["Ne", "electronegativity"] == pytest.approx(table["electronegativity"].mean())
    assert not filled.isna().any(axis=None)


def test_the_table_of_the_elements_is_a_copy() -> None:
    for imputed in (True, False):
        table = features.elements_table(imputed=imputed)
        table.loc["Na", "electronegativity"] = 99.0
    assert features.magpie(["Na"])["MagpieData mean Electronegativity"].tolist() == [0.93]


def test_a_row_of_features_is_a_column_of_the_table() -> None:
    table = features.elements_table(imputed=True)
    row = features.magpie(["W"]).iloc[0]
    for ours, theirs in table.attrs["magpie"].items():
        assert row[f"MagpieData mean {theirs}"] == table.loc["W", ours]


def test_a_missing_matminer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from matlearn.regression._features import elements

    elements.properties.cache_clear()
    monkeypatch.setattr(elements.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install matminer"):
        features.magpie(["NaCl"])
    monkeypatch.undo()
    elements.properties.cache_clear()
    assert len(features.magpie(["NaCl"])) == 1


def test_properties_of_ones_own_have_the_same_statistics() -> None:
    formulas = ["NaCl", "Fe2O3", "Ca3(PO4)2"]
    table = features.elements_table(imputed=True)
    ours = features.from_elements(formulas, table[["electronegativity", "row"]])
    magpie = features.magpie(formulas)
    for statistic in ("minimum", "maximum", "range", "mean", "avg_dev", "mode"):
        for name, theirs in (("electronegativity", "Electronegativity"), ("row", "Row")):
            expected = magpie[f"MagpieData {statistic} {theirs}"]
            assert ours[f"{statistic} {name}"].tolist() == expected.tolist()
    assert ours.shape == (3, 12)


def test_properties_may_lack_what_does_not_occur_and_nothing_else() -> None:
    prices = pd.DataFrame({"price": {"Na": 3.0, "Cl": 0.2, "K": np.nan}})
    assert features.from_elements(["NaCl2"], prices)["maximum price"].tolist() == [3.0]
    with pytest.raises(ValueError, match="missing: O, K"):
        features.from_elements(["NaCl", "K2O"], prices)


@pytest.mark.parametrize(
    ("properties", "kind", "message"),
    [
        (pd.DataFrame({"price": [1.0]}), ValueError, r"by its symbol.*\[0\]"),
        (pd.DataFrame({"price": {"Na": 1.0, "Xx": 2.0}}), ValueError, "'Xx'"),
        (pd.DataFrame({"price": [1.0, 2.0]}, index=["Na", "Na"]), ValueError, "double.*'Na'"),
        (pd.DataFrame({"name": {"Na": "sodium"}}), TypeError, "'name' is not"),
        ({"Na": 1.0}, TypeError, "pandas.DataFrame"),
    ],
)
def test_what_is_no_table_of_elements_is_refused(
    properties: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        features.from_elements(["Na"], properties)  # type: ignore[arg-type]
