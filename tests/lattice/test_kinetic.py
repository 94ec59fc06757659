"""Kinetic Monte Carlo against exact results, icet's energies and Metropolis averages."""

from __future__ import annotations

from itertools import combinations

import icet
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from scipy.stats import kstest

from matlearn.lattice import KineticMonteCarlo, MonteCarlo
from matlearn.lattice._kinetics import engine as _kinetic_engine
from matlearn.lattice.statistics import mean

SETTINGS = {"temperature": 600.0, "attempt_frequency": 1e13}
SQUARE = Atoms("Li", cell=[3.0, 3.0, 20.0], pbc=True)
FCC = bulk("Cu", "fcc", a=3.6)


def expansion(primitive, cutoffs, species, scale=0.03, seed=1):
    space = icet.ClusterSpace(primitive, cutoffs, species)
    parameters = np.random.default_rng(seed).normal(0.0, scale, len(space))
    return icet.ClusterExpansion(space, parameters)


def filled(primitive, repeat, species, seed=0):
    """A supercell with species drawn at random, site by site, from those of its sublattice."""
    atoms, rng = primitive.repeat(repeat), np.random.default_rng(seed)
    symbols = [rng.choice(species[k % len(primitive)]) for k in range(len(atoms))]
    atoms.set_chemical_symbols([str(s) for s in symbols])
    return atoms


def lattice_gas(primitive, repeat, theta, seed=0):
    atoms = primitive.repeat(repeat)
    empty = np.random.default_rng(seed).permutation(len(atoms))[round(theta * len(atoms)) :]
    atoms.symbols[empty] = "X"
    return atoms


def crowding(hop):
    """A barrier that depends on what is around a jump, the same for its reverse."""
    return 0.3 + 0.05 * hop.count("Cu") + 0.02 * hop.count("Au") + 0.01 * hop.length


MODELS = {
    "pairs and triplets": (FCC, [5.2, 3.7], ["Cu", "X"], 4),
    "three species": (FCC, [4.0, 3.0, 2.6], ["Cu", "Au", "X"], 3),
    "two sublattices": (bulk("NaCl", "rocksalt", a=4.2), [4.3, 3.1], [["Li", "X"], ["O", "F"]], 3),
    "hcp": (bulk("Ti", "hcp", a=2.95, c=4.68), [4.5, 3.0], ["Ti", "X"], 3),
    "a cell that meets itself": (FCC, [5.2, 3.7], ["Cu", "X"], 2),
}


def model(name, scale=0.03):
    primitive, cutoffs, species, repeat = MODELS[name]
    lists = species if isinstance(species[0], list) else [species] * len(primitive)
    return expansion(primitive, cutoffs, species, scale), filled(primitive, repeat, lists)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore:the supercell is so small")
def test_energies_and_rates_follow_from_icet_after_many_hops(name):
    ce, cell = model(name)
    simulation = KineticMonteCarlo(ce, cell, kra=0.2, **SETTINGS)
    simulation.run(500)
    atoms = simulation.atoms
    energy = len(atoms) * ce.predict(atoms)
    assert simulation.energy == pytest.approx(energy, abs=1e-9)
    state, jumps = simulation._engine.state, simulation._engine.setup.jumps
    rng, compared = np.random.default_rng(0), 0
    for _ in range(40):
        slot, k = rng.integers(len(state.vacancies)), rng.integers(state.rates.shape[1])
        site = state.vacancies[slot]
        other = jumps.neighbours[site, k]
        if state.species[other] == 0:
            assert state.rates[slot, k] == 0.0
            continue
        after = atoms.copy()
        after.numbers[[site, other]] = atoms.numbers[[other, site]]
        change = len(atoms) * ce.predict(after) - energy
        barrier = max(0.2 + 0.5 * change, 0.0, change)
        rate = 1e13 * np.exp(-barrier * simulation.beta)
        assert state.rates[slot, k] == pytest.approx(rate, rel=1e-8)
        compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    "kra", [0.05, {"Cu": 0.3, "Au": 0.0}, crowding, {"Cu": crowding, "Au": 0.1}]
)
def test_a_hop_and_its_reverse_are_in_detailed_balance(kra):
    ce, cell = model("three species", scale=0.3)
    frequency = {"Cu": 1e13, "Au": 4e12}
    simulation = KineticMonteCarlo(
        ce, cell, temperature=4000.0, attempt_frequency=frequency, kra=kra, seed=2
    )
    state, jumps = simulation._engine.state, simulation._engine.setup.jumps
    changes = []
    for _ in range(60):
        before, rates, energy = state.vacancies.copy(), state.rates.copy(), simulation.energy
        simulation.run(1)
        (slot,) = np.flatnonzero(state.vacancies != before)
        candidates = jumps.neighbours[before[slot]] == state.vacancies[slot]
        for k in np.flatnonzero(candidates):
            back = jumps.reverse[before[slot], k]
            forward, reverse = rates[slot, k], simulation._engine.state.rates[slot, back]
            change = simulation.energy - energy
            assert np.log(forward / reverse) == pytest.approx(-change * simulation.beta, abs=1e-7)
        changes.append(change)
    assert max(np.abs(changes)) > 0.4  # low barriers are cut off at 0 or at the change


