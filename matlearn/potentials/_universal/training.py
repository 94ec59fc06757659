"""Fine-tuning: atomic references first, then the weights, epoch by epoch, the best ones kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.potentials._universal.batches import Example, in_batches, loss, predicted

if TYPE_CHECKING:
    from matlearn._calculators.chgnet import OnePassCHGNet

PARTS = {
    "readout": ("mlp.", "readout_norm."),
    "last": ("mlp.", "readout_norm.", "atom_conv_layers.3."),
    "all": ("",),
}
"""What can be trained: the beginnings of names of weights."""


@dataclass
class Course:
    """How a training run went."""

    history: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Any] = field(default_factory=dict)
    best_epoch: int = 0
    stopped: str = ""
    parameters: int = 0


def refit_references(model: Any, given: Sequence[Example]) -> dict[str, float]:
    """Shift the energies of the elements so that mean energies fit, by least squares (eV).

    Of many solutions (a single composition) the smallest shift is taken.
    """
    import torch
    from ase.data import chemical_symbols

    present = sorted({int(z) for one in given for z in one.graph.atomic_number})
    fractions = np.array(
        [[float((one.graph.atomic_number == z).float().mean()) for z in present] for one in given]
    )
    missing = []
    for chunk in in_batches(given):
        energies = predicted(model, [one.graph for one in chunk], trainable=False)[0]
        missing += [
            one.energy - float(e) for one, e in zip(chunk, energies.detach().cpu(), strict=True)
        ]
    shifts = np.linalg.lstsq(fractions, np.array(missing), rcond=None)[0]
    weight = model.composition_model.fc.weight
    with torch.no_grad():
        for number, shift in zip(present, shifts, strict=True):
            weight[0, number - 1] += float(shift)
    return {chemical_symbols[z]: float(weight[0, z - 1]) for z in present}


def train_weights(
    calculator: OnePassCHGNet,
    train: Sequence[Example],
    validation: Sequence[Example],
    *,
    part: str,
    epochs: int,
    learning_rate: float,
    batch_size: int,
    weights: tuple[float, float, float],
    patience: int,
    max_seconds: float | None,
    seed: int,
    progress: bool,
    callback: Callable[[int, dict[str, float]], Any] | None,
) -> Course:
    """Run the epochs; the model has the best weights afterwards, whatever ended the run."""
    import torch
    from tqdm.auto import tqdm

    model, course = calculator.model, Course()
    chosen = []
    for name, values in model.named_parameters():
        if name.startswith(PARTS[part]) and not name.startswith(("composition_model", "site_wise")):
            values.requires_grad_(True)
            chosen.append(values)
    course.parameters = sum(values.numel() for values in chosen)
    started, cpu = time.perf_counter(), time.process_time()
    judged = validation or train
    rng = np.random.default_rng(seed)

    def judge(epoch: int, value: float, rate: float) -> bool:
        row = {"epoch": epoch, "loss": value, **measured(model, judged, weights)}
        row |= {"learning_rate": rate, "cpu_seconds": time.process_time() - cpu}
        course.history.append(row)
        better = epoch == 0 or row["score"] < course.history[course.best_epoch]["score"]
        if better:
            course.best_epoch = epoch
            course.best = {k: v.detach().clone() for k, v in model.state_dict().items()}
        if callback is not None:
            callback(epoch, row)
        return better

    bar = tqdm(total=epochs, disable=not progress, unit="epoch")
    try:
        judge(0, float("nan"), learning_rate)
        optimizer = torch.optim.AdamW(chosen, lr=learning_rate, weight_decay=0.0)
        batches = -(-len(train) // batch_size)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=max(1, epochs * batches), eta_min=0.01 * learning_rate
        )
        for epoch in range(1, epochs + 1):
            order, values = rng.permutation(len(train)), []
            for start in range(0, len(train), batch_size):
                chunk = [train[i] for i in order[start : start + batch_size]]
                optimizer.zero_grad()
                found = predicted(model, [one.graph for one in chunk], trainable=True)
                value = loss(chunk, found, weights)
                value.backward()
                torch.nn.utils.clip_grad_norm_(chosen, 1.0)
                optimizer.step()
                schedule.step()
                values.append(float(value.detach()))
            if not np.isfinite(values).all():
                course.stopped = f"the loss was no number in epoch {epoch}"
                break
            judge(epoch, float(np.mean(values)), optimizer.param_groups[0]["lr"])
            bar.update()
            bar.set_postfix_str(f"{1000 * course.history[-1]['energy_rmse']:.1f} meV/atom")
            if validation and epoch - course.best_epoch >= patience:
                course.stopped = f"no better for {patience} epochs"
                break
            if max_seconds is not None and time.perf_counter() - started > max_seconds:
                course.stopped = "the time was over"
                break
    except KeyboardInterrupt:
        if not course.best:
            raise
        course.stopped = "interrupted"
    finally:
        bar.close()
        if course.best:
            model.load_state_dict(course.best)
        for values in model.parameters():
            values.requires_grad_(False)
    return course


def measured(
    model: Any, given: Sequence[Example], weights: tuple[float, float, float]
) -> dict[str, float]:
    """Give the loss (``score``) and root mean square errors: eV/atom, eV/A (component), GPa."""
    squares: dict[str, list[float]] = {"energy": [], "forces": [], "stress": []}
    total = 0.0
    for chunk in in_batches(given):
        found = predicted(model, [one.graph for one in chunk], trainable=False)
        total += len(chunk) * float(loss(chunk, found, weights).detach())
        for i, one in enumerate(chunk):
            squares["energy"].append((float(found[0][i].detach()) - one.energy) ** 2)
            for what, values in (("forces", found[1][i]), ("stress", found[2][i])):
                wanted = getattr(one, what)
                if wanted is not None:
                    squares[what] += ((values - wanted) ** 2).reshape(-1).tolist()
    rms = {f"{k}_rmse": float(np.sqrt(np.mean(v))) for k, v in squares.items() if v}
    return {"score": total / len(given), **rms}
