"""Figures of extrapolation grades: on a structure, and beside true errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.potentials.uncertainty import IndicatorComparison

Floats = NDArray[np.float64]

BANDS: tuple[tuple[float, str, str], ...] = (
    (1.0, "≤ 1", "#56B4E9"),
    (2.0, "1–2", "#F0E442"),
    (10.0, "2–10", "#E69F00"),
    (np.inf, "> 10", "#D55E00"),
)
"""Upper limit, name and colour of each range of grades."""

_WRITTEN = 2.0  # grades above are written on their atoms
_VIEW = "-80x,-20y,8z"


def band_of(grades: Any) -> NDArray[np.int64]:
    """Say in which of `BANDS` each grade lies; one of 1 that rounding raised counts as 1.

    Examples
    --------
    >>> band_of([0.2, 1.0005, 1.5, 7.0, 300.0]).tolist()
    [0, 0, 1, 2, 3]
    """
    limits = [BANDS[0][0] + 1e-3, *(limit for limit, _, _ in BANDS[1:-1])]
    return np.searchsorted(limits, np.asarray(grades, dtype=float), side="left").astype(int)


def checked_grades(atoms: Atoms, grades: Any) -> Floats:
    """Return a grade for each atom, or say what is wrong with them."""
    if not isinstance(atoms, Atoms):
        raise TypeError(f"image must be ASE Atoms, got {type(atoms).__name__}")
    values = np.asarray(grades, dtype=float)
    if values.shape != (len(atoms),):
        raise ValueError(
            f"grades must be a number for each of {len(atoms)} atoms (ActiveSet.per_atom gives "
            f"them), got shape {values.shape}"
        )
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("grades must be finite and not negative")
    return values


def structure_by_grade(image: Atoms, grades: Any, *, ax: Axes | None = None) -> Axes:
    """Draw a structure, each atom coloured by its extrapolation grade.

    Parameters
    ----------
    image : ase.Atoms
        The structure.
    grades : array_like, shape (n_atoms,)
        From :meth:`matlearn.potentials.ActiveSet.per_atom`. Those above 2 are written on the
        atoms, unless an atom in front hides them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is not a finite grade for each atom.

    Examples
    --------
    >>> from ase.build import bulk
    >>> ax = structure_by_grade(bulk("Cu", cubic=True), [0.3, 0.5, 2.5, 40.0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['≤ 1 (2)', '2–10 (1)', '> 10 (1)']
    """
    from ase.data import covalent_radii
    from ase.utils import rotate
    from matplotlib.patches import Circle

    from matlearn._widgets.drawing import cell_edges

    values = checked_grades(image, grades)
    bands = band_of(values)
    ax = new_axes(ax, size=(6.0, 5.0))
    turn = rotate(_VIEW)
    places = image.positions @ turn
    radii = 0.75 * covalent_radii[image.numbers]
    for start, end in cell_edges(image):
        ends = np.array([start, end]) @ turn
        ax.plot(ends[:, 0], ends[:, 1], color="0.6", linewidth=0.8, zorder=0)
    for depth, index in enumerate(np.argsort(places[:, 2]), start=1):
        (x, y, _), radius = places[index], radii[index]
        ax.add_patch(Circle(
            (x, y), radius, facecolor=BANDS[bands[index]][2], edgecolor="0.25", linewidth=0.8,
            zorder=depth,
        ))  # fmt: skip
        nearer = places[:, 2] > places[index, 2]
        apart = np.hypot(places[nearer, 0] - x, places[nearer, 1] - y)
        if values[index] > _WRITTEN and (apart > radii[nearer] + 0.3 * radius).all():
            ax.text(x, y, _short(values[index]), fontsize=10, ha="center", va="center",
                    zorder=depth + 0.5)  # fmt: skip
    counts = np.bincount(bands, minlength=len(BANDS))
    for (_, name, color), count in zip(BANDS, counts, strict=True):
        if count:
            ax.scatter([], [], s=120, color=color, edgecolor="0.25", label=f"{name} ({count})")
    ax.set_aspect("equal")
    ax.autoscale_view()
    ax.set_axis_off()
    ax.legend(title="grade (atoms)", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    named = ", ".join(
        f"{count} with a grade {name}"
        for (_, name, _), count in zip(BANDS, counts, strict=True)
        if count
    )
    describe(ax, f"{image.get_chemical_formula()} by extrapolation grade, atoms: {named}; "
                 f"the largest is {values.max():.3g}.")  # fmt: skip
    return ax


def _short(grade: float) -> str:
    if grade < 10:
        return f"{grade:.1f}"
    return f"{grade:.0f}" if grade < 9999.5 else f"{grade:.0e}".replace("e+0", "e")


def retention(comparison: IndicatorComparison, *, ax: Axes | None = None) -> Axes:
    """Draw the error of what is kept against the fraction that is kept, for each indicator."""
    ax = new_axes(ax)
    total = float(np.sqrt(np.mean(comparison.error**2)))
    for k, name in enumerate(comparison.indicators):
        curve = comparison.retention(name)
        curve = curve.iloc[min(len(curve) - 1, max(2, len(curve) // 50)) :]  # of fewer it is chance
        ax.plot(
            curve["kept"], curve["error"], color=PALETTE[k % len(PALETTE)], label=name,
            marker=MARKERS[k % len(MARKERS)], markevery=max(len(curve) // 8, 1),
        )  # fmt: skip
    best = comparison.retention("error")
    ax.plot(best["kept"], best["error"], color="0.3", linestyle=":", label="errors known")
    ax.axhline(total, color="0.3", linestyle="--", linewidth=1.2, label="by chance")
    ax.set(
        xlabel=f"Fraction of {comparison.per}s kept", ylabel="RMS force error of the kept (eV/Å)",
        xlim=(0, 1), ylim=(0, None),
    )  # fmt: skip
    ax.legend(fontsize=10)
    rows = comparison.to_frame()["retention"]
    each = ", ".join(f"{name} {value:.2f}" for name, value in rows.items())
    describe(ax, f"Error of what is kept if the most suspicious {comparison.per}s are dropped; "
                 f"share of the possible gain: {each}.")  # fmt: skip
    return ax


def error_against(
    indicator: Sequence[float] | Floats,
    error: Sequence[float] | Floats,
    name: str,
    per: str = "atom",
    *,
    groups: Sequence[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw true errors against an indicator, both logarithmic, with medians of equal parts.

    Parameters
    ----------
    indicator, error : array_like, shape (n,)
        What warns, and the true error of the force (eV/A).
    name : str
        What the indicator is called.
    per : str
        What a point is.
    groups : sequence, shape (n,), optional
        A name for each point; each group has a colour and a marker.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.
    """
    x, y = np.asarray(indicator, dtype=float), np.asarray(error, dtype=float)
    ax = new_axes(ax, size=(6.0, 4.6))
    names = np.full(len(x), f"one {per}") if groups is None else np.asarray(groups, dtype=str)
    if len(names) != len(x):
        raise ValueError(f"groups must name each of {len(x)} points, got {len(names)}")
    size, alpha = (14, 0.4) if len(x) > 500 else (26, 0.85)
    for k, group in enumerate(dict.fromkeys(names)):
        here = names == group
        ax.scatter(
            x[here], y[here], s=size, alpha=alpha, linewidth=0, label=str(group),
            color=PALETTE[k % len(PALETTE)], marker=MARKERS[k % len(MARKERS)],
        )  # fmt: skip
    parts = np.array_split(np.argsort(x, kind="stable"), min(8, len(x)))
    ax.plot(
        [np.median(x[part]) for part in parts], [np.median(y[part]) for part in parts],
        color="0.2", marker="s", markersize=5, label="medians of equal parts",
    )  # fmt: skip
    if name.startswith("grade"):
        ax.axvline(1.0, color="0.3", linestyle="--", linewidth=1.2, label="grade 1")
    units = {"committee": "spread of the committee's forces (eV/Å)"}
    ax.set(
        xscale="log", yscale="log", xlabel=units.get(name, name).capitalize(),
        ylabel="True force error (eV/Å)",
    )  # fmt: skip
    ax.legend(fontsize=10)
    first, last = (np.median(y[parts[k]]) for k in (0, -1))
    describe(ax, f"True force error of {len(x)} {per}s against {name}: the median rises from "
                 f"{first:.2g} eV/Å in the lowest part to {last:.2g} in the highest.")  # fmt: skip
    return ax