def test_kept_rates_equal_those_computed_anew(monkeypatch):
    monkeypatch.setattr(_kinetic_engine, "REFRESH", 10**9)
    ce, cell = model("three species")
    simulation = KineticMonteCarlo(ce, cell, kra=crowding, surroundings=2.3, **SETTINGS)
    simulation.run(800)
    state = simulation._engine.state
    rates, fields, tree = state.rates.copy(), state.fields.copy(), state.tree.copy()
    simulation._engine.set_rates()
    assert np.array_equal(rates, state.rates)
    assert np.array_equal(tree, state.tree)
    simulation._engine.refresh()
    assert fields == pytest.approx(state.fields, abs=1e-13)


@pytest.mark.parametrize("barrier", [0.3, lambda hop: 0.3 + 0.02 * hop.count("X")])
def test_rates_are_right_where_some_sites_have_fewer_neighbours(barrier):
    gas = bulk("Li", "sc", a=3.0).repeat(5)
    gas.symbols[::3] = "X"
    gas.pbc = False
    given = {"temperature": 500.0, "attempt_frequency": 1e13}
    simulation = KineticMonteCarlo(barrier, gas, seed=1, **given)
    simulation.run(2000)
    assert simulation.atoms.get_chemical_formula() == gas.get_chemical_formula()
    anew = KineticMonteCarlo(barrier, simulation.atoms, **given)
    assert simulation.total_rate == pytest.approx(anew.total_rate, rel=1e-12)
    first, second = neighbor_list("ij", simulation.atoms, 3.1)
    numbers = simulation.numbers
    pairs = ((numbers[first] == 0) & (numbers[second] == 3)).sum()
    assert len(simulation.rates) == pairs


def test_rates_are_right_where_vacancies_go_to_sites_of_another_kind():
    crystal = Atoms(  # octahedral interstices have 8 neighbours, tetrahedral ones 4
        "CuLi3",
        scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), (0.75, 0.75, 0.75)],
        cell=FCC.cell,
        pbc=True,
    )
    made = expansion(crystal, [3.0, 2.0], [["Cu"], *[["Li", "X"]] * 3])
    supercell = filled(crystal, 3, [["Cu"], *[["Li", "X"]] * 3])
    simulation = KineticMonteCarlo(made, supercell, kra=0.4, seed=1, **SETTINGS)
    simulation.run(1000)
    atoms = simulation.atoms
    anew = KineticMonteCarlo(made, atoms, kra=0.4, **SETTINGS)
    assert simulation.total_rate == pytest.approx(anew.total_rate, rel=1e-10)
    assert simulation.energy == pytest.approx(len(atoms) * made.predict(atoms), abs=1e-9)


def test_waiting_times_are_exponential_with_the_mean_of_one_over_the_sum_of_rates():
    ce = expansion(SQUARE, [3.1], ["Li", "X"], scale=0.05)
    simulation = KineticMonteCarlo(ce, lattice_gas(SQUARE, (8, 8, 1), 0.5), kra=0.4, **SETTINGS)
    frame = simulation.run(4000, record_every=1)
    waits = np.diff(frame["time"]) / frame["residence"].to_numpy()[:-1]
    assert frame["residence"].std() > 0.03 * frame["residence"].mean()
    assert waits.mean() == pytest.approx(1.0, abs=4 / np.sqrt(len(waits)))
    assert (waits**2).mean() == pytest.approx(2.0, abs=4 * np.sqrt(20 / len(waits)))
    assert kstest(waits, "expon").pvalue > 0.01


