"""What a node knows of its element, and an edge of its two: radii and masses."""

from __future__ import annotations

import functools

import numpy as np

from matlearn.regression._features.elements import PROPERTIES, properties

NODE_PROPERTIES = (
    "AtomicWeight", "CovalentRadius", "Electronegativity", "Column", "Row", "MendeleevNumber",
    "NsValence", "NpValence", "NdValence", "NfValence", "NsUnfilled", "NpUnfilled", "NdUnfilled",
    "GSvolume_pa", "MeltingT",
)  # fmt: skip
"""Magpie's names of the properties that describe an element; of the weight, the logarithm."""


@functools.cache
def node_table() -> np.ndarray:
    """Properties of the elements, shape (119, 15), by atomic number; mean 0, standard deviation 1.

    The means are over the elements, not over a training set, so that a network may meet an
    element that it was not trained on. Row 0 belongs to no element. Not to be changed.
    """
    columns = [list(PROPERTIES).index(name) for name in NODE_PROPERTIES]
    known = properties(True)[:, columns].copy()
    known[:, 0] = np.log(known[:, 0])
    scaled = (known - known.mean(axis=0)) / known.std(axis=0)
    table = np.vstack([np.zeros(len(columns)), scaled]).astype(np.float32)
    table.flags.writeable = False
    return table


@functools.cache
def radii_and_masses() -> tuple[np.ndarray, np.ndarray]:
    """Covalent radii (A) and masses (u), by atomic number; row 0 is of no element."""
    names = list(PROPERTIES)
    known = properties(True)
    radii = known[:, names.index("CovalentRadius")] / 100.0
    masses = known[:, names.index("AtomicWeight")]
    return np.append(1.0, radii), np.append(1.0, masses)
