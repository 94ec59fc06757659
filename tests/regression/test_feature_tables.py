"""What would spoil a fit is found in a table of features, by the name of the column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from matlearn.regression import features


@pytest.fixture
def good() -> pd.DataFrame:
    return pd.DataFrame({"density": [2.2, 3.6, 7.9], "gap": [8.5, 7.8, 0.0]}, index=list("abc"))


def test_a_good_table_passes(good: pd.DataFrame) -> None:
    features.check(good)
    features.check(good.assign(metal=[False, False, True], atoms=[2, 2, 1]))


def test_all_faults_are_named_at_once(good: pd.DataFrame) -> None:
    bad = good.assign(charge=0.0, volume=[1.0, np.inf, 2.0])
    bad.loc["c", "gap"] = np.nan
    with pytest.raises(ValueError, match=r"NaN values in 'gap' \(index 'c'\)") as error:
        features.check(bad)
    assert "infinite values in 'volume' (index 'b')" in str(error.value)
    assert "same value in all 3 rows of 'charge'" in str(error.value)


def test_long_lists_of_names_are_cut() -> None:
    bad = pd.DataFrame(np.full((9, 7), np.nan), columns=list("abcdefg"))
    with pytest.raises(ValueError, match=r"'e' and 2 more \(index 0, 1, 2, 3, 4 and 4 more\)"):
        features.check(bad)


@pytest.mark.parametrize(
    ("bad", "kind", "message"),
    [
        (pd.DataFrame(), ValueError, "0 rows and 0 columns"),
        (pd.DataFrame({"a": [], "b": []}, dtype=float), ValueError, "0 rows and 2 columns"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), ValueError, "more than one column"),
        (pd.DataFrame({"formula": ["NaCl", "KCl"]}), TypeError, "'formula' is not"),
        (pd.DataFrame({"z": [1j, 2j]}), TypeError, "'z' is not"),
        (np.ones((2, 2)), TypeError, "must be a pandas.DataFrame, got ndarray"),
        ([1.0, 2.0], TypeError, "got list"),
    ],
)
@pytest.mark.parametrize("function", [features.check, features.drop_constant])
def test_what_is_no_table_of_numbers_is_refused(
    function: object, bad: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        function(bad)  # type: ignore[operator]


def test_missing_values_of_pandas_own_kind_are_found() -> None:
    bad = pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int64")})
    with pytest.raises(ValueError, match="NaN values in 'n'"):
        features.check(bad)


def test_constant_columns_are_dropped_rounding_aside(good: pd.DataFrame) -> None:
    bad = good.assign(zero=0.0, third=[1 / 3, 1 / 3 + 1e-16, 1 / 3], tiny=[1e-30, 2e-30, 3e-30])
    assert list(features.drop_constant(bad)) == ["density", "gap", "tiny"]
    features.check(features.drop_constant(bad))


def test_columns_with_holes_are_left_for_the_check_to_find(good: pd.DataFrame) -> None:
    bad = good.assign(hole=[1.0, np.nan, 1.0])
    assert "hole" in features.drop_constant(bad)


def test_a_table_without_any_information_is_refused() -> None:
    with pytest.raises(ValueError, match="all 132 columns have the same value in all 2 rows"):
        features.drop_constant(features.magpie(["NaCl", "Na2Cl2"]))


def test_the_table_that_is_given_is_not_changed(good: pd.DataFrame) -> None:
    table = good.assign(zero=0.0)
    kept = features.drop_constant(table)
    kept.loc["a", "density"] = -1.0
    assert table.loc["a", "density"] == 2.2
    assert "zero" in table


def test_correlations_are_scipys_and_ranked() -> None:
    from scipy.stats import pearsonr, spearmanr

    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(50, 4)), columns=list("abcd"))
    target = np.exp(table["c"]) + 0.1 * rng.normal(size=50)
    found = features.correlations(table.assign(same=1.0), target)
    assert found.index[0] == "c"
    assert found.index[-1] == "same"
    assert np.isnan(found.loc["same", "spearman"])
    for name in "abcd":
        assert found.loc[name, "spearman"] == pytest.approx(spearmanr(table[name], target)[0])
        assert found.loc[name, "pearson"] == pytest.approx(pearsonr(table[name], target)[0])
    sizes = found["spearman"].abs().dropna().tolist()
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([1.0, 2.0], "3 rows and 2 targets"),
        ([1.0, 2.0, np.nan], "in the target"),
        ([1.0, 1.0, 1.0], "target must vary"),
    ],
)
def test_correlations_with_a_bad_target_are_refused(
    good: pd.DataFrame, target: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        features.correlations(good, target)


def test_correlations_with_holes_are_refused(good: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="in column 'gap'"):
        features.correlations(good.assign(gap=[1.0, np.inf, 2.0]), [1.0, 2.0, 3.0])
