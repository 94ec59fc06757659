"""The phases of the Li-N system at PBE, 800 eV, for a convex hull, and how well they are converged.

    python phases.py relax    --work <folder for logs>
    python phases.py converge --work <folder for logs>
    python phases.py correct  --work <folder for logs>

``relax`` relaxes every phase on the stress that 800 eV gives (``relaxed-800.extxyz``). ``converge``
adds single points at those geometries to ``convergence.csv``: cut-offs, k-points, boxes. The
stress converges later than the energy: the pressure at 800 eV less that at 1000 eV is the Pulay
pressure, and ``correct`` relaxes the cells again until the stress at 800 eV equals it
(``phases.extxyz``, whose ``pressure`` has it taken off).

Each finished phase or point is on disk at once and skipped by a later run; a phase that was
interrupted goes on from its last step.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
from pathlib import Path

from ase import Atoms
from ase.constraints import FixSymmetry
from ase.optimize import BFGS
from ase.spacegroup import crystal

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import pbe  # noqa: E402

ECUT = 800.0  # eV
FMAX = 0.02  # eV/A; for the cell eV per atom
SOFT = 0.03  # GPa: pressures below it are nothing
RELAXED, PHASES = HERE / "relaxed-800.extxyz", HERE / "phases.extxyz"
CONVERGENCE = HERE / "convergence.csv"

# Gamma-centred k-point density in points per 1/A; 0: the Gamma point alone
DENSITY = {
    "Li-bcc": 8.0,
    "N2-molecule": 0.0,
    "LiN2": 6.0,
    "Li3N": 4.0,
    "LiN3": 4.0,
    "N2-alpha": 3.0,
}


def starting_cell(label: str) -> Atoms:
    """The primitive cell that a phase starts from; every length is relaxed later.

    The numbers are those that the literature commonly quotes. Of the primary papers none was read
    for this, and the cells of Li3N and LiN3 were not looked up at all: they are guesses to start
    from, and only symmetry and topology survive the relaxation.

    Li: a = 3.51004 A, Nadler and Kempter, Anal. Chem. 31 (1959) 2109, as quoted by WebElements.
    N2: r_e = 1.098 A (1.0977 A, Huber and Herzberg 1979, NIST Chemistry WebBook).
    alpha-N2: Pa-3 with N on 8c (x, x, x), AFLOW prototype A_cP8_205_c (Venables and English 1974);
    a = 5.660 A at 20 K as quoted by G. D. Morris, thesis, section 3.3.1 (TRIUMF); x puts the atoms
    1.098 A apart about the inversion centre.
    Li3N: P6/mmm, N on 1a, Li on 1b and 2c, AFLOW prototype A3B_hP4_191_bc_a (Gregory et al. 2002);
    a = 3.648, c = 3.875 A, Rabenau and Schulz, J. Less-Common Met. 50 (1976) 155.
    LiN3: C2/m, Pringle and Noakes, Acta Cryst. B 24 (1968) 262: a = 5.627, b = 3.319, c = 4.979 A,
    beta = 107.4 degrees, atoms on 2a, 2d and 4i.
    LiN2: P-6m2, the ground state of the published AIRSS search (github.com/zhubonan/
    airss-m3gnet-test); lengths of this project's own relaxation at 600 eV, a = 2.7514 and
    c = 3.9530 A, times 1.05 (the basis is too small there and compresses), N-N 1.157 A.
    """
    if label == "Li-bcc":
        return crystal(
            "Li", [(0, 0, 0)], spacegroup=229, cellpar=[3.51004] * 3 + [90] * 3, primitive_cell=True
        )
    if label == "N2-molecule":
        return molecule(10.0)
    if label == "N2-alpha":
        a = 5.660
        x = 1.098 / (2 * 3**0.5 * a)
        return crystal("N", [(x, x, x)], spacegroup=205, cellpar=[a] * 3 + [90] * 3)
    if label == "Li3N":
        sites = [(0, 0, 0.5), (1 / 3, 2 / 3, 0), (0, 0, 0)]
        return crystal(
            ["Li", "Li", "N"], sites, spacegroup=191, cellpar=[3.648, 3.648, 3.875, 90, 90, 120]
        )
    if label == "LiN3":
        sites = [(0, 0, 0), (0, 0.5, 0.5), (0.1048, 0.5, 0.7397)]
        cellpar = [5.627, 3.319, 4.979, 90, 107.4, 90]
        return crystal(["Li", "N", "N"], sites, spacegroup=12, cellpar=cellpar, primitive_cell=True)
    if label == "LiN2":
        a, c = 1.05 * 2.7514, 1.05 * 3.9530
        sites = [(2 / 3, 1 / 3, 0.5), (0, 0, 0.5 * 1.157 / c)]
        return crystal(["Li", "N"], sites, spacegroup=187, cellpar=[a, a, c, 90, 90, 120])
    raise ValueError(f"label must be one of {', '.join(DENSITY)}, got {label!r}")


def molecule(box: float) -> Atoms:
    """N2 across the middle of a periodic box with edges ``box``, ``box`` and ``box`` + 1 in A."""
    atoms = Atoms("N2", positions=[(0, 0, 0), (0, 0, 1.098)], cell=[box, box, box + 1.0], pbc=True)
    atoms.center()
    return atoms


def kpoints(label: str, atoms: Atoms, density: float | None = None) -> dict[str, object]:
    """The explicit k-point grid of a phase."""
    density = DENSITY[label] if density is None else density
    return pbe.grid(atoms, density) if density else {"size": (1, 1, 1), "gamma": True}


def settings(label: str) -> dict[str, object]:
    """What is written beside the numbers of a phase."""
    return {
        "label": label,
        "fmax": FMAX,
        "ecut": ECUT,
        "kpts": size(kpoints(label, starting_cell(label))),
        "smearing": pbe.SMEARING,
        "functional": "PBE",
        "code": "GPAW 26.7.0, gpaw-data 1.2.1",
    }


def size(kpts: dict[str, object]) -> str:
    """A grid as ``4x4x4``."""
    return "x".join(map(str, kpts["size"]))


def relax_phase(label: str, start: Atoms, work: Path, name: str, pressure: float = 0.0) -> Atoms:
    """Relax one phase under its symmetry; the last numbers come from a fresh basis.

    Logs and the unfinished cell go by ``name``; ``pressure`` in GPa is what the stress should say.
    """
    state = work / f"{name}.extxyz"
    atoms = next(iter(pbe.read_all(state)), start)
    kpts = kpoints(label, starting_cell(label))
    atoms.set_constraint(FixSymmetry(atoms, symprec=1e-4))
    log = iter(range(1000))
    met = pbe.relax(
        atoms,
        lambda: pbe.calculator(ECUT, kpts, work / f"{name}-{next(log)}.txt"),
        fmax=FMAX,
        rounds=8,
        steps=12,
        state=state,
        cell=label != "N2-molecule",
        pressure=pressure,
    )
    return pbe.result(atoms, converged=met, **settings(label))


def swell(label: str, start: Atoms, work: Path, name: str, pressure: float) -> Atoms:
    """A molecular cubic crystal at the volume where the stress says ``pressure``.

    Secant steps in the logarithm of the volume with rigid molecules, every one on a fresh basis
    (the crystal is so soft that BFGS would crawl), then the atoms relax. The Pulay pressure goes
    with the density.
    """
    atoms, density = start.copy(), start.get_volume()
    kpts = kpoints(label, starting_cell(label))
    spent = time.process_time()
    points: list[tuple[float, float]] = []
    while len(points) < 10:
        atoms.calc = pbe.calculator(ECUT, kpts, work / f"{name}-{len(points)}.txt")
        volume = atoms.get_volume()
        excess = pbe.pressure(atoms) - pressure * density / volume
        points.append((math.log(volume), excess))
        if abs(excess) < SOFT:
            break
        slope = -2.0  # GPa, minus a bulk modulus to begin with
        if len(points) > 1:
            (x0, y0), (x1, y1) = points[-2:]
            slope = min((y1 - y0) / (x1 - x0), -0.2)
        step = max(-0.2, min(0.2, -excess / slope))
        pbe.expand(atoms, math.exp(step / 3))
    atoms.set_constraint(FixSymmetry(atoms, symprec=1e-4))
    optimizer = BFGS(atoms, logfile=None)
    met = optimizer.run(fmax=FMAX, steps=10) and abs(excess) < SOFT
    atoms.info["cpu_s"] = round(start.info["cpu_s"] + time.process_time() - spent, 1)
    atoms.info["steps"] = start.info["steps"] + len(points) - 1 + optimizer.nsteps
    return pbe.result(atoms, converged=bool(met), **settings(label))


def pulay_pressure(label: str) -> float:
    """Pressure at 800 eV less that at 1000 eV in GPa, from ``convergence.csv``."""
    found = {}
    with CONVERGENCE.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["label"] == label and float(row["k_density"]) == DENSITY[label]:
                found[row["ecut_ev"]] = float(row["pressure_gpa"])
    if not {"800", "1000"} <= found.keys():
        raise ValueError(
            f"{CONVERGENCE.name} has no 800 and 1000 eV for {label}: run converge first"
        )
    return found["800"] - found["1000"]


def correct_phase(label: str, relaxed: Atoms, work: Path) -> Atoms:
    """Relax a phase again with the Pulay pressure taken off, where there is one."""
    if label == "N2-molecule":
        return relaxed
    pulay = pulay_pressure(label)
    atoms = pbe.bare(relaxed)
    if abs(pulay) < SOFT:
        atoms = relaxed
    elif label == "N2-alpha":
        atoms = swell(label, atoms, work, f"{label}-corrected", pulay)
        pulay *= relaxed.get_volume() / atoms.get_volume()
    else:
        atoms = relax_phase(label, atoms, work, f"{label}-corrected", pulay)
    atoms.info["pulay_pressure"] = round(pulay, 3)
    atoms.info["pressure"] = round(pbe.pressure(atoms) - pulay, 3)
    return atoms


def convergence_points() -> list[tuple[str, float, float, float]]:
    """(label, cut-off in eV, k-point density in 1/A, box in A) of every single point, small first."""
    points = [
        (label, ecut, DENSITY[label], 10.0) for label in DENSITY for ecut in (800.0, 900.0, 1000.0)
    ]
    points += [("Li-bcc", ECUT, d, 0.0) for d in (4.0, 6.0, 10.0)]
    points += [("LiN2", ECUT, d, 0.0) for d in (2.0, 4.0, 8.0)]
    points += [("Li3N", ECUT, d, 0.0) for d in (2.0, 6.0)]
    points += [("LiN3", ECUT, d, 0.0) for d in (2.0, 5.0)]
    points += [("N2-alpha", ECUT, 2.0, 0.0)]
    return [*points, ("N2-molecule", ECUT, 0.0, 8.0), ("N2-molecule", ECUT, 0.0, 12.0)]


def run_convergence(labels: list[str], work: Path) -> None:
    """Single points at the relaxed geometries, one row at a time; rows already there are skipped."""
    relaxed = {atoms.info["label"]: atoms for atoms in pbe.read_all(RELAXED)}
    fields = [
        "label",
        "ecut_ev",
        "k_density",
        "kpts",
        "box_a",
        "energy_ev_per_atom",
        "pressure_gpa",
    ]
    done = set()
    if CONVERGENCE.exists():
        with CONVERGENCE.open(newline="") as file:
            done = {
                tuple(row[f] for f in ("label", "ecut_ev", "kpts", "box_a"))
                for row in csv.DictReader(file)
            }
    else:
        CONVERGENCE.write_text(",".join(fields) + "\n")
    for label, ecut, density, box in convergence_points():
        if label not in relaxed or label not in labels:
            continue
        atoms = pbe.bare(relaxed[label])
        box = box if label == "N2-molecule" else 0.0
        if box:
            atoms.set_cell([box, box, box + 1.0])
            atoms.center()
        kpts = kpoints(label, starting_cell(label), density)
        points = size(kpts)
        if (label, f"{ecut:.0f}", points, f"{box:.0f}") in done:
            continue
        atoms.calc = pbe.calculator(ecut, kpts, work / f"{label}-{ecut:.0f}-{points}-{box:.0f}.txt")
        energy = atoms.get_potential_energy() / len(atoms)
        row = [label, f"{ecut:.0f}", f"{density:g}", points, f"{box:.0f}", f"{energy:.6f}"]
        row.append(f"{pbe.pressure(atoms):.3f}")
        with CONVERGENCE.open("a") as file:
            file.write(",".join(row) + "\n")
        print(*row, flush=True)


def plain(atoms: Atoms) -> Atoms:
    """Nothing but the crystal."""
    return Atoms(atoms.symbols, cell=atoms.cell, positions=atoms.positions, pbc=True)


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["relax", "converge", "correct"])
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for logs and unfinished phases"
    )
    parser.add_argument("--only", nargs="+", choices=list(DENSITY), default=list(DENSITY))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.stage == "converge":
        run_convergence(options.only, options.work)
        return
    target = RELAXED if options.stage == "relax" else PHASES
    done = {atoms.info["label"] for atoms in pbe.read_all(target)}
    relaxed = {atoms.info["label"]: atoms for atoms in pbe.read_all(RELAXED)}
    for label in options.only:
        if label in done:
            continue
        if options.stage == "relax":
            atoms = relax_phase(label, plain(starting_cell(label)), options.work, label)
        else:
            atoms = correct_phase(label, relaxed[label], options.work)
        pbe.put(target, atoms)
        energy, info = atoms.get_potential_energy() / len(atoms), atoms.info
        print(
            f"{label}: {energy:.4f} eV/atom, {atoms.get_volume() / len(atoms):.3f} A3/atom, "
            f"{info.get('pressure', pbe.pressure(atoms)):.3f} GPa, {info['space_group']}, "
            f"{info['steps']} steps, converged {info['converged']}, {info['cpu_s']} CPU s",
            flush=True,
        )


if __name__ == "__main__":
    main()
