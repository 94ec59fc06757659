"""The recorded hop in LiCl: what its potentials learned, against their teacher's recorded labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from matlearn import datasets
from matlearn.calculators import get_calculator, single_points
from matlearn.transport._data.hops import RecordedHop, load
from matlearn.transport.barriers import migration_barrier, vacancy_hop

pytest.importorskip("motep", reason="potentials in mlip's format need motep")


@pytest.fixture(scope="module")
def recorded() -> RecordedHop:
    return datasets.load("lithium-chloride")


def test_student_gives_its_teachers_barrier(recorded: RecordedHop) -> None:
    a = recorded.settings["lattice_constant"]
    ends = vacancy_hop(bulk("LiCl", "rocksalt", a=a, cubic=True), "Li", supercell=2)
    path = migration_barrier(*ends, recorded.potential, images=4, fmax=0.02, progress=False)
    assert path.converged and path.alike
    assert path.barrier == pytest.approx(recorded.path.barrier, abs=0.015)
    assert path.barrier == pytest.approx(path.reverse_barrier, abs=1e-3)
    assert path.barrier == pytest.approx(recorded.settings["barrier_eV"]["student"], abs=0.003)


def test_the_straight_way_is_a_ridge_also_for_an_atom_dragged_over(recorded: RecordedHop) -> None:
    from ase.constraints import FixAtoms
    from ase.optimize import BFGS

    a = recorded.settings["lattice_constant"]
    initial, final = vacancy_hop(bulk("LiCl", "rocksalt", a=a, cubic=True), "Li", supercell=2)
    straight = migration_barrier(
        initial, final, recorded.potential, images=3, fmax=0.01, interpolation="linear",
        check=False, progress=False,
    )  # fmt: skip
    dragged = initial.copy()
    dragged.positions = (initial.positions + final.positions) / 2
    dragged.set_constraint(FixAtoms([initial.info["hop"]["atom"]]))
    dragged.calc = get_calculator(recorded.potential)
    BFGS(dragged, logfile=None).run(0.005)
    low = straight.images[0].get_potential_energy()
    assert straight.barrier == pytest.approx(dragged.get_potential_energy() - low, abs=3e-3)
    assert straight.barrier > recorded.path.barrier + 0.08
    assert (straight.frequencies(recorded.potential, radius=6.0) < 0).sum() == 2


def test_student_fits_what_it_learned_from(recorded: RecordedHop) -> None:
    fitted = single_points(recorded.images, recorded.potential, progress=False)
    energy, force = [], []
    for image, mine in zip(recorded.images, fitted, strict=True):
        energy.append((mine.get_potential_energy() - image.get_potential_energy()) / len(image))
        force.append(mine.get_forces() - image.get_forces())
    assert np.sqrt(np.mean(np.square(energy))) < 1e-3  # eV/atom
    assert np.sqrt(np.mean(np.square(force))) < 0.06  # eV/A
    kinds = [image.info["kind"] for image in recorded.images]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == recorded.settings["labels"]


def test_recorded_hop_says_what_is_missing(tmp_path: Path, recorded: RecordedHop) -> None:
    with pytest.raises(FileNotFoundError, match=r"no teacher-path\.npz"):
        load(tmp_path)
    assert "LiCl" not in repr(recorded) and "Cl32Li31" in repr(recorded)
    assert len(recorded) == len(recorded.images)
