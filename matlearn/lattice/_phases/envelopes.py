"""Which phase is stable where: lower envelopes of grand potentials, and where they cross.

Numbers in, numbers out; nothing here runs a simulation. A *branch* is one phase followed over the
chemical potential at one temperature, also where it is only metastable. Its grand potential a site
phi = u - T s - mu x is concave with the slope -x, so two branches cross where the common tangent of
their free energies f(x) touches both: the crossing gives mu, the slopes left and right of it x.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAME = 0.015
"""Branches whose concentrations differ by less, at the same chemical potential, are one phase."""


@dataclass(frozen=True)
class Branch:
    """A phase at one temperature: at least one point, by rising chemical potential."""

    phase: str
    mu: Floats = field(repr=False)
    """Chemical potential (eV), shape (n,)."""
    phi: Floats = field(repr=False)
    """Grand potential (eV a site)."""
    phi_error: Floats = field(repr=False)
    x: Floats = field(repr=False)
    """Concentration."""
    x_error: Floats = field(repr=False)
    slope: Floats = field(repr=False)
    """dx / dmu (1/eV)."""

    def covers(self, mu: float) -> bool:
        """Tell whether the branch has points on both sides."""
        return bool(self.mu[0] <= mu <= self.mu[-1])

    def potential(self, mu: float) -> float:
        """Grand potential between the points (eV a site)."""
        return float(self._curve(mu)) if len(self.mu) > 1 else self._tangent(mu, 0)

    def concentration(self, mu: float) -> float:
        """Concentration between the points."""
        return float(np.interp(mu, self.mu, self.x) if len(self.mu) < 3 else self._shape(mu))

    def errors(self, mu: float) -> tuple[float, float, float]:
        """Errors of phi (eV a site) and x, and dx/dmu (1/eV), between the points."""
        found = [np.interp(mu, self.mu, y) for y in (self.phi_error, self.x_error, self.slope)]
        return float(found[0]), float(found[1]), float(found[2])

    def beyond(self, mu: float) -> float:
        """Grand potential, past the ends along the tangent: never too low, phi being concave."""
        if mu < self.mu[0]:
            return self._tangent(mu, 0)
        if mu > self.mu[-1]:
            return self._tangent(mu, -1)
        return self.potential(mu)

    def _tangent(self, mu: float, at: int) -> float:
        return float(self.phi[at] - self.x[at] * (mu - self.mu[at]))

    @cached_property
    def _curve(self) -> Any:
        from scipy.interpolate import CubicHermiteSpline

        return CubicHermiteSpline(self.mu, self.phi, -self.x)

    @cached_property
    def _shape(self) -> Any:
        from scipy.interpolate import PchipInterpolator

        return PchipInterpolator(self.mu, self.x)


@dataclass(frozen=True)
class Crossing:
    """Two phases in equilibrium, or the best that can be said about where they meet."""

    left: str
    right: str
    kind: str
    """``"crossing"``: both phases were followed past it; ``"continuous"``: they are one and the
    same where they meet; ``"bracket"``: it lies between the last point of the one and the first of
    the other; ``"extrapolated"``: one of them could not be followed as far."""
    mu: float
    mu_error: float
    x_left: float
    x_left_error: float
    x_right: float
    x_right_error: float


def grouped(branches: list[Branch], is_free: dict[str, bool]) -> list[list[Branch]]:
    """Put together the branches that are one phase.

    Parameters
    ----------
    branches
        Of one temperature.
    is_free
        Of each phase: whether it has no order. Branches of such phases are one where they have the
        same concentration at the same chemical potential; ordered ones where they bear one name.
    """
    parent = list(range(len(branches)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, j in itertools.combinations(range(len(branches)), 2):
        a, b = branches[i], branches[j]
        if is_free[a.phase] and is_free[b.phase]:
            one = same_branch(a, b)
        else:
            one = a.phase == b.phase
        if one:
            parent[root(j)] = root(i)
    groups: dict[int, list[Branch]] = {}
    for i, branch in enumerate(branches):
        groups.setdefault(root(i), []).append(branch)
    return list(groups.values())


def same_branch(a: Branch, b: Branch) -> bool:
    """Tell whether two branches agree wherever both have been."""
    low, high = max(a.mu[0], b.mu[0]), min(a.mu[-1], b.mu[-1])
    if low > high:
        return False
    for mu in np.linspace(low, high, 9):
        noise = np.hypot(a.errors(mu)[1], b.errors(mu)[1])
        if abs(a.concentration(mu) - b.concentration(mu)) > SAME + 3 * noise:
            return False
    return True


def crossings(groups: list[list[Branch]]) -> tuple[list[Crossing], list[tuple[float, float, int]]]:
    """Find where one phase gives way to the next as the chemical potential rises.

    Parameters
    ----------
    groups
        The branches of each phase; of several that cover a chemical potential, the one with the
        smallest error is believed.

    Returns
    -------
    crossings : list of Crossing
        By rising chemical potential.
    segments : list of tuple
        From where to where (eV) which group is stable.
    """
    knots = np.unique(np.concatenate([b.mu for group in groups for b in group]))
    fine = np.unique(np.concatenate([np.linspace(a, b, 9) for a, b in itertools.pairwise(knots)]))
    segments: list[tuple[float, float, int]] = []
    for mu in fine:
        g = _stable(groups, float(mu), segments[-1][2] if segments else None)
        if g is None:
            continue
        if segments and segments[-1][2] == g:
            segments[-1] = (segments[-1][0], float(mu), g)
        else:
            segments.append((float(mu), float(mu), g))
    found = []
    for k, ((_, end, i), (start, _, j)) in enumerate(itertools.pairwise(segments)):
        a, b = _at(groups[i], end), _at(groups[j], start)
        assert a is not None and b is not None
        crossing = _crossing(a, b, end, start)
        segments[k] = (segments[k][0], crossing.mu, i)
        segments[k + 1] = (crossing.mu, segments[k + 1][1], j)
        found.append(crossing)
    return found, segments


def _crossing(a: Branch, b: Branch, end: float, start: float) -> Crossing:
    """Find where the one phase gives way to the other, near where it was seen to do so."""
    from scipy.optimize import brentq

    def gap(mu: float) -> float:
        return a.potential(mu) - b.potential(mu)

    low, high = max(a.mu[0], b.mu[0]), min(a.mu[-1], b.mu[-1])
    if low >= high:
        return _apart(a, b, end, start)
    grid = np.linspace(low, high, 65)
    values = np.array([gap(mu) for mu in grid])
    signs = np.flatnonzero((values[:-1] <= 0) & (values[1:] > 0))
    if len(signs):
        k = int(signs[np.argmin(np.abs(grid[signs] - end))])
        return _both(a, b, float(brentq(gap, grid[k], grid[k + 1])))
    if same_branch(a, b):
        return _both(a, b, 0.5 * (low + high))
    return _apart(a, b, end, start)


def _stable(groups: list[list[Branch]], mu: float, before: int | None) -> int | None:
    """Give the phase of lowest potential; the one before, unless it is beaten by 3 errors."""
    here = {g: b for g, group in enumerate(groups) if (b := _at(group, mu)) is not None}
    if not here:
        return None
    best = min(here, key=lambda g: here[g].potential(mu))
    if before not in here or before is None or before == best:
        return best
    gain = here[before].potential(mu) - here[best].potential(mu)
    noise = np.hypot(here[before].errors(mu)[0], here[best].errors(mu)[0])
    return best if gain > 3 * noise else before


def _at(group: list[Branch], mu: float) -> Branch | None:
    """Give the branch of a phase that knows best about a chemical potential."""
    here = [branch for branch in group if branch.covers(mu)]
    return min(here, key=lambda branch: branch.errors(mu)[0]) if here else None


def _both(a: Branch, b: Branch, mu: float) -> Crossing:
    """Describe a crossing that both phases were followed past."""
    low, high = max(a.mu[0], b.mu[0]), min(a.mu[-1], b.mu[-1])
    (phi_a, noise_a, slope_a), (phi_b, noise_b, slope_b) = a.errors(mu), b.errors(mu)
    x_a, x_b = a.concentration(mu), b.concentration(mu)
    noise = np.hypot(phi_a, phi_b)
    room = max(0.5 * (high - low), 1e-12)
    error = min(float(noise / max(abs(x_b - x_a), 1e-9)), room)
    one = abs(x_b - x_a) < max(SAME, 3 * np.hypot(noise_a, noise_b)) and all(
        abs(a.concentration(m) - b.concentration(m)) < 2 * SAME for m in (low, high)
    )
    if one:
        mu, error = 0.5 * (low + high), room
        x_a, x_b = a.concentration(mu), b.concentration(mu)
    return Crossing(
        a.phase, b.phase, "continuous" if one else "crossing", mu, error,
        x_a, float(np.hypot(noise_a, slope_a * error)),
        x_b, float(np.hypot(noise_b, slope_b * error)),
    )  # fmt: skip


def _apart(a: Branch, b: Branch, end: float, start: float) -> Crossing:
    """Describe the meeting of two phases that were not followed far enough to cross."""
    meets, mu = "bracket", 0.5 * (end + start)
    error = max(0.5 * (start - end), 1e-12)
    x_a, x_b = float(a.x[-1]), float(b.x[0])
    if b.mu[0] <= a.mu[-1]:  # one was lost while it was still the lower one: follow its tangent
        meets = "extrapolated"
        lost_first = b.covers(end)
        at = float(a.mu[-1] if lost_first else b.mu[0])
        x_a, x_b = a.concentration(min(at, a.mu[-1])), b.concentration(max(at, b.mu[0]))
        shift = abs(a.beyond(at) - b.beyond(at)) / max(abs(x_b - x_a), 0.02)
        mu = at + (0.5 if lost_first else -0.5) * shift
        error = max(0.5 * shift, 1e-12)
    return Crossing(
        a.phase, b.phase, meets, mu, error,
        x_a, float(np.hypot(a.errors(a.mu[-1])[1], a.slope[-1] * error)),
        x_b, float(np.hypot(b.errors(b.mu[0])[1], b.slope[0] * error)),
    )  # fmt: skip
