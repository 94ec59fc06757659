"""Is LiN2 (P-6m2) magnetic? Its primitive cell holds an odd number of electrons.

    python spin.py --work <folder for logs>

Single points at the geometry of ``relaxed-800.extxyz``: without spin, with all nitrogen atoms
starting up, and, in the cell doubled along c or along a, with the N2 dimers starting up and down by
turns. Every start is one row of ``spin.csv``; rows already there are skipped.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from ase import Atoms

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
import pbe  # noqa: E402

ECUT, DENSITY = 800.0, 6.0  # eV, points per 1/A
START = 0.5  # Bohr magnetons on each nitrogen atom
TABLE = HERE / "spin.csv"
FIELDS = [
    "cell",
    "start",
    "smearing_ev",
    "kpts",
    "energy_ev_per_atom",
    "free_energy_ev_per_atom",
    "total_moment_mub",
    "largest_nitrogen_moment_mub",
    "against_nonmagnetic_mev_per_atom",
]
CELLS = {"1x1x1": (1, 1, 1), "1x1x2": (1, 1, 2), "2x1x1": (2, 1, 1)}
RUNS = [
    *(("1x1x1", start, 0.1) for start in ("none", "ferro")),
    *(("1x1x2", start, 0.1) for start in ("none", "antiferro")),
    *(("2x1x1", start, 0.1) for start in ("none", "antiferro")),
    *(("1x1x1", start, 0.02) for start in ("none", "ferro")),
]


def moments(atoms: Atoms, start: str) -> list[float]:
    """Starting moments: nitrogen up; for ``antiferro`` the copies of the cell by turns up and down."""
    signs = [1 if i < len(atoms) // 2 or start == "ferro" else -1 for i in range(len(atoms))]
    return [sign * START * (atom.symbol == "N") for sign, atom in zip(signs, atoms, strict=True)]


def single_point(
    primitive: Atoms, cell: str, start: str, width: float, work: Path
) -> dict[str, object]:
    """One row of the table, without the difference."""
    from gpaw import FermiDirac

    whole = pbe.grid(primitive, DENSITY)["size"]
    repeat = CELLS[cell]
    size = tuple(-(-n // r) for n, r in zip(whole, repeat, strict=True))
    atoms = primitive * repeat
    magnetic = start != "none"
    if magnetic:
        atoms.set_initial_magnetic_moments(moments(atoms, start))
    log = work / f"LiN2-{cell}-{start}-{width:g}.txt"
    kpts = {"size": size, "gamma": True}
    atoms.calc = pbe.calculator(ECUT, kpts, log, spinpol=magnetic, occupations=FermiDirac(width))
    energy = atoms.get_potential_energy()
    local = atoms.get_magnetic_moments() if magnetic else [0.0] * len(atoms)
    nitrogen = [abs(m) for m, symbol in zip(local, atoms.symbols, strict=True) if symbol == "N"]
    return {
        "cell": cell,
        "start": start,
        "smearing_ev": f"{width:g}",
        "kpts": "x".join(map(str, size)),
        "energy_ev_per_atom": f"{energy / len(atoms):.6f}",
        "free_energy_ev_per_atom": f"{atoms.get_potential_energy(force_consistent=True) / len(atoms):.6f}",
        "total_moment_mub": f"{atoms.get_magnetic_moment() if magnetic else 0.0:.4f}",
        "largest_nitrogen_moment_mub": f"{max(nitrogen):.4f}",
    }


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for logs")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    primitive = next(
        a for a in pbe.read_all(HERE / "relaxed-800.extxyz") if a.info["label"] == "LiN2"
    )
    primitive = pbe.bare(primitive)
    rows: list[dict[str, object]] = []
    if TABLE.exists():
        with TABLE.open(newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        TABLE.write_text(",".join(FIELDS) + "\n")
    done = {(row["cell"], row["start"], row["smearing_ev"]): row for row in rows}
    for cell, start, width in RUNS:
        if (cell, start, f"{width:g}") in done:
            continue
        row = single_point(primitive, cell, start, width, work)
        done[cell, start, f"{width:g}"] = row
        reference = done[cell, "none", f"{width:g}"]
        difference = float(row["energy_ev_per_atom"]) - float(reference["energy_ev_per_atom"])
        row["against_nonmagnetic_mev_per_atom"] = f"{1000 * difference:.3f}"
        with TABLE.open("a") as file:
            file.write(",".join(str(row[name]) for name in FIELDS) + "\n")
        print(row, flush=True)


if __name__ == "__main__":
    main()
