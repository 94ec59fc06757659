"""Fitting cluster expansions: cut-offs, methods, validation, weights and constraints."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matlearn.lattice._fits.design import build_design, check_cutoffs, check_frame
from matlearn.lattice._fits.fractions import reference_hull_distances
from matlearn.lattice._fits.making import fit_of
from matlearn.lattice._fits.problem import Floats, Recipe, Weights, check_seed
from matlearn.lattice._fits.regression import METHODS, method_name
from matlearn.lattice._fits.result import ClusterExpansionFit

if TYPE_CHECKING:
    from ase import Atoms

__all__ = [
    "METHODS",
    "ClusterExpansionFit",
    "compare_fits",
    "fit_cluster_expansion",
    "hull_weights",
]


def fit_cluster_expansion(
    frame: pd.DataFrame,
    cutoffs: Sequence[float],
    *,
    method: str = "ridge",
    validation: str = "k-fold",
    n_splits: int = 10,
    weights: Weights = None,
    constrain_pure: bool = False,
    seed: int = 0,
    primitive: Atoms | None = None,
    species: Sequence[Any] | None = None,
    off_lattice: bool = False,
    **options: Any,
) -> ClusterExpansionFit:
    """Fit a cluster expansion of the mixing energy, and validate it.

    The energy is E = V0 + sum over orbits of (parameter x cluster function averaged over the
    structure) (Sanchez, Ducastelle and Gratias, Physica A 128, 334 (1984)); cluster functions
    are icet's and regression is trainstation's, columns standardised as there.

    Parameters
    ----------
    frame : DataFrame
        One row a structure, with ``structure`` (ASE Atoms on the ideal lattice) and
        ``mixing_energy`` (eV/atom), as `training_set` makes it. Rows whose ``on_lattice`` is
        False are left out and counted.
    cutoffs : sequence of float
        Longest distance in pairs, in triplets, ... in angstrom, on the lattice of `primitive`.
    method : str
        One of ``adaptive-lasso``, ``ardr``, ``bayesian-ridge``, ``elasticnet``, ``lasso``,
        ``least-squares`` (or ``ols``), ``omp``, ``rfe``, ``ridge``, ``split-bregman``.
    validation : str
        ``"k-fold"`` (the mean over the folds of their root mean square error, as trainstation
        has it) or ``"leave-one-out"`` (one root mean square over all structures): from the hat
        matrix for least-squares and for ridge with a given ``alpha`` (there with the columns
        standardised once), by as many fits as structures otherwise.
    n_splits : int
        Number of folds.
    weights : array, str or function, optional
        How much each squared residual counts in the fit: a number for each row of `frame`, the
        name of a column, or a function of the table such as `hull_weights`. Only ratios matter.
        Errors reported are not weighted.
    constrain_pure : bool
        Reproduce the energies of the pure end members exactly: two parameters of a binary
        follow from the others. The end members are then left out of the validation.
    seed : int
        Decides the folds, and what a method draws at random.
    primitive, species : optional
        Primitive cell, and icet's ``chemical_symbols``: a list for all sites, or one list a
        site. They come from ``frame.attrs`` unless given; where those are absent, from the
        lattice under the structures with every species on every site.
    off_lattice : bool
        Use structures that left the lattice, too.
    **options
        Handed on to trainstation's method, such as ``alpha`` for ridge and lasso.

    Returns
    -------
    ClusterExpansionFit

    Raises
    ------
    ValueError
        For an unknown method, cut-offs that are not positive or hold no pair, missing energies,
        a species or a structure outside the lattice, fewer structures than parameters in
        least squares, more folds than structures, weights that are not positive.
    TypeError
        If `frame` is no table, `cutoffs` no numbers, or `options` hold a name that the method
        has not.
    ImportError
        If icet or trainstation is missing.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from icet.tools import enumerate_structures
    >>> cells = list(enumerate_structures(bulk("Cu"), range(1, 5), ["Cu", "Pd"]))
    >>> x = np.array([np.mean(cell.symbols == "Pd") for cell in cells])
    >>> frame = pd.DataFrame({"structure": cells, "mixing_energy": -0.2 * x * (1 - x)})
    >>> fit_cluster_expansion(frame, [3.0], method="ols", validation="leave-one-out")
    ClusterExpansionFit(least-squares, 3 A, 3 of 3 parameters, 29 structures, RMSE 7.84,
    leave-one-out 10.3 meV/atom)
    """
    check_seed(seed)
    recipe = Recipe(method_name(method), options, weights, bool(constrain_pure), off_lattice, seed)
    design = build_design(
        frame, cutoffs, primitive=primitive, species=species, off_lattice=off_lattice
    )
    return fit_of(design, recipe, validation=validation, n_splits=n_splits)


def hull_weights(frame: pd.DataFrame, scale: float = 0.01) -> Floats:
    """Weigh structures by how close they are to the convex hull: 1 / (1 + distance / scale)^2.

    What orders is decided by structures near the hull. On it a structure counts fully, at a
    distance of `scale` a quarter as much.

    Parameters
    ----------
    frame : DataFrame
        With ``structure`` and ``mixing_energy``; ``hull_distance`` (eV/atom) is used if there.
    scale : float
        eV/atom.

    Returns
    -------
    array, shape (rows,)

    Raises
    ------
    ValueError
        If `scale` is not positive.

    Examples
    --------
    >>> table = pd.DataFrame({"hull_distance": [0.0, 0.01, 0.03]})
    >>> hull_weights(table).tolist()
    [1.0, 0.25, 0.0625]
    """
    if not scale > 0:
        raise ValueError(f"scale must be a positive energy in eV/atom, got {scale!r}")
    distances = reference_hull_distances(frame)
    weights: Floats = 1.0 / (1.0 + np.maximum(distances, 0.0) / scale) ** 2
    return weights


def compare_fits(
    frame: pd.DataFrame,
    cutoffs: Sequence[Any],
    methods: str | Sequence[str] = ("ridge",),
    *,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    client: Any = None,
    workers: int | None = 1,
    progress: bool = True,
    **settings: Any,
) -> pd.DataFrame:
    """Fit with several cut-offs and methods, and compare the errors.

    Parameters
    ----------
    frame : DataFrame
        As for `fit_cluster_expansion`.
    cutoffs : sequence
        One list of cut-offs (A), or several.
    methods : str or sequence of str
        As for `fit_cluster_expansion`.
    options : dict, optional
        Method -> options of that method, such as ``{"lasso": {"alpha": 1e-3}}``.
    client, workers
        A Dask client, or a number of processes (None: one a core). One fit takes a fraction of
        a second with most methods, so this process does them all unless told otherwise.
    progress : bool
        Show a progress bar.
    **settings
        Handed on to `fit_cluster_expansion`: ``validation``, ``seed``, ``weights``, ...

    Returns
    -------
    DataFrame
        A row for each pair of cut-offs and method: ``cutoffs`` (tuple, A), ``method``,
        ``n_parameters``, ``n_nonzero``, ``rmse_train`` and ``rmse_validation`` (eV/atom),
        ``condition_number``, ``cpu_seconds`` and ``reason``: why a fit was not possible (its
        numbers are then missing), empty otherwise.

    Raises
    ------
    ValueError, TypeError
        If no method or cut-off is given, or one makes no sense by itself; a combination that
        cannot be fitted only fills its row's ``reason``.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from icet.tools import enumerate_structures
    >>> cells = list(enumerate_structures(bulk("Cu"), range(1, 5), ["Cu", "Pd"]))
    >>> x = np.array([np.mean(cell.symbols == "Pd") for cell in cells])
    >>> frame = pd.DataFrame({"structure": cells, "mixing_energy": -0.2 * x * (1 - x)})
    >>> table = compare_fits(frame, [[3.0], [4.5]], ["ols", "ridge"], progress=False)
    >>> table[["cutoffs", "method", "n_parameters"]]
       cutoffs         method  n_parameters
    0   (3.0,)  least-squares             3
    1   (3.0,)          ridge             3
    2   (4.5,)  least-squares             5
    3   (4.5,)          ridge             5
    """
    from tqdm.auto import tqdm

    from matlearn.parallel import map_unordered

    check_frame(frame, off_lattice=settings.get("off_lattice", False))
    if "method" in settings:
        raise TypeError("compare_fits takes methods, such as methods=['ols', 'ridge'], not method")
    nested = isinstance(cutoffs, Sequence | np.ndarray) and any(
        isinstance(one, Sequence | np.ndarray) and not isinstance(one, str) for one in cutoffs
    )
    lists = [check_cutoffs(one) for one in (cutoffs if nested else [cutoffs])]
    names = [method_name(one) for one in ([methods] if isinstance(methods, str) else methods)]
    if not names:
        raise ValueError("methods must name at least one method, got none")
    extra = {method_name(name): dict(values) for name, values in (options or {}).items()}
    if unused := sorted(set(extra) - set(names)):
        raise ValueError(f"options are given for {', '.join(unused)}, which methods does not name")
    tasks = [(one, name, extra.get(name, {})) for one in lists for name in names]
    rows: list[dict[str, Any]] = [{} for _ in tasks]
    work = partial(_compared, frame, settings)
    with tqdm(total=len(tasks), disable=not progress, unit="fit", desc="fits") as bar:
        for index, row in map_unordered(work, tasks, client=client, workers=workers):
            rows[index] = row
            bar.update()
    return pd.DataFrame(rows)


def _compared(
    frame: pd.DataFrame,
    settings: dict[str, Any],
    task: tuple[list[float], str, dict[str, Any]],
) -> dict[str, Any]:
    cutoffs, method, options = task
    row: dict[str, Any] = {"cutoffs": tuple(cutoffs), "method": method}
    started = time.process_time()
    names = ("n_parameters", "n_nonzero", "rmse_train", "rmse_validation", "condition_number")
    try:
        fit = fit_cluster_expansion(frame, cutoffs, method=method, **settings, **options)
        row |= {name: getattr(fit, name) for name in names} | {"reason": ""}
    except ValueError as error:
        row |= dict.fromkeys(names, np.nan) | {"reason": str(error)}
    return row | {"cpu_seconds": time.process_time() - started}
