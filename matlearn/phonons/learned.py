"""Potentials trained on the forces of displaced supercells, for thousands more of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from matlearn._calculators.learners import get_potential
from matlearn.fitting import ErrorReport, FitResult, error_report
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons._learning import given, polynomials
from matlearn.phonons._learning.memory import MemoryEstimate, of_mtp, of_polynomial
from matlearn.phonons._learning.settings import DEFAULTS, checked_split, settings_of

__all__ = ["MemoryEstimate", "estimate_memory", "train_potential"]

KINDS = tuple(DEFAULTS)
"""Kinds of potential that can be trained."""


def train_potential(
    dataset: ForceSet,
    *,
    kind: str | os.PathLike[str] = "polynomial",
    n_train: int | None = None,
    n_test: int | None = None,
    preset: str = "class",
    seed: int = 0,
    progress: bool = True,
    **settings: Any,
) -> FitResult:
    """Train a potential on displaced supercells, or measure one that is there.

    The potential then stands in for the reference wherever a calculator does:
    ``force_constants(result, cell=..., supercell=...)``. It knows small displacements of this one
    crystal and nothing else: neither other cells nor the stress, which displacements do not tell.

    Displaced atoms feel little, and the third order is a small part of that: an error of 0.1 meV/A
    is small enough for a conductivity to 5 %, one of 0.3 meV/A for frequencies alone.

    Parameters
    ----------
    dataset
        Displaced supercells with forces; the polynomial wants energies as well.
    kind
        ``"polynomial"``: phono3py's interface to pypolymlp, a linear fit. ``"mtp"``: a moment
        tensor potential by Levenberg and Marquardt's method. Or the path of a fitted potential (or
        a calculator's name), of which only the errors are computed.
    n_train, n_test
        The first so many supercells train, the last so many test, as in phono3py; both or neither.
        None: the first 90 % train.
    preset
        ``"class"``: small enough for a lesson; with 20 supercells of 64 atoms 7 CPU s for the
        polynomial and 36 for the moment tensor potential (level 14). ``"default"``: phono3py's own
        settings of the polynomial (8,283 coefficients for NaCl, minutes), a larger moment tensor
        potential (level 16).
    seed
        Of the moment tensor potential's random start.
    progress
        Show a progress bar, where there are iterations.
    **settings
        Over those of the preset. For the polynomial `cutoff` (A), `model_type`, `max_p`,
        `gtinv_order`, `gtinv_maxl`, `gaussian_params2`, `atom_energies` (eV by element) and
        `reg_alpha_params` (decimal logarithms of the strengths of regularisation: first, last, how
        many). For the moment tensor potential `level`, `cutoff`, `radial_functions`,
        `min_distance` (A), `weights` (of energies, forces, stresses), `max_iterations`, `starts`.

    Returns
    -------
    FitResult
        ``.train`` and ``.validation`` (the test set) with ``metrics["f_rmse"]`` in eV/A;
        ``.potential`` and ``.calculator()``; ``.history`` and ``.to_frame()``: for the polynomial
        a row a strength (``alpha``; ``train`` and ``test``, root mean squares of weighted
        residuals; ``failed`` where the equations could not be solved; ``chosen``), for the moment
        tensor potential a row an iteration.

    Raises
    ------
    TypeError, ValueError
        For an argument that makes no sense or a setting that is not known, a data set without
        energies, more memory than there is, no strength with a solution.
    ImportError
        For the polynomial, without pypolymlp.

    References
    ----------
    A. Togo and A. Seko, J. Chem. Phys. 160, 211001 (2024): on-the-fly training of polynomial
    potentials for thermal conductivity. A. Seko, J. Appl. Phys. 133, 011101 (2023): pypolymlp.
    A. V. Shapeev, Multiscale Model. Simul. 14, 1153 (2016): moment tensor potentials.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> displaced = phonons.random_displacements(cell, (2, 2, 2), count=4)
    >>> forces = phonons.force_set(displaced, "emt", workers=1, progress=False)
    >>> result = phonons.train_potential(forces, kind="mtp", level=6, max_iterations=10,
    ...                                  n_train=3, n_test=1, progress=False)
    >>> result.validation.metrics["f_rmse"] < 0.01  # eV/A
    True
    """
    _check_dataset(dataset)
    count = checked_split(len(dataset), n_train, n_test)
    if kind not in KINDS:
        return _measured(dataset, kind, count, settings, progress)
    chosen = settings_of(str(kind), preset, settings)
    if kind == "polynomial":
        return _polynomial(dataset, count, chosen)
    images = dataset.images()
    potential = _mtp(dataset, chosen)
    result: FitResult = potential.fit(
        images[: count[0]],
        validation=images[-count[1] :],
        weights=chosen["weights"],
        max_iterations=chosen["max_iterations"],
        starts=chosen["starts"],
        seed=seed,
        progress=progress,
    )
    return result


def estimate_memory(
    dataset: ForceSet,
    *,
    kind: str = "polynomial",
    n_train: int | None = None,
    n_test: int | None = None,
    preset: str = "class",
    **settings: Any,
) -> MemoryEstimate:
    """Estimate what `train_potential` will need, in a moment.

    The equations of a polynomial grow with the square of its coefficients: phono3py's default
    settings take 3 GB for two elements and 40 GB for three.

    Parameters
    ----------
    dataset, kind, n_train, n_test, preset, **settings
        As in `train_potential`, with `kind` one that is trained.

    Returns
    -------
    MemoryEstimate
        With ``.peak`` and ``.available`` in bytes, and ``.fits``.

    Raises
    ------
    TypeError, ValueError, ImportError
        As `train_potential`.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> displaced = phonons.random_displacements(bulk("Al", a=3.9943, cubic=True), (2, 2, 2),
    ...                                          count=4)
    >>> forces = phonons.force_set(displaced, "emt", workers=1, progress=False)
    >>> estimate = phonons.estimate_memory(forces, kind="mtp")
    >>> estimate.parameters, estimate.fits
    (93, True)
    """
    _check_dataset(dataset)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    count = checked_split(len(dataset), n_train, n_test)
    chosen = settings_of(kind, preset, settings)
    atoms = dataset.displacements.atoms
    if kind == "mtp":
        return of_mtp(_mtp(dataset, chosen).n_parameters, atoms)
    number = polynomials.count_coefficients(polynomials.elements_of(dataset), chosen)
    return of_polynomial(number, count, atoms)


def _check_dataset(dataset: Any) -> None:
    if not isinstance(dataset, ForceSet):
        raise TypeError(
            f"dataset must be a ForceSet, from force_set or read_force_set; got "
            f"{type(dataset).__name__}"
        )


def _polynomial(dataset: ForceSet, count: tuple[int, int], settings: dict[str, Any]) -> FitResult:
    """Train a polynomial and measure it."""
    cpu, wall = time.process_time(), time.perf_counter()
    polynomials.import_engine()
    if dataset.energies is None:
        raise ValueError(
            "the data set has no energies, which the polynomial is trained on beside forces: take "
            "them from the calculations (force_set keeps them), or kind='mtp', which forces alone "
            "are enough for"
        )
    number = polynomials.count_coefficients(polynomials.elements_of(dataset), settings)
    estimate = of_polynomial(number, count, dataset.displacements.atoms)
    if not estimate.fits:
        raise ValueError(
            f"these settings make {number:,} coefficients, whose fit needs about "
            f"{estimate.peak / 1e9:.2g} GB of {estimate.available / 1e9:.2g} GB at hand: take "
            "preset='class', a smaller gtinv_maxl or fewer gaussian_params2, or kind='mtp'"
        )
    potential, history = polynomials.train(dataset, count, settings)
    images = dataset.images()
    calculator = potential.calculator()
    failed = sum(bool(row["failed"]) for row in history)
    best = next(row["alpha"] for row in history if row["chosen"])
    lost = f", {failed} of {len(history)} strengths failed" if failed else ""
    return FitResult(
        train=error_report(calculator, images[: count[0]]),
        validation=error_report(calculator, images[-count[1] :]),
        history=history,
        seconds=time.process_time() - cpu,
        wall_seconds=time.perf_counter() - wall,
        parameters=number,
        converged=True,
        stop_reason=f"solved, regularisation {best:.3g}{lost}",
        potential=potential,
    )


def _mtp(dataset: ForceSet, settings: dict[str, Any]) -> Any:
    """Make a moment tensor potential that knows nothing yet."""
    names = ("cutoff", "min_distance", "radial_functions")
    return get_potential("mtp")(
        settings["level"],
        polynomials.elements_of(dataset),
        **{name: settings[name] for name in names},
    )


def _measured(
    dataset: ForceSet,
    kind: str | os.PathLike[str],
    count: tuple[int, int],
    settings: dict[str, Any],
    progress: bool,
) -> FitResult:
    """Measure a potential that is there already."""
    if isinstance(kind, str) and not Path(kind).suffix and not Path(kind).exists():
        from matlearn.calculators import NAMES

        if kind not in NAMES:
            raise ValueError(
                f"kind must be {', '.join(map(repr, KINDS))}, the path of a fitted potential or a "
                f"calculator's name ({', '.join(NAMES)}); got {kind!r}"
            )
    if settings:
        raise TypeError(
            f"{os.fspath(kind)} is measured, not trained: it takes no settings, got "
            f"{', '.join(settings)}"
        )
    cpu, wall = time.process_time(), time.perf_counter()
    potential = given.GivenPotential(kind)
    images = dataset.images()
    predicted = given.predictions(potential, dataset, progress)
    first, last = slice(None, count[0]), slice(-count[1], None)
    return FitResult(
        train=ErrorReport.from_images(images[first], predicted[first]),
        validation=ErrorReport.from_images(images[last], predicted[last]),
        history=[],
        seconds=time.process_time() - cpu,
        wall_seconds=time.perf_counter() - wall,
        parameters=0,
        converged=True,
        stop_reason="measured, not trained",
        potential=potential,
    )
