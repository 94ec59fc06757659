"""Frequencies along lines through reciprocal space, of one potential or of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.densities import sideways
from matlearn.phonons._figures.words import DASHES, labelled, special_point
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.phonons.force_constants import BandStructure

_NEEDS = ("frequencies", "distances", "labels", "lines")
IMAGINARY = -0.05
"""Frequencies (THz) below this are no noise."""


def bands(
    results: Any,
    *,
    dos: Any = None,
    experiment: Mapping[str, Mapping[str, Any]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw phonon bands, of several potentials over each other.

    Cells of another size are stretched to the path of the first: points of the same name lie over
    each other. Where polar modes split, each line ends at its own limit.

    Parameters
    ----------
    results : BandStructure or ForceConstants, a list of them, or a dict of them by name
        From `ForceConstants.bands`; of force constants ASE's own path is taken.
    dos : DensityOfStates, a list of them, or a dict of them by name, optional
        Drawn beside the bands with the same axis of frequency; a dict with the names of
        `results` has their colours.
    experiment : dict of dicts, optional
        By name, and then by special point: measured frequencies (THz).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        Of the bands.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, the paths differ, or `experiment` names a point that is not there.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True), order=2,
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> ax = bands(constants.bands("GXKGL", points=11))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['Γ', 'X', 'K', 'Γ', 'L']
    """
    found = [
        (name, one.bands() if callable(getattr(one, "bands", None)) else one)
        for name, one in labelled(results, "results", needs=("primitive",))
    ]
    labelled([one for _, one in found], "results", needs=_NEEDS)
    first: BandStructure = found[0][1]
    beside = None
    if dos is not None:
        if ax is not None:
            raise ValueError("dos has no place beside given axes: leave out ax or dos")
        import matplotlib.pyplot as plt

        _, (ax, beside) = plt.subplots(1, 2, figsize=(9.4, 4.8), width_ratios=(4, 1), sharey=True)
    ax = new_axes(ax, size=(7.6, 4.8))
    said = []
    for index, (name, one) in enumerate(found):
        color, dash = PALETTE[index % len(PALETTE)], DASHES[index % len(DASHES)]
        way, values = _pieces(one, _matched(one, first, name))
        drawn = ax.plot(
            way, values, color=color, linestyle=dash, linewidth=1.8, zorder=2.5 + index / 10
        )
        drawn[0].set_label(name or "_none")
        said.append(f"{name}: {_words(one)}" if name else _words(one))
    _mark_points(ax, first)
    said += _measured(ax, first, experiment, len(found))
    _frequency_axis(ax, [one.frequencies for _, one in found])
    if ax.get_legend_handles_labels()[1]:
        ax.legend(fontsize=10.5)
    path = "-".join(special_point(name) for _, name in first.labels)
    describe(ax, f"Phonon bands along {path}. " + "; ".join(said) + ".")
    if beside is not None:
        sideways(dos, beside, [name for name, _ in found])
    return ax


def _matched(one: BandStructure, first: BandStructure, name: str) -> np.ndarray:
    """Return the way of a band structure, stretched line by line to that of the first."""
    names = [label for _, label in one.labels]
    wanted = [label for _, label in first.labels]
    if names != wanted or len(one.starts) != len(first.starts):
        raise ValueError(
            f"results must be along the same path, got {'-'.join(wanted)} and {'-'.join(names)}"
            f"{f' of {name}' if name else ''}: name it, such as .bands('GXKGL')"
        )
    way = np.array(one.distances, dtype=float)
    for mine, theirs in zip(one.lines, first.lines, strict=True):
        begin, end = first.distances[theirs][[0, -1]]
        own = one.distances[mine]
        way[mine] = begin + (own - own[0]) * (end - begin) / (own[-1] - own[0])
    return way


def _pieces(one: BandStructure, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return way and frequencies with a gap between lines."""
    parts: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for line in one.lines:
        parts += [way[line], np.array([np.nan])]
        values += [one.frequencies[line], np.full((1, one.frequencies.shape[1]), np.nan)]
    return np.concatenate(parts[:-1]), np.concatenate(values[:-1])


def _mark_points(ax: Axes, first: BandStructure) -> None:
    places = [place for place, _ in first.labels]
    ax.set_xticks(places, [special_point(name) for _, name in first.labels])
    close = np.diff(places).min() < 0.045 * np.ptp(places)
    if close:  # neighbours would touch each other
        for tick in ax.get_xticklabels():
            tick.set_fontsize(10.5)
    for place in places:
        ax.axvline(place, color="0.65", linewidth=0.9, zorder=0)
    ax.grid(axis="x", visible=False)
    ax.set_xlim(places[0], places[-1])


def _frequency_axis(ax: Axes, frequencies: list[np.ndarray]) -> None:
    low = min(float(one.min()) for one in frequencies)
    high = max(float(one.max()) for one in frequencies)
    ax.set(xlabel="Wave vector", ylabel="Frequency (THz)")
    if low < IMAGINARY:
        bottom = low - 0.06 * (high - low)
        ax.set_ylim(bottom, high + 0.05 * (high - low))
        ax.axhspan(bottom, 0, color=PALETTE[5], alpha=0.1, linewidth=0, zorder=0)
        ax.text(0.01, 0.01, "imaginary", transform=ax.transAxes, color="#8a3c00", fontsize=11)
        ax.axhline(0, color="0.3", linewidth=1, zorder=1)
    else:
        ax.set_ylim(0, 1.05 * high)


def _measured(ax: Axes, first: BandStructure, experiment: Any, used: int) -> list[str]:
    """Draw measured frequencies at the special points."""
    said = []
    for index, (name, points) in enumerate((experiment or {}).items()):
        x: list[float] = []
        y: list[float] = []
        for label, values in points.items():
            places = [place for place, known in first.labels if label in known.split("|")]
            if not places:
                there = ", ".join(dict.fromkeys(known for _, known in first.labels))
                raise ValueError(f"experiment[{name!r}] names {label!r}; the path has {there}")
            for place in places:
                x += [place] * np.size(values)
                y += np.atleast_1d(np.asarray(values, dtype=float)).tolist()
        ax.plot(
            x, y, linestyle="none", marker=MARKERS[(index + 3) % len(MARKERS)], markersize=8,
            color=PALETTE[(used + index) % len(PALETTE)], markerfacecolor="white",
            markeredgewidth=1.8, label=name, zorder=6, clip_on=False,
        )  # fmt: skip
        said.append(f"{name}: measured at {', '.join(map(special_point, points))}")
    return said


def _words(one: BandStructure) -> str:
    """Say what a band structure looks like."""
    low, high = float(one.frequencies.min()), float(one.frequencies.max())
    text = f"{one.frequencies.shape[1]} bands up to {high:.2f} THz"
    if low < IMAGINARY:
        row, _ = np.unravel_index(int(one.frequencies.argmin()), one.frequencies.shape)
        near = min(one.labels, key=lambda label: abs(label[0] - one.distances[row]))[1]
        return f"{text}, imaginary down to {low:.2f} THz near {special_point(near)}"
    split = _splitting(one)
    return text + (f", at Γ split into {split[0]:.2f} and {split[1]:.2f} THz" if split else "")


def _splitting(one: BandStructure) -> tuple[float, float] | None:
    """Return transversal and longitudinal optical frequencies at Gamma, of a diatomic crystal."""
    rows = np.flatnonzero(np.abs(one.qpoints).max(axis=1) < 1e-9)
    if not one.nac or one.frequencies.shape[1] != 6 or not len(rows):
        return None
    optical = one.frequencies[rows[0], 3:]
    return float(optical[0]), float(optical[-1])
