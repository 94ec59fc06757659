"""The crystals against what others published for PBE: `comparison.csv` and a summary.

    python comparing.py --matbench FOLDER

- Lattice constants: all-electron, of the tests of the GBRV pseudopotentials, K. F. Garrity, J. W.
  Bennett, K. M. Rabe, D. Vanderbilt, Comput. Mater. Sci. 81, 446 (2014), read in the columns "AE" of
  the tables in `pseudo_dojo/refdata/gbrv/data` of github.com/abinit/pseudo_dojo.
- Elements: volumes and bulk moduli, all-electron (WIEN2k), of the delta project, K. Lejaeghere et al.,
  Science 351, aad3000 (2016), as ASE 3.29.0 holds them (`ase.collections.dcdft`).
- Elastic moduli, gaps and formation energies: the Materials Project's (VASP), as matbench has them, A.
  Dunn et al., npj Comput. Mater. 6, 138 (2020). FOLDER holds the composition and target of the tasks as
  github.com/anthony-wang/CrabNet has them in `data/matbench`. A formula there does not say
  which structure: where several entries have the atoms of our cell all are listed, and the crystal is
  left out of the summary.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.collections import dcdft
from ase.io import read
from publishing import table

HERE = Path(__file__).parent
GBRV = """rocksalt: LiCl 5.161 NaCl 5.714 KCl 6.391 RbCl 6.710 BeO 3.650 MgO 4.259 CaO 4.839 SrO 5.204
BaO 5.590 ScN 4.516 YN 4.911 LaN 5.314 CdO 4.774 SrS 6.063 SrSe 6.301 SrTe 6.724 LiF 4.076 LiBr 5.521
LiI 6.038 NaF 4.711 NaBr 6.049 NaI 6.540;
perovskite: NaNbO3 3.981 KMgF3 4.059 CaTiO3 3.886 SrTiO3 3.941 BaTiO3 4.024 KZnF3 4.132 SrZrO3 4.176
LaAlO3 3.816 SrHfO3 4.155 PbTiO3 3.971 CsPbBr3 5.994;
fcc: Al 4.043 Cu 3.638 Ca 5.532 Sr 6.030 Rh 3.836 Pd 3.951 Ag 4.158 Ir 3.881 Pt 3.970 Au 4.168 Pb 5.045;
bcc: Li 3.427 Na 4.199 K 5.294 V 3.006 Rb 5.680 Nb 3.309 Mo 3.166 Cs 6.172 Ba 5.023 Ta 3.333 W 3.188"""
DELTA = {"fcc": 4, "bcc": 2, "diamond": 8}  # atoms in the cubic cell
ANIONS = ("O", "F", "Cl", "Br", "I", "N", "S", "Se", "Te", "H")
TASKS = {  # quantity: file, logarithm
    "shear_modulus": ("elasticity_log10(G_VRH).csv", True),
    "bulk_modulus": ("elasticity_log10(K_VRH).csv", True),
    "band_gap": ("mp_gap.csv", False),
    "formation_energy": ("mp_e_form.csv", False),
}


def lattice_constants() -> dict[str, float]:
    """Published lattice constants (A) by label."""
    found = {}
    for block in GBRV.split(";"):
        prototype, text = block.split(":")
        words = text.split()
        for name, value in zip(words[::2], words[1::2], strict=True):
            found[f"{name}-{prototype.strip()}"] = float(value)
    return found


def formula(atoms: Atoms) -> str:
    """Formula as matbench writes it: elements by alphabet, every number."""
    counts = atoms.symbols.formula.count()
    return "".join(f"{name}{counts[name]}" for name in sorted(counts))


def rows_of(crystals: list[Atoms], matbench: Path | None) -> list[dict[str, object]]:
    """One row for each number that somebody else has."""
    rows: list[dict[str, object]] = []

    def add(atoms: Atoms, quantity: str, own: float, theirs: list[float], source: str) -> None:
        rows.append(
            {
                "label": atoms.info["label"],
                "quantity": quantity,
                "own": round(float(own), 4),
                "published": theirs[0] if len(theirs) == 1 else "",
                "all published": " ".join(f"{value:g}" for value in theirs),
                "source": source,
                "doubtful": bool(atoms.info["doubtful"]),
            }
        )

    known = lattice_constants()
    tasks = {name: _read(matbench / task[0]) for name, task in TASKS.items()} if matbench else {}
    for atoms in crystals:
        info = atoms.info
        if info["label"] in known:
            theirs = [known[info["label"]]]
            add(atoms, "lattice_constant", info["lattice_constant"], theirs, "GBRV")
        symbol, prototype = info["formula"], info["prototype"]
        if symbol in dcdft.data and prototype in DELTA and not info["label"].startswith("C-"):
            entry = dcdft.data[symbol]
            a = (entry["wien2k_volume"] * DELTA[prototype]) ** (1 / 3)
            add(atoms, "lattice_constant", info["lattice_constant"], [round(a, 4)], "delta")
            modulus = round(entry["wien2k_B"], 1)
            add(atoms, "bulk_modulus", info["bulk_modulus"], [modulus], "delta")
        for name, task in tasks.items():
            theirs = task.get(formula(atoms), [])
            if TASKS[name][1]:
                theirs = [round(10**value, 1) for value in theirs]
            if name == "formation_energy" and len(set(atoms.symbols)) == 1:
                continue
            if theirs and np.isfinite(info[name]):
                theirs = sorted({round(value, 3) for value in theirs})
                add(atoms, name, info[name], theirs, "Materials Project, matbench")
    return rows


def _read(path: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    with path.open(newline="") as file:
        for line in csv.DictReader(file):
            found.setdefault(line["formula"], []).append(float(line["target"]))
    return found


def summary(rows: list[dict[str, object]]) -> list[str]:
    """A line for each quantity and source: how many crystals, mean and RMS difference."""
    lines = []
    for quantity, source in dict.fromkeys((row["quantity"], row["source"]) for row in rows):
        some = [
            row
            for row in rows
            if (row["quantity"], row["source"]) == (quantity, source)
            and row["published"] != ""
            and not row["doubtful"]
            and not (quantity == "band_gap" and row["own"] == row["published"] == 0)
        ]
        if not some:
            continue
        own = np.array([float(str(row["own"])) for row in some])
        theirs = np.array([float(str(row["published"])) for row in some])
        relative = quantity in {"lattice_constant", "bulk_modulus", "shear_modulus"}
        difference = 100 * (own / theirs - 1) if relative else own - theirs
        unit = "%" if relative else {"band_gap": "eV"}.get(str(quantity), "eV/atom")
        worst = some[int(np.abs(difference).argmax())]["label"]
        lines.append(
            f"{quantity}, {source}: {len(some)} crystals, mean {difference.mean():+.3f} {unit}, "
            f"RMS {np.sqrt((difference**2).mean()):.3f} {unit}, median of absolute "
            f"{np.median(np.abs(difference)):.3f} {unit}, largest {np.abs(difference).max():.3f} "
            f"{unit} ({worst})"
        )
    return lines


def shifts(rows: list[dict[str, object]], crystals: list[Atoms]) -> list[str]:
    """By how much formation energies differ per atom of the anion: the corrections of others."""
    by_label = {atoms.info["label"]: atoms for atoms in crystals}
    found: dict[str, list[float]] = {}
    for row in rows:
        if row["quantity"] != "formation_energy":
            continue
        atoms = by_label[str(row["label"])]
        anions = [name for name in ANIONS if name in atoms.symbols]
        if len(anions) <= 1 and row["all published"]:
            own = float(str(row["own"]))
            lowest = min(map(float, str(row["all published"]).split()))
            number = list(atoms.symbols).count(anions[0]) if anions else len(atoms)
            found.setdefault(anions[0] if anions else "none", []).append(
                (own - lowest) * len(atoms) / number
            )
    return [
        f"formation energy above the lowest of the Materials Project, {name}: {np.mean(values):.3f} "
        f"+- {np.std(values):.3f} eV per {'atom' if name == 'none' else name} ({len(values)} crystals)"
        for name, values in found.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--matbench", type=Path, help="folder with matbench's tables")
    given = parser.parse_args()
    crystals = list(read(HERE / "cubic-pbe.extxyz", ":"))
    rows = rows_of(crystals, given.matbench)
    table("comparison.csv", rows)
    print("\n".join(summary(rows) + shifts(rows, crystals)))


if __name__ == "__main__":
    main()
