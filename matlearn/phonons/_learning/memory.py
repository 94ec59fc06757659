"""How much memory a fit takes, and how much there is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

GROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use."""


@dataclass(frozen=True, repr=False)
class MemoryEstimate:
    """What a fit will need, before it starts."""

    kind: str
    """Of potential."""
    parameters: int
    """Coefficients to fit."""
    equations: int
    """Bytes of the normal equations and of their copies."""
    rows: int
    """Bytes of the largest table of features or derivatives held at once."""
    available: int
    """Bytes at hand on this machine now."""

    @property
    def peak(self) -> int:
        """Bytes needed at the most."""
        return self.equations + self.rows

    @property
    def fits(self) -> bool:
        """Whether there is as much."""
        return self.peak <= self.available

    def __repr__(self) -> str:
        return (
            f"MemoryEstimate({self.kind}, {self.parameters:,} coefficients, {self.peak / 1e9:.2g} "
            f"GB of {self.available / 1e9:.2g} GB at hand)"
        )


def available_memory() -> int:
    """Give the memory (bytes) that this process may still take, in a container as well."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        most = (GROUP / "memory.max").read_text().strip()
        if most != "max":
            free = min(free, int(most) - int((GROUP / "memory.current").read_text()))
    except (OSError, ValueError):
        pass
    return max(free, 0)


def of_polynomial(parameters: int, supercells: tuple[int, int], atoms: int) -> MemoryEstimate:
    """Estimate the memory of pypolymlp's regression.

    It holds the features of as many supercells as fit (a row for the energy, six for the stress,
    three for each atom), the normal equations of training and test set, and a copy to solve them.
    """
    row = 7 + 3 * atoms
    return MemoryEstimate(
        "polynomial",
        parameters,
        3 * 8 * parameters**2,
        8 * parameters * row * int(np.max(supercells)),
        available_memory(),
    )


def of_mtp(parameters: int, atoms: int) -> MemoryEstimate:
    """Estimate the memory of a moment tensor potential's least squares, one supercell at a time."""
    return MemoryEstimate(
        "mtp",
        parameters,
        4 * 8 * parameters**2,
        3 * 8 * parameters * (7 + 3 * atoms),
        available_memory(),
    )
