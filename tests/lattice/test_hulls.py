"""Mixing energies and distances from the convex hull."""

from __future__ import annotations

import numpy as np
import pytest

from matlearn.lattice.hulls import hull_distances, hull_vertices, mixing_energies


def test_mixing_energies_of_end_members_vanish():
    shares = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.25]])
    energies = [-3.0, -4.0, -5.0, -4.0]
    mixing = mixing_energies(energies, shares, energies[:3])
    assert mixing == pytest.approx([0, 0, 0, -4.0 + 1.5 + 1.0 + 1.25])


def test_a_missing_energy_stays_missing():
    mixing = mixing_energies([0.0, np.nan, 0.0], [[1, 0], [0.5, 0.5], [0, 1]], [0.0, 0.0])
    assert np.isnan(mixing).tolist() == [False, True, False]
    distances = hull_distances([0, 0.5, 1], [0.0, np.nan, 0.0])
    assert np.isnan(distances).tolist() == [False, True, False]


def test_distances_do_not_depend_on_the_reference():
    rng = np.random.default_rng(3)
    x = np.concatenate([[0, 1], rng.random(30)])
    e = np.concatenate([[0, 0], rng.normal(scale=0.02, size=30)])
    shifted = hull_distances(x, e - 3.1 * x - 4000.0)
    assert hull_distances(x, e) == pytest.approx(shifted, abs=1e-9)
    assert (hull_distances(x, e) >= 0).all()


def test_ternary_distances_equal_those_of_a_linear_programme():
    from scipy.optimize import linprog

    rng = np.random.default_rng(5)
    parts = np.vstack([np.eye(3), rng.dirichlet([1, 1, 1], size=25)])
    e = np.concatenate([np.zeros(3), rng.normal(scale=0.05, size=25)])
    lowest = [linprog(e, A_eq=parts.T, b_eq=row, method="highs").fun for row in parts]
    assert hull_distances(parts[:, 1:], e) == pytest.approx(e - lowest, abs=1e-9)


def test_corners_are_in_the_order_of_the_concentration():
    x = [1.0, 0.25, 0.5, 0.0, 0.5]
    assert hull_vertices(x, [0.0, -0.3, -0.4, 0.0, 0.1]).tolist() == [3, 1, 2, 0]


def test_alloys_that_only_lose_energy_are_not_on_the_hull():
    assert hull_vertices([0, 0.5, 1], [0.0, 0.1, 0.0]).tolist() == [0, 2]
    assert hull_distances([0, 0.5, 1], [0.0, 0.1, 0.0]) == pytest.approx([0, 0.1, 0])


def test_what_does_not_count_may_lie_below_the_hull():
    counts = [True, False, True]
    assert hull_distances([0, 0.5, 1], [0, -0.1, 0], counts=counts) == pytest.approx([0, -0.1, 0])
    assert hull_vertices([0, 0.5, 1], [0, -0.1, 0], counts=counts).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 1], [0.0]), "energies must be as many"),
        (([0, np.nan], [0.0, 0.0]), "concentrations must be finite"),
        (([0, 1], [np.nan, np.nan]), "at least one that counts"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        hull_distances(*arguments)


def test_fractions_must_fit_the_end_members():
    with pytest.raises(ValueError, match="must have the shape"):
        mixing_energies([0.0, 0.0], [[1, 0]], [0.0, 0.0])
    with pytest.raises(ValueError, match="sum to one"):
        mixing_energies([0.0], [[0.5, 0.2]], [0.0, 0.0])
