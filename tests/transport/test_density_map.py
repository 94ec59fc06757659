"""Maps of the mobile ions' density: their integral, their maxima, and what they do not depend on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io.cube import read_cube
from ase.units import kB

from matlearn.transport import Trajectory, density_map, random_walk

SITES = np.array([[0.25, 0.5, 0.0], [0.75, 0.5, 0.0], [0.5, 0.0, 0.25]])
SKEWED = np.array([[6.0, 0.0, 0.0], [1.5, 5.5, 0.0], [-1.0, 0.8, 7.0]])


def rattling(
    cell: np.ndarray = SKEWED,
    width: float = 0.25,
    frames: int = 400,
    repeat: int = 1,
    seed: int = 0,
) -> Trajectory:
    """Silver around three sites in each cell, iodine in its corner, in a repeated cell."""
    unit = Atoms("Ag3I", scaled_positions=[*SITES, [0.02, 0.02, 0.02]], cell=cell, pbc=True)
    crystal = unit * (repeat, 1, 1)
    rng = np.random.default_rng(seed)
    positions = np.broadcast_to(crystal.positions, (frames, len(crystal), 3)).copy()
    silver = crystal.numbers == 47
    positions[:, silver] += rng.normal(scale=width, size=(frames, silver.sum(), 3))
    return Trajectory(
        numbers=crystal.numbers,
        positions=positions,
        cells=np.broadcast_to(crystal.cell.array, (frames, 3, 3)),
        pbc=np.ones(3, dtype=bool),
        time_step=0.1,
        info={"temperature": 500.0},
    )


@pytest.mark.parametrize(("spacing", "smoothing"), [(0.2, 0.0), (0.37, 0.3), (2.0, 0.0)])
def test_integrates_to_the_number_of_ions(spacing: float, smoothing: float) -> None:
    seen = density_map(rattling(), "Ag", spacing=spacing, smoothing=smoothing)
    assert seen.values.sum() * seen.voxel == pytest.approx(3.0)
    assert seen.values.min() >= 0.0
    assert seen.frames == 400
    lengths = np.linalg.norm(SKEWED, axis=1)
    assert (lengths / seen.values.shape <= spacing + 1e-9).all()


def test_density_of_a_harmonic_site_is_its_gaussian() -> None:
    width = 0.4
    seen = density_map(rattling(width=width, frames=8000), "Ag", spacing=0.25)
    middles = np.stack(np.meshgrid(*((np.arange(n) + 0.5) / n for n in seen.values.shape),
                                   indexing="ij"), axis=-1)  # fmt: skip
    square = (((middles - SITES[2]) @ SKEWED) ** 2).sum(axis=-1)
    expected = (2 * np.pi * width**2) ** -1.5 * np.exp(-square / (2 * width**2))
    near = square < 0.6**2
    assert seen.values[near].mean() == pytest.approx(expected[near].mean(), rel=0.05)
    assert np.corrcoef(seen.values[near], expected[near])[0, 1] > 0.9


def test_finds_the_sites_and_how_many_ions_each_holds() -> None:
    seen = density_map(rattling(frames=2000), "Ag")
    sites = seen.sites(separation=1.5)
    assert len(sites) == 3
    found = sites.get_scaled_positions()
    for site in SITES:
        apart = found - site
        apart -= np.round(apart)
        assert np.linalg.norm(apart @ SKEWED, axis=1).min() < 0.06
    assert sites.get_array("occupancy") == pytest.approx([1.0, 1.0, 1.0], abs=0.03)
    assert set(sites.get_chemical_symbols()) == {"Ag"}


def test_a_fold_lays_repeats_on_top_of_one_another() -> None:
    long = density_map(rattling(repeat=3), "Ag", fold=(3, 1, 1))
    assert long.cell == pytest.approx(SKEWED)
    assert long.ions == 3.0
    assert long.values.sum() * long.voxel == pytest.approx(3.0)
    assert len(long.framework) == 1
    assert long.framework.get_scaled_positions()[0] == pytest.approx([0.02, 0.02, 0.02])
    assert len(long.sites(separation=1.5)) == 3


def test_does_not_depend_on_drift_wrapping_or_order() -> None:
    run = rattling()
    seen = density_map(run, "Ag")
    shift = np.arange(len(run))[:, None, None] * np.array([0.07, -0.02, 0.01])
    assert density_map(replace(run, positions=run.positions + shift), "Ag").values == pytest.approx(
        seen.values
    )
    blurred = density_map(replace(run, positions=run.positions + shift), "Ag", relative_to=None)
    assert blurred.values.max() < 0.5 * seen.values.max()
    turned = run.positions.copy()
    turned[:, 0] += 2 * SKEWED[0] - SKEWED[2]
    order = np.array([2, 3, 0, 1])
    other = replace(
        run, positions=turned[:, order], numbers=run.numbers[order], masses=run.masses[order]
    )
    assert density_map(other, "Ag").values == pytest.approx(seen.values)


def test_a_breathing_cell_does_not_blur() -> None:
    run = rattling(width=0.0)
    scale = np.linspace(0.9, 1.1, len(run))[:, None, None]
    breathing = replace(run, positions=run.positions * scale, cells=run.cells * scale)
    seen = density_map(breathing, "Ag", spacing=0.5)
    assert np.count_nonzero(seen.values) <= 3 * 8
    assert seen.cell == pytest.approx(SKEWED)


def test_sections_and_projections() -> None:
    seen = density_map(rattling(), "Ag")
    assert seen.section("z", 0.25).max() > 0.2
    assert seen.section("x", 0.0).shape == seen.values.shape[1:]
    assert seen.projection("y").mean() == pytest.approx(seen.values.mean())
    assert seen.section("z", 1.0) == pytest.approx(seen.section("z", 0.0))


def test_free_energy_of_a_density_ratio() -> None:
    seen = density_map(rattling(frames=4000), "Ag", spacing=0.5)
    energy = seen.free_energy()
    assert energy.min() == 0.0
    assert np.isinf(energy[seen.values == 0]).all()
    some = seen.values > 0
    assert seen.values.max() * np.exp(-energy[some] / (kB * 500.0)) == pytest.approx(
        seen.values[some]
    )
    assert seen.free_energy(1000.0)[some] == pytest.approx(2 * energy[some])
    with pytest.raises(ValueError, match="temperature"):
        replace(seen, temperature=None).free_energy()


def test_cube_file_is_read_back_by_ase(tmp_path: Path) -> None:
    seen = density_map(rattling(), "Ag")
    seen.write(tmp_path / "silver.cube")
    with (tmp_path / "silver.cube").open() as file:
        back = read_cube(file)
    assert back["data"] == pytest.approx(seen.values, rel=1e-4, abs=1e-6)
    assert back["atoms"].cell.array == pytest.approx(SKEWED, abs=1e-4)
    assert back["atoms"].get_chemical_symbols() == ["I"]
    assert back["origin"] == pytest.approx((0.5 / np.array(seen.values.shape)) @ SKEWED, abs=1e-4)
    assert list(tmp_path.iterdir()) == [tmp_path / "silver.cube"]
    with pytest.raises(ValueError, match=r"must end in \.cube"):
        seen.write(tmp_path / "silver.xsf")


def test_a_lattice_walk_is_seen_on_its_lattice_only() -> None:
    walk = random_walk(frames=300, ions=30, seed=3)
    seen = density_map(walk, "Li", fold=(10, 10, 10), spacing=0.5)
    assert np.count_nonzero(seen.values) <= 8
    assert len(seen.sites()) == 1


def test_holes_of_a_body_centred_framework_are_its_tetrahedral_sites() -> None:
    from matlearn.transport._structure.frameworks import interstices

    crystal = bulk("I", "bcc", a=5.0, cubic=True) * (2, 2, 2)
    crystal.rattle(0.02, seed=1)
    holes = interstices(crystal)
    assert len(holes) == 12 * 8
    unit = np.sort(np.abs(((holes * 2) % 1.0) * 4) % 4, axis=1).round() % 4
    assert {tuple(sorted(row)) for row in unit} == {(0.0, 1.0, 2.0), (0.0, 2.0, 3.0)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"species": "Li"}, "species must be one of Ag, I"),
        ({"spacing": 0.0}, "spacing"),
        ({"spacing": 1e-4}, "voxels"),
        ({"smoothing": -1.0}, "smoothing"),
        ({"fold": (0, 1, 1)}, "fold"),
        ({"fold": (1, 1)}, "fold"),
        ({"fold": (1.5, 1, 1)}, "fold"),
        ({"relative_to": "Ag"}, "relative_to"),
        ({"step": -1}, "step"),
    ],
)
def test_bad_arguments_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        density_map(rattling(frames=3), **{"species": "Ag", **options})


def test_bad_places_and_thresholds_are_named() -> None:
    seen = density_map(rattling(), "Ag", spacing=0.5)
    with pytest.raises(ValueError, match="axis"):
        seen.section("w")
    with pytest.raises(ValueError, match="fraction"):
        seen.section("z", 1.5)
    with pytest.raises(ValueError, match="a liquid has no sites"):
        seen.sites(threshold=1e6)
    with pytest.raises(ValueError, match="separation"):
        seen.sites(separation=0.0)
    with pytest.raises(ValueError, match="periodic"):
        density_map(Trajectory.from_atoms([Atoms("Ag")] * 3, time_step=0.1), "Ag")
