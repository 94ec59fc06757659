"""What the PBE runs of this folder share: settings, relaxation, files written at once.

The plane-wave basis belongs to the cell it was made for. While a cell changes, its energies drift
away from those of a basis made afresh (Pulay stress), so :func:`relax` starts a fresh calculator
every few steps and stops only when the first step on a fresh basis is already converged.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import spglib
from ase.calculators.calculator import kpts2sizeandoffsets
from ase.calculators.singlepoint import SinglePointCalculator
from ase.filters import FrechetCellFilter
from ase.io import read, write
from ase.optimize import BFGS
from ase.units import GPa

if TYPE_CHECKING:
    from ase import Atoms
    from gpaw import GPAW

SMEARING = 0.1  # eV, Fermi-Dirac
SPLIT = 1.6  # A: nitrogen atoms closer than this are one unit


def calculator(
    ecut: float,
    kpts: dict[str, object],
    txt: str | Path | None,
    *,
    tight: bool = True,
    **options: object,
) -> GPAW:
    """A GPAW calculator with this folder's settings.

    Parameters
    ----------
    ecut
        Plane-wave cut-off in eV.
    kpts
        GPAW's ``kpts``: a density in points per 1/A or an explicit size.
    txt
        Text log, or None.
    tight
        Self-consistency to 1e-5 eV per electron (phases); otherwise the pilot search's looser
        criteria, which the runs on random cells keep so that all of them agree.
    options
        Further arguments for GPAW, such as ``symmetry`` or ``spinpol``.
    """
    from gpaw import GPAW, PW, FermiDirac

    convergence = (
        {"energy": 1e-5} if tight else {"energy": 2e-4, "density": 1e-3, "eigenstates": 1e-5}
    )
    settings = {
        "mode": PW(ecut),
        "xc": "PBE",
        "kpts": kpts,
        "occupations": FermiDirac(SMEARING),
        "convergence": convergence,
        "maxiter": 200 if tight else 120,
        "txt": None if txt is None else str(txt),
    }
    return GPAW(**(settings | options))


def grid(atoms: Atoms, density: float) -> dict[str, object]:
    """An explicit Gamma-centred grid of ``density`` points per 1/A, held while the cell changes."""
    size, _ = kpts2sizeandoffsets(density=density, gamma=True, atoms=atoms)
    return {"size": tuple(int(n) for n in size), "gamma": True}


def relax(
    atoms: Atoms,
    make: Callable[[], GPAW],
    *,
    fmax: float,
    rounds: int,
    steps: int,
    state: Path | None = None,
    cell: bool = True,
    pressure: float = 0.0,
    deadline: float = float("inf"),
) -> bool:
    """Relax ``atoms`` in place, with a fresh basis for every round of at most ``steps`` steps.

    Parameters
    ----------
    atoms
        Changed in place; ``info`` counts ``steps`` and ``cpu_s``.
    make
        Makes a calculator for the current cell.
    fmax
        Largest force in eV/A; for the cell, the virial per atom in eV.
    rounds, steps
        Most rounds, and most steps of BFGS in each.
    state
        File kept up to date with the latest geometry, so that a killed run goes on from there.
    cell
        Relax the cell too.
    pressure
        What the stress should say in the end, in GPa: the Pulay pressure, where it is known.
    deadline
        ``time.time()`` after which no further round is begun.

    Returns
    -------
    bool
        Whether the first step on a fresh basis met ``fmax``; the calculator left on ``atoms`` is
        then that fresh one. With a single round: whether its last step met ``fmax``.
    """
    begun, spent = time.process_time(), atoms.info.get("cpu_s", 0.0)

    def save() -> None:
        atoms.info["cpu_s"] = round(spent + time.process_time() - begun, 1)
        if state is not None:
            replace(state, [bare(atoms)])

    converged = False
    for _ in range(rounds):
        if converged or time.time() > deadline:
            break
        atoms.calc = make()
        target = FrechetCellFilter(atoms, scalar_pressure=pressure * GPa) if cell else atoms
        optimizer = BFGS(target, logfile=None, maxstep=0.12)
        optimizer.attach(save)
        met = bool(optimizer.run(fmax=fmax, steps=steps))
        atoms.info["steps"] = atoms.info.get("steps", 0) + optimizer.nsteps
        converged = met if rounds == 1 else optimizer.nsteps == 0
    save()
    return converged


def expand(atoms: Atoms, factor: float) -> None:
    """Stretch the cell by ``factor`` and move N2 and N3 units rigidly: bonds keep their length."""
    old = atoms.cell.array.copy()
    scaled, placed = atoms.get_scaled_positions(wrap=False), atoms.get_positions()
    shifts = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]) @ old
    nitrogen, seen = np.flatnonzero(atoms.numbers == 7), set()
    for first in nitrogen:
        if first in seen:
            continue
        unit, stack = [first], [first]
        seen.add(first)
        while stack:
            here = stack.pop()
            for other in nitrogen:
                if other in seen:
                    continue
                vectors = placed[other] + shifts - placed[here]
                lengths = np.linalg.norm(vectors, axis=1)
                if lengths.min() < SPLIT:
                    placed[other] = placed[here] + vectors[lengths.argmin()]
                    seen.add(other)
                    stack.append(other)
                    unit.append(other)
        placed[unit] += (factor - 1) * placed[unit].mean(axis=0)
    others = atoms.numbers != 7
    placed[others] = scaled[others] @ (old * factor)
    atoms.set_cell(old * factor)
    atoms.set_positions(placed)


def bare(atoms: Atoms) -> Atoms:
    """A copy without calculator and constraints."""
    copy = atoms.copy()
    copy.calc = None
    copy.set_constraint()
    return copy


def result(atoms: Atoms, **info: object) -> Atoms:
    """A copy that keeps energy, forces and stress and carries ``info`` and its space group."""
    copy = bare(atoms)
    copy.calc = SinglePointCalculator(
        copy,
        energy=float(atoms.get_potential_energy()),
        forces=atoms.get_forces(apply_constraint=False),
        stress=atoms.get_stress(apply_constraint=False),
    )
    cell = (copy.cell.array, copy.get_scaled_positions(), copy.numbers)
    copy.info |= info | {"space_group": spglib.get_spacegroup(cell, symprec=0.1).split()[0]}
    return copy


def pressure(atoms: Atoms) -> float:
    """Pressure in GPa from the stress, positive under compression."""
    return float(-atoms.get_stress()[:3].mean() / GPa)


def read_all(path: Path) -> list[Atoms]:
    """Every structure of a file; an empty list where there is no file."""
    return list(read(path, ":")) if path.exists() else []


def replace(path: Path, images: list[Atoms]) -> None:
    """Write ``images`` to ``path`` in one move: a reader sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    write(temporary, images, format="extxyz")
    temporary.replace(path)


def put(path: Path, atoms: Atoms) -> None:
    """Add one structure to a file in one move, in the place of an older one with its label."""
    images = read_all(path)
    labels = [image.info["label"] for image in images]
    if atoms.info["label"] in labels:
        images[labels.index(atoms.info["label"])] = atoms
    else:
        images.append(atoms)
    replace(path, images)
