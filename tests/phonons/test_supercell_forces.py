"""Forces of displaced supercells: computed, kept, resumed, joined, and through files."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from vasp_runs import write_vasprun

from matlearn import phonons
from matlearn.calculators import get_calculator, with_results
from matlearn.store import Store

QUIET = {"workers": 1, "progress": False}


class Counting(EMT):
    """Effective-medium theory that counts its calls, and fails when told to."""

    calls = 0
    fails_at: tuple[int, ...] = ()
    interrupted_at: int | None = None

    def calculate(self, *args, **options):
        Counting.calls += 1
        if Counting.calls in Counting.fails_at:
            raise RuntimeError("no convergence")
        if Counting.calls == Counting.interrupted_at:
            raise KeyboardInterrupt
        super().calculate(*args, **options)


@pytest.fixture
def counting():
    Counting.calls, Counting.fails_at = 0, ()
    return Counting()


@pytest.fixture
def displaced(aluminium):
    return phonons.random_displacements(aluminium, (2, 1, 1), count=3)


def test_forces_are_the_calculators_less_their_mean_and_what_was_there_before(displaced):
    found = phonons.force_set(displaced, "emt", **QUIET)
    for number, atoms in enumerate(displaced):
        atoms.calc = EMT()
        expected = atoms.get_forces()
        assert np.allclose(found.forces[number], expected - expected.mean(axis=0), atol=1e-10)
        assert found.energies[number] == pytest.approx(atoms.get_potential_energy())
    assert np.abs(found.forces.sum(axis=1)).max() < 1e-12
    assert np.abs(found.residual).max() < 1e-10
    perfect = displaced.supercell
    perfect.calc = EMT()
    assert found.perfect_energy == pytest.approx(perfect.get_potential_energy())
    assert (found.energies > found.perfect_energy).all()
    assert (found.info["calculator"], found.messages) == ("emt", ())


def test_images_carry_the_results(displaced):
    found = phonons.force_set(displaced, "emt", **QUIET)
    images = found.images()
    assert len(images) == 3
    assert np.allclose(images[1].get_forces(), found.forces[1])
    assert images[1].get_potential_energy() == found.energies[1]


def test_a_strained_cell_is_named_with_its_stress(aluminium):
    aluminium.set_cell(aluminium.cell * 1.02, scale_atoms=True)
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=1)
    with pytest.warns(UserWarning, match=r"not relaxed .* no forces and a stress of 2.\d GPa"):
        found = phonons.force_set(moved, "emt", **QUIET)
    assert len(found.messages) == 1
    assert found.info["residual_stress"] == pytest.approx(2.3, abs=0.5)


class Fit:
    """What a fit returns, as far as forces need it."""

    def __init__(self, *learned: str) -> None:
        self.train = SimpleNamespace(errors=dict.fromkeys(learned))

    def calculator(self):
        return EMT()


def test_a_potential_that_learned_no_stress_is_not_asked_for_it(aluminium):
    aluminium.set_cell(aluminium.cell * 1.02, scale_atoms=True)
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=1)
    with pytest.warns(UserWarning, match="stress of"):
        phonons.force_set(moved, Fit("energy", "forces", "stress"), progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = phonons.force_set(moved, Fit("energy", "forces"), progress=False)
    assert found.messages == ()


def test_what_was_done_before_an_interruption_is_kept(aluminium, counting, tmp_path):
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=4)
    Counting.interrupted_at = 3
    with pytest.raises(KeyboardInterrupt):
        phonons.force_set(moved, counting, store=tmp_path / "forces.db", **QUIET)
    assert Counting.calls == 3
    Counting.interrupted_at = None
    phonons.force_set(moved, counting, store=tmp_path / "forces.db", **QUIET)
    assert Counting.calls == 3 + 3  # of five, two were there


def test_atoms_out_of_place_are_named_with_their_force_and_taken_off(aluminium):
    aluminium.positions[0, 0] += 0.05
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=1)
    with pytest.warns(UserWarning, match=r"undisplaced it has forces up to 0\.\d+ eV/A"):
        found = phonons.force_set(moved, "emt", **QUIET)
    aluminium.calc = EMT()
    assert np.allclose(found.residual, aluminium.get_forces(), atol=1e-9)


def test_a_store_is_resumed_and_grows(aluminium, counting, tmp_path):
    few = phonons.random_displacements(aluminium, (1, 1, 1), count=3)
    many = phonons.random_displacements(aluminium, (1, 1, 1), count=5)
    Counting.fails_at = (3,)
    with pytest.raises(
        phonons.ForceSetError, match=r"1 of 4 .* \(number 2\).*no convergence"
    ) as at:
        phonons.force_set(few, counting, store=tmp_path / "forces.db", **QUIET)
    assert at.value.failures == {2: "RuntimeError: no convergence"}
    assert sorted(at.value.results) == [-1, 0, 1]
    assert Counting.calls == 4
    first = phonons.force_set(few, counting, store=tmp_path / "forces.db", **QUIET)
    assert Counting.calls == 5  # the one that had failed
    with Store(tmp_path / "forces.db") as store:
        more = phonons.force_set(many, counting, store=store, **QUIET)
    assert Counting.calls == 7
    assert np.array_equal(more.forces[:3], first.forces)
    fresh = phonons.force_set(many, "emt", **QUIET)
    assert np.allclose(more.forces, fresh.forces, atol=1e-12)
    phonons.force_set(many, EMT(asap_cutoff=True), store=tmp_path / "forces.db", **QUIET)
    assert Counting.calls == 7
    with Store(tmp_path / "forces.db") as store:
        assert len(store) == 12  # another calculator's forces are others


def test_supercells_that_are_alike_are_computed_once(displaced, counting):
    twice = replace(displaced, displacements=np.concatenate([displaced.displacements] * 2))
    found = phonons.force_set(twice, counting, **QUIET)
    assert Counting.calls == 3 + 1
    assert np.array_equal(found.forces[:3], found.forces[3:])


def test_worker_processes_give_the_same_forces(displaced):
    alone = phonons.force_set(displaced, "emt", **QUIET)
    together = phonons.force_set(displaced, EMT(), workers=2, progress=False)
    assert np.allclose(together.forces, alone.forces, atol=1e-12)


def test_sets_grow_when_they_are_of_the_same_origin(aluminium):
    sets = [
        phonons.force_set(
            phonons.random_displacements(aluminium, (1, 1, 1), count=2, seed=seed), "emt", **QUIET
        )
        for seed in (0, 1)
    ]
    joined = sets[0] + sets[1]
    assert (len(joined), len(joined.energies)) == (4, 4)
    assert np.array_equal(joined[2:].forces, sets[1].forces)
    moved = phonons.random_displacements(bulk("Al", a=3.9943, cubic=True), (1, 1, 1), count=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        soft = phonons.force_set(moved, LennardJones(sigma=2.6, epsilon=0.1, rc=6), **QUIET)
    with pytest.raises(ValueError, match="forces of different origin cannot be joined"):
        sets[1] + soft


def test_forces_and_displacements_that_do_not_match_are_refused(displaced):
    with pytest.raises(ValueError, match=r"do not match: forces have the shape \(2, 8, 3\)"):
        phonons.ForceSet(displaced, np.zeros((2, 8, 3)))
    with pytest.raises(ValueError, match=r"energies must be one for each of 3 supercells"):
        phonons.ForceSet(displaced, np.zeros((3, 8, 3)), np.zeros(2))
    broken = np.zeros((3, 8, 3))
    broken[1, 2] = np.nan
    with pytest.raises(ValueError, match="not finite in 1 supercells, first in 1"):
        phonons.ForceSet(displaced, broken)
    with pytest.raises(TypeError, match="displacements must be Displacements"):
        phonons.force_set([displaced[0]], "emt")


@pytest.mark.parametrize("suffix", [".yaml", ".yaml.xz"])
def test_files_of_phono3py_give_random_forces_back(displaced, tmp_path, suffix):
    made = phonons.force_set(displaced, "emt", **QUIET)
    made = made.with_nac([0.0], 2.0)
    made.save(tmp_path / f"params{suffix}")
    read = phonons.read_force_set(tmp_path / f"params{suffix}")
    assert repr(read) == repr(made)
    assert np.allclose(read.forces, made.forces, atol=1e-12)
    assert np.allclose(read.energies, made.energies, atol=1e-7)
    assert np.allclose(read.residual, made.residual)
    assert read.info == made.info
    assert np.allclose(read.dielectric, 2 * np.eye(3))


def test_files_of_phono3py_give_systematic_forces_back(aluminium, tmp_path):
    moved = phonons.systematic_displacements(
        aluminium,
        (2, 1, 1),
        plus_minus="auto",
        phonon_supercell=(2, 2, 1),
        cutoff_pair_distance=1.9,
    )
    made = phonons.force_set(moved, "emt", **QUIET)
    made.save(tmp_path / "params.yaml")
    read = phonons.read_force_set(tmp_path / "params.yaml")
    assert repr(read) == repr(made)
    assert np.allclose(read.forces, made.forces, atol=1e-12)
    assert np.allclose(read.harmonic.forces, made.harmonic.forces, atol=1e-12)
    theirs = made.phono3py()
    assert len(theirs.forces) > len(made)  # pairs beyond the cut-off have zeros there
    assert np.allclose(theirs.phonon_forces, made.harmonic.forces)


def test_a_set_without_energies_says_so_and_survives(displaced, tmp_path):
    made = phonons.force_set(displaced, "emt", **QUIET)
    plain = phonons.ForceSet(made.displacements, made.forces)
    assert "no energies" in repr(plain)
    plain.save(tmp_path / "params.yaml")
    assert phonons.read_force_set(tmp_path / "params.yaml").energies is None


def test_a_file_of_displacements_alone_has_no_forces(displaced, tmp_path):
    displaced.save(tmp_path / "disp.yaml")
    with pytest.raises(ValueError, match="holds displacements and no forces"):
        phonons.read_force_set(tmp_path / "disp.yaml")


def test_a_damaged_file_is_named(displaced, tmp_path):
    path = tmp_path / "params.yaml.gz"
    phonons.force_set(displaced, "emt", **QUIET).save(path)
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"params.yaml.gz cannot be read as YAML"):
        phonons.read_force_set(path)


def test_charges_are_checked():
    salt = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    moved = phonons.random_displacements(salt, (1, 1, 1), count=1)
    plain = phonons.ForceSet(moved, np.zeros((1, 8, 3)))
    polar = plain.with_nac({"Na": 1.1, "Cl": -1.08}, 2.5)
    assert np.allclose(polar.born, [1.09 * np.eye(3), -1.09 * np.eye(3)])
    with pytest.raises(ValueError, match=r"charges must add up to zero, got 2.2 e"):
        plain.with_nac([1.1, 1.1], 2.5)
    with pytest.raises(ValueError, match="born has no charge of Cl"):
        plain.with_nac({"Na": 1}, 2.5)
    with pytest.raises(ValueError, match=r"each of 2 atoms of the primitive cell \(Na, Cl\)"):
        plain.with_nac([1.1] * 8, 2.5)
    with pytest.raises(ValueError, match="dielectric must be at least 1"):
        plain.with_nac([1, -1], 0.5)


def vasp_runs(folder, displaced, suffix=""):
    made = phonons.force_set(displaced, "emt", **QUIET)
    supercells = [displaced.supercell, *displaced]
    forces = [np.zeros((displaced.atoms, 3)), *made.forces]
    energies = [made.perfect_energy, *made.energies]
    paths = [
        write_vasprun(folder / f"vasprun-{i}.xml{suffix}", *run)
        for i, run in enumerate(zip(supercells, forces, energies, strict=True))
    ]
    return made, paths


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_runs_of_vasp_are_read_as_phono3py_reads_them(displaced, tmp_path, suffix):
    made, paths = vasp_runs(tmp_path, displaced, suffix)
    read = phonons.read_vasp_forces(displaced, paths[1:])
    assert np.allclose(read.forces, made.forces, atol=1e-8)
    assert np.allclose(read.energies, made.energies, atol=1e-7)
    with_perfect = phonons.read_vasp_forces(displaced, paths)
    assert with_perfect.perfect_energy == pytest.approx(made.perfect_energy)
    assert np.allclose(with_perfect.forces, made.forces, atol=1e-8)


@pytest.mark.parametrize("kind", ["random", "cut"])
def test_phono3pys_command_line_collects_runs_of_our_displacements(aluminium, tmp_path, kind):
    moved = phonons.random_displacements(aluminium, (2, 1, 1), count=3)
    if kind == "cut":
        moved = phonons.systematic_displacements(
            aluminium, (2, 1, 1), cutoff_pair_distance=1.9, plus_minus="auto"
        )
    _, paths = vasp_runs(tmp_path, moved)
    moved.save(tmp_path / "phono3py_disp.yaml")
    done = subprocess.run(
        [Path(sys.executable).with_name("phono3py-init"), "--sp", "--cf3", *paths[1:]],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    theirs = phonons.read_force_set(tmp_path / "phono3py_params.yaml")
    ours = phonons.read_vasp_forces(moved, paths[1:])
    assert len(theirs) == len(moved)
    assert np.allclose(theirs.forces, ours.forces, atol=1e-8)
    assert np.allclose(theirs.energies, ours.energies, atol=1e-7)
    assert np.allclose(theirs.displacements.displacements, moved.displacements, atol=1e-10)


def test_atoms_of_a_run_in_another_order_are_found(displaced, tmp_path):
    made, paths = vasp_runs(tmp_path, displaced)
    order = np.random.default_rng(0).permutation(displaced.atoms)
    shuffled = write_vasprun(
        tmp_path / "other.xml", displaced[1][order], made.forces[1][order], made.energies[1]
    )
    read = phonons.read_vasp_forces(displaced, [paths[1], shuffled, paths[3]])
    assert np.allclose(read.forces, made.forces, atol=1e-8)


def test_runs_that_do_not_match_are_named(displaced, tmp_path):
    _, paths = vasp_runs(tmp_path, displaced)
    with pytest.raises(ValueError, match="2 files for 3 supercells"):
        phonons.read_vasp_forces(displaced, paths[:2])
    with pytest.raises(ValueError, match=r"do not match: in .*vasprun-2.xml no atom is where"):
        phonons.read_vasp_forces(displaced, [paths[2], paths[1], paths[3]])
    (tmp_path / "broken.xml").write_text(paths[1].read_text()[:-200])
    with pytest.raises(ValueError, match=r"broken.xml cannot be read as a finished run"):
        phonons.read_vasp_forces(displaced, [paths[1], tmp_path / "broken.xml", paths[3]])
    with pytest.raises(FileNotFoundError, match="no file"):
        phonons.read_vasp_forces(displaced, [paths[1], paths[2], tmp_path / "none.xml"])
    with pytest.raises(TypeError, match="paths must be a list of files"):
        phonons.read_vasp_forces(displaced, str(paths[1]))


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_run_of_another_cell_is_named(displaced, tmp_path, suffix):
    _, paths = vasp_runs(tmp_path, displaced, suffix)
    other = displaced[1].copy()
    other.set_cell(
        other.cell * 1.005, scale_atoms=True
    )  # atoms are where they were, in its vectors
    wrong = write_vasprun(tmp_path / f"other.xml{suffix}", other, np.zeros((len(other), 3)), 0.0)
    with pytest.raises(ValueError, match=r"other.xml\S* is of another cell, with edges of 8.02"):
        phonons.read_vasp_forces(displaced, [paths[1], wrong, paths[3]])


def test_sets_without_supercells_or_with_numbers_that_are_none_are_refused(displaced):
    made = phonons.force_set(displaced, "emt", **QUIET)
    with pytest.raises(ValueError, match="a ForceSet must hold at least one supercell"):
        made[:0]
    with pytest.raises(ValueError, match="displacements must hold at least one supercell"):
        phonons.force_set(displaced[:0], "emt", **QUIET)
    with pytest.raises(ValueError, match="energies are not finite in 1 supercells, first in 2"):
        replace(made, energies=[0.0, 1.0, np.nan])
    assert repr(replace(made, forces=made.forces.tolist())) == repr(made)


def test_nothing_is_lost_where_sets_are_joined(aluminium):
    sets = [
        phonons.force_set(
            phonons.random_displacements(aluminium, (1, 1, 1), count=2, seed=seed), "emt", **QUIET
        )
        for seed in (0, 1)
    ]
    joined = sets[0] + sets[1].with_nac([0.0], 2.0)
    assert np.allclose(joined.dielectric, 2 * np.eye(3))
    with pytest.raises(ValueError, match="Born charges of the two sets differ"):
        sets[0].with_nac([0.0], 3.0) + sets[1].with_nac([0.0], 2.0)
    poorer = replace(sets[0], energies=None) + sets[1]
    assert poorer.energies is None
    assert any("has no energies" in message for message in poorer.messages)


def test_a_calculator_without_a_name_is_kept_apart_by_its_settings(aluminium, tmp_path):
    moved = phonons.random_displacements(aluminium, (1, 1, 1), count=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        made = [
            phonons.force_set(
                moved, get_calculator("lj", sigma=s, epsilon=0.1), store=tmp_path / "s.db", **QUIET
            )
            for s in (2.5, 2.6)
        ]
    assert not np.allclose(made[0].forces, made[1].forces)


def test_supercells_computed_elsewhere_are_put_in_order(aluminium):
    salt = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    moved = phonons.random_displacements(salt, (2, 1, 1), count=3, seed=4)
    random = np.random.default_rng(1)
    forces = random.normal(size=(3, 16, 3))
    made = phonons.ForceSet(moved, forces - forces.mean(axis=1, keepdims=True), np.arange(3.0))
    images = []
    for image in made.images():
        order = random.permutation(16)
        shuffled = image[order]
        shuffled.wrap()
        results = {"forces": image.get_forces()[order], "energy": image.get_potential_energy()}
        images.append(with_results(shuffled, results))
    found = phonons.collect_forces(salt, (2, 1, 1), images, source="elsewhere")
    assert repr(found) == repr(made)
    assert np.allclose(found.displacements.displacements, moved.displacements, atol=1e-9)
    assert np.allclose(found.forces, made.forces)
    assert found.info["calculator"] == "elsewhere"
    still = with_results(moved.supercell, {"forces": np.full((16, 3), 0.5)})
    with_still = phonons.collect_forces(salt, (2, 1, 1), [still, *images])
    assert len(with_still) == 3
    assert np.allclose(with_still.residual, 0)
    with pytest.raises(ValueError, match=r"images\[0\] is Al4, and the supercell is Cl8Na8"):
        phonons.collect_forces(salt, (2, 1, 1), [aluminium])
    with pytest.raises(ValueError, match=r"images\[0\] has no forces"):
        phonons.collect_forces(salt, (2, 1, 1), [moved[0]])
    images[1].positions[3] += 0.9
    with pytest.raises(ValueError, match=r"images\[1\] does not match the supercell: the nearest"):
        phonons.collect_forces(salt, (2, 1, 1), images)


def test_the_published_set_is_what_it_should_be(nacl):
    assert len(nacl) == 100
    assert nacl.displacements.distance == 0.03
    assert 1000 * np.sqrt((nacl.forces**2).mean()) == pytest.approx(44.84, abs=0.01)
    assert nacl.energies.shape == (100,)
    assert nacl.born[0, 0, 0] == pytest.approx(1.09044, abs=1e-5)
    assert (len(nacl.harmonic), nacl.harmonic.displacements.atoms) == (2, 512)
