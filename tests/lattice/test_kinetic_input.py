"""What kinetic Monte Carlo takes, and what it refuses."""

from __future__ import annotations

import icet
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from matlearn.lattice import KineticMonteCarlo
from matlearn.lattice._kinetics.neighbours import neighbours
from matlearn.lattice.exact_diffusion import lattice_gas_jump_diffusion
from matlearn.lattice.observers import ShortRangeOrder

SETTINGS = {"temperature": 600.0, "attempt_frequency": 1e13}
FCC = bulk("Cu", "fcc", a=3.6)


def copper(repeat=3, vacancies=(0,)):
    atoms = FCC.repeat(repeat)
    atoms.symbols[list(vacancies)] = "X"
    return atoms


def expansion(primitive, cutoffs, species):
    space = icet.ClusterSpace(primitive, cutoffs, species)
    parameters = np.random.default_rng(1).normal(0.0, 0.02, len(space))
    return icet.ClusterExpansion(space, parameters)


@pytest.mark.parametrize("seed", range(6))
def test_pairs_of_sites_are_those_of_ase_in_cells_of_any_shape(seed):
    rng = np.random.default_rng(seed)
    atoms = Atoms("H6", positions=8 * rng.normal(size=(6, 3)), pbc=rng.random(3) < 0.7)
    atoms.cell = 4 * np.eye(3) + 1.5 * rng.normal(size=(3, 3))
    first, second, vectors, cells = neighbours(atoms, 4.5)
    i, j, d, s = neighbor_list("ijDS", atoms, 4.5)
    ours = sorted(map(tuple, np.column_stack([first, second, cells, vectors])))
    assert len(ours) > 10
    assert ours == [
        pytest.approx(r, abs=1e-9) for r in sorted(map(tuple, np.column_stack([i, j, s, d])))
    ]


def test_a_fit_is_taken_as_its_cluster_expansion():
    class Fit:
        cluster_expansion = expansion(FCC, [3.0], ["Cu", "X"])

    simulation = KineticMonteCarlo(Fit(), copper(), kra=0.5, **SETTINGS)
    assert simulation.energy == pytest.approx(27 * Fit.cluster_expansion.predict(copper()))


def test_atoms_hop_only_to_sites_that_may_hold_them():
    primitive = bulk("LiNa", "cesiumchloride", a=3.5)
    ce = expansion(primitive, [4.0], [["Li", "Na", "X"], ["Li", "X"]])
    cell, rng = primitive.repeat(4), np.random.default_rng(0)
    on_a = cell.numbers == 3
    symbols = np.where(on_a, rng.choice(["Li", "Na", "X"], 128), rng.choice(["Li", "X"], 128))
    cell.set_chemical_symbols([str(s) for s in symbols])
    simulation = KineticMonteCarlo(ce, cell, kra=0.2, jumps=3.6, **SETTINGS)
    simulation.run(1000)
    assert np.isin(simulation.numbers[on_a], [0, 3, 11]).all()
    assert np.isin(simulation.numbers[~on_a], [0, 3]).all()
    assert (simulation.numbers[on_a] == 11).sum() == (cell.numbers == 11).sum()
    assert (np.flatnonzero(simulation.numbers == 11) != np.flatnonzero(cell.numbers == 11)).any()
    assert simulation.energy == pytest.approx(128 * ce.predict(simulation.atoms), abs=1e-9)


def test_a_cluster_expansion_needs_its_kinetic_barrier_beside_it():
    ce = expansion(FCC, [3.0], ["Cu", "X"])
    with pytest.raises(ValueError, match="kra must be given beside a cluster expansion"):
        KineticMonteCarlo(ce, copper(), **SETTINGS)
    with pytest.raises(ValueError, match="kra must be left out"):
        KineticMonteCarlo(0.5, copper(), kra=0.5, **SETTINGS)


def test_an_expansion_without_vacancies_cannot_hop():
    with pytest.raises(ValueError, match=r"no vacancies 'X' among its species \(Cu, Au\)"):
        KineticMonteCarlo(expansion(FCC, [3.0], ["Cu", "Au"]), FCC.repeat(3), kra=0.5, **SETTINGS)


