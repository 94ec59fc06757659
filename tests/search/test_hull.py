"""Formation energies and the convex hull."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition
from pymatgen.entries.computed_entries import ComputedEntry

from matlearn.search.hull import convex_hull


def li_n() -> pd.DataFrame:
    return pd.DataFrame({
        "label": ["bcc", "alpha", "Li3N", "azide", "LiN2"],
        "formula": ["Li", "N2", "Li3N", "LiN3", "LiN2"],
        "energy_per_atom": [-2.0, -8.0, -3.5 - 0.4, -6.5 - 0.05, -6.0 - 0.1],
    })  # fmt: skip


def test_a_binary_hull_worked_out_by_hand():
    hull = convex_hull(li_n())
    frame = hull.to_frame().set_index("label")
    assert hull.elements == ("Li", "N")
    assert hull.references == {"Li": "bcc", "N": "alpha"}
    assert frame["formation_energy"].round(9).tolist() == [0, 0, -0.4, -0.05, -0.1]
    # between Li3N (x_N = 1/4, -0.4) and N2 (1, 0): at 2/3 -0.4 * 4/9, at 3/4 -0.4 / 3
    assert frame["energy_above_hull"]["LiN2"] == pytest.approx(0.4 * 4 / 9 - 0.1)
    assert frame["energy_above_hull"]["azide"] == pytest.approx(0.4 / 3 - 0.05)
    assert hull.stable == ("bcc", "alpha", "Li3N")
    assert frame["stable"].tolist() == [True, True, True, False, False]
    assert frame["x_N"].tolist() == pytest.approx([0, 1, 0.25, 0.75, 2 / 3])
    assert hull.decomposition("LiN2") == pytest.approx({"alpha": 5 / 9, "Li3N": 4 / 9})
    assert hull.decomposition("Li3N") == {"Li3N": 1.0}
    assert repr(hull) == "Hull(Li-N, 5 phases, 3 stable: bcc, alpha, Li3N)"


def random_phases(seed: int, elements: list[str], count: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    amounts = rng.integers(0, 4, (count, len(elements)))
    amounts = amounts[amounts.sum(axis=1) > 0]
    amounts = np.vstack([np.eye(len(elements), dtype=int), amounts])
    formulas = ["".join(f"{e}{n}" for e, n in zip(elements, row, strict=True) if n)
                for row in amounts]  # fmt: skip
    energies = -3 + rng.normal(0, 0.3, len(amounts)) - 0.4 * (amounts > 0).sum(axis=1)
    labels = [f"p{i}" for i in range(len(amounts))]
    return pd.DataFrame({"label": labels, "formula": formulas, "energy_per_atom": energies})


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), components=st.integers(1, 5), count=st.integers(0, 25))
def test_energies_agree_with_pymatgen_for_any_number_of_components(seed, components, count):
    frame = random_phases(seed, ["Li", "Mg", "Fe", "N", "O"][:components], count)
    hull = convex_hull(frame)
    entries = [
        PDEntry(Composition(f), e * Composition(f).num_atoms, name=name)
        for name, f, e in frame.itertuples(index=False)
    ]
    theirs = PhaseDiagram(entries)
    mine = hull.to_frame()
    for row, entry in zip(mine.itertuples(), entries, strict=True):
        assert row.energy_above_hull == pytest.approx(theirs.get_e_above_hull(entry), abs=1e-7)
        assert row.formation_energy == pytest.approx(
            theirs.get_form_energy_per_atom(entry), abs=1e-9
        )
    assert set(hull.stable) == {entry.name for entry in theirs.stable_entries}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), shift=st.floats(-50, 50))
def test_decompositions_conserve_atoms_and_a_shift_of_an_element_changes_nothing(seed, shift):
    frame = random_phases(seed, ["Li", "Fe", "O"], 12)
    hull = convex_hull(frame)
    table = hull.to_frame().set_index("label")
    fractions = table[["x_Li", "x_Fe", "x_O"]]
    for label in table.index:
        parts = hull.decomposition(label)
        assert set(parts) <= set(hull.stable)
        mixed = sum(share * fractions.loc[part] for part, share in parts.items())
        assert np.allclose(mixed, fractions.loc[label], atol=1e-7)
        energy = sum(share * table["formation_energy"][part] for part, share in parts.items())
        above = table["formation_energy"][label] - energy
        assert above == pytest.approx(table["energy_above_hull"][label], abs=1e-7)
    frame["energy_per_atom"] += shift * fractions["x_O"].to_numpy()
    assert np.allclose(convex_hull(frame).to_frame()["energy_above_hull"],
                       table["energy_above_hull"], atol=1e-7)  # fmt: skip


def test_structures_and_total_energies_say_the_same_as_formulas():
    images = [bulk("Li", cubic=True), Atoms("N2"), Atoms("Li6N2"), Atoms("Li2N6"), Atoms("Li3N6")]
    frame = li_n().assign(structure=images)
    frame["energy"] = frame["energy_per_atom"] * [len(atoms) for atoms in images]
    expected = convex_hull(li_n()).to_frame().drop(columns="n_atoms")
    for drop in (["formula"], ["energy_per_atom"], ["energy"]):
        hull = convex_hull(frame.drop(columns=drop)).to_frame()
        assert hull["n_atoms"].tolist() == [2, 2, 8, 8, 9]
        pd.testing.assert_frame_equal(hull.drop(columns="n_atoms"), expected)


def test_polymorphs_lie_above_the_hull_by_their_difference():
    frame = li_n()
    frame.loc[len(frame)] = ["beta", "Li3N", -3.88]
    frame.loc[len(frame)] = ["molecule", "N2", -7.9]
    table = convex_hull(frame).to_frame().set_index("label")
    assert table["energy_above_hull"]["beta"] == pytest.approx(0.02)
    assert table["formation_energy"]["molecule"] == pytest.approx(0.1)
    assert table["energy_above_hull"]["molecule"] == pytest.approx(0.1)


def test_what_cannot_be_a_hull_is_an_error():
    frame = li_n()
    with pytest.raises(ValueError, match="no phase of pure N"):
        convex_hull(frame[frame["label"] != "alpha"])
    with pytest.raises(ValueError, match="'structure' or 'formula'"):
        convex_hull(frame.drop(columns="formula"))
    with pytest.raises(ValueError, match="'energy_per_atom' or 'energy'"):
        convex_hull(frame.drop(columns="energy_per_atom"))
    with pytest.raises(ValueError, match="energy of 'azide'"):
        convex_hull(frame.assign(energy_per_atom=[-2, -8, -4, np.nan, -6]))
    with pytest.raises(ValueError, match="'x' occurs twice"):
        convex_hull(frame.assign(label=["x", "x", "a", "b", "c"]))
    with pytest.raises(ValueError, match="empty"):
        convex_hull(frame[:0])
    with pytest.raises(ValueError, match="label must be one of bcc"):
        convex_hull(frame).decomposition("NaCl")


def test_lists_of_structures_entries_and_rows_make_the_same_hull():
    energies = {"Li": -1.9, "N2": -16.6, "Li3N": -16.0, "LiN3": -27.2}
    atoms = [Atoms(formula, cell=[9, 9, 9], pbc=True) for formula in energies]
    for one, energy in zip(atoms, energies.values(), strict=True):
        one.calc = SinglePointCalculator(one, energy=energy)
    rows = [{"formula": formula, "energy": energy} for formula, energy in energies.items()]
    entries = [ComputedEntry(formula, energy) for formula, energy in energies.items()]
    expected = convex_hull(pd.DataFrame(rows)).to_frame()
    for phases in (atoms, rows, entries, iter(entries)):
        pd.testing.assert_frame_equal(convex_hull(phases).to_frame(), expected)


def test_phases_without_a_label_are_numbered_where_a_formula_comes_again():
    entries = [ComputedEntry("Li", -1.9), ComputedEntry("Li2", -3.0), ComputedEntry("Li", -1.5)]
    assert convex_hull(entries).to_frame()["label"].tolist() == ["Li", "Li-2", "Li-3"]


@pytest.mark.parametrize("entries", [None, "Li", {"Li": -1.9}, [3.0]])
def test_what_is_no_table_and_no_list_of_phases_is_refused(entries):
    with pytest.raises(TypeError, match="entries"):
        convex_hull(entries)


def test_energies_are_at_hand_by_label():
    hull = convex_hull(li_n())
    frame = hull.to_frame()
    assert hull.formation_energy["Li3N"] == frame["formation_energy"][2]
    assert hull.energy_above_hull.index.tolist() == frame["label"].tolist()
    assert hull.energy_above_hull[list(hull.stable)].tolist() == [0.0] * len(hull.stable)
