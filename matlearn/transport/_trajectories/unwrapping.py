"""Paths of atoms across the borders of a periodic cell."""

from __future__ import annotations

import numpy as np

FURTHEST = 0.4
"""Fraction of the cell that an atom may move between two frames and still be followed."""
SPREAD = 1.2
"""Wrapped atoms lie within about one cell; some codes wrap only now and then."""


def unwrap(
    positions: np.ndarray, cells: np.ndarray, pbc: np.ndarray, mode: bool | str
) -> np.ndarray:
    """Undo jumps from one side of the cell to the other.

    Parameters
    ----------
    positions
        (frames, atoms, 3) in A.
    cells
        (frames, 3, 3) in A; they may change.
    pbc
        (3,) bool: jumps are undone along periodic axes alone.
    mode
        True: always; False: never; ``"auto"``: not where atoms lie in many cells already.

    Returns
    -------
    numpy.ndarray
        (frames, atoms, 3) in A, a new array.

    Raises
    ------
    ValueError
        Where frames are so far apart that the way between them cannot be told.
    """
    positions = np.array(positions, dtype=float)
    if mode is False or len(positions) < 2:
        return positions
    if not pbc.any():
        _check_no_jumps(positions)
        return positions
    _check_cells(cells, pbc)
    scaled = positions @ np.linalg.inv(_filled(cells))
    steps = np.diff(scaled, axis=0)
    turns = np.rint(steps)
    turns[..., ~pbc] = 0.0
    if not turns.any():
        return positions
    left = np.abs(steps - turns)
    left[..., ~pbc] = 0.0
    if left.max() > FURTHEST:
        flat = scaled.reshape(-1, 3)
        if mode == "auto" and (np.ptp(flat, axis=0)[pbc] > SPREAD).any():
            return positions  # nobody wraps atoms into several cells: they are where they went
        frame, atom, axis = np.unravel_index(left.argmax(), left.shape)
        raise ValueError(
            f"frames are too far apart to be unwrapped: atom {atom} moves by {left.max():.2f} of "
            f"the cell along {'abc'[axis]} between frames {frame} and {frame + 1}, and beyond "
            f"{FURTHEST:g} nobody can tell which way it went: record more often, take a larger "
            "cell, or pass unwrap=False if the positions are unwrapped already"
        )
    positions[1:] -= np.cumsum(turns, axis=0) @ cells[1:]
    return positions


def _filled(cells: np.ndarray) -> np.ndarray:
    """Give missing cell vectors (of axes that are not periodic) a direction of their own."""
    missing = ~np.asarray(cells).any(axis=2)
    if not missing.any():
        return np.ascontiguousarray(cells)
    from ase.cell import Cell

    return np.stack([Cell(cell).complete().array for cell in cells])


def _check_cells(cells: np.ndarray, pbc: np.ndarray) -> None:
    lengths = np.linalg.norm(cells, axis=2)
    for axis in np.flatnonzero(pbc):
        if (lengths[:, axis] < 1e-9).any():
            raise ValueError(
                f"positions are periodic along {'abc'[axis]}, but there is no cell to unwrap them "
                "by: give the cell of the simulation, or set pbc to False if nothing repeats"
            )
    if (np.abs(np.linalg.det(_filled(cells))) < 1e-9).any():
        raise ValueError("the cell has no volume: its vectors lie in a plane")


def _check_no_jumps(positions: np.ndarray) -> None:
    """Wrapped coordinates without a cell show themselves by jumps that no neighbour makes."""
    moved = np.linalg.norm(np.diff(positions, axis=0), axis=2)
    if moved.max() > max(4.0, 5 * float(np.median(moved))):
        frame, atom = np.unravel_index(moved.argmax(), moved.shape)
        raise ValueError(
            f"atom {atom} jumps by {moved.max():.1f} A between frames {frame} and {frame + 1}: "
            "these look like wrapped coordinates, and there is no periodic cell to unwrap them by; "
            "give the cell (and pbc=True), or pass unwrap=False if the atom really went there"
        )
