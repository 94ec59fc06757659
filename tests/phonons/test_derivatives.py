"""Force constants against a crystal known exactly, peers, and published frequencies."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from matlearn import phonons

QUIET = {"workers": 1, "progress": False}
SUPERCELL = (2, 2, 2)


class Springs(Calculator):
    """A simple cubic crystal whose neighbours are held by springs: every number is known."""

    implemented_properties = ("energy", "forces")
    k, g = 2.0, 5.0
    """k u^2 / 2 of each component of a stretch, g u^3 / 6 of that along the spring (eV/A2, eV/A3)."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        size = round(len(atoms) ** (1 / 3))
        spacing = atoms.cell.lengths()[0] / size
        cells = np.rint(atoms.positions / spacing).astype(int) % size
        moved = np.empty((size,) * 3 + (3,))
        moved[tuple(cells.T)] = (
            (atoms.positions - cells * spacing + 0.5 * spacing * size) % (spacing * size)
        ) - 0.5 * spacing * size
        energy, forces = 0.0, np.zeros_like(moved)
        for axis in range(3):
            stretch = np.roll(moved, -1, axis) - moved
            pull = self.k * stretch
            pull[..., axis] += self.g * stretch[..., axis] ** 2 / 2
            energy += self.k * (stretch**2).sum() / 2 + self.g * (stretch[..., axis] ** 3).sum() / 6
            forces += pull - np.roll(pull, 1, axis)
        self.results = {"energy": energy, "forces": forces[tuple(cells.T)]}


@pytest.fixture(scope="module")
def springs():
    return phonons.force_constants(
        Springs(), cell=bulk("Po", "sc", a=3.0), supercell=(3, 3, 3), distance=0.01, progress=False
    )


@pytest.fixture(scope="module")
def fitted():
    """Aluminium by the fit."""
    cell = bulk("Al", a=3.9943, cubic=True)
    return phonons.force_constants("emt", cell=cell, supercell=SUPERCELL, method="symfc", **QUIET)


def test_springs_are_found(springs):
    # second order: 6 k on the atom itself, -k to each neighbour, in every direction
    assert springs.fc2.shape == (1, 27, 3, 3)
    assert np.allclose(springs.fc2[0, 0], 6 * 2.0 * np.eye(3), atol=1e-6)
    assert np.allclose(springs.fc2[0, 1], -2.0 * np.eye(3), atol=1e-6)
    # third order of a cubic spring: odd, so its terms on the atom itself cancel between both
    # sides, and the neighbours have +g and -g
    assert springs.fc3.shape == (1, 27, 27, 3, 3, 3)
    assert abs(springs.fc3[0, 0, 0]).max() < 1e-3
    signs = sorted(springs.fc3[0, 0, n, 0, 0, 0] for n in (1, 2))
    assert signs == pytest.approx([-5.0, 5.0], abs=1e-3)
    assert springs.messages == ()


def test_frequencies_of_springs_follow_the_dispersion_of_textbooks(springs):
    mass = springs.primitive.get_masses()[0]
    q = np.array([[0.2, 0.1, 0.4], [0.5, 0, 0], [0.5, 0.5, 0.5]])
    squared = 4 * 2.0 * (np.sin(np.pi * q) ** 2).sum(axis=1) / mass
    expected = np.sqrt(squared) * 15.633302  # THz of sqrt(eV / A2 / u)
    assert np.allclose(springs.frequencies(q), expected[:, None], rtol=1e-5)
    assert springs.frequencies([0.5, 0, 0]).shape == (3,)


def test_differences_and_fit_agree(fitted, differences):
    assert (fitted.method, differences.method) == ("symfc", "systematic")
    largest = np.abs(fitted.fc2).max()
    assert np.allclose(fitted.fc2, differences.fc2, atol=0.01 * largest)
    q = [[0.5, 0.5, 0], [0.25, 0.1, 0.6]]
    assert np.allclose(fitted.frequencies(q), differences.frequencies(q), atol=0.02)
    third = np.abs(fitted.fc3).max()
    assert np.allclose(fitted.fc3, differences.fc3, atol=0.05 * third)
    assert fitted.messages == differences.messages == ()


