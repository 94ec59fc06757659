"""The energy of a moment tensor potential, atom by atom, and what training needs of it.

Shapeev, Multiscale Model. Simul. 14, 1153 (2016); Novikov et al., Mach. Learn.: Sci. Technol. 2,
025002 (2021), eqs. (2) to (7). For each atom: radial functions of its neighbours (Chebyshev
polynomials times ``(cutoff - r)**2``), basic moments (sums over neighbours of a radial function
times powers of the unit vector), products of moments, scalars among them, and their weighted sum.
Arrays that belong to neighbours run over them last, so that loops over them are vectorised.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matlearn._compiling import compiled


class Model(NamedTuple):
    """A moment tensor potential as arrays."""

    powers: np.ndarray
    """(angular parts, 3) powers of the unit vector's x, y, z."""
    function: np.ndarray
    """(basic moments,) radial function of each."""
    angular: np.ndarray
    """(basic moments,) row of `powers` of each."""
    products: np.ndarray
    """(products, 4) left, right, factor, result."""
    scalars: np.ndarray
    """(scalars,) which moments are basis functions."""
    n_moments: int
    """Number of moments, basic ones first."""
    moment_coeffs: np.ndarray
    """(scalars,) in eV."""
    species_coeffs: np.ndarray
    """(species,) in eV."""
    radial_coeffs: np.ndarray
    """(species, species, functions, Chebyshev polynomials)."""
    shortest: float
    """Where the Chebyshev polynomials begin, A."""
    cutoff: float
    """Where they end, A."""
    scaling: float
    """A factor of the radial functions."""


@compiled(reorder=True)
def radial(vectors, model, units, lengths, q, dq):  # type: ignore[no-untyped-def]
    """Fill unit vectors (3, n), lengths (n,), radial basis and derivatives (polynomials, n)."""
    size = q.shape[0]
    slope = 2.0 / (model.cutoff - model.shortest)
    for j in range(len(vectors)):
        x, y, z = vectors[j, 0], vectors[j, 1], vectors[j, 2]
        r = np.sqrt(x * x + y * y + z * z)
        lengths[j] = r
        units[0, j], units[1, j], units[2, j] = x / r, y / r, z / r
        rest = model.cutoff - r
        t = slope * (r - model.shortest) - 1.0
        value, derivative = model.scaling * rest * rest, -2.0 * model.scaling * rest
        before, dbefore = value, derivative
        q[0, j], dq[0, j] = before, dbefore
        if size > 1:
            now, dnow = t * value, slope * value + t * derivative
            q[1, j], dq[1, j] = now, dnow
            for k in range(2, size):
                after = 2.0 * t * now - before
                dafter = 2.0 * (slope * now + t * dnow) - dbefore
                q[k, j], dq[k, j] = after, dafter
                before, dbefore, now, dnow = now, dnow, after, dafter


@compiled(reorder=True)
def mix(coefficients, kinds, q, f):  # type: ignore[no-untyped-def]
    """Sum radial basis (polynomials, n) to radial functions (functions, n), by neighbour's kind."""
    f[:] = 0.0
    for mu in range(f.shape[0]):
        for k in range(q.shape[0]):
            for j in range(q.shape[1]):
                f[mu, j] += coefficients[kinds[j], mu, k] * q[k, j]


@compiled(reorder=True)
def angles(units, lengths, powers, y, dy):  # type: ignore[no-untyped-def]
    """Fill powers of unit vectors (parts, n) and their gradients by position (parts, 3, n)."""
    n = len(lengths)
    for part in range(len(powers)):
        a, b, c = powers[part, 0], powers[part, 1], powers[part, 2]
        order = a + b + c
        for j in range(n):
            ux, uy, uz = units[0, j], units[1, j], units[2, j]
            px, py, pz = 1.0, 1.0, 1.0
            for _ in range(a - 1):
                px *= ux
            for _ in range(b - 1):
                py *= uy
            for _ in range(c - 1):
                pz *= uz
            x = px * ux if a else 1.0
            yy = py * uy if b else 1.0
            z = pz * uz if c else 1.0
            value = x * yy * z
            y[part, j] = value
            inverse = 1.0 / lengths[j]
            dy[part, 0, j] = (a * px * yy * z - order * value * ux) * inverse
            dy[part, 1, j] = (b * x * py * z - order * value * uy) * inverse
            dy[part, 2, j] = (c * x * yy * pz - order * value * uz) * inverse


@compiled(reorder=True)
def sum_moments(model, f, y, m):  # type: ignore[no-untyped-def]
    """Fill all moments (n_moments,): basic ones by sums, the others by products."""
    m[:] = 0.0
    for a in range(len(model.function)):
        mu, part = model.function[a], model.angular[a]
        total = 0.0
        for j in range(f.shape[1]):
            total += f[mu, j] * y[part, j]
        m[a] = total
    for t in range(len(model.products)):
        left, right = model.products[t, 0], model.products[t, 1]
        m[model.products[t, 3]] += model.products[t, 2] * m[left] * m[right]


@compiled(reorder=True)
def weigh(model, m, bar):  # type: ignore[no-untyped-def]
    """Return the sum of scalars, and fill its derivatives by each moment (n_moments,)."""
    bar[:] = 0.0
    energy = 0.0
    for s in range(len(model.scalars)):
        energy += model.moment_coeffs[s] * m[model.scalars[s]]
        bar[model.scalars[s]] += model.moment_coeffs[s]
    for t in range(len(model.products) - 1, -1, -1):
        left, right = model.products[t, 0], model.products[t, 1]
        pull = model.products[t, 2] * bar[model.products[t, 3]]
        bar[left] += pull * m[right]
        bar[right] += pull * m[left]
    return energy


@compiled(reorder=True)
def pull_back(model, bar, units, f, df, y, dy, along, gradient):  # type: ignore[no-untyped-def]
    """Fill the energy's gradient by each neighbour's position (3, n).

    `along` (functions, n) is room for the sums over the moments of one radial function.
    """
    gradient[:] = 0.0
    along[:] = 0.0
    n = f.shape[1]
    for a in range(len(model.function)):
        mu, part = model.function[a], model.angular[a]
        weight = bar[a]
        for j in range(n):
            along[mu, j] += weight * y[part, j]
        for x in range(3):
            for j in range(n):
                gradient[x, j] += weight * f[mu, j] * dy[part, x, j]
    for mu in range(len(along)):
        for x in range(3):
            for j in range(n):
                gradient[x, j] += df[mu, j] * along[mu, j] * units[x, j]
