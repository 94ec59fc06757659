"""Comparing the energies of two methods."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matlearn.search.agreement import compare

mpl.use("Agg")


def table(energies, labels=None) -> pd.DataFrame:
    labels = [f"s{i}" for i in range(len(energies))] if labels is None else labels
    return pd.DataFrame({"label": labels, "energy_per_atom": np.asarray(energies, float)})


def test_coefficients_worked_out_by_hand():
    result = compare(table([1, 2, 3, 4]), table([1, 3, 2, 4]))
    assert result.n_common == 4
    assert result.spearman == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert result.kendall == pytest.approx((5 - 1) / 6)
    assert result.pearson == pytest.approx(0.8)


def test_structures_are_matched_by_label_not_by_place():
    a, b = table([1, 2, 3], ["x", "y", "z"]), table([3, 9, 1, 2], ["z", "other", "x", "y"])
    result = compare(a, b)
    assert (result.n_common, result.spearman) == (3, pytest.approx(1.0))
    frame = result.to_frame()
    assert frame["label"].tolist() == ["x", "y", "z"]
    assert frame["relative_b"].tolist() == [0, 1, 2]
    assert frame["rank_a"].tolist() == [1, 2, 3]


def test_overlap_counts_what_is_in_both_lists_of_the_lowest():
    result = compare(table([1, 2, 3, 4, 5]), table([5, 2, 1, 3, 4]))
    assert [result.overlap(n) for n in range(1, 6)] == [0, 0.5, pytest.approx(2 / 3), 0.75, 1.0]
    for bad in (0, 6, -1, 1.5, True):
        with pytest.raises(ValueError, match="from 1 to 5"):
            result.overlap(bad)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-500, 500))
def test_a_shift_and_a_scale_change_no_rank(seed, scale, shift):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 12))
    one, other = compare(table(x), table(y)), compare(table(x), table(y * scale + shift))
    assert other.spearman == pytest.approx(one.spearman)
    assert other.kendall == pytest.approx(one.kendall)
    assert other.overlap(5) == one.overlap(5)
    swapped = compare(table(y), table(x))
    assert swapped.spearman == pytest.approx(one.spearman)
    assert swapped.overlap(4) == one.overlap(4)


def test_rows_without_energy_are_left_out():
    assert compare(table([1, 2, np.nan]), table([1, 2, 3])).n_common == 2


def test_equal_energies_have_no_correlation():
    assert np.isnan(compare(table([1, 1, 1]), table([1, 2, 3])).spearman)


def test_what_cannot_be_compared_is_an_error():
    with pytest.raises(ValueError, match="share 1 values"):
        compare(table([1, 2]), table([1, 2], ["s0", "x"]))
    with pytest.raises(ValueError, match=r"table b .*'s'"):
        compare(table([1, 2]), table([1, 2], ["s", "s"]))
    with pytest.raises(ValueError, match="table a has no column 'label'"):
        compare(table([1, 2]).drop(columns="label"), table([1, 2]))
    with pytest.raises(ValueError, match="infinite"):
        compare(table([1, np.inf]), table([1, 2]))


def test_plot_says_its_units_and_the_repr_fits_a_line():
    result = compare(table([1, 2, 3]), table([1, 3, 2]))
    axes = result.plot()
    assert "meV/atom" in axes.get_xlabel()
    assert len(axes.collections[0].get_offsets()) == 3
    assert repr(result) == "Agreement(3 common structures, Spearman 0.500, Kendall 0.333)"


@pytest.mark.parametrize("other", [None, [1.0, 2.0], {"label": ["a"]}])
def test_what_is_no_table_is_refused(other):
    with pytest.raises(TypeError, match="table b must be a pandas DataFrame"):
        compare(table([1.0, 2.0]), other)


def test_energies_do_not_name_structures():
    with pytest.raises(ValueError, match="on must be a column that names structures"):
        compare(table([1.0, 2.0]), table([1.0, 2.0]), on="energy_per_atom")


@pytest.mark.parametrize("n", [float("nan"), "2", 0, True])
def test_overlap_wants_a_whole_number_in_range(n):
    with pytest.raises(ValueError, match="whole number from 1 to 2"):
        compare(table([1.0, 2.0]), table([1.0, 2.0])).overlap(n)
