"""Training a fully connected network with torch: batches, AdamW, and when to stop."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]


def build(widths: Sequence[int], dropout: float) -> torch.nn.Sequential:
    """Chain layers: each multiplies by a matrix, adds a vector and cuts off what is negative."""
    from torch import nn

    layers: list[Any] = []
    for n_in, n_out in itertools.pairwise(widths[:-1]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(widths[-2], widths[-1]))
    return nn.Sequential(*layers)


def train(
    network: torch.nn.Sequential,
    loss: Any,
    data: tuple[torch.Tensor, torch.Tensor],
    validation: tuple[torch.Tensor, torch.Tensor] | None,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    patience: int,
    progress: bool,
) -> tuple[list[dict[str, float]], int]:
    """Train, and leave the network as it was in its best epoch.

    The learning rate falls from `learning_rate` to a hundredth of it along half a cosine. With
    validation data the best epoch is the one of lowest loss on them, and training ends after
    `patience` epochs without a better one; without, the last epoch is taken for the best.

    Returns
    -------
    history : list of dict
        For each epoch: epoch, loss (mean over its batches), validation_loss, learning_rate.
    best : int
        The epoch whose weights the network has, counted from 1.
    """
    import torch
    from tqdm.auto import trange

    features, target = data
    optimiser = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimiser, epochs, eta_min=0.01 * learning_rate
    )
    history: list[dict[str, float]] = []
    best, lowest, weights = 0, float("inf"), copy.deepcopy(network.state_dict())
    for epoch in trange(1, epochs + 1, disable=not progress, unit="epoch"):
        network.train()
        total = 0.0
        for batch in torch.randperm(len(features), device=features.device).split(batch_size):
            optimiser.zero_grad()
            error = loss(network(features[batch]), target[batch])
            error.backward()
            optimiser.step()
            total += error.item() * len(batch)
        record = {"epoch": epoch, "loss": total / len(features), "validation_loss": float("nan")}
        if validation is not None:
            network.eval()
            with torch.no_grad():
                record["validation_loss"] = loss(network(validation[0]), validation[1]).item()
        record["learning_rate"] = schedule.get_last_lr()[0]
        schedule.step()
        history.append(record)
        judged = record["loss"] if validation is None else record["validation_loss"]
        if not np.isfinite(judged):
            break
        if validation is None or judged < lowest:
            best, lowest, weights = epoch, judged, copy.deepcopy(network.state_dict())
        elif epoch - best >= patience:
            break
    network.load_state_dict(weights)
    return history, best


def matrices(network: torch.nn.Sequential) -> tuple[list[Floats], list[Floats]]:
    """Take the matrices (inputs, outputs) and vectors out of a network."""
    from torch import nn

    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    return (
        [layer.weight.detach().cpu().numpy().T.astype(float) for layer in layers],
        [layer.bias.detach().cpu().numpy().astype(float) for layer in layers],
    )


def apply(coefs: Sequence[Floats], intercepts: Sequence[Floats], features: Floats) -> Floats:
    """Evaluate a network: nothing but products of matrices, and zero for what is negative."""
    values = features
    for matrix, vector in zip(coefs[:-1], intercepts[:-1], strict=True):
        values = np.maximum(values @ matrix + vector, 0.0)
    return values @ coefs[-1] + intercepts[-1]


@contextmanager
def seeded(seed: int, device: str, threads: int) -> Iterator[None]:
    """Let torch's random numbers start from a seed, on so many threads, and put both back."""
    import torch

    before = torch.get_num_threads()
    devices = [torch.cuda.current_device()] if device == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def pick_device(device: str) -> str:
    """Give the device to train on: a GPU where there is one, for ``"auto"``."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device='cuda', but torch sees no GPU here: take 'auto' or 'cpu'")
    return device
