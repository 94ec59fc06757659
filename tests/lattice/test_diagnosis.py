"""Judging fits: good ones, poor ones, and those whose faults are known."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from planted import SPARSE, SPARSE_CUTOFFS, planted

from matlearn import datasets
from matlearn.lattice import diagnose, fit_cluster_expansion, select_clusters

mpl.use("Agg")

ORDERING = np.array([-0.02, 0.0, 0.02, -0.004])  # first neighbours unlike, second alike


@pytest.fixture(scope="module")
def ordering() -> pd.DataFrame:
    return planted([4.0], ORDERING, max_atoms=4)


def test_emt_copper_gold_is_poor():
    frame = datasets.load("cu-au-emt")
    fit = fit_cluster_expansion(frame, [6.73, 4.76], seed=42, off_lattice=True)
    found = diagnose(fit, frame)
    assert found.verdict == "poor"
    assert 1000 * found.energy_scale == pytest.approx(10.62, abs=0.02)
    assert found.energy_scale_is == "depth of the convex hull"
    ends = found.end_members
    wrong = dict(
        zip(ends["formula"], 1000 * (ends["predicted"] - ends["mixing_energy"]), strict=True)
    )
    assert wrong["Cu"] == pytest.approx(16.9, abs=0.1)
    states = found.ground_states
    assert states["formula"][states["status"] == "lost"].tolist() == ["Cu3Au", "CuAu"]
    assert states["formula"][states["status"] == "preserved"].tolist() == ["Cu", "Au"]
    words = str(found)
    assert "Pure Cu is off by +16.9 meV/atom" in words
    assert "Lost" in words and "CuAu" in words and "Under-fitting" in words


def test_emt_copper_palladium_is_good():
    frame = datasets.load("cu-pd-emt")
    found = diagnose(fit_cluster_expansion(frame, [8.0, 5.5, 3.9], seed=42), frame)
    assert found.verdict == "good"
    states = found.ground_states
    assert states["formula"][states["status"] == "preserved"].tolist() == [
        "Cu", "Cu3Pd", "CuPd", "CuPd3", "Pd",
    ]  # fmt: skip
    assert "lost" not in set(states["status"])
    assert "is good" in str(found)
    assert found.plot().get_ylabel() == "Mixing energy (meV/atom)"


def test_an_exact_expansion_is_good_in_every_respect(ordering):
    found = diagnose(fit_cluster_expansion(ordering, [4.0], method="ols"), ordering)
    assert found.verdict == "good"
    assert set(found.ground_states["status"]) == {"preserved"}
    assert found.error < 1e-12
    assert {one.kind for one in found.findings} == {"good"}
    assert found.learning_curve["rmse_validation"].max() < 1e-12
    assert np.array_equal(
        found.to_frame()["predicted_hull_distance"] < 1e-9, ordering_hull(ordering) < 1e-9
    )


def ordering_hull(frame):
    from matlearn.lattice.hulls import hull_distances

    x = [np.mean(cell.symbols == "Au") for cell in frame["structure"]]
    return hull_distances(x, frame["mixing_energy"])


def test_a_ground_state_that_the_clusters_cannot_express_is_lost(ordering):
    frame = ordering.copy()
    frame.attrs = ordering.attrs
    stacked = next(  # half gold, and far from ordered by these interactions
        i
        for i, cell in enumerate(frame["structure"])
        if len(cell) == 4
        and np.mean(cell.symbols == "Au") == 0.5
        and frame["mixing_energy"][i] > -0.02
    )
    frame.loc[stacked, "mixing_energy"] = -0.2
    found = diagnose(fit_cluster_expansion(frame, [4.0], method="ols"), frame)
    states = found.ground_states.set_index("label")
    label = found.to_frame()["label"][stacked]
    assert states.loc[label, "status"] == "lost"
    assert states.loc[label, "reference_depth"] > found.error
    assert states.loc[label, "predicted_hull_distance"] > 0.001
    assert (states["status"] == "spurious").any()
    assert found.verdict == "poor"
    kinds = {one.kind for one in found.findings if one.text.startswith("Lost")}
    assert kinds == {"bad"}


def test_a_state_that_the_expansion_cannot_tell_from_the_true_one_is_not_spurious():
    frame = planted([4.8], np.array([-0.02, 0.0, 0.02, -0.004, -0.003]), max_atoms=4)
    found = diagnose(fit_cluster_expansion(frame, [3.0], method="ols"), frame)
    table = found.to_frame()
    x = found.ground_states["concentration"]
    tied = table[
        (table["predicted_hull_distance"] < 1e-9) & np.isclose(table["concentration"], 0.25)
    ]
    assert len(tied) > 1  # L1_2 and D0_22 have the same first neighbours
    assert np.isclose(x, 0.25).sum() == 1


def test_depth_is_how_far_a_state_pulls_the_hull_down(ordering):
    found = diagnose(fit_cluster_expansion(ordering, [4.0], method="ols"), ordering, repeats=0)
    states = found.ground_states.set_index("concentration")
    table = found.to_frame()
    others = table[table["label"] != states.loc[0.5, "label"]]
    points = others[["concentration", "mixing_energy"]].to_numpy()
    mixtures = [
        np.interp(0.5, [left[0], right[0]], [left[1], right[1]])
        for left in points[points[:, 0] <= 0.5]
        for right in points[points[:, 0] > 0.5]
    ]
    expected = min(mixtures) - states.loc[0.5, "mixing_energy"]
    for column in ("predicted_depth", "reference_depth"):
        assert states.loc[0.5, column] == pytest.approx(expected, abs=1e-12)
    assert states.loc[[0.0, 1.0], "predicted_depth"].isna().all()


def test_errors_are_grouped_by_distance_from_the_hull():
    frame = planted(SPARSE_CUTOFFS, SPARSE, noise=2e-3)
    found = diagnose(fit_cluster_expansion(frame, SPARSE_CUTOFFS, method="ols"), frame)
    groups, table = found.errors_by_distance, found.to_frame()
    assert groups["n"].sum() == len(frame)
    assert (np.diff(groups["distance_from"]) >= 0).all()
    squares = (groups["n"] * groups["rmse"] ** 2).sum() / len(frame)
    assert np.sqrt(squares) == pytest.approx(found.fit.rmse_train, rel=1e-9)
    unseen = table["held_out"] - table["mixing_energy"]
    squares = (groups["n"] * groups["rmse_held_out"] ** 2).sum()
    assert squares == pytest.approx((unseen**2).sum(), rel=1e-9)


def test_learning_curve_falls_towards_the_noise():
    frame = planted(SPARSE_CUTOFFS, SPARSE, noise=2e-3)
    fit = fit_cluster_expansion(frame, SPARSE_CUTOFFS, method="ols")
    curve = diagnose(fit, frame, repeats=20, seed=1).learning_curve
    assert curve["n_structures"].tolist() == [11, 23, 34, 46]
    assert (np.diff(curve["rmse_validation"]) < 0).all()
    last = curve.iloc[-1]
    # least squares of p parameters on n points errs by sigma * sqrt(1 + p / n), near enough
    expected = 2e-3 * np.sqrt(1 + 8 / 46)
    assert abs(last["rmse_validation"] - expected) < 4 * last["error"] + 0.1 * expected
    again = diagnose(fit, frame, repeats=20, seed=1).learning_curve
    pd.testing.assert_frame_equal(curve, again)


def test_other_structures_are_judged_by_their_own_error(ordering):
    fit = fit_cluster_expansion(ordering, [4.0], method="ols")
    other = planted([4.0], ORDERING + np.array([0.003, 0.0, 0.0, 0.0]), max_atoms=3)
    found = diagnose(fit, other, repeats=0)
    assert found.error == pytest.approx(0.003, abs=1e-9)
    assert len(found.to_frame()) == len(other)
    assert found.learning_curve.empty


def test_structures_kept_apart_are_judged_by_energy_alone():
    frame = planted(SPARSE_CUTOFFS, SPARSE, noise=2e-3)
    kept = frame.iloc[5::6]  # neither end member, nor most of the ground states
    fitted = frame.drop(index=kept.index)
    fit = fit_cluster_expansion(
        fitted, [5.5], constrain_pure=True, weights=np.linspace(1, 2, len(fitted))
    )
    found = diagnose(fit, kept)
    errors = fit.predict(kept["structure"]) - kept["mixing_energy"]
    assert found.error == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-12)
    assert (found.n_unseen, found.complete) == (len(kept), False)
    assert found.learning_curve.empty
    words = str(found)
    assert "nothing is said of ground states" in words
    assert "Lost" not in words
    assert "Spurious" not in words
    assert "lost" not in repr(found)


def test_among_more_structures_only_the_new_ones_count_for_the_error():
    frame = planted(SPARSE_CUTOFFS, SPARSE, noise=2e-3)
    fitted, kept = frame.iloc[:-12], frame.iloc[-12:]
    fit = fit_cluster_expansion(fitted, SPARSE_CUTOFFS)
    everything, new, turned = (
        diagnose(fit, part, repeats=0) for part in (frame, kept, fitted.iloc[::-1])
    )
    assert everything.error == pytest.approx(new.error, rel=1e-12)
    assert (everything.n_unseen, everything.complete) == (12, True)
    held_out = everything.to_frame()["held_out"].to_numpy()
    assert held_out[:-12] == pytest.approx(fit.predictions["held_out"].to_numpy())
    assert (turned.n_unseen, turned.complete) == (0, True)
    assert turned.error == fit.rmse_validation


def test_a_selection_is_diagnosed_as_its_fit(ordering):
    found = select_clusters(ordering, [6.0], generations=1, population=4, progress=False)
    assert diagnose(found, ordering, repeats=0).fit is found.fit


@pytest.mark.parametrize("n", [1, 2])
def test_nothing_to_judge_by_is_said(ordering, n):
    with pytest.raises(ValueError, match=f"got {n} with one energy: add alloys"):
        diagnose(
            fit_cluster_expansion(ordering, [4.0]),
            ordering.iloc[:n].assign(mixing_energy=0.0),
            repeats=0,
        )


def test_without_compounds_the_scale_is_the_spread():
    frame = planted([3.0], np.array([0.02, 0.0, -0.02]), max_atoms=4)
    found = diagnose(fit_cluster_expansion(frame, [3.0]), frame, repeats=0)
    assert found.energy_scale == pytest.approx(frame["mixing_energy"].std(ddof=0))
    assert "spread" in found.energy_scale_is
    assert found.ground_states["formula"].tolist() == ["Cu", "Au"]


def test_structures_off_the_lattice_are_mentioned(ordering):
    frame = ordering.assign(on_lattice=True)
    frame.attrs = ordering.attrs
    frame.loc[7, "on_lattice"] = False
    found = diagnose(fit_cluster_expansion(frame, [4.0]), frame, repeats=0)
    assert len(found.to_frame()) == len(frame) - 1
    assert "1 structure left the lattice" in str(found)


def test_overfitting_is_told():
    frame = planted(SPARSE_CUTOFFS, SPARSE, noise=5e-3).iloc[[*range(0, 57, 3)]]
    frame = frame.reset_index(drop=True)
    frame.attrs = planted([3.0], np.zeros(3), max_atoms=1).attrs
    fit = fit_cluster_expansion(frame, [7.5, 5.0], method="ols", n_splits=19)
    words = str(diagnose(fit, frame, repeats=0))
    assert "Over-fitting" in words


def test_structures_that_do_not_tell_clusters_apart_are_told(ordering):
    few = ordering.iloc[:6]
    few.attrs = ordering.attrs
    found = diagnose(fit_cluster_expansion(few, [7.5, 5.0], n_splits=3), few, repeats=0)
    assert "condition number infinite" in str(found)


@pytest.mark.parametrize(
    ("fit", "options", "error", "message"),
    [
        (None, {}, TypeError, "fit must come from fit_cluster_expansion"),
        ("fit", {"repeats": 1}, ValueError, "repeats must be 0 or at least 2"),
        ("fit", {"repeats": -1}, ValueError, "repeats"),
    ],
)
def test_bad_arguments_are_named(ordering, fit, options, error, message):
    given = fit_cluster_expansion(ordering, [4.0]) if fit else fit
    with pytest.raises(error, match=message):
        diagnose(given, ordering, **options)