def test_constants_add_up_to_zero(fitted, differences):
    for one in (fitted, differences):
        assert np.abs(one.fc2.sum(axis=1)).max() < 1e-6
        assert np.abs(one.fc3.sum(axis=2)).max() < 1e-6
        assert np.allclose(one.frequencies([0, 0, 0]), 0, atol=1e-3)


def test_frequencies_agree_with_those_of_ase(aluminium, differences, tmp_path):
    from ase.phonons import Phonons

    peer = Phonons(bulk("Al", a=3.9943), EMT(), supercell=(4, 4, 4), name=str(tmp_path / "ase"))
    peer.run()
    peer.read(acoustic=True)
    q = [[0.5, 0.5, 0], [0.5, 0.5, 0.5]]  # both supercells hold these
    theirs = peer.band_structure(q, verbose=False) / 4.135667696e-3
    assert np.allclose(differences.frequencies(q), theirs, atol=0.05)


def test_the_second_order_alone_needs_single_displacements(aluminium, differences):
    second = phonons.force_constants("emt", cell=aluminium, supercell=SUPERCELL, order=2, **QUIET)
    assert second.fc3 is None
    q = [[0.5, 0.5, 0], [0.25, 0.1, 0.6]]
    assert np.allclose(second.frequencies(q), differences.frequencies(q), atol=0.005)
    moved = phonons.systematic_displacements(aluminium, SUPERCELL, order=2)
    with pytest.raises(ValueError, match=r"needs displaced pairs.* of single atoms: take order=2"):
        phonons.force_constants(moved, calculator="emt", **QUIET)
    found = phonons.force_constants(moved, calculator="emt", order=2, **QUIET)
    assert np.allclose(found.fc2, second.fc2, atol=1e-6)


def test_a_larger_supercell_gives_the_second_order(aluminium):
    with pytest.warns(UserWarning, match="third-order constants are next to nothing"):
        found = phonons.force_constants(
            "emt", cell=aluminium, supercell=(1, 1, 1), phonon_supercell=SUPERCELL, **QUIET
        )
    assert found.fc2.shape == (1, 32, 3, 3)
    assert found.fc3.shape[:3] == (1, 4, 4)
    assert "(32 for order 2)" in repr(found)
    alone = phonons.force_constants("emt", cell=aluminium, supercell=SUPERCELL, order=2, **QUIET)
    assert np.allclose(found.frequencies([0.5, 0.5, 0]), alone.frequencies([0.5, 0.5, 0]))


def test_a_cut_off_makes_far_constants_zero(aluminium):
    cut = phonons.force_constants(
        "emt", cell=aluminium, supercell=SUPERCELL, method="symfc", cutoff=3.5, count=8, **QUIET
    )
    far = cut.supercell.get_all_distances(mic=True)[cut.phono3py().primitive.p2s_map[0]] > 3.6
    assert np.abs(cut.fc3[0][far]).max() < 1e-12
    moved = phonons.systematic_displacements(aluminium, SUPERCELL, cutoff_pair_distance=3.5)
    pairs = phonons.force_constants(moved, calculator="emt", **QUIET)
    assert np.abs(pairs.fc3[0, 0][far]).max() < 0.03 * np.abs(pairs.fc3).max()


def test_imaginary_modes_are_named_with_their_place_and_meaning():
    cell = bulk("Al", "sc", a=2.6)  # simple cubic, which no pair potential holds up
    with pytest.warns(UserWarning) as caught:
        found = phonons.force_constants(
            LennardJones(sigma=2.4, epsilon=0.2, rc=6),
            cell=cell, supercell=(3, 3, 3), order=2, progress=False,
        )  # fmt: skip
    said = " ".join(str(one.message) for one in caught)
    assert "imaginary modes: down to" in said
    assert "i THz at q = (" in said
    assert "gains energy by distorting" in said
    assert "the cell is not relaxed" in said
    assert any("imaginary modes" in message for message in found.messages)
    assert found.frequencies([[0.5, 0.5, 0.5], [0.5, 0, 0], [0.5, 0.5, 0]]).min() < -0.05


def test_a_supercell_that_ends_too_early_is_named(aluminium):
    with pytest.warns(UserWarning, match="supercell is too small: all neighbours"):
        phonons.force_constants("emt", cell=aluminium, supercell=(1, 1, 1), order=2, **QUIET)
    with pytest.warns(UserWarning, match=r"keeps 16 of the crystal's 48 rotations"):
        phonons.force_constants("emt", cell=aluminium, supercell=(2, 2, 1), order=2, **QUIET)


