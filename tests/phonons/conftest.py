"""Crystals and data sets that the tests of phonons share."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk

from matlearn import datasets, phonons


@pytest.fixture
def aluminium() -> Atoms:
    """The cubic cell of aluminium as effective-medium theory has it."""
    return bulk("Al", a=3.9943, cubic=True)


@pytest.fixture(scope="session")
def differences():
    """Force constants of aluminium by finite differences."""
    cell = bulk("Al", a=3.9943, cubic=True)
    return phonons.force_constants("emt", cell=cell, supercell=(2, 2, 2), workers=1, progress=False)


@pytest.fixture(scope="session")
def nacl(published_mirror: str):
    """The published forces of sodium chloride."""
    return datasets.load("nacl-phono3py")


@pytest.fixture(scope="session")
def salt(nacl):
    """Its force constants, by the joint fit to all supercells."""
    return phonons.force_constants(nacl, method="symfc")
