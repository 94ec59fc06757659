"""NequIP: invariances of the network, honest forces and stress, files, input, interrupts."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.stress import voigt_6_to_full_3x3_stress

from matlearn._tensors import read_tensors, write_tensors
from matlearn.calculators import single_points
from matlearn.fitting import FitResult
from matlearn.plotting import describe
from matlearn.potentials._figures.training import training_history

pytest.importorskip("nequip")

import torch

from matlearn.potentials import equivariant
from matlearn.potentials._nequip.calculator import NequIPCalculator
from matlearn.potentials.equivariant import NequIPPotential, fit_nequip, nequip_configuration

TINY = {"cutoff": 3.6, "layers": 2, "l_max": 1, "features": 4, "progress": False}


def cells(count: int, seed: int) -> list[Atoms]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        atoms = bulk("Cu", "fcc", a=rng.uniform(3.6, 4.0), cubic=True)
        atoms.symbols[:] = rng.choice(["Cu", "Au"], 4)
        atoms.symbols[0] = "Cu"
        atoms.positions += rng.normal(0, 0.1, (4, 3))
        made.append(atoms)
    return single_points(made, "emt", progress=False)


@pytest.fixture(scope="module")
def train() -> list[Atoms]:
    return cells(10, 0)


@pytest.fixture(scope="module")
def held() -> list[Atoms]:
    return cells(3, 1)


@pytest.fixture(scope="module")
def fit(train: list[Atoms], held: list[Atoms]) -> FitResult:
    return fit_nequip(train, held, epochs=12, **TINY)


@pytest.fixture(scope="module")
def potential(fit: FitResult) -> NequIPPotential:
    assert isinstance(fit.potential, NequIPPotential)
    return fit.potential


@pytest.fixture(scope="module")
def calculator(potential: NequIPPotential) -> NequIPCalculator:
    return potential.calculator()


@pytest.fixture
def atoms(calculator: NequIPCalculator) -> Atoms:
    """A skewed cell without symmetry, and a calculator."""
    crystal = bulk("Cu", "fcc", a=3.8, cubic=True)
    crystal.symbols[:] = ["Cu", "Au", "Au", "Cu"]
    strain = np.eye(3) + np.array([[0, 0.1, 0], [0, 0.02, 0.05], [0, 0, -0.03]])
    crystal.set_cell(crystal.cell @ strain, scale_atoms=True)
    crystal.rattle(0.15, seed=3)
    crystal.calc = calculator
    return crystal


def rotation(seed: int) -> np.ndarray:
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def test_a_turned_crystal_has_the_same_energy_and_turned_forces_and_stress(atoms: Atoms) -> None:
    turn = rotation(1)
    energies = atoms.get_potential_energies()
    forces, stress = atoms.get_forces(), atoms.get_stress(voigt=False)
    other = atoms.copy()
    other.set_cell(atoms.cell @ turn.T)
    other.positions = atoms.positions @ turn.T
    other.calc = atoms.calc
    assert other.get_potential_energies() == pytest.approx(energies, abs=1e-10)
    assert other.get_forces() == pytest.approx(forces @ turn.T, abs=1e-9)
    assert other.get_stress(voigt=False) == pytest.approx(turn @ stress @ turn.T, abs=1e-10)
    assert np.abs(forces).max() > 0.1


def test_a_mirrored_crystal_has_the_same_energy(atoms: Atoms) -> None:
    other = atoms.copy()
    other.set_cell(-atoms.cell.array)
    other.positions = -atoms.positions
    other.calc = atoms.calc
    energy = atoms.get_potential_energy()
    assert other.get_potential_energy() == pytest.approx(energy, abs=1e-10)


def test_names_and_origin_of_atoms_do_not_matter(atoms: Atoms) -> None:
    energies, forces = atoms.get_potential_energies(), atoms.get_forces()
    order = [2, 0, 3, 1]
    other = atoms[order]
    other.translate([0.3, -1.2, 7.9])
    other.wrap()
    other.calc = atoms.calc
    assert other.get_potential_energies() == pytest.approx(energies[order], abs=1e-10)
    assert other.get_forces() == pytest.approx(forces[order], abs=1e-10)


def test_a_supercell_has_as_many_times_the_energy(atoms: Atoms) -> None:
    energy, forces, stress = atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
    other = atoms.repeat((2, 1, 3))
    other.calc = atoms.calc
    assert other.get_potential_energy() == pytest.approx(6 * energy, abs=1e-9)
    assert other.get_forces() == pytest.approx(np.tile(forces, (6, 1)), abs=1e-10)
    assert other.get_stress() == pytest.approx(stress, abs=1e-12)


def test_forces_are_the_derivatives_of_the_energy(atoms: Atoms) -> None:
    forces, step = atoms.get_forces(), 1e-4
    for atom, axis in ((0, 0), (1, 2), (3, 1)):
        energies = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[atom, axis] += sign * step
            moved.calc = atoms.calc
            energies.append(moved.get_potential_energy())
        assert -(energies[0] - energies[1]) / (2 * step) == pytest.approx(
            forces[atom, axis], abs=1e-6
        )


def test_stress_is_the_derivative_of_the_energy_by_strain(atoms: Atoms) -> None:
    stress, step = atoms.get_stress(voigt=False), 1e-5
    for i, j in ((0, 0), (2, 2), (0, 1), (1, 2)):
        energies = []
        for sign in (1, -1):
            strain = np.eye(3)
            strain[i, j] += sign * step / 2
            strain[j, i] += sign * step / 2
            bent = atoms.copy()
            bent.set_cell(atoms.cell @ strain, scale_atoms=True)
            bent.calc = atoms.calc
            energies.append(bent.get_potential_energy())
        slope = (energies[0] - energies[1]) / (2 * step) / atoms.get_volume()
        assert slope == pytest.approx(stress[i, j], abs=1e-7)


def test_a_cluster_has_forces_and_no_stress(atoms: Atoms) -> None:
    cluster = Atoms("CuAu2", [[0, 0, 0], [2.5, 0, 0], [0.4, 2.6, 0.3]])
    cluster.calc = atoms.calc
    assert np.abs(cluster.get_forces()).max() > 1e-3
    assert cluster.get_forces().sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert "stress" not in cluster.calc.results


def test_a_lone_atom_has_the_energy_of_its_species(
    train: list[Atoms], calculator: NequIPCalculator
) -> None:
    lone = Atoms("Au")
    lone.calc = calculator
    counts = [[a.symbols.count("Cu"), a.symbols.count("Au")] for a in train]
    shifts = np.linalg.lstsq(counts, [a.get_potential_energy() for a in train], rcond=None)[0]
    assert lone.get_potential_energy() == pytest.approx(shifts[1], abs=1e-6)
    assert lone.get_forces() == pytest.approx(np.zeros((1, 3)))


def test_training_lowers_the_errors_and_reports_each_epoch(fit: FitResult) -> None:
    first, last = fit.history[0], fit.history[-1]
    assert [row["epoch"] for row in fit.history] == list(range(1, 13))
    assert last["loss"] < 0.5 * first["loss"]
    assert last["learning_rate"] < 0.05 * first["learning_rate"]
    assert {"Cu_f_mae", "Au_f_mae", "energy_rmse", "forces_mae", "cpu_seconds"} <= set(last)
    assert fit.converged
    assert fit.stop_reason.startswith("all epochs done")
    assert fit.parameters == fit.potential.parameters_count > 100


def test_the_report_is_of_the_epoch_that_the_history_calls_best(fit: FitResult) -> None:
    best = min(fit.history, key=lambda row: 10 * row["energy_rmse"] + row["forces_rmse"])
    assert f"{best['epoch']:.0f}" == fit.stop_reason.rpartition(" ")[2]
    assert fit.validation is not None
    rms = fit.validation.errors["energy_per_atom"].rms
    assert rms == pytest.approx(best["energy_rmse"], rel=1e-3)
    assert fit.validation.metrics["Cu_f_mae"] == pytest.approx(best["Cu_f_mae"], rel=1e-3)


def test_the_history_is_drawn_by_name(fit: FitResult) -> None:
    ax = training_history({"one": fit, "the same": fit}, "forces_rmse")
    assert [line.get_label() for line in ax.lines] == ["one", "the same"]
    assert ax.lines[0].get_ydata() == pytest.approx([row["forces_rmse"] for row in fit.history])
    first, last = fit.history[0]["forces_rmse"], fit.history[-1]["forces_rmse"]
    assert f"one falls from {first:.3g} to {last:.3g}" in describe(ax)
    with pytest.raises(ValueError, match="quantity must be one of epoch"):
        training_history(fit, "weather")


def test_the_same_seed_gives_the_same_network_and_leaves_no_trace(
    train: list[Atoms], held: list[Atoms], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(5)
    random.seed(5)
    state, own = torch.get_rng_state(), random.getstate()
    weights = [
        fit_nequip(train, held, epochs=1, seed=seed, **TINY).potential.weights for seed in (3, 3, 4)
    ]
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert any(not np.array_equal(weights[0][name], weights[2][name]) for name in weights[0])
    assert torch.get_default_dtype() is torch.float32
    assert torch.equal(torch.get_rng_state(), state)
    assert random.getstate() == own
    assert not list(tmp_path.iterdir())


def test_a_saved_network_comes_back(
    potential: NequIPPotential, atoms: Atoms, tmp_path: Path
) -> None:
    path = tmp_path / "network.safetensors"
    potential.save(path)
    loaded = NequIPPotential.load(path)
    assert (loaded.species, loaded.cutoff) == (("Cu", "Au"), 3.6)
    assert loaded.configuration == potential.configuration
    energy, forces = atoms.get_potential_energy(), atoms.get_forces()
    atoms.calc = loaded.calculator()
    assert atoms.get_potential_energy() == energy
    assert np.array_equal(atoms.get_forces(), forces)
    with pytest.raises(ValueError, match=r"must end in \.safetensors"):
        potential.save(tmp_path / "network.pth")


def test_files_that_are_no_network_are_refused(potential: NequIPPotential, tmp_path: Path) -> None:
    whole = tmp_path / "whole.safetensors"
    potential.save(whole)
    weights, metadata = read_tensors(whole)
    bad = tmp_path / "bad.safetensors"
    for content in (b"", b"not a network", whole.read_bytes()[:-10]):
        bad.write_bytes(content)
        with pytest.raises(ValueError, match="safetensors file"):
            NequIPPotential.load(bad)
    write_tensors(bad, weights, metadata | {"kind": "chgnet"})
    with pytest.raises(ValueError, match="holds no NequIP network"):
        NequIPPotential.load(bad)
    model = json.loads(metadata["model"]) | {"_target_": "os.system"}
    write_tensors(bad, weights, metadata | {"model": json.dumps(model)})
    with pytest.raises(ValueError, match="must be nequip"):
        NequIPPotential.load(bad)
    model = json.loads(metadata["model"]) | {"num_features": 5}
    write_tensors(bad, weights, metadata | {"model": json.dumps(model)})
    with pytest.raises(ValueError, match="do not fit"):
        NequIPPotential.load(bad).calculator()


def test_single_precision_agrees_with_double(potential: NequIPPotential, atoms: Atoms) -> None:
    energy, forces = atoms.get_potential_energy(), atoms.get_forces()
    atoms.calc = potential.calculator(precision="float32")
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-4)
    assert atoms.get_forces() == pytest.approx(forces, abs=1e-4)
    with pytest.raises(ValueError, match="precision must be"):
        potential.calculator(precision="half")


def test_an_interrupt_keeps_the_best_so_far(train: list[Atoms], held: list[Atoms]) -> None:
    seen = []

    def stop(epoch: int, row: dict[str, float], potential: NequIPPotential) -> None:
        seen.append((epoch, potential.parameters_count))
        if epoch == 2:
            raise KeyboardInterrupt

    fit = fit_nequip(train, held, epochs=50, callback=stop, **TINY)
    assert len(fit.history) == len(seen) == 2
    assert fit.stop_reason.startswith("interrupted")
    assert not fit.converged
    assert fit.validation is not None


def test_the_keyboard_interrupts_within_an_epoch(
    train: list[Atoms], held: list[Atoms], monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    from nequip.train import EMALightningModule

    steps = []
    original = EMALightningModule.optimizer_step

    def step(self: EMALightningModule, *args: object, **kwargs: object) -> None:
        steps.append(1)
        if len(steps) == 5:
            signal.raise_signal(signal.SIGINT)
        original(self, *args, **kwargs)

    monkeypatch.setattr(EMALightningModule, "optimizer_step", step)
    before = signal.getsignal(signal.SIGINT)
    fit = fit_nequip(train, held, epochs=50, **TINY)
    assert fit.stop_reason.startswith("interrupted")
    assert len(fit.history) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_minutes_decide_the_number_of_epochs(
    train: list[Atoms], held: list[Atoms], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matlearn.potentials._nequip import training

    monkeypatch.setattr(training, "epoch_seconds", lambda *_: 1000.0)
    fit = fit_nequip(train, held, max_minutes=60, **TINY)
    assert len(fit.history) == 3  # 3600 s hold three epochs of 1000 s
    assert "T_max: 3}" in fit.potential.configuration


def test_an_epoch_is_timed_by_a_few_batches(train: list[Atoms], held: list[Atoms]) -> None:
    from matlearn.potentials._nequip.configuration import parsed_configuration
    from matlearn.potentials._nequip.training import epoch_seconds

    text = nequip_configuration(train, cutoff=3.6, features=2, layers=1, epochs=1)
    assert 0 < epoch_seconds(parsed_configuration(text), train, held, 1) < 60


def test_a_changed_configuration_is_what_runs(train: list[Atoms], held: list[Atoms]) -> None:
    text = nequip_configuration(train, cutoff=3.6, features=4, epochs=1)
    text = text.replace("lr: 0.01", "lr: 0.004").replace("num_layers: 2", "num_layers: 1")
    fit = fit_nequip(train, held, configuration=text, progress=False)
    assert fit.history[0]["learning_rate"] == 0.004
    assert fit.potential.layers == 1
    with pytest.raises(ValueError, match="give none of them besides"):
        fit_nequip(train, held, configuration=text, cutoff=4.0)
    with pytest.raises(ValueError, match="no part 'trainer'"):
        fit_nequip(train, held, configuration=text.replace("trainer:", "coach:"))
    with pytest.raises(ValueError, match="not valid YAML"):
        fit_nequip(train, held, configuration="run: [train")


def test_stresses_are_learned_only_where_all_have_them(train: list[Atoms]) -> None:
    assert "EnergyForceStressLoss" in nequip_configuration(train, cutoff=3.6)
    some = [atoms.copy() for atoms in train]
    for atoms, reference in zip(some, train, strict=True):
        known = {k: reference.calc.results[k] for k in ("energy", "forces")}
        atoms.calc = SinglePointCalculator(atoms, **known)
    text = nequip_configuration([*train[:3], *some[3:]], cutoff=3.6)
    assert "nequip.train.EnergyForceLoss" in text
    assert "EnergyForceLoss" in nequip_configuration(some, cutoff=3.6)
    mixed = [*train[:3], *some[3:]]
    fit = fit_nequip(mixed, mixed[2:], cutoff=3.0, layers=1, features=2, epochs=1, progress=False)
    assert fit.train.errors["stress"].count == 3


def test_without_stresses_energies_weigh_more_at_the_end(train: list[Atoms]) -> None:
    images = [without(atoms, "stress") for atoms in train]
    text = nequip_configuration(images, cutoff=3.6, features=4, epochs=3)
    weights = "{2: {per_atom_energy_mse: 40.0, forces_mse: 1.0}}"
    assert weights in text
    text = text.replace(weights, "{2: {per_atom_energy_mse: 1.0, forces_mse: 0.0}}")
    fit = fit_nequip(images, images[:2], configuration=text, progress=False)
    losses = [row["loss"] for row in fit.history]
    assert losses[2] < 0.4 * losses[1]  # forces are by far the larger part


def without(atoms: Atoms, name: str) -> Atoms:
    copy = atoms.copy()
    copy.calc = SinglePointCalculator(
        copy,
        **{
            k: v
            for k, v in atoms.calc.results.items()
            if k in ("energy", "forces", "stress") and k != name
        },
    )
    return copy


def test_images_that_say_too_little_are_refused(train: list[Atoms], held: list[Atoms]) -> None:
    with pytest.raises(ValueError, match="train is empty"):
        fit_nequip([], held, cutoff=3.6)
    with pytest.raises(ValueError, match="validation is empty"):
        fit_nequip(train, [], cutoff=3.6)
    with pytest.raises(ValueError, match=r"train\[1\] .* no forces"):
        fit_nequip([train[0], without(train[1], "forces")], held, cutoff=3.6)
    with pytest.raises(ValueError, match=r"validation\[0\] .* no energy"):
        fit_nequip(train, [without(held[0], "energy")], cutoff=3.6)
    with pytest.raises(ValueError, match="holds Ni"):
        nickel = single_points([bulk("Ni", cubic=True)], "emt", progress=False)
        fit_nequip(train, nickel, cutoff=3.6)


def test_images_that_make_no_sense_are_refused(train: list[Atoms], held: list[Atoms]) -> None:
    broken = train[0].copy()
    forces = np.array(train[0].get_forces())
    forces[0, 0] = np.nan
    broken.calc = SinglePointCalculator(broken, energy=1.0, forces=forces)
    with pytest.raises(ValueError, match="not a number"):
        fit_nequip([broken], held, cutoff=3.6)
    twice = train[0].copy()
    twice.positions[1] = twice.positions[0] + 0.01
    twice.calc = SinglePointCalculator(twice, energy=1.0, forces=np.ones((4, 3)))
    with pytest.raises(ValueError, match="on top of each other"):
        fit_nequip([twice], held, cutoff=3.6)
    still = bulk("Cu", cubic=True)
    still.calc = SinglePointCalculator(still, energy=0.0, forces=np.zeros((4, 3)))
    with pytest.raises(ValueError, match="all zero"):
        fit_nequip([still], [still], cutoff=3.6)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({}, ValueError, "cutoff must be given"),
        ({"cutoff": 1.5}, ValueError, "no atom of train has a neighbour"),
        ({"cutoff": -1.0}, ValueError, "cutoff must be positive"),
        ({"cutoff": "far"}, TypeError, "cutoff must be a number"),
        ({"cutoff": 3.6, "layers": 0}, ValueError, "layers must be at least 1"),
        ({"cutoff": 3.6, "l_max": 1.5}, TypeError, "l_max must be a whole number"),
        ({"cutoff": 3.6, "epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"cutoff": 3.6, "max_minutes": 0}, ValueError, "max_minutes must be positive"),
        ({"cutoff": 3.6, "device": "abacus"}, ValueError, "device must be"),
        ({"cutoff": 3.6, "threads": 0}, ValueError, "threads must be at least 1"),
    ],
)
def test_settings_that_make_no_network_are_refused(
    settings: dict, error: type, words: str, train: list[Atoms], held: list[Atoms]
) -> None:
    with pytest.raises(error, match=words):
        fit_nequip(train, held, progress=False, **settings)


def test_a_structure_that_the_network_does_not_know_is_refused(atoms: Atoms) -> None:
    nickel = bulk("Ni")
    nickel.calc = atoms.calc
    with pytest.raises(ValueError, match="knows Cu, Au, not Ni"):
        nickel.get_potential_energy()
    atoms.positions[0, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        atoms.get_potential_energy()


def test_without_a_compiler_compiling_says_so(
    potential: NequIPPotential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(RuntimeError, match=r"needs a C\+\+ compiler"):
        potential.compile(device="cpu")


def test_without_nequip_the_error_says_what_to_install(
    train: list[Atoms], held: list[Atoms], monkeypatch: pytest.MonkeyPatch
) -> None:
    from matlearn.potentials._nequip import surroundings

    monkeypatch.setattr(surroundings, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install nequip"):
        fit_nequip(train, held, cutoff=3.6)


def test_the_module_loads_without_torch() -> None:
    import subprocess
    import sys

    code = (
        f"import sys, {equivariant.__name__}\n"
        "print(sorted({'torch', 'nequip', 'lightning'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_gpu_gives_what_the_cpu_gives(
    train: list[Atoms], held: list[Atoms], atoms: Atoms
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    fit = fit_nequip(train, held, epochs=2, device="cuda", **TINY)
    assert len(fit.history) == 2
    atoms.calc = fit.potential.calculator(device="cpu")
    energy, forces = atoms.get_potential_energy(), atoms.get_forces()
    atoms.calc = fit.potential.calculator(device="cuda")
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-9)
    assert atoms.get_forces() == pytest.approx(forces, abs=1e-9)
    stress = voigt_6_to_full_3x3_stress(atoms.get_stress())
    assert stress == pytest.approx(stress.T)