def test_mixed_distances_are_named(aluminium):
    moved = [
        phonons.random_displacements(aluminium, (2, 2, 1), count=4, distance=d, seed=i)
        for i, d in enumerate((0.01, 0.05))
    ]
    both = np.concatenate([one.displacements for one in moved])
    mixed = replace(moved[0], displacements=both, distance=None)
    forces = phonons.force_set(mixed, "emt", **QUIET)
    with pytest.warns(UserWarning) as caught:
        phonons.force_constants(forces, order=2)
    assert any("displacement distances are mixed" in str(one.message) for one in caught)


def test_a_fit_that_symmetry_leaves_nothing_to_is_refused():
    moved = phonons.random_displacements(bulk("Al", a=3.9943), (2, 2, 2), count=4)
    forces = phonons.force_set(moved, "emt", **QUIET)
    with pytest.raises(ValueError, match="symfc finds no constants to fit: in a supercell as sm"):
        phonons.force_constants(forces)


def test_too_few_supercells_for_the_fit_are_refused(aluminium):
    low = bulk("Al", a=3.9943, cubic=True)
    low.positions[0] += [0.02, 0.05, 0.03]  # no symmetry left
    moved = phonons.random_displacements(low, (2, 1, 1), count=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        forces = phonons.force_set(moved, "emt", **QUIET)
    with pytest.raises(ValueError, match=r"1 supercells are too few.* need \d+ supercells"):
        phonons.force_constants(forces)


def test_arguments_that_do_not_fit_together_are_named(aluminium):
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=2)
    forces = phonons.force_set(moved, "emt", **QUIET)
    for options, words in (
        ({"method": "systematic"}, "takes finite differences of displaced pairs"),
        ({"method": "alm"}, "method must be 'systematic'"),
        ({"order": 4}, r"order must be \(2, 3\), or 2 alone"),
        ({"fc2_from": "own"}, "no forces of a supercell of its own"),
        ({"fc2_from": "else"}, "fc2_from must be 'joint'"),
        ({"cutoff": 3.0}, "cutoff = 3 A is too long"),
        ({"cell": aluminium}, "are those of the ForceSet already"),
        ({"calculator": "emt"}, "the forces are there already"),
    ):
        with pytest.raises(ValueError, match=words):
            phonons.force_constants(forces, **options)
    with pytest.raises(ValueError, match="Displacements have no forces"):
        phonons.force_constants(moved)
    with pytest.raises(ValueError, match="a potential needs cell and supercell"):
        phonons.force_constants("emt", cell=aluminium)
    with pytest.raises(ValueError, match="count goes with method='symfc'"):
        phonons.force_constants("emt", cell=aluminium, supercell=(1, 1, 1), count=3)
    with pytest.raises(ValueError, match="cutoff is symfc's"):
        phonons.force_constants("emt", cell=aluminium, supercell=(1, 1, 1), cutoff=1.0, **QUIET)


class Never(EMT):
    """A costly calculator that must not be asked."""

    def calculate(self, *arguments, **options):
        raise AssertionError("asked")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "alm"}, "method must be 'systematic'"),
        ({"cutoff": 1.0}, "cutoff is symfc's"),
        ({"fc2_from": "own"}, "no forces of a supercell of its own"),
        ({"order": (2, 4)}, r"order must be \(2, 3\), or 2 alone; got \(2, 4\)"),
        ({"order": [3]}, "order must be"),
        ({"order": None}, "order must be"),
        ({"order": 2.0}, "order must be"),
        ({"method": "symfc", "cutoff": 9.0}, "cutoff = 9 A is too long"),
    ],
)
def test_what_makes_no_sense_is_refused_before_forces_are_computed(aluminium, options, words):
    with pytest.raises(ValueError, match=words):
        phonons.force_constants(Never(), cell=aluminium, supercell=SUPERCELL, **options)


