"""The convex hull of formation energies, of any number of components: what chapters share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SAME = 1e-9


def lowest_mixtures(fractions: Floats, formation: Floats) -> Floats:
    """Find the lowest mixture of phases at the composition of each phase: the hull there.

    A linear programme, solved for each composition.

    Parameters
    ----------
    fractions
        Atomic fractions of each phase, shape (n, components); the pure elements among them.
    formation
        Formation energies in eV/atom, shape (n,), from the lowest phase of each element.

    Returns
    -------
    ndarray, shape (n, n)
        Row i: the fractions of all phases in the lowest mixture with the composition of phase i.
        ``lowest_mixtures(...) @ formation`` is the hull's energy at each phase.

    Raises
    ------
    RuntimeError
        If a linear programme is not solved.

    Examples
    --------
    >>> fractions = np.array([[1, 0], [0.5, 0.5], [0.75, 0.25], [0, 1]])
    >>> (lowest_mixtures(fractions, np.array([0, -0.2, 0, 0])) @ [0, -0.2, 0, 0]).round(3)
    array([ 0. , -0.2, -0.1,  0. ])
    """
    from scipy.optimize import linprog

    # only the lowest phase of each composition, and nothing above the elements, can be on the hull
    order = np.lexsort((formation, *np.round(fractions, 9).T))
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.abs(np.diff(fractions[order], axis=0)).max(axis=1) > _SAME
    lowest = order[first]
    candidates = np.sort(lowest[formation[lowest] <= 1e-12])
    mixtures = np.zeros((len(fractions), len(fractions)))
    composition = np.cumsum(first) - 1  # of each phase in `order`
    for number, row in enumerate(lowest):
        target = fractions[row]
        inside = candidates[(fractions[candidates] <= (target > 0)).all(axis=1)]
        solution = linprog(
            formation[inside], A_eq=fractions[inside].T[target > 0], b_eq=target[target > 0],
            method="highs-ds",
        )  # fmt: skip
        if not solution.success:
            raise RuntimeError(f"the convex hull was not found: {solution.message}")
        mixtures[np.ix_(order[composition == number], inside)] = solution.x
    return mixtures
