"""Settings of a sampling run that make no sense."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms


def check_settings(
    starts: list[Atoms],
    temperatures: Sequence[float],
    snapshots: int,
    disturbed: int,
    strain: float,
    rattle: tuple[float, float],
    min_distance: float | None,
) -> None:
    """Refuse settings that make no sense."""
    if not starts:
        raise ValueError("structures is empty: give at least one")
    for t in temperatures:
        if not 0 < t < 1e5:
            raise ValueError(f"temperatures must be in K, above 0 and below 100000, got {t}")
    for name, value in {"snapshots": snapshots, "disturbed": disturbed}.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
            raise ValueError(f"{name} must be a whole number, at least 0, got {value!r}")
    if not 0 <= strain < 0.3:
        raise ValueError(f"strain must be at least 0 and below 0.3, got {strain}")
    if len(rattle) != 2 or not 0 <= rattle[0] <= rattle[1] < np.inf:
        raise ValueError(f"rattle must be (least, largest) in A, got {rattle}")
    if min_distance is not None and not 0 <= min_distance < np.inf:
        raise ValueError(f"min_distance must be at least 0 and finite, in A, got {min_distance}")
