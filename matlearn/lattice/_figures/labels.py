"""How columns are called on an axis of this chapter, and in what unit they are drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.units import kB

from matlearn.plotting import axis_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MODEL = {
    "energy": ("Energy (J)", 1.0),
    "energy_per_atom": ("Energy (J/site)", 1.0),
    "free_energy": ("Free energy (J/site)", 1.0),
    "temperature": ("Temperature (J/k$_B$)", 1.0),
}
_ALLOY = {
    "energy": ("Energy (eV)", 1.0),
    "energy_per_atom": ("Energy (meV/atom)", 1000.0),
    "mixing_energy": ("Mixing energy (meV/atom)", 1000.0),
    "free_energy": ("Free energy (meV/atom)", 1000.0),
    "temperature": ("Temperature (K)", 1.0),
}
_BOTH = {
    "sweep": ("Sweeps", 1.0),
    "acceptance": ("Accepted (%)", 100.0),
    "heat_capacity": ("Heat capacity (k$_B$/site)", 1.0),
    "magnetization": ("Magnetisation", 1.0),
    "magnetisation": ("Magnetisation", 1.0),
    "abs_magnetization": ("Magnetisation, absolute", 1.0),
    "order_parameter": ("Order parameter", 1.0),
    "long_range_order": ("Long-range order", 1.0),
    "susceptibility": ("Susceptibility", 1.0),
    "binder": ("Binder cumulant", 1.0),
    "binder_cumulant": ("Binder cumulant", 1.0),
}


def column_label(column: str, *, model: bool = False) -> tuple[str, float]:
    """Return an axis label, and what the column's values are to be multiplied with.

    Parameters
    ----------
    column : str
        Name of a column.
    model : bool
        Energies in units of J and temperatures of J/kB, instead of eV and K.

    Examples
    --------
    >>> column_label("energy_per_atom"), column_label("concentration_Au")
    (('Energy (meV/atom)', 1000.0), ('Fraction of Au', 1.0))
    >>> column_label("sro_Cu_Au_1")
    ('Short-range order Cu-Au, shell 1', 1.0)
    """
    known = _BOTH | (_MODEL if model else _ALLOY)
    if column in known:
        return known[column]
    if match := re.fullmatch(r"concentration_([A-Z][a-z]?)", column):
        return ("Fraction of vacancies" if match[1] == "X" else f"Fraction of {match[1]}"), 1.0
    if match := re.fullmatch(r"sro_([A-Z][a-z]?)_([A-Z][a-z]?)_(\d+)", column):
        return f"Short-range order {match[1]}-{match[2]}, shell {match[3]}", 1.0
    label = axis_label(column)
    return label[:1].upper() + label[1:], 1.0


def is_model(data: Any, frame: pd.DataFrame | None = None) -> bool:
    """Tell whether a result is of a model with energies in units of J.

    What it carries decides: an attribute ``boltzmann_constant``, or the frame's ``attrs``; an
    alloy (eV and K) where there is neither.
    """
    constant = getattr(data, "boltzmann_constant", None)
    if constant is None and frame is not None:
        constant = frame.attrs.get("boltzmann_constant")
    return constant is not None and abs(float(constant) / kB - 1) > 0.01


def as_frame(data: Any, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table of a result, and see to it that it has some columns.

    Parameters
    ----------
    data : pandas.DataFrame or a result with ``to_frame``
        What is to be drawn.
    name : str
        Name of the argument, for the message.
    columns : sequence of str
        Columns that must be there.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If a column is missing or there is no row.
    """
    import pandas as pd

    frame = data.to_frame() if hasattr(data, "to_frame") else data
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"{name} must be a frame or a result with to_frame(), got {type(data).__name__}"
        )
    for column in columns:
        if column not in frame.columns:
            there = ", ".join(map(str, frame.columns))
            raise ValueError(f"{name} has no column {column!r}; it has: {there}")
    if not len(frame):
        raise ValueError(f"{name} has no rows")
    return frame


def formula_label(text: str) -> str:
    """Return a name with its numbers as subscripts where it is a formula.

    Examples
    --------
    >>> formula_label("Cu3Au"), formula_label("chain-7")
    ('Cu$_{3}$Au', 'chain-7')
    """
    if re.fullmatch(r"(?:[A-Z][a-z]?\d*)+", text):
        return re.sub(r"(\d+)", r"$_{\1}$", text)
    return text


def name_lines(ax: Axes, names: dict[str, tuple[float, float, str]]) -> None:
    """Write names beside the right ends of lines, in their colours, apart from each other.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where; its limits must be set.
    names : dict of str to tuple
        Right end (x, y) and colour of each line.
    """
    if not names:
        return
    low, high = ax.get_ylim()
    gap = 0.06 * (high - low)
    ordered = sorted(names, key=lambda name: names[name][1])
    heights = np.array([names[name][1] for name in ordered], dtype=float)
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + gap)
    heights -= max(0.0, heights[-1] - high)
    for name, height in zip(ordered, heights, strict=True):
        x, _, color = names[name]
        ax.annotate(
            name, (x, height), xytext=(8, 0), textcoords="offset points", va="center",
            color=color, fontsize=12, annotation_clip=False,
        )  # fmt: skip
