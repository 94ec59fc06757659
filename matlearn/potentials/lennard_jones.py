"""The smallest of all potentials: two parameters, fitted to reference energies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._structures import as_atoms
from matlearn.calculators import get_calculator, with_results
from matlearn.fitting import ErrorReport, FitResult, error_report
from matlearn.potentials._lennard_jones.sums import energies, pair_sums

__all__ = ["LennardJones", "LennardJonesFit", "fit_lennard_jones"]


@dataclass(frozen=True)
class LennardJones:
    r"""The pair potential ``4 epsilon ((sigma/r)**12 - (sigma/r)**6)``, smoothed at its cut-off.

    J. E. Lennard-Jones, Proc. Phys. Soc. 43, 461 (1931).
    """

    sigma: float
    """Where it is zero, A; its minimum lies at ``2**(1/6)`` of it."""
    epsilon: float
    """Depth of its minimum, eV."""
    cutoff: float
    """Pairs further apart than this (A) do not count; the last sixth of it is smoothed."""

    def __repr__(self) -> str:
        return (
            f"LennardJones(sigma = {self.sigma:.4g} A, epsilon = {1000 * self.epsilon:.4g} meV, "
            f"cut-off {self.cutoff:g} A)"
        )

    def calculator(self) -> Calculator:
        """Give an ASE calculator."""
        return get_calculator("lj", sigma=self.sigma, epsilon=self.epsilon, rc=self.cutoff)

    def energy(self, atoms: Atoms) -> float:
        """Give the energy of a structure in eV, faster than its calculator does."""
        sums = np.array(pair_sums(atoms, self.cutoff))
        return float(energies(sums, self.sigma, self.epsilon))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Refuse: two numbers need no file.

        Raises
        ------
        ValueError
            Always; the message says how to make the calculator again.
        """
        raise ValueError(
            f"cannot write {os.fspath(path)!r}: a Lennard-Jones potential has no file, make it by "
            f"get_calculator('lj', sigma={self.sigma:.6g}, epsilon={self.epsilon:.6g}, "
            f"rc={self.cutoff:g})"
        )


@dataclass(frozen=True, repr=False)
class LennardJonesFit(FitResult):
    """What a Lennard-Jones fit came to."""

    sigma: float = float("nan")
    """Where the potential is zero, A."""
    epsilon: float = float("nan")
    """Depth of its minimum, eV."""
    sigma_error: float = float("nan")
    """Standard error of `sigma`, A."""
    epsilon_error: float = float("nan")
    """Standard error of `epsilon`, eV."""

    def __repr__(self) -> str:
        rms = self.train.errors["energy_per_atom"].rms
        return (
            f"LennardJonesFit(sigma = {self.sigma:.4f} ± {self.sigma_error:.4f} A, "
            f"epsilon = {1000 * self.epsilon:.3f} ± {1000 * self.epsilon_error:.3f} meV, "
            f"{self.train.configurations} structures, RMS error {1000 * rms:.3g} meV/atom)"
        )


