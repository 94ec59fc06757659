"""A training run of nequip in this process, as its command would do it, in a folder of its own."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from matlearn.potentials._nequip.surroundings import nequip_at_work

if TYPE_CHECKING:
    from matlearn.potentials._nequip.recorder import Recorder

PROBED_BATCHES = 6
"""Batches by which the time of an epoch is estimated."""


def train_network(
    configuration: dict[str, Any],
    train: Sequence[Atoms],
    validation: Sequence[Atoms],
    *,
    seconds: float | None,
    progress: bool,
    callback: Callable[[int, dict[str, float], Callable[[], dict[str, Any]]], Any] | None,
    threads: int,
) -> Recorder:
    """Run a configuration, and give what was recorded.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted before the first epoch had ended: there is nothing to keep.
    """
    with _set_up(configuration, train, validation, threads) as (data, module, make_trainer):
        from matlearn.potentials._nequip.recorder import Recorder

        recorder = Recorder(
            configuration["training_module"]["model"]["type_names"],
            configuration["trainer"]["max_epochs"],
            seconds,
            progress,
            callback,
        )
        try:
            with _interruptible() as interrupted:
                make_trainer(callbacks=[recorder]).fit(module, datamodule=data)
            if interrupted:
                recorder.stopped = "interrupted"
        finally:
            recorder.close()
    if recorder.best is None and recorder.stopped == "interrupted":
        raise KeyboardInterrupt("interrupted before the first epoch had ended")
    return recorder


def epoch_seconds(
    configuration: dict[str, Any], train: Sequence[Atoms], validation: Sequence[Atoms], threads: int
) -> float:
    """Estimate the wall time of an epoch from a few batches of a run that is thrown away."""
    from lightning.pytorch.callbacks import Callback

    times: list[float] = []

    class Clock(Callback):
        def on_train_batch_end(self, *_: Any) -> None:
            times.append(time.perf_counter())

    with _set_up(configuration, train, validation, threads) as (data, module, make_trainer):
        batches = -(-len(train) // configuration["data"]["train_dataloader"].get("batch_size", 1))
        limits: dict[str, Any] = {
            "max_epochs": 1,
            "limit_train_batches": min(batches, PROBED_BATCHES),
            "limit_val_batches": 0,
        }
        with _interruptible() as interrupted:
            make_trainer(callbacks=[Clock()], **limits).fit(module, datamodule=data)
        if interrupted:
            raise KeyboardInterrupt("interrupted before the first epoch had begun")
    share = 1 + len(validation) / len(train) / 3  # evaluation has no second derivatives
    gaps = np.diff(times[min(2, len(times) - 2) :]) if len(times) > 1 else [1.0]
    return float(np.median(gaps)) * batches * share


@contextmanager
def _set_up(
    configuration: dict[str, Any],
    train: Sequence[Atoms],
    validation: Sequence[Atoms],
    threads: int,
) -> Iterator[tuple[Any, Any, Callable[..., Any]]]:
    """Give data, network and a maker of trainers; remove every file afterwards."""
    seed = int(configuration["training_module"]["model"].get("seed", 0))
    with nequip_at_work(threads, seed), tempfile.TemporaryDirectory() as name:
        import copy

        import lightning
        from hydra.utils import instantiate

        folder = Path(name)
        settings = copy.deepcopy(configuration)
        for part, images in (("train", train), ("val", validation)):
            target = folder / f"{part}.extxyz"
            stress = all(atoms.calc.results.get("stress") is not None for atoms in images)
            write(target, [_plain(atoms, stress) for atoms in images], format="extxyz")
            settings["data"][f"{part}_file_path"] = str(target)
        data = instantiate(settings["data"], _recursive_=False)
        module = instantiate(
            settings["training_module"],
            _recursive_=False,
            _convert_="all",
            num_datasets=data.num_datasets,
            info_dict={},
        )

        def make_trainer(callbacks: list[Any], **changes: Any) -> Any:
            quiet = {
                "logger": False, "enable_checkpointing": False, "enable_progress_bar": False,
                "enable_model_summary": False, "num_sanity_val_steps": 0, "inference_mode": False,
                "default_root_dir": str(folder),
            }  # fmt: skip
            trainer = {**settings["trainer"], **quiet, **changes}
            trainer["callbacks"] = [
                *(instantiate(one) for one in settings["trainer"].get("callbacks") or []),
                *callbacks,
            ]
            return lightning.Trainer(**{k: v for k, v in trainer.items() if k != "_target_"})

        yield data, module, make_trainer


def _plain(atoms: Atoms, stress: bool) -> Atoms:
    """Copy a structure with its energy and forces, its stress if all have one, and nothing else."""
    copy = Atoms(
        numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, pbc=atoms.pbc
    )
    known = atoms.calc.results
    kept = ("forces", "stress") if stress else ("forces",)
    results = {name: np.asarray(known[name], float) for name in kept}
    copy.calc = SinglePointCalculator(copy, energy=float(known["energy"]), **results)
    return copy


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Catch the end of the process that Lightning makes of an interrupt; note that there was one.

    Lightning turns a KeyboardInterrupt into ``sys.exit(1)`` and ignores any further one.
    """
    interrupted: list[bool] = []
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if in_main else None
    try:
        yield interrupted
    except KeyboardInterrupt:
        interrupted.append(True)
    except SystemExit as error:
        if not isinstance(error.__context__, KeyboardInterrupt):
            raise
        interrupted.append(True)
    finally:
        if in_main:
            signal.signal(signal.SIGINT, before)
