"""Figures of data: what they show and say, not how they look."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from matlearn.plotting import describe
from matlearn.regression import plots
from matlearn.regression._figures.periodic import PLACES
from matlearn.regression.tasks import Task


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    plt.close("all")


def task(target: list, formulas: list[str], name: str = "gaps", kind: str = "regression") -> Task:
    return Task(
        name=name,
        kind=kind,
        label="band gap" if kind == "regression" else "is a metal",
        unit="eV" if kind == "regression" else "",
        ids=[f"s{number}" for number in range(len(target))],
        formulas=formulas,
        target=np.array(target),
    )


GAPS = task([0.0, 0.5, 1.1, 5.5, 3.0, 3.3], ["Si4", "Si", "Ge", "C", "TiO2", "Ti4O8"])


def legend(ax) -> str:
    return " | ".join(text.get_text() for text in ax.get_legend().get_texts())


def test_a_distribution_counts_every_sample_and_names_a_common_value() -> None:
    ax = plots.distribution(task([0.0] * 30 + [1.0] * 20, ["Cu"] * 30 + ["Si"] * 20), bins=10)
    assert sum(patch.get_height() for patch in ax.patches if patch.get_width() < 0.2) == 50
    assert "60 % are exactly 0" in legend(ax)
    assert "60 % are exactly 0" in describe(ax)
    assert "exactly" not in legend(plots.distribution(GAPS))
    assert ax.get_xlabel() == "Band gap (eV)"


def test_a_distribution_of_classes_counts_both() -> None:
    classes = task([True, False, False], ["Cu", "Si", "C"], kind="classification")
    ax = plots.distribution(classes)
    assert [patch.get_height() for patch in ax.patches] == [2, 1]
    assert ax.get_xlabel() == "Is a metal"


def test_order_in_the_file_is_measured() -> None:
    ax = plots.in_order(task([3.0, 2.0, 1.0, 0.0], ["Cu"] * 4))
    assert legend(ax) == "rank correlation -1.00"
    assert plots.in_order(task([1.0, 1.0], ["Cu"] * 2)).get_xlabel() == "Row of the file"


def test_repeated_formulas_are_drawn_the_widest_first_with_all_their_samples() -> None:
    ax = plots.repeated_formulas(GAPS)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Si, 2", "TiO2, 2"]
    assert sorted(ax.lines[1].get_xdata()) == [0.0, 0.5]
    assert len(plots.repeated_formulas(GAPS, 1).get_yticklabels()) == 1
    none = plots.repeated_formulas(task([1.0, 2.0, 2.0], ["Si", "Ge", "Ge"]))
    assert none.texts[0].get_text() == "no formula has two targets"
    with pytest.raises(ValueError, match="is a classification"):
        plots.repeated_formulas(task([True, False], ["Si", "Si"], kind="classification"))


def test_tasks_are_compared_by_the_median_of_each_formula_that_both_hold() -> None:
    other = task([0.6, 1.0, 2.0, 9.0], ["Si2", "Si", "O2Ti1", "NaCl"], name="others")
    ax = plots.same_formulas(GAPS, other)
    (points,) = [c for c in ax.collections if hasattr(c, "get_sizes") and len(c.get_sizes())]
    assert sorted(map(tuple, points.get_offsets().round(3).tolist())) == [(0.25, 0.8), (3.15, 2.0)]
    assert "2 formulas" in legend(ax)
    assert "mean difference -0.3 eV" in legend(ax)
    with pytest.raises(ValueError, match="no formula in common"):
        plots.same_formulas(GAPS, task([1.0], ["NaCl"]))


def test_the_periodic_table_has_every_element_of_magpie_in_its_place() -> None:
    from pymatgen.core import Element

    from matlearn.regression.features import elements_table

    assert set(elements_table().index) <= set(PLACES)
    for symbol, (row, column) in PLACES.items():
        element = Element(symbol)
        if row < 8:
            assert (element.row, element.group) == (row + 1, column + 1), symbol
        else:
            assert element.is_lanthanoid or element.is_actinoid


def test_an_element_map_counts_samples_or_averages_their_targets() -> None:
    def shown(ax, symbol: str) -> float:
        return float(ax.images[0].get_array()[PLACES[symbol]])

    counts = plots.element_map(GAPS)
    assert [shown(counts, symbol) for symbol in ("Si", "Ti", "O", "C")] == [2, 2, 2, 1]
    means = plots.element_map(GAPS, statistic="mean")
    assert shown(means, "Ti") == pytest.approx(3.15)
    assert "most C 5.5" in describe(means)
    with pytest.raises(ValueError, match="count, mean, got 'median'"):
        plots.element_map(GAPS, statistic="median")
