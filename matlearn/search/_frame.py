"""The table of structures that the whole chapter shares, and how structures become its rows."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ase import Atoms, units
from ase.calculators.calculator import PropertyNotImplementedError

from matlearn._structures import as_atoms

from ._formula import reduced_formula

COLUMNS = (
    "label",
    "formula",
    "formula_units",
    "n_atoms",
    "energy",
    "energy_per_atom",
    "volume",
    "volume_per_atom",
    "pressure",
    "space_group",
    "structure",
)
_TYPES: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, object),
    **dict.fromkeys(COLUMNS[2:4], int),
    **dict.fromkeys(COLUMNS[4:9], float),
}


def frame_from_atoms(
    images: Iterable[Atoms],
    *,
    labels: Sequence[str] | None = None,
    extra: Sequence[str] = (),
    symprec: float | None = 0.1,
) -> pd.DataFrame:
    """Put structures into the same columns that `read_results` gives.

    Parameters
    ----------
    images : iterable of ase.Atoms or pymatgen Structure
        Energies come from their calculators (nothing is computed anew) or ``info["energy"]``;
        NaN where there is none.
    labels : sequence of str, optional
        One a structure; otherwise ``info["label"]``, else the formula with a running number.
    extra : sequence of str
        Keys of ``info`` that become columns of their own.
    symprec : float or None
        Tolerance in angstrom with which spglib finds the space group where
        ``info["space_group"]`` does not say it. None leaves it empty.

    Returns
    -------
    DataFrame
        See `read_results`. ``pressure`` is ``info["pressure"]`` in GPa, else minus a third of
        the trace of the stress, else NaN.

    Raises
    ------
    ValueError
        If there are not as many labels as structures.
    TypeError
        If something in `images` is no structure.

    Examples
    --------
    >>> from ase.build import bulk
    >>> frame_from_atoms([bulk("Cu")])[["label", "space_group", "volume"]].round(2)
             label space_group  volume
    0  Cu-0000       Fm-3m   11.76
    """
    images = _all_atoms(images)
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"labels must be as many as structures: {len(labels)} for {len(images)}")
    rows = []
    for i, atoms in enumerate(images):
        formula, formula_units = reduced_formula(atoms.numbers) if len(atoms) else ("", 0)
        label = labels[i] if labels is not None else atoms.info.get("label")
        energy = known_property(atoms, "energy")
        row = {
            "label": str(label) if label is not None else f"{formula}-{i:04d}",
            "formula": formula,
            "formula_units": formula_units,
            "n_atoms": len(atoms),
            "energy": np.nan if energy is None else float(energy),
            "volume": abs(atoms.cell.volume) if atoms.cell.rank == 3 else np.nan,
            "pressure": _pressure(atoms),
            "space_group": _space_group(atoms, symprec),
            "structure": atoms,
        }
        rows.append(row | {key: atoms.info.get(key) for key in extra})
    return finish_frame(pd.DataFrame(rows, columns=[*COLUMNS, *extra]))


def check_frame(frame: Any, name: str, needed: Sequence[str]) -> None:
    """Raise TypeError where something is no DataFrame, ValueError where it lacks a column."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame, got {type(frame).__name__}")
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise ValueError(
            f"{name} has no column {missing[0]!r}; it has {', '.join(map(str, frame)) or 'none'}"
        )


def _all_atoms(images: Any) -> list[Atoms]:
    if isinstance(images, Atoms) or not isinstance(images, Iterable):
        raise TypeError(f"images must be a list of ASE Atoms, got {type(images).__name__}")
    return [as_atoms(one, f"images[{i}]") for i, one in enumerate(images)]


def finish_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Set the columns' types and fill in what follows per atom."""
    for column, kind in _TYPES.items():
        if frame[column].dtype != kind:
            frame[column] = frame[column].astype(kind)
    frame["energy_per_atom"] = frame["energy"] / frame["n_atoms"].where(frame["n_atoms"] > 0)
    frame["volume_per_atom"] = frame["volume"] / frame["n_atoms"].where(frame["n_atoms"] > 0)
    return frame


def known_property(atoms: Atoms, what: str) -> Any:
    """Return a property that the structure remembers, without computing anything."""
    value = atoms.info.get("energy") if what == "energy" else None
    if atoms.calc is not None:
        with contextlib.suppress(PropertyNotImplementedError):
            known = atoms.calc.get_property(what, atoms, allow_calculation=False)
            value = value if known is None else known
    return value


def _pressure(atoms: Atoms) -> float:
    if "pressure" in atoms.info:
        return float(atoms.info["pressure"])
    stress = known_property(atoms, "stress")
    return np.nan if stress is None else float(-np.mean(np.ravel(stress)[:3]) / units.GPa)


def _space_group(atoms: Atoms, symprec: float | None) -> str:
    given = atoms.info.get("space_group")
    if isinstance(given, str):
        return given
    if symprec is None or len(atoms) == 0 or atoms.cell.rank < 3:
        return ""
    import spglib

    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            found = spglib.get_spacegroup(cell, symprec=symprec)
        except spglib.SpglibError:
            found = None
    return "" if found is None else found.split()[0]
