"""Send cluster expansions to worker processes, and tell whether two are the same.

icet's objects cannot be pickled, and icet's own files are pickles with the writer's name and host
in them. What defines an expansion is little: it is packed into plain lists and numbers, and built
anew on the other side.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.lattice._fits.libraries import icet

if TYPE_CHECKING:
    from icet import ClusterExpansion

CONSTANTS = (bool, int, float, complex, str, bytes, tuple, type(None))
"""What the constants of a function are."""


def expansion_of(model: Any) -> ClusterExpansion:
    """Return icet's expansion, of a fit as well.

    Raises
    ------
    TypeError
        If there is none.
    """
    expansion = getattr(model, "cluster_expansion", model)
    if not isinstance(expansion, icet().ClusterExpansion):
        raise TypeError(
            "cluster_expansion must be a ClusterExpansion of icet's, or something that has one "
            f"(a fit), got a {type(model).__name__}"
        )
    return expansion


def pack(model: Any) -> str:
    """Pack a cluster expansion into JSON, every number to the last bit.

    Raises
    ------
    TypeError
        If it is no expansion.
    """
    expansion = expansion_of(model)
    space = expansion.get_cluster_space_copy()
    structure = space._input_structure
    symbols = space._input_chemical_symbols
    return json.dumps(
        {
            "cell": structure.cell.array.tolist(),
            "positions": structure.positions.tolist(),
            "numbers": structure.numbers.tolist(),
            "chemical_symbols": [s if isinstance(s, str) else list(s) for s in symbols],
            "cutoffs": [float(c) for c in space.cutoffs],
            "symprec": space.symprec,
            "position_tolerance": space.position_tolerance,
            "pruning_history": space._pruning_history,
            "parameters": np.asarray(expansion.parameters, dtype=float).tolist(),
        },
        default=_plain,
        sort_keys=True,
    )


@lru_cache(maxsize=4)
def unpack(packed: str) -> ClusterExpansion:
    """Build a packed expansion; the same one again costs nothing. Do not change it."""
    package = icet()
    content = json.loads(packed)
    structure = Atoms(
        numbers=content["numbers"], positions=content["positions"], cell=content["cell"], pbc=True
    )
    space = package.ClusterSpace(
        structure,
        content["cutoffs"],
        content["chemical_symbols"],
        symprec=content["symprec"],
        position_tolerance=content["position_tolerance"],
    )
    for action, value in content["pruning_history"]:
        if action == "prune":
            space.prune_orbit_list(value)
        else:  # as icet's own reader does
            merged = {int(k): v for k, v in value.items()}
            space.merge_orbits(merged, ignore_permutations=True)
    return package.ClusterExpansion(space, np.array(content["parameters"]))


def digest(*parts: Any) -> str:
    """Give a number to anything JSON can hold, to atoms and to functions: the same for the same.

    A function is what it does, not where it is written; anything else is its type.
    """
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, Atoms):
            found.update(part.numbers.astype("<i8").tobytes())
            for array in (part.positions, part.cell.array):
                found.update((np.round(array, 6) + 0.0).astype("<f8").tobytes())
        else:
            found.update(json.dumps(part, sort_keys=True, default=_described).encode())
    return found.hexdigest()[:32]


def _described(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, FunctionType):
        return _described(value.__code__)
    if isinstance(value, CodeType):
        return [value.co_code.hex(), value.co_names, [_described(c) for c in value.co_consts]]
    if isinstance(value, frozenset):  # a constant of a function, in no order
        return sorted(map(repr, value))
    return repr(value) if isinstance(value, CONSTANTS) else type(value).__qualname__


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"cannot be packed: {value!r}")
