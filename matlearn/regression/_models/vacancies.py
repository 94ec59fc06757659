"""The course's own oxygen vacancies: read, and set beside what is known of each oxide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DISTORTION = 5.0
"""A crystal that gains more than this (meV/atom) when it is shaken is not in its stable form."""

_METAL_NEXT = frozenset({
    "Li2O", "Na2O", "K2O", "Cu2O", "Ag2O", "BeO", "MgO", "CaO", "SrO",
    "BaO", "ZnO", "CdO", "FeO", "CoO", "NiO", "SnO", "PbO", "Al2O3",
    "Ga2O3", "In2O3", "Sc2O3", "Y2O3", "La2O3", "Cr2O3", "Rh2O3", "SiO2", "GeO2",
    "RuO2", "IrO2", "ThO2",
})  # fmt: skip
"""Oxides of one metal that loses its oxygen without passing a solid lower oxide on the way."""


def load_vacancies(path: Path) -> pd.DataFrame:
    """Read ``data/regression/oxygen-vacancies``.

    Parameters
    ----------
    path : Path
        The folder with ``oxides.csv`` and ``elements.csv``.

    Returns
    -------
    pandas.DataFrame
        Indexed by formula. ``prototype``; ``vacancy_energy`` (eV: crystal with the vacancy, plus
        half a molecule of O2, minus the crystal); ``formation_energy`` (eV for each O atom, from
        the elements; negative); ``electronegativity`` (Pauling's, mean over the metal atoms);
        ``valence`` (mean of the metal atoms where oxygen has -2); ``distance`` (A, oxygen to the
        metal atoms around); ``neighbours`` (their number); ``volume`` (A3/atom); ``distortion``
        (meV/atom, of the supercell without vacancy when it was shaken and relaxed); ``atoms`` (in
        that supercell); ``metal_next`` (no solid lower oxide lies between it and its metal: then a
        vacancy must cost more than minus ``formation_energy``); ``doubtful`` (
        not converged, or a crystal that distorts by more than 5 meV/atom: the vacancy's energy may
        hold some of that). All energies are CHGNet's.

    Examples
    --------
    >>> from matlearn import datasets
    >>> table = datasets.load("oxygen-vacancies")
    >>> bool(table.vacancy_energy["MgO"] > table.vacancy_energy["NiO"])
    True
    """
    import pandas as pd

    oxides = pd.read_csv(path / "oxides.csv").set_index("formula")
    elements = pd.read_csv(path / "elements.csv", keep_default_na=False).set_index("element").energy
    table = pd.DataFrame({"prototype": oxides.prototype})
    table["vacancy_energy"] = oxides.energy_without_oxygen + elements["O"]
    known = pd.DataFrame([_of_formula(f, elements) for f in oxides.index], index=oxides.index)
    table["formation_energy"] = (oxides.energy * known.n_atoms - known.elements) / known.n_oxygen
    table[["electronegativity", "valence"]] = known[["electronegativity", "valence"]]
    for column in ("distance", "neighbours", "volume", "distortion", "atoms"):
        table[column] = oxides[column]
    table["metal_next"] = table.index.isin(_METAL_NEXT)
    table["doubtful"] = ~oxides.converged | (oxides.distortion.abs() > DISTORTION)
    return table


def _of_formula(formula: str, elements: pd.Series) -> dict[str, Any]:
    """What a formula says by itself: atoms, energy of the elements, metals."""
    from matlearn.regression.features import elements_table, parse

    amounts = parse(formula)
    metals = {symbol: amount for symbol, amount in amounts.items() if symbol != "O"}
    properties = elements_table().electronegativity
    return {
        "n_atoms": sum(amounts.values()),
        "n_oxygen": amounts["O"],
        "elements": sum(amount * elements[symbol] for symbol, amount in amounts.items()),
        "electronegativity": float(
            np.average(properties[list(metals)], weights=list(metals.values()))
        ),
        "valence": 2 * amounts["O"] / sum(metals.values()),
    }
