"""Polynomial potentials through pypolymlp: accuracy, stress, invariances, files, bad input."""

from __future__ import annotations

import copy
import pickle
import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.calculators.singlepoint import SinglePointCalculator

from matlearn.calculators import get_calculator, single_points
from matlearn.fitting import error_report

pytest.importorskip("pypolymlp")
from matlearn.potentials._polynomials.conversion import to_structure
from matlearn.potentials.polynomials import Polynomial, fit_polynomial

SMALL = {"gtinv_order": 2, "gtinv_maxl": (2,), "cutoff": 4.5, "n_gaussians": 4}


def rattled(number: int, seed: int) -> list[Atoms]:
    """Cells of Cu and Au, strained, rattled and labelled by EMT."""
    rng = np.random.default_rng(seed)
    cells = []
    for i in range(number):
        atoms = bulk("Cu", "fcc", a=rng.uniform(3.6, 4.1), cubic=True).repeat((2, 1, 1))
        atoms.symbols[rng.choice(8, i % 9, replace=False)] = "Au"
        strain = rng.normal(0, 0.02, (3, 3))
        atoms.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
        atoms.positions += rng.normal(0, 0.08, (8, 3))
        cells.append(atoms)
    return single_points(cells, "emt", progress=False)


@pytest.fixture(scope="module")
def images() -> list[Atoms]:
    return rattled(40, seed=1)


@pytest.fixture(scope="module")
def potential(images) -> Polynomial:
    return fit_polynomial(images[:30], images[30:], **SMALL).potential


@pytest.fixture
def probe() -> Atoms:
    """A low-symmetry cell that nothing was fitted to."""
    return rattled(4, seed=9)[3]


def results(atoms: Atoms, potential: Polynomial) -> tuple[float, np.ndarray, np.ndarray]:
    atoms = atoms.copy()
    atoms.calc = potential.calculator()
    return atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress(voigt=False)


def test_forces_and_stress_are_derivatives_of_the_energy(potential, probe):
    probe.calc = potential.calculator()
    numerical = calculate_numerical_forces(probe, eps=1e-4)
    np.testing.assert_allclose(probe.get_forces(), numerical, atol=2e-6)
    numerical = calculate_numerical_stress(probe, eps=1e-5)
    np.testing.assert_allclose(probe.get_stress(), numerical, atol=1e-7)
    assert np.abs(probe.get_stress()).max() > 0.005


def test_training_on_stress_lowers_the_error_of_stress(images):
    """With the wrong sign or order it would rise."""
    with_stress = fit_polynomial(images[:12], images[30:], **SMALL)
    without = fit_polynomial(images[:12], images[30:], include_stress=False, **SMALL)
    errors = [one.validation.errors["stress"].rms for one in (with_stress, without)]
    assert errors[0] < errors[1]


def test_rotation_translation_permutation_and_repetition_change_nothing(potential, probe):
    energy, forces, stress = results(probe, potential)
    turned = probe.copy()
    turned.rotate(40, (1, 2, 3), rotate_cell=True)
    rotation = np.linalg.solve(probe.cell.array, turned.cell.array)
    found = results(turned, potential)
    assert found[0] == pytest.approx(energy, abs=1e-9)
    np.testing.assert_allclose(found[1], forces @ rotation, atol=1e-9)
    np.testing.assert_allclose(found[2], rotation.T @ stress @ rotation, atol=1e-10)
    order = np.random.default_rng(0).permutation(len(probe))
    moved = probe[order]
    moved.positions += (0.3, -5.0, 1.7)
    found = results(moved, potential)
    assert found[0] == pytest.approx(energy, abs=1e-9)
    np.testing.assert_allclose(found[1], forces[order], atol=1e-9)
    found = results(probe.repeat((1, 2, 2)), potential)
    assert found[0] == pytest.approx(4 * energy, abs=1e-8)
    np.testing.assert_allclose(found[1][:8], forces, atol=1e-9)
    np.testing.assert_allclose(found[2], stress, atol=1e-10)


def test_the_choice_of_the_cell_changes_nothing(potential, probe):
    energy, forces, stress = results(probe, potential)
    skewed = probe.copy()
    skewed.set_cell(np.array([[1, 0, 0], [2, 1, 0], [-1, 3, -1]]) @ probe.cell.array)
    found = results(skewed, potential)  # left-handed, too
    assert found[0] == pytest.approx(energy, abs=1e-9)
    np.testing.assert_allclose(found[1], forces, atol=1e-9)
    np.testing.assert_allclose(found[2], stress, atol=1e-10)


