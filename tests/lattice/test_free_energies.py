"""Free energies by thermodynamic integration, against all states and against Onsager."""

from __future__ import annotations

import itertools
import math

import matplotlib as mpl
import numpy as np
import pytest

from matlearn.lattice import exact, models
from matlearn.lattice._phases.integration import integrate, jumps
from matlearn.lattice.free_energies import free_energy

mpl.use("Agg")
SQUARE = models.ising("square")
ANTI = models.ising("fcc", coupling=-1.0)
QUIET = {"boltzmann_constant": 1.0, "workers": 1, "progress": False}


def all_states(model, atoms) -> tuple[np.ndarray, np.ndarray]:
    """Energy and number of atoms of gold of each of the 2^n states."""
    cell = atoms.copy()
    energies, counts = [], []
    for kinds in itertools.product((47, 79), repeat=len(cell)):
        cell.numbers = kinds
        energies.append(len(cell) * model.predict(cell))
        counts.append(sum(kind == 79 for kind in kinds))
    return np.array(energies), np.array(counts)


@pytest.fixture(scope="module")
def eight_sites():
    atoms = ANTI.get_cluster_space_copy().primitive_structure.repeat(2)
    return atoms, *all_states(ANTI, atoms)


def test_hermites_rule_is_exact_for_cubics_and_says_what_coarse_points_cost():
    x = np.array([0.0, 0.3, 1.0, 1.4, 2.0])
    found = integrate(x, x**3 - x, 3 * x**2 - 1, np.full(5, 0.1))
    assert found.value == pytest.approx(x**4 / 4 - x**2 / 2, abs=1e-12)
    assert found.discretisation == pytest.approx(0.0, abs=1e-12)
    ends = integrate(x, x, np.ones(5), np.full(5, 0.1)).statistical
    weights = np.array([0.15, 0.5, 0.55, 0.5, 0.3])
    assert ends[-1] == pytest.approx(0.1 * np.linalg.norm(weights))
    for n in (5, 9, 17):
        x = np.linspace(0.0, 3.0, n)
        coarse = integrate(x, np.exp(x), np.exp(x), np.zeros(n))
        error = abs(coarse.value[-1] - (math.exp(3.0) - 1))
        assert error < 2 * coarse.discretisation[-1] < 5 * error


def test_integrating_backwards_changes_the_sign():
    x = np.linspace(0.0, 2.0, 7)
    up = integrate(x, np.sin(x), np.cos(x), np.full(7, 0.01))
    down = integrate(x[::-1], np.sin(x[::-1]), np.cos(x[::-1]), np.full(7, 0.01))
    assert down.value[-1] == pytest.approx(-up.value[-1])
    assert down.statistical[-1] == pytest.approx(up.statistical[-1])
    with pytest.raises(ValueError, match="rise or fall"):
        integrate(x % 1.0, x, x, x)


