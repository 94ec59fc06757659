"""What is said to answers of exercise 4: what is wrong with a run, and whether it was mended."""

from __future__ import annotations

from typing import Any

import numpy as np

from matlearn.exercises import Verdict, judge
from matlearn.transport._checks.colleagues import SIGNS, TRUE, colleague, straight_line


def diagnosis(answer: Any) -> Verdict:
    """Judge a cause for each of five runs; say what else would be seen if a wrong one were so."""
    return judge.causes(
        answer,
        TRUE,
        SIGNS,
        solved="all five. None was found by the fit: each cause does something else to the run that a "
        "line through a mean squared displacement does not know of.",
    )


def mended(answer: Any) -> Verdict:
    """Judge D of the run whose positions had been wrapped."""
    spoiled = colleague("A").run
    return judge.number(
        answer,
        _sound_diffusion,
        unit="cm2/s",
        rtol=0.06,
        mistakes={
            "the positions are still wrapped, and a line is fitted to what does not rise": (
                lambda: straight_line(spoiled, "Ag")[0]
            ),
            "the positions are still wrapped: no displacement gets beyond the cell": (
                lambda: _estimate(spoiled.positions)
            ),
            "the shortest way is taken for whole displacements, from the first frame on. An ion may "
            "get farther than half of the cell: take it from one frame to the next, and add up": (
                lambda: _estimate(_from_the_start())
            ),
            "steps that are too long are left out instead of being taken the short way round": (
                lambda: _estimate(_without_jumps())
            ),
        },
        look="the shortest way from each frame to the next, in all three directions, then the sum of "
        "steps; silver only",
        right="from frame to frame an ion goes the short way; added up, it gets out of the cell.",
    )


def usable_until(answer: Any) -> Verdict:
    """Judge until when the run that melts is a crystal."""
    length = judge.number(answer, 300.0, unit="ps", atol=1e9)
    if not length.passed:
        return length
    until = float(np.asarray(answer).item())
    run = colleague("D").run
    if until <= 1.0:
        return Verdict(False, f"{until:g} ps leave nothing to fit: a time in ps is asked for.")
    lost = lattice_lost()
    if until > run.duration:
        return Verdict(False, f"the run has {run.duration:.0f} ps: choose a time within it.")
    if until > lost:
        moved = _sulfur(until - 50, until)
        early = _sulfur(0, 50)
        return Verdict(
            False,
            f"in the last 50 ps before {until:.0f} ps each sulfur ion comes {moved:.1f} Å² far within "
            f"20 ps; in the first 50 ps it is {early:.1f} Å². Is that still one crystal? Cut it into "
            "windows and see when it begins.",
        )
    if until < 0.5 * lost:
        return Verdict(
            False,
            f"up to {until:.0f} ps the sulfur stays on its lattice indeed, but it still does so for "
            "as long again and more: half of what is good would be thrown away.",
        )
    return Verdict(
        True,
        "up to there sulfur vibrates about its places. A little less is safe, a little more is not: "
        "one cuts by the framework, never by what D should be.",
    )


def straightest(answer: Any) -> Verdict:
    """Judge whose straight line is the best."""
    quality = {letter: straight_line(colleague(letter).run, "Ag")[1] for letter in "ABDE"}
    best = max(quality, key=lambda letter: quality[letter])
    why = {
        letter: f"its R² is {value:.4f}, and another run has more"
        for letter, value in quality.items()
        if letter != best
    }
    why[best] = "the straightest line of the four, and nothing in it says what the atoms were doing"
    return judge.choice(answer, best, why)


def lattice_lost() -> float:
    """When sulfur leaves its places in the run of D (ps): windows of 50 ps, ten times what it was."""
    early = _sulfur(0, 50)
    for end in range(100, 1000, 5):
        if _sulfur(end - 50, end) > 3 * early:
            return float(end)
    return float("inf")


def _sulfur(start: float, end: float) -> float:
    """Mean squared displacement of sulfur within 20 ps, in a part of the run of D (A2)."""
    from matlearn.transport.displacements import mean_squared_displacement

    run = colleague("D").run
    part = run[max(0, round(start / run.time_step)) : round(end / run.time_step) + 1]
    if len(part) < 12:
        part = run[:12]
    return float(mean_squared_displacement(part, "S", drift="all").values[10])


def _sound_diffusion() -> float:
    from matlearn import datasets
    from matlearn.transport.diffusion import diffusion_coefficient

    return diffusion_coefficient(datasets.load("silver-sulfide-runs")["550K"], "Ag").value


def _estimate(positions: np.ndarray) -> float:
    """D of silver from such positions, as the library estimates it, without its warnings."""
    import warnings
    from dataclasses import replace

    from matlearn.transport.diffusion import diffusion_coefficient

    run = colleague("A").run
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return diffusion_coefficient(
            replace(run[: len(positions)], positions=positions), "Ag"
        ).value


def _edges() -> np.ndarray:
    return np.asarray(colleague("A").run.cells[0].diagonal())


def _from_the_start() -> np.ndarray:
    positions, edge = colleague("A").run.positions, _edges()
    moved = positions - positions[:1]
    return np.asarray(positions[:1] + moved - edge * np.round(moved / edge))


def _without_jumps() -> np.ndarray:
    positions, edge = colleague("A").run.positions, _edges()
    steps = np.diff(positions, axis=0)
    steps[np.abs(steps) > edge / 2] = 0.0
    return np.asarray(positions[:1] + np.cumsum(steps, axis=0))
