"""What an estimator sees of a run: coordinates of the ions and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matlearn.transport._estimators.fourier import mean_squares


@dataclass(frozen=True)
class Moments:
    """Moments of displacements over one lag."""

    square: float
    """Mean square."""
    share: float
    """Sum over principal axes of their squared shares in it."""
    cumulant: float
    """Fourth cumulant of the square: zero for Gaussian displacements."""


class Series:
    """Coordinates of one or several runs (replicas) of the same ions.

    Parameters
    ----------
    runs
        Arrays of shape (frames, ions, axes), unwrapped; frames may differ.
    squares
        Mean squares of each run by lag and axis, where they are known already.
    """

    def __init__(
        self, runs: Sequence[np.ndarray], squares: Sequence[np.ndarray] | None = None
    ) -> None:
        self.runs = list(runs)
        self.frames = [len(run) for run in self.runs]
        self.ions = self.runs[0].shape[1]
        self.axes = self.runs[0].shape[2]
        self.squares = [mean_squares(run) for run in self.runs] if squares is None else squares
        self._moments: dict[int, Moments] = {}

    @property
    def longest(self) -> int:
        """Frames of the longest run."""
        return max(self.frames)

    def windows(self, lags: np.ndarray) -> np.ndarray:
        """Count windows of each run (rows) at each lag."""
        return np.maximum(np.array(self.frames)[:, None] - np.asarray(lags)[None], 0)

    def by_axis(self) -> np.ndarray:
        """Average mean squares over the runs, each window counted once; shape (frames, axes)."""
        total = np.zeros((self.longest, self.axes))
        count = np.zeros(self.longest)
        for frames, values in zip(self.frames, self.squares, strict=True):
            windows = frames - np.arange(frames)
            total[:frames] += windows[:, None] * values
            count[:frames] += windows
        return total / count[:, None]

    def moments(self, lag: int) -> Moments:
        """Give the moments of displacements over so many frames."""
        if lag not in self._moments:
            self._moments[lag] = self._measure(lag)
        return self._moments[lag]

    def _measure(self, lag: int) -> Moments:
        tensor = np.zeros((self.axes, self.axes))
        fourth, count = 0.0, 0
        for run in self.runs:
            if len(run) <= lag:
                continue
            for begin in range(0, self.ions, 8):
                part = run[:, begin : begin + 8]
                moved = (part[lag:] - part[:-lag]).reshape(-1, self.axes)
                tensor += moved.T @ moved
                square = np.einsum("ka,ka->k", moved, moved)
                fourth += float(square @ square)
                count += len(moved)
        tensor /= count
        square_sum = float(np.trace(tensor))
        gauss = float(np.sum(tensor**2))
        if square_sum <= 0.0:
            return Moments(0.0, 1.0 / self.axes, 0.0)
        return Moments(
            square_sum, gauss / square_sum**2, fourth / count - square_sum**2 - 2 * gauss
        )
