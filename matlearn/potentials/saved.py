"""Saved networks: one suffix, and a word in the file that says what kind it is."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from ase.calculators.calculator import Calculator

from matlearn._tensors import read_metadata

__all__ = ["KINDS", "load_calculator"]

KINDS: dict[str, str] = {
    "nequip": "matlearn.potentials.equivariant:NequIPPotential",
    "chgnet": "matlearn.potentials.universal:FineTunedCHGNet",
}
"""Classes with ``load(path)`` and ``calculator()`` by the kind that a file's metadata name."""


def load_calculator(path: Path, **options: Any) -> Calculator:
    """Open a ``.safetensors`` file as an ASE calculator; see `matlearn.calculators.get_calculator`.

    Parameters
    ----------
    path
        What `save` of a NequIP network or of a fine-tuned CHGNet wrote.
    **options
        Handed to the potential's ``calculator``, as ``device="cpu"``.

    Raises
    ------
    ValueError
        If the file is damaged, or of a kind that is not known here.
    """
    kind = read_metadata(path).get("kind", "")
    if kind not in KINDS:
        raise ValueError(
            f"{path} holds a potential of the kind {kind!r}; known are {', '.join(KINDS)}"
        )
    module, _, name = KINDS[kind].partition(":")
    potential = getattr(importlib.import_module(module), name).load(path)
    calculator: Calculator = potential.calculator(**options)
    return calculator
