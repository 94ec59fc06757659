"""What a convex hull is made of, as a table: from structures, pymatgen's entries, or rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ase import Atoms

from matlearn._structures import as_atoms

from ._frame import known_property


def entries_frame(entries: Any) -> pd.DataFrame:
    """Put phases and their energies into a table with the columns that the hull needs.

    Parameters
    ----------
    entries : DataFrame or iterable
        A table (returned as it is), or several of: ASE Atoms that know their energy, entries of
        pymatgen (anything with ``composition`` and ``energy`` in eV), mappings of column to value.

    Returns
    -------
    DataFrame

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> entries_frame([{"formula": "Li", "energy_per_atom": -1.9}]).columns.tolist()
    ['formula', 'energy_per_atom']
    """
    if isinstance(entries, pd.DataFrame):
        return entries
    if isinstance(entries, Mapping | Atoms | str) or not isinstance(entries, Iterable):
        raise TypeError(
            "entries must be a table, or a list of ASE Atoms, pymatgen entries or dictionaries, "
            f"got {type(entries).__name__}"
        )
    rows = [_row(entry, position) for position, entry in enumerate(entries)]
    return pd.DataFrame(rows)


def _row(entry: Any, position: int) -> dict[str, Any]:
    if isinstance(entry, Mapping):
        return dict(entry)
    if hasattr(entry, "composition") and hasattr(entry, "energy"):
        amounts = entry.composition.get_el_amt_dict()
        counts = {symbol: round(amount) for symbol, amount in amounts.items()}
        if any(abs(amount - counts[symbol]) > 1e-6 for symbol, amount in amounts.items()):
            raise ValueError(f"entries[{position}] must hold whole atoms, got {entry.composition}")
        return {
            "label": getattr(entry, "entry_id", None),
            "formula": "".join(f"{symbol}{count}" for symbol, count in counts.items()),
            "energy_per_atom": float(entry.energy) / sum(counts.values()),
        }
    atoms = as_atoms(entry, f"entries[{position}]")
    energy = known_property(atoms, "energy")
    return {
        "label": atoms.info.get("label"),
        "formula": atoms.get_chemical_formula(),
        "energy_per_atom": np.nan if energy is None else energy / len(atoms),
    }


def labels_of(entries: pd.DataFrame, formulas: Sequence[str]) -> list[str]:
    """Return a label for each phase: its own, else its formula, numbered where it comes again.

    Raises
    ------
    ValueError
        If a label of the table occurs twice.
    """
    given = entries["label"].tolist() if "label" in entries else [None] * len(entries)
    known = [str(label) for label in given if not _missing(label)]
    twice = sorted({label for label in known if known.count(label) > 1})
    if twice:
        raise ValueError(f"each phase needs a label of its own, but {twice[0]!r} occurs twice")
    used = set(known)
    labels = []
    for label, formula in zip(given, formulas, strict=True):
        name, number = (formula, 1) if _missing(label) else (str(label), 0)
        while number and name in used:
            number += 1
            name = f"{formula}-{number}"
        used.add(name)
        labels.append(name)
    return labels


def _missing(label: Any) -> bool:
    return label is None or (isinstance(label, float) and np.isnan(label))
