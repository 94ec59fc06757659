"""A network made from its description and its weights, and one structure put through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.potentials._nequip.configuration import checked_model
from matlearn.potentials._nequip.neighbours import neighbours_of

PRECISIONS = ("float32", "float64")


def build_network(
    model: Mapping[str, Any], weights: Mapping[str, NDArray[Any]], precision: str
) -> Any:
    """Make the network, ready for evaluation; call it inside `nequip_at_work`.

    Raises
    ------
    ValueError
        If the weights do not belong to a network of this description.
    """
    import torch
    from nequip.model import NequIPGNNModel

    settings = checked_model(model) | {"model_dtype": precision}
    settings.pop("_target_")
    try:
        network = NequIPGNNModel(**settings)
        network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
    except (RuntimeError, AssertionError, TypeError, KeyError) as error:
        raise ValueError(f"weights and description of the network do not fit: {error}") from error
    return network.eval()


def weights_of(network: Any) -> dict[str, NDArray[Any]]:
    """Copy the weights of a network, by name."""
    return {
        name: value.detach().cpu().numpy().copy()
        for name, value in network.state_dict().items()
        if hasattr(value, "detach")
    }


def structure_data(atoms: Atoms, species: list[str], cutoff: float) -> dict[str, Any]:
    """Describe one structure as the network takes it: positions, cell, types, neighbours.

    The order of the neighbours is the one of their centres.
    """
    import torch
    from nequip.data import AtomicDataDict as Key

    first, second, shifts = neighbours_of("ijS", atoms, cutoff)
    types = {symbol: number for number, symbol in enumerate(species)}
    return {
        Key.POSITIONS_KEY: torch.from_numpy(atoms.positions.astype(float)),
        Key.CELL_KEY: torch.from_numpy(atoms.cell.array.astype(float)).reshape(1, 3, 3),
        Key.ATOM_TYPE_KEY: torch.tensor([types[s] for s in atoms.symbols]),
        Key.EDGE_INDEX_KEY: torch.from_numpy(np.stack([first, second]).astype(np.int64)),
        Key.EDGE_CELL_SHIFT_KEY: torch.from_numpy(shifts.astype(float)),
    }
