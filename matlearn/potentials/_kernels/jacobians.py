"""Derivatives of energies, forces and virials by the parameters of a moment tensor potential.

With M the basic moments of an atom, E its energy, B its basis functions, xi their coefficients and
c the radial ones, what training needs is

    d2E/dxi_s dr = sum_a dB_s/dM_a dM_a/dr,
    d2E/dc dr = sum_a (sum_b d2E/dM_a dM_b dM_b/dc) dM_a/dr + sum_a dE/dM_a d2M_a/dc dr,

so that all rows of an atom but the last term come from one product of two small matrices. The
derivatives of all moments by the basic ones, and the second derivatives of the energy, are carried
along the list of products once, forwards and backwards.

Parameters are in motep's order: coefficients of the basis functions, of the species, radial ones.
"""

from __future__ import annotations

import numpy as np

from matlearn._compiling import compiled
from matlearn.potentials._kernels.moments import angles, mix, radial, sum_moments, weigh


@compiled(reorder=True)
def _radial_sums(kinds, q, y, sums):  # type: ignore[no-untyped-def]
    """Fill sums (species, polynomials, parts) of a polynomial times an angular part."""
    sums[:] = 0.0
    for k in range(q.shape[0]):
        for part in range(y.shape[0]):
            for j in range(q.shape[1]):
                sums[kinds[j], k, part] += q[k, j] * y[part, j]


@compiled(reorder=True)
def _second_derivatives(model, m, bar, tangent, second):  # type: ignore[no-untyped-def]
    """Fill dM/dM_a and d2E/dM dM_a, both (n_moments, basic moments)."""
    basic = tangent.shape[1]
    tangent[:] = 0.0
    second[:] = 0.0
    for a in range(basic):
        tangent[a, a] = 1.0
    for t in range(len(model.products)):
        left, right, result = model.products[t, 0], model.products[t, 1], model.products[t, 3]
        x, y = model.products[t, 2] * m[right], model.products[t, 2] * m[left]
        for a in range(basic):
            tangent[result, a] += x * tangent[left, a] + y * tangent[right, a]
    for t in range(len(model.products) - 1, -1, -1):
        left, right, result = model.products[t, 0], model.products[t, 1], model.products[t, 3]
        factor = float(model.products[t, 2])
        pull = factor * bar[result]
        x, y = factor * m[right], factor * m[left]
        for a in range(basic):
            second[left, a] += x * second[result, a] + pull * tangent[right, a]
            second[right, a] += y * second[result, a] + pull * tangent[left, a]


@compiled
def energy_jacobian(first, neighbours, vectors, kinds, model):  # type: ignore[no-untyped-def]
    """Differentiate each atom's energy by the parameters.

    Parameters
    ----------
    first, neighbours, vectors, kinds, model
        What `evaluate` takes.

    Returns
    -------
    ndarray
        (n, parameters).
    """
    n = len(kinds)
    species, functions, size = model.radial_coeffs.shape[1:]
    parts, scalars = len(model.powers), len(model.scalars)
    rows = np.zeros((n, scalars + species + model.radial_coeffs.size))
    m, bar = np.empty(model.n_moments), np.empty(model.n_moments)
    sums = np.empty((species, size, parts))
    for i in range(n):
        start, stop = first[i], first[i + 1]
        count = stop - start
        units, lengths = np.empty((3, count)), np.empty(count)
        q, dq, f = np.empty((size, count)), np.empty((size, count)), np.empty((functions, count))
        y, dy = np.empty((parts, count)), np.empty((parts, 3, count))
        near = kinds[neighbours[start:stop]]
        radial(vectors[start:stop], model, units, lengths, q, dq)
        mix(model.radial_coeffs[kinds[i]], near, q, f)
        angles(units, lengths, model.powers, y, dy)
        sum_moments(model, f, y, m)
        weigh(model, m, bar)
        _radial_sums(near, q, y, sums)
        for s in range(scalars):
            rows[i, s] = m[model.scalars[s]]
        rows[i, scalars + kinds[i]] = 1.0
        base = scalars + species + kinds[i] * species * functions * size
        for kind in range(species):
            for a in range(len(model.function)):
                at = base + (kind * functions + model.function[a]) * size
                for k in range(size):
                    rows[i, at + k] += bar[a] * sums[kind, k, model.angular[a]]
    return rows


@compiled(reorder=True)
def _basic_gradients(model, units, f, df, y, dy, gradients):  # type: ignore[no-untyped-def]
    """Fill the gradient of each basic moment by each neighbour's position (basic, 3 n)."""
    n = f.shape[1]
    for a in range(len(model.function)):
        mu, part = model.function[a], model.angular[a]
        for x in range(3):
            for j in range(n):
                gradients[a, x * n + j] = (
                    df[mu, j] * y[part, j] * units[x, j] + f[mu, j] * dy[part, x, j]
                )