def fit_lennard_jones(
    images: Iterable[Atoms],
    *,
    validation: Iterable[Atoms] | None = None,
    cutoff: float = 12.0,
    start: tuple[float, float] = (3.40, 0.0104),
) -> LennardJonesFit:
    """Fit sigma and epsilon to energies by least squares (each structure counts alike, per atom).

    The standard errors are those of least squares: how well these data fix the two numbers, if the
    form is right and the residuals are independent of each other. Where neither holds, as for
    crystals of different coordination, the truth lies further off than they say: a pair potential
    gives each bond the same energy, however many bonds an atom has.

    Parameters
    ----------
    images
        Structures of one element with reference energies, relative to atoms on their own.
    validation
        Structures held back, for the report.
    cutoff
        Pairs further apart than this (A) do not count; the last sixth of it is smoothed.
    start
        Sigma (A) and epsilon (eV) to begin with; argon's of the textbooks unless given.

    Returns
    -------
    LennardJonesFit
        A `FitResult` with ``sigma``, ``epsilon`` and their standard errors; the history has a row
        an iteration. Its ``potential`` is a `LennardJones`.

    Raises
    ------
    ValueError
        If there are fewer than three images, one has no energy or one that is not finite, there is
        more than one element, no pair lies within `cutoff`, or no such potential fits.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import get_calculator, single_points
    >>> crystals = [bulk("Ar", a=a) for a in (5.0, 5.3, 5.6)]
    >>> made_up = get_calculator("lj", sigma=3.3, epsilon=0.01, rc=12.0)
    >>> fit = fit_lennard_jones(single_points(crystals, made_up, progress=False))
    >>> print(f"{fit.sigma:.4f} A, {1000 * fit.epsilon:.4f} meV")
    3.3000 A, 10.0000 meV
    """
    from scipy.optimize import least_squares

    cpu, wall = time.process_time(), time.perf_counter()
    chosen = _checked(images, "images")
    held = None if validation is None else _checked(validation, "validation")
    if not 0 < cutoff < np.inf:
        raise ValueError(f"cutoff must be positive and finite, in A, got {cutoff}")
    if len(start) != 2 or not all(0 < value < np.inf for value in start):
        raise ValueError(f"start must be a positive sigma (A) and epsilon (eV), got {start}")
    if len(chosen) < 3:
        raise ValueError(
            f"images must hold at least 3 structures for 2 parameters, got {len(chosen)}"
        )
    sizes = np.array([len(atoms) for atoms in chosen])
    reference = np.array([atoms.calc.results["energy"] for atoms in chosen]) / sizes
    sums = np.array([pair_sums(atoms, cutoff) for atoms in chosen]) / sizes[:, None]
    if not sums.any():
        raise ValueError(f"cutoff = {cutoff} A is shorter than every distance in images: raise it")
    history: list[dict[str, float]] = []

    def residuals(logs: np.ndarray) -> np.ndarray:
        return (energies(sums, *np.exp(logs)) - reference) * 1000  # meV/atom: of order one

    def slopes(logs: np.ndarray) -> np.ndarray:
        sigma, epsilon = np.exp(logs)
        rms = float(np.sqrt(np.mean(residuals(logs) ** 2)))
        row = {"iteration": float(len(history)), "sigma": sigma, "epsilon": epsilon}
        history.append({**row, "energy_rmse": rms / 1000, "loss": (rms / 1000) ** 2})
        twelfth = 4 * epsilon * sigma**12 * sums[:, 0]
        sixth = 4 * epsilon * sigma**6 * sums[:, 1]
        return 1000 * np.stack([12 * twelfth - 6 * sixth, twelfth - sixth], axis=1)

    found = least_squares(residuals, np.log(start), jac=slopes, x_scale="jac", max_nfev=500)
    sigma, epsilon = (float(value) for value in np.exp(found.x))
    if not found.success or not 0.1 < sigma < 50 or not 1e-9 < epsilon < 1e3:
        raise ValueError(
            f"no Lennard-Jones potential fits these energies (got to sigma = {sigma:.3g} A, "
            f"epsilon = {epsilon:.3g} eV): they must be in eV relative to atoms on their own, so "
            "that bound structures are below 0"
        )
    potential = LennardJones(sigma, epsilon, cutoff)
    errors = _standard_errors(found.jac, found.fun)
    return LennardJonesFit(
        train=_report(potential, chosen),
        validation=None if held is None else _report(potential, held),
        history=history,
        seconds=time.process_time() - cpu,
        wall_seconds=time.perf_counter() - wall,
        parameters=2,
        converged=bool(found.success),
        stop_reason=f"converged: {found.message}".rstrip("."),
        potential=potential,
        sigma=sigma,
        epsilon=epsilon,
        sigma_error=sigma * errors[0],
        epsilon_error=epsilon * errors[1],
    )


def _report(potential: LennardJones, images: list[Atoms]) -> ErrorReport:
    """Compare with the references; from the sums, which is faster, where only energies are known."""
    if any(atoms.calc.results.keys() & {"forces", "stress"} for atoms in images):
        return error_report(potential.calculator(), images)
    predicted = [
        with_results(
            atoms,
            {"energy": potential.energy(atoms)},
        )
        for atoms in images
    ]
    return ErrorReport.from_images(images, predicted)


def _standard_errors(jacobian: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """Give the standard errors of parameters by least squares; infinite where nothing fixes them."""
    normal = jacobian.T @ jacobian
    if np.linalg.cond(normal) > 1e14:
        return np.full(2, np.inf)
    variance = residuals @ residuals / (len(residuals) - 2)
    return np.sqrt(variance * np.diag(np.linalg.inv(normal)))


def _checked(images: Iterable[Atoms], name: str) -> list[Atoms]:
    """Refuse structures that cannot be fitted."""
    if isinstance(images, Atoms):
        raise TypeError(f"{name} must be several ASE Atoms, such as a list, got one Atoms")
    chosen = [as_atoms(one, f"{name}[{i}]") for i, one in enumerate(images)]
    if not chosen:
        raise ValueError(f"{name} is empty: give structures with energies")
    for number, atoms in enumerate(chosen):
        if not len(atoms):
            raise ValueError(f"{name}[{number}] has no atoms")
        energy = atoms.calc.results.get("energy") if atoms.calc is not None else None
        if energy is None:
            raise ValueError(
                f"{name}[{number}] ({atoms.symbols}) has no energy: attach one with "
                "matlearn.calculators.single_points"
            )
        if not (np.isfinite(energy) and np.isfinite(atoms.positions).all()):
            raise ValueError(
                f"{name}[{number}] ({atoms.symbols}) holds a number that is not finite"
            )
    elements = sorted({symbol for atoms in chosen for symbol in atoms.get_chemical_symbols()})
    if len(elements) != 1:
        raise ValueError(f"{name} must hold one element, got {', '.join(elements)}")
    return chosen
