"""The joint error of two diffusion coefficients that come from the same runs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matlearn.transport.diffusion import Diffusion
    from matlearn.transport.trajectories import Trajectory

__all__ = ["blocks_of", "jackknife"]

BLOCKS = 10
"""Blocks that all runs together are cut into."""
FEWEST = 5
"""Fewer blocks than this say too little about an error."""


def blocks_of(runs: Sequence[Trajectory], start: float) -> list[Trajectory]:
    """Cut runs into blocks of time, each at least eight times as long as `start` (ps)."""
    blocks = []
    for run in runs:
        wanted = math.ceil(BLOCKS / len(runs))
        least = max(8 * start / run.time_step, 20.0)
        number = max(1, min(wanted, int((len(run) - 1) / least)))
        edges = np.linspace(0, len(run) - 1, number + 1).astype(int)
        blocks += [run[a : b + 1] for a, b in pairwise(edges)]
    return blocks


def jackknife(
    blocks: Sequence[Trajectory], pair: tuple[Diffusion, Diffusion], drift: str | None
) -> np.ndarray | None:
    """Give the covariance (2, 2) of the logarithms of two diffusion coefficients.

    Parameters
    ----------
    blocks
        The blocks of time that the runs were cut into.
    pair
        The two, of all runs: what moves, how it is counted and where the fit begins.
    drift
        What was taken off.

    Returns
    -------
    numpy.ndarray or None
        From leaving out one block at a time (B. Efron, The Jackknife, SIAM 1982, chapter 3); None
        where there are fewer than five, or a coefficient is not positive without one of them.
    """
    from matlearn.transport.diffusion import diffusion_coefficient

    number = len(blocks)
    if number < FEWEST:
        return None
    logs = np.empty((number, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # said already of the whole runs
        for left_out in range(number):
            rest = [block for place, block in enumerate(blocks) if place != left_out]
            for k, whole in enumerate(pair):
                found = diffusion_coefficient(
                    rest,
                    whole.species,
                    method="ols" if whole.method == "ols" else "gls",
                    diffusive_from=whole.window[0],
                    kind=whole.kind,
                    drift=drift,
                    axes=whole.axes,
                )
                if not found.value > 0:
                    return None
                logs[left_out, k] = math.log(found.value)
    covariance: np.ndarray = np.cov(logs.T, bias=True) * (number - 1)
    return covariance
