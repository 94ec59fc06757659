"""The hull of a run, with everything that was looked at on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.potentials._hulls.result import LearnedHull


def hull(result: LearnedHull, *, ax: Axes | None = None) -> Axes:
    """Draw the candidates by the first potential, and the hull by the reference.

    Parameters
    ----------
    result
        Of two elements.
    ax
        Where to draw; a new figure where it is left out.

    Raises
    ------
    ValueError
        If there are more than two elements.
    """
    frame = result.to_frame()
    shares = [name for name in frame if name.startswith("x_")]
    if len(shares) != 2:
        raise ValueError(
            f"a hull of two elements can be drawn, this one has {len(shares)}: use to_frame()"
        )
    x, element = shares[1], shares[1][2:]
    ax = new_axes(ax)
    lattices = frame["lattice"].fillna("candidates")
    for index, lattice in enumerate(dict.fromkeys(lattices)):
        mine = frame[lattices == lattice]
        ax.plot(mine[x], 1000 * mine["formation_1"], MARKERS[index % len(MARKERS)], alpha=0.55,
                color=PALETTE[index % len(PALETTE)], markersize=5, markeredgewidth=0,
                label=f"from {lattice}" if lattice != "candidates" else lattice)  # fmt: skip
    final = frame[frame["formation_energy"].notna()]
    ax.plot(final[x], 1000 * final["formation_energy"], "o", color="0.1", markersize=10,
            markerfacecolor="none", markeredgewidth=1.3, label="relaxed by the reference")  # fmt: skip
    stable = final[final["stable"]].sort_values(x)
    ax.plot(stable[x], 1000 * stable["formation_energy"], color="0.1", linewidth=1.5, zorder=1,
            label="its hull")  # fmt: skip
    for _, row in stable.iterrows():
        ax.annotate(
            re.sub(r"(\d+)", r"$_{\1}$", str(row["label"]).split("-")[-1]),
            (row[x], 1000 * row["formation_energy"]), xytext=(0, -12), ha="center", va="top",
            textcoords="offset points", fontsize=12,
        )  # fmt: skip
    ax.axhline(0, color="0.4", linewidth=0.8, zorder=0)
    ax.set(xlabel=f"Fraction of {element}", ylabel="Formation energy (meV/atom)")
    ax.margins(x=0.06, y=0.14)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=11)
    names = ", ".join(stable["label"])
    describe(
        ax, f"Formation energy against the fraction of {element}: {len(frame)} candidates by the "
        f"potential, {len(final)} relaxed by the reference. On the hull of the reference: {names}."
    )  # fmt: skip
    return ax
