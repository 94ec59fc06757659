"""The functional form of a moment tensor potential, and its parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms

from matlearn.potentials._kernels.moments import Model


class Form:
    """What is summed to an energy, with which parameters; `MTP` adds what one does with it."""

    _level: int | None
    _numbers: tuple[int, ...]
    _cutoff: float
    _min_distance: float | None
    _distance_from_images = False
    """True where a fit took the shortest distance from its images."""
    _scaling: float
    fitted: bool
    """True once there are parameters."""

    def _start(self, contractions: Any, radial_functions: int) -> None:
        """Take a list of contractions, and make room for parameters."""
        basic = np.asarray(contractions.alpha_index_basic, dtype=np.int64)
        self._contractions = contractions
        self._function = np.ascontiguousarray(basic[:, 0])
        powers, angular = np.unique(basic[:, 1:], axis=0, return_inverse=True)
        self._powers, self._angular = np.ascontiguousarray(powers), angular.ravel().astype(np.int64)
        self._products = np.array(contractions.alpha_index_times, dtype=np.int64).reshape(-1, 4)
        self._scalars = np.array(contractions.alpha_moment_mapping, dtype=np.int64)
        kinds = len(self._numbers)
        self._shape = (kinds, kinds, int(contractions.radial_funcs_count), int(radial_functions))
        self._parameters = np.zeros(len(self._scalars) + kinds + int(np.prod(self._shape)))
        self.fitted = False

    @property
    def level(self) -> int | None:
        """Level of the contractions, None for a file whose list is not one of ours."""
        return self._level

    @property
    def species(self) -> tuple[str, ...]:
        """Chemical symbols, in the order of the file's types."""
        return tuple(Atoms(numbers=list(self._numbers)).get_chemical_symbols())

    @property
    def cutoff(self) -> float:
        """Cut-off radius, A."""
        return self._cutoff

    @property
    def min_distance(self) -> float | None:
        """Where the radial functions begin, A; None before a fit that is to find it."""
        return self._min_distance

    @property
    def radial_functions(self) -> int:
        """Chebyshev polynomials in each radial function."""
        return self._shape[3]

    @property
    def n_parameters(self) -> int:
        """Number of parameters (a few of their directions change nothing: the gauge)."""
        return len(self._parameters)

    @property
    def n_scalars(self) -> int:
        """Number of basis functions B."""
        return len(self._scalars)

    @property
    def parameters(self) -> np.ndarray:
        """Coefficients of the basis functions (eV), of the species (eV), radial ones; a copy."""
        return self._parameters.copy()

    @parameters.setter
    def parameters(self, values: np.ndarray) -> None:
        values = np.array(values, dtype=float)
        if values.shape != self._parameters.shape:
            raise ValueError(
                f"parameters must have the shape ({self.n_parameters},), got {values.shape}"
            )
        self._parameters = values
        self.fitted = True

    def model(self, parameters: np.ndarray | None = None) -> Model:
        """Give the potential as the arrays that kernels take, with these parameters or its own."""
        values = np.ascontiguousarray(self._parameters if parameters is None else parameters)
        scalars, kinds = len(self._scalars), len(self._numbers)
        return Model(
            self._powers,
            self._function,
            self._angular,
            self._products,
            self._scalars,
            int(self._contractions.alpha_moments_count),
            values[:scalars],
            values[scalars : scalars + kinds],
            values[scalars + kinds :].reshape(self._shape),
            float(self._shortest),
            self._cutoff,
            self._scaling,
        )

    @property
    def _shortest(self) -> float:
        if self._min_distance is None:
            raise ValueError("min_distance is not known yet: give it, or fit the potential first")
        return self._min_distance
