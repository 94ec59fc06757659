"""Tables of convergence: each thing varied, failures kept, interrupted runs resumed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matlearn import phonons
from matlearn.phonons._transport import steps
from matlearn.phonons.convergence import Convergence
from matlearn.store import Store

QUIET = {"workers": 1, "progress": False}


def test_meshes_are_those_of_single_calculations(differences):
    found = phonons.converge(differences, over="mesh", values=(3, 5, (5, 5, 5)), progress=False)
    table = found.to_frame()
    assert table["value"].tolist() == [3, 5, "5x5x5"]
    one = phonons.thermal_conductivity(differences, mesh=5)
    assert table["kappa"][1] == table["kappa"][2] == pytest.approx(one.at(300))
    assert table["change"].tolist()[1:] == [0, 0]
    assert table["mesh"][0] == "3x3x3"
    assert found.converged_at(0.01) == 5
    assert repr(found).startswith("Convergence(over mesh, W/mK at 300 K: 3: ")


def test_distances_and_supercells_are_computed_anew(aluminium):
    near = phonons.converge(
        "emt", over="distance", values=(0.03, 0.01), cell=aluminium, supercell=(2, 2, 2), mesh=5,
        method="symfc", **QUIET,
    ).to_frame()  # fmt: skip
    assert near["kappa"][0] == pytest.approx(near["kappa"][1], rel=0.02)
    assert near["atoms"].tolist() == [32, 32]
    sizes = phonons.converge(
        "emt", over="supercell", values=((1, 1, 1), 2 * np.eye(3, dtype=int)), cell=aluminium,
        mesh=5, distance=0.03, **QUIET,
    ).to_frame()  # fmt: skip
    assert sizes["value"].tolist() == ["1x1x1", "2x2x2"]
    assert "supercell is too small" in sizes["messages"][0]
    assert sizes["kappa"][1] == pytest.approx(near["kappa"][0], rel=0.02)


def test_more_forces_are_taken_from_the_front(aluminium):
    moved = phonons.random_displacements(aluminium, (2, 2, 2), count=4)
    forces = phonons.force_set(moved, "emt", **QUIET)
    found = phonons.converge(forces, over="training", values=(2, 4), mesh=3, progress=False)
    alone = phonons.thermal_conductivity(phonons.force_constants(forces[:2]), mesh=3)
    assert found.to_frame()["kappa"][0] == pytest.approx(alone.at(300))


def test_what_was_trained_is_there_to_go_on_with(aluminium):
    moved = phonons.random_displacements(aluminium, (2, 2, 2), count=4)
    forces = phonons.force_set(moved, "emt", **QUIET)
    found = phonons.converge(
        forces, over="training", values=(1, 2), potential="emt", n_test=2, mesh=3, **QUIET
    )
    assert list(found.fits) == [1, 2]
    again = phonons.force_constants(found.fits[2], cell=aluminium, supercell=(2, 2, 2), **QUIET)
    kappa = phonons.thermal_conductivity(again, mesh=3).at(300)
    assert found.to_frame()["kappa"].tolist() == pytest.approx([kappa, kappa])


def test_a_value_that_fails_is_a_row_with_its_reason(aluminium):
    found = phonons.converge(
        "emt", over="distance", values=(3.0, 0.01), cell=aluminium, supercell=(1, 1, 1), mesh=3,
        **QUIET,
    )  # fmt: skip
    assert list(found.failures) == [3.0]
    assert "distance must be above 0" in found.failures[3.0]
    table = found.to_frame()
    assert np.isnan(table["kappa"][0])
    assert not np.isnan(table["kappa"][1])
    assert "1 failed" in repr(found)
    with pytest.warns(UserWarning, match="none of the values has a conductivity; 3.0: "):
        nothing = phonons.converge(
            "emt", over="distance", values=(3.0,), cell=aluminium, supercell=(1, 1, 1), **QUIET
        )
    assert nothing.to_frame()[["kappa", "change"]].isna().all(axis=None)
    assert repr(nothing) == "Convergence(over distance, W/mK at 300 K: none, 1 failed)"


def test_rows_are_kept_and_not_computed_again(differences, tmp_path, monkeypatch):
    path = tmp_path / "rows.db"
    first = phonons.converge(differences, over="mesh", values=(2, 3), store=path, progress=False)
    with Store(path) as store:
        assert len(store) == 2
    calls = []
    monkeypatch.setattr(
        "matlearn.phonons._transport.steps.thermal_conductivity",
        lambda *a, **o: calls.append(o["mesh"]) or phonons.thermal_conductivity(*a, **o),
    )
    again = phonons.converge(differences, over="mesh", values=(2, 3, 4), store=path, progress=False)
    assert calls == [4]
    assert again.rows[:2] == first.rows
    phonons.converge(
        differences, over="mesh", values=(2,), temperature=200, store=path, progress=False
    )
    assert calls == [4, 2]  # another temperature is another row


def test_a_kept_row_is_of_the_same_crystal_and_charges(differences, tmp_path):
    heavy = differences.unitcell.copy()
    heavy.set_masses([60.0] * 4)
    kappas = [
        phonons.converge(
            one, over="mesh", values=(3,), store=tmp_path / "rows.db", progress=False
        ).to_frame()["kappa"][0]
        for one in (differences, replace(differences, unitcell=heavy))
    ]
    assert kappas[1] != pytest.approx(kappas[0], rel=0.01)
    charged = [steps.identity(differences.with_nac([0.0], e)) for e in (2.0, 3.0)]
    assert len({*charged, steps.identity(differences)}) == 3


def test_numbers_of_numpy_are_numbers(aluminium):
    moved = phonons.random_displacements(aluminium, (2, 2, 2), count=3)
    forces = phonons.force_set(moved, "emt", **QUIET)
    found = phonons.converge(
        forces, over="training", values=np.arange(1, 3), potential="emt", n_test=1, mesh=2, **QUIET
    )
    assert (found.failures, list(found.fits)) == ({}, [1, 2])


def test_converged_means_that_all_that_follow_agree():
    rows = [{"value": n, "kappa": k} for n, k in ((1, 10.0), (2, 8.0), (3, 10.1), (4, 10.0))]
    assert Convergence("mesh", 300.0, rows).converged_at(0.02) == 3
    assert Convergence("mesh", 300.0, rows[:2]).converged_at(0.02) is None


def test_arguments_that_do_not_fit_together_are_named(differences, aluminium):
    with pytest.raises(ValueError, match="over must be one of 'training', 'mesh'"):
        phonons.converge(differences, over="time", values=(1,))
    with pytest.raises(ValueError, match="values must hold at least one"):
        phonons.converge(differences, over="mesh", values=())
    with pytest.raises(TypeError, match="over='distance' displaces atoms anew and needs a pot"):
        phonons.converge(differences, over="distance", values=(0.01,))
    with pytest.raises(TypeError, match="over='training' needs a ForceSet, got ForceConstants"):
        phonons.converge(differences, over="training", values=(1,))
    with pytest.raises(ValueError, match="a potential needs cell and supercell"):
        phonons.converge("emt", over="mesh", values=(3,), cell=aluminium)
    with pytest.raises(ValueError, match="cell and supercell go with a potential"):
        phonons.converge(differences, over="mesh", values=(3,), cell=aluminium)
    with pytest.raises(TypeError, match=r"values must be several, such as \(11, 15, 19\), got 11"):
        phonons.converge(differences, over="mesh", values=11)
    with pytest.raises(TypeError, match="values must be a whole number or three of them, got 'x'"):
        phonons.converge(differences, over="mesh", values=(3, "x"))
    with pytest.raises(ValueError, match="values must be three integers such as"):
        phonons.converge("emt", over="supercell", values=(2, 3), cell=aluminium)
    with pytest.raises(ValueError, match="potential and training go with over='training'"):
        phonons.converge(differences, over="mesh", values=(3,), potential="mtp")
    with pytest.raises(ValueError, match="born and dielectric go together"):
        phonons.converge("emt", over="mesh", values=(3,), cell=aluminium, born=[1])
