"""Relax many candidate structures with a potential that learns on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn._relaxing.loop import Run, relax_all
from matlearn._relaxing.relaxation import CopyOf
from matlearn.calculators import calculator_factory, describe
from matlearn.potentials._hulls.checks import checked_candidates, checked_limits, checked_start
from matlearn.potentials._hulls.folder import Folder, digest_of_all, digest_of_known
from matlearn.potentials._hulls.journal import Remembered
from matlearn.potentials._hulls.learning import Learner, first_structures
from matlearn.potentials._hulls.result import LearnedHull
from matlearn.potentials._hulls.stages import judge, screen, some_of
from matlearn.potentials.moment_tensors import MTP

__all__ = ["LearnedHull", "relax_and_learn"]


def relax_and_learn(
    structures: Iterable[Atoms],
    mtp: MTP,
    reference: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    folder: str | os.PathLike[str],
    accurate: MTP | None = None,
    images: Iterable[Atoms] = (),
    start: int = 20,
    survivors: int = 50,
    select: float = 2.1,
    stop: float = 10.0,
    keep: float = 4.0,
    fmax: float = 0.02,
    max_steps: int = 200,
    max_sweeps: int = 20,
    max_calls: int | None = None,
    max_iterations: int = 40,
    weights: tuple[float, float, float] = (1.0, 0.01, 0.001),
    seed: int = 0,
    workers: int | None = None,
    client: Any = None,
    progress: bool = True,
) -> LearnedHull:
    """Find the convex hull of an alloy with few calculations of the reference.

    1. Every candidate is relaxed with the potential, cell and positions, and every step is graded
       (the largest grade of its atoms). Above `select` a configuration is marked, above `stop` the
       relaxation is broken off. Of all that was marked in a sweep, `ActiveSet.select` chooses what
       differs; the reference computes these single points, the potential is trained on them as
       well, and candidates with a mark are relaxed anew, until none has one.
    2. The first screen keeps what lies within `keep` of the potential's own RMSE (eV/atom, of its
       training set) of the hull.
    3. The reference computes some of these as they are, and a second potential is trained on
       everything: relaxed with it, again with learning on the way, they are screened again with
       its own, smaller RMSE.
    4. What is left is relaxed by the reference. The hull is made of the reference's energies
       alone: the potentials decide what is looked at, not what is found.

    Everything is kept in `folder`. Whatever ends the process (Ctrl-C, a kill, a power cut), the
    same call goes on from there: each result of the reference is written down as soon as it is
    there, each step of the final relaxations too, and none is computed twice.

    Parameters
    ----------
    structures
        Candidates, periodic in three directions, with one of each pure element among them; see
        `alloy_candidates`. A label is ``info["label"]``, or formula and position.
    mtp
        The first potential, fitted or not. It is copied: see `LearnedHull.potentials`.
    reference
        What `matlearn.calculators.get_calculator` knows, a function that makes an ASE calculator,
        or a calculator (which works in this process unless `workers` or `client` ask for copies).
    folder
        Where everything is kept; new, or of the same call.
    accurate
        The second potential, of a higher level; None goes on with the first.
    images
        Configurations with reference results to begin with; needed where `mtp` is fitted.
    start
        Without `images`: single points to begin with, of candidates strained and rattled, the
        elements first.
    survivors
        Single points of relaxed structures that passed the first screen, at most.
    select, stop
        Grades above which a configuration is marked, and a relaxation broken off.
    keep
        Width of the screens in RMSE.
    fmax, max_steps
        When a structure is relaxed (eV/A), and after how many steps it is given up, for the
        potentials and the reference alike.
    max_sweeps, max_calls
        Most sweeps a screen, and most single points in all; what still extrapolates then is a
        failure (`LearnedHull.failures`). The final relaxations are not limited.
    max_iterations, weights
        Of each fit; see `MTP.fit`.
    seed
        Of the first configurations, of the choice of survivors, and of the fits.
    workers, client, progress
        As for `matlearn.search.run_search`.

    Returns
    -------
    LearnedHull
        With ``.to_frame()``, ``.plot()``, ``.failures()``, ``.sweeps()``; calls and CPU seconds
        by part.

    Raises
    ------
    ValueError, TypeError
        For an argument that makes no sense, structures without a pure element, or a folder that
        holds another run (the message says what differs).

    References
    ----------
    K. Gubaev, E. V. Podryabinkin, G. L. W. Hart, A. V. Shapeev, Comput. Mater. Sci. 156, 148
    (2019).

    Examples
    --------
    >>> import tempfile
    >>> from matlearn.potentials.candidates import alloy_candidates
    >>> cells = alloy_candidates(["Cu", "Au"], 2, lattices=["fcc"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hull = relax_and_learn(cells, MTP(2, ["Cu", "Au"]), "emt", folder=f"{folder}/run",
    ...                            start=8, max_iterations=5, workers=1, progress=False)
    >>> len(hull.to_frame()), sum(hull.calls.values()) < 100
    (4, True)
    """
    limits = checked_limits(
        select, stop, keep, fmax, max_steps, max_sweeps, max_calls, survivors, max_iterations,
        weights,
    )  # fmt: skip
    candidates = checked_candidates(structures, mtp.species, mtp.cutoff)
    known = checked_start(mtp, images, start, accurate)
    make = calculator_factory(reference)
    if isinstance(reference, BaseCalculator) and (client is not None or (workers or 1) > 1):
        make = CopyOf(reference)
    alone = 1 if isinstance(reference, BaseCalculator) and workers is None else workers
    settings = {
        "reference": describe(reference),
        "potentials": [repr(mtp), repr(accurate)],
        "start": start,
        "survivors": survivors,
        "weights": list(weights),
        "max_iterations": max_iterations,
        "seed": seed,
        "candidates": digest_of_all(candidates),
        "images": digest_of_known(known),
        **limits,
    }
    with Folder(Path(folder), settings) as place:
        learner = Learner(
            place, make, select, stop, fmax, max_steps, max_sweeps, max_calls, max_iterations,
            weights, seed, workers, alone, client, progress,
        )  # fmt: skip
        place.describe(candidates, mtp.species)
        try:
            if known:
                place.take(known)
            else:
                learner.label(first_structures(candidates, start, seed), "start")
            first = place.potential(1) or mtp.copy()
            kept = screen(learner, 1, first, candidates, keep)
            sample = some_of(kept, survivors, seed)
            learner.label(sample, "survivors")
            judge(learner, first, sample)
            second = place.potential(2) or (first if accurate is None else accurate).copy()
            kept = screen(learner, 2, second, kept, keep)
            _final(place, kept, make, learner)
        finally:
            place.save()
    return LearnedHull.read(folder)


def _final(place: Folder, kept: list[Atoms], make: Any, learner: Learner) -> None:
    """Relax what is left by the reference."""
    relax_all(
        kept,
        Remembered(make, place.journal),
        kind=Run,
        store=place.path / "final.db",
        relax="full",
        fmax=learner.fmax,
        max_steps=learner.max_steps,
        workers=learner.reference_workers,
        client=learner.client,
        progress=learner.progress,
    )
