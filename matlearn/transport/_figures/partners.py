"""How many ions have left their partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import labelled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bond_partners(results: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how many ions have another partner than at the start of their run: 0 in a crystal.

    Parameters
    ----------
    results : BondPartners, a list of them, or a dict of them by name
        From :func:`matlearn.transport.bond_partners`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or there is none.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.transport import Trajectory, bond_partners as partners
    >>> still = Trajectory.from_atoms([bulk("NaCl", "rocksalt", a=5.6, cubic=True)] * 3, time_step=1)
    >>> bond_partners(partners(still, "Cl", "Na")).get_xlabel()
    'Time (ps)'
    """
    from matplotlib.ticker import MaxNLocator

    found = labelled(results, _name, "results", needs=("changed", "first_change", "times"))
    ax = new_axes(ax)
    said, top = [], 1
    for index, (name, one) in enumerate(found):
        color = PALETTE[index % len(PALETTE)]
        style = ("-", "--", ":")[index // len(PALETTE) % 3]
        ax.step(one.times, one.changed, where="post", color=color, linestyle=style, label=name)
        top = max(top, int(one.changed.max()))
        late = one.first_change
        kept = f"from {late:.4g} ps on" if late is not None else "never"
        said.append(f"{name}: {kept}, {int(one.changed[-1])} at the end")
    species = sorted({one.species for _, one in found})
    ax.set(xlabel="Time (ps)", ylabel=f"{' and '.join(species)} with another partner")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(-0.03 * top, 1.1 * top)
    ax.legend(fontsize=10)
    describe(
        ax,
        "Number of ions whose nearest partner is another than at the start, against time. "
        + "; ".join(said)
        + ".",
    )
    return ax


def _name(result: Any) -> str:
    at = f" at {result.temperature:.0f} K" if getattr(result, "temperature", None) else ""
    return f"{result.species}{at}"
