"""Polynomial potentials: a linear model of invariants, fitted in one step, by pypolymlp.

The baseline that every other potential should be measured against: nothing is iterated, the answer
is unique, and the only choice made by the data is the strength of the regularisation.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.potentials._mtp.checks import check_apart, check_reach
from matlearn.potentials._polynomials.conversion import (
    atomic_energies,
    check_atoms,
    check_settings,
    import_pypolymlp,
)
from matlearn.potentials._polynomials.regression import labelled, regressed, split

if TYPE_CHECKING:
    from matlearn.fitting import FitResult
    from matlearn.potentials._polynomials.calculator import PolynomialCalculator

__all__ = ["Polynomial", "fit_polynomial", "load_calculator"]


class Polynomial:
    """A fitted polynomial potential; `fit_polynomial` and `Polynomial.load` make one.

    Parameters
    ----------
    model
        pypolymlp's settings and the coefficients (eV).
    """

    def __init__(self, model: tuple[Any, np.ndarray]) -> None:
        self.model = model

    @property
    def elements(self) -> tuple[str, ...]:
        """Chemical symbols that the potential knows."""
        return tuple(self.model[0].elements)

    @property
    def atomic_energies(self) -> dict[str, float]:
        """Energy of each species (eV), which the polynomial comes on top of."""
        return {
            e: float(v) for e, v in zip(self.elements, self.model[0].atomic_energy, strict=True)
        }

    @property
    def cutoff(self) -> float:
        """Cut-off radius, A."""
        return float(self.model[0].params.model.cutoff)

    @property
    def n_parameters(self) -> int:
        """Number of coefficients."""
        return len(self.model[1])

    def __repr__(self) -> str:
        return (
            f"Polynomial({' '.join(self.elements)}, cut-off {self.cutoff:g} A, "
            f"{self.n_parameters} coefficients)"
        )

    def calculator(self) -> PolynomialCalculator:
        """Give an ASE calculator: energy in eV, forces in eV/A, stress in eV/A3 as ASE means it.

        For any number of atoms, periodic or not (stress where all directions are periodic).
        """
        from matlearn.potentials._polynomials.calculator import PolynomialCalculator

        return PolynomialCalculator(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the potential as pypolymlp's YAML, whole or not at all.

        Raises
        ------
        ValueError
            If `path` does not end in ``.yaml``.
        """
        from pypolymlp.core.io_polymlp import save_mlp

        target = Path(path)
        if target.suffix.lower() != ".yaml":
            raise ValueError(f"a polynomial is saved as .yaml, got {target.name!r}")
        parameters, coefficients = self.model
        with tempfile.TemporaryDirectory(prefix=".polynomial-", dir=target.parent) as folder:
            written = Path(folder) / "polymlp.yaml"
            with np.printoptions():  # pypolymlp changes how numpy prints
                save_mlp(parameters.params, coefficients, np.ones(len(coefficients)), str(written))
            written.replace(target)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Polynomial:
        """Read a file that `save` or pypolymlp wrote.

        Raises
        ------
        FileNotFoundError
            If there is none.
        ValueError
            If it holds something else, or only part of a potential.
        """
        import_pypolymlp()
        import yaml
        from pypolymlp.core.io_polymlp_yaml import load_mlp_yaml
        from pypolymlp.core.params import PolymlpParams

        try:
            with Path(path).open() as file:
                parameters, coefficients = load_mlp_yaml(file)
            values = np.array(coefficients, dtype=float)
            model = PolymlpParams(parameters)
            complete = model.atomic_energy is not None and np.isfinite(values).all()
        except (yaml.YAMLError, KeyError, TypeError, ValueError, AssertionError) as error:
            raise ValueError(f"{path} is no whole polynomial potential: {error}") from error
        if not complete:
            raise ValueError(f"{path} lacks atomic energies, or holds values that are no numbers")
        from pypolymlp.mlp_dev.core.features_attr import get_num_features

        if len(values) != (expected := get_num_features(model)):
            raise ValueError(f"{path} holds {len(values)} of {expected} coefficients")
        return cls((model, values))


