"""Connected units and motifs."""

from __future__ import annotations

from collections import Counter

import networkx
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene, make_supercell, molecule
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.search.units import connected_units, motif

INF = float("inf")


def azide(cell=(8, 8, 8), at=(0, 0, 0)) -> Atoms:
    positions = np.array([[0, 0, 0], [0, 0, 1.2], [0, 0, 2.4], [3, 3, 3]]) + at
    atoms = Atoms("N3Li", positions=positions, cell=cell, pbc=True)
    atoms.wrap()
    return atoms


def test_units_are_found_across_the_faces_of_the_cell():
    assert connected_units(azide(), "N", 1.6) == {3: 1}
    assert connected_units(azide(at=(0.1, 0.1, -1.0)), "N", 1.6) == {3: 1}
    assert connected_units(azide(), ["Li", "N"], 1.6) == {3: 1, 1: 1}


def test_a_molecule_without_a_cell_is_one_unit():
    assert connected_units(molecule("C6H6"), ["C", "H"], 1.6) == {12: 1}
    assert connected_units(molecule("C6H6"), "H", 1.6) == {1: 6}


def test_chains_layers_and_nets_are_infinite():
    chain = Atoms("N", cell=[9, 9, 1.3], pbc=True)
    assert connected_units(chain, "N", 1.6) == {INF: 1}
    assert motif(chain) == "N chain"
    layer = graphene(vacuum=8)
    layer.pbc = True
    assert motif(layer, "C", 1.6) == "C layer"
    assert motif(bulk("C"), "C", 1.6) == "C net"
    assert motif(bulk("NaCl", "rocksalt", 5.64), ["Na", "Cl"], 3.0) == "NaCl net"


def test_an_open_direction_does_not_connect():
    assert connected_units(Atoms("N", cell=[9, 9, 1.3], pbc=[1, 1, 0]), "N", 1.6) == {1: 1}


def test_a_zigzag_chain_that_closes_only_after_two_cells_is_a_chain():
    chain = Atoms("N2", positions=[[0, 0, 0], [0.7, 0, 1.1]], cell=[9, 9, 2.2], pbc=True)
    assert motif(chain) == "N chain"
    interwoven = make_supercell(chain, [[1, 0, 0], [0, 1, 0], [0, 0, 3]])
    assert connected_units(interwoven, "N", 1.6) == {INF: 1}


def test_an_atom_that_meets_only_itself_in_a_skewed_cell_is_seen():
    cell = [[1.3, 0, 0], [12.9, 5, 0], [0, 0, 6]]  # a very skewed choice of a plain lattice
    assert motif(Atoms("N", cell=cell, pbc=True)) == "N chain"


def test_names_of_motifs():
    far = [4.0, 4.0, 4.0]
    n2, n = np.array([[0, 0, 0], [0, 0, 1.1]]), np.array([far])
    cell = {"cell": [9, 9, 9], "pbc": True}
    assert motif(Atoms("N2", n2, **cell)) == "N2"
    assert motif(Atoms("N3", np.vstack([n2, n]), **cell)) == "N2+N"
    assert motif(Atoms("N", n, **cell)) == "isolated N"
    assert motif(Atoms("Li", n, **cell)) == "no N"
    both = azide() + Atoms("N2", n2 + far)
    assert motif(both) == "N3+N2"
    assert motif(Atoms("CN", n2, **cell), ["C", "N"]) == "CN"
    assert motif(Atoms("CN", n2, **cell), ["N", "C"]) == "NC"
    assert motif(Atoms("CN", [n2[0], far], **cell), ["C", "N"]) == "isolated C+N"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_invariant_under_rotation_translation_order_and_choice_of_cell(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    cell = rng.normal(0, 1.5, (3, 3)) + np.diag(rng.uniform(2, 5, 3))
    atoms = Atoms(rng.choice(["Li", "N"], n), cell=cell, scaled_positions=rng.random((n, 3)),
                  pbc=True)  # fmt: skip
    expected = connected_units(atoms, "N", 1.6)
    other = atoms.copy()
    other.rotate(rng.uniform(0, 360), rng.normal(size=3), rotate_cell=True)
    other.positions += rng.normal(0, 5, 3)
    other = other[rng.permutation(n)]
    skew = make_supercell(other, [[1, 0, 0], [1, 1, 0], [0, -2, 1]])
    for changed in (other, skew):
        assert connected_units(changed, "N", 1.6) == expected


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_finite_units_are_the_components_that_ase_and_networkx_find(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    atoms = Atoms(f"N{n}", cell=[7, 7, 7], scaled_positions=rng.random((n, 3)), pbc=True)
    atoms.rattle(0.1, seed=seed)
    graph = networkx.Graph(list(zip(*neighbor_list("ij", atoms, 1.6), strict=True)))
    graph.add_nodes_from(range(n))
    sizes = Counter(len(part) for part in networkx.connected_components(graph))
    mine = connected_units(atoms, "N", 1.6)
    if INF not in mine:
        assert mine == sizes


@pytest.mark.parametrize("cutoff", [0, -1.6, float("nan"), float("inf"), "far"])
def test_a_cutoff_that_is_no_length_is_an_error(cutoff):
    with pytest.raises((ValueError, TypeError), match="cutoff"):
        connected_units(azide(), "N", cutoff)


@pytest.mark.parametrize("species", ["Nn", [], ["N", "N"], [""]])
def test_species_that_are_none_are_an_error(species):
    with pytest.raises(ValueError, match="species"):
        motif(azide(), species)


def test_pymatgen_structures_are_as_good_as_atoms():
    azide = Atoms("N3", positions=[[0, 0, 0], [0, 0, 1.2], [0, 0, 2.4]], cell=[6, 6, 6], pbc=True)
    structure = AseAtomsAdaptor.get_structure(azide)
    assert connected_units(structure, "N", 1.6) == Counter({3: 1})
    assert motif(structure) == "N3"


@pytest.mark.parametrize(
    ("structure", "species", "cutoff", "error", "words"),
    [
        (None, "N", 1.6, TypeError, "structure must be"),
        (Atoms("N", positions=[[np.nan] * 3]), "N", 1.6, ValueError, "not finite"),
        (Atoms("N"), None, 1.6, TypeError, "species must be"),
        (Atoms("N"), "N", "1.6", TypeError, "cutoff must be"),
        (Atoms("N"), "N", True, TypeError, "cutoff must be"),
    ],
)
def test_what_is_no_structure_or_no_length_is_said(structure, species, cutoff, error, words):
    with pytest.raises(error, match=words):
        connected_units(structure, species, cutoff)
