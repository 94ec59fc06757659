"""Which clusters belong into an expansion? A genetic algorithm decides by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matlearn.lattice._fits.design import Bools, build_design
from matlearn.lattice._fits.genetic import Generation, LeaveOneOutScore, evolve
from matlearn.lattice._fits.making import fit_of
from matlearn.lattice._fits.problem import Problem, Recipe, Weights, build_problem, check_seed
from matlearn.lattice._fits.result import ClusterExpansionFit
from matlearn.lattice._fits.subclusters import subcluster_matrix

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Selection:
    """The clusters that were chosen, the fit with them, and how they were found."""

    fit: ClusterExpansionFit
    """Least squares on the clusters chosen. The other parameters are zero and stay in the cluster
    space, so that every function here and in icet takes the expansion as it is;
    ``fit.cluster_expansion.prune()`` drops them."""
    chosen: Bools
    """Which of icet's orbits are in it, shape (orbits,)."""
    history: pd.DataFrame = field(repr=False)
    """A row a generation: ``generation``, ``best`` and ``mean`` leave-one-out error (eV/atom; the
    mean over the sets that the structures determine), ``n_parameters`` of the best, ``n_tried``
    (different sets so far)."""
    stopped: bool = False
    """True if it was interrupted before the last generation."""

    @property
    def cluster_expansion(self) -> Any:
        """The fit's: icet's ClusterExpansion; it predicts the mixing energy in eV/atom."""
        return self.fit.cluster_expansion

    def to_frame(self) -> pd.DataFrame:
        """Give the history as a table, a row a generation."""
        return self.history.copy()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the leave-one-out error (meV/atom) against the generation."""
        from matlearn.plotting import describe, new_axes

        ax = new_axes(ax)
        table = self.history
        ax.plot(table["generation"], 1000 * table["mean"], label="mean", linestyle="--")
        ax.plot(table["generation"], 1000 * table["best"], label="best")
        ax.set(xlabel="Generation", ylabel="Leave-one-out error (meV/atom)")
        ax.legend()
        first, last = (1000 * table["best"].iloc[i] for i in (0, -1))
        describe(
            ax,
            f"Leave-one-out error of the best set of clusters over {len(table) - 1} generations: "
            f"from {first:.2f} to {last:.2f} meV/atom.",
        )
        return ax

    def __repr__(self) -> str:
        early = ", stopped early" if self.stopped else ""
        return (
            f"Selection({int(self.chosen.sum())} of {len(self.chosen)} orbits, leave-one-out "
            f"{1000 * self.fit.rmse_validation:.3g} meV/atom, "
            f"{len(self.history) - 1} generations{early})"
        )


def select_clusters(
    frame: pd.DataFrame,
    cutoffs: Sequence[float],
    *,
    generations: int = 50,
    population: int = 40,
    mutation: float | None = None,
    closed: bool = False,
    weights: Weights = None,
    constrain_pure: bool = False,
    seed: int = 0,
    progress: bool = True,
    primitive: Atoms | None = None,
    species: Sequence[Any] | None = None,
    off_lattice: bool = False,
) -> Selection:
    """Choose clusters by a genetic algorithm that minimises the leave-one-out error.

    A bit string says which orbits of pairs, triplets, ... are in the expansion; the constant and
    the point terms always are. Its score is the leave-one-out error of least squares, from the
    hat matrix; tournaments, uniform crossover, mutation and elitism do the rest (Hart, Blum,
    Walorski and Zunger, Nature Materials 4, 391 (2005); the score as in van de Walle and Ceder,
    J. Phase Equilib. 23, 348 (2002)). The set of all orbits and that of all pairs are among the
    first generation, so the result is never worse than either. A score that was minimised is
    too good: the error of the chosen set on structures kept apart from the start is larger.

    Parameters
    ----------
    frame, cutoffs, weights, constrain_pure, primitive, species, off_lattice
        As for `fit_cluster_expansion`; cut-offs limit the clusters to choose from, which may be
        more than there are structures.
    generations, population : int
        How many generations after the first, and how many sets each.
    mutation : float, optional
        Probability that a bit flips; one bit a string on average unless given.
    closed : bool
        With each cluster also take all of its parts.
    seed : int
        The same seed chooses the same clusters.
    progress : bool
        Show a progress bar. Ctrl-C (in a notebook: interrupt) ends the search and returns the
        best set so far.

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        As `fit_cluster_expansion`; if there is no cluster to choose, or no set of clusters tried
        is determined by the structures.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from icet.tools import enumerate_structures
    >>> cells = list(enumerate_structures(bulk("Cu"), range(1, 5), ["Cu", "Pd"]))
    >>> x = np.array([np.mean(cell.symbols == "Pd") for cell in cells])
    >>> frame = pd.DataFrame({"structure": cells, "mixing_energy": -0.2 * x * (1 - x)})
    >>> select_clusters(frame, [6.0, 4.0], generations=5, population=10, progress=False)
    Selection(... orbits, leave-one-out ... meV/atom, 5 generations)
    """
    _check_whole("generations", generations, 1)
    _check_whole("population", population, 4)
    if mutation is not None and not 0 <= mutation <= 1:
        raise ValueError(f"mutation must be a probability from 0 to 1, got {mutation!r}")
    check_seed(seed)
    design = build_design(
        frame, cutoffs, primitive=primitive, species=species, off_lattice=off_lattice
    )
    recipe = Recipe(
        "least-squares", {}, weights, bool(constrain_pure), off_lattice=off_lattice, seed=seed
    )
    pool = _Pool(build_problem(design, recipe), design.cluster_space, closed)
    history: list[dict[str, float]] = []
    rate = 1.0 / pool.n_bits if mutation is None else mutation
    best, stopped = _search(pool, history, generations, population, rate, seed, progress)
    parameters = pool.parameters(best)
    fit = fit_of(
        design,
        replace(recipe, chosen=parameters),
        validation="leave-one-out",
        n_splits=0,
    )
    orbits = pool.orbit_of[parameters & (pool.orbit_of >= 0)]
    chosen = np.zeros(len(design.cluster_space.orbit_list), dtype=bool)
    chosen[orbits] = True
    return Selection(fit, chosen, pd.DataFrame(history), stopped)


class _Pool:
    """The orbits to choose from, and the score of a choice."""

    def __init__(self, problem: Problem, space: Any, closed: bool) -> None:
        elements = space.as_list
        self.orbit_of = np.array([one["orbit_index"] for one in elements])
        self.orders = np.array([one["order"] for one in elements])
        always = self.orders < 2
        kept = np.arange(len(elements))
        if problem.elimination is not None:
            always[problem.elimination.eliminated] = True
            kept = problem.elimination.kept
        given = set(self.orbit_of[always].tolist())
        self.always = np.isin(self.orbit_of, list(given))
        self.bits = np.array(sorted(set(self.orbit_of.tolist()) - given), dtype=int)
        if len(self.bits) == 0:
            raise ValueError("cutoffs leave no cluster to choose from; lengthen them")
        self.parts = subcluster_matrix(space.orbit_list) if closed else None
        self.kept = kept
        matrix, targets = problem.reduced()
        weights = None if problem.weights is None else problem.weights[problem.free]
        self.score_of_columns = LeaveOneOutScore(
            matrix[problem.free], targets[problem.free], weights
        )

    @property
    def n_bits(self) -> int:
        return len(self.bits)

    def parameters(self, string: Bools) -> Bools:
        """Say which parameters a choice of orbits has."""
        return self.always | np.isin(self.orbit_of, self.bits[string])

    def score(self, string: Bools) -> float:
        return self.score_of_columns(self.parameters(string)[self.kept])

    def repair(self, string: Bools) -> Bools:
        """Add the parts of the clusters chosen, if so asked."""
        if self.parts is None:
            return string
        closed: Bools = string | self.parts[np.ix_(self.bits, self.bits)][string].any(axis=0)
        return closed

    def founders(self) -> list[Bools]:
        """Return the obvious choices: all orbits, and all pairs."""
        pairs = np.isin(self.bits, self.orbit_of[self.orders == 2])
        return [np.ones(self.n_bits, dtype=bool), pairs]


def _search(
    pool: _Pool,
    history: list[dict[str, float]],
    generations: int,
    population: int,
    mutation: float,
    seed: int,
    progress: bool,
) -> tuple[Bools, bool]:
    """Return the best choice, and whether the search was interrupted."""
    from tqdm.auto import tqdm

    run = evolve(
        pool.score,
        pool.repair,
        n_bits=pool.n_bits,
        founders=pool.founders(),
        generations=generations,
        population=population,
        mutation=mutation,
        rng=np.random.default_rng(seed),
    )
    last: Generation | None = None
    stopped = False
    with tqdm(total=generations + 1, disable=not progress, unit="generation") as bar:
        try:
            for last in run:
                history.append(_summary(last, pool))
                bar.update()
                bar.set_postfix_str(f"leave-one-out {1000 * last.scores[0]:.3g} meV/atom")
        except KeyboardInterrupt:
            if last is None:
                raise
            stopped = True
    if last is None or not np.isfinite(last.scores[0]):
        raise ValueError(
            f"no set of clusters tried is determined by {len(pool.score_of_columns.targets)} "
            f"structures ({len(pool.score_of_columns.known)} sets); shorten the cut-offs or add "
            "structures"
        )
    return last.strings[0], stopped


def _summary(generation: Generation, pool: _Pool) -> dict[str, float]:
    finite = generation.scores[np.isfinite(generation.scores)]
    return {
        "generation": generation.number,
        "best": float(generation.scores[0]),
        "mean": float(finite.mean()) if len(finite) else float("inf"),
        "n_parameters": int(pool.parameters(generation.strings[0]).sum()),
        "n_tried": len(pool.score_of_columns.known),
    }


def _check_whole(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
