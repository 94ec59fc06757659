"""Potentials trained on displaced supercells: errors, heat, files, memory, bad input."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from ase.calculators.fd import calculate_numerical_stress

from matlearn import phonons
from matlearn.calculators import get_calculator
from matlearn.fitting import FitResult
from matlearn.phonons._learning import memory, polynomials

SMALL = {"cutoff": 4.0, "gtinv_maxl": (2, 2), "gaussian_params2": (0.0, 3.0, 3)}
"""Settings of a polynomial that trains in a moment."""


@pytest.fixture(scope="module")
def forces() -> phonons.ForceSet:
    """Aluminium by effective-medium theory, supercells displaced at random."""
    from ase.build import bulk

    cell = bulk("Al", a=3.9943, cubic=True)
    displaced = phonons.random_displacements(cell, (2, 2, 2), count=10)
    return phonons.force_set(displaced, "emt", workers=1, progress=False)


@pytest.fixture(scope="module")
def polynomial(forces) -> FitResult:
    pytest.importorskip("pypolymlp")
    return phonons.train_potential(forces, n_train=6, n_test=4, **SMALL)


@pytest.mark.filterwarnings("ignore:the cell is not relaxed")  # its stress was not trained on
def test_published_forces_are_learned_to_the_published_error_and_conduct_alike(nacl, salt):
    """Errors of preset S with 20 supercells; kappa is 8.218 W/mK, and 8.267 of DFT, at mesh 11."""
    pytest.importorskip("pypolymlp")
    result = phonons.train_potential(nacl, n_train=20, n_test=20)
    assert result.parameters == 1203
    assert 1000 * result.validation.metrics["f_rmse"] == pytest.approx(0.0299, rel=0.03)
    assert result.train.configurations == result.validation.configurations == 20
    displaced = phonons.systematic_displacements(nacl.unitcell, (2, 2, 2), plus_minus="auto")
    constants = phonons.force_constants(displaced, calculator=result.calculator(), progress=False)
    charged = constants.with_nac(nacl.born, nacl.dielectric)
    learned, direct = (
        phonons.thermal_conductivity(one, mesh=7, progress=False).at(300) for one in (charged, salt)
    )
    assert learned / direct == pytest.approx(8.218 / 8.267, rel=0.007)


@pytest.mark.filterwarnings("ignore:the cell is not relaxed")
def test_a_moment_tensor_potential_learns_the_published_frequencies_from_eight_supercells(nacl):
    """To 0.2 meV/A and 0.03 THz in 3 CPU s; ten times as long, and heat is right to 5 % as well."""
    result = phonons.train_potential(
        nacl, kind="mtp", n_train=8, n_test=5, level=12, max_iterations=60, progress=False
    )
    assert 1000 * result.validation.metrics["f_rmse"] < 0.3
    constants = phonons.force_constants(
        result, cell=nacl.unitcell, supercell=(2, 2, 2), order=2, workers=1, progress=False
    ).with_nac(nacl.born, nacl.dielectric)
    found = constants.frequencies([[0, 0, 0], [0.5, 0, 0.5], [0.5, 0.5, 0.5]])
    transverse = [5.039, 2.426, 4.059, 5.290, 5.614, 3.480, 4.132, 5.149, 6.504]
    mine = [found[0, 3], *found[1, [0, 2, 3, 5]], *found[2, [0, 2, 4, 5]]]
    np.testing.assert_allclose(mine, transverse, atol=0.03)


def test_a_polynomial_learns_a_metal_by_supercells_it_has_not_seen(polynomial, forces):
    report = polynomial.validation
    assert report.configurations == 4
    assert report.metrics["f_rmse"] < 0.01 * np.sqrt((forces.forces**2).mean())


def test_strengths_of_regularisation_are_listed_and_those_that_failed_are_marked(forces):
    pytest.importorskip("pypolymlp")
    result = phonons.train_potential(
        forces, n_train=6, n_test=4, reg_alpha_params=(-30.0, -2.0, 2), **SMALL
    )
    table = result.to_frame()
    assert table["alpha"].tolist() == pytest.approx([1e-30, 1e-2])
    assert table["failed"].tolist() == [True, False]
    assert table["chosen"].tolist() == [False, True]
    assert table.loc[0, ["train", "test"]].isna().all()
    assert table.loc[1, "test"] < 1e-2
    assert "1 of 2 strengths failed" in result.stop_reason


def test_where_every_strength_fails_it_says_what_to_change(forces):
    pytest.importorskip("pypolymlp")
    with pytest.raises(ValueError, match="no strength of reg_alpha_params"):
        phonons.train_potential(
            forces, n_train=6, n_test=4, reg_alpha_params=(-30.0, -30.0, 1), **SMALL
        )


def test_a_polynomial_survives_its_file(polynomial, forces, tmp_path):
    polynomial.save(tmp_path / "al.yaml")
    image = forces.displacements[0]
    energies = []
    for calculator in (polynomial.calculator(), get_calculator(tmp_path / "al.yaml")):
        atoms = image.copy()
        atoms.calc = calculator
        energies.append(atoms.get_potential_energy())
    assert energies[0] == pytest.approx(energies[1], abs=1e-9)


@pytest.mark.parametrize("kind", ["polynomial", "mtp"])
def test_a_store_keeps_the_forces_of_two_fits_apart(forces, tmp_path, kind):
    if kind == "polynomial":
        pytest.importorskip("pypolymlp")
    settings = SMALL if kind == "polynomial" else {"level": 4, "max_iterations": 3}
    fits = [
        phonons.train_potential(forces, kind=kind, n_train=n, n_test=1, progress=False, **settings)
        for n in (2, 6)
    ]
    moved, path = forces.displacements[:1], tmp_path / "forces.db"
    kept = [
        phonons.force_set(moved, one, store=path, workers=1, progress=False).forces for one in fits
    ]
    plain = phonons.force_set(moved, fits[1], workers=1, progress=False).forces
    assert np.allclose(kept[1], plain, atol=1e-12)
    assert not np.allclose(kept[0], kept[1], atol=1e-9)


def test_phono3py_computes_the_same_forces_with_the_file(polynomial, forces, tmp_path):
    polynomial.save(tmp_path / "polymlp.yaml")
    from phonopy.interface.mlp import PhonopyMLP

    theirs = PhonopyMLP().load(tmp_path / "polymlp.yaml")
    supercells = forces.displacements.phono3py().supercells_with_displacements[:2]
    energies, found, _ = theirs.evaluate(supercells)
    for number, image in enumerate(forces.displacements[:2]):
        image.calc = polynomial.calculator()
        assert np.allclose(image.get_forces(), found[number], atol=1e-9)
        assert image.get_potential_energy() == pytest.approx(energies[number], abs=1e-8)


def test_stress_of_a_polynomial_is_the_derivative_of_its_energy(polynomial, aluminium):
    strained = aluminium.copy()
    strained.set_cell(strained.cell @ (np.eye(3) + np.diag([0.004, 0.003], 1)), scale_atoms=True)
    strained.rattle(0.02, seed=1)
    strained.calc = polynomial.calculator()
    numerical = calculate_numerical_stress(strained, eps=1e-5)
    assert np.allclose(strained.get_stress(), numerical, atol=1e-7)
    assert np.abs(numerical).max() > 1e-4


def test_a_moment_tensor_potential_learns_forces_alone(forces):
    plain = replace(forces, energies=None)
    result = phonons.train_potential(
        plain, kind="mtp", level=8, cutoff=5.0, n_train=6, n_test=4, max_iterations=30,
        progress=False,
    )  # fmt: skip
    assert result.validation.metrics["f_rmse"] < 0.01 * np.sqrt((forces.forces**2).mean())
    assert len(result.to_frame()) <= 31
    assert {"loss", "validation_loss"} <= set(result.to_frame().columns)


def test_a_saved_potential_is_measured(forces, tmp_path):
    result = phonons.train_potential(
        forces, kind="mtp", level=6, n_train=6, n_test=4, max_iterations=5, progress=False
    )
    result.save(tmp_path / "al.mtp")
    again = phonons.train_potential(
        forces, kind=tmp_path / "al.mtp", n_train=6, n_test=4, progress=False
    )
    assert again.stop_reason == "measured, not trained"
    for mine, theirs in ((again.train, result.train), (again.validation, result.validation)):
        assert mine.metrics["f_rmse"] == pytest.approx(theirs.metrics["f_rmse"], rel=1e-6)
    again.save(tmp_path / "copy.mtp")
    assert (tmp_path / "copy.mtp").read_bytes() == (tmp_path / "al.mtp").read_bytes()
    with pytest.raises(ValueError, match="format does not change"):
        again.save(tmp_path / "copy.yaml")


def test_the_reference_itself_has_no_error(forces):
    result = phonons.train_potential(forces, kind="emt", progress=False)
    assert (result.train.configurations, result.validation.configurations) == (9, 1)
    assert result.train.errors["forces"].maximal < 1e-9
    assert result.train.errors["energy"].maximal < 1e-9
    with pytest.raises(ValueError, match="has no file to save"):
        result.save("emt.yaml")


def test_memory_is_known_before_it_is_taken(nacl, forces, monkeypatch):
    pytest.importorskip("pypolymlp")
    class_, default = (phonons.estimate_memory(nacl, preset=p) for p in ("class", "default"))
    assert (class_.parameters, default.parameters) == (1203, 8283)
    assert default.peak == pytest.approx(2.8e9, rel=0.05)
    settings = phonons.learned.settings_of("polynomial", "default", {})
    ternary = polynomials.count_coefficients(("Li", "P", "S"), settings)
    assert memory.of_polynomial(ternary, (80, 20), 64).peak == pytest.approx(40e9, rel=0.05)
    monkeypatch.setattr(memory, "available_memory", lambda: 10_000)
    with pytest.raises(ValueError, match=r"of 1e-05 GB at hand: take preset='class'"):
        phonons.train_potential(forces, n_train=6, n_test=4, **SMALL)


@pytest.mark.parametrize("model", [{"model_type": 2, "max_p": 2}, {"max_p": 3},
                                   {"model_type": 4}, {"model_type": 1, "max_p": 2}])  # fmt: skip
@pytest.mark.parametrize("elements", [("Al",), ("Na", "Cl")])
def test_coefficients_are_counted_without_listing_them(model, elements):
    engine = pytest.importorskip("pypolymlp.mlp_dev.pypolymlp").Pypolymlp()
    tiny = {"cutoff": 4.0, "gtinv_maxl": (1, 1), "gaussian_params2": (0.0, 3.0, 2)}
    settings = phonons.learned.settings_of("polynomial", "class", tiny | model)
    counted = polynomials.count_coefficients(elements, settings)
    settings.pop("atom_energies")
    engine.set_params(elements=elements, atomic_energy=(0.0,) * len(elements), **settings)
    assert engine.n_features <= counted <= 1.1 * engine.n_features


def test_memory_of_a_container_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("2000000\n")
    (tmp_path / "memory.current").write_text("500000\n")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert memory.available_memory() == 1_500_000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.available_memory() > 2_000_000


def test_without_pypolymlp_one_line_says_what_works(forces, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypolymlp.mlp_dev.pypolymlp", None)
    for call in (phonons.train_potential, phonons.estimate_memory):
        with pytest.raises(ImportError, match="kind='mtp' trains a moment tensor potential") as e:
            call(forces)
        assert "\n" not in str(e.value)
    phonons.train_potential(forces, kind="mtp", level=4, max_iterations=1, progress=False)


def test_a_data_set_without_energies_is_refused_for_a_polynomial(forces):
    pytest.importorskip("pypolymlp")
    with pytest.raises(ValueError, match="the data set has no energies"):
        phonons.train_potential(replace(forces, energies=None))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"n_train": 5}, ValueError, "n_train and n_test go together"),
        ({"n_test": 5}, ValueError, "n_train and n_test go together"),
        ({"n_train": 8, "n_test": 3}, ValueError, "at most the 10 supercells .* 8 \\+ 3"),
        ({"n_train": 0, "n_test": 3}, ValueError, "n_train must be at least 1"),
        ({"n_train": 5.0, "n_test": 3}, TypeError, "n_train must be a whole number"),
        ({"preset": "large"}, ValueError, "preset must be one of 'class', 'default'"),
        ({"cutof": 5}, TypeError, "settings of kind='polynomial' are cutoff, model_type"),
        ({"ntrain": 5}, TypeError, "called n_train here"),
        ({"gaussian_params1": (1, 1, 1)}, TypeError, "never passes it on"),
        ({"kind": "mtp", "gtinv_maxl": (4, 4)}, TypeError, "settings of kind='mtp' are level"),
        ({"kind": "mtp", "level": 7}, ValueError, "level must be an even number"),
        ({"kind": "mpt"}, ValueError, "kind must be 'polynomial', 'mtp', the path"),
        ({"kind": "none.mtp"}, FileNotFoundError, "no fitted potential at none.mtp"),
        ({"kind": "emt", "cutoff": 5.0}, TypeError, "takes no settings, got cutoff"),
        ({"dataset": "forces.yaml"}, TypeError, "dataset must be a ForceSet"),
    ],
)
def test_arguments_that_make_no_sense_are_named(forces, change, error, words):
    given = {"dataset": forces} | change
    with pytest.raises(error, match=words):
        phonons.train_potential(given.pop("dataset"), **given)
