"""Transition temperatures: continuous and of first order, against exact and published numbers."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from matlearn.lattice import models
from matlearn.lattice._phases.deciding import (
    crossing,
    highest,
    hysteresis,
    potentials_cross,
    two_peaks,
)
from matlearn.lattice._phases.passages import finer
from matlearn.lattice._phases.sweeping import repeats
from matlearn.lattice.transitions import transition_temperature

mpl.use("Agg")
SQUARE = models.ising("square")
ANTI = models.ising("fcc", coupling=-1.0)
QUIET = {"boltzmann_constant": 1.0, "workers": 1, "progress": False}
TC = 2.269185314213022  # L. Onsager, Phys. Rev. 65, 117 (1944), J/kB


def energies(jump_at, temperatures, latent=0.4):
    mean = -2.0 + 0.5 * (temperatures - 1.5) + latent * (temperatures > jump_at)
    n = len(temperatures)
    return mean, np.full(n, 0.004), np.full(n, 1.5)


def test_heating_and_cooling_that_jump_apart_are_a_hysteresis():
    t = np.linspace(1.5, 2.0, 11)
    found = hysteresis(t, energies(1.82, t), energies(1.68, t), boltzmann_constant=1.0)
    assert found.melting == pytest.approx((1.8, 1.85))
    assert found.ordering == pytest.approx((1.65, 1.7))
    assert found.apart == pytest.approx((1.7, 1.8))
    assert found.bracket == pytest.approx((1.65, 1.85))
    assert found.latent_heat == pytest.approx(0.4, abs=0.05)


def test_a_peak_of_the_heat_capacity_is_no_jump():
    t = np.linspace(1.5, 3.0, 31)
    heat = 1.0 + 2.0 * np.exp(-(((t - 2.25) / 0.1) ** 2))
    mean = np.concatenate([[0.0], np.cumsum(0.5 * (heat[1:] + heat[:-1]) * np.diff(t))])
    curve = mean, np.full(31, 0.004), heat * t**2
    found = hysteresis(t, curve, curve, boltzmann_constant=1.0)
    assert found.bracket is None
    assert found.apart is None
    assert highest(list(t), heat)[1] == pytest.approx(2.25, abs=0.01)


def test_two_phases_that_take_turns_show_two_peaks():
    rng = np.random.default_rng(0)
    low, high = rng.normal(-1.8, 0.05, 400), rng.normal(-1.4, 0.06, 300)
    depth, distance = two_peaks(np.concatenate([low, high]))
    assert depth > 0.8
    assert distance == pytest.approx(0.4, abs=0.02)
    assert two_peaks(rng.normal(-1.6, 0.1, 700))[0] < 0.3
    for mean in (0.02, 0.1, 0.5, 1.5):  # few levels are no peaks
        assert two_peaks(-2.0 + 0.125 * rng.poisson(mean, 700))[0] < 0.3
    assert two_peaks(np.full(10, -2.0)) == (0.0, 0.0)


def test_curves_of_two_sizes_cross_where_they_should():
    t = np.linspace(2.1, 2.4, 7)
    rng = np.random.default_rng(1)
    small, large = (
        (0.61 - slope * (t - 2.27) + rng.normal(0, 0.002, 7), np.full(7, 0.002))
        for slope in (0.5, 1.1)
    )
    temperature, error = crossing(t, small, large)
    assert abs(temperature - 2.27) < 4 * error
    assert 0.001 < error < 0.01
    assert crossing(t, large, small) is None  # from below to above


def test_free_energies_of_two_phases_cross():
    beta = np.linspace(0.5, 0.6, 5)
    ordered = -2.0 * beta, np.full(5, -2.0)
    disordered = -0.9 - 0.4 * beta, np.full(5, -0.4)
    found, error = potentials_cross(beta, ordered, disordered, (0.003, 0.004))
    assert found == pytest.approx(0.9 / 1.6)
    assert error == pytest.approx(0.005 / 1.6)
    outside = potentials_cross(beta[2:], ordered_part(ordered), ordered_part(disordered), (0, 0))
    assert outside[0] == pytest.approx(0.9 / 1.6)
    assert potentials_cross(beta, ordered, (disordered[0] - 1, disordered[1]), (0, 0)) is None


def ordered_part(pair):
    return pair[0][2:], pair[1][2:]


def test_a_temperature_of_two_grids_is_the_same_number_in_both():
    known = np.linspace(1.7, 2.1, 13)
    bracket = float(known[3]), float(known[9])
    again = np.linspace(*bracket, 13)
    assert not set(known[3:10]) <= set(again)  # by rounding
    fine = finer(bracket, 13, known)
    assert set(known[3:10]) <= set(fine)
    assert fine == pytest.approx(again, abs=1e-12)


def test_a_sheet_of_atoms_stays_one_sheet():
    assert repeats(np.diag([8, 8, 1]), 2) == (2, 2, 1)
    assert repeats(np.array([[-1, 1, 1], [1, -1, 1], [1, 1, -1]]), 3) == (3, 3, 3)


def test_ising_ferromagnet_is_continuous_at_onsagers_temperature():
    found = transition_temperature(
        SQUARE, models.supercell("square", 8), between=(1.8, 2.8), sweeps=1000, seed=1, **QUIET
    )
    assert found.kind == "continuous"
    assert found.method == "crossing of Binder's cumulants"
    assert found.error_is == "statistical"
    assert found.bracket is None
    assert abs(found.temperature - TC) < 4 * found.error
    assert found.error < 0.05
    assert found.estimates["method"].tolist()[0] == "peak of the heat capacity"
    frame = found.to_frame()
    assert set(frame["run"]) == {"heating", "cooling", "size 1", "size 2"}
    assert set(frame["n_sites"]) == {64, 256}
    assert found.plot().get_ylabel() == "Binder cumulant"
    assert repr(found).startswith("Transition(continuous, T = 2.")


def test_fcc_antiferromagnet_is_of_first_order_within_the_known_bracket():
    cell = models.supercell("fcc", 10)
    layer = np.rint(cell.positions[:, 2] * np.sqrt(2)) % 2
    cell.numbers = np.where(layer == 0, 47, 79)
    found = transition_temperature(
        ANTI, cell, between=(1.6, 1.9), sweeps=150, equilibration=100, n_temperatures=7, seed=3,
        **QUIET,
    )  # fmt: skip
    assert found.kind == "first order"
    low, high = found.bracket
    assert 1.60 <= low < 1.74 < high <= 1.82
    assert found.method == "crossing of free energies"
    assert found.error < 0.03
    assert 1.72 - 3 * found.error < found.temperature < 1.76 + 3 * found.error
    assert found.latent_heat.value == pytest.approx(0.42, abs=0.08)
    assert any("hysteresis" in said or "jump" in said for said in found.evidence)
    assert found.plot().get_ylabel() == "Energy (J/site)"


def test_a_range_without_a_transition_is_said_to_have_none():
    found = transition_temperature(
        SQUARE, models.supercell("square", 8), between=(3.0, 6.0), sweeps=300, sizes=(1,), **QUIET
    )
    assert found.kind == "none found"
    assert np.isnan(found.temperature)
    assert repr(found).startswith("Transition(none found: the heat capacity is highest at the end")


@pytest.mark.parametrize("between", [(1.0, 1.9), (2.7, 4.0)])
def test_a_range_that_misses_the_transition_has_none(between):
    found = transition_temperature(
        SQUARE, models.supercell("square", 12), between=between, sweeps=300, **QUIET
    )
    assert found.kind == "none found"
    assert "the heat capacity is highest at the end of the range" in found.evidence[-1]
    assert found.latent_heat is None


def test_a_chain_has_no_transition_though_its_heat_capacity_has_a_peak():
    found = transition_temperature(
        models.ising("chain"),
        models.supercell("chain", 64),
        between=(0.5, 3.0),
        sweeps=2000,
        **QUIET,
    )
    assert found.kind == "none found"
    assert "the same in all sizes" in repr(found)


@pytest.mark.parametrize(("q", "kind"), [(3, "continuous"), (10, "first order")])
def test_potts_models_are_continuous_up_to_four_states(q, kind):
    # kTc/J = 1 / ln(1 + sqrt q): F. Y. Wu, Rev. Mod. Phys. 54, 235 (1982)
    species = ["Ag", "Al", "Au", "Co", "Cu", "Fe", "Ni", "Pd", "Pt", "Zn"][:q]
    model = models.pair_model("square", [{(s, s): -1.0 for s in species}], species=species)
    exactly = 1 / np.log(1 + np.sqrt(q))
    found = transition_temperature(
        model, models.supercell("square", 12), between=(0.8 * exactly, 1.2 * exactly), sweeps=600,
        **QUIET,
    )  # fmt: skip
    assert found.kind == kind
    assert abs(found.temperature - exactly) < (4 if found.error_is == "statistical" else 1) * (
        found.error
    )
    assert "not a binary: an order_parameter of your own is needed" in found.evidence
    if kind == "first order":  # latent heat 0.6961 J a site: R. J. Baxter, J. Phys. C 6, L445
        assert found.latent_heat.value == pytest.approx(0.70, abs=0.2)


def test_the_sign_of_an_order_parameter_does_not_matter():
    settings = {"between": (1.8, 3.4), "sweeps": 100, "n_temperatures": 5, **QUIET}
    cell = models.supercell("square", 6)
    own = transition_temperature(SQUARE, cell, **settings)
    signed = transition_temperature(
        SQUARE,
        cell,
        order_parameter=lambda atoms: (2.0 * (atoms.numbers == 79) - 1).mean(),
        **settings,
    )
    assert signed.temperature == pytest.approx(own.temperature)
    assert (signed.to_frame()["order"] >= 0).all()


def test_few_sites_are_warned_of():
    with pytest.warns(UserWarning, match="only 4 active sites"):
        transition_temperature(
            SQUARE, models.supercell("square", 2), between=(1.6, 3.2), sweeps=64, **QUIET
        )


def test_arguments_that_make_no_sense_are_errors():
    cell = models.supercell("square", 4)
    for message, arguments in {
        "between must be two temperatures": {"between": (3.0, 1.0)},
        "the lower one first": {"between": 2.0},
        "n_temperatures must be": {"n_temperatures": 3},
        "sweeps must be": {"sweeps": 10},
        "ensemble must be": {"ensemble": "vcsgc"},
        "concentrations are for": {"concentrations": {"Ag": 0.5, "Au": 0.5}},
        "chemical_potentials are for": {"ensemble": "canonical", "chemical_potentials": {}},
        "sizes must be": {"sizes": (0, 1)},
    }.items():
        with pytest.raises(ValueError, match=message):
            transition_temperature(SQUARE, cell, **{"between": (1.0, 3.0), **arguments}, **QUIET)
