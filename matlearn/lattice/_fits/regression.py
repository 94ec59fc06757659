"""trainstation's regression methods on weighted rows, quiet and seeded."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matlearn.lattice._fits.libraries import trainstation

Floats = NDArray[np.float64]

METHODS = (
    "adaptive-lasso",
    "ardr",
    "bayesian-ridge",
    "elasticnet",
    "lasso",
    "least-squares",
    "omp",
    "rfe",
    "ridge",
    "split-bregman",
)
ALIASES = {"ols": "least-squares", "ordinary-least-squares": "least-squares"}
_SIDE_BY_SIDE = ("elasticnet", "lasso", "omp", "rfe")  # validate in processes unless told not to


@dataclass(frozen=True)
class Regression:
    """What came out of one fit."""

    parameters: Floats
    hyperparameters: dict[str, float]
    notes: tuple[str, ...]


def method_name(method: Any) -> str:
    """Return trainstation's name of a method.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    name = ALIASES.get(method, method) if isinstance(method, str) else method
    if name not in METHODS:
        raise ValueError(
            f"method must be one of {', '.join(METHODS)} (or 'ols' for least-squares), "
            f"got {method!r}"
        )
    return str(name)


def column_scales(matrix: Floats) -> Floats:
    """Return the standard deviation of each column, 1 where it does not vary (trainstation's)."""
    scales = matrix.std(axis=0)
    constant = scales <= 10 * np.finfo(float).eps * np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    return np.where(constant, 1.0, scales)


def regress(
    matrix: Floats,
    targets: Floats,
    *,
    method: str,
    options: Mapping[str, Any],
    weights: Floats | None = None,
    seed: int = 0,
) -> Regression:
    """Fit targets = matrix @ parameters as trainstation does.

    As there, columns are divided by their standard deviation and targets by theirs before a
    method sees them. Weights multiply the squared residuals; the standard deviations are those
    of the rows without weights, so that equal weights change nothing.
    """
    scales = column_scales(matrix)
    spread = float(np.std(targets)) or 1.0
    root = np.ones(len(targets)) if weights is None else np.sqrt(weights)
    rows, values = matrix / scales * root[:, None], targets / spread * root
    arguments = dict(options)
    if method in _SIDE_BY_SIDE and arguments.get("alpha") is None:
        arguments.setdefault("n_jobs", 1)
    fit = trainstation().fit
    with warnings.catch_warnings(record=True) as caught, _seeded(seed), _logged() as logged:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(io.StringIO()):  # adaptive-lasso prints its scan
            try:
                results = fit(
                    rows, values, method, standardize=False, check_condition=False, **arguments
                )
            except (TypeError, ValueError) as error:
                raise _explained(error, method, len(rows)) from error
    parameters = np.asarray(results.pop("parameters"), dtype=float) * spread / scales
    found = {k: float(v) for k, v in results.items() if np.ndim(v) == 0}
    notes = dict.fromkeys([*(str(one.message).splitlines()[0] for one in caught), *logged])
    return Regression(parameters, found, tuple(notes))


def has_closed_form(method: str, options: Mapping[str, Any]) -> bool:
    """Say whether leaving one out needs no second fit: least squares, ridge of known strength."""
    if method == "least-squares":
        return True
    return method == "ridge" and set(options) == {"alpha"} and options["alpha"] is not None


def penalties(matrix: Floats, method: str, options: Mapping[str, Any]) -> Floats | None:
    """Return the ridge penalties in the units of `matrix`, None for least squares."""
    if method == "least-squares":
        return None
    penalty: Floats = float(options["alpha"]) * column_scales(matrix) ** 2
    return penalty


def _explained(error: Exception, method: str, n_structures: int) -> Exception:
    """Say what to do about an error of trainstation or scikit-learn."""
    words = str(error)
    if "unexpected keyword argument" in words:
        return TypeError(
            f"neither fit_cluster_expansion nor its method {method!r} has the option "
            f"{words.rpartition(' ')[2]}"
        )
    if "number of splits" in words or "n_splits" in words:
        return ValueError(
            f"{method} chooses its strength by cross-validation and has only {n_structures} "
            f"structures to do so ({words}): give it as an option (alpha, mu for "
            "split-bregman), add structures, or take 'ridge'"
        )
    return error


@contextlib.contextmanager
def _logged() -> Iterator[list[str]]:
    """Collect what trainstation logs, which would otherwise be shown at every single fit."""
    found: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        if "trainstation" not in record.pathname:
            return True
        if "underdetermined" not in record.getMessage():  # the condition number says so
            found.append(record.getMessage().partition(":")[0])
        return False

    loggers = [logging.getLogger("trainstation"), logging.getLogger()]  # it uses both
    for logger in loggers:
        logger.addFilter(keep)
    try:
        yield found
    finally:
        for logger in loggers:
            logger.removeFilter(keep)


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed NumPy's global generator for a while: omp and rfe draw from it and take no seed."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
