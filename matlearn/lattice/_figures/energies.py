"""Free energies of one phase or of several, and where they cross."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

from .labels import as_frame, column_label, is_model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def free_energy(
    energies: Any,
    *,
    relative_to: str | None = None,
    exact: Any = None,
    model: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw free energies along their path, with errors, and where two phases change places.

    Parameters
    ----------
    energies : FreeEnergy, pandas.DataFrame, or dict of them
        What :func:`matlearn.lattice.free_energy` returns: ``temperature`` and ``free_energy`` (eV
        a site), with ``error`` if known; of several phases each has its name and a colour.
    relative_to : str, optional
        Name of the phase from which the others are counted; the differences between phases are
        far smaller than the free energies themselves.
    exact : callable, optional
        Free energy (same unit) of an array of temperatures, drawn as a line.
    model : bool, optional
        Energies in J and temperatures in J/kB; by default the Boltzmann constant decides.
    title : str, optional
        Written above the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If it is none of these, a column is missing, or `relative_to` is none of the names.

    Examples
    --------
    >>> import pandas as pd
    >>> ordered = pd.DataFrame({"temperature": [300, 600], "free_energy": [-0.012, -0.013]})
    >>> random = pd.DataFrame({"temperature": [300, 600], "free_energy": [-0.010, -0.016]})
    >>> ax = free_energy({"ordered": ordered, "random": random}, relative_to="ordered")
    >>> ax.get_ylabel()
    'Free energy above ordered (meV/atom)'
    """
    several = dict(energies) if isinstance(energies, Mapping) else {"": energies}
    frames = {
        str(name): as_frame(one, "energies", ["temperature", "free_energy"]).sort_values(
            "temperature"
        )
        for name, one in several.items()
    }
    if not frames:
        raise ValueError("energies is empty")
    if relative_to is not None and relative_to not in frames:
        raise ValueError(f"relative_to must be one of {', '.join(frames)}, got {relative_to!r}")
    if model is None:
        model = any(is_model(one, frames[str(name)]) for name, one in several.items())
    label, factor = column_label("free_energy", model=model)
    if relative_to is not None:
        label = label.replace("energy", f"energy above {relative_to}")
    ax = new_axes(ax)
    if exact is not None:
        ends = [t for frame in frames.values() for t in frame["temperature"]]
        line = np.linspace(min(ends), max(ends), 400)
        ax.plot(line, factor * exact(line), color="0.35", linewidth=1.6, label="exact", zorder=1)
    for index, (name, frame) in enumerate(frames.items()):
        values = frame["free_energy"].to_numpy()
        if relative_to is not None:
            base = frames[relative_to]
            values = values - np.interp(
                frame["temperature"], base["temperature"], base["free_energy"], np.nan, np.nan
            )
        ax.errorbar(
            frame["temperature"], factor * values,
            yerr=factor * frame["error"] if "error" in frame else None, capsize=2.5, linewidth=1.4,
            color=PALETTE[index % len(PALETTE)], marker=MARKERS[index % len(MARKERS)],
            markeredgecolor="white", markersize=7, label=name or ("simulated" if exact is not None else None),
            linestyle="none" if exact is not None else "-",
        )  # fmt: skip
    crossings = _crossings(frames)
    for where, _, _ in crossings:
        ax.axvline(where, color="0.4", linestyle="--", linewidth=1.2, zorder=0)
        ax.annotate(
            f"{where:.4g}", (where, 1), xycoords=("data", "axes fraction"), xytext=(4, -4),
            textcoords="offset points", va="top", fontsize=11, color="0.3",
        )  # fmt: skip
    ax.set(xlabel=column_label("temperature", model=model)[0], ylabel=label)
    ax.set_title(title or "")
    if len(frames) > 1 or exact is not None:
        ax.legend()
    said = "; ".join(f"{a} and {b} cross at {t:.4g}" for t, a, b in crossings)
    names = ", ".join(name for name in frames if name)
    describe(
        ax, f"{label} against temperature{' of ' + names if names else ''}"
        f"{': ' + said if said else ''}."
    )  # fmt: skip
    return ax


def _crossings(frames: Mapping[str, pd.DataFrame]) -> list[tuple[float, str, str]]:
    """Temperatures at which two phases have the same free energy, by straight lines."""
    found = []
    names = list(frames)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            a, b = frames[one], frames[other]
            line = np.union1d(a["temperature"], b["temperature"])
            difference = np.interp(
                line, a["temperature"], a["free_energy"], np.nan, np.nan
            ) - np.interp(line, b["temperature"], b["free_energy"], np.nan, np.nan)
            for i in np.flatnonzero(difference[:-1] * difference[1:] < 0):
                share = difference[i] / (difference[i] - difference[i + 1])
                found.append((float(line[i] + share * (line[i + 1] - line[i])), one, other))
    return found
