"""Errors by element, anion and number of elements."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn.regression.diagnostics import residuals_by_chemistry
from matlearn.regression.plots import residuals

FORMULAS = ["NaF", "KF", "K2O", "Cu3Au", "K2Mg2O6"]
TARGET = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
PREDICTION = np.array([1.5, 1.0, 3.0, 4.5, 3.0])


def test_a_compound_counts_for_each_of_its_elements() -> None:
    table = residuals_by_chemistry(FORMULAS, TARGET, PREDICTION)
    assert table["count"].to_dict() == {"K": 3, "F": 2, "O": 2, "Na": 1, "Cu": 1, "Au": 1, "Mg": 1}
    assert table.loc["K", "mae"] == pytest.approx(1.0)
    assert table.loc["K", "bias"] == pytest.approx(-1.0)
    assert table.loc["K", "mae_error"] == pytest.approx(np.std([1, 0, 2], ddof=1) / np.sqrt(3))
    assert table.loc["K", "bias_error"] == pytest.approx(np.std([-1, 0, -2], ddof=1) / np.sqrt(3))
    assert table.loc["F", "spread"] == pytest.approx(0.5)
    assert np.isnan(table.loc["Na", "mae_error"])


def test_the_anion_is_the_most_electronegative_element_and_alloys_have_none() -> None:
    table = residuals_by_chemistry(
        [*FORMULAS, "NaClO4", "CaC2", "LiBH4", "KPF6"], np.zeros(9), np.ones(9), by="anion"
    )
    assert table["count"].to_dict() == {"F": 3, "O": 3, "none": 1, "C": 1, "H": 1}


def test_numbers_of_elements_are_in_order_and_hold_every_sample_once() -> None:
    table = residuals_by_chemistry(FORMULAS, TARGET, PREDICTION, by="elements")
    assert table["count"].to_dict() == {2: 4, 3: 1}
    whole = np.average(table["mae"], weights=table["count"])
    assert whole == pytest.approx(np.abs(PREDICTION - TARGET).mean())


def test_the_figure_names_the_worst() -> None:
    ax = residuals(residuals_by_chemistry(FORMULAS, TARGET, PREDICTION, by="anion"), unit="eV")
    assert ax.get_ylabel() == "Error (eV)"
    assert "largest mean absolute error is that of O" in ax._matlearn_alt
    with pytest.raises(TypeError, match="residuals_by_chemistry gives, got list"):
        residuals([1.0, 2.0])
    with pytest.raises(ValueError, match="what residuals_by_chemistry gives"):
        residuals(residuals_by_chemistry(FORMULAS, TARGET, PREDICTION).drop(columns="mae"))


@pytest.mark.parametrize(
    ("target", "prediction", "message"),
    [
        ([1, 2], [1, 2], "equally many"),
        (np.array([True] * 5), np.array([True] * 5), "classes have no residuals"),
        ([1, 2, 3, 4, np.nan], np.ones(5), "target is not finite in 1 rows"),
    ],
)
def test_targets_that_do_not_fit_are_refused(target, prediction, message) -> None:
    with pytest.raises(ValueError, match=message):
        residuals_by_chemistry(FORMULAS, target, prediction)


def test_an_unknown_division_is_refused() -> None:
    with pytest.raises(ValueError, match="by must be one of 'element'"):
        residuals_by_chemistry(FORMULAS, TARGET, PREDICTION, by="group")
