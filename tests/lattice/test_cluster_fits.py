"""Fitting cluster expansions: against trainstation, brute force, icet and the project's facts."""

from __future__ import annotations

import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st
from icet import ClusterSpace
from icet.tools import enumerate_structures, get_mixing_energy_constraints
from planted import PRIMITIVE, SPARSE, SPARSE_CUTOFFS, planted, space
from trainstation import CrossValidationEstimator

from matlearn import datasets
from matlearn.lattice import compare_fits, fit_cluster_expansion
from matlearn.lattice._fits.least_squares import leave_one_out
from matlearn.lattice.fitting import METHODS, hull_weights

mpl.use("Agg")

QUICK = {
    "lasso": {"alphas": np.logspace(-5, -1, 9)},
    "elasticnet": {"alphas": np.logspace(-5, -1, 9), "l1_ratio": [0.5, 1.0]},
    "adaptive-lasso": {"alpha": 1e-4},
    "split-bregman": {"mu": 1e4},
    "rfe": {"n_features": 5},
    "omp": {"n_nonzero_coefs": 5},
}


@pytest.fixture(scope="module")
def cu_au() -> pd.DataFrame:
    return datasets.load("cu-au-emt")


@pytest.fixture(scope="module")
def sparse() -> pd.DataFrame:
    return planted(SPARSE_CUTOFFS, SPARSE, noise=1e-4)


def linear(frame, cutoffs):
    """The linear problem, made with icet alone."""
    known = space(cutoffs)
    matrix = np.array([known.get_cluster_vector(cell) for cell in frame["structure"]])
    return matrix, frame["mixing_energy"].to_numpy()


# the project's facts, and peers


@pytest.mark.parametrize(
    ("cutoffs", "n_parameters", "rmse"),
    [([5.49], 6, 10.10), ([6.73, 4.76], 15, 6.29), ([8.0, 5.5, 3.9], 25, 5.84)],
)
def test_cross_validated_errors_of_emt_copper_gold(cu_au, cutoffs, n_parameters, rmse):
    fit = fit_cluster_expansion(cu_au, cutoffs, method="ridge", seed=42, off_lattice=True)
    assert fit.n_parameters == len(fit.parameters) == n_parameters
    assert 1000 * fit.rmse_validation == pytest.approx(rmse, abs=0.01)
    assert fit.rmse_train < fit.rmse_validation


def test_leave_one_out_error_of_emt_copper_gold(cu_au):
    for method in ("ols", "ridge"):
        fit = fit_cluster_expansion(
            cu_au, [6.73, 4.76], method=method, validation="leave-one-out", off_lattice=True
        )
        assert 1000 * fit.rmse_validation == pytest.approx(6.31, abs=0.01)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("ridge", {}),
        ("ridge", {"alpha": 0.3}),
        ("least-squares", {}),
        ("ardr", {"threshold_lambda": 500.0}),
        ("bayesian-ridge", {}),
        ("lasso", {"alpha": 1e-3}),
        ("split-bregman", {"mu": 1e3}),
    ],
)
def test_fits_are_those_of_trainstation(cu_au, method, options):
    fit = fit_cluster_expansion(
        cu_au, [6.73, 4.76], method=method, seed=7, n_splits=6, off_lattice=True, **options
    )
    peer = CrossValidationEstimator(
        linear(cu_au, [6.73, 4.76]), fit_method=method, n_splits=6, seed=7, **options
    )
    peer.validate()
    peer.train()
    assert fit.rmse_validation == pytest.approx(peer.rmse_validation, rel=1e-6)
    np.testing.assert_allclose(fit.parameters, peer.parameters, atol=1e-9)
    assert fit.rmse_train == pytest.approx(peer.rmse_train_final, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_known_interactions(sparse, method):
    fit = fit_cluster_expansion(
        sparse, SPARSE_CUTOFFS, method=method, n_splits=2, **QUICK.get(method, {})
    )
    np.testing.assert_allclose(fit.parameters, SPARSE, atol=6e-4)
    assert fit.rmse_validation < 5e-4
    if method in ("omp", "rfe", "ardr"):
        assert (fit.parameters[SPARSE == 0] == 0).sum() >= 2


@pytest.mark.parametrize("method", ["omp", "rfe"])
def test_methods_that_draw_at_random_repeat_with_the_seed(sparse, method):
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (
        fit_cluster_expansion(sparse, SPARSE_CUTOFFS, method=method, n_splits=2, seed=3)
        for _ in range(2)
    )
    assert first.rmse_validation == second.rmse_validation
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_folds_follow_the_seed(sparse):
    errors = [fit_cluster_expansion(sparse, [4.0], seed=seed).rmse_validation for seed in (0, 0, 1)]
    assert errors[0] == errors[1] != errors[2]


# leave-one-out in closed form


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6), st.booleans(), st.sampled_from([0.0, 1e-3, 1.0])
)  # fmt: skip
def test_hat_matrix_equals_leaving_out(seed, weighted, penalty):
    rng = np.random.default_rng(seed)
    matrix, targets = rng.normal(size=(12, 4)), rng.normal(size=12)
    weights = rng.uniform(0.2, 3.0, size=12) if weighted else None
    penalties = penalty * rng.uniform(0.5, 2.0, size=4)
    predictions, _ = leave_one_out(matrix, targets, weights, penalties)
    for i in range(12):
        kept = np.arange(12) != i
        w = np.diag(np.ones(11) if weights is None else weights[kept])
        normal = matrix[kept].T @ w @ matrix[kept] + np.diag(penalties)
        solution = np.linalg.solve(normal, matrix[kept].T @ w @ targets[kept])
        assert predictions[i] == pytest.approx(matrix[i] @ solution, abs=1e-8)


