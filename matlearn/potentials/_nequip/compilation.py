"""A network compiled ahead of time by torch, for those who have a C++ compiler."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.build import bulk

from matlearn.potentials._nequip.calculator import NequIPCalculator
from matlearn.potentials._nequip.network import build_network, structure_data
from matlearn.potentials._nequip.surroundings import nequip_at_work

FILE_NAME = "network.nequip.pt2"


def compiled_calculator(
    model: Mapping[str, Any],
    weights: Mapping[str, Any],
    folder: str | os.PathLike[str] | None,
    device: str,
    threads: int,
) -> NequIPCalculator:
    """Compile a network, and give a calculator that runs it.

    Raises
    ------
    RuntimeError
        If there is no C++ compiler, or torch cannot compile the network.
    """
    compiler = os.environ.get("CXX", "") or shutil.which("g++") or shutil.which("clang++") or ""
    if not shutil.which(compiler.split()[0] if compiler else ""):
        raise RuntimeError(
            "compile() needs a C++ compiler (g++ or clang++, or one named by CXX), and there is "
            "none here; calculator() needs none"
        )
    species, cutoff = list(model["type_names"]), float(model["r_max"])
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return _compiled(model, weights, Path(folder), species, cutoff, device, threads)
    with tempfile.TemporaryDirectory() as name:  # what is loaded no longer needs the file
        return _compiled(model, weights, Path(name), species, cutoff, device, threads)


def _compiled(
    model: Mapping[str, Any],
    weights: Mapping[str, Any],
    folder: Path,
    species: list[str],
    cutoff: float,
    device: str,
    threads: int,
) -> NequIPCalculator:
    target = folder / FILE_NAME
    with nequip_at_work(threads):
        import torch
        from nequip.model.inference_models import load_compiled_model
        from nequip.scripts._compile_utils import AOTI_ASE_TARGET, COMPILE_TARGET_DICT
        from nequip.utils.aot import aot_export_model

        fields = COMPILE_TARGET_DICT[AOTI_ASE_TARGET]
        network = build_network(model, weights, "float32").to(device)
        data = structure_data(_example(species, cutoff), species, cutoff)
        any_number = {
            name: torch.export.dynamic_shapes.Dim(f"num_{name}s", min=2, max=torch.inf)
            for name in ("node", "edge")
        }
        aot_export_model(
            model=network,
            device=device,
            input_fields=fields["input"],
            output_fields=fields["output"],
            data={key: value.to(device) for key, value in data.items()},
            batch_map={"graph": torch.export.Dim.STATIC, **any_number},
            output_path=str(target),
            inductor_configs={"aot_inductor.metadata": _metadata(network, fields)},
        )
        compiled, _ = load_compiled_model(
            str(target), torch.device(device), fields["input"], fields["output"]
        )
    return NequIPCalculator(compiled, species, cutoff, device, threads)


def _metadata(network: Any, fields: Mapping[str, Any]) -> dict[str, str]:
    """Describe the compiled network as nequip's own command does, for whoever opens it."""
    from nequip.utils.aoti_metadata import (
        NEQUIP_AOTI_INPUTS_KEY,
        NEQUIP_AOTI_OUTPUTS_KEY,
        serialize_aoti_keys,
    )
    from nequip.utils.global_state import get_latest_global_state

    known = network.metadata | get_latest_global_state(only_metadata_related=True)
    return {
        **{k: str(int(v)) if isinstance(v, bool) else str(v) for k, v in known.items()},
        NEQUIP_AOTI_INPUTS_KEY: serialize_aoti_keys(fields["input"]),
        NEQUIP_AOTI_OUTPUTS_KEY: serialize_aoti_keys(fields["output"]),
    }


def _example(species: list[str], cutoff: float) -> Atoms:
    """Give a crystal in which each atom has a few tens of neighbours, and each species occurs."""
    atoms = bulk("Cu", "fcc", a=cutoff / 1.2, cubic=True).repeat(2)
    atoms.symbols[:] = [species[number % len(species)] for number in range(len(atoms))]
    atoms.rattle(0.02 * cutoff, seed=1)
    return atoms
