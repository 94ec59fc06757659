"""A table of one's own becomes a task, or says why not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from pymatgen.core import Lattice, Structure

from matlearn.regression import task_from_frame

TABLE = pd.DataFrame(
    {
        "formula": ["NaCl", "MgO", "KCl"],
        "density": [2.16, 3.58, 1.98],
        "hard": [False, True, False],
    },
    index=["halite", "periclase", "sylvite"],
)


def test_numbers_make_a_regression_and_booleans_a_classification() -> None:
    task = task_from_frame(TABLE, "density", unit="g/cm3")
    assert (task.kind, task.ids, task.label) == ("regression", list(TABLE.index), "density")
    assert task.target.tolist() == [2.16, 3.58, 1.98]
    assert not task.official
    assert task_from_frame(TABLE, "hard").kind == "classification"


def test_whole_numbers_are_numbers() -> None:
    task = task_from_frame(TABLE.assign(mohs=[2, 6, 2]), "mohs")
    assert task.kind == "regression"
    assert task.target.dtype == float


def test_crystals_of_ase_and_pymatgen_are_taken_with_their_formulas() -> None:
    salt = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    table = pd.DataFrame({"crystal": [salt, bulk("MgO", "rocksalt", 4.21)], "gap": [5.0, 4.5]})
    task = task_from_frame(table, "gap", structure="crystal")
    assert all(isinstance(crystal, Structure) for crystal in task.structures)
    assert task.formulas == ["Na4Cl4", "Mg1O1"]
    assert np.isclose(task.structures[1].volume, 4.21**3 / 4)


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (TABLE, {"target": "weight"}, ValueError, "formula, density, hard; got 'weight'"),
        (TABLE, {"target": "hard", "formula": "name"}, ValueError, "formula must name a column"),
        (TABLE, {"target": "formula"}, TypeError, "must hold numbers.*'NaCl' in row halite"),
        (
            TABLE.assign(density=[1.0, np.nan, None]),
            {"target": "density"},
            ValueError,
            r"missing in 2 of 3 rows \(periclase, sylvite\).*dropna",
        ),
        (TABLE.assign(density=[1, np.inf, 2]), {"target": "density"}, ValueError, "finite"),
        (TABLE.assign(formula=[1, 2, 3]), {"target": "hard"}, TypeError, "row halite must be text"),
        (TABLE, {"target": "hard", "structure": "formula"}, TypeError, "pymatgen Structure or ASE"),
        (
            TABLE.set_axis([1, 2, 1]),
            {"target": "hard"},
            ValueError,
            "got 1 twice: frame.reset_index",
        ),
        (TABLE.to_dict(), {"target": "hard"}, TypeError, "DataFrame, got dict"),
        (TABLE, {"target": "formula"}, TypeError, r"make frame\['formula'\] == 'NaCl'"),
    ],
)
def test_tables_that_cannot_be_used_say_why(table, options, error, message) -> None:
    with pytest.raises(error, match=message):
        task_from_frame(table, **options)
