"""Call nequip without leaving traces: it sets torch's precision, seeds and talks."""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np

SEEDS = ("PL_GLOBAL_SEED", "PL_SEED_WORKERS")
"""Environment variables that Lightning's seeding sets."""


def need_nequip() -> None:
    """Say what to install where nequip is missing.

    Raises
    ------
    ImportError
        If nequip is not installed.
    """
    if find_spec("nequip") is None:
        raise ImportError("NequIP is not installed: pip install nequip")


@contextmanager
def nequip_at_work(threads: int = 1, seed: int | None = None) -> Iterator[None]:
    """Let nequip set its global state, and put everything back afterwards.

    It computes with double precision by default, which other networks in the same process must
    not see, and seeds Python's, numpy's and torch's generators.

    Parameters
    ----------
    threads
        Threads that torch may use.
    seed
        Of the generators while nequip is at work; None leaves them as nequip does.
    """
    need_nequip()
    import torch

    talkers = [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "nequip")]
    before = (
        torch.get_default_dtype(), torch.get_num_threads(), [log.level for log in talkers],
        random.getstate(), np.random.get_state(), torch.get_rng_state(),  # noqa: NPY002
        {name: os.environ.get(name) for name in SEEDS},
    )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch and Lightning about each other
            from nequip.utils.global_state import set_global_state

            for log in talkers:
                log.setLevel(logging.ERROR)
            set_global_state()
            torch.set_default_dtype(torch.float64)
            torch.set_num_threads(threads)
            if seed is not None:
                torch.manual_seed(seed)
            yield
    finally:
        dtype, count, levels, python, numpy, generator, environment = before
        torch.set_default_dtype(dtype)
        torch.set_num_threads(count)
        for log, level in zip(talkers, levels, strict=True):
            log.setLevel(level)
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        torch.set_rng_state(generator)
        for name, value in environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def evaluating(threads: int = 1) -> Iterator[None]:
    """Let a network that is there already compute: double precision by default, few threads."""
    import torch

    dtype, count = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(threads)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_num_threads(count)


def chosen_device(device: str) -> str:
    """Give ``"cpu"`` or ``"cuda"`` (perhaps numbered); ``"auto"`` takes a GPU where there is one.

    Raises
    ------
    ValueError
        For another device, or a GPU where there is none.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device != "cpu" and not (isinstance(device, str) and device.partition(":")[0] == "cuda"):
        raise ValueError(f"device must be 'auto', 'cpu' or 'cuda', got {device!r}")
    if device != "cpu" and not torch.cuda.is_available():
        raise ValueError(f"device is {device!r}, but torch finds no GPU here; take 'cpu' or 'auto'")
    return device