def test_all_three_time_averages_equal_the_exact_one():
    ce = expansion(SQUARE, [3.1], ["Li", "X"], scale=0.0)
    ce = icet.ClusterExpansion(ce.get_cluster_space_copy(), [0.0, 0.0, 0.02])
    cell = SQUARE.repeat((4, 3, 1))
    energies = []
    for occupied in combinations(range(12), 4):
        atoms = cell.copy()
        atoms.symbols[:] = ["Li" if k in occupied else "X" for k in range(12)]
        energies.append(12 * ce.predict(atoms))
    weights = np.exp(-(np.array(energies) - min(energies)) / (8.617333e-5 * 300.0))
    exact = float(np.average(energies, weights=weights))
    cell.symbols[4:] = "X"
    simulation = KineticMonteCarlo(
        ce, cell, temperature=300.0, attempt_frequency=1e13, kra=0.3, seed=5
    )
    frame = simulation.run(60_000, record_every=20)
    parts = np.array_split(np.arange(1, len(frame)), 30)
    spent = np.diff(frame["time"], prepend=0.0)
    means = {
        "energy_mean": (frame["energy_mean"], spent),
        "energy": (frame["energy"], frame["residence"]),
    }
    for values, of in means.values():
        batches = [np.average(values.to_numpy()[p], weights=np.asarray(of)[p]) for p in parts]
        error = np.std(batches, ddof=1) / np.sqrt(30)
        assert np.mean(batches) == pytest.approx(exact, abs=4 * error)
        assert error < 0.02 * abs(exact)
    unweighted = frame["energy"].mean()  # records at equal numbers of hops alone are not averages
    assert abs(unweighted - exact) > 5 * error
    interval = float(frame["time"].iloc[-1]) / 3000
    even = simulation.run(time=3000 * interval, record_every=interval)["energy"].to_numpy()
    batches = [part.mean() for part in np.array_split(even, 30)]
    error = np.std(batches, ddof=1) / np.sqrt(30)
    assert np.mean(batches) == pytest.approx(exact, abs=4 * error)


def test_time_averages_equal_metropolis_averages():
    space = icet.ClusterSpace(FCC, [2.6], ["Cu", "X"])
    ce = icet.ClusterExpansion(space, [0.0, 0.0, -0.006])  # kTc/J is 9.8: above 683 K
    cell = lattice_gas(FCC, 5, 0.4)
    metropolis = MonteCarlo(ce, cell, ensemble="canonical", temperature=900.0, seed=1)
    metropolis.run(200, record_every=200)
    reference = mean(metropolis.run(4000)["energy"])
    simulation = KineticMonteCarlo(
        ce, cell, temperature=900.0, attempt_frequency=1e13, kra=0.3, seed=1
    )
    simulation.run(5000)
    begin = simulation.time
    frame = simulation.run(120_000, record_every=400)
    spent = np.diff(frame["time"], prepend=begin)
    parts = np.array_split(np.arange(len(frame)), 30)
    batches = [np.average(frame["energy_mean"].iloc[p], weights=spent[p]) for p in parts]
    error = np.hypot(np.std(batches, ddof=1) / np.sqrt(30), reference.error)
    disordered = -0.006 * 6 * len(cell) * (2 * 0.4 - 1) ** 2
    assert abs(reference.value - disordered) > 20 * error
    assert np.mean(batches) == pytest.approx(reference.value, abs=4 * error)


def test_sites_say_where_atoms_have_gone_up_to_the_size_of_the_cell():
    cell = lattice_gas(FCC, 3, 0.6)
    simulation = KineticMonteCarlo(0.5, cell, **SETTINGS)
    simulation.run(2000)
    state = simulation._engine.state
    began = np.flatnonzero(cell.numbers)
    now = np.empty(len(began), dtype=int)
    now[state.atom_at[state.atom_at >= 0]] = np.flatnonzero(state.atom_at >= 0)
    moved = cell.positions[now] - cell.positions[began] - simulation.displacements
    turns = moved @ np.linalg.inv(cell.cell.array)
    assert turns == pytest.approx(np.rint(turns), abs=1e-9)
    assert np.abs(turns).max() >= 1
    assert simulation.displacements.sum(axis=0) == pytest.approx(state.collective.sum(axis=0))


