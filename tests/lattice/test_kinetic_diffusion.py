"""Diffusion coefficients of lattice gases against exact ones."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from matlearn.lattice import KineticMonteCarlo
from matlearn.lattice.exact_diffusion import (
    CORRELATION_FACTORS,
    lattice_gas_jump_diffusion,
    vacancy_correlation_factor,
)

SETTINGS = {"temperature": 600.0, "attempt_frequency": 1e13}
SQUARE = Atoms("Li", cell=[3.0, 3.0, 20.0], pbc=True)
FCC = bulk("Cu", "fcc", a=3.6)


def lattice_gas(primitive, repeat, theta, seed=0):
    atoms = primitive.repeat(repeat)
    empty = np.random.default_rng(seed).permutation(len(atoms))[round(theta * len(atoms)) :]
    atoms.symbols[empty] = "X"
    return atoms


@pytest.mark.parametrize("theta", [0.2, 0.5, 0.8])
def test_jump_diffusion_of_a_lattice_gas_is_one_minus_theta_times_that_of_one_atom(theta):
    cell = lattice_gas(FCC, 5, theta)
    simulation = KineticMonteCarlo(0.5, cell, seed=3, **SETTINGS)
    result = simulation.diffusion(100_000)
    rate = 1e13 * np.exp(-0.5 * simulation.beta)
    exact = lattice_gas_jump_diffusion(theta, rate, 12, 3.6 / np.sqrt(2), 3)
    exact *= len(cell) / (len(cell) - 1)  # an atom is not beside itself
    assert result.jump == pytest.approx(exact, abs=4 * result.jump_error)
    assert result.jump_error < 0.06 * exact
    assert result.tracer / result.correlation_factor == pytest.approx(exact, rel=0.01)
    assert CORRELATION_FACTORS["fcc"] < result.correlation_factor < 1.0
    assert result.haven_ratio == pytest.approx(
        result.correlation_factor, abs=4 * result.haven_ratio_error
    )


@pytest.mark.parametrize(
    ("primitive", "repeat", "lattice"),
    [
        (SQUARE, (9, 9, 1), "square"),
        (bulk("Po", "sc", a=3.3), 5, "sc"),
        (bulk("Fe", "bcc", a=2.9), 5, "bcc"),
        (FCC, 5, "fcc"),
        (bulk("Si", "diamond", a=5.4), 4, "diamond"),
    ],
)
def test_tracers_of_a_single_vacancy_have_the_exact_correlation_factor(primitive, repeat, lattice):
    cell = primitive.repeat(repeat)
    exact = vacancy_correlation_factor(cell)
    cell.symbols[0] = "X"
    simulation = KineticMonteCarlo(0.5, cell, seed=1, **SETTINGS)
    result = simulation.diffusion(60_000)
    assert result.correlation_factor == pytest.approx(
        exact, abs=4 * result.correlation_factor_error
    )
    assert result.correlation_factor_error < 0.02
    assert abs(exact - CORRELATION_FACTORS[lattice]) < 1.2 / len(cell)
    walk = len(simulation.rates) * simulation.rates[0] * simulation.jump_lengths[0] ** 2 * 1e-16
    alone = walk / (2 * simulation.dimensions) / result.atoms
    assert result.jump == pytest.approx(alone, abs=4 * result.jump_error)


@pytest.mark.parametrize(
    ("primitive", "sizes", "lattice"),
    [(SQUARE, ((8, 8, 1), (16, 16, 1)), "square"), (FCC, (5, 8), "fcc")],
)
def test_correlation_factors_of_cells_extrapolate_to_the_known_ones(primitive, sizes, lattice):
    cells = [primitive.repeat(size) for size in sizes]
    (n, m), (f, g) = [len(c) for c in cells], [vacancy_correlation_factor(c) for c in cells]
    assert (m * g - n * f) / (m - n) == pytest.approx(CORRELATION_FACTORS[lattice], abs=2e-4)


def test_the_faster_of_two_species_makes_more_hops():
    cell = lattice_gas(FCC, 4, 0.5)
    cell.numbers[cell.numbers == 0] = 79
    cell.symbols[:4] = "X"
    simulation = KineticMonteCarlo({"Cu": 0.5, "Au": 0.55}, cell, seed=1, **SETTINGS)
    result = simulation.diffusion(20_000)
    cu, au = (result.by_species.set_index("species").loc[s] for s in ("Cu", "Au"))
    assert cu["tracer"] - au["tracer"] > 4 * np.hypot(cu["tracer_error"], au["tracer_error"])
    assert cu["hops"] + au["hops"] == result.hops
    assert cu["correlation_factor"] < au["correlation_factor"]  # a fast atom jumps back


def test_results_can_be_read_and_drawn():
    simulation = KineticMonteCarlo(0.5, lattice_gas(SQUARE, (8, 8, 1), 0.5), **SETTINGS)
    result = simulation.diffusion(5000)
    assert repr(result).startswith("Diffusion(Li, tracer ")
    assert "cm2/s at 600 K, f = 0." in repr(result)
    assert "\n" not in repr(simulation)
    frame = result.to_frame()
    assert frame["blocks"].tolist()[-1] == 128
    ax = result.plot()
    assert ax.get_ylabel() == "Diffusion coefficient (cm²/s)"
