"""Energies and forces by name: one call for every potential of the course.

`get_calculator` makes an ASE calculator from a short name or from the file of a fitted potential,
`single_points` evaluates many structures with it. Nothing heavy is imported before it is needed.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import inspect
import os
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator, Calculator

from matlearn._calculators.evaluation import single_points, with_results
from matlearn._calculators.learners import Learner, get_learner
from matlearn._calculators.naming import of_calculator, of_function, shown
from matlearn._structures import as_atoms

NAMES: dict[str, str] = {
    "emt": "matlearn._calculators.builtin:emt",
    "lj": "matlearn._calculators.builtin:lennard_jones",
    "chgnet": "matlearn._calculators.chgnet:OnePassCHGNet",
    "gpaw": "matlearn._calculators.builtin:gpaw",
}
"""Calculators by name, as ``"module:function"`` (resolved on call)."""

SUFFIXES: dict[str, str] = {
    ".mtp": "matlearn.potentials.moment_tensors:load_calculator",
    ".safetensors": "matlearn.potentials.saved:load_calculator",
    ".yaml": "matlearn.potentials.polynomials:load_calculator",
}
"""Loaders of fitted potentials by the suffix of their file, as ``"module:function"``.

Each takes the path and perhaps options, and gives an ASE calculator.
"""

__all__ = [
    "NAMES",
    "SUFFIXES",
    "Learner",
    "calculator_factory",
    "describe",
    "energy_correction",
    "get_calculator",
    "get_learner",
    "single_points",
    "with_results",
]


def get_calculator(name_or_path: str | PathLike[str], **options: Any) -> Calculator:
    """Make an ASE calculator from its name, or from the file of a fitted potential.

    Parameters
    ----------
    name_or_path
        One of

        - ``"emt"``: effective-medium theory, fast and rough, for Al, Ni, Cu, Pd, Ag, Pt, Au
          (and H, C, N, O after a fashion). No options.
        - ``"lj"``: Lennard-Jones, argon unless told otherwise. Options ``sigma`` (A), ``epsilon``
          (eV), ``rc`` (cut-off, A, three sigma unless given), ``ro`` (where smoothing starts,
          A, 5/6 of it unless given), ``smooth`` (default True: forces go smoothly to zero).
        - ``"chgnet"``: the universal potential CHGNet, one backward pass for forces and stress.
          Options ``device`` (``"cpu"``, ``"cuda"``, ``"mps"``; a GPU is taken where there is
          one), ``energy_corrections`` (default True: energies as the model gives them, False
          undoes the Materials Project's 2020 corrections, see `energy_correction`), ``threads``
          (default 1, the fastest for cells of some tens of atoms), ``model`` (``"0.3.0"``,
          ``"0.2.0"``, ``"r2scan"``, or a `chgnet.model.CHGNet` of your own).
        - ``"gpaw"``: density-functional theory; options are GPAW's, the defaults PBE with plane
          waves to 800 eV, a k-point density of 2.5 and 0.1 eV Fermi smearing.
        - the path of a fitted potential, told by its suffix: ``.mtp`` (a moment tensor
          potential), ``.safetensors`` (NequIP, fine-tuned CHGNet), ``.yaml`` (a polynomial).
    **options
        Handed to the calculator.

    Returns
    -------
    ase.calculators.calculator.Calculator
        Energies in eV, forces in eV/A, stress in eV/A3.

    Raises
    ------
    ValueError
        For an unknown name or suffix; the message lists what is possible. For a file that holds
        no potential, or part of one.
    TypeError
        For an option that the calculator does not have, or a `name_or_path` that is neither.
    FileNotFoundError
        For the path of a potential that is not there.
    ImportError
        Where an optional library is missing; the message says what to install.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", cubic=True)
    >>> copper.calc = get_calculator("emt")
    >>> print(f"{copper.get_potential_energy() / len(copper):.4f} eV/atom")
    -0.0057 eV/atom
    """
    name = _checked_name(name_or_path)
    if name in NAMES:
        return _named(_made(_resolve(NAMES[name]), name, options), name, options)
    path = Path(name)
    load = functools.partial(_resolve(SUFFIXES[path.suffix.lower()]), path)
    try:
        return _named(_made(load, name, options), name, options)
    except (ValueError, KeyError, IndexError, AttributeError, EOFError) as error:
        raise ValueError(
            f"opening {path} failed: {error}; is it the whole file of a saved potential?"
        ) from error


def _checked_name(name_or_path: Any) -> str:
    """Return a known name in lower case, or the path of a potential that is there."""
    if not isinstance(name_or_path, str | PathLike):
        raise TypeError(
            f"name_or_path must be a name ({', '.join(map(repr, NAMES))}) or a path, got "
            f"{type(name_or_path).__name__}"
        )
    name = os.fspath(name_or_path)
    if name.lower() in NAMES:
        return name.lower()
    path = Path(name)
    if path.suffix.lower() in SUFFIXES:
        if not path.is_file():
            raise FileNotFoundError(f"no fitted potential at {path}")
        return name
    near = difflib.get_close_matches(name.lower(), NAMES, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise ValueError(
        f"name_or_path must be one of {', '.join(map(repr, NAMES))}, or the path of a fitted "
        f"potential ending in {', '.join(SUFFIXES)}; got {name!r}{hint}"
    )


def calculator_factory(
    calculator: Calculator | str | PathLike[str] | Callable[[], Calculator],
) -> Callable[[], Calculator]:
    """Turn what a user may hand over as a calculator into a function that makes it.

    Parameters
    ----------
    calculator
        A calculator (used as it is), a name or path for `get_calculator`, or a function without
        arguments that returns a calculator.

    Returns
    -------
    callable
        Called without arguments it returns the calculator.

    Raises
    ------
    TypeError
        If `calculator` is none of these.
    ValueError, FileNotFoundError
        If it is a name or path that `get_calculator` does not know.

    Examples
    --------
    >>> calculator_factory("emt")().name
    'emt'
    """
    if isinstance(calculator, str | PathLike):
        return _Named(_checked_name(calculator))
    if isinstance(calculator, BaseCalculator):
        made: Calculator = calculator
        return lambda: made
    if callable(calculator):
        return calculator
    raise TypeError(
        "calculator must be an ASE calculator, a name such as 'emt', or a function without "
        f"arguments that returns a calculator; got {type(calculator).__name__}"
    )


def describe(calculator: Calculator | str | PathLike[str] | Callable[[], Calculator]) -> str:
    """Name a calculator with what sets it apart, so that results can say what they come from.

    Parameters
    ----------
    calculator
        Anything that `calculator_factory` takes.

    Returns
    -------
    str
        The same for a name and for the calculator made from it; the file of a fitted potential
        counts with its contents, so does a fitted potential, and a function with its code and the
        values that it uses.

    Examples
    --------
    >>> describe("EMT"), describe(get_calculator("lj", sigma=3.0))
    ('emt', 'lj(sigma=3.0)')
    """
    if isinstance(calculator, str | PathLike):
        name, options = str(calculator), {}
    elif isinstance(calculator, BaseCalculator):
        name, options = getattr(calculator, "_matlearn", None) or of_calculator(calculator)
        mixed = getattr(getattr(calculator, "mixer", None), "calcs", None)
        if mixed is not None:  # a sum of calculators
            options |= {"of": [describe(one) for one in mixed]}
    elif isinstance(calculator, functools.partial):
        name, options = describe(calculator.func), dict(enumerate(calculator.args))
        options |= calculator.keywords
    else:
        name, options = of_function(calculator)
    path = Path(name)
    if name.lower() in NAMES:
        name = name.lower()
    elif path.is_file():
        name = f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    given = ", ".join(f"{key}={shown(value)}" for key, value in options.items())
    return f"{name}({given})" if given else name


def energy_correction(atoms: Atoms) -> float:
    """Give the Materials Project's 2020 energy correction of a structure.

    CHGNet was trained on energies that contain it; ``energy_corrections=False`` subtracts it.
    The rule and its values are pymatgen's (``MP2020Compatibility.yaml``), as they stood when the
    training data were made: see `matlearn._calculators.mp2020.correction`.

    Parameters
    ----------
    atoms
        A structure.

    Returns
    -------
    float
        Energy in eV for the whole cell, 0 for an element.

    Examples
    --------
    >>> from ase import Atoms
    >>> round(energy_correction(Atoms("Li3N", cell=[4, 4, 4], pbc=True)), 3)
    -0.361
    """
    from matlearn._calculators.mp2020 import correction

    return correction(as_atoms(atoms, "atoms"))


def _resolve(target: str) -> Callable[..., Any]:
    """Import what ``"module:function"`` names."""
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)


def _made(make: Callable[..., Calculator], name: str, options: dict[str, Any]) -> Calculator:
    """Make a calculator; an option that it does not have is an error that lists those it has."""
    try:
        allowed = inspect.signature(make).parameters
    except ValueError:  # compiled: it must say itself what it does not like
        return make(**options)
    if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in allowed.values()):
        unknown = [option for option in options if option not in allowed]
        if unknown:
            raise TypeError(
                f"options of {name!r} are {', '.join(allowed) or 'none'}; got {unknown[0]!r}"
            )
    return make(**options)


def _named(calculator: Calculator, name: str, options: dict[str, Any]) -> Calculator:
    """Let a calculator remember how it was asked for."""
    vars(calculator)["_matlearn"] = (name, options)
    return calculator


class _Named:
    """Make a calculator by name; can be sent to another process."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> Calculator:
        return get_calculator(self.name)

    def __repr__(self) -> str:
        return f"get_calculator({self.name!r})"
