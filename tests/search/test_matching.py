"""Merging copies of the same crystal."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell
from ase.calculators.singlepoint import SinglePointCalculator
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.search.matching import unique_structures
from matlearn.search.results import frame_from_atoms


def with_energy(atoms: Atoms, energy_per_atom: float, label: str) -> Atoms:
    atoms = atoms.copy()
    atoms.info["label"] = label
    atoms.calc = SinglePointCalculator(atoms, energy=energy_per_atom * len(atoms))
    return atoms


def disguised(atoms: Atoms, seed: int) -> Atoms:
    """The same crystal in another cell, turned, shifted, reordered and a little rattled."""
    rng = np.random.default_rng(seed)
    atoms = make_supercell(atoms, [[1, 1, 0], [0, 1, 0], [0, 0, 2]])
    atoms.rotate(rng.uniform(0, 360), rng.normal(size=3), rotate_cell=True)
    atoms.positions += rng.normal(size=3)
    atoms.rattle(0.005, seed=seed)
    return atoms[rng.permutation(len(atoms))]


def test_copies_in_other_cells_are_merged_and_the_lowest_is_kept():
    salt = bulk("NaCl", "rocksalt", 5.64)
    images = [with_energy(disguised(salt, i), -3.0 - 0.001 * (i == 2), f"s{i}") for i in range(5)]
    images.append(with_energy(bulk("NaCl", "zincblende", 5.64), -2.999, "z"))
    unique = unique_structures(frame_from_atoms(images))
    assert unique[["label", "copies"]].to_numpy().tolist() == [["s2", 5], ["z", 1]]
    assert unique.index.tolist() == [0, 1]


def test_energy_volume_and_composition_keep_apart_what_the_matcher_would_merge():
    copper = bulk("Cu")
    far = with_energy(copper, -3.5 + 0.02, "far")
    wide = with_energy(bulk("Cu", a=3.7), -3.5, "wide")
    silver = with_energy(bulk("Ag", a=3.61), -3.5, "silver")
    frame = frame_from_atoms([with_energy(copper, -3.5, "copper"), far, wide, silver])
    assert sorted(unique_structures(frame)["label"]) == ["copper", "far", "silver", "wide"]
    loose = unique_structures(frame, energy_tolerance=0.1, volume_tolerance=0.2)
    assert loose[["formula", "copies"]].to_numpy().tolist() == [["Cu", 3], ["Ag", 1]]


def test_structures_without_energies_are_compared_by_shape_alone():
    frame = frame_from_atoms([bulk("Cu"), disguised(bulk("Cu"), 1), bulk("Cu", "bcc", 2.87)])
    assert unique_structures(frame)["copies"].tolist() == [2, 1]


def test_nothing_in_nothing_out_and_bad_arguments_are_errors():
    empty = frame_from_atoms([])
    assert unique_structures(empty).columns.tolist() == [*empty.columns, "copies"]
    with pytest.raises(ValueError, match="'structure'"):
        unique_structures(empty.drop(columns="structure"))
    with pytest.raises(ValueError, match="site_tolerance"):
        unique_structures(empty, site_tolerance=-0.1)


def test_the_published_ground_state_is_merged_and_kept_apart_from_its_neighbours(lin2_airss):
    unique = unique_structures(lin2_airss["refine-run1"])
    above = 1000 * (unique["energy_per_atom"] - unique["energy_per_atom"].min())
    first = unique.iloc[0]
    assert (first["space_group"], first["copies"]) == ("P-6m2", 12)
    cmmm = unique[(above > 16) & (above < 20)]
    assert (cmmm["space_group"] == "Cmmm").all()
    assert cmmm["copies"].sum() == 7
    assert unique["copies"].sum() == 30
    trigonal = unique[unique["space_group"] == "R-3m"]
    assert trigonal["copies"].tolist() == [4]
    assert above[trigonal.index[0]] == pytest.approx(4.1, abs=0.05)


def test_what_is_no_table_or_no_tolerance_is_refused():
    with pytest.raises(TypeError, match="frame must be a pandas DataFrame"):
        unique_structures([bulk("Cu")])
    with pytest.raises(TypeError, match="energy_tolerance must be a number"):
        unique_structures(frame_from_atoms([bulk("Cu")]), energy_tolerance="5 meV")


def test_a_table_may_hold_pymatgen_structures():
    frame = frame_from_atoms([bulk("Cu"), bulk("Cu", cubic=True), bulk("Cu", "bcc", a=2.9)])
    frame["structure"] = [AseAtomsAdaptor.get_structure(atoms) for atoms in frame["structure"]]
    assert unique_structures(frame)["copies"].tolist() == [2, 1]
