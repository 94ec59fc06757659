"""Graphs and targets of structures, made once, and what the network says about a batch of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units
from ase.stress import voigt_6_to_full_3x3_stress

if TYPE_CHECKING:
    from matlearn._calculators.chgnet import OnePassCHGNet


@dataclass(frozen=True)
class Example:
    """A structure as the network reads it, and what it should say."""

    graph: Any
    energy: float
    """eV/atom."""
    forces: Any
    """eV/A, None where there are none."""
    stress: Any
    """GPa, (3, 3), None where there is none."""


def examples(calculator: OnePassCHGNet, images: Sequence[Atoms]) -> list[Example]:
    """Make the graphs, on the device of the model.

    Raises
    ------
    ValueError
        If the network cannot take a structure; the message names its formula.
    """
    import torch

    device = next(calculator.model.parameters()).device

    def tensor(values: Any) -> Any:
        return torch.tensor(np.asarray(values, dtype=np.float32), device=device)

    made = []
    for atoms in images:
        known = atoms.calc.results
        stress = known.get("stress")
        if stress is not None:
            full = np.asarray(stress, dtype=float)
            full = voigt_6_to_full_3x3_stress(full) if full.shape == (6,) else full
            stress = tensor(full / units.GPa)
        forces = known.get("forces")
        made.append(
            Example(
                calculator._graph(atoms),
                float(known["energy"]) / len(atoms),
                None if forces is None else tensor(forces),
                stress,
            )
        )
    return made


def in_batches(given: Sequence[Example], atoms: int = 96) -> Iterator[list[Example]]:
    """Part examples into batches of about as many atoms: memory goes with atoms, not structures."""
    batch: list[Example] = []
    held = 0
    for one in given:
        size = len(one.graph.atomic_number)
        if batch and held + size > atoms:
            yield batch
            batch, held = [], 0
        batch.append(one)
        held += size
    if batch:
        yield batch


def predicted(
    model: Any, graphs: list[Any], *, trainable: bool
) -> tuple[Any, list[Any], list[Any]]:
    """Give energies (eV/atom), forces (eV/A) and stresses (GPa) of a batch.

    One backward pass gives forces and stresses; with `trainable` it can be differentiated again.
    """
    import torch
    from chgnet.model.model import BatchedGraph

    with torch.enable_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
        batch = BatchedGraph.from_graphs(
            graphs,
            bond_basis_expansion=model.bond_basis_expansion,
            angle_basis_expansion=model.angle_basis_expansion,
            compute_stress=True,
        )
        output = model._compute(batch)
        sizes = output["atoms_per_graph"]
        total = output["e"] * sizes if model.is_intensive else output["e"]
        inputs = [*batch.atom_positions, *batch.strains]
        gradients = torch.autograd.grad(total.sum(), inputs, create_graph=trainable)
        energies = total / sizes
        references = model.composition_model(graphs)
        energies = energies + (references if model.is_intensive else references / sizes)
    number = len(graphs)
    volumes = [abs(float(v)) for v in batch.volumes]
    stresses = [gradients[number + i] / volumes[i] / units.GPa for i in range(number)]
    return energies, [-g for g in gradients[:number]], stresses


def loss(
    examples: Sequence[Example],
    prediction: tuple[Any, list[Any], list[Any]],
    weights: tuple[float, float, float],
) -> Any:
    """Weigh Huber's measure of the differences: squares of small ones, large ones themselves."""
    import torch
    from torch.nn.functional import huber_loss

    energies, forces, stresses = prediction
    wanted = torch.tensor([one.energy for one in examples], device=energies.device)
    value = weights[0] * huber_loss(energies, wanted, delta=0.1)
    for weight, what, found in ((weights[1], "forces", forces), (weights[2], "stress", stresses)):
        pairs = [
            (f, getattr(one, what))
            for one, f in zip(examples, found, strict=True)
            if getattr(one, what) is not None
        ]
        if weight and pairs:
            found_all, wanted_all = (torch.cat([p[i].reshape(-1) for p in pairs]) for i in (0, 1))
            delta = 0.1 if what == "forces" else 1.0
            value = value + weight * huber_loss(found_all, wanted_all, delta=delta)
    return value
