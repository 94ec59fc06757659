"""Hops on lattices whose rates, correlations and diffusion are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from matlearn.transport import (
    HopStatistics,
    Trajectory,
    density_map,
    diffusion_coefficient,
    hop_statistics,
    random_walk,
)

STEP = 2.5
GRID = STEP * np.stack(np.meshgrid(*[np.arange(10)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)


def scripted(places: list[float], step: float = 0.1) -> Trajectory:
    """One ion that visits places along x, in a cell of 9 A; oxygen stays in the corner."""
    positions = np.zeros((len(places), 2, 3))
    positions[:, 0, 0] = places
    return Trajectory(
        numbers=np.array([3, 8]),
        positions=positions + 0.2,
        cells=9.0 * np.eye(3),
        pbc=np.ones(3, dtype=bool),
        time_step=step,
    )


SITES = np.array([[0.2, 0.2, 0.2], [3.2, 0.2, 0.2], [6.2, 0.2, 0.2]])


@pytest.mark.parametrize("vibration", [0.0, 0.2])
def test_rate_of_a_lattice_walk_is_its_probability_over_the_time_step(vibration: float) -> None:
    walk = random_walk(
        frames=800, ions=25, step=STEP, probability=0.1, time_step=0.2, vibration=vibration, seed=2
    )
    hops = hop_statistics(walk, "Li", GRID)
    assert abs(hops.rate - 0.1 / 0.2) < 3.5 * hops.rate_error
    assert hops.rate_error == pytest.approx(hops.rate / np.sqrt(hops.hops))
    assert hops.residence_time == pytest.approx(1 / hops.rate)
    assert hops.length == pytest.approx(STEP)
    assert abs(hops.back_fraction - 1 / 6) < 3.5 * hops.back_fraction_error
    assert abs(hops.correlation_factor - 1) < 3.5 * hops.correlation_factor_error
    assert hops.uncorrelated_diffusion == pytest.approx(hops.rate * STEP**2 / 6 * 1e-4)
    assert hops.occupancy.sum() == pytest.approx(25.0)
    assert hops.messages == ()


def test_back_jumps_give_the_correlation_factor_and_the_diffusion_of_the_msd() -> None:
    walks = [
        random_walk(frames=1500, ions=40, probability=0.1, backward=0.4, seed=s) for s in range(2)
    ]
    hops = hop_statistics(walks, "Li", GRID)
    exact = walks[0].info["correlation_factor"]
    assert exact == pytest.approx(0.6 / 1.4)
    assert abs(hops.correlation_factor - exact) < 3.5 * hops.correlation_factor_error
    assert hops.correlation_factor_error < 0.1
    assert abs(hops.back_fraction - (0.4 + 0.6 / 6)) < 3.5 * hops.back_fraction_error
    assert abs(hops.diffusion - walks[0].info["diffusion"]) < 3.5 * hops.diffusion_error
    d = diffusion_coefficient(walks, "Li")
    assert abs(hops.diffusion - d.value) < 3.5 * np.hypot(hops.diffusion_error, d.error)


@pytest.mark.parametrize("lattice", ["bcc", "fcc"])
def test_other_lattices_from_atoms_that_repeat(lattice: str) -> None:
    walk = random_walk(frames=300, ions=10, step=STEP, lattice=lattice, probability=0.1, seed=1)
    edge = {"bcc": 2 * STEP / np.sqrt(3), "fcc": STEP * np.sqrt(2)}[lattice]
    # the walk begins on a simple cubic grid: put all ions on one site of the lattice
    cell = 10 * edge
    start = walk.positions - walk.positions[0]
    start[:, walk.indices("O")] = 0.3 * edge
    walk = replace(walk, positions=start, cells=np.broadcast_to(cell * np.eye(3), (300, 3, 3)))
    unit = bulk("Li", lattice, a=edge, cubic=True)
    hops = hop_statistics(walk, "Li", unit)
    assert len(hops.sites) == len(unit) * 1000
    assert hops.length == pytest.approx(STEP, rel=1e-6)
    assert abs(hops.rate - 1.0) < 3.5 * hops.rate_error


def test_hops_of_a_script_and_their_stays() -> None:
    run = scripted([0.0] * 3 + [3.1] * 4 + [6.0] * 2 + [3.0] * 3 + [0.1] * 2)
    hops = hop_statistics_quietly(run)
    events = hops.to_frame()
    assert events["start"].tolist() == [0, 1, 2, 1]
    assert events["end"].tolist() == [1, 2, 1, 0]
    assert events["time"].to_numpy() == pytest.approx([0.3, 0.7, 0.9, 1.2])
    assert events["stay"].to_numpy()[1:] == pytest.approx([0.4, 0.2, 0.3])
    assert np.isnan(events["stay"][0])
    assert events["back"].tolist() == [False, False, True, False]
    assert events["length"].to_numpy() == pytest.approx([3.0] * 4)
    assert hops.back_fraction == pytest.approx(1 / 3)
    assert hops.rate == pytest.approx(4 / 1.3)
    assert hops.occupancy == pytest.approx(np.array([5, 7, 2]) / 14)


def hop_statistics_quietly(run: Trajectory, **options: object) -> HopStatistics:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hop_statistics(run, "Li", SITES, **options)


def test_recrossings_shorter_than_the_least_stay_do_not_count() -> None:
    places = [0.0] * 6 + [3.0] + [0.0] * 5 + [3.0] + [0.0] + [3.0] * 6
    every = hop_statistics_quietly(scripted(places))
    assert every.hops == 5
    lasting = hop_statistics_quietly(scripted(places), minimum_stay=0.3)
    assert lasting.hops == 1
    assert lasting.events["time"].tolist() == pytest.approx([1.4])


def test_a_site_passed_on_the_way_is_hopped_past() -> None:
    places = [0.0] * 6 + [3.0] + [6.0] * 6
    hops = hop_statistics_quietly(scripted(places), minimum_stay=0.2)
    assert hops.hops == 1
    assert hops.length == pytest.approx(6.0)


def test_an_ion_that_leaves_through_the_wall_hops_to_the_image() -> None:
    run = scripted([6.0] * 3 + [9.1] * 3 + [12.0] * 3)
    hops = hop_statistics_quietly(run)
    assert hops.events["end"].tolist() == [0, 1]
    assert hops.length == pytest.approx(3.0)
    assert hops.diffusion > 0
    # one site in the cell: an ion that goes around it ends at its image, which is another place
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = hop_statistics(scripted([0.0] * 3 + [9.0] * 3), "Li", SITES[:1])
    assert alone.hops == 1
    assert alone.length == pytest.approx(9.0)


def test_drift_and_a_breathing_cell_are_no_hops() -> None:
    walk = random_walk(frames=300, ions=10, probability=0.05, seed=3)
    hops = hop_statistics(walk, "Li", GRID)
    drifting = random_walk(frames=300, ions=10, probability=0.05, seed=3, drift=(0.5, 0.2, -0.3))
    moved = hop_statistics(drifting, "Li", GRID)
    assert moved.events.equals(hops.events)
    scale = (1 + 0.02 * np.sin(np.arange(300) / 7))[:, None, None]
    breathing = replace(walk, positions=walk.positions * scale, cells=walk.cells * scale)
    assert hop_statistics(breathing, "Li", GRID).hops == hops.hops


def test_sites_from_a_density_map_are_those_of_the_lattice() -> None:
    walk = random_walk(frames=400, ions=30, probability=0.05, vibration=0.2, seed=4)
    seen = density_map(walk, "Li", fold=(10, 10, 10), spacing=0.25)
    by_map = hop_statistics(walk, "Li", seen)
    by_hand = hop_statistics(walk, "Li", GRID)
    assert len(by_map.sites) == 1000
    assert by_map.hops == by_hand.hops


def test_interstices_of_the_framework_are_found() -> None:
    iodine = bulk("I", "bcc", a=5.0, cubic=True) * (2, 2, 2)
    silver = Atoms("Ag", positions=[[2.5, 1.25, 0.0]])
    both = (silver + iodine).copy()
    both.set_cell(iodine.cell)
    both.pbc = True
    frames = []
    for k in range(60):
        image = both.copy()
        image.positions[0] = [2.5, 1.25, 0.0] if k < 30 else [2.5, 0.0, 1.25]
        frames.append(image)
    with pytest.warns(UserWarning, match="1 hops are too few"):
        hops = hop_statistics(Trajectory.from_atoms(frames, time_step=0.1), "Ag", "interstices")
    assert len(hops.sites) == 96
    assert hops.hops == 1
    assert hops.length == pytest.approx(5.0 / np.sqrt(8))  # between tetrahedral sites


def test_what_is_doubtful_is_said() -> None:
    flicker = scripted([0.0, 0.0, 3.0] * 40)
    with pytest.warns(UserWarning, match="recrossings rather than hops"):
        hop_statistics(flicker, "Li", SITES)
    with pytest.warns(UserWarning, match="sites are missing, shifted"):
        hop_statistics(flicker, "Li", SITES + np.array([0.0, 1.4, 0.0]), minimum_stay=0.1)
    leaping = scripted([0.0, 0.0, 3.0, 3.0, 12.0, 12.0, 9.0, 9.0] * 10)
    with pytest.warns(UserWarning, match="longer than 1.8 times"):
        hop_statistics(leaping, "Li", SITES)
    with pytest.warns(UserWarning, match="0 hops are too few"):
        still = hop_statistics(scripted([0.0] * 30), "Li", SITES)
    assert still.rate == 0.0
    assert still.rate_error > 0.0
    assert still.diffusion == 0.0
    assert np.isinf(still.residence_time)
    assert "no hop" in repr(still)


def test_stays_are_drawn() -> None:
    walk = random_walk(frames=300, ions=20, probability=0.1, seed=6)
    ax = hop_statistics(walk, "Li", GRID).plot()
    assert ax.get_yscale() == "log"
    assert len(ax.lines) == 2


@pytest.mark.parametrize(
    ("sites", "options", "message"),
    [
        ("octahedral", {}, "'interstices'"),
        ([[0.0, 0.0]], {}, "shape"),
        (np.empty((0, 3)), {}, "shape|at least one"),
        ([[0, 0, 0], [9.0, 0, 0]], {}, "must be apart"),
        (Atoms("Li", cell=[4.0, 4.0, 4.0], pbc=True), {}, "cell of the run"),
        (SITES, {"minimum_stay": -1.0}, "minimum_stay"),
        (SITES, {"minimum_stay": 5.0}, "minimum_stay"),
        (SITES, {"relative_to": "Li"}, "relative_to"),
        ("interstices", {}, "other atoms"),
    ],
)
def test_bad_arguments_are_named(sites: object, options: dict, message: str) -> None:
    run = scripted([0.0, 3.0] * 20)
    with pytest.raises(ValueError, match=message):
        hop_statistics(run, "Li", sites, **options)
    with pytest.raises(ValueError, match="species must be one of Li, O"):
        hop_statistics(run, "Na", SITES)