def test_a_steep_slope_is_no_jump_but_an_unannounced_change_is():
    x = np.linspace(0.0, 1.0, 6)
    steep, slope = np.tanh(4 * (x - 0.5)), 4 / np.cosh(4 * (x - 0.5)) ** 2
    assert not jumps(x, steep, slope, np.zeros(6), least=0.05).any()
    broken = np.where(x > 0.5, 1.0, -1.0)
    assert jumps(x, broken, np.zeros(6), np.zeros(6), least=0.05).tolist() == [
        False, False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("mu", [0.0, 1.5])
def test_semi_grand_potential_of_a_small_cell_is_that_of_all_its_states(eight_sites, mu):
    atoms, energies, counts = eight_sites
    found = free_energy(
        ANTI, atoms, [3.0, 6.0], ensemble="semi-grand", chemical_potentials={"Au": mu},
        sweeps=4000, points=8, seed=1, **QUIET,
    ).to_frame()  # fmt: skip
    for _, row in found.iterrows():
        t = row["temperature"]
        weights = np.exp(-(energies - mu * counts) / t)
        exactly = -t * math.log(weights.sum()) / 8
        assert abs(row["free_energy"] - exactly) < 4 * row["error"]
        assert row["error"] < 0.02
        share = float((weights * counts).sum() / weights.sum()) / 8
        assert row["concentration_Au"] == pytest.approx(share, abs=0.03)


def test_canonical_free_energy_counts_the_arrangements_of_the_cell(eight_sites):
    atoms, energies, counts = eight_sites
    settings = {"concentrations": {"Ag": 0.5, "Au": 0.5}, "sweeps": 4000, "points": 6, **QUIET}
    found = free_energy(ANTI, atoms, 4.0, limit=False, **settings).to_frame().iloc[0]
    exactly = -4.0 * math.log(np.exp(-energies[counts == 4] / 4.0).sum()) / 8
    assert abs(found["free_energy"] - exactly) < 4 * found["error"]
    assert found["error"] < 0.02
    ideal = free_energy(ANTI, atoms, 4.0, **settings).to_frame().iloc[0]
    shift = 4.0 * (math.log(2) - math.log(70) / 8)
    assert found["free_energy"] - ideal["free_energy"] == pytest.approx(shift, abs=1e-9)


def test_grand_potential_over_the_chemical_potential(eight_sites):
    atoms, energies, counts = eight_sites
    path = [{"Au": mu} for mu in (0.0, 3.0, 6.0, 10.0)]
    found = free_energy(
        ANTI, atoms, 4.0, ensemble="semi-grand", chemical_potentials=path, sweeps=2000, points=6,
        **QUIET,
    )  # fmt: skip
    frame = found.to_frame()
    assert frame["chemical_potential_Au"].tolist() == [0.0, 3.0, 6.0, 10.0]
    for _, row in frame.iterrows():
        mu = row["chemical_potential_Au"]
        exactly = -4.0 * math.log(np.exp(-(energies - mu * counts) / 4.0).sum()) / 8
        assert abs(row["free_energy"] - exactly) < 4 * row["error"]
        assert row["error"] < 0.03
    assert "Chemical potential of Au" in found.plot().get_xlabel()


def test_ising_from_infinite_temperature_and_from_order_meets_onsager():
    cell = models.supercell("square", 16)
    settings = {"ensemble": "semi-grand", "chemical_potentials": {"Au": 0.0}, "sweeps": 600}
    high = free_energy(SQUARE, cell, [3.0, 5.0], **settings, **QUIET)
    low = free_energy(SQUARE, cell, [1.5, 2.0], start="order", **settings, **QUIET)
    for found in (high, low):
        assert not found.notes
        for _, row in found.to_frame().iterrows():
            exactly = exact.onsager_free_energy(row["temperature"])
            assert abs(row["free_energy"] - exactly) < 4 * row["error"] + 2e-4  # 256 sites
            assert row["error"] < 0.01
    assert 0 < low.tail < 1e-3
    assert repr(low).startswith("FreeEnergy(semi-grand, 2 states from 1.5 to 2 J/kB, from order")


def test_a_transition_on_the_way_is_noticed():
    cell = models.supercell("square", 12, fill="Au")
    with pytest.warns(UserWarning, match="jumps between chemical potentials"):
        found = free_energy(
            SQUARE, cell, 1.2, ensemble="semi-grand", start="order", sweeps=64, equilibration=20,
            chemical_potentials=[{"Au": mu} for mu in (1.0, 0.5, -0.5, -8.0, -12.0)],
            points=4, rounds=0, **QUIET,
        )  # fmt: skip
    assert found.notes


def test_arguments_that_make_no_sense_are_errors():
    cell = models.supercell("square", 4)
    for message, arguments in {
        "temperatures must be positive": {"temperatures": -1.0},
        "ensemble must be one of": {"ensemble": "grand"},
        "start must be one of": {"start": "cold"},
        "chemical_potentials are for": {"chemical_potentials": {"Au": 0.0}},
        "must be given for ensemble='semi-grand'": {"ensemble": "semi-grand"},
        "points must be a whole number": {"points": 2},
        "tolerance must be positive": {"tolerance": 0.0},
        "itself must be ordered": {"start": "order", "concentrations": {"Ag": 0.5, "Au": 0.5}},
    }.items():
        with pytest.raises(ValueError, match=message):
            free_energy(SQUARE, cell, **{"temperatures": 2.0, **arguments}, **QUIET)
    with pytest.raises(ValueError, match="exactly one temperature"):
        free_energy(
            SQUARE, cell, [2.0, 3.0], ensemble="semi-grand",
            chemical_potentials=[{"Au": 0.0}, {"Au": 1.0}], **QUIET,
        )  # fmt: skip
    with pytest.raises(ValueError, match="rise or fall for one species"):
        free_energy(
            SQUARE, cell, 2.0, ensemble="semi-grand",
            chemical_potentials=[{"Au": 0.0}, {"Au": 1.0}, {"Au": 0.5}], **QUIET,
        )  # fmt: skip