def test_only_the_sublattice_with_vacancies_hops():
    ce, cell = model("two sublattices")
    simulation = KineticMonteCarlo(ce, cell, kra=0.2, **SETTINGS)
    simulation.run(400)
    anions = np.isin(cell.symbols, ["O", "F"])
    assert simulation.numbers[anions].tolist() == cell.numbers[anions].tolist()
    assert sorted(simulation.numbers) == sorted(cell.numbers)
    assert (simulation.numbers != cell.numbers).any()
    assert set(simulation.tracers) == {"Li"}
    assert simulation.n_active == len(cell) // 2


def test_a_host_around_a_lattice_gas_stays_where_it_is():
    cell = lattice_gas(bulk("LiF", "rocksalt", a=4.0), 3, 1.0)
    cell.symbols[[0, 4, 20]] = "X"
    simulation = KineticMonteCarlo({"Li": 0.3}, cell, **SETTINGS)
    simulation.run(300)
    assert np.array_equal(simulation.numbers == 9, cell.numbers == 9)
    assert simulation.jump_lengths == pytest.approx([4.0 / np.sqrt(2)])
    assert simulation.concentrations["Li"] == pytest.approx(24 / 27)


def test_a_species_with_an_infinite_barrier_never_hops():
    cell = filled(FCC, 3, [["Cu", "Au"]])
    cell.symbols[:2] = "X"
    simulation = KineticMonteCarlo({"Cu": 0.5, "Au": float("inf")}, cell, **SETTINGS)
    simulation.run(500)
    assert np.array_equal(simulation.numbers == 79, cell.numbers == 79)


@pytest.mark.parametrize(
    ("cell", "dimensions"),
    [
        (SQUARE.repeat((5, 5, 1)), 2),
        (Atoms("Li", cell=[3.0, 9.0, 9.0], pbc=True).repeat((6, 1, 1)), 1),
        (
            Atoms("Li2", positions=[[0, 0, 0], [1.5, 1.0, 0]], cell=[3, 9, 9], pbc=True).repeat(
                (4, 1, 1)
            ),
            1,
        ),
        (SQUARE.repeat((4, 4, 2)), 2),
        (FCC.repeat(3), 3),
    ],
)
def test_dimensions_are_those_in_which_jumps_lead_on(cell, dimensions):
    cell.symbols[0] = "X"
    assert KineticMonteCarlo(0.5, cell, **SETTINGS).dimensions == dimensions


def test_longer_jumps_are_made_where_they_are_asked_for():
    cell = bulk("Fe", "bcc", a=3.0).repeat(4)
    cell.symbols[0] = "X"
    nearest = KineticMonteCarlo(0.5, cell, **SETTINGS)
    both = KineticMonteCarlo(lambda hop: 0.1 * hop.length, cell, jumps=3.05, **SETTINGS)
    assert (len(nearest.rates), len(both.rates)) == (8, 14)
    assert both.jump_lengths == pytest.approx([1.5 * np.sqrt(3), 3.0])
    ratio = both.rates.max() / both.rates.min()
    assert np.log(ratio) == pytest.approx(0.1 * (3.0 - 1.5 * np.sqrt(3)) * both.beta)


def test_a_function_sees_what_is_around_the_middle_of_a_jump():
    seen = []

    def barrier(hop):
        seen.append(hop)
        return 0.5

    cell = filled(FCC, 4, [["Cu", "Au"]])
    cell.symbols[7] = "X"
    simulation = KineticMonteCarlo(barrier, cell, seed=4, **SETTINGS)
    plain = KineticMonteCarlo(0.5, cell, seed=4, **SETTINGS)
    assert simulation.run(200).equals(plain.run(200))
    for hop in seen:
        distances = np.linalg.norm(hop.positions, axis=1) / hop.length
        assert distances == pytest.approx([0.75**0.5] * 4 + [1.25**0.5] * 4)  # not the two ends
        assert len(hop.symbols) == 8
    assert {hop.species for hop in seen} == {"Cu", "Au"}


