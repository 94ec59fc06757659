from __future__ import annotations

import functools
import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk, molecule
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.calculators.mixing import SumCalculator
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from ase.spacegroup import crystal
from ase.stress import full_3x3_to_voigt_6_stress
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.calculators import (
    SUFFIXES,
    calculator_factory,
    describe,
    energy_correction,
    get_calculator,
    single_points,
)


@pytest.fixture(scope="module")
def chgnet() -> Calculator:
    return get_calculator("chgnet", device="cpu")


@pytest.fixture(scope="module")
def stock() -> Calculator:
    from chgnet.model.dynamics import CHGNetCalculator

    return CHGNetCalculator(use_device="cpu")


def rattled_cells() -> list[Atoms]:
    rng = np.random.default_rng(7)
    cells = [
        bulk("NaCl", "rocksalt", a=5.6),
        bulk("Li", cubic=True) * (3, 1, 1),
        crystal(["Li", "Li", "N"], [(1 / 3, 2 / 3, 0), (0, 0, 0.5), (0, 0, 0)],
                spacegroup=191, cellpar=[3.65, 3.65, 3.87, 90, 90, 120]) * (2, 1, 1),
        bulk("Fe", cubic=True) * (2, 2, 1),
    ]  # fmt: skip
    for atoms in cells:
        strain = np.eye(3) + rng.normal(scale=0.03, size=(3, 3))
        atoms.set_cell(atoms.cell.array @ strain, scale_atoms=True)
        atoms.rattle(0.1, seed=3)
    return cells


def relaxed(atoms: Atoms, calculator: Calculator) -> float:
    atoms.calc = calculator
    assert BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=0.01, steps=100)
    return atoms.get_potential_energy()


def test_one_pass_gives_the_numbers_of_the_chgnet_package(chgnet, stock):
    for atoms in rattled_cells():
        chgnet.calculate(atoms)
        stock.calculate(atoms.copy())
        assert chgnet.results["energy"] == pytest.approx(float(stock.results["energy"]), abs=1e-5)
        np.testing.assert_allclose(chgnet.results["forces"], stock.results["forces"], atol=1e-4)
        stress = full_3x3_to_voigt_6_stress(stock.results["stress"])
        np.testing.assert_allclose(chgnet.results["stress"], stress, atol=1e-3 * units.GPa)
        np.testing.assert_allclose(
            chgnet.results["magmoms"], stock.results["magmoms"], atol=1e-5
        )  # the stock model takes as many threads as it finds, and single precision notices


def test_forces_and_stress_are_derivatives_of_the_energy(chgnet):
    atoms = rattled_cells()[0]
    atoms.calc = chgnet
    force, stress = atoms.get_forces()[0, 0], atoms.get_stress()[0]
    energies = []
    for step in (-0.01, 0.01):
        moved = atoms.copy()
        moved.positions[0, 0] += step
        chgnet.calculate(moved)
        energies.append(chgnet.results["energy"])
    assert (energies[0] - energies[1]) / 0.02 == pytest.approx(force, abs=5e-3)
    energies = []
    for strain in (-0.005, 0.005):
        moved = atoms.copy()
        moved.set_cell(atoms.cell.array @ np.diag([1 + strain, 1, 1]), scale_atoms=True)
        chgnet.calculate(moved)
        energies.append(chgnet.results["energy"])
    numeric = (energies[1] - energies[0]) / 0.01 / atoms.get_volume()
    assert numeric == pytest.approx(stress, abs=2e-3)


def test_a_batch_gives_what_single_evaluations_give(chgnet):
    cells = rattled_cells()
    done = single_points(cells, chgnet, progress=False, batch_size=3)
    for atoms, result in zip(cells, done, strict=True):
        chgnet.calculate(atoms)
        energy = chgnet.results["energy"]
        assert result.get_potential_energy() == pytest.approx(energy, abs=1e-4)
        np.testing.assert_allclose(result.get_forces(), chgnet.results["forces"], atol=1e-4)
        np.testing.assert_allclose(result.get_stress(), chgnet.results["stress"], atol=1e-5)


def test_stress_does_not_depend_on_the_handedness_of_the_cell(chgnet):
    atoms = rattled_cells()[2]
    left = atoms.copy()
    left.set_cell(atoms.cell.array[[1, 0, 2]])
    chgnet.calculate(atoms)
    expected = chgnet.results["stress"]
    chgnet.calculate(left)
    np.testing.assert_allclose(chgnet.results["stress"], expected, atol=1e-5)


