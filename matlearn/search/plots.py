"""The figures of a structure search: energy against volume, histograms, the convex hull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, axis_label, describe, new_axes
from matlearn.widgets import check_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from .hull import Hull

    Sets: TypeAlias = pd.DataFrame | Mapping[str, pd.DataFrame]

KINDS_SHOWN = 5  # more colours than these cannot be told apart


def as_sets(sets: Sets) -> dict[str, pd.DataFrame]:
    """Return named frames: a single frame becomes the only set, without a name.

    Raises
    ------
    TypeError, ValueError
        If it is no frame and no mapping to frames, there is none, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> as_sets({"run1": pd.DataFrame()})
    Traceback (most recent call last):
    ValueError: set 'run1': frame has no column 'energy_per_atom'; it has:
    """
    import pandas as pd

    if isinstance(sets, pd.DataFrame):
        sets = {"": sets}
    if not isinstance(sets, Mapping) or not all(
        isinstance(frame, pd.DataFrame) for frame in sets.values()
    ):
        raise TypeError(f"sets must be a frame or a dict of frames, got {type(sets).__name__}")
    if not sets:
        raise ValueError("sets is empty")
    for name, frame in sets.items():
        try:
            check_columns(frame, numbers=["energy_per_atom", "volume_per_atom"])
        except ValueError as error:
            raise ValueError(f"set {name!r}: {error}" if name else str(error)) from None
    return {str(name): frame for name, frame in sets.items()}


def relative_energy(frame: pd.DataFrame) -> pd.Series:
    """Return the energy above the lowest of the same frame (meV/atom).

    Only such differences can be compared between sets: the zero of energy is another one for
    every set of pseudopotentials and for every machine-learned potential.

    Examples
    --------
    >>> import pandas as pd
    >>> relative_energy(pd.DataFrame({"energy_per_atom": [-2.0, -1.99]})).round(3).tolist()
    [0.0, 10.0]
    """
    energy = frame["energy_per_atom"]
    return (1000 * (energy - energy.min())).rename("relative_energy")


def energy_volume(
    sets: Sets,
    *,
    by: str | None = None,
    limit: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw energy above the lowest against volume, one point a structure.

    Parameters
    ----------
    sets : pandas.DataFrame or dict of them
        Frames of :func:`matlearn.search.read_results`; each of several sets is measured from its
        own lowest energy and has a colour.
    by : str, optional
        Column that colours the points of a single set, its five most frequent values each and the
        rest together; ``"motif"`` is computed if it is missing.
    limit : float, optional
        Draw only what lies at most this far above the lowest (meV/atom).
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a column is missing, or `by` is given for several sets.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"energy_per_atom": [-6.5, -6.4], "volume_per_atom": [10.0, 13.0]})
    >>> energy_volume({"PBE": frame}).get_ylabel()
    'Energy above the lowest (meV/atom)'
    """
    frames = as_sets(sets)
    if by is not None and len(frames) > 1:
        raise ValueError(f"by works on a single set, got {len(frames)}: {', '.join(frames)}")
    ax = new_axes(ax)
    groups: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        shown = frame.assign(relative_energy=relative_energy(frame))
        shown = shown[np.isfinite(shown["relative_energy"]) & np.isfinite(shown["volume_per_atom"])]
        if limit is not None:
            shown = shown[shown["relative_energy"] <= limit]
        if by is None:
            groups[name] = shown
            continue
        keys = column_or_motif(shown, by)
        kinds = keys.value_counts().index
        for key in kinds[:KINDS_SHOWN]:
            groups[str(key)] = shown[keys == key]
        if len(kinds) > KINDS_SHOWN:
            rest = shown[~keys.isin(kinds[:KINDS_SHOWN])]
            groups[f"{len(kinds) - KINDS_SHOWN} other kinds"] = rest
    for index, (name, frame) in enumerate(groups.items()):
        ax.scatter(
            frame["volume_per_atom"], frame["relative_energy"], s=26, alpha=0.75,
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)],
            edgecolor="white", linewidth=0.4, label=f"{name} ({len(frame)})" if name else None,
        )  # fmt: skip
    ax.set(xlabel=axis_label("volume_per_atom"), ylabel=axis_label("relative_energy"))
    ax.set_title(title or "")
    if list(groups) != [""]:
        ax.legend(markerscale=1.3)
    lowest = [
        f"{name or 'the set'}: {len(frame)} structures, the lowest at "
        f"{frame.loc[frame['relative_energy'].idxmin(), 'volume_per_atom']:.1f} Å³/atom"
        for name, frame in groups.items()
        if len(frame)
    ]
    describe(ax, f"Energy above the lowest against volume per atom. {'; '.join(lowest)}.")
    return ax


