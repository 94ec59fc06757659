"""Moment tensor potentials: trained by least squares, evaluated fast, kept in mlip's format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.potentials._kernels.jacobians import energy_jacobian
from matlearn.potentials._mtp.checks import checked_settings, checked_species
from matlearn.potentials._mtp.form import Form
from matlearn.potentials._mtp.levels import template
from matlearn.potentials._mtp.packing import pack

if TYPE_CHECKING:
    from motep.potentials.mtp.data import MTPData

    from matlearn.fitting import FitResult
    from matlearn.potentials._mtp.calculator import MTPCalculator

__all__ = ["MTP", "load_calculator"]


class MTP(Form):
    r"""A moment tensor potential.

    The energy of an atom is a linear combination of basis functions B, contractions of the moments

    .. math:: M_{\mu,\nu} = \sum_j f_\mu(r_{ij}, z_i, z_j)\, r_{ij}^{\otimes\nu} / r_{ij}^{\nu}

    of its neighbourhood to scalars. Taken are all contractions up to a level,
    ``lev(M_mu,nu) = 2 + 4 mu + nu``, where levels of factors add up. The radial functions f are sums
    of Chebyshev polynomials times ``(cutoff - r)**2``; their coefficients are trained as well.

    A. V. Shapeev, Multiscale Model. Simul. 14, 1153 (2016); I. S. Novikov et al., Mach. Learn.:
    Sci. Technol. 2, 025002 (2021). Files are those of mlip and motep.

    Parameters
    ----------
    level
        An even number from 2 to 22: more basis functions, more accurate, slower.
    species
        Chemical symbols or atomic numbers.
    cutoff
        Atoms further away than this (A) do not matter.
    min_distance
        Where the radial functions begin, A: a little less than the shortest distance in the
        training set. None takes 95 % of the latter when the potential is fitted.
    radial_functions
        Chebyshev polynomials in each radial function (``radial_basis_size`` of an ``.mtp`` file).

    Raises
    ------
    ValueError
        For an odd level, an unknown or repeated element, or distances that make no sense.

    Examples
    --------
    >>> potential = MTP(8, ["Cu", "Au"])
    >>> potential
    MTP(level 8, Cu Au, cut-off 5.0 A, 75 parameters, not fitted)
    """

    def __init__(
        self,
        level: int,
        species: Sequence[str | int],
        cutoff: float = 5.0,
        min_distance: float | None = None,
        radial_functions: int = 8,
    ) -> None:
        numbers = checked_species(species)
        checked_settings(level, cutoff, min_distance, radial_functions)
        self._level: int | None = level
        self._numbers = numbers
        self._cutoff = float(cutoff)
        self._min_distance = None if min_distance is None else float(min_distance)
        self._scaling = 1.0
        self._start(template(level), radial_functions)

    @property
    def data(self) -> MTPData:
        """A copy as motep's data."""
        from matlearn.potentials._mtp.files import to_motep

        return to_motep(self)

    def __repr__(self) -> str:
        level = "own contractions" if self._level is None else f"level {self._level}"
        return (
            f"MTP({level}, {' '.join(self.species)}, cut-off {self._cutoff} A, "
            f"{self.n_parameters} parameters, {'fitted' if self.fitted else 'not fitted'})"
        )

    def copy(self) -> MTP:
        """Give an MTP that does not change when this one is trained on."""
        twin = object.__new__(MTP)
        twin.__dict__.update(self.__dict__)
        twin._parameters = self._parameters.copy()
        return twin

    def fit(
        self,
        images: Iterable[Atoms],
        *,
        weights: tuple[float, float, float] = (1.0, 0.01, 0.001),
        max_iterations: int = 60,
        validation: Iterable[Atoms] | None = None,
        seed: int = 0,
        progress: bool = True,
        restart: bool = True,
        starts: int = 4,
        callback: Callable[[int, dict[str, float], MTP], Any] | None = None,
    ) -> FitResult:
        r"""Train on energies, forces and stresses, in place.

        What falls is, over K configurations of N atoms and volume V,

        .. math:: \frac1K \sum_k \left[ w_E \frac{(\Delta E)^2}{N^2}
            + \frac{w_F}{N} \sum_i |\Delta f_i|^2 + w_S \frac{V^2}{N^2} |\Delta\sigma|^2 \right]

        with energies in eV, forces in eV/A and V sigma in eV: each configuration counts alike. It
        is motep's default; mlip-2 calls it ``--weighting=structures``. For cells of one size it is
        mlip's default up to a factor.

        Levenberg and Marquardt's method: the Jacobian of all energies, forces and stresses is
        known, so that an iteration is a damped linear least-squares problem. It starts from random
        radial functions with the best coefficients of the basis functions (a linear problem).

        Parameters
        ----------
        images
            Structures with energies, and forces and stresses where they have them (periodic in
            all directions for the latter).
        weights
            Of energies, forces and stresses.
        max_iterations
            At most so many.
        validation
            Structures held back: training stops when it has not served them for ten iterations,
            and the best parameters for them are kept.
        seed
            Of the random start.
        progress
            Show a progress bar.
        restart
            False goes on from the present parameters.
        starts
            Random starts: after each 20 iterations the better half of them goes on.
        callback
            Called with the iteration, its row of the history (with the number of the start) and the
            potential, which then has the parameters of that iteration.

        Returns
        -------
        FitResult
            Interrupted, the result so far; the best parameters are kept.

        Raises
        ------
        ValueError
            For an empty set, images without energies, with NaN, with elements outside `species`,
            two atoms in one place, or a cut-off below the shortest distance.

        Examples
        --------
        >>> from ase.build import bulk
        >>> from matlearn.calculators import single_points
        >>> cells = [bulk("Cu", a=a) for a in (3.4, 3.5, 3.6, 3.7)]
        >>> reference = single_points(cells, "emt", progress=False)
        >>> potential = MTP(4, ["Cu"])
        >>> result = potential.fit(reference, max_iterations=10, progress=False)
        >>> result.train.errors["energy_per_atom"].rms < 1e-3
        True
        """
        from matlearn.potentials._mtp.training import train

        return train(
            self,
            images,
            weights=weights,
            max_iterations=max_iterations,
            validation=validation,
            seed=seed,
            progress=progress,
            restart=restart,
            starts=starts,
            callback=callback,
        )

    def calculator(self) -> MTPCalculator:
        """Give an ASE calculator with the present parameters.

        Energies in eV (of each atom as well), forces in eV/A, stress in eV/A3, for any number of
        atoms, periodic in any number of directions (stress where it is in all three).

        Raises
        ------
        ValueError
            If the potential has not been fitted.
        """
        from matlearn.potentials._mtp.calculator import MTPCalculator

        return MTPCalculator(self._fitted().copy())

    def descriptors(self, images: Atoms | Iterable[Atoms]) -> np.ndarray:
        """Give the basis functions of each atom.

        Parameters
        ----------
        images
            A structure or several.

        Returns
        -------
        ndarray
            (all atoms, `n_scalars`).
        """
        return self.energy_jacobian(images, per_atom=True)[:, : self.n_scalars]

    def energy_jacobian(
        self, images: Atoms | Iterable[Atoms], *, per_atom: bool = False
    ) -> np.ndarray:
        """Give the derivatives of energies by the parameters.

        Parameters
        ----------
        images
            A structure or several.
        per_atom
            True for a row an atom instead of a row a structure.

        Returns
        -------
        ndarray
            (structures or all atoms, `n_parameters`).

        Raises
        ------
        ValueError
            If the potential has not been fitted, or a structure cannot be handled.
        """
        model = self._fitted().model()
        rows = []
        for atoms in [images] if isinstance(images, Atoms) else images:
            jacobian = energy_jacobian(*pack(atoms, self._numbers, self._cutoff), model)
            rows.append(jacobian if per_atom else jacobian.sum(axis=0, keepdims=True))
        return np.concatenate(rows) if rows else np.zeros((0, self.n_parameters))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the potential in mlip's format, whole or not at all.

        The species, which that format does not know, are named in its ``potential_tag``.

        Raises
        ------
        ValueError
            If the potential has not been fitted, or `path` does not end in ``.mtp``.
        """
        from matlearn.potentials._mtp.files import write

        write(self._fitted(), Path(path))

    @classmethod
    def load(cls, path: str | os.PathLike[str], species: Sequence[str | int] | None = None) -> MTP:
        """Read a potential in mlip's format.

        Parameters
        ----------
        path
            An ``.mtp`` file of mlip-2, motep or `save`.
        species
            Chemical symbols or atomic numbers of its types, in their order; needed where the file
            does not name them.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, not trained, or its species are not known.
        """
        from matlearn.potentials._mtp.files import read

        return read(Path(path), species)

    def _fitted(self) -> MTP:
        if not self.fitted:
            raise ValueError("the potential has no parameters yet: call its `fit` first")
        return self


def load_calculator(path: Path) -> MTPCalculator:
    """Open an ``.mtp`` file as an ASE calculator; see `matlearn.calculators.get_calculator`."""
    return MTP.load(path).calculator()
