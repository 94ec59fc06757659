"""Reasons to distrust a diffusion coefficient, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matlearn.transport._estimators.series import Series

FEWEST = 20
"""Independent displacements that a window should hold."""
HOP = 1.0
"""A: ions that diffused less than this far have hardly left their sites."""
UNLIKE = 2.0
"""Spread between ions, over that of ions that are alike, above which they are said not to be."""
DOUBTFUL = 0.3
"""Relative error above which a run is called too short."""


def doubts(
    series: Series,
    mean: np.ndarray,
    *,
    slope: float,
    error: float,
    start: int,
    straight: bool,
    time_step: float,
    unlike: float = 1.0,
) -> list[str]:
    """Say what is wrong with a line; `slope` and `error` in A2 per frame, `start` in frames."""
    found: list[str] = []
    length = sum(frames - 1 for frames in series.frames)
    duration = (series.longest - 1) * time_step
    if not slope > 2 * error:
        limit = (max(slope, 0.0) + 2 * error) / (2 * series.axes * time_step) * 1e-4
        found.append(
            "D is compatible with zero within two standard errors: quote an upper limit, "
            f"{limit:.1e} cm2/s"
        )
    elif error > DOUBTFUL * slope:
        found.append(
            f"the run is too short: D is known to {100 * error / slope:.0f} % only; an error of "
            f"10 % would take about {duration * (error / slope / 0.1) ** 2:.3g} ps"
        )
    diffused = np.sqrt(max(slope, 0.0) * (series.longest - 1))
    if diffused < HOP:
        found.append(
            f"ions diffused {diffused:.2g} A in the whole run of {duration:.4g} ps, less than a "
            "hop between sites: what is seen may be vibration"
        )
    independent = length * series.ions / start
    if independent < FEWEST:
        found.append(
            f"the run is too short: only about {independent:.0f} independent displacements, "
            f"{FEWEST} at least are needed for an error that can be trusted"
        )
    if not straight:
        low = max(1, start // 2)
        power = np.log(mean[2 * start] / mean[low]) / np.log(2 * start / low)
        found.append(
            "the mean squared displacement is not diffusive: it still bends at "
            f"{start * time_step:.3g} ps, where it grows as time to the power {power:.2f}; run "
            "longer, or do not quote D"
        )
    if unlike > UNLIKE:
        found.append(
            f"ions are not alike: from one to the next displacements differ {unlike:.1f} times more "
            "than by chance, so some are faster for the whole run; the error takes them for a "
            "sample of many"
        )
    return found


def drifting(series: Series, slope: float, error: float) -> list[str]:
    """Say so where all ions went the same way and nothing else could tell."""
    if series.ions < 2:
        return []
    found = []
    for run in series.runs:
        together = (run[-1] - run[0]).mean(axis=0)
        expected = (max(slope, 0.0) + error) * (len(run) - 1) / series.ions
        if together @ together > 15 * max(expected, 1e-300):
            found.append(
                f"all ions drifted by {np.linalg.norm(together):.3g} A together, and there are no "
                'other species to tell whether they moved or everything did: drift="all" takes '
                "their own centre off"
            )
            break
    return found


def unlike_temperatures(known: Sequence[float | None]) -> list[str]:
    """Say so where replicas were at different temperatures."""
    found = [temperature for temperature in known if temperature is not None]
    if not found or max(found) <= 1.05 * min(found):
        return []
    return [
        f"replicas at {min(found):.0f} to {max(found):.0f} K were pooled: D belongs to no temperature "
        "in between; estimate it at each, and fit them by arrhenius"
    ]
