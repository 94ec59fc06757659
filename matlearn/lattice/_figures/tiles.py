"""One layer of a lattice as tiles: which sites it holds, and which pixel belongs to which site.

Private: :func:`matlearn.lattice.plots.snapshot` and the live board draw with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

OUTSIDE = -1
"""In an image of tiles: a pixel that belongs to no site of the cell."""

EDGE = -2
"""In an image of tiles: a pixel on the seam between two sites."""


@dataclass(frozen=True)
class Layer:
    """The sites of one lattice plane.

    Attributes
    ----------
    sites : ndarray of int, shape (n,)
        Indices of the atoms in this plane.
    positions : ndarray, shape (n, 2)
        Where they lie in the plane (Å), inside the cell.
    cell : ndarray, shape (2, 2)
        The two shortest translations of the supercell in this plane (Å), one a row.
    index, count : int
        Which plane it is, from the bottom, and how many different ones there are.
    """

    sites: np.ndarray
    positions: np.ndarray
    cell: np.ndarray
    index: int
    count: int

    def tiles(self, width: int = 560) -> tuple[np.ndarray, tuple[float, float, float, float]]:
        """Return the site that each pixel belongs to, and the edges of the picture.

        Every site gets the points of the plane that are nearer to it than to any other: squares
        on a square lattice, hexagons on a triangular one.

        Parameters
        ----------
        width : int
            About how many pixels the longer side gets.

        Returns
        -------
        tiles : ndarray of int, shape (height, width)
            Position in :attr:`sites`, or `OUTSIDE` or `EDGE`; the first row is the top one.
        extent : tuple of four floats
            Left, right, bottom and top edge (Å).
        """
        from scipy.spatial import cKDTree

        grid = np.array([(i, j) for i in (0, 1, -1) for j in (0, 1, -1)])
        images = (grid @ self.cell)[:, None, :] + self.positions  # the cell itself comes first
        tree = cKDTree(images.reshape(-1, 2))
        spacing = float(np.median(tree.query(self.positions, k=2)[0][:, 1]))
        across = max(np.ptp(self.positions, axis=0)) / spacing + 1
        per_site = int(np.clip(np.rint(width / across), 2, 60))
        step = spacing / per_site
        margin = spacing / 2 + step * np.ceil(0.3 * per_site)  # a tile may stand on its corner
        low, high = self.positions.min(axis=0) - margin, self.positions.max(axis=0) + margin
        n_x, n_y = (np.rint((high - low) / step)).astype(int)
        x = low[0] + step * (np.arange(n_x) + 0.5)
        y = low[1] + step * (np.arange(n_y)[::-1] + 0.5)
        points = np.stack(np.meshgrid(x + 1e-6 * spacing, y + 1e-6 * spacing), axis=-1)
        distances, nearest = tree.query(points, k=2)
        tiles = np.where(nearest[..., 0] < len(self.sites), nearest[..., 0], OUTSIDE)
        if per_site >= 10 and across <= 44:  # a seam of even width along every border
            neighbours = tree.data[nearest]
            apart = np.linalg.norm(neighbours[..., 1, :] - neighbours[..., 0, :], axis=-1)
            border = (distances[..., 1] ** 2 - distances[..., 0] ** 2) / (2 * apart)
            seam = border < step * max(1, round(per_site / 20)) / 2
            tiles = np.where(seam & (tiles >= 0), EDGE, tiles)
        rows, columns = (np.flatnonzero((tiles >= 0).any(axis=axis)) for axis in (1, 0))
        tiles = tiles[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        left, right = low[0] + step * np.array([columns[0], columns[-1] + 1])
        bottom, top = low[1] + step * (n_y - np.array([rows[-1] + 1, rows[0]]))
        return tiles, (float(left), float(right), float(bottom), float(top))


def find_layer(atoms: Atoms, plane: Sequence[float] = (0, 0, 1), index: int = 0) -> Layer:
    """Return one of the planes of atoms perpendicular to a direction.

    Parameters
    ----------
    atoms : ase.Atoms
        A supercell of a lattice; it is taken as periodic in all directions.
    plane : sequence of three numbers
        The normal, along the Cartesian axes: for a cubic crystal whose axes are x, y and z these
        are the Miller indices.
    index : int
        Which of the planes, counted from the lowest; a negative one counts from the top.

    Returns
    -------
    Layer

    Raises
    ------
    ValueError
        If `plane` is no direction or no net plane of this supercell, or there is no such layer.

    Examples
    --------
    >>> from ase.build import bulk
    >>> layer = find_layer(bulk("Cu", "fcc", a=3.6, cubic=True).repeat(4))
    >>> len(layer.sites), layer.count
    (32, 8)
    """
    normal = np.asarray(plane, dtype=float)
    if normal.shape != (3,) or not np.isfinite(normal).all() or not normal.any():
        raise ValueError(f"plane must be three numbers that are not all zero, got {plane!r}")
    normal = normal / np.linalg.norm(normal)
    cell = np.asarray(atoms.cell[:], dtype=float)
    rise, cell_2d = _net_plane(cell, normal, plane)
    turns = np.floor((atoms.positions @ normal + 0.05) / (rise @ normal))
    positions = atoms.positions - turns[:, None] * rise  # the planes one period up are the same
    heights = positions @ normal
    order = np.argsort(heights, kind="stable")
    starts = np.flatnonzero(np.diff(heights[order], prepend=-np.inf) > 0.1)
    groups = np.split(order, starts[1:])
    if not -len(groups) <= index < len(groups):
        raise ValueError(f"layer must be from 0 to {len(groups) - 1}, got {index}")
    sites = np.sort(groups[index])
    flat = _flatten(cell_2d, normal)
    cell_flat = cell_2d @ flat.T
    fractions = np.linalg.solve(cell_flat.T, flat @ positions[sites].T).T
    fractions = np.mod(fractions + 1e-6, 1.0) - 1e-6
    return Layer(sites, fractions @ cell_flat, cell_flat, index % len(groups), len(groups))


def _net_plane(
    cell: np.ndarray, normal: np.ndarray, plane: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """The translation to the next plane of the kind, and the two shortest ones inside a plane."""
    rises = cell @ normal
    vectors = cell.copy()
    for _ in range(64):  # Euclid's algorithm on the rises, the vectors going along
        large, small = np.argsort(-np.abs(rises))[:2]
        if abs(rises[small]) < 1e-4 * abs(rises[large]):
            break
        factor = np.rint(rises[large] / rises[small])
        rises[large] -= factor * rises[small]
        vectors[large] -= factor * vectors[small]
    last = int(np.argmax(np.abs(rises)))
    if abs(rises[last]) < 0.3:  # Å: no two planes of atoms are so near
        raise ValueError(
            f"plane {tuple(plane)} is no net plane of this supercell: it does not repeat along "
            "its normal; give the normal along the Cartesian axes, for example (0, 0, 1)"
        )
    first, second = np.delete(vectors, last, axis=0)
    while True:  # Gauss: shorten the longer by the shorter
        if np.linalg.norm(first) > np.linalg.norm(second):
            first, second = second, first
        shorter = second - np.rint(first @ second / (first @ first)) * first
        if np.linalg.norm(shorter) > np.linalg.norm(second) - 1e-9:
            break
        second = shorter
    return vectors[last] * np.sign(rises[last]), np.array([first, second])


def _flatten(cell: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Two axes in the plane, the first along a translation, as near to x as there is one."""
    directions = cell / np.linalg.norm(cell, axis=1)[:, None]
    chosen = directions[int(np.argmax(np.abs(directions[:, 0]) - 1e-6 * np.arange(2)))]
    across = chosen * (-1.0 if chosen[0] < -1e-9 else 1.0)
    return np.array([across, np.cross(normal, across)])
