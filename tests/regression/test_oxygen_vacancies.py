"""The course's own oxygen vacancies: what the table holds, and what it is worth."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from matlearn import datasets
from matlearn.regression._models.vacancies import DISTORTION, load_vacancies


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return datasets.load("oxygen-vacancies")


def _raw(name: str) -> dict[str, dict[str, str]]:
    path = datasets.fetch("oxygen-vacancies") / name
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        key = (reader.fieldnames or [""])[0]
        return {row[key]: row for row in reader}


def test_table_has_an_oxide_a_row_and_no_gaps(table):
    assert len(table) >= 40 and table.index.is_unique
    assert not table.isna().any().any()
    assert table.vacancy_energy.between(0.5, 12).all()
    assert (table.formation_energy < 0).all()
    assert table.distance.between(1.5, 3.2).all()


def test_energies_are_differences_of_those_that_were_computed(table):
    oxides, elements = _raw("oxides.csv"), _raw("elements.csv")
    of = {symbol: float(row["energy"]) for symbol, row in elements.items()}
    vacancy = float(oxides["MgO"]["energy_without_oxygen"]) + of["O"]
    assert table.vacancy_energy["MgO"] == pytest.approx(vacancy, abs=1e-9)
    formation = 2 * float(oxides["MgO"]["energy"]) - of["Mg"] - of["O"]
    assert table.formation_energy["MgO"] == pytest.approx(formation, abs=1e-9)
    spinel = 7 * float(oxides["MgAl2O4"]["energy"]) - of["Mg"] - 2 * of["Al"] - 4 * of["O"]
    assert table.formation_energy["MgAl2O4"] == pytest.approx(spinel / 4, abs=1e-9)


def test_descriptors_are_those_of_the_metals(table):
    assert table.valence[["Li2O", "MgO", "Al2O3", "TiO2", "ReO3", "SrTiO3"]].tolist() == [
        1, 2, 3, 4, 6, 3,
    ]  # fmt: skip
    assert table.electronegativity["MgO"] == pytest.approx(1.31)  # Pauling
    assert table.electronegativity["SrTiO3"] == pytest.approx((0.95 + 1.54) / 2)
    assert table.neighbours[["Li2O", "MgO", "ZnO", "TiO2", "SrTiO3"]].tolist() == [8, 6, 4, 3, 2]


def test_bond_lengths_are_those_of_the_crystals(table):
    measured = {"MgO": 4.21 / 2, "CaO": 4.81 / 2, "SrTiO3": 3.905 / 2, "CeO2": 5.41 * 3**0.5 / 4}
    for formula, distance in measured.items():
        assert table.distance[formula] == pytest.approx(distance, rel=0.03)


def test_what_distorts_or_did_not_converge_is_marked(table):
    oxides = _raw("oxides.csv")
    for formula, row in oxides.items():
        bad = row["converged"] != "True" or abs(float(row["distortion"])) > DISTORTION
        assert table.doubtful[formula] == bad
    assert table.doubtful.mean() < 0.3


def test_strongly_bound_oxides_hold_their_oxygen(table):
    sure = table[~table.doubtful]
    assert np.corrcoef(sure.formation_energy, sure.vacancy_energy)[0, 1] < -0.6


def test_limit_of_thermodynamics_is_known_for_oxides_beside_their_metal(table):
    assert table.metal_next[["MgO", "Li2O", "Al2O3"]].all()
    assert not table.metal_next[["TiO2", "Fe2O3", "SrTiO3", "PbO2", "CeO2"]].any()
    broken = table.query("metal_next and vacancy_energy < -formation_energy").index
    assert "Li2O" in broken and "MgO" not in broken  # what the README says of CHGNet


def test_loader_says_what_is_doubtful(tmp_path):
    head = (
        "formula,prototype,atoms,oxygen_sites,energy_without_oxygen,energy,volume,neighbours,"
        "distance,distortion,converged,steps,cpu_seconds\n"
    )
    rows = [
        f"{formula},rocksalt,64,1,10.0,-6.0,10.0,6,2.1,{distortion},{converged},30,9.0\n"
        for formula, distortion, converged in [
            ("MgO", 0.1, True), ("CaO", -20.0, True), ("BaO", 0.0, False),
        ]
    ]  # fmt: skip
    (tmp_path / "oxides.csv").write_text(head + "".join(rows))
    (tmp_path / "elements.csv").write_text(
        "element,energy,converged\nO,-4.8,True\nMg,-1.6,True\nCa,-2.0,True\nBa,-1.9,True\n"
    )
    table = load_vacancies(tmp_path)
    assert table.doubtful.to_dict() == {"MgO": False, "CaO": True, "BaO": True}
    assert table.vacancy_energy.tolist() == pytest.approx([5.2] * 3)
