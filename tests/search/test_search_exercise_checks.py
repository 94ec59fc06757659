"""The checks of the search exercises: right answers pass, each known slip gets its own message."""

import math

import numpy as np
import pytest

from matlearn.search import handed_over
from matlearn.search._checks import agreement, copper, nitrogen, stresses
from matlearn.search.checks import CHECKS

NONSENSE = [None, "soon", float("nan"), [], {}, np.zeros((2, 2)), lambda x: x, 1 + 2j]


def ask(name, answer):
    return CHECKS[name].check(answer)


def says(name, answer, *words):
    verdict = ask(name, answer)
    assert not verdict.passed, verdict
    for word in words:
        assert word in verdict.message, verdict.message


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
    verdict = check(f"search.{name}", nonsense)
    assert not verdict.passed
    assert len(verdict.message) > 20


def test_the_lowest_copper_is_hexagonal():
    for name in ("P6_3/mmc", "P63/mmc", "p6₃/mmc", "hcp"):
        assert ask("1a", name).passed
    says("1a", "Fm-3m", "lowest *energy*")
    says("1a", 7, "wanted")


def test_copies_and_starts():
    needed = math.ceil(math.log(0.01) / math.log(1 - 3 / 20))
    assert ask("1b", (3, needed)).passed
    says("1b", (1, 90), "unique_structures")
    says("1b", (16, 3), "most often")
    says("1b", (20, 1), "several crystals")
    says("1b", (3, 20 / 3), "on average")
    says("1b", (3, math.log(0.01) / math.log(3 / 20)), "1 - p")
    says("1b", 29, "two numbers")


def test_perfect_crystals_of_copper():
    exact = copper.exact_difference()
    assert exact == pytest.approx(-0.940, abs=0.01)
    e = copper.energies()
    assert ask("1c", exact).passed
    says("1c", -exact, "sign")
    says("1c", exact / 1000, "eV/atom")
    says("1c", 1000 * (2 * e["hcp"] - e["fcc"]), "number of atoms")
    says("1c", 2 * exact, "hexagonal cell")
    says("1c", 1000 * (e["hcp as it begins"] - e["fcc as it begins"]), "not relaxed")


def test_a_grain_decides_as_a_whole():
    exact = 1000 * 8.617333e-5 * 300 * math.log(1000) / -copper.exact_difference()
    assert ask("1d", exact).passed
    says("1d", exact / math.log(10), "base ten")
    says("1d", 1, "one atom")
    says("1d", exact / math.log(1000), "factor is e")
    says("1d", exact / 1000, "eV")
    says("1d", -exact, "sign")


def test_pressure_from_energies():
    exact = stresses.true_pressure()
    assert exact > 0
    assert ask("2a", exact).passed
    says("2a", -exact, "dE/dV")
    says("2a", exact / 160.21766, "eV/Å3")
    says("2a", -exact / 160.21766, "P = -dE/dV, and")
    says("2a", exact / 4, "cubic cell")
    says("2a", exact * 3 * 3.45**2 / 4, "length")
    says("2a", 10 * exact, "kbar")


def test_the_wrapped_calculator_has_right_energies_and_a_wrong_sign():
    from ase.build import bulk
    from ase.calculators.emt import EMT

    crystal = bulk("Cu", "fcc", a=3.45) * (2, 1, 1)
    crystal.rattle(0.05, seed=1)
    other = crystal.copy()
    crystal.calc, other.calc = handed_over.wrapped_calculator(), EMT()
    assert crystal.get_potential_energy() == other.get_potential_energy()
    assert np.array_equal(crystal.get_forces(), other.get_forces())
    assert np.allclose(crystal.get_stress(), -other.get_stress())


def test_what_is_wrong_with_the_stress():
    assert ask("2b", "sign").passed and ask("2b", " Sign ").passed
    says("2b", "unit", "160")
    says("2b", "factor", "sizes")
    says("2b", "order", "cubic")
    says("2b", "nothing", "minus")


def test_the_modulus_is_negative():
    exact = -stresses.true_modulus()
    assert exact < 0
    assert ask("2c", exact).passed
    says("2c", -exact, "EMT's own")
    says("2c", exact / 160.21766, "eV/Å3")
    says("2c", 3 * exact, "da/a")
    says("2c", exact / (3.59**3 / 4), "volume")


def test_tests_that_find_it():
    assert ask("2d", ["D", "F"]).passed and ask("2d", "DF").passed and ask("2d", {"f", "d"}).passed
    says("2d", ["A", "D", "F"], "vanish")
    says("2d", ["C"], "forces")
    says("2d", ["D"], "missing")
    says("2d", ["D", "F", "G"], "fixed cell")


