"""Exact results of Ising models, against enumeration and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matlearn.lattice import exact

TC = 2 / math.log(1 + math.sqrt(2))


def enumerated(n: int, m: int, temperature: float) -> tuple[float, float, float]:
    """Energy, heat capacity and free energy a site from all states of a periodic rectangle."""
    sites = n * m
    states = np.arange(2**sites)[:, None] >> np.arange(sites) & 1
    spins = (2 * states - 1).astype(np.int8).reshape(-1, n, m)
    energy = -sum((spins * np.roll(spins, 1, axis)).sum((1, 2), dtype=int) for axis in (1, 2))
    weights = np.exp(-(energy - energy.min()) / temperature)
    mean = np.average(energy, weights=weights)
    variance = np.average((energy - mean) ** 2, weights=weights)
    free = energy.min() - temperature * math.log(weights.sum())
    return mean / sites, variance / temperature**2 / sites, free / sites


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 4), (4, 3), (2, 3), (2, 2), (5, 3)])
@pytest.mark.parametrize("temperature", [0.5, TC, 4.0])
def test_kaufmans_solution_equals_the_sum_over_all_states(n, m, temperature):
    found = exact.finite_square(temperature, n, m)
    expected = enumerated(n, m, temperature)
    assert (found.energy, found.heat_capacity, found.free_energy) == pytest.approx(
        expected, abs=1e-12
    )


def test_large_lattices_approach_onsagers_solution():
    for temperature in (1.5, 2.0, 3.0):
        large = exact.finite_square(temperature, 128)
        assert large.energy == pytest.approx(exact.onsager_energy(temperature), abs=1e-12)
        assert large.heat_capacity == pytest.approx(
            exact.onsager_heat_capacity(temperature), abs=1e-10
        )
        multiplicity = temperature * math.log(2) / 128**2 if temperature < TC else 0.0
        assert large.free_energy + multiplicity == pytest.approx(
            exact.onsager_free_energy(temperature), abs=1e-9
        )


def test_at_the_critical_point_the_energy_is_short_of_minus_root_two_by_one_over_the_size():
    assert exact.onsager_energy(TC) == pytest.approx(-math.sqrt(2), abs=1e-12)
    assert math.isinf(exact.onsager_heat_capacity(TC))
    # -0.62244 / L: Ferdinand and Fisher (1969), table II, by extrapolation of this solution
    excess = [(exact.finite_square(TC, n).energy + math.sqrt(2)) * n for n in (64, 128, 256)]
    assert excess == pytest.approx([-0.6224] * 3, abs=1e-4)


@pytest.mark.parametrize("temperature", [0.8, 2.0, 2.26, 2.28, 3.0, 7.0])
def test_energy_heat_capacity_and_free_energy_are_derivatives_of_each_other(temperature):
    step = 1e-5
    up, down = temperature + step, temperature - step
    slope = (exact.onsager_energy(up) - exact.onsager_energy(down)) / (2 * step)
    assert exact.onsager_heat_capacity(temperature) == pytest.approx(slope, rel=1e-6)
    massieu = exact.onsager_free_energy(up) / up - exact.onsager_free_energy(down) / down
    energy = -(temperature**2) * massieu / (2 * step)
    assert exact.onsager_energy(temperature) == pytest.approx(energy, rel=1e-6)


def test_published_values():
    assert exact.onsager_energy([2.0, 3.0]) == pytest.approx([-1.74556, -0.81731], abs=5e-6)
    assert exact.onsager_magnetization(2.0) == pytest.approx(0.9113, abs=5e-5)
    assert exact.onsager_magnetization([0.05, TC + 1e-9, 5.0]) == pytest.approx([1, 0, 0])
    catalan = 0.915965594177219
    assert exact.onsager_free_energy(TC) == pytest.approx(
        -TC * (math.log(2) / 2 + 2 * catalan / math.pi), abs=1e-12
    )
    table = exact.critical_temperatures().set_index("lattice")
    assert table["temperature"]["triangular"] == pytest.approx(3.6410, abs=5e-5)
    assert exact.critical_temperature("fcc") == 9.7971
    assert (table["temperature"] < table["mean_field"]).all()  # fluctuations only ever disorder


def test_triangular_and_honeycomb_temperatures_obey_duality_and_the_star_triangle_relation():
    triangle = 1 / exact.critical_temperature("triangular")
    honeycomb = 1 / exact.critical_temperature("honeycomb")
    assert math.sinh(2 * triangle) * math.sinh(2 * honeycomb) == pytest.approx(1)  # duality
    assert math.exp(4 * triangle) == pytest.approx(  # decimation of every other site
        (math.exp(4 * honeycomb) - math.exp(2 * honeycomb) + 1) / math.exp(2 * honeycomb)
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact.onsager_energy(-1.0), r"temperature must be positive and finite, got -1"),
        (lambda: exact.finite_square(0.0, 4), r"temperature must be at least 0.01"),
        (lambda: exact.finite_square(2.0, 1), r"whole numbers of at least 2"),
        (lambda: exact.critical_temperature("kagome"), r"lattice must be one of chain, honeycomb"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