def test_li3n_formation_energy_with_and_without_the_corrections(chgnet):
    plain = get_calculator("chgnet", device="cpu", energy_corrections=False)
    lithium = bulk("Li", cubic=True)
    nitrogen = crystal(["N"], [(0.0545,) * 3], spacegroup=205, cellpar=[5.66] * 3 + [90] * 3)
    nitride = crystal(["Li", "Li", "N"], [(1 / 3, 2 / 3, 0), (0, 0, 0.5), (0, 0, 0)],
                      spacegroup=191, cellpar=[3.65, 3.65, 3.87, 90, 90, 120])  # fmt: skip
    references = 3 * relaxed(lithium, chgnet) / 2 + relaxed(nitrogen, chgnet) / 8  # alpha-N2
    given = (relaxed(nitride, chgnet) - references) / 4
    plain.calculate(nitride)
    assert given == pytest.approx(-0.447, abs=0.001)
    assert (plain.results["energy"] - references) / 4 == pytest.approx(-0.356, abs=0.001)
    for element in (lithium, nitrogen):
        plain.calculate(element)
        assert plain.results["energy"] == pytest.approx(element.get_potential_energy(), abs=1e-6)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("N2", 0.0),
        ("Li3N", -0.361),
        ("LiN3", 3 * -0.361),
        ("LiN2", 2 * -0.361),
        ("NaCl", -0.614),
        ("Fe2O3", 2 * -2.256 + 3 * -0.687),
        ("NF3", 3 * -0.462),  # nitrogen is no anion beside fluorine
        ("CuAu", 0.0),
    ],
)
def test_corrections_are_those_of_the_materials_project(formula, expected):
    atoms = Atoms(formula, cell=[15, 15, 15], pbc=True)
    atoms.set_scaled_positions(np.random.default_rng(1).random((len(atoms), 3)))
    assert energy_correction(atoms) == pytest.approx(expected)
    assert energy_correction(atoms * (2, 1, 1)) == pytest.approx(2 * expected)


def test_oxide_and_peroxide_are_told_apart_by_their_bonds():
    peroxide = Atoms("Li2O2", cell=[8, 8, 8], pbc=True,
                     positions=[[0, 0, 4], [4, 0, 4], [0, 0, 0], [0, 0, 1.45]])  # fmt: skip
    oxide = peroxide.copy()
    oxide.positions[3] = [0, 4, 0]
    assert energy_correction(peroxide) == pytest.approx(2 * -0.465)
    assert energy_correction(oxide) == pytest.approx(2 * -0.687)


@pytest.mark.parametrize(
    ("atoms", "words"),
    [
        (Atoms("Li", cell=[20, 20, 20], pbc=True), "no neighbour within 6 A"),
        (molecule("N2"), "cell in three dimensions"),
        (bulk("Am", "fcc", a=4.9), "Am"),
        (Atoms(cell=[3, 3, 3], pbc=True), "at least one atom"),
    ],
)
def test_chgnet_says_why_it_cannot_handle_a_structure(chgnet, atoms, words):
    with pytest.raises(ValueError, match=words):
        chgnet.calculate(atoms)


def test_failures_among_single_points_carry_their_reason(chgnet):
    images = [bulk("Li"), Atoms("Li", cell=[20, 20, 20], pbc=True), bulk("Cu")]
    with pytest.warns(UserWarning, match="1 of 3 structures"):
        done = single_points(images, chgnet, progress=False)
    assert "isolated" in done[1].info["failure"]
    assert done[1].calc is None
    assert done[2].get_potential_energy() < -3
    assert "failure" not in images[1].info


def test_evaluations_leave_torch_threads_alone(chgnet):
    import torch

    before = torch.get_num_threads()
    chgnet.calculate(bulk("Li"))
    assert torch.get_num_threads() == before


def test_a_model_without_the_corrections_cannot_have_them_undone():
    with pytest.raises(ValueError, match=r"0\.3\.0, 0\.2\.0"):
        get_calculator("chgnet", model="r2scan", energy_corrections=False)


def test_chgnet_is_silent(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get_calculator("chgnet", device="cpu").calculate(bulk("Li"))
    assert capfd.readouterr() == ("", "")


def test_unknown_names_list_what_there_is():
    with pytest.raises(ValueError, match=r"'emt', 'lj', 'chgnet', 'gpaw'.*did you mean 'chgnet'"):
        get_calculator("chgnets")
    with pytest.raises(ValueError, match=r"ending in \.mtp"):
        get_calculator("potential.xyz")


def test_a_missing_potential_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"here\.mtp"):
        get_calculator(tmp_path / "here.mtp")


def spring(path):
    return EMT(**json.loads(path.read_text()))


def test_a_potential_is_opened_by_its_suffix(tmp_path, monkeypatch):
    monkeypatch.setitem(SUFFIXES, ".spring", f"{__name__}:spring")
    (tmp_path / "copper.spring").write_text("{}")
    assert isinstance(get_calculator(tmp_path / "copper.spring"), EMT)
    (tmp_path / "broken.spring").write_text("{")
    with pytest.raises(ValueError, match=r"broken\.spring.*whole file of a saved potential"):
        get_calculator(tmp_path / "broken.spring")


