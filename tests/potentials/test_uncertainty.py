"""Indicators of error: scores against other libraries, and what is planted is found."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator

from matlearn.potentials._uncertainty import scores
from matlearn.potentials._uncertainty.distances import distances
from matlearn.potentials.moment_tensors import MTP
from matlearn.potentials.uncertainty import (
    Committee,
    IndicatorComparison,
    compare_indicators,
    descriptor_distance,
    fit_committee,
)

mpl.use("Agg")
RNG = np.random.default_rng(0)


def copper(rattles: np.ndarray, seed: int) -> list[Atoms]:
    """Cells of 8 atoms with EMT's energies and forces."""
    cells = []
    for k, rattle in enumerate(rattles):
        atoms = bulk("Cu", a=3.61, cubic=True).repeat((2, 1, 1))
        atoms.rattle(rattle, seed=seed + k)
        atoms.calc = EMT()
        results = {
            "energy": atoms.get_potential_energy(),
            "forces": atoms.get_forces(),
            "stress": atoms.get_stress(),
        }
        atoms.calc = SinglePointCalculator(atoms, **results)
        cells.append(atoms)
    return cells


@pytest.fixture(scope="module")
def cold() -> list[Atoms]:
    return copper(np.full(20, 0.06), 100)


@pytest.fixture(scope="module")
def test_set() -> list[Atoms]:
    return copper(np.linspace(0.03, 0.14, 24), 500)


@pytest.fixture(scope="module")
def mtp(cold: list[Atoms]) -> MTP:
    potential = MTP(8, ["Cu"], cutoff=4.5, min_distance=1.8)
    potential.fit(cold, max_iterations=10, progress=False)
    return potential


@pytest.fixture(scope="module")
def committee(mtp: MTP, cold: list[Atoms]) -> Committee:
    return fit_committee(mtp, cold, members=3, max_iterations=5, workers=1, progress=False)


@pytest.fixture(scope="module")
def compared(
    mtp: MTP, cold: list[Atoms], test_set: list[Atoms], committee: Committee
) -> IndicatorComparison:
    return compare_indicators(mtp, cold, test_set, committee=committee, draws=30)


def test_scores_are_those_of_other_libraries() -> None:
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    error = RNG.exponential(size=200)
    indicator = np.round(error + RNG.exponential(size=200), 1)  # with ties
    assert scores.rank_correlation(indicator, error) == pytest.approx(
        spearmanr(indicator, error).statistic
    )
    large = error > 1.5
    assert scores.area_under_curve(indicator, large) == pytest.approx(
        roc_auc_score(large, indicator)
    )
    assert np.isnan(scores.area_under_curve(indicator, error > 1e9))
    assert np.isnan(scores.rank_correlation(np.ones(200), error))


def test_dropping_the_suspicious_is_scored_between_chance_and_the_truth() -> None:
    error = RNG.exponential(size=3000)
    assert scores.retention_score(error**3, error) == pytest.approx(1.0)
    assert scores.retention_score(RNG.random(3000), error) == pytest.approx(0.0, abs=0.1)
    curve = scores.retention_curve(error, error)
    assert np.all(np.diff(curve) >= 0)
    assert curve[-1] == pytest.approx(np.sqrt(np.mean(error**2)))


def test_scatter_over_draws_is_that_of_independent_repetitions() -> None:
    groups = np.repeat(np.arange(400), 5)
    values = np.repeat(RNG.normal(size=400), 5)  # atoms of a configuration know nothing new
    found = scores.scatter_of(lambda k: float(values[k].mean()), groups, 300, RNG)
    assert found == pytest.approx(1 / np.sqrt(400), rel=0.2)


def test_a_mahalanobis_distance_knows_the_covariance() -> None:
    shape = np.array([[2.0, 0.0, 0.0], [1.9, 0.1, 0.0], [0.0, 0.0, 30.0]])
    train = RNG.normal(size=(20_000, 3)) @ shape.T
    new = np.array([[1.0, 2.0, -2.0], [0.0, 0.0, 0.0]]) @ shape.T
    species = np.zeros(2, dtype=int)
    found = distances(train, np.zeros(20_000, dtype=int), new, species, "mahalanobis")
    assert found == pytest.approx([np.sqrt(9 / 3), 0.0], abs=0.05)