def test_vacancies_may_have_another_symbol():
    cell = FCC.repeat(3)
    cell.symbols[0] = "He"
    simulation = KineticMonteCarlo(0.5, cell, vacancy="He", **SETTINGS)
    simulation.run(50)
    assert sorted(simulation.numbers) == sorted(cell.numbers)
    assert simulation.tracers == ["Cu"] * 26


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"temperature": -300.0}, ValueError, "temperature must be positive and finite"),
        ({"temperature": "hot"}, TypeError, "temperature must be a number in K"),
        ({"attempt_frequency": 0.0}, ValueError, "attempt_frequency must be positive"),
        ({"attempt_frequency": {"Au": 1e13}}, ValueError, "one for each of Cu, got Au"),
        ({"attempt_frequency": "fast"}, TypeError, "attempt_frequency must be a number in Hz"),
        ({"boltzmann_constant": 0}, ValueError, "boltzmann_constant must be positive"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"seed": 1.5}, TypeError, "seed must be a whole number"),
        ({"vacancy": "Va"}, ValueError, "vacancy must be a symbol that ASE knows"),
        ({"jumps": -1.0}, ValueError, "jumps must be the longest jump"),
        ({"jumps": 1.0}, ValueError, "no jump is possible.*give jumps"),
        ({"surroundings": "far"}, TypeError, "surroundings must be the radius"),
        ({"supercell": "Cu"}, TypeError, "supercell must be ASE Atoms"),
        ({"supercell": FCC.repeat(3)}, ValueError, "nothing can hop: the supercell needs vacancies"),
        ({"supercell": copper(2, range(8))}, ValueError, "nothing can hop"),
        ({"supercell": copper((4, 4, 1))}, ValueError, "jump onto its own image; repeat it"),
        ({"barriers": -0.1}, ValueError, "barriers must be at least 0 eV"),
        ({"barriers": float("nan")}, ValueError, "barriers must be at least 0 eV"),
        ({"barriers": float("inf")}, ValueError, "nothing can hop: no vacancy has an atom"),
        ({"barriers": 500.0}, ValueError, "nothing can hop: no vacancy has an atom"),
        ({"barriers": {"Cu": "low"}}, TypeError, "barriers must be a number in eV"),
        ({"barriers": {}}, ValueError, "nothing can hop"),
        ({"barriers": "0.5"}, TypeError, "first argument must be a cluster expansion"),
        ({"barriers": lambda hop: -0.1}, ValueError, "must give a number of at least 0 eV, got -0.1"),
        ({"barriers": lambda hop: None}, ValueError, "must give a number of at least 0 eV, got None"),
        ({"barriers": lambda hop: 1.0 + hop.vector[0] / 10}, ValueError, "a hop and its reverse"),
        ({"barriers": lambda hop: 0.5, "surroundings": 12.0}, ValueError, "surroundings must be sm"),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense_are_named(changes, error, match):
    given = {"barriers": 0.5, "supercell": copper(), **SETTINGS, **changes}
    with pytest.raises(error, match=match):
        KineticMonteCarlo(given.pop("barriers"), given.pop("supercell"), **given)


def test_each_species_that_may_hop_needs_a_barrier():
    cell = copper()
    cell.symbols[1:9] = "Au"
    ce = expansion(FCC, [3.0], ["Cu", "Au", "X"])
    with pytest.raises(ValueError, match=r"kra must have a barrier .*\(Cu, Au; .*got Cu$"):
        KineticMonteCarlo(ce, cell, kra={"Cu": 0.5}, **SETTINGS)
    with pytest.raises(ValueError, match="got Cu, Au, Ag"):
        KineticMonteCarlo(ce, cell, kra={"Cu": 0.5, "Au": 0.5, "Ag": 0.5}, **SETTINGS)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({}, ValueError, "give hops .* or time"),
        ({"hops": 10, "time": 1e-9}, ValueError, "one of the two"),
        ({"hops": 0}, ValueError, "hops must be at least 1"),
        ({"hops": 10.5}, TypeError, "hops must be a whole number"),
        ({"hops": 10, "record_every": 0.5}, TypeError, "record_every .* must be a whole number"),
        ({"time": -1.0}, ValueError, "time must be positive"),
        ({"time": 1e-9, "record_every": 0}, ValueError, "record_every must be positive"),
        ({"hops": 10, "observers": [3]}, TypeError, "observer must be a function"),
    ],
)
def test_runs_that_make_no_sense_are_refused_before_they_begin(options, error, match):
    simulation = KineticMonteCarlo(0.5, copper(), **SETTINGS)
    with pytest.raises(error, match=match):
        simulation.run(**options)
    assert simulation.hops == 0


