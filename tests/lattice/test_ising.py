"""The two-dimensional Ising model by Monte Carlo, against Onsager's and Kaufman's solutions."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn.lattice import exact, models
from matlearn.lattice.monte_carlo import MonteCarlo
from matlearn.lattice.observers import Magnetization, ShortRangeOrder
from matlearn.lattice.scans import scan_temperature
from matlearn.lattice.statistics import binder_cumulant, mean, reweight

TC = exact.critical_temperature("square")


def scan(size: int, temperatures: list[float], sweeps: int, equilibration: int, **options):
    return scan_temperature(
        models.ising("square"), models.supercell("square", size, fill="Au"), temperatures,
        sweeps=sweeps, equilibration=equilibration, boltzmann_constant=1.0, seed=1, workers=1,
        progress=False, **options,
    )  # fmt: skip


def test_energy_and_magnetization_of_the_square_lattice_are_onsagers():
    found = scan(48, [2.0, 3.0], 4000, 300, observers=[Magnetization()]).to_frame()
    for row, energy, capacity in zip(
        found.to_dict("records"), (-1.74556, -0.81731), (0.72487, 0.40138), strict=True
    ):
        # at this size what is missing to the infinite lattice is below 1e-6 (finite_square)
        assert abs(row["energy_per_atom"] - energy) < 4 * row["energy_error"]
        assert abs(row["heat_capacity"] - capacity) < 4 * row["heat_capacity_error"]
        assert row["heat_capacity_error"] < 0.1 * capacity
        # the error that 4000 samples of this variance must at least have, and not much more
        independent = np.sqrt(capacity * row["temperature"] ** 2 / 48**2 / 4000)
        assert independent < row["energy_error"] < 4 * independent
        assert abs(row["drift"]) < 4
    cold, hot = found.to_dict("records")
    assert abs(cold["abs_magnetization"] - 0.9113) < 4 * cold["abs_magnetization_error"]
    assert cold["abs_magnetization_error"] < 0.003
    assert abs(hot["magnetization"]) < 4 * hot["magnetization_error"]
    assert abs(hot["concentration_Au"] - 0.5) < 4 * hot["concentration_Au_error"]


def test_at_the_critical_point_the_energy_is_kaufmans_for_that_size():
    row = scan(32, [TC], 16_000, 1000).to_frame().iloc[0]
    kaufman = exact.finite_square(TC, 32)
    assert kaufman.energy == pytest.approx(-1.43366, abs=5e-6)  # not yet -sqrt(2)
    assert abs(row["energy_per_atom"] - kaufman.energy) < 4 * row["energy_error"]
    assert abs(row["heat_capacity"] - kaufman.heat_capacity) < 4 * row["heat_capacity_error"]
    assert row["energy_error"] < 0.01
    assert row["autocorrelation_time"] > 15  # critical slowing down: 3.5 at T = 2


def test_small_lattices_agree_with_kaufman_at_all_temperatures_and_errors_are_honest():
    temperatures = [1.6, 2.0, 2.2, 2.3, 2.4, 2.6, 3.0, 4.0]
    deviations = []
    for size in (6, 8):
        found = scan(size, temperatures, 6000, 100).to_frame()
        for row in found.to_dict("records"):
            solution = exact.finite_square(row["temperature"], size)
            deviations += [
                (row["energy_per_atom"] - solution.energy) / row["energy_error"],
                (row["heat_capacity"] - solution.heat_capacity) / row["heat_capacity_error"],
            ]
    assert np.abs(deviations).max() < 4
    # 32 deviations in units of their errors: their square has mean 1, and a spread of 0.25
    assert 0.4 < np.mean(np.square(deviations)) < 2.0


def test_another_temperature_is_reached_by_reweighting():
    series = scan(8, [2.4], 20_000, 100, keep_series=True).series[2.4]
    for temperature in (2.3, 2.5):
        found = reweight(series["energy"], 2.4, temperature, boltzmann_constant=1.0)
        expected = 64 * exact.finite_square(temperature, 8).energy
        assert abs(found.value - expected) < 4 * found.error
        assert found.error < 0.01 * abs(expected)


def test_binders_cumulant_of_a_tiny_square_is_that_of_all_its_states():
    states = np.arange(2**16)[:, None] >> np.arange(16) & 1
    spins = (2 * states - 1).reshape(-1, 4, 4)
    energy = -sum((spins * np.roll(spins, 1, axis)).sum((1, 2)) for axis in (1, 2))
    total = spins.sum((1, 2))
    series = scan(
        4, [2.0, 3.0, 4.0], 8000, 100, keep_series=True, observers=[Magnetization()]
    ).series
    for temperature, records in series.items():
        weights = np.exp(-energy / temperature)
        second, fourth = (np.average(total**n, weights=weights) for n in (2, 4))
        found = binder_cumulant(records["magnetization"])
        assert abs(found.value - (1 - fourth / (3 * second**2))) < 4 * found.error
        assert found.error < 0.02


def test_binders_cumulants_cross_at_the_critical_temperature():
    found = {}
    for size in (6, 12):
        series = scan(
            size, [2.1, TC, 2.45], 8000, 300, keep_series=True, observers=[Magnetization()]
        ).series
        found[size] = [binder_cumulant(series[t]["magnetization"]) for t in (2.1, TC, 2.45)]
    below, critical, above = (
        (large.value - small.value, np.hypot(large.error, small.error))
        for small, large in zip(found[6], found[12], strict=True)
    )
    assert below[0] > 2 * below[1] > 0  # order grows with size
    assert above[0] < -2 * above[1] < 0  # and falls
    assert abs(critical[0]) < 4 * critical[1] + 0.005
    assert critical[1] < 0.02


def test_short_range_order_is_the_energy_in_other_words():
    simulation = MonteCarlo(
        models.ising("square"), models.supercell("square", 10), temperature=2.5,
        boltzmann_constant=1.0, concentrations={"Ag": 0.4, "Au": 0.6},
    )  # fmt: skip
    frame = simulation.run(50, observers=[ShortRangeOrder(1)])
    unlike = 2 * frame["concentration_Ag"] * frame["concentration_Au"] * (1 - frame["sro_Ag_Au_1"])
    assert frame["energy_per_atom"].to_numpy() == pytest.approx(-2 * (1 - 2 * unlike).to_numpy())
    assert mean(frame["sro_Ag_Au_1"]).value > 0.2


def test_a_triangular_lattice_orders_below_its_exact_critical_temperature():
    critical = exact.critical_temperature("triangular")
    found = scan_temperature(
        models.ising("triangular"), models.supercell("triangular", 24, fill="Au"),
        [0.9 * critical, 1.15 * critical], sweeps=1500, equilibration=300, boltzmann_constant=1.0,
        observers=[Magnetization()], workers=1, progress=False,
    ).to_frame()  # fmt: skip
    assert found["abs_magnetization"][0] > 0.75
    assert found["abs_magnetization"][1] < 0.35
