"""CHGNet trained further: references, what is frozen, stopping, files, bad input."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.calculators.singlepoint import SinglePointCalculator

from matlearn._calculators.chgnet import OnePassCHGNet
from matlearn._tensors import read_tensors, write_tensors
from matlearn.calculators import calculator_factory, describe, get_calculator, single_points
from matlearn.potentials.universal import FineTunedCHGNet, fine_tune

QUIET = {"progress": False, "device": "cpu"}


def cells(number: int, seed: int) -> list[Atoms]:
    """Small cells of Cu and Au, strained and rattled."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(number):
        atoms = bulk("Cu", "fcc", a=rng.uniform(3.6, 4.1), cubic=True)
        atoms.symbols[rng.choice(4, i % 5, replace=False)] = "Au"
        strain = rng.normal(0, 0.02, (3, 3))
        atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
        atoms.positions += rng.normal(0, 0.1, (4, 3))
        made.append(atoms)
    return made


@pytest.fixture(scope="module")
def images() -> list[Atoms]:
    return single_points(cells(12, seed=1), "emt", progress=False)


@pytest.fixture(scope="module")
def tuned(images):
    return fine_tune("chgnet", images[:9], validation=images[9:], epochs=4, **QUIET)


def test_references_alone_undo_a_shift_of_every_element():
    """A model's own energies, moved by some eV per species, are met again exactly."""
    reference = single_points(cells(5, seed=2), OnePassCHGNet(device="cpu"), progress=False)
    moved = []
    for atoms in reference:
        copy = atoms.copy()
        given = dict(atoms.calc.results)
        given["energy"] += 7.0 * copy.symbols.count("Cu") - 100.0 * copy.symbols.count("Au")
        copy.calc = SinglePointCalculator(copy, **given)
        moved.append(copy)
    result = fine_tune("chgnet", moved, epochs=0, **QUIET)
    assert result.train.errors["energy_per_atom"].maximal < 1e-4
    assert result.train.errors["forces"].maximal < 1e-4
    plain = OnePassCHGNet(device="cpu").model.composition_model.fc.weight[0]
    found = result.potential.references
    shift = {"Cu": found["Cu"] - float(plain[28]), "Au": found["Au"] - float(plain[78])}
    assert shift == pytest.approx({"Cu": 7.0, "Au": -100.0}, abs=1e-3)


def test_one_composition_is_enough_for_references(images):
    copper = single_points([bulk("Cu", a=a) for a in (3.5, 3.7)], "emt", progress=False)
    result = fine_tune("chgnet", copper, epochs=0, **QUIET)
    errors = [a.get_potential_energy() for a in copper]
    found = [a.get_potential_energy() for a in
             single_points(copper, result.calculator(), progress=False)]  # fmt: skip
    assert np.mean(found) == pytest.approx(np.mean(errors), abs=1e-5)


def test_training_lowers_the_errors_of_what_was_held_back(tuned):
    table = tuned.to_frame()
    assert table["epoch"].tolist() == [0, 1, 2, 3, 4]
    assert table["score"].min() < 0.7 * table["score"][0]
    rms = tuned.validation.errors["energy_per_atom"].rms
    best = table.loc[table["score"].idxmin()]
    assert rms == pytest.approx(best["energy_rmse"], rel=1e-3)
    assert tuned.stop_reason.endswith(f"best epoch {int(best['epoch'])}")


def test_forces_and_stress_are_derivatives_of_the_energy(tuned):
    probe = cells(4, seed=5)[3]
    probe.calc = tuned.calculator()
    numerical = calculate_numerical_forces(probe, eps=5e-3, iatoms=[0, 2])
    np.testing.assert_allclose(probe.get_forces()[[0, 2]], numerical, atol=5e-3)
    numerical = calculate_numerical_stress(probe, eps=2e-3)
    np.testing.assert_allclose(probe.get_stress(), numerical, atol=2e-3)


def test_rotation_translation_permutation_and_repetition_change_nothing(tuned):
    probe = cells(4, seed=6)[2]
    turned = probe.copy()
    turned.rotate(50, (1, 1, 2), rotate_cell=True)
    other = probe[[2, 0, 3, 1]]
    other.positions += (0.7, 1.9, -3.0)
    given = single_points(
        [probe, turned, other, probe.repeat((1, 2, 1))], tuned.calculator(), progress=False
    )
    energies = [atoms.get_potential_energy() / len(atoms) for atoms in given]
    np.testing.assert_allclose(energies, energies[0], atol=2e-5)
    np.testing.assert_allclose(
        given[2].get_forces(), given[0].get_forces()[[2, 0, 3, 1]], atol=1e-3
    )


@pytest.mark.parametrize("part", ["readout", "last"])
def test_what_is_frozen_stays_as_it_was(images, part):
    result = fine_tune("chgnet", images[:4], train=part, epochs=1, **QUIET)
    before = OnePassCHGNet(device="cpu").model.state_dict()
    after = result.potential.weights
    changed = {k for k in after if not np.array_equal(after[k], before[k].numpy())}
    allowed = {"readout": ("mlp", "readout_norm", "composition"),
               "last": ("mlp", "readout_norm", "composition", "atom_conv_layers.3")}[part]  # fmt: skip
    assert all(name.startswith(allowed) for name in changed)
    assert any(name.startswith("mlp") for name in changed)