def test_barriers_are_looked_up_where_surroundings_repeat():
    calls = []

    def barrier(hop):
        calls.append(hop)
        return 0.4 + 0.03 * hop.count("X")

    simulation = KineticMonteCarlo(barrier, lattice_gas(SQUARE, (6, 6, 1), 0.5), **SETTINGS)
    simulation.run(5000)
    assert len(calls) <= 2 * 2 * 2**4  # two ways, two directions of the lattice, four sites
    state = simulation._engine.state
    rates = state.rates[state.rates > 0]
    counts = (-np.log(rates / 1e13) / simulation.beta - 0.4) / 0.03
    assert counts == pytest.approx(np.rint(counts), abs=1e-6)
    assert len(set(np.rint(counts))) > 2


def test_the_same_seed_gives_the_same_trajectory_however_it_is_recorded():
    ce, cell = model("three species")

    def make(seed):
        return KineticMonteCarlo(ce, cell, kra=crowding, surroundings=2.3, seed=seed, **SETTINGS)

    first, second, third = make(1), make(1), make(2)
    a = first.run(300, record_every=10)
    b = second.run(300, record_every=150)
    assert (
        a.iloc[[14, 29]]
        .drop(columns="energy_mean")
        .reset_index(drop=True)
        .equals(b.drop(columns="energy_mean"))
    )
    assert third.run(300)["time"].iloc[-1] != b["time"].iloc[-1]
    begin, step = first.time, first.records["time"].iloc[-1] / 300
    first.run(time=40 * step, record_every=step)
    second.run(time=40 * step)
    assert first.time == pytest.approx(begin + 40 * step, rel=1e-12)
    assert first.numbers.tolist() == second.numbers.tolist()
    assert first.hops == second.hops > 310


def test_a_restored_simulation_goes_on_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(_kinetic_engine, "REFRESH", 256)
    ce, cell = model("three species")
    first = KineticMonteCarlo(ce, cell, kra=crowding, surroundings=2.3, seed=1, **SETTINGS)
    first.run(400)
    first.temperature = 750.0
    first.run(time=20 * first.records["residence"].mean())  # stops between two hops
    first.save(tmp_path / "state.npz")
    second = KineticMonteCarlo(ce, cell, kra=crowding, surroundings=2.3, seed=9, **SETTINGS)
    second.restore(tmp_path / "state.npz")
    assert second.temperature == 750.0
    assert first.run(300, record_every=10).equals(second.run(300, record_every=10))
    assert first.displacements.tolist() == second.displacements.tolist()
    assert first.numbers.tolist() == second.numbers.tolist()


def test_an_interrupted_run_keeps_its_records_and_goes_on_exactly():
    cell = lattice_gas(SQUARE, (8, 8, 1), 0.5)
    whole = KineticMonteCarlo(0.5, cell, **SETTINGS).run(1000, record_every=100)
    simulation = KineticMonteCarlo(0.5, cell, **SETTINGS)
    heard = []

    def impatient(atoms):
        heard.append(len(atoms))
        if len(heard) == 4:
            raise KeyboardInterrupt
        return float((atoms.numbers == 3).sum())

    with pytest.raises(KeyboardInterrupt):
        simulation.run(1000, record_every=100, observers=[impatient])
    records = simulation.records
    assert records["impatient"].tolist() == [32.0] * 3
    assert records["time"].tolist() == whole["time"][:3].tolist()
    rest = simulation.run(600, record_every=100)
    assert rest["time"].tolist() == whole["time"][4:].tolist()


def test_rates_follow_the_temperature():
    cell = lattice_gas(FCC, 3, 0.5)
    simulation = KineticMonteCarlo(0.5, cell, **SETTINGS)
    before = simulation.rates
    simulation.temperature = 1200.0
    kT = 8.617330337217213e-05
    expected = np.exp(0.5 / kT * (1 / 600 - 1 / 1200))
    assert simulation.rates / before == pytest.approx(np.full(len(before), expected), rel=1e-9)
