"""Magpie's table of the elements, read from the files that matminer carries."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
from pathlib import Path

import numpy as np
from ase.data import chemical_symbols

SYMBOLS = chemical_symbols[1:119]
"""The 118 elements, in the order of their atomic numbers."""
KNOWN = 112
"""Elements that Magpie's table has a row for: hydrogen to copernicium."""
NUMBER_OF = {symbol: index for index, symbol in enumerate(SYMBOLS)} | {"D": 0, "T": 0}
"""Row of each symbol, from 0; deuterium and tritium are hydrogen."""

PROPERTIES = {
    "Number": "atomic number",
    "MendeleevNumber": "Mendeleev number",
    "AtomicWeight": "atomic weight (u)",
    "MeltingT": "melting temperature (K)",
    "Column": "column",
    "Row": "row",
    "CovalentRadius": "covalent radius (pm)",
    "Electronegativity": "electronegativity",
    "NsValence": "s electrons",
    "NpValence": "p electrons",
    "NdValence": "d electrons",
    "NfValence": "f electrons",
    "NValence": "valence electrons",
    "NsUnfilled": "unfilled s states",
    "NpUnfilled": "unfilled p states",
    "NdUnfilled": "unfilled d states",
    "NfUnfilled": "unfilled f states",
    "NUnfilled": "unfilled states",
    "GSvolume_pa": "volume per atom (A3)",
    "GSbandgap": "band gap (eV)",
    "GSmagmom": "magnetic moment (mu_B)",
    "SpaceGroupNumber": "space group",
}
"""Magpie's names of the 22 properties in matminer's order, and ours with their units."""


@functools.cache
def properties(imputed: bool) -> np.ndarray:
    """Read the table, shape (118, 22); not to be changed.

    Without imputation a missing value is NaN; with it, the mean over the elements that have one,
    as matminer's ``MagpieData(impute_nan=True)`` has it.
    """
    if imputed:
        table = properties(False).copy()
        holes = np.isnan(table)
        table[holes] = np.broadcast_to(np.nanmean(table, axis=0), table.shape)[holes]
    else:
        folder = _folder()
        table = np.full((len(SYMBOLS), len(PROPERTIES)), np.nan)
        for column, name in enumerate(PROPERTIES):
            lines = (folder / f"{name}.table").read_text().splitlines()[: len(SYMBOLS)]
            table[: len(lines), column] = [_number(line) for line in lines]
    table.flags.writeable = False
    return table


def _number(line: str) -> float:
    try:
        return float(line)
    except ValueError:  # "Missing"
        return np.nan


def _folder() -> Path:
    """Find matminer's files without importing it, which takes seconds."""
    found = importlib.util.find_spec("matminer")
    if found is None or not found.submodule_search_locations:
        raise ImportError(
            "Magpie's table of the elements comes with matminer: pip install matminer"
        )
    folder = Path(found.submodule_search_locations[0], "utils/data_files/magpie_elementdata")
    if not all((folder / f"{name}.table").is_file() for name in PROPERTIES):
        raise ImportError(
            f"matminer {importlib.metadata.version('matminer')} does not have Magpie's tables in "
            f"{folder}: pip install 'matminer>=0.9,<0.11'"
        )
    return folder