@compiled(reorder=True)
def _local_term(model, kinds, bar, units, q, dq, y, dy, along, across, rows):  # type: ignore[no-untyped-def]
    """Add what a radial coefficient does to the gradient at fixed dE/dM, to rows (radial, 3 n)."""
    n = q.shape[1]
    functions, size = along.shape[0], q.shape[0]
    along[:] = 0.0
    across[:] = 0.0
    for a in range(len(model.function)):
        mu, part, weight = model.function[a], model.angular[a], bar[a]
        for j in range(n):
            along[mu, j] += weight * y[part, j]
        for x in range(3):
            for j in range(n):
                across[mu, x, j] += weight * dy[part, x, j]
    for mu in range(functions):
        for k in range(size):
            for x in range(3):
                for j in range(n):
                    row = (kinds[j] * functions + mu) * size + k
                    rows[row, x * n + j] += (
                        dq[k, j] * along[mu, j] * units[x, j] + q[k, j] * across[mu, x, j]
                    )


@compiled(reorder=True)
def _coupling(model, sums, second, left):  # type: ignore[no-untyped-def]
    """Fill sum_b d2E/dM_a dM_b dM_b/dc, (radial coefficients of one central species, basic)."""
    left[:] = 0.0
    species, size, _ = sums.shape
    functions = left.shape[0] // (species * size)
    basic = left.shape[1]
    for kind in range(species):
        for b in range(basic):
            at = (kind * functions + model.function[b]) * size
            part = model.angular[b]
            for k in range(size):
                weight = sums[kind, k, part]
                for a in range(basic):
                    left[at + k, a] += weight * second[b, a]


@compiled(reorder=True)
def _scatter(block, to, i, neighbours, vectors, forces, virials):  # type: ignore[no-untyped-def]
    """Add gradients (rows, 3 n) to the rows of force (P, n atoms, 3) and virial (P, 6) they mean."""
    n = len(neighbours)
    for p in range(len(block)):
        row = to[p]
        for x in range(3):
            total = 0.0
            for j in range(n):
                pull = block[p, x * n + j]
                total += pull
                forces[row, neighbours[j], x] -= pull
            forces[row, i, x] += total
        for v in range(6):
            if v < 3:
                x, z = v, v
            else:
                x, z = (1, 2) if v == 3 else ((0, 2) if v == 4 else (0, 1))
            total = 0.0
            for j in range(n):
                total += block[p, x * n + j] * vectors[j, z]
            virials[row, v] += total


@compiled
def full_jacobian(first, neighbours, vectors, kinds, model):  # type: ignore[no-untyped-def]
    """Differentiate energy, forces and virial of one structure by the parameters.

    Parameters
    ----------
    first, neighbours, vectors, kinds, model
        What `evaluate` takes.

    Returns
    -------
    energy : ndarray
        (parameters,).
    forces : ndarray
        (parameters, n, 3).
    virial : ndarray
        (parameters, 6) xx, yy, zz, yz, xz, xy, as far as pairs say (it is symmetric in the sum).
    """
    n = len(kinds)
    species, functions, size = model.radial_coeffs.shape[1:]
    parts, scalars, basic = len(model.powers), len(model.scalars), len(model.function)
    local = species * functions * size
    parameters = scalars + species + model.radial_coeffs.size
    energy = np.zeros(parameters)
    forces, virial = np.zeros((parameters, n, 3)), np.zeros((parameters, 6))
    m, bar = np.empty(model.n_moments), np.empty(model.n_moments)
    tangent, second = np.empty((model.n_moments, basic)), np.empty((model.n_moments, basic))
    sums = np.empty((species, size, parts))
    left = np.empty((scalars + local, basic))
    to = np.empty(scalars + local, np.int64)
    for s in range(scalars):
        to[s] = s
    for i in range(n):
        start, stop = first[i], first[i + 1]
        count = stop - start
        energy[scalars + kinds[i]] += 1.0
        if count == 0:
            continue
        units, lengths = np.empty((3, count)), np.empty(count)
        q, dq = np.empty((size, count)), np.empty((size, count))
        f, df = np.empty((functions, count)), np.empty((functions, count))
        y, dy = np.empty((parts, count)), np.empty((parts, 3, count))
        near = kinds[neighbours[start:stop]]
        radial(vectors[start:stop], model, units, lengths, q, dq)
        mix(model.radial_coeffs[kinds[i]], near, q, f)
        mix(model.radial_coeffs[kinds[i]], near, dq, df)
        angles(units, lengths, model.powers, y, dy)
        sum_moments(model, f, y, m)
        weigh(model, m, bar)
        _radial_sums(near, q, y, sums)
        _second_derivatives(model, m, bar, tangent, second)
        base = scalars + species + kinds[i] * local
        for s in range(scalars):
            energy[s] += m[model.scalars[s]]
            left[s] = tangent[model.scalars[s]]
        for c in range(local):
            to[scalars + c] = base + c
        for kind in range(species):
            for a in range(basic):
                at = base + (kind * functions + model.function[a]) * size
                for k in range(size):
                    energy[at + k] += bar[a] * sums[kind, k, model.angular[a]]
        _coupling(model, sums, second, left[scalars:])
        gradients = np.empty((basic, 3 * count))
        _basic_gradients(model, units, f, df, y, dy, gradients)
        block = np.dot(left, gradients)
        along, across = np.empty((functions, count)), np.empty((functions, 3, count))
        _local_term(model, near, bar, units, q, dq, y, dy, along, across, block[scalars:])
        _scatter(block, to, i, neighbours[start:stop], vectors[start:stop], forces, virial)
    return energy, forces, virial
