"""The engine against exact enumeration, mchammer and itself."""

from itertools import product

import numpy as np
import pytest
from ase import units
from ase.data import chemical_symbols
from expansions import FCC, ROCKSALT, case, expansion

from matlearn.lattice import MonteCarlo
from matlearn.lattice._engine.tables import build_tables

SIGMA = 4  # standard errors that an average may be off


def blocked(values: np.ndarray, blocks: int = 50) -> tuple[float, float]:
    """Mean and standard error, from blocks much longer than the correlation."""
    means = values[: len(values) // blocks * blocks].reshape(blocks, -1).mean(axis=1)
    return means.mean(), means.std(ddof=1) / np.sqrt(blocks)


def all_states(made, supercell, allowed):
    """Energies (eV, total) and atomic numbers of every arrangement."""
    arrangements = np.array(list(product(*allowed)))
    energies = np.empty(len(arrangements))
    for k, numbers in enumerate(arrangements):
        supercell.numbers = numbers
        energies[k] = len(supercell) * made.predict(supercell)
    return arrangements, energies


@pytest.fixture(scope="module")
def small():
    """A cell of 8 sites with all its 256 arrangements."""
    made = expansion(FCC, [3.0], ["Cu", "Au"], scale=0.02)
    supercell = FCC.repeat(2)
    return made, supercell, *all_states(made, supercell.copy(), [[29, 79]] * 8)


def test_semi_grand_averages_are_those_of_all_states(small):
    made, supercell, states, energies = small
    temperature, mu = 600.0, 0.03
    gold = (states == 79).sum(axis=1)
    weights = np.exp(-(energies - mu * gold) / (units.kB * temperature))
    weights /= weights.sum()
    simulation = MonteCarlo(
        made, supercell, temperature=temperature, chemical_potentials={"Au": mu}, seed=1
    )
    frame = simulation.run(60_000)
    for values, exact in (
        (frame["energy"], weights @ energies),
        (frame["energy"] ** 2, weights @ energies**2),
        (frame["concentration_Au"], weights @ gold / 8),
    ):
        mean, error = blocked(values.to_numpy())
        assert abs(mean - exact) < SIGMA * error


def test_canonical_averages_are_those_of_all_states(small):
    made, supercell, states, energies = small
    temperature = 400.0
    fixed = (states == 79).sum(axis=1) == 4
    weights = np.exp(-energies[fixed] / (units.kB * temperature))
    weights /= weights.sum()
    simulation = MonteCarlo(
        made,
        supercell,
        ensemble="canonical",
        temperature=temperature,
        concentrations={"Cu": 0.5, "Au": 0.5},
        seed=2,
    )
    frame = simulation.run(60_000)
    assert (frame["concentration_Au"] == 0.5).all()
    mean, error = blocked(frame["energy"].to_numpy())
    assert abs(mean - weights @ energies[fixed]) < SIGMA * error


def test_vcsgc_averages_are_those_of_all_states(small):
    made, supercell, states, energies = small
    temperature, phi, kappa = 500.0, -0.8, 5.0
    gold = (states == 79).sum(axis=1) / 8
    weights = np.exp(-energies / (units.kB * temperature) - 8 * kappa * (gold + phi / 2) ** 2)
    weights /= weights.sum()
    simulation = MonteCarlo(
        made,
        supercell,
        ensemble="vcsgc",
        temperature=temperature,
        phis={"Au": phi},
        kappa=kappa,
        seed=3,
    )
    frame = simulation.run(60_000)
    mean, error = blocked(frame["concentration_Au"].to_numpy())
    assert abs(mean - weights @ gold) < SIGMA * error


def test_several_species_on_several_sublattices_are_sampled_exactly():
    made = expansion(ROCKSALT, [3.0], [["Mg", "Zn", "Ca"], ["O", "S"]], scale=0.02)
    supercell = ROCKSALT.repeat((2, 1, 1))
    states, energies = all_states(made, supercell.copy(), [[12, 30, 20], [8, 16]] * 2)
    beta = 1 / (units.kB * 800)
    zinc, sulphur = (states == 30).sum(axis=1), (states == 16).sum(axis=1)
    weights = np.exp(-beta * (energies - 0.05 * zinc + 0.04 * sulphur))
    weights /= weights.sum()
    with pytest.warns(UserWarning, match="meet themselves"):
        simulation = MonteCarlo(
            made, supercell, temperature=800, chemical_potentials={"Zn": 0.05, "S": -0.04}, seed=4
        )
    frame = simulation.run(60_000)
    for column, exact in (
        ("energy", weights @ energies),
        ("concentration_Zn", weights @ zinc / 2),
        ("concentration_S", weights @ sulphur / 2),
    ):
        mean, error = blocked(frame[column].to_numpy())
        assert abs(mean - exact) < SIGMA * error


@pytest.mark.parametrize("temperature", [250, 1500])
def test_three_species_are_sampled_exactly_where_their_numbers_are_held(temperature):
    made = expansion(FCC, [3.0, 3.0], ["Cu", "Au", "Pd"], scale=0.03)
    supercell = FCC.repeat((3, 2, 1))
    states, energies = all_states(made, supercell.copy(), [[29, 46, 79]] * 6)
    gold, palladium = (states == 79).mean(axis=1), (states == 46).mean(axis=1)
    beta, kappa, start = 1 / (units.kB * temperature), 3.0, {"Cu": 1 / 2, "Pd": 1 / 3, "Au": 1 / 6}
    fixed = np.isclose(gold, 1 / 6) & np.isclose(palladium, 1 / 3)
    held = -beta * energies - 6 * kappa * ((gold - 0.25) ** 2 + (palladium - 0.45) ** 2)
    cases = [
        ("canonical", {"concentrations": start}, np.where(fixed, -beta * energies, -np.inf)),
        ("vcsgc", {"phis": {"Au": -0.5, "Pd": -0.9}, "kappa": kappa}, held),
    ]
    for ensemble, given, logarithms in cases:
        weights = np.exp(logarithms - logarithms.max())
        weights /= weights.sum()
        with pytest.warns(UserWarning, match="meet themselves"):
            simulation = MonteCarlo(
                made, supercell, ensemble=ensemble, temperature=temperature, seed=5, **given
            )
        frame = simulation.run(40_000)
        for column, values in (
            ("energy", energies), ("concentration_Au", gold), ("concentration_Pd", palladium),
        ):  # fmt: skip
            mean, error = blocked(frame[column].to_numpy())
            assert abs(mean - weights @ values) < SIGMA * error + 1e-12


def test_raising_a_chemical_potential_raises_the_concentration_as_in_mchammer(small):
    from mchammer.calculators import ClusterExpansionCalculator
    from mchammer.ensembles import SemiGrandCanonicalEnsemble

    made, supercell, *_ = small
    theirs = SemiGrandCanonicalEnsemble(
        supercell,
        ClusterExpansionCalculator(supercell, made),
        temperature=600,
        chemical_potentials={"Cu": 0.0, "Au": 0.1},
        random_seed=1,
        ensemble_data_write_interval=4,
    )
    theirs.run(8_000)
    counts = theirs.data_container.get("Au_count")[100:] / len(supercell)
    means = []
    for mu in (-0.1, 0.1):
        simulation = MonteCarlo(
            made, supercell, temperature=600, chemical_potentials={"Au": mu}, seed=5
        )
        means.append(blocked(simulation.run(20_000)["concentration_Au"].to_numpy()))
    assert means[0][0] < 0.5 < means[1][0]
    peer, peer_error = blocked(counts)
    assert abs(means[1][0] - peer) < SIGMA * np.hypot(means[1][1], peer_error)


def make(ensemble: str, temperature: float = 500.0, seed: int = 0) -> MonteCarlo:
    made = expansion(FCC, [5.0, 3.0], ["Cu", "Au"], scale=0.02)
    given = {
        "semi-grand": {"chemical_potentials": {"Au": 0.01}},
        "canonical": {},
        "vcsgc": {"phis": {"Au": -0.9}},
    }[ensemble]
    return MonteCarlo(
        made,
        FCC.repeat(6),
        ensemble=ensemble,
        temperature=temperature,
        concentrations={"Cu": 0.75, "Au": 0.25},
        seed=seed,
        **given,
    )


ENSEMBLES = ["semi-grand", "canonical", "vcsgc"]


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_the_same_seed_gives_the_same_trajectory(ensemble):
    first, second, other = make(ensemble), make(ensemble), make(ensemble, seed=1)
    a, b, c = (simulation.run(100) for simulation in (first, second, other))
    assert a.equals(b)
    assert (first.numbers == second.numbers).all()
    assert not a["energy"].equals(c["energy"])


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("temperature", [50.0, 800.0])  # with cached sums, and without
def test_a_restored_state_goes_on_bit_for_bit(ensemble, temperature, tmp_path):
    whole = make(ensemble, temperature)
    expected = whole.run(300)
    begun = make(ensemble, temperature)
    begun.run(171)
    begun.save(tmp_path / "state.npz")
    again = make(ensemble, 300.0, seed=9)
    again.restore(tmp_path / "state.npz")
    made = expansion(FCC, [5.0, 3.0], ["Cu", "Au"], scale=0.02)
    loaded = MonteCarlo.load(tmp_path / "state.npz", made)
    for simulation in (begun, again, loaded):
        rest = simulation.run(129)
        assert rest.equals(expected[171:].reset_index(drop=True))
        assert (simulation.numbers == whole.numbers).all()
        assert simulation.energy == whole.energy


def test_the_temperature_decides_whether_sums_are_kept():
    cold, hot = make("semi-grand", 50.0), make("semi-grand", 2000.0)
    cold.run(300), hot.run(300)
    assert cold._state.cached
    assert not hot._state.cached


@pytest.mark.parametrize("name", ["binary with triplets", "binary beside ternary", "hcp"])
@pytest.mark.parametrize("ensemble", ["semi-grand", "canonical"])
def test_cached_sums_give_the_trajectory_of_computed_ones(name, ensemble, monkeypatch):
    made, supercell, model = case(name)
    made.parameters[:] *= 0.02
    runs = []
    for threshold in (-1.0, 2.0):
        monkeypatch.setattr(
            "matlearn.lattice._engine.state.WORTH_CACHING", dict.fromkeys((True, False), threshold)
        )
        shares = {}
        for kind, _ in model.sublattices:
            shares |= {chemical_symbols[z]: 1 / len(kind) for z in kind}
        simulation = MonteCarlo(
            made, supercell, ensemble=ensemble, temperature=300, concentrations=shares, seed=3
        )
        runs.append(simulation.run(130)["energy"])
        expected = len(supercell) * made.predict(simulation.atoms)
        assert simulation.energy == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(*runs, rtol=0, atol=1e-9)


def test_records_do_not_depend_on_how_often_they_are_made():
    every = make("canonical").run(210)
    seventh = make("canonical").run(210, record_every=7)
    observed = make("canonical").run(210, record_every=7, observers=len)
    assert seventh["sweep"].tolist() == list(range(7, 211, 7))
    assert (seventh["energy"].to_numpy() == every["energy"].to_numpy()[6::7]).all()
    np.testing.assert_allclose(
        seventh["acceptance"], every["acceptance"].to_numpy().reshape(-1, 7).mean(axis=1)
    )
    assert observed.drop(columns="len").equals(seventh)
    assert (observed["len"] == 216).all()


def test_a_run_stopped_by_ctrl_c_keeps_its_records_and_goes_on_exactly():
    whole = make("semi-grand")
    expected = whole.run(100)
    simulation = make("semi-grand")

    def interrupt_at_40(atoms):
        if simulation.sweeps == 40:
            raise KeyboardInterrupt
        return 0.0

    with pytest.raises(KeyboardInterrupt):
        simulation.run(100, observers=[interrupt_at_40])
    assert simulation.sweeps == 40
    assert len(simulation.records) == 39
    rest = simulation.run(60)
    assert rest.equals(expected[40:].reset_index(drop=True))


def test_sums_are_made_again_where_ctrl_c_came_while_they_were_made(monkeypatch):
    straight, stopped = (make("semi-grand", temperature=40) for _ in range(2))
    straight.run(64)
    stopped.run(64)

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr("matlearn.lattice._engine.state.all_fields", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stopped.run(10)
    straight.run(100)
    stopped.run(100)
    assert stopped._state.cached
    np.testing.assert_array_equal(straight.numbers, stopped.numbers)
    assert straight.energy == stopped.energy


def test_temperature_and_chemical_potentials_can_be_set_between_runs():
    simulation = make("semi-grand", 300.0)
    simulation.run(50)
    simulation.chemical_potentials = {"Au": 2.0}
    assert simulation.chemical_potentials == {"Cu": 0.0, "Au": 2.0}
    assert simulation.run(50)["concentration_Au"].iloc[-1] == 1.0
    simulation.chemical_potentials = {"Au": -2.0}
    simulation.temperature = 100
    assert simulation.run(50)["concentration_Au"].iloc[-1] == 0.0


def test_concentrations_are_met_to_the_nearest_atom():
    made = expansion(FCC, [3.0], ["Cu", "Au", "Pd"])
    shares = {"Cu": 0.5, "Au": 0.2, "Pd": 0.3}
    simulation = MonteCarlo(
        made, FCC.repeat(5), ensemble="canonical", temperature=500, concentrations=shares
    )
    symbols = simulation.atoms.symbols
    assert [int((symbols == s).sum()) for s in shares] == [63, 25, 37]
    assert simulation.concentrations == pytest.approx({"Cu": 63 / 125, "Au": 0.2, "Pd": 37 / 125})


def test_swaps_stay_on_their_sublattice():
    made = expansion(ROCKSALT, [4.5], [["Mg", "Zn"], ["O", "S"]], scale=0.05)
    cell = ROCKSALT.repeat(4)
    shares = {"Mg": 0.5, "Zn": 0.5, "O": 0.75, "S": 0.25}
    simulation = MonteCarlo(
        made, cell, ensemble="canonical", temperature=500, concentrations=shares
    )
    before = simulation.numbers
    simulation.run(20)
    after = simulation.numbers
    assert (before != after).any()
    assert set(after[0::2]) == {12, 30}
    assert set(after[1::2]) == {8, 16}
    assert sorted(before) == sorted(after)


def test_another_arrangement_can_be_put_in():
    simulation = make("semi-grand")
    simulation.run(3)
    atoms = simulation.atoms
    atoms.symbols[:] = "Au"
    simulation.set_atoms(atoms)
    assert simulation.concentrations["Au"] == 1.0
    assert simulation.sweeps == 3
    made = expansion(FCC, [5.0, 3.0], ["Cu", "Au"], scale=0.02)
    assert simulation.energy == pytest.approx(len(atoms) * made.predict(atoms), abs=1e-9)
    with pytest.raises(ValueError, match="cell and the positions"):
        simulation.set_atoms(FCC.repeat(3))


def test_a_sweep_tries_as_many_steps_as_there_are_active_sites():
    made = expansion(ROCKSALT, [4.5], [["Mg", "Zn"], ["O"]])
    simulation = MonteCarlo(made, ROCKSALT.repeat(3), temperature=500)
    assert (simulation.n_sites, simulation.n_active) == (54, 27)
    simulation.run(10)
    assert simulation._state.lattice.tally[0] == 270


def test_the_tables_of_a_simulation_are_those_of_its_supercell():
    made = expansion(FCC, [5.0, 3.0], ["Cu", "Au"], scale=0.02)
    simulation = make("semi-grand")
    expected = build_tables(made, FCC.repeat(6))
    np.testing.assert_array_equal(simulation.model.tables.slots, expected.tables.slots)
    assert simulation.supercell_matrix.tolist() == (6 * np.eye(3)).tolist()
