"""Steps of random walks, arrays only."""

from __future__ import annotations

from itertools import product

import numpy as np


def directions(lattice: str, axes: str, anisotropy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give unit vectors to the neighbours on a lattice, each followed by its reverse, and how
    often each is taken."""
    columns = ["xyz".index(axis) for axis in axes]
    if lattice == "cubic":
        half = np.eye(len(axes))
        share = anisotropy
    elif lattice == "triangular":
        angles = np.arange(3) * np.pi / 3
        half, share = np.c_[np.cos(angles), np.sin(angles)], np.ones(3)
    elif lattice == "bcc":
        half = np.array([(1, *rest) for rest in product((1, -1), repeat=2)]) / np.sqrt(3)
        share = np.ones(4)
    else:
        pairs = [(1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1)]
        half, share = np.array(pairs) / np.sqrt(2), np.ones(6)
    vectors = np.zeros((2 * len(half), 3))
    vectors[::2][:, columns] = half
    vectors[1::2] = -vectors[::2]
    return vectors, np.repeat(share / share.sum() / 2, 2)


def hops(
    rng: np.random.Generator,
    shape: tuple[int, int],
    vectors: np.ndarray,
    shares: np.ndarray,
    probability: float,
    backward: float,
) -> np.ndarray:
    """Draw hops, shape (steps, ions, 3); one that goes back reverses the hop before it."""
    drawn = rng.choice(len(vectors), size=shape, p=shares)
    hop = rng.random(shape) < probability
    if backward > 0:
        fresh = hop & (rng.random(shape) >= backward)
        made = np.cumsum(hop, axis=0)
        last = np.where(fresh, np.arange(shape[0])[:, None], 0)
        np.maximum.accumulate(last, axis=0, out=last)
        odd = (made - np.take_along_axis(made, last, axis=0)) % 2
        drawn = np.take_along_axis(drawn, last, axis=0) ^ odd
    return vectors[drawn] * hop[..., None]