def test_a_run_ends_with_a_record():
    simulation = KineticMonteCarlo(0.5, copper(), **SETTINGS)
    assert simulation.run(10, record_every=4)["hops"].tolist() == [4, 8, 10]
    assert len(simulation.run(350)) == 117
    begin = simulation.time
    times = simulation.run(time=1e-9, record_every=3e-10)["time"] - begin
    assert times.tolist() == pytest.approx([3e-10, 6e-10, 9e-10, 1e-9], rel=1e-6)


def test_diffusion_needs_hops_to_measure_it_by():
    simulation = KineticMonteCarlo(0.5, copper(), **SETTINGS)
    with pytest.raises(ValueError, match="hops must be at least 1000, got 10"):
        simulation.diffusion(10)
    with pytest.raises(ValueError, match="equilibration must be at least 100"):
        simulation.diffusion(1000, equilibration=0)
    with pytest.raises(ValueError, match="occupation must be from 0 to 1"):
        lattice_gas_jump_diffusion(1.5, 1e9, 12, 2.5, 3)


def test_a_run_that_comes_to_rest_says_so():
    square = Atoms("Li", cell=[3.0, 3.0, 20.0], pbc=True)
    space = icet.ClusterSpace(square, [3.1], ["Li", "X"])
    attraction = icet.ClusterExpansion(space, [0.0, 0.0, -0.05])
    cell = square.repeat((5, 5, 1))
    cell.symbols[:] = "X"
    cell.symbols[[0, 12]] = "Li"
    simulation = KineticMonteCarlo(
        attraction, cell, temperature=0.3, attempt_frequency=1e13, kra=0.0
    )
    with pytest.raises(RuntimeError, match=r"nothing can hop.*barriers"):
        simulation.run(100_000, record_every=1)
    assert len(simulation.records) == simulation.hops > 0
    assert simulation.energy == pytest.approx(25 * attraction.predict(simulation.atoms))


@pytest.mark.parametrize("content", [b"", b"not a state", b"PK\x03\x04 cut off"])
def test_files_that_are_no_states_are_named(tmp_path, content):
    path = tmp_path / "state.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"state\.npz is no 'matlearn kinetic"):
        KineticMonteCarlo(0.5, copper(), **SETTINGS).restore(path)


def test_a_state_goes_only_into_the_simulation_it_is_from(tmp_path):
    KineticMonteCarlo(0.5, copper(), **SETTINGS).save(tmp_path / "state.npz")
    for other in (
        KineticMonteCarlo(0.6, copper(), **SETTINGS),
        KineticMonteCarlo(0.5, copper(4), **SETTINGS),
        KineticMonteCarlo(0.5, copper(vacancies=(0, 1)), **SETTINGS),
        KineticMonteCarlo(0.5, copper(), temperature=600.0, attempt_frequency=1e12),
    ):
        with pytest.raises(ValueError, match="state of another simulation"):
            other.restore(tmp_path / "state.npz")
        assert other.hops == 0


@pytest.mark.parametrize("interacting", [True, False])
def test_observers_of_monte_carlo_measure_kinetic_runs_too(interacting):
    energies = expansion(FCC, [3.0], ["Cu", "X"]) if interacting else 0.5
    cell = copper(4, range(0, 64, 3))
    simulation = KineticMonteCarlo(energies, cell, kra=0.5 if interacting else None, **SETTINGS)

    def vacancies(atoms):
        return (atoms.numbers == 0).sum()

    frame = simulation.run(20, record_every=5, observers=[vacancies, ShortRangeOrder()])
    assert frame["vacancies"].tolist() == [22.0] * 4
    alone = ShortRangeOrder()(simulation.atoms)
    for name, value in alone.items():
        assert frame[name].iloc[-1] == pytest.approx(value)