def test_the_same_seed_gives_the_same_weights(images):
    runs = [fine_tune("chgnet", images[:4], train="readout", epochs=1, seed=s, batch_size=2, **QUIET)
            for s in (3, 3, 4)]  # fmt: skip
    digests = [run.potential.digest for run in runs]
    assert digests[0] == digests[1] != digests[2]


def test_training_ends_when_nothing_is_gained(images):
    result = fine_tune(
        "chgnet", images[:4], validation=images[9:], train="readout", epochs=30, patience=1,
        learning_rate=0.5, **QUIET,
    )  # fmt: skip
    assert result.stop_reason.startswith("no better for 1 epochs")
    assert len(result.history) < 31
    assert result.history[0]["score"] >= min(row["score"] for row in result.history)
    refs = fine_tune("chgnet", images[:4], validation=images[9:], epochs=0, **QUIET)
    assert result.validation.errors["energy"].rms <= refs.validation.errors["energy"].rms * 1.01


def test_interrupted_it_keeps_the_best_weights(images):
    def stop(epoch: int, row: dict[str, float]) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    result = fine_tune(
        "chgnet", images[:6], validation=images[9:], epochs=9, callback=stop, **QUIET
    )
    assert result.stop_reason.startswith("interrupted")
    assert not result.converged
    best = min(row["energy_rmse"] for row in result.history)
    assert result.validation.errors["energy_per_atom"].rms == pytest.approx(best, rel=0.5)


def test_a_saved_model_is_opened_by_its_path(tuned, images, tmp_path):
    path = tmp_path / "alloy.safetensors"
    tuned.save(path)
    assert [one.name for one in tmp_path.iterdir()] == ["alloy.safetensors"]
    reopened = single_points(images[:2], path, progress=False)
    direct = single_points(images[:2], tuned.calculator(), progress=False)
    assert reopened[1].get_potential_energy() == pytest.approx(direct[1].get_potential_energy())
    again = FineTunedCHGNet.load(path)
    assert again.digest == tuned.potential.digest
    assert again.references == tuned.potential.references
    assert get_calculator(path, device="cpu").threads == 1
    more = fine_tune(again, images[:3], epochs=0, **QUIET)
    assert more.train.errors["energy_per_atom"].rms < 0.5


def test_different_weights_have_different_names(tuned, images):
    other = fine_tune("chgnet", images[:3], epochs=0, **QUIET)
    names = [describe(one.calculator()) for one in (tuned, other)]
    assert names[0] != names[1]
    assert describe(calculator_factory(tuned.calculator())()) == names[0]


def test_files_that_are_damaged_or_of_another_kind_are_refused(tuned, tmp_path):
    path = tmp_path / "alloy.safetensors"
    tuned.save(path)
    content = path.read_bytes()
    arrays, metadata = read_tensors(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"alloy\.safetensors"):
        get_calculator(path)
    write_tensors(path, arrays, {**metadata, "kind": "forest"})
    with pytest.raises(ValueError, match="forest"):
        get_calculator(path)
    arrays.pop("mlp.layers.0.weight")
    write_tensors(path, arrays, metadata)
    with pytest.raises(ValueError, match="all weights"):
        get_calculator(path)
    write_tensors(path, arrays, {**metadata, "references": json.dumps([1])})
    with pytest.raises(ValueError, match="references"):
        get_calculator(path)
    with pytest.raises(ValueError, match="safetensors"):
        tuned.save(tmp_path / "alloy.pt")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"train": "everything"}, "train must be one of"),
        ({"epochs": -1}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"batch_size": 0}, "batch_size"),
        ({"weights": (1.0, -1.0, 0.0)}, "weights"),
        ({"max_minutes": 0}, "max_minutes"),
    ],
)
def test_settings_that_make_no_sense_are_refused(images, setting, message):
    with pytest.raises(ValueError, match=message):
        fine_tune("chgnet", images, **setting)


def test_images_that_cannot_be_learned_are_refused(images):
    with pytest.raises(ValueError, match="empty"):
        fine_tune("chgnet", [])
    bare = images[0].copy()
    with pytest.raises(ValueError, match=r"images\[1\]"):
        fine_tune("chgnet", [images[0], bare])
    forces_only = images[0].copy()
    forces_only.calc = SinglePointCalculator(forces_only, forces=np.zeros((4, 3)))
    with pytest.raises(ValueError, match="carries no energy"):
        fine_tune("chgnet", [forces_only])
    twice = images[0].copy()
    twice.positions[1] = twice.positions[0]
    twice.calc = SinglePointCalculator(twice, energy=0.0)
    with pytest.raises(ValueError, match="same place"):
        fine_tune("chgnet", [twice], progress=False)
    molecule = Atoms("Cu2", positions=[[0, 0, 0], [2.3, 0, 0]])
    molecule.calc = SinglePointCalculator(molecule, energy=0.0)
    with pytest.raises(ValueError, match="has none"):
        fine_tune("chgnet", [molecule], progress=False)
    with pytest.raises(ValueError, match="universal must be"):
        fine_tune("m3gnet", images)
