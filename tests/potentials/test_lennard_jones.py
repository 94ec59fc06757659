from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.lj import LennardJones as ASELennardJones
from ase.cluster import Octahedron

from matlearn import datasets
from matlearn.calculators import get_calculator, single_points, with_results
from matlearn.fitting import FitResult
from matlearn.potentials._lennard_jones.sums import energies, pair_sums
from matlearn.potentials.lennard_jones import LennardJonesFit, fit_lennard_jones


def argon_clusters() -> list[Atoms]:
    clusters = []
    for seed, a in enumerate((5.0, 5.2, 5.4, 5.7)):
        atoms = Octahedron("Ar", 3, latticeconstant=a)
        atoms.rattle(0.1, seed=seed)
        clusters.append(atoms)
    return clusters


@pytest.fixture(scope="module")
def published(published_mirror: str) -> list[Atoms]:
    return datasets.load("argon-dft")


@pytest.mark.parametrize("atoms", [bulk("Ar", a=5.3) * (1, 1, 2), argon_clusters()[0]])
def test_sums_give_ase_s_energy(atoms):
    atoms = atoms.copy()
    atoms.rattle(0.1, seed=0)
    lj = ASELennardJones(sigma=3.3, epsilon=0.011, rc=9.0, ro=7.5, smooth=True)
    lj.calculate(atoms, ["energy"])
    ours = energies(np.array(pair_sums(atoms, 9.0)), 3.3, 0.011)
    assert ours == pytest.approx(lj.results["energy"], rel=1e-10)


@pytest.mark.parametrize(("sigma", "epsilon"), [(3.3, 0.01), (2.3, 0.4), (3.9, 0.02)])
def test_parameters_that_made_the_energies_are_found_again(sigma, epsilon):
    made_up = get_calculator("lj", sigma=sigma, epsilon=epsilon, rc=12.0)
    fit = fit_lennard_jones(single_points(argon_clusters(), made_up, progress=False))
    assert (fit.sigma, fit.epsilon) == pytest.approx((sigma, epsilon), rel=1e-6)
    assert fit.train.errors["forces"].maximal < 1e-6
    assert fit.converged
    assert fit.to_frame()["loss"].iloc[-1] < 1e-12 < fit.to_frame()["loss"].iloc[0]


def test_standard_errors_are_those_of_repeated_noise():
    made_up = get_calculator("lj", sigma=3.4, epsilon=0.01, rc=12.0)
    crystals = [bulk("Ar", a=a) for a in np.linspace(4.9, 6.2, 12)]
    clean = single_points(crystals, made_up, progress=False)
    rng = np.random.default_rng(1)
    fits = []
    for _ in range(100):
        noisy = [
            with_results(a, {"energy": a.get_potential_energy() + rng.normal(0, 0.001)})
            for a in clean
        ]
        fits.append(fit_lennard_jones(noisy))
    for name in ("sigma", "epsilon"):
        spread = np.std([getattr(fit, name) for fit in fits])
        claimed = np.sqrt(np.mean([getattr(fit, f"{name}_error") ** 2 for fit in fits]))
        assert claimed == pytest.approx(spread, rel=0.3)


def test_a_molecule_and_its_fit_agree_on_where_the_minimum_is():
    dimers = [Atoms("Ar2", [(0, 0, 0), (r, 0, 0)]) for r in (3.3, 3.6, 4.0, 5.0)]
    fit = fit_lennard_jones(single_points(dimers, "lj", progress=False), cutoff=10.2)
    at_minimum = Atoms(
        "Ar2", [(0, 0, 0), (2 ** (1 / 6) * fit.sigma, 0, 0)], calculator=fit.calculator()
    )
    assert at_minimum.get_potential_energy() == pytest.approx(-fit.epsilon, rel=1e-9)
    assert abs(at_minimum.get_forces()).max() < 1e-9


