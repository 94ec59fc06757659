"""Moment tensor potentials: training, files, invariances and bad input."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.singlepoint import SinglePointCalculator
from motep.calculator import MTP as MotepCalculator
from motep.io.mlip.mtp import read_mtp, write_mtp

import matlearn as ml
from matlearn.potentials import MTP
from matlearn.potentials._mtp.objective import Objective
from matlearn.potentials._mtp.packing import pack_references


@pytest.fixture(scope="module")
def fitted(small_cu_au):
    mtp = MTP(6, ["Cu", "Au"], cutoff=4.5)
    result = mtp.fit(small_cu_au, max_iterations=30, starts=1, progress=False)
    return mtp, result


def labelled(atoms, energy=0.0, forces=None, stress=None):
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
    return atoms


@pytest.mark.parametrize("seed", [0, 1])
def test_level_8_reaches_the_published_accuracy_on_copper_gold(cu_au, seed):
    images = cu_au(seed)
    mtp = MTP(8, ["Cu", "Au"], min_distance=1.9)
    result = mtp.fit(images[:100], progress=False, starts=4 - 2 * seed, seed=seed)
    test = ml.fitting.error_report(mtp.calculator(), images[100:])
    assert test.errors["energy_per_atom"].rms < 1.9e-3
    assert test.metrics["f_rmse"] < 0.045
    assert result.parameters == 75


def test_level_12_is_better_than_level_8(cu_au):
    images = cu_au(0)
    mtp = MTP(12, ["Cu", "Au"], min_distance=1.9)
    mtp.fit(images[:100], progress=False, starts=2, seed=1)
    test = ml.fitting.error_report(mtp.calculator(), images[100:])
    assert test.errors["energy_per_atom"].rms < 1.3e-3
    assert test.metrics["f_rmse"] < 0.037


def test_the_loss_never_rises(fitted):
    losses = np.array([row["loss"] for row in fitted[1].history])
    assert (np.diff(losses) < 0).all()
    assert losses[-1] < 0.05 * losses[0]


def test_same_seed_same_potential(small_cu_au, fitted):
    again = MTP(6, ["Cu", "Au"], cutoff=4.5)
    again.fit(small_cu_au, max_iterations=30, starts=1, progress=False)
    assert np.array_equal(again.parameters, fitted[0].parameters)


def test_the_loss_is_the_one_of_motep(fitted, small_cu_au):
    mtp = fitted[0]
    known = pack_references(small_cu_au, mtp._numbers, mtp.cutoff)
    ours = Objective(known, mtp.model, (1.0, 0.01, 0.001)).loss(mtp.parameters)
    total = 0.0
    for atoms in small_cu_au:
        theirs = atoms.copy()
        theirs.calc = MotepCalculator(mtp.data)
        reference = atoms.calc.results
        n, volume = len(atoms), atoms.get_volume()
        stress = theirs.get_stress(voigt=False) - atoms.get_stress(voigt=False)
        total += ((theirs.get_potential_energy() - reference["energy"]) / n) ** 2
        total += 0.01 / n * ((theirs.get_forces() - reference["forces"]) ** 2).sum()
        total += 0.001 * (volume / n) ** 2 * (stress**2).sum()
    assert ours == pytest.approx(total / len(small_cu_au), rel=1e-8)


def test_the_gradient_of_the_loss_is_its_derivative(fitted, small_cu_au):
    mtp = fitted[0]
    known = pack_references(small_cu_au[:3], mtp._numbers, mtp.cutoff)
    objective = Objective(known, mtp.model, (1.0, 0.01, 0.001))
    x = mtp.parameters + np.random.default_rng(0).normal(0, 0.01, mtp.n_parameters)
    _, gradient, matrix = objective.quadratic(x)
    assert np.allclose(matrix, matrix.T)
    for p in (0, mtp.n_scalars, mtp.n_parameters - 5):
        step = np.zeros_like(x)
        step[p] = 1e-6
        slope = (objective.loss(x + step) - objective.loss(x - step)) / 2e-6
        assert 2 * gradient[p] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_training_stops_when_held_back_structures_gain_no_more(small_cu_au):
    mtp = MTP(8, ["Cu", "Au"], cutoff=4.5)
    result = mtp.fit(
        small_cu_au[:2],
        validation=small_cu_au[6:],
        max_iterations=60,
        starts=1,
        progress=False,
    )
    losses = [row["validation_loss"] for row in result.history]
    assert result.stop_reason.startswith("validation best at iteration")
    assert result.validation is not None
    known = pack_references(small_cu_au[6:], mtp._numbers, mtp.cutoff)
    kept = Objective(known, mtp.model, (1.0, 0.01, 0.001)).loss(mtp.parameters)
    assert kept == pytest.approx(min(losses), rel=1e-9)


def test_an_interrupted_fit_keeps_the_best_so_far(small_cu_au):
    def stop(iteration, row, mtp):
        if iteration == 5:
            raise KeyboardInterrupt

    mtp = MTP(6, ["Cu", "Au"], cutoff=4.5)
    result = mtp.fit(small_cu_au, starts=1, progress=False, callback=stop)
    assert result.stop_reason == "interrupted"
    assert len(result.history) == 6
    assert mtp.fitted and result.train.errors["energy_per_atom"].rms < 1.0


def test_going_on_starts_where_the_last_fit_ended(fitted, small_cu_au):
    mtp = fitted[0].copy()
    result = mtp.fit(small_cu_au, max_iterations=5, restart=False, progress=False)
    assert result.history[0]["loss"] <= fitted[1].history[-1]["loss"]
    assert not np.array_equal(mtp.parameters, fitted[0].parameters)


def test_least_squares_recovers_a_potential_of_the_same_form(small_cu_au, fitted):
    teacher = fitted[0]
    relabelled = ml.calculators.single_points(small_cu_au, teacher.calculator(), progress=False)
    pupil = MTP(6, ["Cu", "Au"], cutoff=4.5)
    result = pupil.fit(relabelled, max_iterations=200, progress=False)
    assert result.train.errors["energy_per_atom"].rms < 1e-4


def test_each_fit_from_scratch_finds_the_shortest_distance_of_its_images(small_cu_au):
    mtp = MTP(4, ["Cu", "Au"], cutoff=4.5)
    wide = min(small_cu_au, key=lambda atoms: -atoms.get_volume() / len(atoms))
    found = []
    for images in ([wide], small_cu_au):
        mtp.fit(images, max_iterations=1, starts=1, progress=False)
        found.append(mtp.min_distance)
    assert found[1] < found[0]
    mtp.fit([wide], max_iterations=1, restart=False, progress=False)
    assert mtp.min_distance == found[1]


def test_forces_alone_and_energies_alone_can_be_fitted(small_cu_au):
    for what in ("energy", "forces"):
        images = []
        for atoms in small_cu_au[:4]:
            images.append(atoms.copy())
            images[-1].calc = SinglePointCalculator(images[-1], **{what: atoms.calc.results[what]})
        mtp = MTP(4, ["Cu", "Au"], cutoff=4.5)
        result = mtp.fit(images, max_iterations=5, starts=1, progress=False)
        assert result.history[-1]["loss"] < result.history[0]["loss"]


def test_a_file_holds_the_whole_potential(tmp_path, fitted, small_cu_au):
    mtp = fitted[0]
    mtp.save(tmp_path / "a.mtp")
    again = MTP.load(tmp_path / "a.mtp")
    assert again.species == ("Cu", "Au") and again.level == 6 and again.cutoff == 4.5
    assert np.allclose(again.parameters, mtp.parameters, rtol=1e-14, atol=0)
    calculator = ml.calculators.get_calculator(tmp_path / "a.mtp")
    atoms = small_cu_au[0].copy()
    assert calculator.get_potential_energy(atoms) == pytest.approx(
        mtp.calculator().get_potential_energy(atoms), abs=1e-9
    )


def test_motep_reads_what_we_write_and_we_read_what_it_writes(tmp_path, fitted, small_cu_au):
    mtp, atoms = fitted[0], small_cu_au[0].copy()
    mtp.save(tmp_path / "a.mtp")
    data = read_mtp(tmp_path / "a.mtp")
    data.species = [29, 79]
    atoms.calc = MotepCalculator(data)
    energy = mtp.calculator().get_potential_energy(small_cu_au[0].copy())
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-9)
    data.potential_tag = ""
    write_mtp(tmp_path / "b.mtp", data, legacy=True)
    with pytest.raises(ValueError, match="is a potential of Cu Au"):
        MTP.load(tmp_path / "a.mtp", ["Au", "Cu"])
    with pytest.raises(ValueError, match="give them in their order"):
        MTP.load(tmp_path / "b.mtp")
    with pytest.raises(ValueError, match="potential of 2 species"):
        MTP.load(tmp_path / "b.mtp", ["Cu"])
    again = MTP.load(tmp_path / "b.mtp", ["Cu", "Au"])
    assert np.allclose(again.parameters, mtp.parameters, rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("MTP\n", "x", 1)[:40],
        lambda text: text.replace("alpha_scalar_moments = ", "alpha_scalar_moments = 9"),
        lambda text: text.replace("RBChebyshev", "RBBessel"),
        lambda text: text.replace("moment_coeffs = {", "moment_coeffs = {nan, "),
        lambda text: "",
        lambda text: text.rstrip().rstrip("}").rstrip()[:-3],  # a part of a number is one, too
    ],
)
def test_a_damaged_file_is_refused(tmp_path, fitted, damage):
    path = tmp_path / "a.mtp"
    fitted[0].save(path)
    text = path.read_text()
    path.write_text(damage(text))
    try:
        potential = MTP.load(path)
    except ValueError as error:
        assert "a.mtp" in str(error)
    else:  # a count that nothing depends on
        assert np.array_equal(potential.parameters.round(9), fitted[0].parameters.round(9))


def test_invariances(fitted, small_cu_au):
    atoms = small_cu_au[1].copy()
    calculator = fitted[0].calculator()
    energy, forces = calculator.get_potential_energy(atoms), calculator.get_forces(atoms)
    rng = np.random.default_rng(0)
    turned = atoms.copy()
    turned.rotate(37, (1, 2, 3), rotate_cell=True)
    assert calculator.get_potential_energy(turned) == pytest.approx(energy, abs=1e-9)
    moved = atoms.copy()
    moved.translate([0.3, 11.0, -5.0])
    assert np.allclose(calculator.get_forces(moved), forces, atol=1e-8)
    order = rng.permutation(len(atoms))
    assert np.allclose(calculator.get_forces(atoms[order]), forces[order], atol=1e-8)
    assert calculator.get_potential_energy(atoms.repeat((2, 1, 2))) == pytest.approx(4 * energy)


def test_one_calculator_serves_cells_of_any_size_and_molecules():
    mtp = MTP(4, ["H", "O"], min_distance=0.7)
    rng = np.random.default_rng(1)
    mtp.parameters = rng.normal(0, 0.1, mtp.n_parameters)
    calculator = mtp.calculator()
    water = molecule("H2O")
    assert calculator.get_forces(water).shape == (3, 3)
    assert "stress" not in calculator.results
    assert calculator.get_forces(molecule("H2O2")).shape == (4, 3)
    lone = calculator.get_potential_energy(Atoms("H"))
    assert lone == pytest.approx(mtp.parameters[mtp.n_scalars])


def test_bad_input_is_named(small_cu_au, tmp_path):
    with pytest.raises(ValueError, match="level must be an even number"):
        MTP(7, ["Cu"])
    for species in ([], ["Cu", "Cu"], ["Xx"], [0]):
        with pytest.raises(ValueError, match="species"):
            MTP(4, species)
    with pytest.raises(ValueError, match="min_distance"):
        MTP(4, ["Cu"], cutoff=3.0, min_distance=3.0)
    with pytest.raises(ValueError, match="cutoff"):
        MTP(4, ["Cu"], cutoff=-1)
    mtp = MTP(4, ["Cu", "Au"], cutoff=4.5)
    with pytest.raises(ValueError, match="call its `fit` first"):
        mtp.calculator()
    with pytest.raises(ValueError, match="call its `fit` first"):
        mtp.save(tmp_path / "a.mtp")
    with pytest.raises(ValueError, match="empty"):
        mtp.fit([], progress=False)
    with pytest.raises(ValueError, match="carries neither energy nor forces"):
        mtp.fit([bulk("Cu")], progress=False)
    with pytest.raises(ValueError, match=r"holds Ag, which the potential does not know"):
        mtp.fit([labelled(bulk("Ag"))], progress=False)
    with pytest.raises(ValueError, match="not a number"):
        mtp.fit([labelled(bulk("Cu"), np.nan)], progress=False)
    with pytest.raises(ValueError, match="choose a longer one"):
        mtp.fit([labelled(bulk("Cu", a=8.0))], progress=False)
    with pytest.raises(ValueError, match="same place"):
        mtp.fit([labelled(Atoms("Cu2", cell=[5, 5, 5], pbc=True))], progress=False)
    nearly = Atoms("Cu2", [[0, 0, 0], [0.01, 0, 0]], cell=[5, 5, 5], pbc=True)
    with pytest.raises(ValueError, match=r"images\[0\].*same place \(0.01 A apart\)"):
        mtp.fit([labelled(nearly)], progress=False)
    with pytest.raises(ValueError, match="weights"):
        mtp.fit(small_cu_au, weights=(1, -1, 0), progress=False)
    with pytest.warns(UserWarning, match="is it in eV"):
        mtp.fit([labelled(bulk("Cu"), -1.6e5)], max_iterations=1, starts=1, progress=False)
    with pytest.raises(ValueError, match="shape"):
        mtp.parameters = np.zeros(3)
    with pytest.raises(FileNotFoundError):
        MTP.load(tmp_path / "none.mtp")
