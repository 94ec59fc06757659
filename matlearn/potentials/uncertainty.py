"""Indicators of error compared on equal terms: grade, committee, distance, against true error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.potentials._uncertainty.committee import Committee, fit_committee, forces_of
from matlearn.potentials._uncertainty.comparison import IndicatorComparison, score_table
from matlearn.potentials._uncertainty.distances import KINDS, distances
from matlearn.potentials.active import ActiveSet

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

__all__ = [
    "Committee",
    "IndicatorComparison",
    "compare_indicators",
    "descriptor_distance",
    "fit_committee",
]

Floats = NDArray[np.float64]

_PER = ("atom", "configuration")


def descriptor_distance(
    mtp: MTP, train: Iterable[Atoms], images: Iterable[Atoms], kind: str = "mahalanobis"
) -> list[Floats]:
    """Measure how far each atom's descriptors lie from those of the training set.

    Parameters
    ----------
    mtp : MTP
        The potential whose basis functions are the descriptors.
    train : list of ase.Atoms
        The training set.
    images : list of ase.Atoms
        Configurations to measure.
    kind : str
        ``"mahalanobis"``: from the mean of all environments of the element, in units of their
        covariance; ``"nearest"``: to the nearest one, each descriptor in units of its standard
        deviation.

    Returns
    -------
    list of ndarray, shape (n_atoms,)
        Without unit, a root mean square over descriptors: about 1 for a usual environment by
        ``"mahalanobis"``; infinite for an element that `train` lacks.

    Raises
    ------
    ValueError
        If `kind` is unknown or `train` is empty.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be {' or '.join(map(repr, KINDS))}, got {kind!r}")
    known, given = list(train), list(images)
    if not known:
        raise ValueError("train is empty: a distance needs the training set")
    if not given:
        return []
    found = distances(
        mtp.descriptors(known), _numbers(known), mtp.descriptors(given), _numbers(given), kind
    )
    return np.split(found, np.cumsum([len(atoms) for atoms in given])[:-1])


def compare_indicators(
    mtp: MTP,
    train: Sequence[Atoms],
    test: Sequence[Atoms],
    *,
    committee: Committee | None = None,
    others: Mapping[str, Sequence[Floats]] | None = None,
    per: str = "atom",
    large: float | None = None,
    draws: int = 200,
    seed: int = 0,
) -> IndicatorComparison:
    """Ask of several indicators how well each would have warned of the errors in the forces.

    Compared are ranks alone, so that none needs a calibration. All are of the same atoms; per
    configuration each, and the error too, is that of the worst atom.

    Parameters
    ----------
    mtp : MTP
        The potential that is judged.
    train : list of ase.Atoms
        What it was fitted to.
    test : list of ase.Atoms
        Other configurations, with reference forces.
    committee : Committee, optional
        From `fit_committee`, for the spread of its forces.
    others : mapping of str to list of ndarray, optional
        Further indicators by name: an array an image, with a number an atom.
    per : str
        ``"atom"`` or ``"configuration"``; the latter has the grade of the whole configuration, too.
    large : float, optional
        Errors above this (eV/A) count as large; where it is left out, the largest tenth does.
    draws : int
        Draws of whole configurations with replacement, for the errors of the scores.
    seed : int
        Of these draws.

    Returns
    -------
    IndicatorComparison

    Raises
    ------
    ValueError
        If there are fewer than two test configurations, one lacks forces, or another indicator
        does not have a finite number for each atom.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> from matlearn.potentials.moment_tensors import MTP
    >>> cells = [bulk("Cu", a=3.6, cubic=True).repeat((2, 1, 1)) for _ in range(12)]
    >>> for k, cell in enumerate(cells):
    ...     cell.rattle(0.02 * (k + 1), seed=k)
    >>> known = single_points(cells, "emt", progress=False)
    >>> mtp = MTP(4, ["Cu"], cutoff=4.5)
    >>> _ = mtp.fit(known[:6], max_iterations=5, progress=False)
    >>> compared = compare_indicators(mtp, known[:6], known[6:], draws=20)
    >>> list(compared.to_frame().index)
    ['grade', 'distance (mahalanobis)', 'distance (nearest)']
    """
    if per not in _PER:
        raise ValueError(f"per must be 'atom' or 'configuration', got {per!r}")
    images = list(test)
    errors = _force_errors(mtp, images)
    active = ActiveSet(mtp, train)
    makers: dict[str, Callable[[], list[Any]]] = {
        "grade": lambda: [active.per_atom(atoms) for atoms in images]
    }
    if per == "configuration":
        makers["grade (configuration)"] = lambda: [[one] for one in active.grades(images)]
    if committee is not None:
        makers["committee"] = lambda: committee.force_spread(images)
    for kind in KINDS:
        makers[f"distance ({kind})"] = lambda kind=kind: descriptor_distance(  # type: ignore[misc]
            mtp, train, images, kind
        )
    active.per_atom(images[0])
    active.grades(images[:1])  # chosen and compiled by now: what is timed is the use
    sizes = [len(atoms) for atoms in images]
    found: dict[str, Floats] = {}
    costs: dict[str, float] = {}
    for name, make in makers.items():
        start = time.process_time()
        values = make()
        costs[name] = 1e6 * (time.process_time() - start) / sum(sizes)
        found[name] = _condensed(values, per)
    for name, given in (others or {}).items():
        found[name], costs[name] = _condensed(_checked(name, given, sizes), per), float("nan")
    configuration = np.repeat(np.arange(len(images)), sizes if per == "atom" else 1)
    error = _condensed(errors, per)
    limit = float(np.quantile(error, 0.9)) if large is None else float(large)
    table = score_table(found, error, limit, configuration, costs, draws, seed)
    return IndicatorComparison(per, error, found, configuration, limit, table)


def _force_errors(mtp: MTP, images: list[Atoms]) -> list[Floats]:
    if len(images) < 2:
        raise ValueError(f"test must hold two configurations or more, got {len(images)}")
    references = []
    for number, atoms in enumerate(images):
        forces = atoms.calc.results.get("forces") if atoms.calc is not None else None
        if forces is None:
            raise ValueError(f"test[{number}] ({atoms.symbols}) has no reference forces")
        references.append(np.asarray(forces))
    predicted = forces_of(mtp, images)
    return [np.linalg.norm(a - b, axis=1) for a, b in zip(predicted, references, strict=True)]


def _condensed(values: Sequence[Any], per: str) -> Floats:
    condensed: Floats = (
        np.concatenate(values) if per == "atom" else np.array([np.max(one) for one in values])
    )
    return condensed


def _checked(name: str, given: Sequence[Any], sizes: list[int]) -> list[Floats]:
    values = [np.asarray(one, dtype=float) for one in given]
    if [one.shape for one in values] != [(size,) for size in sizes]:
        raise ValueError(f"others[{name!r}] must have an array an image, with a number an atom")
    if not all(np.isfinite(one).all() for one in values):
        raise ValueError(f"others[{name!r}] must be finite")
    return values


def _numbers(images: Sequence[Atoms]) -> NDArray[np.int64]:
    return np.concatenate([atoms.numbers for atoms in images])
