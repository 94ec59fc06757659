"""What the fit explorer lets choose from, and what it shows where it cannot run. Private."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from ase import Atoms
    from matplotlib.axes import Axes

_SHELLS = (8, 4, 2)  # of pairs, triplets, quadruplets


def cutoff_choices(
    frame: pd.DataFrame, wish: Sequence[Sequence[float]] | None
) -> list[list[float]]:
    """Return the cut-offs to choose from, an ascending list for each order, 0 for none.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its ``attrs`` say on which lattice the structures are.
    wish : sequence of sequences of float or None
        Choices given; None: midway between the shells of neighbours.
    """
    if wish is None:
        if "primitive" not in frame.attrs:
            raise ValueError(
                "cutoffs is needed: frame.attrs holds no 'primitive' cell to count shells on; "
                "give the choices for pairs, triplets, ..., for example [[4.0, 5.0], [0, 4.0]]"
            )
        shells = shell_cutoffs(
            frame.attrs["primitive"], frame.attrs.get("chemical_symbols"), max(_SHELLS)
        )
        return [shells[: _SHELLS[0]], *([0.0, *shells[:count]] for count in _SHELLS[1:])]
    choices = [sorted({float(c) for c in values}) for values in wish]
    if not choices or len(choices) > 4 or not all(choices):
        raise ValueError(f"cutoffs must be one to four lists that are not empty, got {wish!r}")
    if choices[0][0] <= 0 or any(values[0] < 0 for values in choices):
        raise ValueError(f"cutoffs of pairs must be positive, others 0 or positive, got {wish!r}")
    return choices


def shell_cutoffs(primitive: Atoms, symbols: Any, count: int) -> list[float]:
    """Return cut-offs midway between the first shells of neighbours of the active sites (Å)."""
    from ase.neighborlist import neighbor_list

    lists = symbols or [["A", "B"]] * len(primitive)
    active = np.array([len(names) > 1 for names in lists])
    spacing = (primitive.cell.volume / len(primitive)) ** (1 / 3)
    reach = 2.0 * spacing
    while True:
        i, j, distances = neighbor_list("ijd", primitive, reach)
        found = np.unique(np.round(distances[active[i] & active[j]], 3))
        found = found[np.diff(found, prepend=-1.0) > 0.01]
        if len(found) > count:
            return [round(float(c), 2) for c in (found[:-1] + found[1:])[:count] / 2]
        reach *= 1.3


def still(
    frame: pd.DataFrame, choices: list[list[float]], method: str, options: dict[str, Any]
) -> Axes:
    """Fit with the pairs that the explorer begins with, and draw the fit."""
    import matplotlib.pyplot as plt
    import pandas as pd

    from matlearn.lattice._figures.overview import fit_overview
    from matlearn.lattice.fitting import fit_cluster_expansion

    pairs = choices[0][len(choices[0]) // 2]
    fit = fit_cluster_expansion(frame, [pairs], method=method, **options)
    names = ("method", "n_parameters", "rmse_train", "rmse_validation")
    visited = pd.DataFrame([{name: getattr(fit, name) for name in names}])
    return fit_overview(plt.figure(figsize=(11.0, 8.2)), frame, fit, visited)
