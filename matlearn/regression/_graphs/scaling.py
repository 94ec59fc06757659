"""The scale on which a property is learned: mean 0, standard deviation 1, of it or its logarithm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SCALES = ("auto", "linear", "log")
WIDE = 10.0
"""Ratio of the largest to the smallest target above which ``"auto"`` takes logarithms."""


@dataclass(frozen=True)
class TargetScale:
    """From a property to what the network learns, and back.

    Attributes
    ----------
    kind : str
        ``"linear"`` or ``"log"``.
    mean, std : float
        Of the training targets, or of their natural logarithms.
    """

    kind: str
    mean: float
    std: float

    @classmethod
    def of(cls, targets: np.ndarray, kind: str) -> TargetScale:
        """Choose the scale for training targets.

        Raises
        ------
        ValueError
            For another kind, or logarithms of what is not positive.
        """
        if kind not in SCALES:
            raise ValueError(f"target_scale must be one of {', '.join(SCALES)}, got {kind!r}")
        lowest = targets.min()
        if kind == "log" and lowest <= 0:
            raise ValueError(
                f"target_scale='log' needs targets above 0, got {lowest:g}: take 'linear'"
            )
        if kind == "auto":
            kind = "log" if lowest > 0 and targets.max() > WIDE * lowest else "linear"
        values = np.log(targets) if kind == "log" else targets
        return cls(kind, float(values.mean()), float(values.std()) or 1.0)

    def forward(self, targets: np.ndarray) -> np.ndarray:
        """From the property to the network's scale."""
        values = np.log(targets) if self.kind == "log" else targets
        return (values - self.mean) / self.std

    def back(self, values: np.ndarray) -> np.ndarray:
        """From the network's scale to the property."""
        targets = self.mean + self.std * values
        return np.exp(targets) if self.kind == "log" else targets
