"""Training a network on graphs: batches, AdamW, a learning rate that rises once and falls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from matlearn.regression._graphs.batches import FlatGraphs
from matlearn.regression._graphs.layers import Network

LARGEST_GRADIENT = 1.0
"""Longer gradients are shortened to this length: one odd crystal must not spoil a network."""
RISING = 0.2
"""Part of the training in which the learning rate rises."""
CRYSTALS_AT_ONCE = 256
"""In predictions, where no gradients are kept."""

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained, as `CrystalGraphNetwork` documents it."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float


@dataclass
class Run:
    """A training run: its history, and the weights of the epoch that is kept."""

    history: list[dict[str, float]] = field(default_factory=list)
    weights: Weights | None = None
    best_epoch: int = 0
    interrupted: bool = False


def train(
    network: Network,
    loss: Loss,
    graphs: FlatGraphs,
    targets: torch.Tensor,
    recipe: Recipe,
    *,
    order: np.random.Generator,
    judge: Callable[[Network], float] | None = None,
    progress: Any = None,
) -> Run:
    """Train a network; the weights of its best epoch are in the result.

    With `judge` the best epoch is the one that it gives the lowest number; without, the last. An
    interrupt (KeyboardInterrupt) ends training, and what was best so far is kept.

    Raises
    ------
    KeyboardInterrupt
        If there is no epoch to keep yet.
    ValueError
        If the loss is not finite.
    """
    steps = -(-len(graphs) // recipe.batch_size)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        recipe.learning_rate,
        total_steps=max(2, steps * recipe.epochs),
        pct_start=RISING,
    )
    run, lowest = Run(), np.inf
    try:
        for epoch in range(1, recipe.epochs + 1):
            rate = schedule.get_last_lr()[0]
            mean = _epoch(network, loss, graphs, targets, steps, order, optimiser, schedule)
            judged = np.nan if judge is None else judge(network)
            run.history.append(
                {"epoch": epoch, "loss": mean, "validation": judged, "learning_rate": rate}
            )
            if judge is None or judged < lowest:
                lowest, run.best_epoch, run.weights = judged, epoch, weights_of(network)
            if progress is not None:
                progress(run.history[-1])
    except KeyboardInterrupt:
        if run.weights is None:
            raise
        run.interrupted = True
    return run


def evaluate(
    network: Network, graphs: FlatGraphs, indices: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Evaluate a network: what `layers.Network` gives, of all graphs one after the other."""
    chosen = np.arange(len(graphs)) if indices is None else indices
    network.eval()
    with torch.no_grad():
        parts: list[dict[str, torch.Tensor]] = [
            network(*graphs.batch(chosen[start : start + CRYSTALS_AT_ONCE]))
            for start in range(0, len(chosen), CRYSTALS_AT_ONCE)
        ]
    return {
        name: torch.cat([part[name] for part in parts], dim=1 if name == "gates" else 0)
        .cpu()
        .numpy()
        .astype(float)
        for name in parts[0]
    }


def weights_of(network: Network) -> Weights:
    """Copy everything that a network has learned, and the tables that it reads from."""
    return {name: value.cpu().numpy().copy() for name, value in network.state_dict().items()}


def with_weights(network: Network, weights: Weights) -> Network:
    """Give a network its weights.

    Raises
    ------
    ValueError
        If they are of another network.
    """
    try:
        network.load_state_dict({name: torch.as_tensor(value) for name, value in weights.items()})
    except RuntimeError as error:
        raise ValueError(f"the weights are of another network: {error}") from error
    return network


def _epoch(
    network: Network,
    loss: Loss,
    graphs: FlatGraphs,
    targets: torch.Tensor,
    steps: int,
    order: np.random.Generator,
    optimiser: torch.optim.Optimizer,
    schedule: Any,
) -> float:
    """Go once through all graphs, in an order of its own; give the mean loss."""
    network.train()
    shuffled, total = order.permutation(len(graphs)), 0.0
    for step in range(steps):
        chosen = shuffled[step::steps]  # batches of equal size, to one
        optimiser.zero_grad()
        value = network(*graphs.batch(chosen))["value"]
        error = loss(value, targets[torch.as_tensor(chosen, device=targets.device)])
        error.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        total += float(error.detach()) * len(chosen)
    if not np.isfinite(total):
        raise ValueError(
            "training came to nothing, the loss is not finite: lower learning_rate, and look for "
            "targets that are far from all others"
        )
    return total / len(graphs)
