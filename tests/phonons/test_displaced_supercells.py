"""Displaced supercells: how many, how far, and that sets grow and survive files."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from matlearn import phonons

SALT = bulk("NaCl", "rocksalt", a=5.6, cubic=True)


def test_sodium_chloride_needs_292_supercells_back_and_forth_and_146_one_way():
    both = phonons.systematic_displacements(SALT, (2, 2, 2))
    assert (len(both), both.distance, both.kind, both.atoms) == (292, 0.01, "systematic", 64)
    assert len(phonons.systematic_displacements(SALT, (2, 2, 2), plus_minus="auto")) == 146
    assert repr(both) == "Displacements(NaCl, 292 systematic of 0.01 A, 64 atoms)"


def test_supercells_are_those_of_phono3py(aluminium):
    ours = phonons.systematic_displacements(aluminium, (2, 2, 2), plus_minus="auto", distance=0.03)
    theirs = ours.phono3py().supercells_with_displacements
    assert len(ours) == len(theirs) == 37
    for one, other in zip(ours, theirs, strict=True):
        assert np.allclose(one.positions, other.positions)
        assert np.allclose(one.cell, other.cell)
    moved = np.linalg.norm(ours.displacements, axis=2)
    assert set((moved > 0).sum(axis=1)) <= {1, 2}


def test_a_single_displacement_is_enough_for_the_second_order(aluminium):
    single = phonons.systematic_displacements(aluminium, (2, 2, 2), order=2, plus_minus="auto")
    assert (len(single), single.order) == (1, 2)


def test_a_cut_off_leaves_pairs_out(aluminium):
    cut = phonons.systematic_displacements(
        aluminium, (2, 2, 2), plus_minus="auto", cutoff_pair_distance=3.5
    )
    assert len(cut) < 37
    kept = [one for one in cut.phono3py().supercells_with_displacements if one is not None]
    assert len(kept) == len(cut)
    assert all(np.allclose(a.positions, b.positions) for a, b in zip(cut, kept, strict=True))


def test_a_supercell_too_small_for_the_cut_off_is_refused(aluminium):
    with pytest.raises(ValueError, match=r"5 A is too long for this supercell, .* every 7.99 A"):
        phonons.systematic_displacements(aluminium, (2, 2, 2), cutoff_pair_distance=5)


def test_random_sets_grow_and_depend_on_their_seed_alone(aluminium):
    few = phonons.random_displacements(aluminium, (2, 2, 2), count=3, seed=5)
    many = phonons.random_displacements(aluminium, (2, 2, 2), count=7, seed=5)
    assert np.array_equal(many.displacements[:3], few.displacements)
    assert np.array_equal((few + many[3:]).displacements, many.displacements)
    other = phonons.random_displacements(aluminium, (2, 2, 2), count=3, seed=6)
    assert not np.allclose(other.displacements, few.displacements)
    assert np.allclose(np.linalg.norm(many.displacements, axis=2), 0.03)
    assert abs(many.displacements.mean()) < 0.003  # no direction is preferred


def test_reversed_supercells_follow_their_originals(aluminium):
    pairs = phonons.random_displacements(aluminium, (1, 1, 1), count=4, plus_minus=True)
    assert np.allclose(pairs.displacements[0::2], -pairs.displacements[1::2])
    with pytest.raises(ValueError, match="count must be even with plus_minus=True, got 3"):
        phonons.random_displacements(aluminium, (1, 1, 1), count=3, plus_minus=True)


def test_sets_that_do_not_belong_together_are_not_joined(aluminium):
    one = phonons.random_displacements(aluminium, (2, 2, 2), count=2, distance=0.03)
    with pytest.raises(ValueError, match=r"distances differ, 0.03 A and 0.01 A"):
        one + phonons.random_displacements(aluminium, (2, 2, 2), count=2, seed=1, distance=0.01)
    with pytest.raises(ValueError, match="hold the same supercell: draw the second with another"):
        one + phonons.random_displacements(aluminium, (2, 2, 2), count=3)
    with pytest.raises(ValueError, match="not of the same cell and supercell"):
        one + phonons.random_displacements(aluminium, (1, 2, 2), count=2, seed=1)
    systematic = phonons.systematic_displacements(aluminium, (1, 1, 1), plus_minus="auto")
    with pytest.raises(ValueError, match="only random displacements can be joined"):
        one + systematic
    with pytest.raises(ValueError, match="belong together and cannot be cut"):
        systematic[:2]


@pytest.mark.parametrize("suffix", [".yaml", ".yaml.xz", ".yaml.gz"])
@pytest.mark.parametrize("kind", ["random", "systematic", "cut"])
def test_files_of_phono3py_give_the_same_displacements_back(aluminium, tmp_path, kind, suffix):
    if kind == "random":
        made = phonons.random_displacements(aluminium, (2, 1, 1), count=3)
    else:
        cutoff = 1.9 if kind == "cut" else None
        made = phonons.systematic_displacements(aluminium, (2, 1, 1), cutoff_pair_distance=cutoff)
    made.save(tmp_path / f"phono3py_disp{suffix}")
    read = phonons.read_displacements(tmp_path / f"phono3py_disp{suffix}")
    assert repr(read) == repr(made)
    assert np.allclose(read.displacements, made.displacements, atol=1e-12)
    assert np.allclose(read.supercell.positions, made.supercell.positions, atol=1e-9)
    assert [path.name for path in tmp_path.iterdir()] == [f"phono3py_disp{suffix}"]


def test_a_larger_supercell_for_the_second_order_survives_the_file(aluminium, tmp_path):
    made = phonons.systematic_displacements(
        aluminium, (1, 1, 1), phonon_supercell=(2, 2, 2), plus_minus="auto"
    )
    assert (made.atoms, made.harmonic.atoms, len(made.harmonic)) == (4, 32, 1)
    made.save(tmp_path / "disp.yaml")
    read = phonons.read_displacements(tmp_path / "disp.yaml")
    assert repr(read) == repr(made)
    assert np.allclose(read.harmonic.displacements, made.harmonic.displacements)


def test_mixed_distances_are_found_in_a_file(aluminium, tmp_path):
    near = phonons.random_displacements(aluminium, (1, 1, 1), count=2, distance=0.01)
    made = near.phono3py()
    far = phonons.random_displacements(aluminium, (1, 1, 1), count=2, distance=0.05)
    made.dataset = {"displacements": np.concatenate([near.displacements, far.displacements])}
    made.save(tmp_path / "mixed.yaml")
    read = phonons.read_displacements(tmp_path / "mixed.yaml")
    assert read.distance is None
    assert read.messages == ("displacement distances are mixed, 0.01 to 0.05 A",)
    assert "mixed distances" in repr(read)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"supercell": (2, 2)}, ValueError, "supercell must be three integers such as"),
        ({"supercell": (2, 2, 0)}, ValueError, "positive determinant"),
        ({"supercell": (1.5, 2, 2)}, ValueError, "integers"),
        ({"supercell": "2x2x2"}, TypeError, "supercell must be three integers"),
        ({"count": 0}, ValueError, "count must be at least 1, got 0"),
        ({"count": 2.0}, TypeError, "count must be a whole number"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"distance": 0}, ValueError, "distance must be above 0 and at most 0.5 A"),
        ({"distance": 3}, ValueError, "distance must be above 0 and at most 0.5 A"),
        ({"distance": "0.01"}, TypeError, "distance must be a number"),
        ({"primitive_matrix": "Q"}, ValueError, "primitive_matrix must be 'auto', one of P, F"),
        ({"primitive_matrix": [[2, 0, 0]]}, ValueError, "must be a 3x3 matrix"),
        ({"cell": bulk("Al").positions}, TypeError, "cell must be ASE Atoms or a pymatgen"),
    ],
)
def test_arguments_that_make_no_sense_are_named(change, error, words):
    given = {"cell": bulk("Al"), "supercell": (2, 2, 2), "count": 1} | change
    with pytest.raises(error, match=words):
        phonons.random_displacements(given.pop("cell"), given.pop("supercell"), **given)


def test_a_molecule_has_no_phonons_here():
    water = bulk("Al")
    water.pbc = [True, True, False]
    with pytest.raises(ValueError, match="must be periodic in all three directions"):
        phonons.systematic_displacements(water, (1, 1, 1))


def test_other_files_are_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        phonons.read_displacements(tmp_path / "none.yaml")
    (tmp_path / "other.yaml").write_text("a: 1\n")
    with pytest.raises(ValueError, match="is no YAML file of phono3py: it has no unit_cell"):
        phonons.read_displacements(tmp_path / "other.yaml")
    (tmp_path / "broken.yaml.xz").write_bytes(b"1234")
    with pytest.raises(ValueError, match="cannot be read as YAML"):
        phonons.read_displacements(tmp_path / "broken.yaml.xz")
    with pytest.raises(ValueError, match=r"path must end in .yaml"):
        phonons.read_displacements(tmp_path / "POSCAR")


def noisy(atoms, size):
    """Give a cell with what a relaxation leaves: a little strain and rotation, atoms astray."""
    drawn = np.random.default_rng(0)
    made = atoms.copy()
    made.set_cell(made.cell.array @ (np.eye(3) + size * drawn.normal(size=(3, 3))), True)
    made.positions += size * drawn.normal(size=made.positions.shape)
    return made


@pytest.mark.parametrize("exact", [SALT, bulk("Mg"), bulk("ZnO", "wurtzite", a=3.25, c=5.2)])
def test_the_noise_of_a_relaxation_is_taken_out_of_a_cell(exact):
    cell = phonons.random_displacements(noisy(exact, 1e-8), (2, 2, 2), count=1).unitcell
    assert ((cell.cell.array == 0) == (exact.cell.array == 0)).all()  # so that products stay sparse
    np.testing.assert_allclose(cell.cell.array, exact.cell.array, atol=1e-6)
    apart, wanted = (one.get_all_distances(mic=True) for one in (cell, exact))
    np.testing.assert_allclose(apart, wanted, rtol=1e-7, atol=1e-9)


def test_a_cell_that_lacks_a_symmetry_is_left_alone():
    cell = noisy(SALT, 1e-3)
    made = phonons.systematic_displacements(cell, (1, 1, 1), order=2, plus_minus=False).unitcell
    np.testing.assert_allclose(made.positions, cell.positions, rtol=0, atol=1e-12)


def test_two_atoms_in_one_place_are_refused():
    twice = SALT + SALT[:1]
    with pytest.raises(ValueError, match=r"two atoms .* apart: is one there twice"):
        phonons.random_displacements(twice, (2, 2, 2), count=1)


def test_a_left_handed_cell_is_refused_with_what_to_do():
    cell = SALT.copy()
    cell.set_cell(cell.cell.array[[1, 0, 2]])
    with pytest.raises(ValueError, match="left-handed"):
        phonons.random_displacements(cell, (1, 1, 1), count=1)
    cell.set_cell(-cell.cell)
    cell.wrap()
    assert phonons.random_displacements(cell, (1, 1, 1), count=1).atoms == 8