def test_the_nearest_environment_of_the_same_element_counts() -> None:
    train, new = RNG.normal(size=(50, 4)), RNG.normal(size=(9, 4))
    ones, twos = np.ones(25, dtype=int), np.full(25, 2)
    found = distances(train, np.concatenate([ones, twos]), new, np.full(9, 2), "nearest")
    scale = train[25:].std(axis=0)
    every = np.linalg.norm((train[25:, None] - new[None]) / scale, axis=2)
    assert found == pytest.approx(every.min(axis=0) / 2)
    assert distances(train, ones.repeat(2), new, np.full(9, 3), "nearest").tolist() == [np.inf] * 9


def test_descriptors_that_never_vary_do_not_blow_up_but_are_noticed() -> None:
    train = np.column_stack([RNG.normal(size=100), np.full(100, 3.0)])
    new = np.array([[0.0, 3.0], [0.0, 3.5]])
    for kind in ("nearest", "mahalanobis"):
        usual, odd = distances(train, np.ones(100, int), new, np.ones(2, int), kind)
        assert 0 <= usual < 0.5
        assert np.isfinite(odd)
        assert odd > usual + 0.1


def test_an_atom_of_the_training_set_is_at_no_distance(mtp: MTP, cold: list[Atoms]) -> None:
    found = descriptor_distance(mtp, cold, cold[:2], "nearest")
    assert [one.shape for one in found] == [(8,), (8,)]
    assert np.concatenate(found) == pytest.approx(np.zeros(16), abs=1e-9)
    usual = np.concatenate(descriptor_distance(mtp, cold, cold))
    assert np.sqrt(np.mean(usual**2)) == pytest.approx(1.0, abs=0.2)


def test_members_of_a_committee_differ_more_where_nothing_was_learned(
    committee: Committee, cold: list[Atoms], mtp: MTP
) -> None:
    hot = copper(np.array([0.3, 0.3]), 900)
    near, far = (np.concatenate(committee.force_spread(set_)) for set_ in (cold[:2], hot))
    assert np.median(far) > 3 * np.median(near) > 0
    forces = committee.forces(hot[0])
    assert forces.shape == (3, 8, 3)
    assert far[:8] == pytest.approx(np.sqrt(forces.var(axis=0, ddof=1).sum(axis=1)))
    assert len(committee) == 3
    assert "3 members" in repr(committee)
    assert all(np.any(one.parameters != mtp.parameters) for one in committee.members)


def test_a_committee_is_the_same_for_the_same_seed(mtp: MTP, cold: list[Atoms]) -> None:
    twice = [
        fit_committee(mtp, cold, members=2, max_iterations=2, seed=7, workers=1, progress=False)
        for _ in range(2)
    ]
    for one, other in zip(twice[0].members, twice[1].members, strict=True):
        assert one.parameters.tolist() == other.parameters.tolist()