def test_an_indispensable_row_is_told_apart():
    matrix = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    predictions, leverages = leave_one_out(matrix, np.array([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(leverages, [0.5, 0.5, 1.0])
    assert np.isnan(predictions[2])
    np.testing.assert_allclose(predictions[:2], [2.0, 1.0])


@pytest.mark.parametrize("constrain", [False, True])
def test_leave_one_out_equals_refits_with_weights_and_constraints(sparse, constrain):
    weights = np.linspace(0.5, 2.0, len(sparse))
    settings = {"weights": weights, "constrain_pure": constrain, "validation": "leave-one-out"}
    closed = fit_cluster_expansion(sparse, [5.5], method="ols", **settings).predictions
    matrix, targets = linear(sparse, [5.5])
    basis = get_mixing_energy_constraints(space([5.5])).constraint_vectors
    offset = np.zeros(matrix.shape[1])
    if constrain:  # any solution for the ends, plus the null space
        ends = [0, 1]
        offset = np.linalg.lstsq(matrix[ends], targets[ends])[0]
    else:
        basis = np.eye(matrix.shape[1])
    for i in (2, 10, 40):
        kept = np.arange(len(targets)) != i
        root = np.sqrt(weights[kept])[:, None]
        left = targets[kept] - matrix[kept] @ offset
        unknowns = np.linalg.lstsq(root * (matrix[kept] @ basis), root[:, 0] * left)[0]
        expected = matrix[i] @ (offset + basis @ unknowns)
        assert closed["held_out"][i] == pytest.approx(expected, abs=1e-9)


def test_leave_one_out_of_a_method_without_closed_form_leaves_out(sparse):
    frame = sparse.iloc[:12]
    fit = fit_cluster_expansion(frame, [3.0], method="bayesian-ridge", validation="leave-one-out")
    without = pd.concat([frame.iloc[:4], frame.iloc[5:]])
    without.attrs = frame.attrs
    other = fit_cluster_expansion(without, [3.0], method="bayesian-ridge", n_splits=2)
    expected = other.predict(frame["structure"].iloc[4])
    assert fit.predictions["held_out"][4] == pytest.approx(expected, abs=1e-12)


# weights


def test_a_weight_of_three_is_three_copies(sparse):
    counts = np.random.default_rng(0).integers(1, 4, size=len(sparse))
    weighted = fit_cluster_expansion(sparse, [4.0], method="ols", weights=counts)
    copies = sparse.loc[np.repeat(sparse.index, counts)].reset_index(drop=True)
    copies.attrs = sparse.attrs
    copied = fit_cluster_expansion(copies, [4.0], method="ols")
    np.testing.assert_allclose(weighted.parameters, copied.parameters, atol=1e-12)
    plain = fit_cluster_expansion(sparse, [4.0], method="ols")
    assert np.abs(plain.parameters - weighted.parameters).max() > 1e-6


@pytest.mark.parametrize("method", ["ridge", "lasso"])
def test_equal_weights_change_nothing(sparse, method):
    options = {"alpha": 1e-3}
    plain = fit_cluster_expansion(sparse, [4.0], method=method, **options)
    equal = fit_cluster_expansion(
        sparse, [4.0], method=method, weights=[7.0] * len(sparse), **options
    )
    np.testing.assert_allclose(equal.parameters, plain.parameters, atol=1e-12)


def test_weights_come_as_array_column_or_function(sparse):
    values = np.linspace(1.0, 2.0, len(sparse))
    frame = sparse.assign(importance=values)
    frame.attrs = sparse.attrs
    fits = [
        fit_cluster_expansion(frame, [4.0], weights=given)
        for given in (values, "importance", lambda table: 5.0 * table["importance"])
    ]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.parameters, fits[0].parameters, rtol=1e-12)
    assert fits[0].predictions["weight"].mean() == pytest.approx(1.0)


def test_weights_by_hull_distance_help_what_is_near_the_hull(cu_au):
    plain = fit_cluster_expansion(cu_au, [6.73, 4.76]).predictions
    near = fit_cluster_expansion(cu_au, [6.73, 4.76], weights=hull_weights).predictions
    stable = plain["hull_distance"] < 1e-9
    errors = [np.abs(t["predicted"] - t["mixing_energy"])[stable].mean() for t in (plain, near)]
    assert errors[1] < 0.6 * errors[0]


# pure end members


def test_constrained_end_members_are_exact_as_with_icet(cu_au):
    fit = fit_cluster_expansion(cu_au, [6.73, 4.76], method="ols", constrain_pure=True)
    used = cu_au[cu_au["on_lattice"]]
    assert np.abs(fit.predict(list(used["structure"][:2]))).max() < 1e-12
    matrix, targets = linear(used, [6.73, 4.76])
    peer = get_mixing_energy_constraints(space([6.73, 4.76]))
    unknowns = np.linalg.lstsq(peer.transform(matrix), targets)[0]
    np.testing.assert_allclose(fit.parameters, peer.inverse_transform(unknowns), atol=1e-10)


def test_constrained_end_members_keep_what_frame_says_and_sparsity(sparse):
    fit = fit_cluster_expansion(
        sparse, SPARSE_CUTOFFS, method="lasso", alpha=1e-2, constrain_pure=True, n_splits=3
    )
    table = fit.predictions
    np.testing.assert_allclose(table["predicted"][:2], table["mixing_energy"][:2], atol=1e-12)
    assert fit.n_nonzero < fit.n_parameters
    assert fit.recipe.constrain_pure


def test_constraint_needs_the_end_members(sparse):
    frame = sparse.iloc[1:]
    frame.attrs = sparse.attrs
    with pytest.raises(ValueError, match=r"constrain_pure needs every pure end member .* Cu "):
        fit_cluster_expansion(frame, [4.0], constrain_pure=True)


def test_contradicting_end_members_are_refused(sparse):
    frame = pd.concat([sparse, sparse.iloc[:1].assign(mixing_energy=0.5)], ignore_index=True)
    frame.attrs = sparse.attrs
    with pytest.raises(ValueError, match="contradict"):
        fit_cluster_expansion(frame, [4.0], constrain_pure=True)


def test_two_sublattices_have_four_end_members():
    rocksalt = bulk("TiC", "rocksalt", a=4.3)
    symbols = [["Ti", "Zr"], ["C", "N"]]
    cells = list(enumerate_structures(rocksalt, range(1, 4), symbols))
    energies = np.random.default_rng(1).normal(scale=0.01, size=len(cells))
    frame = pd.DataFrame({"structure": cells, "mixing_energy": energies})
    frame.attrs = {"primitive": rocksalt, "chemical_symbols": symbols}
    fit = fit_cluster_expansion(frame, [4.4], constrain_pure=True)
    assert sorted(cells[i].get_chemical_formula() for i in range(4)) == ["CTi", "CZr", "NTi", "NZr"]
    table = fit.predictions
    np.testing.assert_allclose(table["predicted"][:4], energies[:4], atol=1e-12)
    assert np.abs(table["predicted"] - energies)[4:].max() > 1e-3
    nitrogen = [(cell.symbols == "N").sum() / (len(cell) / 2) for cell in cells]
    np.testing.assert_allclose(table["concentration"], nitrogen)


# what a fit says


def test_interactions_follow_icets_convention(sparse):
    fit = fit_cluster_expansion(sparse, SPARSE_CUTOFFS, method="ols")
    table, peer = fit.ecis, fit.cluster_expansion.to_dataframe()
    for column in ("order", "radius", "multiplicity", "parameter", "eci"):
        np.testing.assert_allclose(table[column], peer[column])
    pairs = table[table["order"] == 2]
    np.testing.assert_allclose(pairs["diameter"], 3.8 * np.sqrt([0.5, 1.0, 1.5, 2.0]))
    assert table["orbit"].tolist() == list(range(-1, 7))


def test_predictions_are_icets(sparse):
    fit = fit_cluster_expansion(sparse, SPARSE_CUTOFFS)
    expected = [fit.cluster_expansion.predict(cell) for cell in sparse["structure"]]
    np.testing.assert_allclose(fit.predictions["predicted"], expected, atol=1e-14)
    np.testing.assert_allclose(fit.predict(sparse["structure"]), expected, atol=1e-14)
    assert isinstance(fit.predict(sparse["structure"][3]), float)
    rmse = np.sqrt(np.mean((fit.predictions["held_out"] - sparse["mixing_energy"]) ** 2))
    assert fit.rmse_validation == pytest.approx(rmse, rel=0.2)


def test_the_lattice_is_found_where_nothing_says_it(sparse):
    bare = sparse.copy()
    bare.attrs = {}
    told, found = (fit_cluster_expansion(one, SPARSE_CUTOFFS, seed=1) for one in (sparse, bare))
    assert found.rmse_validation == pytest.approx(told.rmse_validation, rel=1e-9)
    given = fit_cluster_expansion(
        bare, SPARSE_CUTOFFS, seed=1, primitive=PRIMITIVE, species=["Au", "Cu"]
    )
    assert given.rmse_validation == pytest.approx(told.rmse_validation, rel=1e-9)


def test_structures_off_the_lattice_are_left_out_and_counted(sparse):
    frame = sparse.assign(on_lattice=True)
    frame.attrs = sparse.attrs
    frame.loc[[5, 9], "on_lattice"] = False
    frame.loc[5, "mixing_energy"] = np.nan
    fit = fit_cluster_expansion(frame, [4.0])
    assert (fit.n_structures, fit.n_off_lattice) == (len(sparse) - 2, 2)
    assert "2 off the lattice" in repr(fit)


def test_condition_number_is_that_of_the_cluster_vectors(sparse):
    fit = fit_cluster_expansion(sparse, SPARSE_CUTOFFS)
    assert fit.condition_number == pytest.approx(np.linalg.cond(linear(sparse, SPARSE_CUTOFFS)[0]))
    few = sparse.iloc[:6]
    few.attrs = sparse.attrs
    assert fit_cluster_expansion(few, SPARSE_CUTOFFS, n_splits=2).condition_number == np.inf


def test_figures_of_a_fit(sparse):
    fit = fit_cluster_expansion(sparse, SPARSE_CUTOFFS)
    assert fit.plot_ecis().get_ylabel()
    assert fit.plot().get_xlabel() == "Reference mixing energy (meV/atom)"


def test_a_missing_library_says_what_to_install(sparse, monkeypatch):
    monkeypatch.setitem(sys.modules, "trainstation", None)
    with pytest.raises(ImportError, match="pip install trainstation"):
        fit_cluster_expansion(sparse, [4.0])


# comparing


def test_comparison_has_a_row_for_each_and_says_why_one_failed(sparse):
    few = sparse.iloc[:8]
    few.attrs = sparse.attrs
    table = compare_fits(
        few, [[3.0], [7.5, 5.0]], ["ols", "ridge"], n_splits=4, seed=2, progress=False
    )
    assert table["method"].tolist() == ["least-squares", "ridge"] * 2
    assert table["cutoffs"].tolist() == [(3.0,)] * 2 + [(7.5, 5.0)] * 2
    assert table["rmse_validation"].isna().tolist() == [False, False, True, False]
    assert "8 structures for" in table["reason"][2]
    alone = fit_cluster_expansion(few, [3.0], n_splits=4, seed=2)
    assert table["rmse_validation"][1] == alone.rmse_validation


def test_comparison_takes_one_list_of_cutoffs_and_options(sparse):
    table = compare_fits(sparse, [4.0], "lasso", options={"lasso": {"alpha": 1.0}}, progress=False)
    assert len(table) == 1
    assert table["n_nonzero"][0] < table["n_parameters"][0]


def test_comparison_in_processes_is_the_same(sparse):
    here, there = (
        compare_fits(sparse, [[3.0], [4.0]], workers=workers, progress=False) for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(
        here.drop(columns="cpu_seconds"), there.drop(columns="cpu_seconds")
    )


# bad input


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"method": "magic"}, ValueError, "adaptive-lasso, ardr, .* got 'magic'"),
        ({"cutoffs": [5.0, 0.0]}, ValueError, r"positive length .* got \[5.0, 0.0\]"),
        ({"cutoffs": [-1.0]}, ValueError, "positive"),
        ({"cutoffs": []}, ValueError, "at least one"),
        ({"cutoffs": 5.0}, TypeError, "must be a list"),
        ({"cutoffs": ["5"]}, TypeError, "numbers"),
        ({"cutoffs": [2.0]}, ValueError, "not one pair"),
        ({"validation": "hold-out"}, ValueError, "'k-fold' or 'leave-one-out', got 'hold-out'"),
        ({"n_splits": 1000}, ValueError, "from 2 to .* 57; got 1000"),
        ({"n_splits": 1}, ValueError, "n_splits"),
        ({"weights": [1.0, 2.0]}, ValueError, "one number a structure"),
        ({"weights": "mass"}, ValueError, "'mass'"),
        ({"weights": [0.0] + [1.0] * 56}, ValueError, "positive and finite, got 0.0"),
        ({"species": ["Cu", "Ag"]}, ValueError, "holds Au, which the expansion of Ag, Cu"),
        ({"primitive": bulk("Cu", a=4.0)}, ValueError, "does not lie on the lattice"),
    ],
)
def test_bad_arguments_are_named(sparse, change, error, message):
    arguments = {"cutoffs": [4.0]} | change
    cutoffs = arguments.pop("cutoffs")
    with pytest.raises(error, match=message):
        fit_cluster_expansion(sparse, cutoffs, **arguments)