def fit_polynomial(
    train: Iterable[Atoms],
    validation: Iterable[Atoms] | None = None,
    *,
    cutoff: float = 5.0,
    feature_type: str = "gtinv",
    model_type: int | None = None,
    max_p: int = 2,
    gtinv_order: int = 3,
    gtinv_maxl: Sequence[int] = (4, 4),
    gaussian_params1: tuple[float, float, int] = (1.0, 1.0, 1),
    gaussian_params2: tuple[float, float, int] = (0.0, 5.0, 7),
    n_gaussians: int | None = None,
    include_stress: bool = True,
    reg_alpha_params: tuple[float, float, int] = (-7.0, 1.0, 9),
    held_back: float = 0.15,
    seed: int = 0,
) -> FitResult:
    r"""Fit a polynomial of invariants of the neighbourhood to energies, forces and stresses.

    Each pair of neighbours enters through Gaussians of its distance and spherical harmonics of its
    direction; their sums over neighbours are combined to rotation invariants, these to a
    polynomial. Energies are linear in the coefficients, and so are forces and stresses: ridge
    regression, with as many strengths of the penalty tried as `reg_alpha_params` says, and the one
    kept that serves structures best that were held back.

    The names of the settings are pypolymlp's (A. Seko, J. Appl. Phys. 133, 011101 (2023)). Its
    weights are used: 1 for an energy (eV) below, 0.1 above the mean by species, one over a
    force beyond 1 eV/A, and about a tenth and less for the components of the virial (eV).

    Parameters
    ----------
    train
        Structures with energies and forces, and stresses unless `include_stress` is False.
    validation
        Structures that choose the strength. None: a share `held_back` of `train` does, and then
        all of `train` is fitted with the strength found (`FitResult.validation` is None then).
    cutoff
        Cut-off radius, A.
    feature_type
        ``"gtinv"``: with angles. ``"pair"``: distances alone.
    model_type
        1: linear in the invariants; 2: a polynomial of all invariants; 3: a polynomial of pair
        invariants, linear in the others; 4: like 3, and second-order invariants in the polynomial.
        None: 3, or 2 for pairs. 2 and 4 can have very many coefficients with angles.
    max_p
        Largest power of the polynomial, 1 to 3.
    gtinv_order, gtinv_maxl
        Largest order of invariants, 2 to 6; the largest angular number for each order from 2 on.
    gaussian_params1, gaussian_params2
        Exponents (1/A2) and centres (A) of the Gaussians, as (first, last, how many).
    n_gaussians
        Place so many Gaussians by the cut-off instead.
    include_stress
        Train on stresses too.
    reg_alpha_params
        Decimal logarithms of the strengths to try, as (first, last, how many).
    held_back
        Share of `train`, chosen at random, where `validation` is None.
    seed
        Of that choice.

    Returns
    -------
    FitResult
        Its ``history`` is the table of strengths: ``alpha``, ``train`` and ``held_back``, root
        mean squares of pypolymlp's weighted residuals.

    Raises
    ------
    ValueError
        For settings that make no potential or too large a one for this computer's memory, an
        empty set, images without energies or forces, values that are no numbers, two
        atoms in one place, a cut-off below the shortest distance, elements in `validation` that
        `train` lacks.
    ImportError
        Without pypolymlp.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = [bulk("Cu", a=a) for a in (3.4, 3.45, 3.5, 3.55, 3.6, 3.65, 3.7, 3.75)]
    >>> reference = single_points(cells, "emt", progress=False)
    >>> result = fit_polynomial(reference[::2], reference[1::2], feature_type="pair", cutoff=4.5)
    >>> result.potential
    Polynomial(Cu, cut-off 4.5 A, 44 coefficients)
    >>> result.validation.errors["energy_per_atom"].rms < 0.01
    True
    """
    started, wall = time.process_time(), time.perf_counter()
    settings: dict[str, Any] = {
        "cutoff": cutoff,
        "feature_type": feature_type,
        "model_type": model_type or (2 if feature_type == "pair" else 3),
        "max_p": max_p,
        "gtinv_order": gtinv_order,
        "gtinv_maxl": tuple(gtinv_maxl),
        "gaussian_params1": gaussian_params1,
        "gaussian_params2": gaussian_params2,
        "n_gaussians": n_gaussians,
        "reg_alpha_params": reg_alpha_params,
    }
    check_settings(settings)
    import_pypolymlp()
    images = labelled(train, "train", include_stress)
    elements = sorted({symbol for atoms in images for symbol in atoms.get_chemical_symbols()})
    others = [] if validation is None else labelled(validation, "validation", include_stress)
    for argument, group in (("train", images), ("validation", others)):
        for number, atoms in enumerate(group):
            check_atoms(atoms, elements, f"{argument}[{number}] ({atoms.symbols})")
        check_apart(group, argument)
    check_reach(images, float(cutoff), "train")
    settings |= {"elements": elements, "atomic_energy": atomic_energies(images, elements)}
    settings["include_stress"] = include_stress
    if others:
        model, history = regressed(images, others, settings)
    else:
        kept, back = split(images, held_back, seed)
        _, history = regressed(kept, back, settings)
        best = np.log10(min(history, key=lambda row: row["held_back"])["alpha"])
        settings["reg_alpha_params"] = (best, best, 1)
        model, _ = regressed(images, back, settings)
    potential = Polynomial(model)
    from matlearn.fitting import FitResult, error_report

    calculator = potential.calculator()
    train_report = error_report(calculator, images)
    best_alpha = min(history, key=lambda row: row["held_back"])["alpha"]
    return FitResult(
        train=train_report,
        validation=error_report(calculator, others) if others else None,
        history=history,
        seconds=time.process_time() - started,
        wall_seconds=time.perf_counter() - wall,
        parameters=potential.n_parameters,
        converged=True,
        stop_reason=f"solved, regularisation {best_alpha:.3g}",
        potential=potential,
    )


def load_calculator(path: Path) -> PolynomialCalculator:
    """Open a ``.yaml`` file as an ASE calculator; see `matlearn.calculators.get_calculator`."""
    return Polynomial.load(path).calculator()
