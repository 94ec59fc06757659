"""What the figures of this chapter share: results by name, special points, measured values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

DASHES = ("-", "--", "-.", ":")
"""A dash for each series, so that no figure depends on colour alone."""

Measured = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def labelled(
    given: Any,
    argument: str,
    *,
    needs: tuple[str, ...],
    name: Callable[[Any], str] = lambda _one: "",
) -> list[tuple[str, Any]]:
    """Return pairs of a name and a result, from one result, a list of them, or a dict by name.

    Parameters
    ----------
    given
        What the figure was called with.
    argument
        Name of the argument, for errors.
    needs
        Attributes that each result must have.
    name
        Gives a result a name where there is no dict.

    Raises
    ------
    TypeError, ValueError
        If there is none, or it is no such result.
    """
    if isinstance(given, Mapping):
        pairs = [(str(key), one) for key, one in given.items()]
    elif isinstance(given, (list, tuple)):
        pairs = [("", one) for one in given]
    else:
        pairs = [("", given)]
    if not pairs:
        raise ValueError(f"{argument} must hold at least one result, got an empty one")
    for _, one in pairs:
        missing = [attribute for attribute in needs if not hasattr(one, attribute)]
        if missing:
            raise TypeError(
                f"{argument} must be a result, a list of results or a dict of them by name; got "
                f"{type(one).__name__}, which has no {', '.join(map(repr, missing))}"
            )
    return [(key or name(one), one) for key, one in pairs]


def special_point(name: str) -> str:
    """Write a special point as the literature does.

    Examples
    --------
    >>> special_point("G"), special_point("X1"), special_point("K|U")
    ('Γ', 'X$_{1}$', 'K|U')
    """
    parts = []
    for part in name.split("|"):
        part = "Γ" if part.upper() in ("G", "GAMMA") else part
        parts.append(re.sub(r"_?(\d+)$", r"$_{\1}$", part))
    return "|".join(parts)


def measured(experiment: Any) -> dict[str, Measured]:
    """Return temperatures, values and errors of what was measured, by name.

    Raises
    ------
    ValueError
        If these are no points, or not positive.
    """
    if experiment is None:
        return {}
    known = experiment if isinstance(experiment, Mapping) else {"experiment": experiment}
    return {str(name): _points(what, str(name)) for name, what in known.items()}


def _points(what: Any, name: str) -> Measured:
    """Temperatures, values and errors of a frame or a sequence of pairs or triples."""
    if hasattr(what, "columns"):
        missing = [column for column in ("temperature", "value") if column not in what.columns]
        if missing:
            raise ValueError(
                f"experiment[{name!r}] must have columns 'temperature' and 'value', "
                f"got {', '.join(map(str, what.columns))}"
            )
        columns = [what[c].to_numpy(dtype=float) for c in ("temperature", "value")]
        columns += [what["error"].to_numpy(dtype=float)] if "error" in what.columns else []
    else:
        try:
            table = np.atleast_2d(np.asarray(what, dtype=float))
        except (TypeError, ValueError):
            table = np.empty((0, 0))
        if table.ndim != 2 or table.shape[1] not in (2, 3) or not len(table):
            raise ValueError(
                f"experiment[{name!r}] must be a frame, or pairs of a temperature (K) and a value "
                f"(a third number is the error), got {what!r}"
            )
        columns = list(table.T)
    if not (columns[0] > 0).all() or not (columns[1] > 0).all():
        raise ValueError(f"experiment[{name!r}] must hold positive temperatures and values only")
    return columns[0], columns[1], columns[2] if len(columns) == 3 else None
