"""A path through configurations as a curve: its length, its direction, its energy between images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.geometry import find_mic
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def unwrapped(images: Sequence[Atoms]) -> Floats:
    """Positions of all images, each the shortest way on from the one before (images, atoms, 3), A."""
    positions = [np.array(images[0].positions)]
    for image in images[1:]:
        step = find_mic(image.positions - positions[-1], image.cell, image.pbc)[0]
        positions.append(positions[-1] + step)
    return np.array(positions)


def lengths(positions: Floats) -> Floats:
    """Length of the path up to each image (A), in the space of all coordinates."""
    steps = np.linalg.norm(np.diff(positions, axis=0), axis=(1, 2))
    return np.concatenate([[0.0], np.cumsum(steps)])


def tangents(positions: Floats, coordinate: Floats) -> Floats:
    """Direction of the path at each image, of length one, from a cubic spline (as `positions`)."""
    from scipy.interpolate import CubicSpline

    if len(coordinate) < 3 or np.diff(coordinate).min() <= 0:
        directions = np.gradient(positions, axis=0)
    else:
        directions = CubicSpline(coordinate, positions)(coordinate, 1)
    sizes = np.linalg.norm(directions, axis=(1, 2), keepdims=True)
    return np.asarray(directions / np.where(sizes > 0, sizes, 1.0))


def hermite(coordinate: Floats, energies: Floats, along: Floats, at: Floats) -> Floats:
    """Energy between images (eV): cubics with the energies and forces of the images at their ends.

    G. Henkelman and H. Jonsson, J. Chem. Phys. 113, 9978 (2000), appendix.
    """
    from scipy.interpolate import CubicHermiteSpline

    if np.diff(coordinate).min() <= 0:
        return np.interp(at, coordinate, energies)
    return np.asarray(CubicHermiteSpline(coordinate, energies, -along)(at))
