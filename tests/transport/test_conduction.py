"""Conductivities and Haven ratios against numbers worked by hand and walks that are known."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest

from matlearn.transport import (
    Diffusion,
    Trajectory,
    diffusion_coefficient,
    haven_ratio,
    ionic_conductivity,
    random_walk,
)

E_CHARGE = 1.602176634e-19  # C
K_B = 1.380649e-23  # J/K


def walk(**options: object) -> Trajectory:
    made = random_walk(**{"frames": 600, "ions": 20, "seed": 1, **options})
    return replace(made, info={**made.info, "temperature": 600.0})


def together(ions: int = 12, frames: int = 1500, seed: int = 0, pull: float = 1.0) -> Trajectory:
    """Ions that each move on their own and, besides, all by the same random steps."""
    rng = np.random.default_rng(seed)
    own = rng.normal(scale=0.5, size=(frames, ions, 3))
    shared = rng.normal(scale=0.5 * pull, size=(frames, 1, 3))
    start = rng.random((ions, 3)) * 20
    positions = np.concatenate(
        [start + np.cumsum(own + shared, axis=0), np.broadcast_to(start[:4] + 0.7, (frames, 4, 3))],
        axis=1,
    )
    return Trajectory(
        numbers=np.array([3] * ions + [8] * 4),
        positions=positions,
        cells=np.broadcast_to(20.0 * np.eye(3), (frames, 3, 3)),
        pbc=np.ones(3, dtype=bool),
        time_step=0.1,
        info={"temperature": 600.0},
    )


def in_pairs(correlation: float, ions: int = 24, frames: int = 800, seed: int = 0) -> Trajectory:
    """Ions that go in pairs, each step of one correlated with that of the other, and vibrate.

    Steps of variance 0.25 A2 an axis each 0.1 ps: D* is 1.25 A2/ps. The sum of a pair has the
    variance 2 (1 + correlation) steps, so that D_sigma is 1 + correlation times D*. Everything
    drifts at random besides, together with the framework.
    """
    rng = np.random.default_rng(seed)
    shared = (
        rng.normal(size=(frames, ions // 2, 1, 3)) * np.array([1.0, np.sign(correlation)])[:, None]
    )
    own = rng.normal(size=(frames, ions // 2, 2, 3))
    part = abs(correlation)
    steps = 0.5 * (np.sqrt(part) * shared + np.sqrt(1 - part) * own).reshape(frames, ions, 3)
    lithium = 20 * rng.random((ions, 3)) + np.cumsum(steps, axis=0)
    oxygen = np.broadcast_to(20 * rng.random((4, 3)), (frames, 4, 3))
    positions = np.concatenate([lithium, oxygen], axis=1)
    positions[:, :ions] += 0.3 * rng.normal(size=lithium.shape)
    positions += np.cumsum(0.1 * rng.normal(size=(frames, 1, 3)), axis=0)
    return Trajectory(
        numbers=np.array([3] * ions + [8] * 4),
        positions=positions,
        cells=np.broadcast_to(20.0 * np.eye(3), (frames, 3, 3)),
        pbc=np.ones(3, dtype=bool),
        time_step=0.1,
        info={"temperature": 600.0},
    )


@pytest.fixture
def measured() -> Diffusion:
    d = diffusion_coefficient(walk(frames=200), "Li")
    return replace(d, value=1e-5, error=3e-7, temperature=500.0, messages=())


def test_conductivity_worked_by_hand(measured: Diffusion) -> None:
    # 1.5e22 ions/cm3 = 1.5e28 /m3; D = 1e-5 cm2/s = 1e-9 m2/s; 1 S/m = 0.01 S/cm
    by_hand = 1.5e28 * E_CHARGE**2 * 1e-9 / (K_B * 500.0) * 0.01
    assert by_hand == pytest.approx(0.5578, abs=1e-4)
    sigma = ionic_conductivity(measured, number_density=0.015)
    assert sigma.value == pytest.approx(by_hand, rel=1e-6)
    assert sigma.error == pytest.approx(0.03 * by_hand, rel=1e-6)
    double = ionic_conductivity(measured, number_density=0.015, charge=2)
    assert double.value == pytest.approx(4 * by_hand)
    hot = ionic_conductivity(measured, number_density=0.015, temperature=1000.0)
    assert hot.value == pytest.approx(by_hand / 2)
    assert hot.temperature == 1000.0


def test_ions_per_volume_are_those_of_the_run_at_its_mean_volume() -> None:
    run = walk()
    cells = run.cells * np.linspace(0.95, 1.05, len(run))[:, None, None]
    breathing = replace(run, cells=cells)
    sigma = ionic_conductivity(breathing, "Li")
    assert sigma.number_density["Li"] == pytest.approx(20 / breathing.volumes.mean())
    d = diffusion_coefficient(breathing, "Li")
    expected = ionic_conductivity(d, number_density=20 / breathing.volumes.mean(), temperature=600)
    assert sigma.value == pytest.approx(expected.value)
    assert sigma.diffusion[0].value == d.value


def test_of_a_known_walk_and_both_kinds_agree_where_ions_are_independent() -> None:
    replicas = [walk(seed=s) for s in range(4)]
    exact = (
        20 / replicas[0].volumes[0] * 1e30 * E_CHARGE**2
        * replicas[0].info["diffusion"] * 1e-4 / (K_B * 600.0) * 0.01
    )  # fmt: skip
    single = ionic_conductivity(replicas, "Li")
    charge = ionic_conductivity(replicas, "Li", kind="charge")
    assert abs(single.value - exact) < 4 * single.error
    assert abs(charge.value - exact) < 4 * charge.error
    assert single.error < 0.05 * exact
    assert charge.error > single.error


def test_charge_diffusion_of_one_species_is_its_collective_diffusion() -> None:
    run = together()
    sigma = ionic_conductivity(run, "Li", kind="charge", diffusive_from=0.1)
    d = diffusion_coefficient(run, "Li", kind="collective", diffusive_from=0.1)
    same = ionic_conductivity(d, kind="charge", number_density=12 / 8000.0)
    assert sigma.value == pytest.approx(same.value, rel=1e-9)
    assert sigma.error == pytest.approx(same.error, rel=1e-9)


def test_charges_of_all_atoms_do_not_depend_on_the_frame() -> None:
    run = together(ions=4, frames=400)  # 4 Li and 4 O
    charges = {"Li": 1.0, "O": -1.0}
    sigma = ionic_conductivity(run, charge=charges, kind="charge")
    drifting = run.positions + np.arange(len(run))[:, None, None] * np.array([0.3, 0.1, 0.0])
    moved = ionic_conductivity(replace(run, positions=drifting), charge=charges, kind="charge")
    assert moved.value == pytest.approx(sigma.value, rel=1e-6)
    # oxygen stays where it is: the same current as lithium alone in the oxygen's frame
    alone = ionic_conductivity(run, "Li", kind="charge")
    assert sigma.value == pytest.approx(alone.value, rel=1e-6)
    assert sigma.species == "Li+O"


def test_by_nernst_and_einstein_species_add_up() -> None:
    run = together(ions=4, frames=400)
    run = replace(run, positions=run.positions + 0.1 * np.random.default_rng(1).normal(
        size=run.positions.shape).cumsum(axis=0))  # fmt: skip
    both = ionic_conductivity(run, charge={"Li": 1, "O": -2}, drift=None)
    lithium = ionic_conductivity(run, "Li", drift=None)
    oxygen = ionic_conductivity(run, "O", charge=-2, drift=None)
    assert both.value == pytest.approx(lithium.value + oxygen.value)
    assert both.error == pytest.approx(np.hypot(lithium.error, oxygen.error))


@pytest.mark.filterwarnings("ignore")
def test_haven_ratio_of_independent_ions_is_one_within_its_error() -> None:
    ratios = [haven_ratio(walk(frames=400, seed=s), "Li", diffusive_from=0.1) for s in range(12)]
    pulls = np.array([(one.value - 1) / one.error for one in ratios])
    assert np.abs(pulls).max() < 4
    assert 0.4 < np.sqrt(np.mean(pulls**2)) < 1.7
    assert all(one.blocks == 10 for one in ratios)


def test_haven_ratio_of_ions_that_pull_one_another() -> None:
    # own steps of variance s2, shared ones of p2 s2: D* ~ 1 + p2, D_sigma ~ 1 + 12 p2
    replicas = [together(seed=s, pull=0.5) for s in range(3)]
    ratio = haven_ratio(replicas, "Li", diffusive_from=0.1)
    assert abs(ratio.value - 1.25 / 4.0) < 4 * ratio.error
    assert ratio.error < 0.1
    assert ratio.messages == ()
    sigma = [ionic_conductivity(replicas, "Li", kind=kind, diffusive_from=0.1)
             for kind in ("nernst-einstein", "charge")]  # fmt: skip
    assert sigma[0].value / sigma[1].value == pytest.approx(ratio.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("correlation", [1.0, -0.5])
def test_haven_ratio_and_conductivity_of_pairs_are_those_worked_by_hand(correlation: float) -> None:
    # the same steps: H = 1 / (1 + 1); steps that are half taken back by the partner: H = 1 / (1 - 0.5)
    single = 24 / 8e-27 * E_CHARGE**2 * 1.25e-8 / (K_B * 600.0) * 0.01  # S/cm, of D* = 1.25e-8 m2/s
    pulls, currents = [], []
    for seed in range(8):
        runs = [in_pairs(correlation, seed=10 * seed + k) for k in range(3)]
        ratio = haven_ratio(runs, "Li")
        current = ionic_conductivity(runs, "Li", kind="charge")
        assert ratio.error < 0.15 * ratio.value
        pulls.append((ratio.value - 1 / (1 + correlation)) / ratio.error)
        currents.append(current.value / (single * (1 + correlation)))
    assert np.abs(pulls).max() < 3.5
    assert 0.4 < np.sqrt(np.mean(np.square(pulls))) < 1.5  # the error is what the scatter is
    assert np.mean(currents) == pytest.approx(1.0, abs=0.06)


def test_too_short_a_run_is_said_to_be_so() -> None:
    short = walk(frames=100)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ratio = haven_ratio(short, "Li", diffusive_from=1.0)
    said = " ".join(str(warning.message) for warning in caught)
    assert re.search(r"Haven ratio is known to \d+% only", said)
    assert "cannot be told from 1" in said
    assert any("ps in all" in message for message in ratio.messages)
    assert "doubt" in repr(ratio)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "species must be given"),
        ({"species": "Na"}, "species names 'Na', but the run holds Li, O"),
        ({"species": "Li", "charge": 0}, "not zero"),
        ({"species": "Li", "charge": 1.6e-19 * 1e21}, "elementary charge"),
        ({"species": "Li", "kind": "green-kubo"}, "kind must be"),
        ({"species": "Li", "temperature": -1}, "kelvin"),
        ({"species": "Li", "number_density": 0.0}, "number_density"),
        ({"charge": {"Li": 1, "O": -2}, "kind": "charge"}, "must add up to zero"),
        ({"species": "Na", "charge": {"Li": 1}}, "charge must have one for species"),
        ({"charge": {}}, "charge is empty"),
        ({"charge": {"Li": 1, "O": -1}, "number_density": 0.1}, "leave it out"),
        ({"species": "Li", "kind": "charge", "drift": None}, "drift cannot be chosen"),
    ],
)
def test_bad_arguments_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ionic_conductivity(walk(frames=60), **options)


@pytest.mark.filterwarnings("ignore")
def test_what_is_missing_or_does_not_fit_is_named(measured: Diffusion) -> None:
    with pytest.raises(ValueError, match="number_density must be given"):
        ionic_conductivity(measured)
    with pytest.raises(ValueError, match="say kind='nernst-einstein'"):
        ionic_conductivity(measured, kind="charge", number_density=0.01)
    with pytest.raises(ValueError, match="the Diffusion is of Li"):
        ionic_conductivity(measured, "Na", number_density=0.01)
    with pytest.raises(TypeError, match="method"):
        ionic_conductivity(measured, number_density=0.01, method="ols")
    with pytest.raises(TypeError, match="must be a number"):
        ionic_conductivity(measured, number_density=0.01, charge="+1")
    with pytest.raises(ValueError, match="temperature must be given"):
        ionic_conductivity(random_walk(frames=60), "Li")
    other = replace(walk(frames=60), info={"temperature": 700.0})
    with pytest.raises(ValueError, match="one temperature, got 600 to 700 K"):
        ionic_conductivity([walk(frames=60), other], "Li")
    slab = replace(walk(frames=60), pbc=np.array([True, True, False]))
    with pytest.raises(ValueError, match="periodic"):
        ionic_conductivity(slab, "Li")
    with pytest.raises(TypeError, match="compares both kinds"):
        haven_ratio(walk(frames=60), "Li", kind="self")