def test_a_saved_report_keeps_the_two_numbers(tmp_path):
    fit = fit_lennard_jones(single_points(argon_clusters(), "lj", progress=False))
    fit.save(tmp_path / "fit.json")
    back = LennardJonesFit.load(tmp_path / "fit.json")
    assert {f.name for f in fields(back)} >= {"sigma", "epsilon_error"}
    assert (back.sigma, back.epsilon_error) == (fit.sigma, fit.epsilon_error)
    assert FitResult.load(tmp_path / "fit.json").train.parity == fit.train.parity
    with pytest.raises(ValueError, match=r"get_calculator\('lj', sigma="):
        fit.save(tmp_path / "argon.mtp")


def test_the_published_argon_is_read_as_crystals(published):
    kinds = [image.info["crystal"] for image in published]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "fcc": 19, "hcp": 30, "bcc": 30, "sc": 30, "diamond": 30,
    }  # fmt: skip
    lowest = min(published, key=lambda image: image.get_potential_energy() / len(image))
    assert (lowest.info["crystal"], lowest.info["a"]) == ("fcc", 5.8)
    assert lowest.get_potential_energy() == pytest.approx(-0.04182469)


def test_two_parameters_cannot_bind_open_and_close_packed_crystals_at_once(published):
    fit = fit_lennard_jones(published)
    closed = fit_lennard_jones([a for a in published if a.info["crystal"] in ("fcc", "hcp")])
    rms, alone = (f.train.errors["energy_per_atom"].rms for f in (fit, closed))
    assert rms > 0.005 > 2 * alone
    residual = {}
    x, y = (np.array(v) for v in fit.train.parity["energy_per_atom"])
    for kind in ("fcc", "diamond"):
        chosen = [image.info["crystal"] == kind for image in published]
        residual[kind] = (y - x)[chosen].mean()
    assert residual["fcc"] < -0.002 < 0.005 < residual["diamond"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images: [], "images is empty"),
        (lambda images: images[:2], "at least 3 structures"),
        (lambda images: [*images, bulk("Ar")], "has no energy"),
        (lambda images: [*images, with_results(bulk("Ne"), {"energy": 0.0})], "one element"),
        (lambda images: [*images, with_results(bulk("Ar"), {"energy": np.nan})], "not finite"),
        (lambda images: [with_results(a, {"energy": 1.0}) for a in images], "no Lennard-Jones"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    images = single_points(argon_clusters(), "lj", progress=False)
    with pytest.raises(ValueError, match=message):
        fit_lennard_jones(change(images))


def test_a_cut_off_that_leaves_no_pair_is_refused():
    images = single_points([molecule("N2")] * 3, "emt", progress=False)
    with pytest.raises(ValueError, match="shorter than every distance"):
        fit_lennard_jones(images, cutoff=1.0)
    on_top = with_results(Atoms("Ar2", positions=np.zeros((2, 3))), {"energy": 0.0})
    with pytest.raises(ValueError, match="in the same place"):
        fit_lennard_jones([on_top] * 3)


def test_own_argon_is_read_relative_to_atoms_on_their_own():
    images = datasets.load("argon-gpaw")
    assert "atom" not in {image.info["kind"] for image in images}
    dimers = [image for image in images if image.info["kind"] == "dimer"]
    lowest = min(image.get_potential_energy() for image in dimers)
    assert -0.03 < lowest < -0.005
    far = max(dimers, key=lambda image: image.get_distance(0, 1))
    assert abs(far.get_potential_energy()) < 0.2 * abs(lowest)
    crystals = [image for image in images if "crystal" in image.info]
    assert {image.info["crystal"] for image in crystals} == {"fcc", "bcc", "sc", "diamond"}
    assert fit_lennard_jones(crystals).train.errors["energy_per_atom"].rms < 0.02


def test_lithium_carries_forces_and_stress():
    for image in datasets.load("lithium-pbe"):
        assert {"energy", "forces", "stress"} <= set(image.calc.results)
