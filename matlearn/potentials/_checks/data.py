"""What several checks load or read."""

from __future__ import annotations

import functools
from typing import Any

from ase import Atoms


@functools.cache
def learned() -> Any:
    """Load the run that learned lithium on the fly."""
    from matlearn import datasets

    return datasets.load("lithium-learning", progress=False)


@functools.cache
def unseen() -> list[Atoms]:
    """Load the structures of lithium by PBE, those of up to 16 atoms."""
    from matlearn import datasets

    return [atoms for atoms in datasets.load("lithium-pbe", progress=False) if len(atoms) <= 16]


def of_kind(kind: str) -> list[Atoms]:
    """Choose the structures of one kind."""
    return [atoms for atoms in unseen() if atoms.info["kind"] == kind]
