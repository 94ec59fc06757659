"""Features of many structures: from the cache or computed, failures kept, as one table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.parallel import available_cores, map_unordered
from matlearn.regression._features.structure_cache import FeatureCache
from matlearn.regression._features.structure_featurizers import (
    EIGENVALUES,
    FEATURIZERS,
    Value,
    featurize,
    fingerprint,
    labels,
)

if TYPE_CHECKING:
    import pandas as pd
    from pymatgen.core import Structure

_WORTH_A_PROCESS = 15.0
"""CPU seconds of work for which another process, which imports matminer anew, pays."""


def checked_names(featurizers: Sequence[str]) -> tuple[str, ...]:
    """Check which features are asked for."""
    known = ", ".join(repr(name) for name in FEATURIZERS)
    if isinstance(featurizers, str):
        raise TypeError(f"featurizers must be a list: write [{featurizers!r}]; there are {known}")
    names = tuple(featurizers)
    unknown = [name for name in names if name not in FEATURIZERS]
    if unknown or not names or len(set(names)) < len(names):
        raise ValueError(f"featurizers must be different ones of {known}; got {list(names)}")
    return names


def checked_structures(structures: Iterable[Any]) -> list[Structure]:
    """Take pymatgen's structures as they are, and turn ASE's into such."""
    import pandas as pd
    from ase import Atoms
    from pymatgen.core import IStructure, Structure

    if isinstance(structures, Atoms | IStructure):
        raise TypeError("structures must be a list, got a single structure: write [structure]")
    if isinstance(structures, pd.DataFrame | dict | str):
        raise TypeError(f"structures must be a list of crystals, got a {type(structures).__name__}")
    found = []
    for row, given in enumerate(structures):
        if isinstance(given, IStructure):
            found.append(given)
        elif isinstance(given, Atoms):
            if not given.pbc.all() or given.cell.rank < 3:
                raise ValueError(
                    f"structures must be crystals, periodic in three directions; row {row}, "
                    f"{given.get_chemical_formula()}, has pbc {given.pbc.tolist()}"
                )
            plain = Atoms(given.numbers, given.positions, cell=given.cell, pbc=True)
            found.append(Structure.from_ase_atoms(plain))
        else:
            raise TypeError(
                "structures must be pymatgen Structures or ASE Atoms, got "
                f"{type(given).__name__} in row {row}"
            )
    if not found:
        raise ValueError("structures must hold at least one crystal, got none")
    return found


def compute(
    structures: list[Structure],
    names: tuple[str, ...],
    *,
    cache: str | os.PathLike[str] | None,
    progress: bool,
    client: Any,
    workers: int | None,
) -> dict[tuple[str, str], Value]:
    """Find all features, by fingerprint and featurizer; equal structures are computed once."""
    from tqdm.auto import tqdm

    different = {fingerprint(structure): structure for structure in structures}
    with ExitStack() as stack:
        store = None if cache is None else stack.enter_context(FeatureCache(cache))
        found = {} if store is None else store.get(set(different), names)
        jobs = []
        for key, structure in different.items():
            missing = tuple(name for name in names if (key, name) not in found)
            if missing:
                jobs.append((key, structure, missing))
        if not jobs:
            return found
        results = map_unordered(
            featurize,
            [(structure, missing) for _, structure, missing in jobs],
            client=client,
            workers=_worthwhile(jobs) if workers is None and client is None else workers,
        )
        bar = tqdm(total=len(jobs), desc="structure features", disable=not progress)
        stack.callback(bar.close)
        stack.callback(results.close)
        for number, values in results:
            key, _, missing = jobs[number]
            for name, value in zip(missing, values, strict=True):
                found[key, name] = value
                if store is not None:
                    store.add(key, name, value)
            bar.update()
    return found


def _worthwhile(jobs: list[tuple[str, Structure, tuple[str, ...]]]) -> int:
    """Count the processes that pay, for the work that is to be done."""
    work = sum(
        FEATURIZERS[name].milliseconds * len(structure) / 7 / 1000
        for _, structure, missing in jobs
        for name in missing
    )
    return min(available_cores(), 1 + int(work / _WORTH_A_PROCESS))


def table(
    structures: list[Structure],
    names: tuple[str, ...],
    found: dict[tuple[str, str], Value],
    index: pd.Index | None,
) -> pd.DataFrame:
    """Lay the results out, a row a structure, with NaN where a featurizer failed."""
    import pandas as pd

    keys = [fingerprint(structure) for structure in structures]
    frames, failures = [], []
    rows = pd.RangeIndex(len(keys)) if index is None else index
    for name in names:
        columns = labels(name)
        if name == "sine-coulomb":
            columns = [f"{EIGENVALUES} {i}" for i in range(max(map(len, structures)))]
        values = np.full((len(keys), len(columns)), np.nan)
        for row, key in enumerate(keys):
            numbers, reason = found[key, name]
            if numbers is None:
                failures.append({"index": rows[row], "featurizer": name, "reason": reason})
            else:
                values[row] = 0.0  # cells with fewer atoms have fewer eigenvalues
                values[row, : len(numbers)] = numbers
        frames.append(pd.DataFrame(values, index=rows, columns=columns))
    joined = pd.concat(frames, axis=1)
    joined.attrs["failures"] = failures
    return joined
