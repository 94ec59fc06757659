"""Which samples belong together: those of one formula, of one chemical system, with an element."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matlearn.regression._diagnostics.checks import checked_count
from matlearn.regression._diagnostics.folds import Fold, make_folds

if TYPE_CHECKING:
    from matlearn.regression.tasks import Task

BY = ("formula", "system")
"""What makes a group: the same reduced formula, or the same elements."""


def parsed(formulas: Iterable[Any]) -> list[dict[str, float]]:
    """Parse formulas, each distinct one once."""
    from matlearn.regression.features import parse

    known: dict[str, dict[str, float]] = {}
    found = []
    for number, formula in enumerate(_as_list(formulas)):
        if not isinstance(formula, str):
            raise TypeError(f"formulas[{number}] must be a formula as text, got {formula!r}")
        if formula not in known:
            known[formula] = parse(formula)
        found.append(known[formula])
    return found


def _as_list(formulas: Iterable[Any]) -> list[Any]:
    if isinstance(formulas, str):
        raise TypeError(f"formulas must be a list of formulas, got the single text {formulas!r}")
    return list(formulas)


def formula_groups(formulas: Iterable[str], *, by: str = "formula") -> NDArray[np.int64]:
    """Number the samples so that those which belong together have the same number.

    Parameters
    ----------
    formulas : sequence of str, shape (n_samples,)
        Chemical formulas; ``"Fe2O3"`` and ``"Fe4O6"`` are the same one.
    by : str
        ``"formula"``: the same reduced formula, as polymorphs and duplicates have it;
        ``"system"``: the same elements in whatever amounts.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        From 0 on, in the order in which groups appear.

    Raises
    ------
    ValueError
        If something is no formula, or `by` is unknown.

    Examples
    --------
    >>> formula_groups(["Fe2O3", "FeO", "Fe4O6", "O"]).tolist()
    [0, 1, 0, 2]
    >>> formula_groups(["Fe2O3", "FeO", "Fe4O6", "O"], by="system").tolist()
    [0, 0, 0, 1]
    """
    if by not in BY:
        raise ValueError(f"by must be 'formula' or 'system', got {by!r}")
    numbers: dict[Any, int] = {}
    labels = [numbers.setdefault(_key(amounts, by), len(numbers)) for amounts in parsed(formulas)]
    return np.array(labels, dtype=np.int64)


def _key(amounts: dict[str, float], by: str) -> Any:
    if by == "system":
        return tuple(sorted(amounts))
    total = sum(amounts.values())
    return tuple((symbol, round(amounts[symbol] / total, 8)) for symbol in sorted(amounts))


def whole_formulas(task: Task, n: int, *, seed: int = 0) -> Task:
    """Draw formulas at random, and take all samples of each: a smaller task of the same kind.

    A random draw of samples tears polymorphs apart, and so hides how many of them there are.

    Parameters
    ----------
    task : Task
        What to draw from.
    n : int
        How many different formulas; the task itself, if it has no more.
    seed : int
        Of the draw.

    Returns
    -------
    Task
        Samples in their order, no longer official if some are left out.

    Raises
    ------
    ValueError
        If `n` is below 1, or something is no formula.

    Examples
    --------
    >>> from matlearn.regression import Task
    >>> formulas = ["CaO", "MgO", "SiO2", "SiO2"]
    >>> task = Task("gap", "regression", "band gap", "eV", list("abcd"), formulas, [6, 7, 8, 9])
    >>> len(whole_formulas(task, 1)), len(whole_formulas(task, 5))
    (2, 4)
    """
    labels = formula_groups(task.formulas)
    number = int(labels.max()) + 1
    if checked_count("n", n, 1) >= number:
        return task
    chosen = np.random.default_rng(seed).choice(number, size=n, replace=False)
    rows = np.flatnonzero(np.isin(labels, chosen))
    return replace(
        task,
        ids=[task.ids[row] for row in rows],
        formulas=[task.formulas[row] for row in rows],
        target=task.target[rows],
        structures=None if task.structures is None else [task.structures[row] for row in rows],
        official=False,
    )


def grouped_folds(
    formulas: Iterable[str], n: int = 5, *, by: str = "formula", seed: int = 0
) -> list[Fold]:
    """Divide samples into folds so that no formula is on both sides.

    Parameters
    ----------
    formulas : sequence of str, shape (n_samples,)
        Chemical formulas.
    n : int
        Number of folds.
    by : str
        ``"formula"`` or ``"system"``, see `formula_groups`.
    seed : int
        Of the shuffling of groups.

    Returns
    -------
    list of (train, test)
        Row numbers; each sample is tested once.

    Raises
    ------
    ValueError
        If something is no formula, or there are fewer groups than folds.

    Examples
    --------
    >>> folds = grouped_folds(["NaCl", "KCl", "Na2Cl2", "LiF"], 3)
    >>> sorted(len(test) for _, test in folds)
    [1, 1, 2]
    """
    labels = formula_groups(formulas, by=by)
    if len(labels) < 2:
        raise ValueError(f"formulas must hold two samples or more, got {len(labels)}")
    return make_folds(np.zeros(len(labels)), checked_count("n", n, 2), groups=labels, seed=seed)


def leave_one_element_out(
    formulas: Iterable[str], *, elements: Sequence[str] | None = None, min_count: int = 20
) -> dict[str, Fold]:
    """Divide samples by element: tested on all that hold it, trained on all that do not.

    Parameters
    ----------
    formulas : sequence of str, shape (n_samples,)
        Chemical formulas.
    elements : sequence of str, optional
        Elements to leave out; all that are in `min_count` samples or more where it is left out.
    min_count : int
        Elements in fewer samples are passed over, of those that were not asked for.

    Returns
    -------
    dict of str to (train, test)
        Row numbers by element, the most frequent first.

    Raises
    ------
    ValueError
        If something is no formula, an element is in no sample or in all of them, or none is in
        `min_count` of them.

    Notes
    -----
    B. Meredig and others, Mol. Syst. Des. Eng. 3, 819 (2018), leave out clusters; here the chemist
    draws them.

    Examples
    --------
    >>> folds = leave_one_element_out(["NaCl", "KCl", "NaF", "LiF"], min_count=2)
    >>> folds["Na"][0].tolist(), folds["Na"][1].tolist()
    ([1, 3], [0, 2])
    """
    checked_count("min_count", min_count, 1)
    amounts = parsed(formulas)
    held: dict[str, list[int]] = {}
    for row, one in enumerate(amounts):
        for symbol in one:
            held.setdefault(symbol, []).append(row)
    if elements is None:
        chosen = [s for s, rows in held.items() if min_count <= len(rows) < len(amounts)]
        if not chosen:
            raise ValueError(f"no element is in {min_count} samples or more, and missing in others: "
                             "lower min_count")  # fmt: skip
    else:
        chosen = list(dict.fromkeys(elements))
        for symbol in chosen:
            if not 0 < len(held.get(symbol, ())) < len(amounts):
                where = "none" if symbol not in held else "all"
                raise ValueError(f"elements: {symbol!r} is in {where} of the samples")
    everything = np.arange(len(amounts))
    chosen.sort(key=lambda symbol: (-len(held[symbol]), symbol))
    return {s: (np.setdiff1d(everything, held[s]), np.array(held[s])) for s in chosen}
