"""Energies, forces and virials of structures, and basis functions of their atoms."""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled
from matlearn.potentials._kernels.moments import (
    angles,
    mix,
    pull_back,
    radial,
    sum_moments,
    weigh,
)


@compiled
def evaluate(first, neighbours, vectors, kinds, model):  # type: ignore[no-untyped-def]
    """Evaluate a potential on one structure.

    Parameters
    ----------
    first, neighbours, vectors
        Pairs, as `find_pairs` gives them.
    kinds
        (n,) species of each atom, counted from 0.
    model
        A `Model`.

    Returns
    -------
    energies : ndarray
        (n,) in eV.
    forces : ndarray
        (n, 3) in eV/A.
    virial : ndarray
        (3, 3) derivative of the energy by strain in eV, not symmetrised.
    """
    n = len(kinds)
    energies, forces, virial = np.empty(n), np.zeros((n, 3)), np.zeros((3, 3))
    functions, size = model.radial_coeffs.shape[2], model.radial_coeffs.shape[3]
    parts = len(model.powers)
    m, bar = np.empty(model.n_moments), np.empty(model.n_moments)
    for i in range(n):
        start, stop = first[i], first[i + 1]
        count = stop - start
        units, lengths = np.empty((3, count)), np.empty(count)
        q, dq = np.empty((size, count)), np.empty((size, count))
        f, df = np.empty((functions, count)), np.empty((functions, count))
        y, dy = np.empty((parts, count)), np.empty((parts, 3, count))
        along, gradient = np.empty((functions, count)), np.empty((3, count))
        near = kinds[neighbours[start:stop]]
        pairs = vectors[start:stop]
        radial(pairs, model, units, lengths, q, dq)
        coefficients = model.radial_coeffs[kinds[i]]
        mix(coefficients, near, q, f)
        mix(coefficients, near, dq, df)
        angles(units, lengths, model.powers, y, dy)
        sum_moments(model, f, y, m)
        energies[i] = model.species_coeffs[kinds[i]] + weigh(model, m, bar)
        pull_back(model, bar, units, f, df, y, dy, along, gradient)
        for j in range(count):
            other = neighbours[start + j]
            for x in range(3):
                pull = gradient[x, j]
                forces[i, x] += pull
                forces[other, x] -= pull
                for z in range(3):
                    virial[x, z] += pull * pairs[j, z]
    return energies, forces, virial
