"""The configuration of a training run, as nequip's own command reads it, and as short as it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from matlearn.potentials._nequip.statistics import Statistics

MODEL = "nequip.model.NequIPGNNModel"
"""The only model that is built: a saved file names no other code."""
MODEL_KEYS = {
    "seed", "model_dtype", "type_names", "r_max", "num_layers", "l_max", "parity", "num_features",
    "num_bessels", "polynomial_cutoff_p", "radial_mlp_depth", "radial_mlp_width",
    "type_embed_num_features", "bessel_trainable", "avg_num_neighbors", "per_type_energy_scales",
    "per_type_energy_shifts", "readout_mlp_hidden_layers_depth", "readout_mlp_hidden_layers_width",
}  # fmt: skip
"""What may be said of it; all plain numbers, words and lists."""

TEMPLATE = """\
run: [train]
data:
  _target_: nequip.data.datamodule.ASEDataModule
  seed: {seed}
  train_file_path: train.extxyz
  val_file_path: validation.extxyz
  transforms:
    - {{_target_: nequip.data.transforms.ChemicalSpeciesToAtomTypeMapper, model_type_names: {species}}}
    - {{_target_: nequip.data.transforms.NeighborListTransform, r_max: {cutoff}}}
  train_dataloader: {{_target_: torch.utils.data.DataLoader, batch_size: {batch}, shuffle: true}}
  val_dataloader: {{_target_: torch.utils.data.DataLoader, batch_size: 10}}
trainer:
  _target_: lightning.Trainer
  accelerator: {accelerator}
  devices: {devices}
  max_epochs: {epochs}{second_stage}
training_module:
  _target_: nequip.train.EMALightningModule   # validated: the running mean of the weights
  ema_decay: 0.99
  optimizer: {{_target_: torch.optim.Adam, lr: {learning_rate}}}
  lr_scheduler:   # from the full rate down to zero
    scheduler: {{_target_: torch.optim.lr_scheduler.CosineAnnealingLR, T_max: {epochs}}}
    interval: epoch
  loss:   # mean squares of eV/atom, eV/A{stress_unit}
    _target_: nequip.train.{loss}
    per_atom_energy: true
    coeffs: {coefficients}
  val_metrics:   # the epoch with the lowest weighted sum is kept
    _target_: nequip.train.EnergyForceMetrics
    coeffs: {{per_atom_energy_rmse: 10.0, forces_rmse: 1.0}}
    extra_metrics:
      - {{name: f_mae, field: forces, metric: {{_target_: nequip.train.MeanAbsoluteError}}, per_type: true}}
  model:
    _target_: {model}
    seed: {seed}
    model_dtype: float32
    type_names: {species}
    r_max: {cutoff}   # how far an atom sees in one layer, A
    num_layers: {layers}   # how often the neighbours exchange features
    l_max: {l_max}   # 0: numbers only; 1: vectors; 2: second-rank tensors
    parity: false
    num_features: {features}   # of each rank
    num_bessels: 8
    polynomial_cutoff_p: 6
    radial_mlp_depth: 1
    radial_mlp_width: {width}
    avg_num_neighbors: {neighbours}
    per_type_energy_scales: {scales}   # rms force, eV/A
    per_type_energy_shifts: {shifts}   # least squares over compositions, eV
"""

SECOND_STAGE = """
  callbacks:   # energies weigh more at the end: without stresses, they are learned too slowly
    - _target_: nequip.train.callbacks.LossCoefficientScheduler
      schedule: {{{start}: {{per_atom_energy_mse: 40.0, forces_mse: 1.0}}}}"""


def configuration_text(
    statistics: Statistics,
    *,
    cutoff: float,
    layers: int,
    l_max: int,
    features: int,
    epochs: int,
    device: str,
    seed: int,
) -> str:
    """Write the configuration, filled in."""
    weights = {"total_energy": 4.0, "forces": 1.0}
    if statistics.stress:
        weights["stress"] = 50.0
    name, _, number = device.partition(":")
    return TEMPLATE.format(
        model=MODEL,
        seed=seed,
        species=_flow(statistics.species),
        cutoff=float(cutoff),
        batch=5,
        accelerator="gpu" if name == "cuda" else "cpu",
        devices=f"[{int(number)}]" if number else 1,
        epochs=epochs,
        second_stage="" if statistics.stress else SECOND_STAGE.format(start=int(0.7 * epochs)),
        learning_rate=0.01,
        stress_unit=", eV/A3" if statistics.stress else "",
        loss="EnergyForceStressLoss" if statistics.stress else "EnergyForceLoss",
        coefficients=_flow(weights),
        layers=layers,
        l_max=l_max,
        features=features,
        width=32,
        neighbours=f"{statistics.neighbours:.6g}",
        scales=_flow(statistics.scales),
        shifts=_flow(statistics.shifts),
    )


def _flow(values: Any) -> str:
    """Write a list or table of words and numbers on one line of YAML."""
    if isinstance(values, Mapping):
        return "{" + ", ".join(f"{_word(k)}: {float(f'{v:.8g}')}" for k, v in values.items()) + "}"
    return "[" + ", ".join(_word(v) for v in values) + "]"


def _word(text: str) -> str:
    """Quote what YAML would take for something else: No is nobelium, not a refusal."""
    return json.dumps(text) if text in {"No", "Y", "N"} else text


def parsed_configuration(text: str) -> dict[str, Any]:
    """Read a configuration, and check what must be in it.

    Raises
    ------
    ValueError
        If it is not YAML, or lacks a part, or names another model than `MODEL`.
    """
    import yaml

    try:
        configuration = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"configuration is not valid YAML: {error}") from error
    if not _is_table(configuration):
        raise ValueError("configuration must be YAML text, as nequip_configuration(...) gives it")
    for part in ("data", "trainer", "training_module"):
        if not _is_table(configuration.get(part)):
            raise ValueError(f"configuration has no part {part!r}")
    module = configuration["training_module"]
    for part in ("loss", "val_metrics", "model", "optimizer"):
        if not _is_table(module.get(part)):
            raise ValueError(f"configuration has no part training_module: {part!r}")
    if type(configuration["trainer"].get("max_epochs")) is not int:
        raise ValueError("configuration must say trainer: max_epochs, a whole number")
    module["model"] = checked_model(module["model"])
    return configuration


def checked_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """Let through a description of a network that holds numbers and words only.

    Raises
    ------
    ValueError
        If it names another model, something unknown, or lacks what is needed.
    """
    if model.get("_target_", MODEL) != MODEL:
        raise ValueError(f"the model must be {MODEL}, got {model['_target_']!r}")
    unknown = sorted(set(model) - MODEL_KEYS - {"_target_"})
    missing = sorted({"type_names", "r_max", "avg_num_neighbors"} - set(model))
    if unknown or missing:
        raise ValueError(
            "the model has "
            + " and ".join(
                [f"unknown settings {', '.join(unknown)}"] * bool(unknown)
                + [f"no {', '.join(missing)}"] * bool(missing)
            )
        )
    for name, value in model.items():
        parts = value.values() if _is_table(value) else value
        if not all(map(_is_plain, parts if isinstance(value, dict | list) else [value])):
            raise ValueError(f"the model's {name} must be plain numbers or words, got {value!r}")
    return {"_target_": MODEL, **{name: model[name] for name in model if name != "_target_"}}


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool | int | float | str | None)
