"""How the forces on other atoms change when one atom moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NOTHING = 1e-10
"""Changes (eV/A) below this are rounding, and not drawn."""


def force_response(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame], *, ax: Axes | None = None
) -> Axes:
    """Draw changes of forces against the distance from the atom that was moved.

    Parameters
    ----------
    tables
        What `matlearn.potentials.force_response` returns; several by name.
    ax
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"distance": [2.5, 3.6], "change": [0.1, 0.01]})
    >>> force_response(table).get_yscale()
    'log'
    """
    named: Mapping[str, Any] = tables if isinstance(tables, Mapping) else {"": tables}
    ax = new_axes(ax)
    said = []
    for number, (name, table) in enumerate(named.items()):
        felt = table[table["change"] > NOTHING]
        ax.plot(
            felt["distance"], felt["change"], linestyle="none", alpha=0.7,
            marker=MARKERS[number % len(MARKERS)], color=PALETTE[number % len(PALETTE)],
            label=name or None,
        )  # fmt: skip
        furthest = felt["distance"].max() if len(felt) else np.nan
        said.append(
            f"{name} up to {felt['change'].max():.2g} eV/Å, and nothing beyond {furthest:.1f} Å".strip()
        )
    ax.set_yscale("log")
    ax.set(xlabel="Distance from the atom that was moved (Å)", ylabel="Change of the force (eV/Å)")
    if any(named):
        ax.legend()
    describe(ax, "Change of the force on an atom against its distance: " + "; ".join(said) + ".")
    return ax
