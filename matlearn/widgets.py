"""See structures: a viewer, and a scatter plot whose every point is one.

Both need a notebook; elsewhere (a script, a terminal, ``MATLEARN_STATIC=1``) they draw a still
picture of the same instead. ``MATLEARN_STATIC=0`` demands the widget wherever it is called.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ._widgets.explorer import Explorer
    from ._widgets.viewer import Viewer

_NEEDED = ("nglview", "ipywidgets", "plotly", "anywidget")


def interactive() -> bool:
    """Tell whether widgets can run here: in a kernel, with the libraries at hand.

    Returns
    -------
    bool
        What ``MATLEARN_STATIC`` says where it is set: false for ``1``, true for ``0``.

    Examples
    --------
    >>> interactive()  # a plain Python session has no front end
    False
    """
    wish = os.environ.get("MATLEARN_STATIC", "")
    if wish not in ("", "0", "1"):
        raise ValueError(f"MATLEARN_STATIC must be 0, 1 or empty, got {wish!r}")
    if wish == "1" or any(importlib.util.find_spec(name) is None for name in _NEEDED):
        return False
    if wish == "0":
        return True
    ipython = sys.modules.get("IPython")
    return hasattr(ipython.get_ipython(), "kernel") if ipython else False


def view(
    structure: Any, *, supercell: tuple[int, int, int] = (1, 1, 1), height: int = 380
) -> Viewer | Axes:
    """Show a structure, or a series of them, turning in three dimensions.

    Drag to turn it, use the wheel to come closer. Bonds between non-metals are drawn, and what
    they join (an N2 dimer, an azide) is drawn whole, not cut by the walls of the cell.

    Parameters
    ----------
    structure : ase.Atoms, pymatgen Structure, or a list of them
        A list gets a slider (frames of a trajectory, or different structures).
    supercell : tuple of three int
        How often the cell is repeated along each axis; the cell drawn is a single one.
    height : int
        Height of the picture (pixels).

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        A still picture where widgets cannot run; of a list the last one.

    Raises
    ------
    TypeError
        If it is not a structure.
    ValueError
        If there is nothing in it, or `supercell` is not three positive integers.

    Examples
    --------
    >>> from ase.build import bulk
    >>> ax = view(bulk("NaCl", "rocksalt", a=5.64), supercell=(2, 2, 2))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['Na', 'Cl']
    """
    from ._widgets.drawing import as_atoms, check_supercell, draw_structure

    repeats = check_supercell(supercell)
    series = isinstance(structure, (list, tuple))
    images = list(structure) if series else [structure]
    if not images:
        raise ValueError("structure is an empty list")
    images = [
        as_atoms(image, f"structure[{index}]" if series else "structure")
        for index, image in enumerate(images)
    ]
    if not interactive():
        return draw_structure(images[-1], supercell=repeats)
    from ._widgets.viewer import Viewer

    return Viewer(images, supercell=repeats, height=height)


def explore(
    frame: pd.DataFrame,
    x: str,
    y: str,
    color: str | None = None,
    structure: str = "structure",
) -> Explorer | Axes:
    """Plot two columns and show the structure of the point that is clicked.

    Hovering shows the label and the values. The list beside the plot does by keyboard what
    clicking does: it holds the same structures, lowest `y` first.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a structure; a column ``label`` names them, otherwise the index does.
    x, y : str
        Columns of numbers; rows in which either is missing are not drawn.
    color : str, optional
        Column that colours the points: numbers get a scale, anything else a colour a value.
    structure : str
        Column with ASE Atoms or pymatgen Structures.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``figure``, ``selector``, ``viewer`` and ``selected``. Where widgets cannot run, a
        still plot with the structure of the lowest point beside it.

    Raises
    ------
    ValueError
        If a column is not there or not numeric, or no row has finite values.

    Examples
    --------
    >>> import pandas as pd
    >>> from ase.build import bulk
    >>> frame = pd.DataFrame({"label": ["fcc", "hcp"], "volume": [11.8, 11.9], "energy": [0, 0.1],
    ...                       "structure": [bulk("Cu"), bulk("Cu", "hcp", a=2.55)]})
    >>> explore(frame, "volume", "energy").get_xlabel()
    'Volume (Å³)'
    """
    check_columns(frame, numbers=[x, y], others=[structure, *([color] if color else [])])
    if not interactive():
        return _still(frame, x, y, color, structure)
    from ._widgets.explorer import Explorer

    return Explorer(frame, x, y, color=color, structure=structure)


def check_columns(
    frame: pd.DataFrame, *, numbers: Sequence[str], others: Sequence[str] = ()
) -> None:
    """Raise ValueError unless `frame` has the columns, finite numbers in some row of `numbers`.

    Examples
    --------
    >>> import pandas as pd
    >>> check_columns(pd.DataFrame({"volume": [1.0]}), numbers=["energy"])
    Traceback (most recent call last):
    ValueError: frame has no column 'energy'; it has: volume
    """
    for name in [*numbers, *others]:
        if name not in frame.columns:
            there = ", ".join(map(str, frame.columns))
            raise ValueError(f"frame has no column {name!r}; it has: {there}")
    for name in numbers:
        if frame[name].dtype.kind not in "fiu":
            fitting = ", ".join(str(c) for c in frame.columns if frame[c].dtype.kind in "fiu")
            raise ValueError(f"column {name!r} does not hold numbers; these do: {fitting}")
    if not np.isfinite(frame[list(numbers)].to_numpy(dtype=float)).all(axis=1).any():
        raise ValueError(f"frame has no row with finite {' and '.join(numbers)}")


def _still(frame: pd.DataFrame, x: str, y: str, color: str | None, structure: str) -> Axes:
    import matplotlib.pyplot as plt

    from ._widgets.drawing import draw_structure
    from .plotting import MARKERS, PALETTE, axis_label, describe

    figure, (ax, beside) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(3, 2))
    if color is None:
        ax.scatter(frame[x], frame[y], s=20, color=PALETTE[0])
    elif frame[color].dtype.kind in "fiu":
        points = ax.scatter(frame[x], frame[y], s=20, c=frame[color], cmap="cividis")
        figure.colorbar(points, ax=ax, label=axis_label(color))
    else:
        for index, (name, rows) in enumerate(frame.groupby(color, sort=False)):
            paint, marker = PALETTE[index % len(PALETTE)], MARKERS[index % len(MARKERS)]
            ax.scatter(rows[x], rows[y], s=20, color=paint, marker=marker, label=str(name))
        ax.legend()
    ax.set(xlabel=axis_label(x), ylabel=axis_label(y))
    finite = frame[np.isfinite(frame[x]) & np.isfinite(frame[y])]
    lowest = finite.loc[finite[y].idxmin()]
    draw_structure(lowest[structure], ax=beside)
    beside.set_title(f"lowest: {lowest.get('label', lowest.name)}", fontsize=10)
    describe(ax, f"{axis_label(y)} against {axis_label(x)} of {len(finite)} structures.")
    return ax
