"""Crystals and data sets that the tests of phonons share."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk

from matlearn import datasets


@pytest.fixture
def aluminium() -> Atoms:
    """The cubic cell of aluminium as effective-medium theory has it."""
    return bulk("Al", a=3.9943, cubic=True)


@pytest.fixture(scope="session")
def nacl(published_mirror: str):
    """The published forces of sodium chloride."""
    return datasets.load("nacl-phono3py")
