"""Evaluate structures with a calculator, and attach results that stay with them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from os import PathLike
from typing import Any

from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._structures import as_atoms

KEPT_RESULTS = ("energy", "free_energy", "forces", "stress", "magmoms")


def single_points(
    structures: Iterable[Atoms],
    calculator: Calculator | str | PathLike[str] | Callable[[], Calculator],
    *,
    progress: bool = True,
    batch_size: int = 8,
) -> list[Atoms]:
    """Evaluate energy, forces and stress of many structures, each as it stands.

    A calculator with a method ``batch(list of Atoms) -> list of results`` (CHGNet) is given
    `batch_size` structures at a time.

    Parameters
    ----------
    structures
        ASE Atoms or pymatgen Structures; they are not changed.
    calculator
        A calculator, a name for `get_calculator`, or a function that returns a calculator.
    progress
        Show a progress bar.
    batch_size
        Structures in a batch, at least 1.

    Returns
    -------
    list of ase.Atoms
        Copies in the same order, with the results attached (``get_potential_energy()`` in eV and
        so on). A structure that the calculator cannot handle comes back without results and
        with the reason in ``info["failure"]``; a warning counts them.

    Examples
    --------
    >>> from ase.build import bulk
    >>> done = single_points([bulk("Cu"), bulk("Au")], "emt", progress=False)
    >>> [f"{atoms.get_potential_energy():.4f} eV" for atoms in done]
    ['-0.0057 eV', '0.0026 eV']
    """
    from tqdm.auto import tqdm

    from matlearn.calculators import calculator_factory

    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    if isinstance(structures, Atoms):
        raise TypeError("structures must be several ASE Atoms, such as a list, got one Atoms")
    images = [as_atoms(one, f"structures[{i}]") for i, one in enumerate(structures)]
    calc = calculator_factory(calculator)()
    size = batch_size if hasattr(calc, "batch") else 1
    done: list[Atoms] = []
    with tqdm(total=len(images), disable=not progress, unit="structure") as bar:
        for start in range(0, len(images), size):
            chunk = images[start : start + size]
            done += _evaluate(calc, chunk)
            bar.update(len(chunk))
    _warn_of_failures(done)
    return done


def with_results(atoms: Atoms, results: dict[str, Any], name: str = "unknown") -> Atoms:
    """Copy a structure and attach results that stay with it.

    Parameters
    ----------
    atoms
        A structure.
    results
        Energy (eV), forces (eV/A), stress (eV/A3, Voigt), as ASE names them; others are left out.
    name
        Name of the calculator.

    Returns
    -------
    ase.Atoms
        A copy with a single-point calculator.

    Examples
    --------
    >>> from ase import Atoms
    >>> with_results(Atoms("N2"), {"energy": -1.5}).get_potential_energy()
    -1.5
    """
    from ase.calculators.singlepoint import SinglePointCalculator

    copy = atoms.copy()
    kept = {key: results[key] for key in KEPT_RESULTS if results.get(key) is not None}
    copy.calc = SinglePointCalculator(copy, **kept)
    copy.calc.name = name
    return copy


def _evaluate(calc: Calculator, images: list[Atoms]) -> list[Atoms]:
    """Evaluate a few structures; a batch that fails is done one by one to find the culprit."""
    name = getattr(calc, "name", type(calc).__name__.lower())
    if hasattr(calc, "batch") and len(images) > 1:
        try:
            results = calc.batch(images)
        except (ValueError, RuntimeError):
            return [done for atoms in images for done in _evaluate(calc, [atoms])]
        return [with_results(a, r, name) for a, r in zip(images, results, strict=True)]
    done = []
    for atoms in images:
        copy = atoms.copy()
        try:
            calc.calculate(copy, [p for p in KEPT_RESULTS if p in calc.implemented_properties])
        except (ValueError, RuntimeError, ArithmeticError, NotImplementedError) as error:
            copy.info["failure"] = f"{type(error).__name__}: {error}"
        else:
            copy = with_results(copy, calc.results, name)
        done.append(copy)
    return done


def _warn_of_failures(done: list[Atoms]) -> None:
    failed = [atoms for atoms in done if "failure" in atoms.info]
    if failed:
        warnings.warn(
            f"{len(failed)} of {len(done)} structures could not be evaluated, the first because "
            f"of {failed[0].info['failure']}; each says why in info['failure']",
            stacklevel=3,
        )
