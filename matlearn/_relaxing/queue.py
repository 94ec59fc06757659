"""The structures of a run: which are done, which are to do, and that none is mistaken."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from ase import Atoms

from matlearn._relaxing.relaxation import STALE
from matlearn._sqlite import as_json
from matlearn._structures import as_atoms
from matlearn.store import Store

UNSAID = {"relax": "full"}
"""Settings that are kept only where they are something else."""


class Queue:
    """The structures of a run: labelled, compared with the store, and sent to work."""

    def __init__(
        self,
        structures: Iterable[Atoms],
        settings: dict[str, Any],
        store: Store,
        asked: Callable[[], bool],
    ) -> None:
        self.total = operator.length_hint(structures) or None
        self.labels: dict[str, None] = {}
        self.sent: list[tuple[str, str]] = []
        self._settings = settings
        self._store = store
        self._asked = asked
        self._exhausted = False
        self._structures = _iterable(structures)
        if isinstance(structures, Sequence):  # then find what is wrong before work begins
            self.labels = dict.fromkeys(label for label, *_ in self._labelled())

    def pending(self, bar: Any) -> Iterator[Atoms]:
        """Give what is still to be done."""
        for label, digest, done, atoms in self._labelled():
            if self._asked():
                return
            self.labels[label] = None
            if done:
                bar.update()
                continue
            self.sent.append((label, digest))
            yield atoms
        self._exhausted = True

    def unfinished(self) -> bool:
        """Tell whether anything was left to do."""
        return not self._exhausted or any(label not in self._store for label, _ in self.sent)

    def _labelled(self) -> Iterator[tuple[str, str, bool, Atoms]]:
        seen = set()
        for position, structure in enumerate(self._structures):
            atoms = as_atoms(structure, f"structures[{position}]")
            given = atoms.info.get("label")
            formula = atoms.symbols.formula.reduce()[0] if len(atoms) else "empty"
            label = f"{formula}-{position:05d}" if given is None else str(given)
            if label in seen:
                raise ValueError(f"two structures have the label {label!r}")
            seen.add(label)
            kept = {key: value for key, value in atoms.info.items() if key not in STALE}
            as_json(kept, f"the info of structure {label!r}")  # or it could not be stored later
            digest = digest_of(atoms)
            yield label, digest, self._is_done(label, digest), atoms

    def _is_done(self, label: str, digest: str) -> bool:
        if label not in self._store:
            return False
        info = self._store.info(label)
        if "settings" not in info:
            raise ValueError(f"{self._store.path} holds a {label!r} that no relaxation left there")
        there, now = (UNSAID | settings for settings in (info["settings"], self._settings))
        differs = [
            f"{name}={there.get(name)!r} there and {now.get(name)!r} now"
            for name in dict.fromkeys([*now, *there])
            if there.get(name) != now.get(name)
        ]
        if info["start"] != digest:
            differs.insert(0, "another starting structure")
        if differs:
            raise ValueError(
                f"{self._store.path} holds {label!r} of another run ({'; '.join(differs)}): "
                "use another store, or other labels"
            )
        return True


def _iterable(structures: Any) -> Iterable[Any]:
    """Refuse what is iterable, but not over structures."""
    table = hasattr(structures, "columns")
    one = isinstance(structures, Atoms | str) or hasattr(structures, "to_ase_atoms")
    if isinstance(structures, Iterable) and not (one or table):
        return structures
    hint = "; give its column 'structure'" if table else ""
    raise TypeError(
        f"structures must be several ASE Atoms (a list, an iterator), got one "
        f"{type(structures).__name__}{hint}"
    )


def digest_of(atoms: Atoms) -> str:
    """Give a number to a starting structure, the same to a millionth of an angstrom."""
    digest = hashlib.sha256(atoms.numbers.astype("<i8").tobytes())
    for array in (atoms.positions, atoms.cell.array):
        digest.update((np.round(array, 6) + 0.0).astype("<f8").tobytes())
    digest.update(bytes(atoms.pbc.tolist()))
    return digest.hexdigest()[:32]
