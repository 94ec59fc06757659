"""What a Monte Carlo run writes down, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.lattice._kernels.metropolis import Records
    from matlearn.lattice.monte_carlo import MonteCarlo

OWN = ("sweep", "energy", "energy_per_atom", "acceptance")
"""Columns of every run, beside concentrations."""


class Recording:
    """The records of one run; each is there as soon as it is made."""

    def __init__(
        self,
        symbols: list[str],
        sublattices: Sequence[tuple[tuple[int, ...], NDArray[np.int64]]],
        observers: Sequence[Any] | Callable[..., Any],
    ) -> None:
        self.observers = checked(observers)
        self._columns = {*OWN, *(f"concentration_{symbol}" for symbol in symbols)}
        self._symbols = symbols
        self._sublattices = sublattices
        self._blocks: list[tuple[NDArray[Any], ...]] = []
        self._observed: list[dict[str, float]] = []

    def add(self, noted: Records, simulation: MonteCarlo, record_every: int) -> None:
        """Add the records that a kernel made, the last of them now."""
        measured = observed(self.observers, simulation, self._columns)
        ends = simulation.sweeps - record_every * np.arange(len(noted.energy))[::-1]
        share = noted.accepted / (record_every * simulation.n_active)
        if self.observers:
            self._observed.append(measured)
        self._blocks.append((ends, noted.energy, share, noted.counts))

    def concentrations(self, counts: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Turn counts (n_records, n_sublattices, n_species) into concentrations by symbol."""
        found = {}
        for symbol in self._symbols:
            atoms, sites = np.zeros(len(counts)), 0
            for row, (kind, members) in enumerate(self._sublattices):
                if atomic_numbers[symbol] in kind:
                    atoms += counts[:, row, kind.index(atomic_numbers[symbol])]
                    sites += len(members)
            found[symbol] = atoms / sites
        return found

    def to_frame(self, constant: float, n_sites: int) -> pd.DataFrame:
        """Give the records as a table; see `MonteCarlo.run`."""
        import pandas as pd

        none = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros((0, 1, 1), np.int64))
        blocks = list(zip(*self._blocks, strict=True)) or [(part,) for part in none]
        ends, energies, shares, counts = (np.concatenate(parts) for parts in blocks)
        if not len(ends):
            counts = np.zeros((0, len(self._sublattices), 99), dtype=np.int64)
        columns = {
            "sweep": ends,
            "energy": energies + constant,
            "energy_per_atom": (energies + constant) / n_sites,
            "acceptance": shares,
        }
        for symbol, values in self.concentrations(counts).items():
            columns[f"concentration_{symbol}"] = values
        frame = pd.DataFrame(columns)
        if self._observed:
            frame = pd.concat([frame, pd.DataFrame(self._observed[: len(frame)])], axis=1)
        return frame


def checked(observers: Any) -> list[Any]:
    """Refuse what is no observer, and let each begin anew."""
    listed = list(observers) if isinstance(observers, Sequence) else [observers]
    for observer in listed:
        if isinstance(observer, type):
            raise TypeError(
                f"an observer must be an object, got the class {observer.__name__}: write "
                f"{observer.__name__}(...)"
            )
        if not callable(observer) and not callable(getattr(observer, "measure", None)):
            raise TypeError(
                f"an observer must be a function of an ASE Atoms, or have a method measure, "
                f"got {observer!r}"
            )
        if callable(getattr(observer, "reset", None)):
            observer.reset()
    return listed


def observed(observers: list[Any], simulation: Any, own: Iterable[str]) -> dict[str, float]:
    """Let observers measure; `own` are the columns that there are without them.

    Raises
    ------
    TypeError
        If one gives what is no number.
    ValueError
        If two columns would have the same name.
    """
    found: dict[str, float] = {}
    taken = set(own)
    for observer in observers:
        for name, value in _observe(observer, simulation).items():
            if name in taken or name in found:
                raise ValueError(
                    f"an observer must have a name of its own for its column, got {name!r}, which "
                    "is there already: rename the function, or let it return {'name': value}"
                )
            found[name] = value
    return found


def _observe(observer: Any, simulation: Any) -> dict[str, float]:
    if callable(getattr(observer, "measure", None)):
        return dict(observer.measure(simulation))
    name = getattr(observer, "__name__", type(observer).__name__)
    found = observer(simulation.atoms)
    if not isinstance(found, Mapping):
        found = {name: found}
    try:
        return {str(key): float(value) for key, value in found.items()}
    except (TypeError, ValueError):
        shown = ", ".join(repr(value) for value in found.values())
        raise TypeError(
            f"observer {name} must return a number or a dict of numbers, got {shown}"
        ) from None
