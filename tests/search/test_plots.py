"""The figures of the search chapter: what they show, not how they look."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from ase import Atoms

from matlearn.search import convex_hull, plots


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    plt.close("all")


@pytest.fixture
def sets() -> dict[str, pd.DataFrame]:
    dimer = Atoms("N2", [(0, 0, 0), (0, 0, 1.1)], cell=[6, 6, 6], pbc=True)
    azide = Atoms("N3", [(0, 0, 0), (0, 0, 1.2), (0, 0, 2.4)], cell=[6, 6, 6], pbc=True)
    first = pd.DataFrame(
        {
            "energy_per_atom": [-247.7, -247.5, np.nan],
            "volume_per_atom": [10.0, 11.0, 12.0],
            "structure": [dimer, azide, dimer],
        }
    )
    second = first.assign(energy_per_atom=[-6.5, -6.51, -6.4], volume_per_atom=[10.0, 13.0, 14.0])
    return {"PBE": first, "learned": second}


def offsets(ax: object, index: int) -> list[tuple[float, float]]:
    data = ax.collections[index].get_offsets()  # type: ignore[attr-defined]
    return [(float(x), round(float(y), 6)) for x, y in data]


def entries() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Li", "N2", "Li3N", "LiN3", "LiN2"],
            "formula": ["Li", "N2", "Li3N", "LiN3", "LiN2"],
            "energy_per_atom": [-1.9, -8.3, -4.0, -6.9, -6.1],
        }
    )


def test_each_set_is_measured_from_its_own_lowest(sets: dict[str, pd.DataFrame]) -> None:
    ax = plots.energy_volume(sets)
    assert offsets(ax, 0) == [(10.0, 0.0), (11.0, 200.0)]
    assert offsets(ax, 1) == [(10.0, 10.0), (13.0, 0.0), (14.0, 110.0)]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["PBE (2)", "learned (3)"]


def test_a_limit_leaves_out_what_is_higher(sets: dict[str, pd.DataFrame]) -> None:
    assert offsets(plots.energy_volume(sets, limit=50), 1) == [(10.0, 10.0), (13.0, 0.0)]


def test_one_set_can_be_coloured_by_motif(sets: dict[str, pd.DataFrame]) -> None:
    ax = plots.energy_volume(sets["learned"], by="motif")
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"N2 (2)", "N3 (1)"}


def test_several_sets_cannot_be_coloured_by_a_column(sets: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(ValueError, match="by works on a single set, got 2: PBE, learned"):
        plots.energy_volume(sets, by="motif")


def test_a_histogram_counts_every_structure_once(sets: dict[str, pd.DataFrame]) -> None:
    ax = plots.energy_histogram(sets["learned"], bin_width=20)
    heights = ax.patches[0].get_xy()[:, 1]
    assert ax.get_xlim() == pytest.approx((0, 110))
    assert heights.max() == 2
    assert "Medians in meV/atom: median 10" in ax._matlearn_alt


@pytest.mark.parametrize("options", [{"bin_width": 0}, {"limit": -1}])
def test_a_histogram_needs_positive_widths(
    sets: dict[str, pd.DataFrame], options: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        plots.energy_histogram(sets, **options)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([1, 2], TypeError, "a frame or a dict of frames, got list"),
        ({}, ValueError, "sets is empty"),
        ({"a": pd.DataFrame({"x": [1]})}, ValueError, "set 'a': frame has no column"),
    ],
)
def test_what_is_no_set_is_rejected(wrong: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        plots.energy_volume(wrong)


def test_a_hull_of_two_elements_is_a_line_through_the_stable_phases() -> None:
    hull = convex_hull(entries())
    ax = plots.convex_hull(hull)
    table = hull.to_frame()
    column = ax.get_xlabel().removeprefix("Fraction of ")
    stable = table[table["stable"]].sort_values(f"x_{column}")
    assert list(ax.lines[0].get_ydata()) == pytest.approx(stable["formation_energy"].tolist())
    assert "Li$_{3}$N" in [text.get_text() for text in ax.texts]
    assert "Li3N" in ax._matlearn_alt


def test_hulls_lie_over_each_other_with_a_line_each() -> None:
    hull = convex_hull(entries())
    ax = plots.convex_hull({"PBE": hull, "CHGNet": hull}, title="Li-N")
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["PBE", "CHGNet"]
    assert ax.get_title() == "Li-N"


def test_a_hull_of_three_elements_is_a_triangle() -> None:
    table = pd.DataFrame(
        {
            "label": ["Li", "N2", "O2", "Li3N", "Li2O", "LiNO3"],
            "formula": ["Li", "N2", "O2", "Li3N", "Li2O", "LiNO3"],
            "energy_per_atom": [-1.9, -8.3, -4.9, -4.0, -4.8, -6.6],
        }
    )
    ax = plots.convex_hull(convex_hull(table))
    assert not ax.axison
    assert "Li$_{2}$O" in [text.get_text() for text in ax.texts]


def test_hulls_that_cannot_be_drawn_are_rejected() -> None:
    four = pd.DataFrame(
        {
            "label": ["Li", "N2", "O2", "Cl2"],
            "formula": ["Li", "N2", "O2", "Cl2"],
            "energy_per_atom": [-1.9, -8.3, -4.9, -1.8],
        }
    )
    with pytest.raises(ValueError, match="two or three elements can be drawn, got 4"):
        plots.convex_hull(convex_hull(four))
    with pytest.raises(ValueError, match="of different elements"):
        plots.convex_hull({"a": convex_hull(entries()), "b": convex_hull(four)})
