"""Barriers of hops against exact saddles, and against atoms dragged over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc100
from ase.constraints import FixAtoms
from ase.mep import NEB
from ase.mep.neb import idpp_interpolate
from ase.optimize import BFGS
from surfaces import Dip, MuellerBrown, Ridge, Valley, at, find

from matlearn import transport
from matlearn.calculators import get_calculator
from matlearn.transport._barriers.band import first_guess
from matlearn.transport.barriers import MigrationPath, migration_barrier, vacancy_hop


@pytest.fixture(scope="module")
def copper() -> tuple[Atoms, Atoms]:
    return vacancy_hop(bulk("Cu", cubic=True), "Cu", supercell=2)


@pytest.mark.parametrize("images", [1, 3, 4, 7])
@pytest.mark.parametrize("tilt", [0.0, 0.15])
def test_barrier_of_a_known_valley_is_exact(images: int, tilt: float) -> None:
    surface = Valley(tilt=tilt)
    path = find(at(-1.1), at(0.9, 0.2), surface, images=images, fmax=0.005)
    assert path.converged
    assert (path.barrier, path.reverse_barrier) == pytest.approx(surface.exact(), abs=1e-3)
    assert len(path.images) == images + 2


def test_curve_between_images_finds_the_top_without_a_climber() -> None:
    surface = Valley(tilt=0.15)
    path = find(at(-1), at(1), surface, images=6, climb=False, fmax=0.005)
    assert path.converged and not path.climb
    assert path.barrier == pytest.approx(surface.exact()[0], abs=5e-3)
    assert path.energies.max() < path.barrier  # no image sits on the saddle


def test_path_follows_the_forces_in_a_bent_valley() -> None:
    surface = Valley()
    path = find(at(-1), at(1), surface, images=9, interpolation="linear", fmax=0.005)
    assert path.converged
    assert np.allclose(path.images[path.saddle].positions, [[0, 0.7, 0]], atol=0.01)
    places = np.array([image.positions[0] for image in path.images])
    for before, image, after in zip(path.images, path.images[1:], path.images[2:], strict=False):
        direction = after.positions - before.positions
        direction /= np.linalg.norm(direction)
        forces = image.get_forces()
        across = forces - (forces * direction).sum() * direction
        assert np.linalg.norm(across) < 0.2 * max(np.linalg.norm(forces), 0.3)
    assert path.coordinate[-1] == pytest.approx(
        np.linalg.norm(np.diff(places, axis=0), axis=1).sum()
    )
    slopes = np.gradient(path.energies, path.coordinate)
    assert np.allclose(path.forces_along[1:-1], -slopes[1:-1], atol=0.15)


def test_mueller_brown_saddle_and_the_minimum_on_the_way() -> None:
    from scipy.optimize import root

    surface = MuellerBrown()
    energies = []
    for guess in ((-0.558, 1.442), (-0.822, 0.624), (0.623, 0.028)):
        x, y = root(lambda r: surface.value(*r, 0.0)[1][:2], guess).x
        energies.append(surface.value(x, y, 0.0)[0])
    low, top, high = energies
    path = find(at(-0.55, 1.4), at(0.6, 0.0), surface, images=9, fmax=0.02)
    assert path.converged
    assert path.barrier == pytest.approx(top - low, abs=1e-3)
    assert path.reverse_barrier == pytest.approx(top - high, abs=1e-3)
    assert any("minimum on its way" in message for message in path.messages)
    assert not path.alike or abs(path.energies[-1]) > 0.01


def test_band_on_a_ridge_is_pushed_off_it() -> None:
    straight = find(at(-1), at(1), Ridge(), images=3, fmax=0.01, check=False)
    assert straight.converged and straight.messages == ()
    assert straight.barrier == pytest.approx(0.5 + 2.0 * 0.36**2, abs=1e-3)  # the hill's top
    with pytest.raises(ValueError, match="2 of its frequencies are imaginary"):
        straight.vineyard(Ridge())
    assert (straight.frequencies(Ridge()) < 0).sum() == 2
    with pytest.raises(ValueError, match="image must be from 0 to 4"):
        straight.frequencies(Ridge(), image=5)
    path = find(at(-1), at(1), Ridge(), images=3, fmax=0.01)
    assert path.converged
    assert path.barrier == pytest.approx(0.5, abs=1e-3)  # beside it, where off = 0
    assert abs(path.images[path.saddle].positions[0, 1]) == pytest.approx(0.6, abs=0.01)
    assert any("was pushed off" in message for message in path.messages)
    assert path.vineyard(Ridge()) > 0


def test_climber_in_a_shallow_minimum_is_noticed() -> None:
    surface = Dip()
    odd = find(at(-1), at(1), surface, images=3, fmax=0.005)
    assert any("shallow minimum between two tops" in message for message in odd.messages)
    assert odd.energies.max() < surface.exact() - 0.004  # the climber's energy is no barrier
    even = find(at(-1), at(1), surface, images=6, fmax=0.005)
    assert even.converged
    assert even.barrier == pytest.approx(surface.exact(), abs=1e-3)
    assert not any("shallow" in message for message in even.messages)


def test_copper_vacancy_hops_as_easily_back_and_as_an_atom_dragged_over(
    copper: tuple[Atoms, Atoms],
) -> None:
    initial, final = copper
    path = find(initial, final, images=3, fmax=0.01)
    assert path.converged and path.alike and path.messages == ()
    assert path.barrier == pytest.approx(path.reverse_barrier, abs=1e-3)
    dragged = initial.copy()  # by symmetry the saddle lies in the middle: hold the atom there
    dragged.positions = (initial.positions + final.positions) / 2
    dragged.set_constraint(FixAtoms([initial.info["hop"]["atom"]]))
    dragged.calc = get_calculator("emt")
    BFGS(dragged, logfile=None).run(0.005)
    bottom = initial.copy()
    bottom.calc = get_calculator("emt")
    BFGS(bottom, logfile=None).run(0.005)
    expected = dragged.get_potential_energy() - bottom.get_potential_energy()
    assert path.barrier == pytest.approx(expected, abs=2e-3)


def test_adatom_hops_over_the_bridge_and_fixed_layers_stay() -> None:
    slab = fcc100("Cu", (2, 2, 3), vacuum=6.0)
    slab.set_constraint(FixAtoms(mask=slab.positions[:, 2] < slab.positions[:, 2].mean()))
    first, last, bridge = slab.copy(), slab.copy(), slab.copy()
    spacing = slab.cell[0] / 2
    add_adsorbate(first, "Cu", 1.7, position=tuple(spacing[:2] / 2 + slab.cell[1][:2] / 4))
    add_adsorbate(last, "Cu", 1.7, position=tuple(spacing[:2] * 1.5 + slab.cell[1][:2] / 4))
    path = find(first, last, images=3, fmax=0.02)
    add_adsorbate(bridge, "Cu", 2.0, position=tuple(spacing[:2] + slab.cell[1][:2] / 4))
    fixed = slab.constraints[0].index
    from ase.constraints import FixedLine

    bridge.set_constraint([FixAtoms(fixed), FixedLine([len(bridge) - 1], [0, 0, 1])])
    bridge.calc = get_calculator("emt")
    BFGS(bridge, logfile=None).run(0.01)
    expected = bridge.get_potential_energy() - path.images[0].get_potential_energy()
    assert path.barrier == pytest.approx(expected, abs=3e-3)
    for image in path.images:
        assert np.allclose(image.positions[fixed], slab.positions[fixed])


def test_wrapping_does_not_matter(copper: tuple[Atoms, Atoms]) -> None:
    initial, final = copper
    moved = [atoms.copy() for atoms in copper]
    for atoms in moved:
        atoms.translate([0.3, 0.3, 0.3])
    moved[0].positions[5] += moved[0].cell[0]
    moved[1].wrap()
    plain, wrapped = find(initial, final, images=1), find(*moved, images=1)
    assert wrapped.barrier == pytest.approx(plain.barrier, abs=1e-4)
    assert wrapped.coordinate[-1] == pytest.approx(plain.coordinate[-1], abs=1e-3)


def test_calculators_may_be_named_made_or_given(copper: tuple[Atoms, Atoms]) -> None:
    ways = ("emt", get_calculator("emt"), lambda: get_calculator("emt"))
    barriers = [find(*copper, way, images=1).barrier for way in ways]
    assert barriers == pytest.approx([barriers[0]] * 3, abs=1e-9)


def test_first_guess_is_ases_where_all_pairs_are_near() -> None:
    first = Atoms("OCHH", [[0, 0, 0], [1.2, 0, 0], [1.8, 0.9, 0], [1.8, -0.9, 0]])
    last = first.copy()
    last.positions[2] = [-0.9, 0.4, 0.3]
    images = [first.copy() for _ in range(4)] + [last.copy()]
    band = NEB(images, method="improvedtangent")
    band.interpolate()
    idpp_interpolate(band, traj=None, log=None)
    expected = [image.positions for image in images[1:-1]]
    assert np.allclose(first_guess(first, last, 3, "idpp"), expected, atol=1e-6)


def test_vineyard_frequency_of_a_known_valley() -> None:
    surface = Valley(bend=0.0)
    path = find(at(-1), at(1), surface, images=3, fmax=1e-3)
    # along x the curvature is 8 h at the bottom; across, it is the same at bottom and saddle
    from ase import units

    expected = np.sqrt(8 * surface.height / at(0).get_masses()[0]) * units.s / (2 * np.pi)
    assert path.vineyard(surface, displacement=0.003) == pytest.approx(expected, rel=2e-3)
    assert path.rate(300.0, 1e13) == pytest.approx(1e13 * np.exp(-0.5 / (units.kB * 300)), rel=0.05)


def test_attempt_frequency_in_copper_is_some_terahertz(copper: tuple[Atoms, Atoms]) -> None:
    path = find(*copper, images=1, fmax=0.01)
    assert 1e12 < path.vineyard("emt") < 2e13
    everything = path.frequencies("emt", image=0, radius=20.0)
    assert len(everything) == 3 * 31 - 3  # without the crystal's three drifts
    assert everything.min() > 5e11
    shallow = find(*copper, images=2, climb=False, fmax=0.05)
    with pytest.raises(ValueError, match="saddle of first order"):
        MigrationPath.vineyard(_with_saddle_at_start(shallow), "emt")


def _with_saddle_at_start(path: MigrationPath) -> MigrationPath:
    """A path whose highest image is taken to be its minimum."""
    from dataclasses import replace

    return replace(path, energies=np.array([0.1, 0.0, 0.0, 0.0]))


def test_a_path_can_be_saved_and_read(copper: tuple[Atoms, Atoms], tmp_path: Any) -> None:
    path = find(*copper, images=1)
    path.save(tmp_path / "path.npz")
    again = MigrationPath.load(tmp_path / "path.npz")
    assert repr(again) == repr(path)
    assert np.array_equal(again.energies, path.energies)
    assert again.to_frame().equals(path.to_frame())


def test_figure_shows_images_and_curve(copper: tuple[Atoms, Atoms]) -> None:
    path = find(*copper, images=1)
    ax = path.plot()
    curve, images = ax.lines[0], ax.lines[1]
    assert np.array_equal(images.get_ydata(), path.energies)
    assert max(curve.get_ydata()) == pytest.approx(path.barrier, abs=0.01)
    assert "0.7" in ax.get_legend().get_texts()[0].get_text()
    assert path.view().get_legend() is not None  # no widget here: a picture of the saddle


def test_viewer_steps_through_the_images(
    copper: tuple[Atoms, Atoms], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    path = find(*copper, images=1)
    viewer = path.view(radius=4.0)
    assert viewer.label.value == "Image 0 of 0 to 2: 0.000 eV"
    assert "Cu that hops" in viewer.legend.value
    viewer.frame.value = 1
    assert f"{path.energies[1]:.3f} eV" in viewer.label.value
    assert len(viewer.atoms) < len(copper[0])
    middle = copper[0].cell.array.sum(axis=0) / 2
    assert np.linalg.norm(viewer.atoms.positions - middle, axis=1).min() < 0.3  # the hopping atom
    everything = path.view()
    everything.frame.value = 2
    assert len(everything.atoms) == len(copper[0])


def test_names_of_the_chapter() -> None:
    assert transport.migration_barrier is migration_barrier
    assert transport.vacancy_hop is vacancy_hop
    assert transport.MigrationPath is MigrationPath