def test_a_molecule_needs_no_cell(potential):
    molecule = Atoms("Cu2Au", positions=[[0, 0, 0], [2.5, 0, 0], [1.0, 2.4, 0.2]])
    molecule.calc = potential.calculator()
    boxed = molecule.copy()
    boxed.set_cell([20, 21, 22])
    boxed.pbc = True
    boxed.calc = potential.calculator()
    assert molecule.get_potential_energy() == pytest.approx(boxed.get_potential_energy(), abs=1e-9)
    np.testing.assert_allclose(molecule.get_forces(), boxed.get_forces(), atol=1e-9)
    assert "stress" not in molecule.calc.results
    slab = bulk("Cu", cubic=True).repeat((2, 2, 1))
    slab.pbc = (True, True, False)
    slab.calc = potential.calculator()
    spaced = slab.copy()
    spaced.center(vacuum=6, axis=2)
    spaced.pbc = True
    spaced.calc = potential.calculator()
    assert slab.get_potential_energy() == pytest.approx(spaced.get_potential_energy(), abs=1e-9)


def test_an_isolated_atom_has_the_energy_of_its_species(potential, images):
    for symbol, energy in potential.atomic_energies.items():
        atom = Atoms(symbol)
        atom.calc = potential.calculator()
        assert atom.get_potential_energy() == pytest.approx(energy)
    counts = [[atoms.symbols.count(e) / 8 for e in potential.elements] for atoms in images[:30]]
    energies = [atoms.get_potential_energy() / 8 for atoms in images[:30]]
    expected = np.linalg.lstsq(np.array(counts), energies, rcond=None)[0]
    np.testing.assert_allclose(list(potential.atomic_energies.values()), expected)


def test_a_shift_of_the_reference_energies_shifts_the_predictions(images, probe):
    def shifted(atoms: Atoms) -> Atoms:
        copy = atoms.copy()
        given = dict(atoms.calc.results)
        given["energy"] += 3.0 * copy.symbols.count("Cu") - 500.0 * copy.symbols.count("Au")
        copy.calc = SinglePointCalculator(copy, **given)
        return copy

    pair = {"feature_type": "pair", "cutoff": 4.5, "n_gaussians": 4}
    plain = fit_polynomial(images[:30], images[30:], **pair).potential
    train, validation = ([shifted(a) for a in part] for part in (images[:30], images[30:]))
    other = fit_polynomial(train, validation, **pair).potential
    difference = results(probe, other)[0] - results(probe, plain)[0]
    expected = 3.0 * probe.symbols.count("Cu") - 500.0 * probe.symbols.count("Au")
    assert difference == pytest.approx(expected, abs=1e-6)


def test_the_strength_is_the_one_that_serves_held_back_structures_best(images):
    result = fit_polynomial(images[:30], images[30:], reg_alpha_params=(-5, 5, 6), **SMALL)
    table = result.to_frame()
    best = table.loc[table["held_back"].idxmin(), "alpha"]
    assert result.stop_reason.endswith(f"{best:.3g}")
    assert len(table) == 6
    assert best < 1e5
    free = fit_polynomial(images, reg_alpha_params=(-5, 5, 6), seed=3, **SMALL)
    assert free.validation is None
    assert free.train.configurations == 40
    assert free == free and free.parameters == len(free.potential.model[1])


def test_a_saved_potential_is_opened_by_its_path(potential, probe, tmp_path):
    path = tmp_path / "alloy.yaml"
    potential.save(path)
    assert [one.name for one in tmp_path.iterdir()] == ["alloy.yaml"]
    reopened = probe.copy()
    reopened.calc = get_calculator(path)
    energy, forces, _ = results(probe, potential)
    assert reopened.get_potential_energy() == pytest.approx(energy, abs=1e-9)
    np.testing.assert_allclose(reopened.get_forces(), forces, atol=1e-9)
    from pypolymlp.calculator.properties import Properties

    theirs = Properties(pot=str(path)).eval(to_structure(probe, potential.elements, 4.5))[0]
    atomic = sum(potential.atomic_energies[s] for s in probe.get_chemical_symbols())
    assert theirs + atomic == pytest.approx(energy, abs=1e-9)


