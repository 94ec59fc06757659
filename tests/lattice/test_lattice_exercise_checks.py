"""The checks of the lattice exercises: right answers pass, each known slip gets its own message."""

import math

import numpy as np
import pytest

from matlearn import lattice
from matlearn.lattice import handed_over
from matlearn.lattice._checks import boxes, copies, frustration, waiting
from matlearn.lattice.checks import CHECKS

NONSENSE = [None, "soon", float("nan"), [], {}, np.zeros((2, 2)), lambda x: x, 1 + 2j]


def ask(name, answer):
    return CHECKS[name].check(answer)


def says(name, answer, *words):
    verdict = ask(name, answer)
    assert not verdict.passed, verdict
    for word in words:
        assert word in verdict.message, verdict.message
    return verdict.message


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_has_three_hints_and_minutes(name):
    exercise = CHECKS[name]
    assert len(exercise.hints) == 3 and len(set(exercise.hints)) == 3
    assert exercise.minutes > 0 and exercise.title and exercise.wants


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", CHECKS)
def test_nonsense_gets_a_clear_message(name, nonsense, monkeypatch, tmp_path):
    from matlearn.exercises import check

    monkeypatch.setenv("MATLEARN_RESULTS", str(tmp_path))
    verdict = check(f"lattice.{name}", nonsense)
    assert not verdict.passed
    assert len(verdict.message) > 20


def test_the_energy_of_frustration():
    assert ask("1a", -1.0).passed and ask("1a", np.float64(-0.998)).passed
    says("1a", -3.0, "unlike", "triangle")
    says("1a", -2.0, "square")
    says("1a", -576.0, "576")
    says("1a", -1 / 3, "bond")
    says("1a", 1.0, "sign")


def test_the_residual_entropy_and_what_goes_wrong_with_it():
    exact = frustration.residual_entropy()
    assert exact == pytest.approx(0.3230659, abs=1e-6)
    assert ask("1b", 0.319).passed and ask("1b", 0.33).passed
    log2, energy = math.log(2), -4.0
    says("1b", exact - log2, "infinite temperature")
    says("1b", exact - energy, "beta (U - F)")
    says("1b", exact / log2, "bits")
    says("1b", 0.0, "third law")
    says("1b", log2, "complete disorder")
    says("1b", 2 * log2 + 2 * energy - exact, "wrong sign")
    says("1b", 576 * exact, "576")
    says("1b", 8.617e-5 * exact, "eV/K")


def test_the_number_of_ground_states():
    exact = 576 * frustration.residual_entropy() / math.log(10)
    assert ask("1c", exact).passed
    says("1c", exact * math.log(10), "natural")
    says("1c", 576 * math.log10(2), "2^576")
    says("1c", exact / 576, "576")


def test_the_gap_is_that_of_the_colleagues_crystal():
    gap = boxes.exact_gap()
    assert ask("2a", gap).passed
    says("2a", boxes.energies()["box"] - boxes.energies()["EMT"], "fit")
    says("2a", boxes.energies()["box"] - boxes.energies()["L1_2"], "L1_2")
    says("2a", boxes.energies()["box"] - boxes.energies()["lowest of all"], "composition")
    says("2a", gap / 1000, "eV")
    says("2a", -gap, "sign")
    says("2a", 500 * gap, "500")
    says("2a", 4 * gap, "formula unit")


def test_an_odd_box_ends_in_the_crystal_with_one_wall():
    from ase.build import bulk

    from matlearn import datasets

    data = datasets.load("cu-pd-emt")
    fit = lattice.fit_cluster_expansion(
        data, boxes.CUTOFFS, weights=lattice.hull_weights, constrain_pure=True, seed=42
    )
    scan = lattice.scan_temperature(
        fit, bulk("Cu", "fcc", a=3.8, cubic=True).repeat(5), range(60, 241, 30), direction="down",
        chemical_potentials={"Pd": -0.071}, sweeps=300, equilibration=150, record_every=4, seed=1,
        progress=False,
    )  # fmt: skip
    energy = 1000 * fit.predict(scan.configurations[60.0])
    assert energy == pytest.approx(boxes.energies()["box"], abs=1e-6)


def test_boxes_with_room():
    assert ask("2b", [2, 4, 6, 8]).passed and ask("2b", (8, 6, 4, 2)).passed
    says("2b", [4, 8], "layers of atoms")
    says("2b", list(range(2, 10)), "L1_2")
    says("2b", [3, 5, 7, 9], "cannot")
    says("2b", [2], "larger")
    says("2b", [2, 4, 6], "missing")


def test_the_wall():
    exact = boxes.exact_gap() / 1000 * 500 / (5 * 3.8) ** 2 * 16021.766
    assert ask("2c", exact).passed
    says("2c", exact / 2, "two walls")
    says("2c", exact / 500, "one atom")
    says("2c", exact / 16021.766, "eV/Å2")
    says("2c", exact / 1000, "J/m2")
    says("2c", exact * 25, "one cubic cell")


