"""Random crystals."""

from __future__ import annotations

import warnings
from collections import Counter

import numba
import numpy as np
import pytest
import spglib
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st

from matlearn._compiling import compiled
from matlearn.search._space_groups import groups_by_order, sites, space_group
from matlearn.search.generate import GenerationError, random_structures

SEPARATIONS = {"Li-Li": 2.5, ("N", "Li"): 1.9, "N-N": 1.5}
SEED_FILE = {"volume_per_formula_unit": 30.0, "min_separation": SEPARATIONS}


def closest(atoms) -> dict[str, float]:
    first, second, distance = neighbor_list("ijd", atoms, 3.0)
    found: dict[str, float] = {}
    for i, j, d in zip(first, second, distance, strict=True):
        pair = "-".join(sorted((atoms.symbols[i], atoms.symbols[j])))
        found[pair] = min(d, found.get(pair, np.inf))
    return found


def operations(atoms, symprec=1e-3) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
        return len(spglib.get_symmetry(cell, symprec=symprec)["rotations"])


@pytest.mark.parametrize("symmetry", [1, [2, 3, 4], 6, 8])
def test_separations_composition_volume_and_symmetry_are_as_asked_for(symmetry):
    made = list(random_structures("LiN2", 40, formula_units=[2, 3, 4, 6], seed=7,
                                  symmetry_operations=symmetry, **SEED_FILE))  # fmt: skip
    assert len(made) == 40
    fewest = min(np.atleast_1d(symmetry))
    for number, atoms in enumerate(made):
        assert atoms.info["label"] == f"LiN2-{number:04d}"
        assert atoms.pbc.all()
        assert len(atoms) in (6, 9, 12, 18)
        counts = Counter(atoms.get_chemical_symbols())
        assert counts["N"] == 2 * counts["Li"]
        assert atoms.cell.volume == pytest.approx(30.0 * counts["Li"])
        apart = closest(atoms)
        assert apart.get("Li-Li", 9) >= 2.5
        assert apart.get("Li-N", 9) >= 1.9
        assert apart.get("N-N", 9) >= 1.5
        assert operations(atoms) >= fewest
        heights = atoms.cell.volume / np.linalg.norm(
            np.cross(atoms.cell[[1, 2, 0]], atoms.cell[[2, 0, 1]]), axis=1
        )
        assert heights.min() >= 0.499 * atoms.cell.volume ** (1 / 3)
    assert len({len(atoms) for atoms in made}) > 1


@pytest.mark.parametrize("order", list(groups_by_order()))
def test_every_number_of_operations_can_be_had(order):
    made = random_structures("NaCl", 3, formula_units=[4, 8], volume_per_formula_unit=60.0,
                             min_separation=1.5, symmetry_operations=order, seed=3)  # fmt: skip
    for atoms in made:
        assert operations(atoms) >= order
        assert operations(atoms) % space_group_order(atoms) == 0


def space_group_order(atoms) -> int:
    symbols = {space_group(n).symbol: n for n in range(1, 231)}
    return space_group(symbols[atoms.info["starting_group"]]).order


def test_structure_number_i_depends_on_the_seed_and_i_only():
    request = {"formula_units": [2, 3], "symmetry_operations": range(1, 5), **SEED_FILE}
    few = list(random_structures("LiN2", 3, seed=5, **request))
    many = list(random_structures("LiN2", 8, seed=5, **request))
    assert all(a == b for a, b in zip(few, many[:3], strict=True))
    other = list(random_structures("LiN2", 3, seed=6, **request))
    assert not any(a == b for a, b in zip(few, other, strict=True))


def test_positions_of_a_dense_packing_are_reached_by_pushing():
    # spheres of this size fill 55 per cent of space: rejection would never get there
    dense = random_structures("Cu", 4, formula_units=12, min_separation=2.0,
                              volume_per_formula_unit=np.pi / 6 * 8 / 0.55, seed=1)  # fmt: skip
    for atoms in dense:
        assert neighbor_list("d", atoms, 3.0).min() >= 2.0


def test_a_single_atom_keeps_away_from_its_own_images():
    for atoms in random_structures("Cu", 20, formula_units=1, volume_per_formula_unit=12.0,
                                   min_separation=2.2, seed=2):  # fmt: skip
        assert neighbor_list("d", atoms, 6.0).min() >= 2.2


