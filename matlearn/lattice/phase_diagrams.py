"""Phase diagrams of binary alloys: which phases are stable at which composition and temperature."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from ase import Atoms
from ase.units import kB

from matlearn.lattice._order.patterns import BinaryLattice
from matlearn.lattice._phases.arguments import (
    temperatures_of,
    warn_of_few_sites,
    whole_numbers,
)
from matlearn.lattice._phases.assembling import assemble, tie_lines, unknown_orders
from matlearn.lattice._phases.hull_phases import HullPhases, hull_phases
from matlearn.lattice._phases.resuming import Work
from matlearn.lattice._phases.tracing import Result, Task, Tracer
from matlearn.lattice._scans.shipping import digest, expansion_of, pack
from matlearn.store import Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class PhaseDiagram:
    """Temperature against concentration: which phases are stable where.

    Concentrations are fractions of the second species on the active sites. A phase without
    long-range order is called ``"disordered"``, the terminal solid solutions included; two of them
    in equilibrium are a miscibility gap. Ordered phases bear the formula of their ground state.
    """

    species: tuple[str, str]
    """Concentrations are those of the second."""
    temperatures: tuple[float, ...]
    """In K, rising."""
    n_sites: int
    """Active sites of the simulated cell."""
    boundaries: pd.DataFrame = field(repr=False)
    """One row a boundary: ``temperature`` (K), ``phase_left``, ``phase_right``, ``x_left``,
    ``x_left_error``, ``x_right``, ``x_right_error``, ``mu``, ``mu_error`` (eV), ``kind``:
    ``"crossing"`` (both phases were followed past it), ``"continuous"`` (they are the same where
    they meet), ``"bracket"`` (it lies between two points, the error is half their distance) or
    ``"extrapolated"`` (one phase could not be followed that far)."""
    single_phase: pd.DataFrame = field(repr=False)
    """One row a simulated state: ``temperature``, ``phase``, ``mu`` (eV), ``x``, ``x_error``,
    ``grand_potential``, ``energy`` with errors (eV an active site), ``stable``."""
    tie_lines: pd.DataFrame = field(repr=False)
    """Phases in equilibrium, from 0 K on: those `boundaries` at which the concentration jumps by
    more than twice its error, without ``kind``."""
    ground_states: pd.DataFrame = field(repr=False)
    """At 0 K: ``phase``, ``concentration``, ``formation_energy`` (eV an active site) and the
    chemical potentials (eV) between which it is stable, ``mu_low`` and ``mu_high``."""
    checks: pd.DataFrame = field(repr=False)
    """States reached on two ways: ``difference`` of the grand potentials and its ``error`` (eV a
    site). Differences of many errors mean that integrals cannot be trusted."""
    ends: pd.DataFrame = field(repr=False)
    """How far each phase could be followed: ``phase``, ``mu`` (eV), ``end`` in words."""
    notes: tuple[str, ...]
    """What is uncertain, in words."""
    boltzmann_constant: float
    """In eV/K; 1 for models in units of J."""
    sweeps: int
    """Sweeps that were made for it in all."""

    def to_frame(self) -> pd.DataFrame:
        """Return the boundaries."""
        return self.boundaries.copy()

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw it; see `matlearn.lattice.plots.phase_diagram`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        **options
            Handed on.

        Returns
        -------
        matplotlib Axes
        """
        from matlearn.lattice import plots

        return plots.phase_diagram(self, ax=ax, **options)

    def __repr__(self) -> str:
        unit = "K" if self.boltzmann_constant != 1 else "J/kB"
        low, high = self.temperatures[0], self.temperatures[-1]
        doubt = f", {len(self.notes)} notes" if self.notes else ""
        return (
            f"PhaseDiagram({'-'.join(self.species)}, {low:.5g} to {high:.5g} {unit}, "
            f"{len(self.boundaries)} boundaries of {', '.join(self.ground_states['phase'])}"
            f"{doubt})"
        )


