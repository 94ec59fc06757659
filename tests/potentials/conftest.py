"""The copper-gold sets that the chapter's tests train on, made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from ase import Atoms

from matlearn.potentials.sampling import cu_au_images


@pytest.fixture(scope="session")
def cu_au() -> Callable[[int], list[Atoms]]:
    """The set of the facts by seed: 130 cells, the first 100 to train on, the last 30 to test."""
    return cache(cu_au_images)


@pytest.fixture(scope="session")
def small_cu_au() -> list[Atoms]:
    """12 cells of 8 atoms, Cu, Cu0.5Au0.5 and Au."""
    return cu_au_images(
        1,
        compositions=(0.0, 0.5, 1.0),
        repeat=(2, 1, 1),
        temperatures=(800.0,),
        snapshots=2,
        disturbed=2,
    )
