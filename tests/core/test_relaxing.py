"""What relaxes, and how the machinery that chapters share tells one run from another."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk

from matlearn._relaxing import relaxation
from matlearn._relaxing.logarithm import logarithm
from matlearn._relaxing.loop import Run, relax_all
from matlearn.store import Store


def strained() -> Atoms:
    """Tetragonal Cu3Au with atoms off their sites."""
    atoms = bulk("Cu", "fcc", a=3.7, cubic=True)
    atoms.symbols[0] = "Au"
    atoms.set_cell(np.diag([3.7, 3.8, 4.0]), scale_atoms=True)
    atoms.rattle(0.05, seed=1)
    return atoms


def relaxed(tmp_path, relax: str, **options) -> Atoms:
    options = {"fmax": 0.002, "max_steps": 200, **options}
    run = relax_all([strained()], "emt", kind=Run, store=tmp_path / "s.db", relax=relax,
                    workers=1, progress=False, **options)  # fmt: skip
    (record,) = run.records()
    assert record.status == "done"
    return record.atoms


def test_everything_relaxes_unless_told_otherwise(tmp_path):
    atoms = relaxed(tmp_path, "full")
    assert np.abs(atoms.get_forces()).max() < 0.002
    assert np.abs(atoms.get_stress()).max() * atoms.get_volume() / 4 < 0.002


def test_the_cell_relaxes_while_atoms_keep_their_fractions(tmp_path):
    atoms, start = relaxed(tmp_path, "cell"), strained()
    assert atoms.get_scaled_positions() == pytest.approx(start.get_scaled_positions(), abs=1e-9)
    assert np.abs(atoms.get_stress()).max() * atoms.get_volume() / 4 < 0.002
    assert np.abs(atoms.get_forces()).max() > 0.05


@pytest.mark.parametrize("pressure", [0.0, 5.0])
def test_the_volume_relaxes_while_the_cell_keeps_its_shape(tmp_path, pressure):
    atoms, start = relaxed(tmp_path, "volume", pressure=pressure), strained()
    ratio = atoms.cell.array[np.diag_indices(3)] / start.cell.array[np.diag_indices(3)]
    assert np.ptp(ratio) < 1e-9
    assert abs(ratio[0] - 1) > 0.005
    assert atoms.get_scaled_positions() == pytest.approx(start.get_scaled_positions(), abs=1e-9)
    mean = -atoms.get_stress()[:3].mean() / units.GPa
    assert mean == pytest.approx(pressure, abs=0.05)


def test_runs_that_relax_different_things_are_never_mixed(tmp_path):
    relaxed(tmp_path, "cell")
    with pytest.raises(ValueError, match="relax='cell' there and 'volume' now"):
        relaxed(tmp_path, "volume")
    with pytest.raises(ValueError, match="relax='cell' there and 'full' now"):
        relaxed(tmp_path, "full")


def test_what_a_run_without_a_choice_left_is_a_full_relaxation(tmp_path):
    relaxed(tmp_path, "full")
    with Store(tmp_path / "s.db") as store:
        (record,) = store.records()
    assert set(record.info["settings"]) == {"calculator", "fmax", "max_steps", "pressure"}
    with pytest.raises(ValueError, match="relax='full' there and 'cell' now"):
        relaxed(tmp_path, "cell")


@pytest.mark.parametrize("relax", ["positions", None, True])
def test_something_else_to_relax_is_refused(tmp_path, relax):
    with pytest.raises(ValueError, match="relax must be one of 'full', 'cell', 'volume'"):
        relaxed(tmp_path, relax)


def test_how_far_a_cell_was_from_relaxed_is_said_as_a_stress(tmp_path):
    run = relax_all([strained()], "emt", kind=Run, store=tmp_path / "s.db", relax="cell",
                    fmax=1e-6, max_steps=2, workers=1, progress=False)  # fmt: skip
    assert run.counts == {"unconverged": 1}
    assert "after 2 steps, largest stress" in run.failures()["reason"][0]
    assert run.failures()["reason"][0].endswith("GPa")


@pytest.mark.parametrize("size", [0.0, 1e-9, 1e-4, 0.01, 0.2])
def test_the_logarithm_of_a_deformation_is_scipys(size):
    from scipy.linalg import logm

    drawn = np.random.default_rng(0)
    for _ in range(20):
        deformation = 4.0 * (np.eye(3) + size * drawn.normal(size=(3, 3)))
        np.testing.assert_allclose(logarithm(deformation), logm(deformation), atol=3e-13)


def test_a_shear_has_too_few_eigenvectors_and_a_logarithm_all_the_same():
    shear = np.eye(3)
    shear[0, 1] = 0.1
    np.testing.assert_allclose(logarithm(shear), shear - np.eye(3), atol=1e-15)


def test_a_relaxation_takes_that_logarithm(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(relaxation, "logarithm", lambda m: asked.append(1) or logarithm(m))
    relaxed(tmp_path, "full")
    assert len(asked) > 5