def phase_diagram(
    cluster_expansion: Any,
    supercell: Atoms,
    *,
    temperatures: Sequence[float],
    phases: Mapping[str, Atoms] | Iterable[Atoms] | None = None,
    max_atoms: int = 6,
    sweeps: int = 200,
    equilibration: int = 50,
    store: str | os.PathLike[str] | None = None,
    boltzmann_constant: float = kB,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> PhaseDiagram:
    """Compute the phase diagram of a binary alloy by semi-grand Monte Carlo.

    1. The ground states on the convex hull are found, and laid into the supercell.
    2. Each ordered one is heated at the middle of its chemical potentials; its grand potential is
       integrated from the low-temperature expansion. The disordered phase is cooled from infinite
       temperature where ordered ones meet.
    3. At each temperature each phase is followed up and down the chemical potential until it is
       metastable for sure, or turns into another one; its grand potential is integrated. The
       terminal solutions start from the low-temperature expansion of the pure elements.
    4. Where the grand potentials of two phases cross, the phases coexist (the common tangent of
       their free energies): the slopes on both sides are the compositions.

    Parameters
    ----------
    cluster_expansion : icet.ClusterExpansion
        Or a fit that has one. Two species, the same on all active sites; anything else (ternaries,
        several different sublattices) is not supported.
    supercell : Atoms
        A multiple of the cells of all ordered phases, at least a few hundred sites: a phase that
        does not fit cannot appear, and a warning says so.
    temperatures : sequence of float
        In K.
    phases : dict or iterable of Atoms, optional
        Structures among which the ground states are sought, by name; left out, all structures of
        the lattice with up to `max_atoms` atoms.
    max_atoms : int
        Largest cell of an ordered phase, where `phases` are left out.
    sweeps, equilibration : int
        Sweeps to average over, and before that, at each state.
    store : path, optional
        A file that keeps what is done: the same call goes on from there after an interruption.
    boltzmann_constant : float
        In eV/K; 1 for models in units of J.
    seed : int
        Of the random numbers.
    client : distributed.Client, optional
        A cluster that makes the runs.
    workers : int, optional
        Processes otherwise; None: one for each core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    PhaseDiagram

    Raises
    ------
    ValueError
        If the expansion is no binary, an argument is out of its range, or the store holds another
        diagram.

    Warns
    -----
    UserWarning
        If a ground state does not fit into the supercell, or that has fewer than 32 active sites.

    Notes
    -----
    Only atoms on the lattice are counted: no vibrations, no other lattice, no melt. Phases that are
    not among the ground states (some exist only at high temperature, or with large cells) appear
    at best as a jump, at which a branch ends; `notes` speak of them. Within a few per cent of a
    critical temperature, of a miscibility gap or of order that sets in continuously, a small
    supercell keeps two phases apart that are one in a large crystal: repeat with a larger one.

    References
    ----------
    A. van de Walle and M. Asta, Modelling Simul. Mater. Sci. Eng. 10, 521 (2002);
    A. F. Kohan et al., Comput. Mater. Sci. 9, 389 (1998).

    Examples
    --------
    >>> from matlearn.lattice import models
    >>> diagram = phase_diagram(
    ...     models.ising("square"), models.supercell("square", 12), temperatures=[1.5],
    ...     boltzmann_constant=1.0, workers=1, progress=False)
    >>> gap = diagram.boundaries.iloc[0]              # exact: x = (1 -+ 0.9865) / 2, mu = 0
    >>> bool(abs(gap["x_left"] - 0.0067) < 0.003), bool(abs(gap["mu"]) < 0.02)
    (True, True)
    """
    goals = temperatures_of(temperatures)
    whole_numbers(sweeps=(sweeps, 16), equilibration=(equilibration, 1), max_atoms=(max_atoms, 1))
    expansion = expansion_of(cluster_expansion)
    lattice = BinaryLattice.of(expansion)
    hull = hull_phases(expansion, lattice, supercell, phases, int(max_atoms))
    packed = pack(expansion)
    tracer = Tracer(
        packed, supercell, tuple(zip(hull.names, hull.structures, strict=True)), hull.limits,
        int(sweeps), int(equilibration), float(boltzmann_constant),
    )  # fmt: skip
    mark = digest(
        packed, supercell, list(hull.names), *hull.structures, goals, sweeps, equilibration,
        boltzmann_constant, seed,
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        work = Work(tracer, mark, seed, client, workers)
        if store is not None:
            work.store = stack.enter_context(Store(Path(store)))
            stack.enter_context(work.store.writing())
        first = _references(hull, goals)
        work.bar = stack.enter_context(_bar(len(first) + len(goals), progress))
        references = work.done(first)
        results = work.done({f"scan {t!r}": _scan(t, references) for t in goals})
    scans = {t: results[f"scan {t!r}"]["branches"] for t in goals}
    boundaries, points, checks = assemble(scans, boltzmann_constant)
    ends = pd.DataFrame(
        [(first[k].get("phase", "disordered"), first[k]["mu"], r["end"])
         for k, r in references.items()],
        columns=["phase", "mu", "end"],
    )  # fmt: skip
    n_sites = int(lattice.active(lattice.place(supercell)).sum())
    warn_of_few_sites(n_sites)
    return PhaseDiagram(
        lattice.symbols, tuple(goals), n_sites, boundaries, points,
        tie_lines(boundaries, hull.to_frame()), hull.to_frame(), checks, ends,
        tuple(_notes(hull, boundaries, checks) + unknown_orders(scans)), boltzmann_constant,
        sum(int(r["sweeps"]) for r in [*references.values(), *results.values()]),
    )  # fmt: skip


def _references(hull: HullPhases, goals: list[float]) -> dict[str, Task]:
    """List the runs over the temperature: ordered phases up, the disordered one down."""
    tasks: dict[str, Task] = {}
    edges = list(zip(hull.limits, hull.limits[1:], strict=False))
    for name, (low, high) in zip(hull.names[1:-1], edges, strict=True):
        mu = 0.5 * (low + high)
        tasks[f"heating {name}"] = {
            "kind": "heating", "phase": name, "mu": mu, "temperatures": goals,
        }  # fmt: skip
    if edges:
        for k, mu in enumerate(hull.limits):
            tasks[f"cooling {k}"] = {"kind": "cooling", "mu": mu, "temperatures": goals}
    return tasks


def _scan(temperature: float, references: Mapping[str, Result]) -> Task:
    """Describe the scans at a temperature: they start from the references."""
    heated, cooled = {}, []
    for name, result in references.items():
        for row in result["rows"]:
            if abs(row["temperature"] - temperature) < 1e-9 * temperature:
                if name.startswith("heating "):
                    heated[name.removeprefix("heating ")] = row
                else:
                    cooled.append(row)
                break
    return {"kind": "scan", "temperature": temperature, "heated": heated, "cooled": cooled}


def _notes(hull: HullPhases, boundaries: pd.DataFrame, checks: pd.DataFrame) -> list[str]:
    notes = list(hull.left_out)
    for kind, text in (
        ("bracket", "lie between two simulated states: the phases could not be followed further"),
        ("extrapolated", "are extrapolated: a phase was lost before the grand potentials crossed"),
    ):
        count = int((boundaries["kind"] == kind).sum())
        if count:
            notes.append(f"{count} boundaries {text}")
    if len(checks):
        worst = (checks["difference"].abs() / checks["error"].clip(lower=1e-12)).max()
        if worst > 5:
            notes.append(
                f"grand potentials reached on two ways differ by up to {worst:.1f} errors: use "
                "more sweeps"
            )
    return notes


def _bar(total: int, progress: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, disable=not progress, unit="task", desc="phase diagram")