def test_a_range_of_volumes_is_drawn_from():
    volumes = [atoms.cell.volume for atoms in random_structures(
        "Cu", 20, formula_units=2, volume_per_formula_unit=(10, 14), min_separation=1.8, seed=1
    )]  # fmt: skip
    assert 20 <= min(volumes) < 22.5
    assert 25.5 < max(volumes) <= 28


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"formula": "LiXx2"}, ValueError, "'Xx'"),
        ({"formula": ""}, ValueError, "formula"),
        ({"count": 0}, ValueError, "count must be at least 1"),
        ({"count": 2.5}, TypeError, "count"),
        ({"formula_units": []}, ValueError, "formula_units"),
        ({"formula_units": 0}, ValueError, "formula_units"),
        ({"volume_per_formula_unit": -1}, ValueError, "volume_per_formula_unit"),
        ({"volume_per_formula_unit": (30, 20)}, ValueError, "volume_per_formula_unit"),
        ({"min_separation": {"Li-Li": 2.5, "N-N": 1.5}}, ValueError, "'Li-N'"),
        ({"min_separation": {"Li-H": 2.5}}, ValueError, "Li-H"),
        ({"min_separation": {**SEPARATIONS, "Li-N": 3.0}}, ValueError, "twice"),
        ({"min_separation": 0.0}, ValueError, "min_separation"),
        ({"min_separation": "far"}, TypeError, "min_separation"),
        ({"min_separation": 3.5}, ValueError, "cannot be packed"),
        ({"symmetry_operations": 5}, ValueError, "symmetry_operations .* got 5"),
        ({"seed": -1}, ValueError, "seed"),
    ],
)
def test_a_request_that_makes_no_sense_is_an_error_at_once(change, error, match):
    request = {"formula": "LiN2", "count": 2, "formula_units": 2, "seed": 1, **SEED_FILE, **change}
    with pytest.raises(error, match=match):
        random_structures(request.pop("formula"), request.pop("count"), **request)


def test_what_cannot_be_packed_ends_with_an_error_that_says_what_to_change():
    tight = random_structures("LiN2", 5, formula_units=6, volume_per_formula_unit=30.0,
                              min_separation=2.4, seed=1)  # fmt: skip
    with pytest.raises(GenerationError, match=r"too close.*raise volume_per_formula_unit") as error:
        list(tight)
    assert error.value.made == 0


def test_atoms_that_fit_on_no_sites_are_an_error():
    # cubic groups of 48 operations have at most two sites of one atom each
    with pytest.raises(GenerationError, match="do not fit on the sites"):
        list(random_structures("LiNaKRbCs", 1, formula_units=1, volume_per_formula_unit=900.0,
                               min_separation=1.0, symmetry_operations=48, seed=1))  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(number=st.integers(1, 230))
def test_sites_are_those_of_the_international_tables(number):
    pyxtal = pytest.importorskip("pyxtal.symmetry")
    group, theirs = space_group(number), pyxtal.Group(number)
    centrings = len(theirs[0].ops) // group.order
    mine = sites(number)
    assert {(s.multiplicity, s.freedom) for s in mine} == {
        (w.multiplicity // centrings, w.get_dof()) for w in theirs
    }
    points = sorted(s.multiplicity for s in mine if s.freedom == 0)
    assert points == sorted(w.multiplicity // centrings for w in theirs if w.get_dof() == 0)
    assert all(len(s.operations) == s.multiplicity for s in mine)


def test_kernels_are_compiled_without_a_cache_where_none_can_be_kept(monkeypatch):
    njit = numba.njit

    def no_folder_to_write_to(function=None, *, cache=False):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(function)

    monkeypatch.setattr(numba, "njit", no_folder_to_write_to)
    assert compiled(lambda x: x + 1)(1) == 2


def test_space_groups_are_looked_up_without_a_word():
    for function in (space_group, sites):
        function.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(
            random_structures(
                "LiN2", 1, formula_units=2, symmetry_operations=4, seed=1, **SEED_FILE
            )
        )


def test_no_symmetry_may_be_asked_for_as_none():
    one, none = (
        next(
            random_structures(
                "LiN2", 1, formula_units=2, symmetry_operations=n, seed=1, **SEED_FILE
            )
        )
        for n in (1, None)
    )
    assert one == none


@pytest.mark.parametrize("change", [{"volume_per_formula_unit": "30"}, {"seed": None}])
def test_arguments_of_another_type_are_refused(change):
    request = {"formula_units": 2, "seed": 1, **SEED_FILE, **change}
    with pytest.raises(TypeError, match=next(iter(change))):
        random_structures("LiN2", 1, **request)


def test_a_separation_of_something_that_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="must be a pair of Li, N"):
        random_structures("LiN2", 1, formula_units=2, volume_per_formula_unit=30.0, seed=1,
                          min_separation={1: 2.5})  # fmt: skip