@pytest.mark.parametrize("keep", [0.2, 0.7, 0.98])
def test_a_damaged_file_is_refused(potential, tmp_path, keep):
    path = tmp_path / "alloy.yaml"
    potential.save(path)
    text = path.read_text()
    path.write_text(text[: int(keep * len(text))])
    with pytest.raises(ValueError, match=r"alloy\.yaml"):
        get_calculator(path)


def test_a_calculator_can_be_sent_to_another_process(potential, probe):
    probe.calc = potential.calculator()
    energy = probe.get_potential_energy()
    for twin in (pickle.loads(pickle.dumps(probe.calc)), copy.deepcopy(probe.calc)):
        other = probe.copy()
        other.calc = twin
        assert other.get_potential_energy() == pytest.approx(energy, abs=1e-12)


def test_numpy_prints_as_before(images):
    before = np.get_printoptions()
    fit_polynomial(images[:5], images[5:8], feature_type="pair", n_gaussians=3, cutoff=4.0)
    assert np.get_printoptions() == before


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"model_type": 5}, "model_type"),
        ({"feature_type": "pair", "model_type": 3}, "model_type"),
        ({"feature_type": "triples"}, "feature_type"),
        ({"max_p": 4}, "max_p"),
        ({"gtinv_order": 9}, "gtinv_order"),
        ({"gtinv_maxl": (4,)}, "gtinv_maxl"),
        ({"cutoff": -1.0}, "cutoff"),
        ({"n_gaussians": 1}, "n_gaussians"),
        ({"held_back": 1.0}, "held_back"),
        ({"gtinv_maxl": (8, 8), "max_p": 3, "model_type": 2}, "coefficients"),
    ],
)
def test_settings_that_make_no_potential_are_refused(images, setting, message):
    with pytest.raises(ValueError, match=message):
        fit_polynomial(images[:4], **setting)


def test_an_unknown_setting_is_refused(images):
    with pytest.raises(TypeError, match="gtinv_max_l"):
        fit_polynomial(images, gtinv_max_l=(4, 4))


def test_images_that_cannot_be_fitted_are_refused(images):
    bare = images[0].copy()
    with pytest.raises(ValueError, match=r"train\[1\].*neither energy nor forces"):
        fit_polynomial([images[1], bare])
    energy_only = images[0].copy()
    energy_only.calc = SinglePointCalculator(energy_only, energy=1.0)
    with pytest.raises(ValueError, match="no forces"):
        fit_polynomial([energy_only, images[1]], include_stress=False)
    broken = images[0].copy()
    broken.calc = SinglePointCalculator(broken, **dict(images[0].calc.results, energy=np.nan))
    with pytest.raises(ValueError, match="not a number"):
        fit_polynomial([broken, images[1]])
    with pytest.raises(ValueError, match="empty"):
        fit_polynomial([])
    twice = images[0].copy()
    twice.positions[1] = twice.positions[0]
    twice.calc = SinglePointCalculator(twice, **images[0].calc.results)
    with pytest.raises(ValueError, match="same place"):
        fit_polynomial([images[1], twice])
    with pytest.raises(ValueError, match="choose a longer one"):
        fit_polynomial(images, cutoff=1.5)
    nickel = single_points([bulk("Ni")], "emt", progress=False)
    with pytest.raises(ValueError, match=r"validation\[0\].*Ni"):
        fit_polynomial(images[:3], nickel)


def test_two_atoms_in_one_place_have_no_energy(potential, probe):
    twice = probe.copy()
    twice.positions[1] = twice.positions[0]
    twice.calc = potential.calculator()
    with pytest.raises(ValueError, match="same place"):
        twice.get_potential_energy()


def test_an_element_it_does_not_know_is_refused(potential):
    nickel = bulk("Ni")
    nickel.calc = potential.calculator()
    with pytest.raises(ValueError, match="Ni"):
        nickel.get_potential_energy()


def test_without_pypolymlp_it_says_what_to_install(images, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypolymlp.mlp_dev.pypolymlp", None)
    with pytest.raises(ImportError, match="pip install pypolymlp"):
        fit_polynomial(images)


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_alone_are_a_strong_baseline(cu_au, seed):
    """On the copper-gold set 5 meV/atom and 0.05 eV/A, in well under a second."""
    images = cu_au(seed)
    fit = fit_polynomial(images[:100], feature_type="pair")
    report = error_report(fit.calculator(), images[100:])
    assert fit.parameters == 260
    assert report.errors["energy_per_atom"].rms < 0.0055
    assert report.metrics["f_rmse"] < 0.05
