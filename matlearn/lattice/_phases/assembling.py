"""From branches at each temperature to the tables of a phase diagram."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from matlearn.lattice._phases.branches import UNKNOWN
from matlearn.lattice._phases.envelopes import Branch, crossings, grouped
from matlearn.lattice._phases.tracing import FREE, as_branch

BOUNDARIES = (
    "temperature", "phase_left", "phase_right", "x_left", "x_left_error", "x_right",
    "x_right_error", "mu", "mu_error", "kind",
)  # fmt: skip
POINTS = (
    "temperature", "phase", "mu", "x", "x_error", "grand_potential", "grand_potential_error",
    "energy", "energy_error", "stable",
)  # fmt: skip
CHECKS = ("temperature", "mu", "phase", "difference", "error")


def assemble(
    scans: Mapping[float, Sequence[Mapping[str, Any]]], boltzmann_constant: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Make tables of boundaries, of points, and of checks.

    Parameters
    ----------
    scans : mapping
        Temperature (K) -> branches: ``phase`` and ``rows`` by rising chemical potential.
    boltzmann_constant : float
        In eV/K.

    Returns
    -------
    boundaries, points, checks : DataFrame
        A check compares the grand potentials of one state that was reached on two ways.
    """
    boundaries: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for temperature in sorted(scans):
        thermal = boltzmann_constant * temperature
        given = scans[temperature]
        branches = [as_branch(b["phase"], b["rows"], thermal) for b in given]
        free = {b.phase: b.phase == FREE for b in branches}
        groups = grouped(branches, free)
        found, segments = crossings(groups)
        for crossing in found:
            line = asdict(crossing)
            line |= {"phase_left": line.pop("left"), "phase_right": line.pop("right")}
            boundaries.append({"temperature": temperature, **line})
        home = {id(branch): g for g, group in enumerate(groups) for branch in group}
        for branch, raw in zip(branches, given, strict=True):
            parts = [(a, b) for a, b, g in segments if g == home[id(branch)]]
            for k, row in enumerate(raw["rows"]):
                mu = float(branch.mu[k])
                points.append({
                    "temperature": temperature, "phase": branch.phase, "mu": mu,
                    "x": row["x"], "x_error": row["x_error"],
                    "grand_potential": float(branch.phi[k]),
                    "grand_potential_error": float(branch.phi_error[k]),
                    "energy": row["energy"], "energy_error": row["energy_error"],
                    "stable": any(a <= mu <= b for a, b in parts),
                })  # fmt: skip
        for group in groups:
            checks += [
                {"temperature": temperature, **check}
                for a, b in itertools.combinations(group, 2)
                if (check := _compare(a, b)) is not None
            ]
    return (
        pd.DataFrame(boundaries, columns=list(BOUNDARIES)),
        pd.DataFrame(points, columns=list(POINTS)),
        pd.DataFrame(checks, columns=list(CHECKS)),
    )


def _compare(a: Branch, b: Branch) -> dict[str, Any] | None:
    """Compare the grand potentials of two branches of one phase, amid where both have been."""
    low, high = max(a.mu[0], b.mu[0]), min(a.mu[-1], b.mu[-1])
    if low > high:
        return None
    mu = 0.5 * (low + high)
    error = np.hypot(a.errors(mu)[0], b.errors(mu)[0])
    return {
        "mu": float(mu),
        "phase": a.phase,
        "difference": float(b.potential(mu) - a.potential(mu)),
        "error": float(error),
    }


def unknown_orders(scans: Mapping[float, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Say where atoms ordered as none of the phases, if they did."""
    where = [
        (temperature, branch["rows"][0 if direction == "down" else -1]["x"])
        for temperature, branches in scans.items()
        for branch in branches
        for direction, end in branch["ends"].items()
        if end == UNKNOWN
    ]
    if not where:
        return []
    temperatures, x = zip(*where, strict=True)
    return [
        f"up to {max(temperatures):.4g} an order that is none of the phases appears next to "
        f"concentrations of {', '.join(sorted({f'{each:.2f}' for each in x}))}: look for its "
        "structure, and choose a supercell that it fits into"
    ]


def tie_lines(boundaries: pd.DataFrame, ground_states: pd.DataFrame) -> pd.DataFrame:
    """Pick the pairs of phases that coexist, from 0 K on."""
    names, x = ground_states["phase"].tolist(), ground_states["concentration"].to_numpy()
    zero = pd.DataFrame({
        "temperature": 0.0, "phase_left": names[:-1], "phase_right": names[1:],
        "x_left": x[:-1], "x_left_error": 0.0, "x_right": x[1:], "x_right_error": 0.0,
        "mu": ground_states["mu_high"].to_numpy()[:-1], "mu_error": 0.0,
    })  # fmt: skip
    gap = boundaries["x_right"] - boundaries["x_left"]
    noise = np.hypot(boundaries["x_left_error"], boundaries["x_right_error"])
    both = boundaries[(boundaries["kind"] != "continuous") & (gap > 2 * noise)]
    return pd.concat([zero, both[zero.columns]], ignore_index=True)