def test_missing_energies_are_named(sparse):
    frame = sparse.copy()
    frame.loc[4, "mixing_energy"] = np.nan
    with pytest.raises(ValueError, match=r"missing for 1 of 57 structures \(Au"):
        fit_cluster_expansion(frame, [4.0])
    with pytest.raises(ValueError, match="no column 'mixing_energy'"):
        fit_cluster_expansion(frame.drop(columns="mixing_energy"), [4.0])
    with pytest.raises(TypeError, match="DataFrame"):
        fit_cluster_expansion([1, 2], [4.0])


def test_least_squares_refuses_fewer_structures_than_parameters(sparse):
    few = sparse.iloc[:6]
    few.attrs = sparse.attrs
    with pytest.raises(ValueError, match="6 structures for 8 parameters"):
        fit_cluster_expansion(few, SPARSE_CUTOFFS, method="ols", n_splits=2)
    fit = fit_cluster_expansion(few, SPARSE_CUTOFFS, method="ridge", n_splits=2)
    assert fit.n_parameters == 8 > fit.n_structures


def test_least_squares_refuses_what_the_structures_do_not_determine(sparse):
    same = sparse.loc[[0, 1, 2] * 5].reset_index(drop=True)
    same.attrs = sparse.attrs
    with pytest.raises(ValueError, match="the 15 structures determine 3 combinations"):
        fit_cluster_expansion(same, SPARSE_CUTOFFS, method="ols")


def test_a_ternary_is_fitted():
    fcc = bulk("Cu", "fcc", a=3.8)
    cells = list(enumerate_structures(fcc, range(1, 4), ["Cu", "Ag", "Au"]))
    known = ClusterSpace(fcc, [4.0], ["Cu", "Ag", "Au"])
    parameters = np.random.default_rng(0).normal(scale=0.01, size=len(known))
    energies = np.array([known.get_cluster_vector(cell) for cell in cells]) @ parameters
    frame = pd.DataFrame({"structure": cells, "mixing_energy": energies})
    fit = fit_cluster_expansion(frame, [4.0], method="ols", species=["Cu", "Ag", "Au"])
    np.testing.assert_allclose(fit.parameters, parameters, atol=1e-12)
