"""A bar that says how far training is, and how well it goes."""

from __future__ import annotations

import math


class EpochBar:
    """A progress bar over the epochs of all members.

    Parameters
    ----------
    total
        Number of epochs of all members together.
    """

    def __init__(self, total: int) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(total=total, unit="epoch")

    def __call__(self, row: dict[str, float]) -> None:
        """Take a row of the history."""
        shown = {"loss": f"{row['loss']:.3f}"}
        if not math.isnan(row["validation"]):
            shown["validation"] = f"{row['validation']:.4g}"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Leave it as it is."""
        self._bar.close()
