"""Candidate structures: counted as in the literature, and as icet counts them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import atomic_numbers
from ase.neighborlist import neighbor_list
from ase.utils.structure_comparator import SymmetryEquivalenceCheck

from matlearn.potentials.candidates import (
    alloy_candidates,
    enumerate_orderings,
    volumes_of_elements,
)

HART_FORCADE = {2: 2, 3: 3, 4: 12, 5: 14, 6: 50, 7: 52, 8: 229}
"""Binary structures of n atoms on fcc or bcc, where exchanging A and B makes no new one: Table IV
of G. L. W. Hart and R. W. Forcade, Phys. Rev. B 77, 224115 (2008)."""


@pytest.mark.parametrize("lattice", ["fcc", "bcc"])
def test_binaries_are_counted_as_hart_and_forcade_count_them(lattice):
    for size in (3, 5, 7):  # no structure of odd size is its own mirror image
        assert len(enumerate_orderings(lattice, ["Cu", "Au"], size)) == 2 * HART_FORCADE[size]
    for size in (2, 4, 6):
        structures = enumerate_orderings(lattice, ["Cu", "Au"], size)
        own = [atoms for atoms in structures if _is_its_own_mirror_image(atoms)]
        assert (len(structures) + len(own)) / 2 == HART_FORCADE[size]


@pytest.mark.parametrize(
    ("lattice", "species", "sizes"),
    [("fcc", "AB", 8), ("bcc", "ABC", 4), ("hcp", "AB", 8), ("hcp", "ABC", 4)],
)
def test_orderings_are_as_many_as_those_of_icet(lattice, species, sizes):
    enumerate_structures = pytest.importorskip("icet.tools").enumerate_structures
    symbols = {"A": "Cu", "B": "Au", "C": "Ag"}
    chosen = [symbols[letter] for letter in species]
    primitive = bulk("X", lattice, a=1.0)
    for size in range(len(primitive), sizes + 1, len(primitive)):
        theirs = enumerate_structures(primitive, [size // len(primitive)], chosen)
        counted = [_composition(atoms, chosen) for atoms in theirs]
        ours = [_composition(a, chosen) for a in enumerate_orderings(lattice, chosen, size)]
        assert sorted(ours) == sorted(counted)


@pytest.mark.parametrize("lattice", ["fcc", "bcc", "hcp"])
def test_no_two_orderings_are_the_same_crystal(lattice):
    structures = enumerate_orderings(lattice, ["Cu", "Au"], 4)
    same = SymmetryEquivalenceCheck()
    for first, second in itertools.combinations(structures, 2):
        if first.symbols.count("Cu") == second.symbols.count("Cu"):
            assert not same.compare(first, [second])


@pytest.mark.parametrize(("lattice", "neighbours"), [("fcc", 12), ("bcc", 8), ("hcp", 12)])
def test_every_candidate_sits_on_its_lattice_with_the_volume_of_its_elements(lattice, neighbours):
    volumes = {"Cu": 11.0, "Au": 17.0}
    edge = {"fcc": 4, "bcc": 2, "hcp": np.sqrt(2)}[lattice] ** (1 / 3)
    nearest = {"fcc": np.sqrt(0.5), "bcc": np.sqrt(0.75), "hcp": 1.0}[lattice] * edge
    for atoms in alloy_candidates(["Cu", "Au"], 4, lattices=[lattice], volumes=volumes):
        expected = sum(volumes[symbol] for symbol in atoms.symbols)
        assert atoms.get_volume() == pytest.approx(expected)
        reach = nearest * (expected / len(atoms)) ** (1 / 3)
        first, distances = neighbor_list("id", atoms, 1.01 * reach)
        assert np.bincount(first).tolist() == [neighbours] * len(atoms)
        assert distances == pytest.approx(reach)


def test_candidates_keep_their_names_when_larger_ones_are_added():
    small = alloy_candidates(["Ni", "Pt"], 3)
    large = {atoms.info["label"]: atoms for atoms in alloy_candidates(["Ni", "Pt"], 4)}
    assert len(large) == 29 + 29 + 13
    for atoms in small:
        assert np.array_equal(atoms.positions, large[atoms.info["label"]].positions)
        assert atoms.info["label"].startswith(atoms.info["lattice"])
    assert {"fcc-0000-Ni", "bcc-0001-Pt", "hcp-0001-NiPt"} <= set(large)


def test_a_lattice_of_ones_own_is_enumerated():
    rocksalt_sublattice = bulk("Cu", "fcc", a=4.2)
    assert len(enumerate_orderings(rocksalt_sublattice, ["Ti", "Zr"], 4)) == 19
    square = Atoms("X", cell=[3.0, 3.0, 20.0], pbc=True)
    assert len(enumerate_orderings(square, ["Cu", "Au"], 1)) == 2


def test_volumes_are_those_of_the_elements_crystals():
    volumes = volumes_of_elements(["Cu", "Mg", "W"])
    assert volumes["Cu"] == pytest.approx(3.61**3 / 4, rel=2e-3)
    assert volumes["W"] == pytest.approx(3.16**3 / 2, rel=5e-3)
    assert volumes["Mg"] == pytest.approx(bulk("Mg").get_volume() / 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: enumerate_orderings("fcc", "CuAu", 2), "species must be different"),
        (lambda: enumerate_orderings("fcc", ["Cu", "Cu"], 2), "species must be different"),
        (lambda: enumerate_orderings("fcc", ["Cu", "Qq"], 2), "species must be different"),
        (lambda: enumerate_orderings("diamond", ["Cu"], 2), "lattice must be one of fcc, bcc, hcp"),
        (lambda: enumerate_orderings("hcp", ["Cu", "Au"], 3), "multiple of the 2 sites"),
        (lambda: enumerate_orderings("fcc", ["Cu", "Au"], 13), "n_atoms must be 1 to 12"),
        (lambda: enumerate_orderings(bulk("Cu", cubic=True), ["Cu", "Au"], 4), "primitive cell"),
        (lambda: enumerate_orderings("fcc", ["Cu", "Au", "Ag", "Pd"], 12), "ask for smaller"),
        (lambda: alloy_candidates(["Cu", "Au"], 2, lattices="fcc"), "lattices must be some of"),
        (lambda: alloy_candidates(["Cu", "Au"], 2, volumes={"Cu": 11.0}), "volume of Au"),
        (lambda: alloy_candidates(["Cu", "Au"], 2, volumes={"Cu": 0, "Au": 1}), "volume of Cu"),
        (lambda: alloy_candidates(["Cu", "Ga"], 2), "volume of Ga is not known"),
    ],
)
def test_wrong_arguments_are_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_size_must_be_a_whole_number():
    with pytest.raises(TypeError, match="n_atoms must be a whole number"):
        enumerate_orderings("fcc", ["Cu", "Au"], 2.0)


def _composition(atoms: Atoms, symbols: list[str]) -> tuple[int, ...]:
    return tuple(int((atoms.numbers == atomic_numbers[symbol]).sum()) for symbol in symbols)


def _is_its_own_mirror_image(atoms: Atoms) -> bool:
    """Tell whether exchanging the two elements gives the same crystal."""
    mirrored = atoms.copy()
    mirrored.symbols = ["Au" if symbol == "Cu" else "Cu" for symbol in atoms.symbols]
    if sorted(mirrored.numbers) != sorted(atoms.numbers):
        return False
    return bool(SymmetryEquivalenceCheck().compare(atoms.copy(), [mirrored]))