def test_an_interrupted_fit_is_no_member(
    mtp: MTP, cold: list[Atoms], monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, calls = MTP.fit, []

    def interrupted(self: MTP, images: list[Atoms], **options: Any) -> Any:
        def stop(iteration: int, *_: Any) -> None:
            if iteration == 1 and len(calls) == 3:
                raise KeyboardInterrupt

        calls.append(1)
        return fit(self, images, **options, callback=stop)

    monkeypatch.setattr(MTP, "fit", interrupted)
    few = {"max_iterations": 2, "workers": 1, "progress": False}
    assert len(fit_committee(mtp, cold, members=5, **few)) == 2  # type: ignore[arg-type]


def test_indicators_order_errors_when_the_test_set_is_hotter(
    compared: IndicatorComparison,
) -> None:
    table = compared.to_frame()
    assert list(table.index) == [
        "grade",
        "committee",
        "distance (mahalanobis)",
        "distance (nearest)",
    ]
    assert len(compared.error) == 24 * 8
    assert (table["rank_correlation"] > 0.4).all()
    assert (table["auc"] > 0.7).all()
    assert table["retention"].between(0.2, 1).all()
    assert (table[["rank_correlation_error", "auc_error", "retention_error"]] > 0).all().all()
    assert (table["microseconds"] > 0).all()
    assert (compared.error > compared.large).mean() == pytest.approx(0.1, abs=0.01)
    assert "rank correlation" in repr(compared)


def test_what_knows_the_errors_scores_one_and_what_is_drawn_scores_nothing(
    mtp: MTP, cold: list[Atoms], test_set: list[Atoms], compared: IndicatorComparison
) -> None:
    known = [compared.error[compared.configuration == k] for k in range(24)]
    drawn = [RNG.random(8) for _ in range(24)]
    others = {"truth": known, "dice": drawn}
    found = compare_indicators(mtp, cold, test_set, others=others, draws=50, large=0.05).to_frame()
    assert found.loc["truth", ["rank_correlation", "auc", "retention"]].tolist() == [1, 1, 1]
    assert abs(found.loc["dice", "rank_correlation"]) < 0.2
    assert found.loc["dice", "auc"] == pytest.approx(0.5, abs=0.15)


def test_per_configuration_the_worst_atom_counts(
    mtp: MTP, cold: list[Atoms], test_set: list[Atoms], compared: IndicatorComparison
) -> None:
    worst = compare_indicators(mtp, cold, test_set, per="configuration", draws=20)
    assert worst.error.tolist() == compared.error.reshape(24, 8).max(axis=1).tolist()
    expected = compared.indicators["grade"].reshape(24, 8).max(axis=1)
    assert worst.indicators["grade"].tolist() == expected.tolist()
    assert worst.indicators["grade (configuration)"].shape == (24,)


def test_figures_say_what_they_show(compared: IndicatorComparison) -> None:
    from matlearn.plotting import describe

    ax = compared.plot()
    assert [line.get_label() for line in ax.lines][-2:] == ["errors known", "by chance"]
    gain = compared.to_frame().loc["grade", "retention"]
    assert f"grade {gain:.2f}" in describe(ax)
    ax = compared.scatter("committee")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert "192 atoms" in describe(ax)
    curve = compared.retention("grade")
    assert curve["kept"].iloc[-1] == 1
    assert curve["error"].iloc[-1] == pytest.approx(np.sqrt(np.mean(compared.error**2)))
    with pytest.raises(ValueError, match="one of 'grade', 'committee'"):
        compared.scatter("entropy")


def test_bad_input_is_named(mtp: MTP, cold: list[Atoms], test_set: list[Atoms]) -> None:
    with pytest.raises(ValueError, match="2 or more, got 1"):
        fit_committee(mtp, cold, members=1)
    with pytest.raises(TypeError, match="whole number"):
        fit_committee(mtp, cold, members=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="images is empty"):
        fit_committee(mtp, [])
    with pytest.raises(ValueError, match="kind must be"):
        descriptor_distance(mtp, cold, cold, "euclid")
    with pytest.raises(ValueError, match="train is empty"):
        descriptor_distance(mtp, [], cold)
    with pytest.raises(ValueError, match="per must be"):
        compare_indicators(mtp, cold, test_set, per="cell")
    bare = bulk("Cu", cubic=True)
    with pytest.raises(ValueError, match=r"test\[1\] \(Cu4\) has no reference forces"):
        compare_indicators(mtp, cold, [test_set[0], bare])
    with pytest.raises(ValueError, match="two configurations or more"):
        compare_indicators(mtp, cold, test_set[:1])
    with pytest.raises(ValueError, match="a number an atom"):
        compare_indicators(mtp, cold, test_set, others={"mine": [np.ones(3)] * 24})