def test_too_little_memory_or_forces_are_named_before_forces_are_computed(aluminium, monkeypatch):
    low = aluminium.copy()
    low.positions[0] += [0.02, 0.05, 0.03]  # no symmetry left
    with pytest.raises(ValueError, match="1 supercells are too few"):
        phonons.force_constants(Never(), cell=low, supercell=(2, 1, 1), method="symfc", count=1)
    monkeypatch.setattr("matlearn.phonons._constants.solving.available_memory", lambda: 1000)
    with pytest.raises(ValueError, match="third-order constants of 32 atoms need"):
        phonons.force_constants(Never(), cell=aluminium, supercell=SUPERCELL)


def test_a_single_atom_that_meets_only_itself_is_too_small_a_supercell():
    cell = bulk("Al", a=3.9943)
    with pytest.warns(UserWarning, match="supercell is too small") as caught:
        found = phonons.force_constants(
            "emt", cell=cell, supercell=(1, 1, 1), order=np.int64(2), **QUIET
        )
    assert {one.category for one in caught} == {UserWarning}
    assert not any("nan" in message for message in found.messages)
    with pytest.raises(ValueError, match="symfc finds no constants to fit: in a supercell as sm"):
        phonons.force_constants("emt", cell=cell, supercell=(1, 1, 1), method="symfc", **QUIET)


def test_bands_join_where_lines_do(differences):
    bands = differences.bands("GXK,GL", points=11)
    assert [name for _, name in bands.labels] == ["G", "X", "K|G", "L"]
    assert bands.frequencies.shape == (33, 3)
    assert bands.eigenvectors.shape == (33, 3, 1, 3)
    assert np.allclose(np.linalg.norm(bands.eigenvectors.reshape(33, 3, 3), axis=2), 1)
    x = bands.frequencies[10]
    assert np.allclose(x, differences.frequencies([0.5, 0, 0.5]))
    assert (np.diff(bands.distances) >= 0).all()
    # the longitudinal mode along G-X moves along the way
    along = bands.eigenvectors[5, 2, 0]
    way = differences.primitive.cell.reciprocal().T @ (bands.qpoints[5])
    assert abs(along @ way) / np.linalg.norm(way) == pytest.approx(1, abs=1e-6)
    frame = bands.to_frame()
    assert list(frame.columns) == ["distance", "q1", "q2", "q3", 0, 1, 2]
    own = differences.bands([("here", [0, 0, 0]), ("there", [0.5, 0.5, 0.5])], points=3)
    assert np.allclose(own.qpoints[1], 0.25)
    with pytest.raises(ValueError, match="path has the point 'Q'; this cell has"):
        differences.bands("GQ")
    with pytest.raises(ValueError, match="path must be names of special points in one word"):
        differences.bands(["G", "X"])
    with pytest.raises(ValueError, match="points must be a whole number of at least 2"):
        differences.bands(points=5.5)
    with pytest.raises(ValueError, match="qpoints must be finite"):
        differences.frequencies([np.nan, 0, 0])


def test_density_of_states_counts_every_mode(differences):
    dos = differences.dos(8)
    assert np.trapezoid(dos.total, dos.frequencies) == pytest.approx(3, abs=0.05)
    assert np.allclose(dos.by_element["Al"], dos.total)
    assert list(dos.to_frame().columns) == ["frequency", "total", "Al"]
    with pytest.raises(TypeError, match="mesh must be a whole number or three"):
        differences.dos(8.5)
    with pytest.raises(ValueError, match=r"step must be far below the 8.\d+ THz"):
        differences.dos(2, step=5)


def test_heat_capacity_meets_dulong_and_petit_and_the_zero_of_temperature(differences):
    found = differences.thermal_properties((0, 10, 300, 3000), mesh=8)
    gas_constant = 8.314462618
    assert found.heat_capacity[3] == pytest.approx(3 * gas_constant, rel=0.004)
    assert found.heat_capacity[0] == found.entropy[0] == 0
    assert found.free_energy[0] == pytest.approx(found.zero_point_energy, rel=1e-6)
    # F = U - T S, and dF/dT = -S
    step = differences.thermal_properties((299, 301), mesh=8)
    slope = (step.free_energy[1] - step.free_energy[0]) / 2 / 0.01036426965 * 1000
    assert slope == pytest.approx(-found.entropy[2], rel=1e-3)


