"""The single checks that a diagnosis of a fit is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._fits.fractions import distances_above, independent_fractions
from matlearn.lattice._fits.problem import Problem
from matlearn.lattice.hulls import hull_distances

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]

TIE = 1e-7  # eV/atom; predictions closer than this are equal
SHARES = (0.2, 0.4, 0.6, 0.8)  # of the structures, in a learning curve


def ground_state_table(table: pd.DataFrame, structures: list[Any]) -> pd.DataFrame:
    """Say of each structure on one of the two hulls what became of it.

    Parameters
    ----------
    table : DataFrame
        ``mixing_energy``, ``predicted``, ``hull_distance``, ``predicted_hull_distance``.
    structures : list of Atoms
        In the same order.
    """
    points = independent_fractions(structures)
    energies, predicted = table["mixing_energy"].to_numpy(), table["predicted"].to_numpy()
    on_reference = table["hull_distance"].to_numpy() < TIE
    on_predicted = table["predicted_hull_distance"].to_numpy() < TIE
    rows = []
    for i in np.flatnonzero(on_reference | on_predicted):
        equal = (np.abs(points - points[i]).max(axis=1, initial=0.0) < 1e-9) & (
            np.abs(predicted - predicted[i]) < TIE
        )
        if on_reference[i]:
            status = "preserved" if on_predicted[i] else "lost"
        elif (equal & on_reference).any():
            continue  # the expansion cannot tell it from a true ground state, which is listed
        else:
            status = "spurious"
        depth = _depth(points, predicted, equal) if on_predicted[i] else np.nan
        alone = np.arange(len(table)) == i
        reference = _depth(points, energies, alone) if on_reference[i] else np.nan
        rows.append((i, status, depth, reference))
    columns = ["label", "formula", "concentration", "mixing_energy", "predicted"]
    states = table.loc[
        [row[0] for row in rows], [*columns, "hull_distance", "predicted_hull_distance"]
    ]
    states["reference_depth"] = [row[3] for row in rows]
    states["predicted_depth"] = [row[2] for row in rows]
    states["status"] = [row[1] for row in rows]
    order = np.argsort(states["concentration"].to_numpy(), kind="stable")
    return states.iloc[order].reset_index(drop=True)


def _depth(points: Floats, energies: Floats, equal: NDArray[np.bool_]) -> float:
    """Return how far a corner of the hull lies below the hull of all others, NaN at its rim."""
    others = ~equal
    if not others.any():
        return float("nan")
    low, high = points[others].min(axis=0), points[others].max(axis=0)
    here = points[equal][0]
    rim = _is_pure(here) or (here < low - 1e-9).any() or (here > high + 1e-9).any()
    if rim:
        return float("nan")
    height = hull_distances(points, energies, counts=others)[np.flatnonzero(equal)[0]]
    return max(float(-height), 0.0)


def _is_pure(point: Floats) -> bool:
    return bool(np.all((np.abs(point) < 1e-9) | (np.abs(point - 1) < 1e-9)))


def energy_scale(table: pd.DataFrame) -> tuple[float, str]:
    """Return the energy that a fit must resolve (eV/atom), and what it is.

    Raises
    ------
    ValueError
        If there is none.
    """
    on_hull = table["hull_distance"].to_numpy() < TIE
    depth = float(-table["mixing_energy"].to_numpy()[on_hull].min())
    if depth > TIE:
        return depth, "depth of the convex hull"
    spread = float(table["mixing_energy"].std(ddof=0))
    if spread <= TIE:
        raise ValueError(
            f"frame must hold structures that differ in mixing energy, or there is nothing to "
            f"judge the fit by; got {len(table)} with one energy: add alloys"
        )
    return spread, "spread of the mixing energies (there are no compounds)"


def errors_by_distance(table: pd.DataFrame, n_bins: int = 4) -> pd.DataFrame:
    """Return errors of structures on, near and far from the reference's hull, in equal groups."""
    distances = np.maximum(table["hull_distance"].to_numpy(), 0.0)
    order = np.argsort(distances, kind="stable")
    rows = []
    for group in np.array_split(order, min(n_bins, len(order))):
        errors = (table["predicted"] - table["mixing_energy"]).to_numpy()[group]
        unseen = (table["held_out"] - table["mixing_energy"]).to_numpy()[group]
        rows.append(
            {
                "distance_from": float(distances[group].min()),
                "distance_to": float(distances[group].max()),
                "n": len(group),
                "mean_error": float(errors.mean()),
                "rmse": float(np.sqrt(np.mean(errors**2))),
                "rmse_held_out": float(np.sqrt(np.mean(unseen**2))),
            }
        )
    return pd.DataFrame(rows)


def learning_curve(problem: Problem, repeats: int, seed: int, progress: bool) -> pd.DataFrame:
    """Fit growing parts of the structures, drawn at random, and predict the rest each time."""
    from tqdm.auto import tqdm

    free = problem.free
    sizes = sorted({round(share * len(free)) for share in SHARES})
    least = problem.n_unknowns if problem.recipe.method == "least-squares" else 1
    sizes = [size for size in sizes if max(least, 2) < size < len(free)]
    rng = np.random.default_rng(seed)
    rows = []
    with tqdm(total=len(sizes) * repeats, disable=not progress, delay=1.0, desc="refits") as bar:
        for size in sizes:
            train, unseen = [], []
            for _ in range(repeats):
                drawn = rng.permutation(free)
                parameters = problem.solve(drawn[:size]).parameters
                errors = problem.matrix @ parameters - problem.targets
                train.append(rms(errors[drawn[:size]]))
                unseen.append(rms(errors[drawn[size:]]))
                bar.update()
            rows.append(
                {
                    "n_structures": size,
                    "rmse_train": float(np.mean(train)),
                    "rmse_validation": float(np.mean(unseen)),
                    "error": float(np.std(unseen, ddof=1) / np.sqrt(repeats)),
                }
            )
    names = ["n_structures", "rmse_train", "rmse_validation", "error"]
    return pd.DataFrame(rows, columns=names)


def pair_decay(ecis: pd.DataFrame) -> float:
    """Return how strong the farthest third of the pairs is beside the strongest pair.

    What is compared is the root mean square interaction of a single cluster; NaN for fewer than
    three pairs.
    """
    pairs = ecis[ecis["order"] == 2].sort_values("radius")
    strengths = np.abs(pairs["eci"].to_numpy())
    if len(strengths) < 3 or strengths.max() == 0:
        return float("nan")
    return rms(strengths[-max(1, len(strengths) // 3) :]) / float(strengths.max())


def is_end_member(structure: Any, space: Any) -> bool:
    """Say whether each sublattice of a structure holds one species."""
    numbers = structure.numbers
    sublattices = space.get_sublattices(structure)
    return all(len(set(numbers[list(one.indices)])) == 1 for one in sublattices)


def predicted_distances(structures: list[Any], predicted: Floats) -> Floats:
    """Return how far each prediction is above the hull of the predictions, eV/atom."""
    return distances_above(structures, predicted)


def rms(values: Floats) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))
