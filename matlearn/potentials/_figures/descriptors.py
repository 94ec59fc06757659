"""A neighbourhood, its moments, and what is left of them when all indices are contracted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms

from matlearn.plotting import PALETTE, describe
from matlearn.potentials._kernels.moments import mix, radial
from matlearn.potentials._mtp.packing import pack

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from matlearn.potentials.moment_tensors import MTP

SIZE = (12.5, 4.4)
"""Of the page, inch."""
COMPONENTS = ("x", "y", "z", "xx", "yy", "zz", "yz", "xz", "xy")
_VOIGT = ((0, 1, 2, 1, 0, 0), (0, 1, 2, 2, 2, 1))


def neighbourhood(mtp: MTP, before: Atoms, now: Atoms, *, centre: int = 0) -> Axes:
    """Draw a cluster, what its moments became when it was changed, and its basis functions.

    Parameters
    ----------
    mtp
        A potential with parameters.
    before, now
        The cluster before and after: turned, renumbered, or with other positions.
    centre
        Number of the atom whose neighbourhood is looked at, in both.

    Returns
    -------
    matplotlib.axes.Axes
        Of the picture of the atoms; the figure has two more.

    Examples
    --------
    >>> from ase import Atoms
    >>> from matlearn.potentials import MTP
    >>> potential = MTP(4, ["Cu"], min_distance=2.0)
    >>> potential.parameters = [1.0] * potential.n_parameters
    >>> cluster = Atoms("Cu3", [[0, 0, 0], [2.5, 0, 0], [0, 2.7, 0]])
    >>> neighbourhood(potential, cluster, cluster).get_xlabel()
    'x (Å)'
    """
    import matplotlib.pyplot as plt

    return invariants_page(plt.figure(figsize=SIZE), mtp, before, now, centre)


def first_moments(mtp: MTP, atoms: Atoms, centre: int = 0) -> np.ndarray:
    """Give vector and matrix of the first radial function, in the order of `COMPONENTS`.

    Levels 2 and 4 have neither in their basis; their first radial function makes them just so.
    """
    pairs, model = pack(atoms, mtp._numbers, mtp.cutoff), mtp.model()
    mine = slice(pairs.first[centre], pairs.first[centre + 1])
    vectors, size = np.ascontiguousarray(pairs.vectors[mine]), mtp.radial_functions
    units, lengths = np.empty((3, len(vectors))), np.empty(len(vectors))
    q, f = np.empty((size, len(vectors))), np.empty((mtp._shape[2], len(vectors)))
    radial(vectors, model, units, lengths, q, np.empty_like(q))
    kinds = pairs.kinds[pairs.neighbours[mine]]
    mix(model.radial_coeffs[pairs.kinds[centre]], kinds, q, f)
    matrix = np.einsum("j,aj,bj->ab", f[0], units, units)
    return np.concatenate([units @ f[0], matrix[_VOIGT]])


def relative_scalars(mtp: MTP, before: Atoms, now: Atoms, centre: int = 0) -> np.ndarray:
    """Give the basis functions of an atom over what they were (a zero stays what it is)."""
    old, new = (mtp.descriptors(atoms)[centre] for atoms in (before, now))
    size = np.abs(old).max()
    return new / np.where(np.abs(old) > 1e-9 * size, old, 1.0)


def invariants_page(
    figure: Figure, mtp: MTP, before: Atoms, now: Atoms, centre: int = 0, title: str = ""
) -> Axes:
    """Draw on an empty figure the neighbourhood, its moments and its basis functions."""
    place, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 1.25, 1.25))
    _draw_atoms(place, mtp, now, centre)
    old, new = (first_moments(mtp, atoms, centre) for atoms in (before, now))
    spots = np.arange(len(COMPONENTS))
    middle.bar(spots, old, width=0.8, facecolor="none", edgecolor="0.45", label="before")
    middle.bar(spots, new, width=0.5, color=PALETTE[0], label="now")
    middle.axvline(2.5, color="0.6", linewidth=1, linestyle=":")
    middle.axhline(0, color="0.3", linewidth=1)
    middle.set_xticks(spots, COMPONENTS)
    middle.set(title="Vector and matrix", ylabel="Component of the moment")
    middle.legend(fontsize=10)
    ratio = relative_scalars(mtp, before, now, centre)
    numbers = np.arange(1, len(ratio) + 1)
    right.plot(numbers, ratio, "o", color=PALETTE[5], markersize=7)
    right.axhline(1, color="0.45", linewidth=1)
    span = max(0.25, 1.15 * np.abs(ratio - 1).max())
    right.set(title="Basis functions", xlabel="Number", ylabel="Now over before")
    right.set_ylim(1 - span, 1 + span)
    change = float(np.abs(ratio - 1).max())
    describe(
        place,
        f"{title or 'A neighbourhood'}: components of its vector and matrix moments change by up "
        f"to {np.abs(new - old).max():.2g}, its {len(ratio)} basis functions by a fraction of "
        f"{change:.1g} at most.",
    )
    return place


def _draw_atoms(ax: Axes, mtp: MTP, atoms: Atoms, centre: int) -> None:
    positions = atoms.positions - atoms.positions[centre]
    depth = np.argsort(positions[:, 2])
    for k in depth:
        x, y, z = positions[k]
        paint = PALETTE[list(mtp.species).index(atoms.symbols[k]) % len(PALETTE)]
        ax.plot([0, x], [0, y], color="0.7", linewidth=1, zorder=1 + z)
        ax.scatter(
            x, y, s=260 + 40 * z, color=paint, edgecolor="black", linewidth=0.8, zorder=20 + z
        )
        text = "white" if paint != PALETTE[1] else "black"
        ax.text(x, y, str(k), ha="center", va="center", fontsize=10, color=text, zorder=20.01 + z)
    for name in dict.fromkeys(atoms.symbols):
        paint = PALETTE[list(mtp.species).index(name) % len(PALETTE)]
        ax.scatter([], [], s=80, color=paint, edgecolor="black", label=name)
    reach = 1.15 * np.abs(positions).max()
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="x (Å)")
    ax.set(ylabel="y (Å)", title="Atoms and their numbers")
    ax.legend(loc="upper left", fontsize=10)
