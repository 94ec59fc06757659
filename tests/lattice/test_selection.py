"""Choosing clusters by a genetic algorithm."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from icet.core.local_orbit_list_generator import LocalOrbitListGenerator
from icet.core.structure import structure_to_arrays
from icet.tools.variable_transformation import get_transformation_matrix
from planted import SPARSE, SPARSE_CUTOFFS, planted, space

from matlearn.lattice import MonteCarlo, fit_cluster_expansion, select_clusters
from matlearn.lattice._fits import genetic as _genetic
from matlearn.lattice._fits.genetic import LeaveOneOutScore
from matlearn.lattice._fits.subclusters import subcluster_matrix

mpl.use("Agg")


@pytest.fixture(scope="module")
def sparse() -> pd.DataFrame:
    return planted(SPARSE_CUTOFFS, SPARSE, noise=1e-4)


@pytest.fixture(scope="module")
def noisy() -> pd.DataFrame:
    return planted(SPARSE_CUTOFFS, SPARSE, noise=3e-3, seed=1)


def test_the_clusters_that_are_there_are_chosen():
    frame = planted(SPARSE_CUTOFFS, SPARSE)
    frame["mixing_energy"] += 1e-7 * np.random.default_rng(0).normal(size=len(frame))
    selection = select_clusters(frame, SPARSE_CUTOFFS, generations=15, progress=False)
    needed = SPARSE[1:] != 0
    assert selection.chosen[needed].all()
    assert selection.fit.rmse_validation < 2e-7
    np.testing.assert_allclose(selection.fit.parameters, SPARSE, atol=1e-6)


def test_all_choices_were_beaten_where_all_can_be_tried(noisy):
    selection = select_clusters(noisy, SPARSE_CUTOFFS, generations=30, seed=3, progress=False)
    known = space(SPARSE_CUTOFFS)
    matrix = np.array([known.get_cluster_vector(cell) for cell in noisy["structure"]])
    score = LeaveOneOutScore(matrix, noisy["mixing_energy"].to_numpy())
    every = [
        score(np.array([True, True, *(bit == "1" for bit in f"{number:06b}")]))
        for number in range(64)
    ]
    assert selection.fit.rmse_validation == pytest.approx(min(every), rel=1e-9)


def test_score_is_the_leave_one_out_error_of_the_fit(noisy):
    weights = np.linspace(0.5, 2.0, len(noisy))
    for constrain in (False, True):
        settings = {"weights": weights, "constrain_pure": constrain}
        selection = select_clusters(
            noisy, SPARSE_CUTOFFS, generations=3, progress=False, **settings
        )
        best = selection.history["best"].iloc[-1]
        assert selection.fit.rmse_validation == pytest.approx(best, rel=1e-9)
        whole = fit_cluster_expansion(
            noisy, SPARSE_CUTOFFS, method="ols", validation="leave-one-out", **settings
        )
        assert best <= whole.rmse_validation * (1 + 1e-9)
        assert selection.fit.recipe.constrain_pure is constrain


def test_history_never_gets_worse_and_the_seed_repeats(noisy):
    first, second = (
        select_clusters(noisy, [7.5, 5.0], generations=8, seed=5, progress=False) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.history, second.history)
    assert np.array_equal(first.chosen, second.chosen)
    assert (np.diff(first.history["best"]) <= 0).all()
    assert first.history["generation"].tolist() == list(range(9))
    assert first.plot().get_ylabel() == "Leave-one-out error (meV/atom)"


def test_more_clusters_than_structures_may_be_offered(sparse):
    few = sparse.iloc[:20]
    few.attrs = sparse.attrs
    selection = select_clusters(few, [8.0, 5.5], generations=10, progress=False)
    assert selection.fit.n_parameters > 20 > selection.fit.n_nonzero
    assert np.isfinite(selection.fit.rmse_validation)


def test_parts_of_clusters_come_along_if_asked(noisy):
    selection = select_clusters(
        noisy, [7.5, 5.0], closed=True, generations=4, seed=2, progress=False
    )
    parts = subcluster_matrix(selection.fit.cluster_space.orbit_list)
    assert not (parts[selection.chosen].any(axis=0) & ~selection.chosen).any()


def test_parts_of_clusters_are_those_of_icet():
    known = space([8.0, 5.5, 3.9])
    primitive = known.primitive_structure
    orbits = LocalOrbitListGenerator(
        orbit_list=known.orbit_list,
        **structure_to_arrays(primitive),
        fractional_position_tolerance=known.fractional_position_tolerance,
    ).generate_full_orbit_list()
    expected = (get_transformation_matrix(primitive, orbits)[1:, 1:] != 0).T
    np.fill_diagonal(expected, False)
    assert np.array_equal(subcluster_matrix(known.orbit_list), expected)


def test_clusters_not_chosen_are_zero_and_the_expansion_is_taken_everywhere(noisy):
    selection = select_clusters(noisy, SPARSE_CUTOFFS, generations=5, progress=False)
    table = selection.fit.ecis
    orbits = table["orbit"].to_numpy()
    chosen = np.append(selection.chosen, True)[orbits]
    assert (table["parameter"][~chosen] == 0).all() and (table["parameter"][chosen] != 0).all()
    cell = noisy["structure"][0].repeat(3)
    simulation = MonteCarlo(
        selection.fit, cell, temperature=500, concentrations={"Cu": 0.5, "Au": 0.5}
    )
    simulation.run(3)
    expected = selection.fit.predict(simulation.atoms) * len(cell)
    assert simulation.energy == pytest.approx(expected, abs=1e-9)
    pruned = selection.fit.cluster_expansion.copy()
    pruned.prune()
    assert len(pruned) == selection.fit.n_nonzero
    assert pruned.predict(simulation.atoms) * len(cell) == pytest.approx(expected, abs=1e-9)


def test_an_interrupt_keeps_the_best_so_far(noisy, monkeypatch):
    whole = select_clusters(noisy, [7.5, 5.0], generations=10, progress=False)
    calls = 0
    score = LeaveOneOutScore.__call__

    def interrupted(self, columns):
        nonlocal calls
        calls += 1
        if calls > 150:
            raise KeyboardInterrupt
        return score(self, columns)

    monkeypatch.setattr(_genetic.LeaveOneOutScore, "__call__", interrupted)
    selection = select_clusters(noisy, [7.5, 5.0], generations=10, progress=False)
    assert selection.stopped and "stopped early" in repr(selection)
    pd.testing.assert_frame_equal(selection.history, whole.history.iloc[:3])
    assert selection.fit.rmse_validation == pytest.approx(whole.history["best"][2], rel=1e-9)


def test_an_interrupt_before_anything_is_known_is_passed_on(noisy, monkeypatch):
    def interrupted(self, columns):
        raise KeyboardInterrupt

    monkeypatch.setattr(_genetic.LeaveOneOutScore, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        select_clusters(noisy, [4.0], progress=False)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"generations": 0}, ValueError, "generations must be at least 1, got 0"),
        ({"population": 2}, ValueError, "population must be at least 4"),
        ({"population": 8.5}, TypeError, "whole number"),
        ({"mutation": 1.5}, ValueError, "probability"),
        ({"cutoffs": [2.0]}, ValueError, "not one pair"),
    ],
)
def test_bad_arguments_are_named(sparse, change, error, message):
    arguments = {"cutoffs": [4.0], "progress": False} | change
    cutoffs = arguments.pop("cutoffs")
    with pytest.raises(error, match=message):
        select_clusters(sparse, cutoffs, **arguments)


def test_too_few_structures_for_any_choice_say_so(sparse):
    few = sparse.iloc[:2]
    few.attrs = sparse.attrs
    with pytest.raises(ValueError, match="no set of clusters tried is determined by 2 structures"):
        select_clusters(few, [4.0], generations=2, population=4, progress=False)