def test_emt_lists_the_elements_it_knows():
    atoms = bulk("Fe")
    atoms.calc = get_calculator("EMT")
    with pytest.raises(ValueError, match=r"no parameters for Fe; it knows Al, Cu"):
        atoms.get_potential_energy()


def test_emt_evaluates_a_molecule_that_has_no_volume():
    done = single_points([molecule("N2")], "emt", progress=False)[0]
    assert {"energy", "forces"} <= set(done.calc.results)
    assert "stress" not in done.calc.results


def test_lennard_jones_crystal_is_near_the_lattice_sum_of_the_uncut_potential():
    argon = bulk("Ar", "fcc", a=5.26, cubic=True)
    energy = relaxed(argon, get_calculator("lj")) / 4
    assert argon.cell[0, 0] / 3.40 / 2**0.5 == pytest.approx(1.090, abs=0.005)
    assert energy / 0.0104 == pytest.approx(-8.61, rel=0.06)  # the cut-off takes 5 %


def test_gpaw_missing_says_what_to_do():
    if subprocess.run([sys.executable, "-c", "import gpaw"], capture_output=True).returncode == 0:
        pytest.skip("GPAW is installed")
    with pytest.raises(ImportError, match="environment of its own"):
        get_calculator("gpaw")


def test_factories_come_from_names_calculators_and_functions():
    calculator = get_calculator("emt")
    assert calculator_factory(calculator)() is calculator
    assert calculator_factory(lambda: calculator)() is calculator
    assert calculator_factory("lj")().name == "lennardjones"
    with pytest.raises(TypeError, match="got int"):
        calculator_factory(3)


def test_importing_calculators_does_not_import_torch():
    code = "import sys, matlearn.calculators; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("name", [None, 3, b"emt"])
def test_a_name_of_another_type_is_refused(name):
    with pytest.raises(TypeError, match="name_or_path must be a name"):
        get_calculator(name)


@pytest.mark.parametrize(
    ("name", "listed"), [("emt", "none"), ("lj", "sigma, epsilon"), ("chgnet", "model, device")]
)
def test_an_unknown_option_is_an_error_that_lists_the_known_ones(name, listed):
    with pytest.raises(TypeError, match=f"options of '{name}' are {listed}.*got 'colour'"):
        get_calculator(name, colour="red")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"sigma": "3"}, TypeError),
        ({"epsilon": float("nan")}, ValueError),
        ({"rc": -1}, ValueError),
    ],
)
def test_lengths_and_depths_of_lennard_jones_are_checked(options, error):
    (name,) = options
    with pytest.raises(error, match=name):
        get_calculator("lj", **options)


def test_a_factory_for_an_unknown_name_fails_at_once():
    with pytest.raises(ValueError, match="did you mean 'chgnet'"):
        calculator_factory("chgnt")


def test_single_points_take_pymatgen_structures_and_refuse_one_alone():
    (done,) = single_points([AseAtomsAdaptor.get_structure(bulk("Cu"))], "emt", progress=False)
    assert done.get_potential_energy() == pytest.approx(-0.0057, abs=1e-4)
    with pytest.raises(TypeError, match="several ASE Atoms"):
        single_points(bulk("Cu"), "emt", progress=False)


def test_descriptions_tell_weights_apart_and_hold_no_address():
    import torch

    first, second = (torch.nn.Linear(2, 1) for _ in range(2))
    names = [describe(functools.partial(get_calculator, model=m)) for m in (first, first, second)]
    assert names[0] == names[1] != names[2]
    assert "0x" not in describe(functools.partial(get_calculator, hook=object()))


def test_functions_are_told_apart_by_their_code_and_what_they_use():
    def maker(sigma, change=0):
        return lambda: get_calculator("lj", sigma=sigma + change)

    def edited(sigma, change=0):
        return lambda: get_calculator("lj", sigma=sigma + 2 * change)

    assert describe(maker(2.5)) == describe(maker(2.5)) != describe(maker(2.6))
    assert describe(maker(2.5)).partition(":")[2] != describe(edited(2.5)).partition(":")[2]
    assert describe(get_calculator) == "get_calculator"  # ours are known by their name

    class Made:
        def __init__(self, sigma):
            self.sigma = sigma

        def __call__(self):
            return get_calculator("lj", sigma=self.sigma)

    assert describe(Made(2.5)) != describe(Made(2.6))


def test_sums_of_calculators_are_told_apart():
    sums = [
        SumCalculator([get_calculator("emt"), get_calculator("lj", sigma=s)]) for s in (2.5, 2.6)
    ]
    assert describe(sums[0]) != describe(sums[1])
    assert "emt" in describe(sums[0])


@pytest.mark.parametrize("options", [{"device": "tpu"}, {"model": "9.9"}, {"threads": "2"}])
def test_wrong_options_of_chgnet_are_named(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"{name} must be"):
        get_calculator("chgnet", **options)