def column_or_motif(frame: pd.DataFrame, by: str) -> pd.Series:
    """Return a column as text; ``"motif"`` is computed from the structures where it is missing."""
    if by == "motif" and "motif" not in frame.columns:
        from .units import motif

        check_columns(frame, numbers=[], others=["structure"])
        return frame["structure"].map(motif).rename("motif")
    check_columns(frame, numbers=[], others=[by])
    return frame[by].astype(str)


def energy_histogram(
    sets: Sets,
    *,
    bin_width: float = 10.0,
    limit: float | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many structures a search found at which energy above its lowest.

    Parameters
    ----------
    sets : pandas.DataFrame or dict of them
        Frames of :func:`matlearn.search.read_results`.
    bin_width : float
        Width of a bin (meV/atom).
    limit : float, optional
        Right end of the axis (meV/atom); everything is drawn where it is left out.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `bin_width` or `limit` is not positive or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"energy_per_atom": [-6.5, -6.4], "volume_per_atom": [10.0, 13.0]})
    >>> energy_histogram({"PBE": frame}, limit=200).get_ylabel()
    'Structures in 10 meV/atom'
    """
    if bin_width <= 0 or (limit is not None and limit <= 0):
        raise ValueError(f"bin_width and limit must be positive, got {bin_width} and {limit}")
    energies = {name: relative_energy(frame).dropna() for name, frame in as_sets(sets).items()}
    ax = new_axes(ax)
    end = limit or max(values.max() for values in energies.values())
    bins = np.arange(0, end + bin_width * 1.001, bin_width).tolist()
    for index, (name, values) in enumerate(energies.items()):
        ax.hist(
            values, bins=bins, histtype="stepfilled" if index == 0 else "step",
            color=PALETTE[index % len(PALETTE)], alpha=0.45 if index == 0 else 1.0, linewidth=2.2,
            linestyle=("-", "-", "--", ":")[index % 4],
            label=f"{name} ({len(values)})" if name else None,
        )  # fmt: skip
    ax.set(xlabel=axis_label("relative_energy"), ylabel=f"Structures in {bin_width:g} meV/atom")
    ax.set_xlim(0, end)
    ax.set_title(title or "")
    if list(energies) != [""]:
        ax.legend()
    medians = "; ".join(f"{name or 'median'} {np.median(v):.0f}" for name, v in energies.items())
    describe(ax, f"Histogram of energies above the lowest. Medians in meV/atom: {medians}.")
    return ax


def convex_hull(
    hull: Hull | Mapping[str, Hull],
    *,
    labels: bool = True,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a convex hull of two or three elements, or several over each other.

    Parameters
    ----------
    hull : Hull or dict of them
        What :func:`matlearn.search.convex_hull` returns; all of the same elements.
    labels : bool
        Write the name of every phase beside its point.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Two elements: formation energy against composition. Three: the triangle, with the
        formation energy as colour.

    Raises
    ------
    ValueError
        If there are not two or three elements, or the hulls are of different elements.
    """
    from ._hull_axes import draw_hulls

    hulls = dict(hull) if isinstance(hull, Mapping) else {"": hull}
    if not hulls:
        raise ValueError("hull is empty")
    elements = [tuple(one.elements) for one in hulls.values()]
    if len(set(elements)) > 1:
        raise ValueError(f"the hulls are of different elements: {sorted(set(elements))}")
    if len(elements[0]) not in (2, 3):
        raise ValueError(
            f"a hull of two or three elements can be drawn, got {len(elements[0])}: "
            f"{', '.join(elements[0])}; use hull.to_frame()"
        )
    ax = draw_hulls(hulls, labels=labels, ax=ax)
    ax.set_title(title or "", pad=48 if len(hulls) > 1 else None)  # above the legend of several
    return ax