def test_constants_survive_their_files(differences, tmp_path):
    differences.save(tmp_path / "al")
    assert sorted(path.name for path in (tmp_path / "al").iterdir()) == [
        "fc2.hdf5", "fc3.hdf5", "phono3py.yaml",
    ]  # fmt: skip
    read = phonons.ForceConstants.load(tmp_path / "al")
    assert repr(read) == repr(differences)
    assert np.array_equal(read.fc2, differences.fc2)
    assert np.array_equal(read.fc3, differences.fc3)
    with pytest.raises(FileNotFoundError, match=r"has no phono3py.yaml or no fc2.hdf5"):
        phonons.ForceConstants.load(tmp_path)


def test_constants_of_another_crystal_are_refused(differences, aluminium, tmp_path):
    differences.save(tmp_path / "al")
    with pytest.warns(UserWarning, match="too small"):
        other = phonons.force_constants(
            "emt", cell=aluminium, supercell=(1, 1, 1), order=2, **QUIET
        )
    other.save(tmp_path / "other")
    with pytest.raises(
        FileExistsError, match=r"has a fc3.hdf5, and these are constants of the sec"
    ):
        other.save(tmp_path / "al")
    assert (tmp_path / "al" / "fc3.hdf5").exists()
    (tmp_path / "al" / "fc2.hdf5").replace(tmp_path / "other" / "fc2.hdf5")
    with pytest.raises(ValueError, match=r"fc2.hdf5 in .* is of another crystal or supercell"):
        phonons.ForceConstants.load(tmp_path / "other")


def command(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("phono3py-load")), *words],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def conductivity_in(said: str) -> float:
    """The xx component at 300 K that phono3py prints."""
    row = next(line.split() for line in said.splitlines() if line.strip().startswith("300.0"))
    return float(row[1])


def test_phono3pys_command_line_goes_on_from_our_files(differences, aluminium, tmp_path):
    moved = phonons.systematic_displacements(aluminium, SUPERCELL)
    forces = phonons.force_set(moved, "emt", **QUIET)
    forces.save(tmp_path / "phono3py_params.yaml.xz")
    ours = phonons.thermal_conductivity(differences, mesh=7)
    said = command(
        tmp_path, "phono3py_params.yaml.xz", "--mesh", "7", "7", "7", "--br", "--ts", "300"
    )
    assert conductivity_in(said) == pytest.approx(ours.at(300), rel=0.01)
    differences.save(tmp_path / "constants")
    again = command(
        tmp_path / "constants", "phono3py.yaml", "--mesh", "7", "7", "7", "--br", "--ts", "300"
    )
    assert conductivity_in(again) == pytest.approx(ours.at(300), rel=0.01)


def test_published_forces_give_published_frequencies(salt):
    assert salt.fc2.shape == (2, 64, 3, 3)
    assert salt.fc3.shape == (2, 64, 64, 3, 3, 3)
    found = salt.frequencies([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0.5]])
    assert found[0, 3:] == pytest.approx(5.039, abs=0.01)
    assert found[1, [0, 2, 3, 5]] == pytest.approx([2.426, 4.059, 5.290, 5.614], abs=0.01)
    assert found[2, [0, 2, 4, 5]] == pytest.approx([3.480, 4.132, 5.149, 6.504], abs=0.01)
    assert salt.messages == ()


def test_the_field_of_polar_modes_splits_them(salt):
    along = salt.frequencies([0, 0, 0], direction=[1, 0, 0])
    # Lyddane, Sachs, Teller: the difference of squares is the plasma frequency of the ions
    volume = salt.primitive.get_volume()
    masses = salt.primitive.get_masses()
    reduced = masses[0] * masses[1] / masses.sum()
    charge, constant = salt.born[0, 0, 0], salt.dielectric[0, 0]
    plasma = 4 * np.pi * 14.399652 * charge**2 / (constant * reduced * volume) * 15.633302**2
    split = along[5] ** 2 - salt.frequencies([0, 0, 0])[5] ** 2
    assert split == pytest.approx(plasma, rel=1e-4)
    assert np.allclose(salt.frequencies([0, 0, 0], nac=False)[3:], 5.039, atol=0.01)
    bands = salt.bands("GX", points=5)
    assert bands.frequencies[0, 5] == pytest.approx(along[5], abs=0.01)
    assert bands.nac
    assert isinstance(salt.primitive, Atoms)
