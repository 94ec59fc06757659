"""Forces of two methods against each other, and how far force constants reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.phonons._figures.words import labelled
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes, parity

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def forces(reference: Any, prediction: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the forces on displaced supercells by one method against those by another.

    Parameters
    ----------
    reference, prediction : ForceSet
        Of the same displacements.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If these are no forces, or of other displacements.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> moved = phonons.random_displacements(cell, (1, 1, 1), count=2)
    >>> found = phonons.force_set(moved, "emt", workers=1, progress=False)
    >>> forces(found, found).get_xlabel()
    'Reference force component (meV/Å)'
    """
    for name, one in (("reference", reference), ("prediction", prediction)):
        if not hasattr(one, "forces") or not hasattr(one, "displacements"):
            raise TypeError(f"{name} must be a ForceSet, got {type(one).__name__}")
    ways = [np.asarray(one.displacements.displacements) for one in (reference, prediction)]
    if ways[0].shape != ways[1].shape or np.abs(ways[0] - ways[1]).max() > 1e-5:
        raise ValueError(
            f"reference and prediction must be of the same displacements, got {reference!r} and "
            f"{prediction!r}: force_set(reference.displacements, calculator) computes them"
        )
    symbols = np.array(reference.displacements.supercell.get_chemical_symbols())
    names = np.broadcast_to(symbols[None, :, None], np.shape(reference.forces))
    several = len(set(symbols.tolist())) > 1
    return parity(
        1000 * np.asarray(reference.forces), 1000 * np.asarray(prediction.forces),
        label="force component", unit="meV/Å", groups=names.ravel().tolist() if several else None, ax=ax,
    )  # fmt: skip


def decay(results: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how strongly two atoms are coupled, against their distance.

    What is left at the largest distance says whether the supercell is large enough. Atoms at its
    border (open markers) are equally far from several images of another: each image counts with
    an equal part of what they share.

    Parameters
    ----------
    results : ForceConstants, a list of them, or a dict of them by name
        From `matlearn.phonons.force_constants`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If these are no force constants.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> constants = phonons.force_constants("emt", cell=bulk("Al", a=3.9943, cubic=True), order=2,
    ...                                     supercell=(2, 2, 2), workers=1, progress=False)
    >>> decay(constants).get_xlabel()
    'Distance (Å)'
    """
    found = labelled(
        results, "results", needs=("fc2", "harmonic_model"), name=lambda one: str(one.method)
    )
    ax = new_axes(ax)
    said = []
    for index, (name, one) in enumerate(found):
        distances, norms, alone = _couplings(one)
        size = 42 * 1.8 ** (len(found) - 1 - index)  # what is below looks out
        look: dict[str, Any] = {"s": size, "marker": MARKERS[index % len(MARKERS)]}
        color = PALETTE[index % len(PALETTE)]
        ax.scatter(
            distances[alone], norms[alone], color=color, label=name, zorder=3 + index, **look
        )
        ax.scatter(
            distances[~alone], norms[~alone], facecolor="white", edgecolor=color, linewidth=1.6,
            zorder=3 + index, **look,
        )  # fmt: skip
        near, far = norms[distances.argmin()], norms[distances > distances.max() - 1e-3].max()
        said.append(
            f"{name}: {near:.3g} eV/Å² at {distances.min():.2f} Å, {far:.2g} at "
            f"{distances.max():.2f} Å"
        )
    ax.set(xlabel="Distance (Å)", ylabel="Force constant, norm (eV/Å²)", yscale="log")
    ax.legend(fontsize=11)
    describe(ax, "Coupling of two atoms against their distance. " + "; ".join(said) + ".")
    return ax


def _couplings(one: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return distance (A), norm (eV/A2) of an image, and whether there is only one, of all pairs."""
    atoms = one.harmonic_supercell
    cell = atoms.cell.array
    steps = np.array(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij")).reshape(3, -1).T @ cell
    rows = []
    for constants, own in zip(one.fc2, one.harmonic_model.primitive.p2s_map, strict=True):
        between = atoms.get_scaled_positions() - atoms.get_scaled_positions()[own]
        inside = (between - np.round(between)) @ cell
        lengths = np.linalg.norm(inside[:, None] + steps[None], axis=2)
        nearest = lengths.min(axis=1)
        images = (lengths < nearest[:, None] + 1e-3).sum(axis=1)
        table = np.stack([nearest, np.linalg.norm(constants, axis=(1, 2)) / images, images], axis=1)
        rows.append(np.delete(table, own, axis=0))
    distances, norms, images = np.concatenate(rows).T
    kept = norms > 1e-6 * norms.max()
    return distances[kept], norms[kept], images[kept] == 1
