"""The kernels of moment tensor potentials: pairs, energies, and their derivatives."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.neighborlist import neighbor_list
from motep.calculator import MTP as MotepCalculator

from matlearn.potentials import MTP
from matlearn.potentials._kernels.jacobians import energy_jacobian, full_jacobian
from matlearn.potentials._mtp.packing import pack


def random_potential(level=8, species=("Cu", "Au"), seed=0, **settings):
    """Give a potential with parameters that make every term matter."""
    mtp = MTP(level, species, min_distance=1.5, **settings)
    rng = np.random.default_rng(seed)
    kinds = len(species)
    mtp.parameters = np.concatenate(
        [
            rng.normal(0, 0.1, mtp.n_scalars + kinds),
            rng.normal(0, 0.03, mtp.n_parameters - mtp.n_scalars - kinds),
        ]
    )
    return mtp


def rattled(seed=0, size=(2, 2, 1)):
    """Give a skew cell of copper and gold."""
    rng = np.random.default_rng(seed)
    atoms = bulk("Cu", cubic=True, a=3.8).repeat(size)
    atoms.numbers[rng.random(len(atoms)) < 0.5] = 79
    atoms.set_cell(atoms.cell @ (np.eye(3) + rng.normal(0, 0.05, (3, 3))), scale_atoms=True)
    atoms.positions += rng.normal(0, 0.1, atoms.positions.shape)
    return atoms


@pytest.mark.parametrize("periodic", [True, False, (True, False, True), (False, False, True)])
@pytest.mark.parametrize("size", [(1, 1, 1), (2, 1, 3), (5, 4, 4)])
def test_pairs_are_those_of_ase(periodic, size):
    atoms = rattled(3, size)
    atoms.pbc = periodic
    atoms.positions += 20 * np.random.default_rng(1).integers(-2, 3, (len(atoms), 1)) @ [[1, 0, 0]]
    pairs = pack(atoms, (29, 79), 5.0)
    i, j, vectors = neighbor_list("ijD", atoms, 5.0)
    ours = np.repeat(np.arange(len(atoms)), np.diff(pairs.first))
    mine = np.column_stack([ours, pairs.neighbours, pairs.vectors.round(6)])
    theirs = np.column_stack([i, j, vectors.round(6)])
    assert len(mine) == len(theirs)
    assert np.allclose(mine[np.lexsort(mine.T)], theirs[np.lexsort(theirs.T)], atol=2e-6)


def test_pairs_of_a_tiny_cell_with_a_long_cutoff():
    atoms = bulk("Cu", a=3.6)
    assert len(pack(atoms, (29,), 12.0).vectors) == len(neighbor_list("i", atoms, 12.0))


def test_molecule_without_a_cell_and_single_atom():
    water = molecule("H2O")
    pairs = pack(water, (1, 8), 5.0)
    assert len(pairs.vectors) == 6
    assert len(pack(Atoms("H"), (1, 8), 5.0).vectors) == 0


@pytest.mark.parametrize("level", [2, 6, 8, 12])
def test_everything_equals_motep(level):
    mtp, atoms = random_potential(level), rattled(level)
    theirs = atoms.copy()
    theirs.calc = MotepCalculator(mtp.data, engine="cext", mode="train")
    atoms.calc = mtp.calculator()
    assert atoms.get_potential_energy() == pytest.approx(theirs.get_potential_energy(), abs=1e-9)
    assert np.allclose(atoms.get_forces(), theirs.get_forces(), atol=1e-9)
    assert np.allclose(atoms.get_stress(), theirs.get_stress(), atol=1e-10)
    engine = theirs.calc.engine
    energy, forces, virial = full_jacobian(*pack(atoms, (29, 79), mtp.cutoff), mtp.model())
    assert np.allclose(energy, engine.jac_energy(theirs).parameters, rtol=1e-9, atol=1e-9)
    assert np.allclose(forces, engine.jac_forces(theirs).parameters, rtol=1e-8, atol=1e-9)
    stress = engine.jac_stress(theirs).parameters.reshape(-1, 9)[:, [0, 4, 8, 5, 2, 1]]
    assert np.allclose(virial, stress * atoms.get_volume(), rtol=1e-8, atol=1e-8)
    rows = energy_jacobian(*pack(atoms, (29, 79), mtp.cutoff), mtp.model())
    assert np.allclose(rows.sum(axis=0), energy, rtol=1e-12, atol=1e-12)


def test_forces_and_stress_are_derivatives_of_the_energy():
    atoms = rattled(5)
    atoms.calc = random_potential(10).calculator()
    forces, stress = atoms.get_forces(), atoms.get_stress(voigt=False)
    for atom, axis in ((0, 0), (3, 1), (7, 2)):
        energies = []
        for step in (1e-4, -1e-4):
            moved = atoms.copy()
            moved.calc = atoms.calc
            moved.positions[atom, axis] += step
            energies.append(moved.get_potential_energy())
        assert forces[atom, axis] == pytest.approx((energies[1] - energies[0]) / 2e-4, abs=2e-6)
    for x, y in ((0, 0), (1, 1), (0, 1), (1, 2), (0, 2)):
        energies = []
        for step in (1e-5, -1e-5):
            strain = np.eye(3)
            strain[x, y] += step / 2
            strain[y, x] += step / 2
            strained = atoms.copy()
            strained.calc = atoms.calc
            strained.set_cell(atoms.cell @ strain, scale_atoms=True)
            energies.append(strained.get_potential_energy())
        slope = (energies[0] - energies[1]) / 2e-5 / atoms.get_volume()
        assert stress[x, y] == pytest.approx(slope, abs=1e-7)


def test_jacobians_are_derivatives_by_the_parameters():
    mtp, atoms = random_potential(8, seed=4), rattled(6)
    pairs = pack(atoms, (29, 79), mtp.cutoff)
    _, forces, virial = full_jacobian(*pairs, mtp.model())
    x = mtp.parameters
    for p in np.random.default_rng(0).choice(mtp.n_parameters, 8, replace=False):
        results = []
        for step in (1e-5, -1e-5):
            values = x.copy()
            values[p] += step
            mtp.parameters = values
            calculator = mtp.calculator()
            results.append((calculator.get_forces(atoms), calculator.get_stress(atoms)))
        slope = (results[0][0] - results[1][0]) / 2e-5
        assert np.allclose(forces[p], slope, atol=1e-5 * max(1, np.abs(slope).max()))
        slope = (results[0][1] - results[1][1]) / 2e-5 * atoms.get_volume()
        assert np.allclose(virial[p], slope, atol=1e-5 * max(1, np.abs(slope).max()))