def test_the_blast_is_balanced():
    e = nitrogen.energies()
    exact = nitrogen.exact_blast()
    assert exact < 0
    assert ask("3a", exact).passed
    says("3a", -exact, "sign")
    says("3a", exact / 4, "four atoms")
    says("3a", e["Li-bcc"] + 3 * e["N2-alpha"] - 4 * e["LiN3"], "lithium")
    says("3a", 4 * e["Li3N"] + 2 * e["N2-alpha"] - 4 * e["LiN3"], "three")
    says("3a", 1000 * exact, "meV")


def test_above_the_hull_agrees_with_the_hull():
    from matlearn import datasets, search

    phases = datasets.load("li-n-pbe").query("label != 'N2-molecule'")
    hull = search.convex_hull(phases).to_frame().set_index("label")
    exact = nitrogen.exact_above()
    assert exact == pytest.approx(1000 * hull.loc["LiN3", "energy_above_hull"], abs=1e-6)
    assert ask("3b", exact).passed
    says("3b", -1000 * nitrogen.exact_blast() / 4, "LiN2 lies below")
    says("3b", 4 * exact, "formula unit")
    says("3b", 1000 * hull.loc["LiN3", "formation_energy"], "elements")
    says("3b", exact / 1000, "eV/atom")


@pytest.mark.parametrize("beside, stable", [(-0.001, True), (0.001, False)])
def test_the_shift_takes_lin2_off_the_hull(beside, stable):
    from matlearn import datasets, search

    phases = (
        datasets.load("li-n-pbe")
        .query("label != 'N2-molecule'")[["label", "formula", "energy_per_atom"]]
        .copy()
    )
    lowered = phases["label"] == "N2-alpha"
    phases.loc[lowered, "energy_per_atom"] -= nitrogen.exact_shift() + beside
    hull = search.convex_hull(phases).to_frame().set_index("label")
    assert bool(hull.loc["LiN2", "stable"]) is stable


def test_slips_of_the_shift():
    exact = nitrogen.exact_shift()
    e = nitrogen.energies()
    assert ask("3c", exact).passed
    says("3c", -exact, "sign")
    says("3c", 2 * exact, "molecule")
    says("3c", 5 * exact, "share it")
    says("3c", 5 * exact / 9, "depth")
    says("3c", 5 * exact / 6, "six")
    elements = -(3 * e["LiN2"] - e["Li-bcc"] - 2 * e["N2-alpha"]) / 2
    says("3c", elements, "elements")


def test_the_shift_makes_li3n_worse():
    exact = 1000 * (nitrogen.formation(-nitrogen.exact_shift()) - nitrogen.measured())
    plain = 1000 * (nitrogen.formation() - nitrogen.measured())
    assert exact > plain > 0
    assert ask("3d", exact).passed
    says("3d", plain, "not shifted")
    says("3d", 1000 * (nitrogen.formation(nitrogen.exact_shift()) - nitrogen.measured()), "raised")
    says("3d", -exact, "measured less computed")
    says("3d", exact / 1000, "eV/atom")


def test_a_hull_per_formula_unit():
    assert ask("3e", 0.0303).passed
    says("3e", 1 / 0.0303, "over right")
    says("3e", 3 * 0.0303, "three atoms")
    says("3e", 3.03, "per cent")


def test_one_error_and_two_correlations():
    begin, end = agreement._correlation(0, "spearman"), agreement._correlation(1, "spearman")
    assert begin > 0.95 and end < 0.6
    assert ask("4a", end).passed
    says("4a", begin, "begin")
    says("4a", agreement._correlation(1, "pearson"), "Pearson")
    errors = agreement._errors()
    assert errors[1] < 1.5 * errors[0]
    assert ask("4b", errors).passed
    assert ask("4b", np.array(errors) * math.sqrt(22 / 21)).passed
    says("4b", errors[::-1], "order")
    says("4b", [error / 1000 for error in errors], "factor")
    says("4b", [table["PBE"].std() for table in agreement.tables()], "difference")


def test_a_correlation_is_foreseen():
    error = agreement._errors()[1]
    exact = 1 / math.sqrt(1 + (error / 30) ** 2)
    assert ask("4c", exact).passed
    says("4c", exact**2, "square")
    says("4c", 30 / error, "spread")
    says("4c", 30 / (30 + error), "squares")
    begin = agreement.tables()[0]
    foreseen = 1 / math.sqrt(1 + (agreement._errors()[0] / begin["PBE"].std(ddof=0)) ** 2)
    assert foreseen == pytest.approx(agreement._correlation(0, "pearson"), abs=0.003)


def test_the_chance_of_the_right_order():
    from scipy.stats import norm

    error = agreement._errors()[1]
    exact = norm.cdf(50 / (math.sqrt(2) * error))
    assert ask("4d", exact).passed
    says("4d", norm.cdf(50 / error), "both enter")
    says("4d", 1 - exact, "right")
    says("4d", 2 * exact - 1, "either")
    says("4d", 100 * exact, "per cent")
