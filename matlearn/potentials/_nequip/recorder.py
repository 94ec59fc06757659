"""What happens during training: a row an epoch, a bar, the best weights, a way to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from lightning.pytorch.callbacks import Callback
from tqdm.auto import tqdm

from matlearn.potentials._nequip.network import weights_of


class Recorder(Callback):
    """Follow a training run.

    Parameters
    ----------
    species
        Chemical symbols that have a column of their own.
    epochs
        How many there will be.
    seconds
        Wall time after which training ends; None for no limit.
    progress
        Show a bar.
    callback
        Called with the epoch, its row and a function that gives the weights of that epoch; if it
        raises KeyboardInterrupt, training ends as it would by the keyboard.
    """

    def __init__(
        self,
        species: Sequence[str],
        epochs: int,
        seconds: float | None,
        progress: bool,
        callback: Callable[[int, dict[str, float], Callable[[], dict[str, Any]]], Any] | None,
    ) -> None:
        self.species = list(species)
        self.seconds = seconds
        self.callback = callback
        self.history: list[dict[str, float]] = []
        self.best: dict[str, Any] | None = None
        self.best_epoch = 0
        self.stopped = ""
        self._lowest = float("inf")
        self._bar = tqdm(total=epochs, disable=not progress, unit="epoch", desc="NequIP")
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        self._row: dict[str, float] = {}

    def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
        """Note the learning rate that this epoch has."""
        self._rate = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Read the errors, and keep the weights if they are the best so far."""
        known = {key: float(value) for key, value in trainer.callback_metrics.items()}
        of = "val0_epoch/"
        self._row = {
            "epoch": trainer.current_epoch + 1,
            "learning_rate": self._rate,
            "energy_mae": known[f"{of}per_atom_energy_mae"],
            "energy_rmse": known[f"{of}per_atom_energy_rmse"],
            "forces_mae": known[f"{of}forces_mae"],
            "forces_rmse": known[f"{of}forces_rmse"],
            **{
                f"{s}_f_mae": known[f"{of}f_mae_{s}"]
                for s in self.species
                if f"{of}f_mae_{s}" in known
            },
        }
        score = known[f"{of}weighted_sum"]
        if not score < float("inf"):
            self.stopped = "the errors became infinite: try a lower learning rate"
            trainer.should_stop = True
        elif score < self._lowest:
            self._lowest, self.best_epoch = score, trainer.current_epoch + 1
            self.best = evaluation_weights(module)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """Finish the row, show it, and see whether it is time to stop."""
        self._row["loss"] = float(module.loss.compute()["weighted_sum"])
        self._row["cpu_seconds"] = time.process_time() - self._cpu
        self._row["seconds"] = time.perf_counter() - self._wall
        self.history.append(self._row)
        self._bar.set_postfix_str(
            f"{1000 * self._row['energy_rmse']:.1f} meV/atom, {self._row['forces_rmse']:.3f} eV/A"
        )
        self._bar.update()
        if self.callback is not None:
            try:
                self.callback(
                    len(self.history), dict(self._row), lambda: evaluation_weights(module)
                )
            except KeyboardInterrupt:
                self.stopped = "interrupted"
        if self.seconds is not None and self._row["seconds"] > self.seconds:
            self.stopped = self.stopped or "the time was over"
        trainer.should_stop = trainer.should_stop or bool(self.stopped)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


def evaluation_weights(module: Any) -> dict[str, Any]:
    """Copy the weights that are validated: the running means, where there are such."""
    network = module.model["sole_model"]
    weights = weights_of(network)
    means = getattr(module, "ema", None)
    if means is not None and means.is_holding_ema_weights:  # otherwise they are in the network
        names = [name for name, _ in network.named_parameters()]
        for name, value in zip(names, means.ema_weights, strict=True):
            weights[name] = value.detach().cpu().numpy().copy()
    return weights
