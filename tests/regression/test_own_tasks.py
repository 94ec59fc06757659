"""Tasks made from the course's own crystals."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from matlearn import datasets, regression
from matlearn.regression._tasks.own import OWN

CRYSTALS = [
    ("MgO", "rocksalt", 4.26, {"shear_modulus": 100.0, "bulk_modulus": 150.0, "band_gap": 4.4,
                               "formation_energy": -2.7, "doubtful": ""}),
    ("Cu", "fcc", 3.63, {"shear_modulus": 46.0, "bulk_modulus": 138.0, "band_gap": 0.0,
                         "formation_energy": 0.0, "doubtful": False}),
    ("NaCl", "rocksalt", 5.7, {"shear_modulus": np.nan, "bulk_modulus": 24.0, "band_gap": 5.0,
                               "formation_energy": -1.8}),
    ("KF", "rocksalt", 5.4, {"shear_modulus": 17.0, "bulk_modulus": 29.0, "band_gap": 6.0,
                             "formation_energy": -2.7, "doubtful": "shear strains disagree"}),
]  # fmt: skip


@pytest.fixture
def cubic(monkeypatch) -> list:
    crystals = []
    for name, structure, a, numbers in CRYSTALS:
        crystal = bulk(name, structure, a)
        crystal.info.update(label=f"{name}-{structure}", lattice_constant=a, **numbers)
        crystals.append(crystal)
    monkeypatch.setattr(datasets, "load", lambda name, progress: crystals)
    return crystals


def test_doubtful_crystals_and_missing_numbers_are_left_out(cubic: list) -> None:
    shear = regression.load_task("cubic_log_gvrh")
    assert shear.formulas == ["MgO", "Cu"]
    assert shear.ids == ["MgO-rocksalt", "Cu-fcc"]
    assert shear.target == pytest.approx([2.0, np.log10(46)])
    assert shear.unit == "log10 GPa"
    assert not shear.official
    assert shear.structures is None
    assert regression.load_task("cubic_log_kvrh").formulas == ["MgO", "Cu", "NaCl"]


def test_elements_have_no_formation_energy_to_learn(cubic: list) -> None:
    assert regression.load_task("cubic_e_form").formulas == ["MgO", "NaCl"]


def test_metals_are_those_without_a_gap(cubic: list) -> None:
    metal = regression.load_task("cubic_is_metal")
    assert metal.kind == "classification"
    assert dict(zip(metal.formulas, metal.target, strict=True)) == {
        "MgO": False,
        "Cu": True,
        "NaCl": False,
    }


def test_structures_are_pymatgens_and_in_the_same_order(cubic: list) -> None:
    task = regression.load_task("cubic_lattice_constant", structures=True)
    assert task.target == pytest.approx([4.26, 3.63, 5.7])
    assert [crystal.composition.reduced_formula for crystal in task.structures] == task.formulas
    assert task.structures[1].volume == pytest.approx(3.63**3 / 4)
    assert not task.structures[0].properties


def test_a_set_with_nothing_beyond_doubt_is_an_error(cubic: list) -> None:
    for crystal in cubic:
        crystal.info["doubtful"] = "all of them"
    for name in OWN:
        with pytest.raises(ValueError, match="cubic-pbe holds no crystal"):
            regression.load_task(name)
