"""Checks of exercise 3, what to compute next."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from ase import Atoms

from matlearn.exercises import Verdict, judge
from matlearn.potentials._checks.data import learned, unseen

_LIMIT = 2.1
_DRAWS = 10


def pool() -> list[Atoms]:
    """Give the structures that may be computed."""
    return unseen()[::2]


def test() -> list[Atoms]:
    """Give the structures to test on."""
    return unseen()[1::2]


@functools.cache
def _choices() -> dict[str, list[int]]:
    from matlearn.potentials import ActiveSet

    active = ActiveSet(learned().mtp, learned().images)
    chosen = active.select(pool(), threshold=_LIMIT, mode="neighbourhood")
    grades = active.grades(pool(), "neighbourhood")
    return {
        "right": chosen,
        "highest": [int(k) for k in np.argsort(-grades)[: len(chosen)]],
        "above": [int(k) for k in np.flatnonzero(grades > _LIMIT)],
        "configuration": active.select(pool(), threshold=_LIMIT),
        "test": active.select(test(), threshold=_LIMIT, mode="neighbourhood"),
    }


def chosen(answer: Any) -> Verdict:
    """Check which structures of the pool are selected."""
    known = _choices()
    given = answer.tolist() if hasattr(answer, "tolist") else answer
    named = {str(one) for one in given} if isinstance(given, list | tuple | set) else set()
    slips = {
        "these are all with a grade above 2.1. Many of them are alike: once one liquid is known, the "
        "next is less new. `select` lets MaxVol decide": known["above"],
        "these are the highest grades, each judged by itself. `select` takes a structure in, and judges "
        "the others anew": known["highest"],
        "these are what the mode 'configuration' takes; with fewer structures than parameters it finds "
        "nearly everything new. Take 'neighbourhood'": known["configuration"],
        "these are numbers of the test set; select from `pool`": known["test"],
    }
    for words, wrong in slips.items():
        if named and named == {str(k) for k in wrong} and set(wrong) != set(known["right"]):
            return Verdict(False, f"{words}.")
    images = [given] if isinstance(given, Atoms) else given
    if isinstance(images, list) and any(isinstance(one, Atoms) for one in images):
        return Verdict(
            False, "these are structures: give their numbers in `pool`, as `select` returns them."
        )
    kinds = sorted({pool()[k].info["kind"] for k in known["right"]})
    return judge.members(
        given,
        known["right"],
        what="structures",
        missed="some are above the threshold even after the others are in",
        extra="`potentials.ActiveSet(run.mtp, run.images).select(pool, threshold=2.1, "
        "mode=\"neighbourhood\")` takes fewer",
        right=f"{len(known['right'])} of {len(pool())}, of the kinds {', '.join(kinds)}: nothing that is "
        "like what the run has seen.",
    )  # fmt: skip


def _error(mtp: Any) -> dict[str, float]:
    from matlearn.fitting import error_report

    report = error_report(mtp.calculator(), test())
    return {"components": report.metrics["f_rmse"], "lengths": report.errors["forces"].rms}


@functools.cache
def _after(rows: tuple[int, ...]) -> dict[str, float]:
    """Errors and highest grade after the potential has learned some of the pool."""
    from matlearn.fitting import error_report
    from matlearn.potentials import ActiveSet

    mtp, images = learned().mtp.copy(), learned().images + [pool()[k] for k in rows]
    mtp.fit(images, restart=False, max_iterations=30, progress=False)
    grade = ActiveSet(mtp, images).grades(test(), "neighbourhood").max()
    train = error_report(mtp.calculator(), images).metrics["f_rmse"]
    return {**_error(mtp), "grade": float(grade), "train": train}


@functools.cache
def _random() -> list[dict[str, float]]:
    count = len(_choices()["right"])
    found = []
    for seed in range(_DRAWS):
        rows = np.random.default_rng(seed).choice(len(pool()), count, replace=False)
        found.append(_after(tuple(int(k) for k in rows)))
    return found


def improved(answer: Any) -> Verdict:
    """Check the error of forces after the selected structures were learned."""
    right = _after(tuple(_choices()["right"]))
    before = _error(learned().mtp)
    return judge.number(
        answer,
        right["components"],
        unit="eV/A",
        rtol=0.01,
        mistakes={
            "lengths of forces are compared": (
                right["lengths"],
                "That is larger by the root of three; `metrics['f_rmse']` is for components",
            ),
            "nothing has been learned": (
                before["components"],
                "Fit a copy to `run.images` and the selected structures, and test that one",
            ),
            "the training set is tested": (right["train"], "Use `test`"),
            "the whole pool is learned": (
                _after(tuple(range(len(pool()))))["components"],
                "Add the selected structures alone",
            ),
        },
        look="`mtp = run.mtp.copy()`, `mtp.fit(run.images + [pool[k] for k in selected], restart=False, "
        "max_iterations=30)`, then `potentials.error_report(mtp.calculator(), test).metrics['f_rmse']`",
        right=f"from {before['components']:.4f} eV/A. All {len(pool())} of the pool would give "
        f"{_after(tuple(range(len(pool()))))['components']:.4f}.",
    )


def drawn(answer: Any) -> Verdict:
    """Check the mean error of random draws, and the highest grade that they leave."""
    given = judge.pair(answer, "a pair, the mean error and the highest grade of ten draws,")
    if isinstance(given, Verdict):
        return given
    errors = [one["components"] for one in _random()]
    grades = [one["grade"] for one in _random()]
    selected = _after(tuple(_choices()["right"]))
    first = judge.number(
        given[0],
        float(np.mean(errors)),
        unit="eV/A",
        rtol=0.01,
        mistakes={
            "the best draw is given": (float(np.min(errors)), "The mean of ten is asked for"),
            "the worst draw is given": (float(np.max(errors)), "The mean of ten is asked for"),
            "the selection is given": (selected["components"], "The draws are asked for"),
        },
        look="ten draws with the seeds 0 to 9, `np.random.default_rng(seed).choice(len(pool), "
        "len(selected), replace=False)`; fit and test each as in 3b; the mean",
    )
    second = judge.number(
        given[1],
        float(np.max(grades)),
        rtol=0.1,
        mistakes={
            "the mean of the highest grades is given": (
                float(np.mean(grades)),
                "The highest of all ten draws is asked for: the worst case",
            ),
            "the selection's grade is given": (selected["grade"], "That of the draws is asked for"),
        },
        look="for each draw the largest of `ActiveSet(mtp, images).grades(test, 'neighbourhood')`, and "
        "the largest of these ten",
    )
    return judge.all_of(
        lambda: first,
        lambda: second,
        right=f"on average hardly worse than the selection ({selected['components']:.4f} eV/A), but "
        f"somewhere in the test set it leaves a grade of {np.max(grades):.0f}, where the selection leaves "
        f"{selected['grade']:.1f}. Selection is an insurance.",
    )


@functools.cache
def _wider() -> dict[str, float]:
    from matlearn.potentials import MTP

    images = learned().images + [pool()[k] for k in _choices()["right"]]
    found = {}
    for name, cutoff, level in (("right", 6.0, 8), ("same", 5.0, 8)):
        mtp = MTP(level, ["Li"], cutoff=cutoff)
        mtp.fit(images, starts=2, max_iterations=40, progress=False)
        found[name] = _error(mtp)["components"]
        found[f"{name}, lengths"] = _error(mtp)["lengths"]
    return found


def wider(answer: Any) -> Verdict:
    """Check the error of a potential that sees further."""
    known = _wider()
    return judge.number(
        answer,
        known["right"],
        unit="eV/A",
        rtol=0.04,
        mistakes={
            "lengths of forces are compared": (
                known["right, lengths"],
                "`metrics['f_rmse']` is for components",
            ),
            "the cut-off has stayed at 5 A": (
                known["same"],
                "`potentials.MTP(8, [\"Li\"], cutoff=6.0)`, fitted from random starts",
            ),
        },
        look="a new `potentials.MTP(8, [\"Li\"], cutoff=6.0)`, `fit(..., starts=2, max_iterations=40)` to "
        "`run.images` and the selected structures; no `restart=False`, it has no parameters yet",
        right="a third off, from the same structures: one more angstrom is worth more than the rest of "
        "the pool.",
    )  # fmt: skip


def limits(answer: Any) -> Verdict:
    """Check what limits the potential."""
    return judge.choice(
        answer,
        "c",
        {
            "a": "all of the pool together brought hardly more than the selected ones (see the verdict of "
            "3b)",
            "b": "grades tell whether a structure is new to the potential. Few are, after 3b, and the "
            "error is still there",
            "c": "its grades are low, its data are plenty for 26 parameters, and the error stays: then it "
            "is the form. No grade says so, since it knows nothing but the form",
            "d": "the reference's noise is below 0.01 eV/A, and the wider cut-off went below your 3b with "
            "the same data",
        },
    )