def test_large_boxes():
    gap = boxes.exact_gap()
    assert ask("2d", gap * 5 / 21).passed
    says("2d", gap * (5 / 21) ** 3, "wall grows too")
    says("2d", 0.0, "21 layers")
    says("2d", gap, "share")


def test_copies_are_the_same_crystals():
    table = handed_over.collected_orderings()
    assert len(table) == 171 and len(copies.first_rows()) == 57
    assert table["label"].is_unique
    assert ask("3a", 57).passed
    says("3a", 171, "every row")
    says("3a", len(copies.first_rows(short=True)), "first neighbours")
    says("3a", table["formula"].nunique(), "formulas")


def test_leaked_and_honest_scores():
    honest, train = copies.honest_errors()
    claimed, examined = copies.leaked()
    assert claimed < honest / 3 and examined > 10 * claimed
    assert ask("3b", honest).passed
    says("3b", claimed, "leak")
    says("3b", train, "fitted")
    says("3b", honest / 1000, "eV")
    assert ask("3c", examined / claimed).passed
    says("3c", claimed / examined, "larger")
    says("3c", 1000 * examined / claimed, "meV")


def test_a_fit_is_examined():
    from matlearn import datasets

    table = handed_over.collected_orderings().iloc[list(copies.first_rows())]
    assert ask("3d", lattice.fit_cluster_expansion(table, [6.73, 4.76])).passed
    says("3d", lattice.fit_cluster_expansion(table, [8.0, 8.0, 5.5]), "honest")
    says("3d", lattice.fit_cluster_expansion(table, [4.0]), "few")
    everything = datasets.load("cu-pd-emt")
    says("3d", lattice.fit_cluster_expansion(everything, [6.73, 4.76]), "has seen")
    says("3d", 0.0023, "fit is wanted")


def test_copies_do_not_change_least_squares():
    assert ask("3e", 1e-13).passed
    says("3e", 0.4, "meV/atom")


def test_a_stack_of_cubes_is_a_known_order():
    assert len(handed_over.stacked_cubes("ABABB")) == 20
    with pytest.raises(ValueError, match="ABABB"):
        handed_over.stacked_cubes("ABC")


def test_the_exact_gas_and_slips_of_its_sum():
    exact = waiting.by_time()
    assert len(waiting.gas().energies) == math.comb(16, 8) and waiting.gas().boards.sum() == 2
    assert ask("4a", exact).passed
    says("4a", waiting.by_hops(), "colleague")
    says("4a", waiting._doubled(), "twice")
    says("4a", 16 * exact, "16 sites")
    says("4a", exact / 1000, "eV")
    says("4a", 2 * exact, "ion")


def test_a_run_agrees_with_the_exact_gas():
    gas = lattice.models.pair_model("square", [{("Li", "Li"): 0.1}], species=["Li", "X"])
    cell = lattice.models.supercell("square", 4, fill="Li")
    cell.symbols[8:] = "X"
    kinetic = lattice.KineticMonteCarlo(
        gas, cell, kra=0.3, temperature=500, attempt_frequency=1e13, seed=3
    )
    kinetic.run(1000)
    hops = kinetic.run(50_000, record_every=1)
    stay, on_board = hops["residence"], hops["energy"].abs() < 1e-6
    average = 1000 * (hops["energy_per_atom"] * stay).sum() / stay.sum()
    assert ask("4b", average).passed
    says("4b", 1000 * hops["energy_per_atom"].mean(), "equally long")
    waits = np.diff(hops["time"])
    energies = 1000 * hops["energy_per_atom"].to_numpy()
    assert ask("4b", (energies[:-1] * waits).sum() / waits.sum()).passed
    says("4b", (energies[1:] * waits).sum() / waits.sum(), "shift by one")
    assert ask("4c", 1e12 * stay[on_board].mean()).passed
    assert ask("4d", [stay[on_board].sum() / stay.sum(), on_board.mean()]).passed
    says("4d", [on_board.mean(), stay[on_board].sum() / stay.sum()], "order")


def test_slips_of_a_wait():
    from ase.units import kB

    def wait(barrier, ways):
        return 1e12 / (ways * 1e13 * math.exp(-barrier / (kB * 500)))

    assert ask("4c", wait(0.45, 32)).passed
    says("4c", wait(0.3, 32), "where the hop leads")
    says("4c", wait(0.6, 32), "half")
    says("4c", wait(0.5, 32), "four new pairs")
    says("4c", wait(0.45, 1), "one possible hop")
    says("4c", wait(0.45, 8), "four sites")
    says("4c", wait(0.45, 32) * 1e-12, "seconds")


def test_what_depends_on_barriers():
    assert ask("4e", ["E", "F"]).passed and ask("4e", "EF").passed
    says("4e", ["A", "E", "F"], "equilibrium")
    says("4e", ["B", "E", "F"], "differences")
    says("4e", ["F"], "clock")
