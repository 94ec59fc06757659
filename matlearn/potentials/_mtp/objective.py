"""The loss of a moment tensor potential, its gradient and its Gauss-Newton matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from matlearn.potentials._kernels.evaluation import evaluate
from matlearn.potentials._kernels.jacobians import full_jacobian
from matlearn.potentials._kernels.moments import Model
from matlearn.potentials._mtp.packing import Reference

_FULL = np.sqrt([1, 1, 1, 2, 2, 2])  # the norm of a symmetric 3 x 3 tensor from its six values


class Objective:
    """Weighted squares of what a potential gets wrong.

    Parameters
    ----------
    structures
        Structures with their references.
    model_of
        From parameters, (P,), to a `Model`.
    weights
        Of energies, forces and stresses.
    """

    def __init__(
        self,
        structures: Sequence[Reference],
        model_of: Callable[[np.ndarray], Model],
        weights: tuple[float, float, float],
    ) -> None:
        self.structures = structures
        self.model_of = model_of
        self.weights = weights

    def loss(self, parameters: np.ndarray) -> float:
        """Give the loss at some parameters."""
        model = self.model_of(parameters)
        total = 0.0
        for structure in self.structures:
            energies, forces, virial = evaluate(*structure.pairs, model)
            errors = self._errors(structure, energies.sum(), forces, _voigt(virial))
            total += sum(float(error @ error) for error in errors)
        return total / len(self.structures)

    def quadratic(self, parameters: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Give the loss, half its gradient (P,) and its Gauss-Newton matrix (P, P)."""
        model = self.model_of(parameters)
        count, loss = len(parameters), 0.0
        gradient, matrix = np.zeros(count), np.zeros((count, count))
        for structure in self.structures:
            energies, forces, virial = evaluate(*structure.pairs, model)
            errors = self._errors(structure, energies.sum(), forces, _voigt(virial))
            slopes = self._scaled(structure, *full_jacobian(*structure.pairs, model))
            rows, error = np.concatenate(slopes, axis=1), np.concatenate(errors)
            loss += float(error @ error)
            gradient += rows @ error
            matrix += rows @ rows.T
        scale = 1.0 / len(self.structures)
        return loss * scale, gradient * scale, matrix * scale

    def _errors(
        self, structure: Reference, energy: float, forces: np.ndarray, virial: np.ndarray
    ) -> list[np.ndarray]:
        """Give the weighted differences from the reference, of what it holds."""
        e, f, v = self._factors(structure)
        errors = []
        if structure.energy is not None:
            errors.append(np.array([e * (energy - structure.energy)]))
        if structure.forces is not None:
            errors.append(f * (forces - structure.forces).ravel())
        if structure.virial is not None:
            errors.append(v * (virial - structure.virial))
        return errors

    def _scaled(
        self, structure: Reference, energy: np.ndarray, forces: np.ndarray, virial: np.ndarray
    ) -> list[np.ndarray]:
        """Give the slopes, (P, values) each, that belong to `_errors`."""
        e, f, v = self._factors(structure)
        slopes = []
        if structure.energy is not None:
            slopes.append(e * energy[:, None])
        if structure.forces is not None:
            slopes.append(f * forces.reshape(len(forces), -1))
        if structure.virial is not None:
            slopes.append(v * virial)
        return slopes

    def _factors(self, structure: Reference) -> tuple[float, float, np.ndarray]:
        size = len(structure.pairs.kinds)
        energy, forces, stress = np.sqrt(self.weights)
        return energy / size, forces / np.sqrt(size), stress / size * _FULL


def _voigt(virial: np.ndarray) -> np.ndarray:
    """Give xx, yy, zz, yz, xz, xy of a symmetric tensor."""
    return virial.ravel()[[0, 4, 8, 5, 2, 1]]
