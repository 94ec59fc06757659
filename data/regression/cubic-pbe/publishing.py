"""From the raw results of every crystal to the files of this folder. Needs no GPAW."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import spglib
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from ase.units import GPa
from crystals import Crystal, queue
from states import fit_state

HERE = Path(__file__).parent
CODE = "GPAW 26.7.0, gpaw-data 1.2.1"
DISAGREE = 0.05  # relative: bulk moduli of the equation of state and of the strains
SOFT_SHEAR = 3.0  # GPa: a metal's (C11 - C12)/2 below it is not resolved
CORES = {"Li": "1s of Li in the core", "Ga": "3d of Ga in the core"}
NUMBERS = {  # key of `info` and column: decimals
    "lattice_constant": 4,
    "bulk_modulus": 1,
    "bulk_modulus_strain": 1,
    "shear_modulus": 1,
    "c11": 1,
    "c12": 1,
    "c44": 1,
    "formation_energy": 4,
    "band_gap": 3,
    "direct_gap": 3,
    "band_gap_grid": 3,
    "pulay_pressure": 3,
}
UNITS = {
    "lattice_constant": "A",
    "bulk_modulus": "GPa",
    "bulk_modulus_strain": "GPa",
    "shear_modulus": "GPa",
    "c11": "GPa",
    "c12": "GPa",
    "c44": "GPa",
    "formation_energy": "eV/atom",
    "band_gap": "eV",
    "direct_gap": "eV",
    "band_gap_grid": "eV",
    "pulay_pressure": "GPa",
    "ecut": "eV",
    "smearing": "eV",
}


def voigt_reuss_hill(c11: float, c12: float, c44: float) -> float:
    """Shear modulus of a polycrystal: the mean of Voigt's and Reuss's; NaN if unstable.

    R. Hill, Proc. Phys. Soc. A 65, 349 (1952), for cubic crystals. All in the same unit.
    """
    if min(c11 - c12, c44, c11 + 2 * c12) <= 0:
        return float("nan")
    voigt = (c11 - c12 + 3 * c44) / 5
    reuss = 5 * (c11 - c12) * c44 / (4 * c44 + 3 * (c11 - c12))
    return (voigt + reuss) / 2


def equation_of_state(points: dict[str, Any], energy: str) -> Any:
    """The state fitted to all cells of different volume; `energy` or `free_energy`."""
    rungs = [point for name, point in points.items() if name.startswith("eos")]
    pressures = [-float(np.mean(rung["stress"][:3])) for rung in rungs]
    return fit_state([x["volume"] for x in rungs], [x[energy] for x in rungs], pressures)


def elastic_constants(points: dict[str, Any], strain: float) -> tuple[float, float, float]:
    """C11, C12, C44 in GPa from the stresses of strained cells."""
    plus, minus = (np.array(points[name]["stress"]) for name in ("e1+", "e1-"))
    change = (plus - minus) / (2 * strain)
    return float(change[0]), float(change[1:3].mean()), points["e4"]["stress"][3] / (2 * strain)


def gaps(point: dict[str, Any]) -> dict[str, Any]:
    """Smallest gap and smallest direct gap (eV) of the grid and the path together."""
    grid, path = point["grid"], point.get("path")
    if path is None:
        return {"band_gap": 0.0, "direct_gap": 0.0, "band_gap_grid": grid["gap"]}
    top = max((grid, path), key=lambda one: one["top"])
    bottom = min((grid, path), key=lambda one: one["bottom"])
    return {
        "band_gap": max(0.0, bottom["bottom"] - top["top"]),
        "direct_gap": min(grid["direct"], path["direct"]),
        "band_gap_grid": grid["gap"],
        "valence_kpoint": _words(top["valence_kpoint"]),
        "conduction_kpoint": _words(bottom["conduction_kpoint"]),
    }


def _words(numbers: list[float]) -> str:
    return " ".join(f"{value:g}" for value in np.round(numbers, 3) + 0.0)


def references(folder: Path) -> dict[tuple[str, float], dict[str, Any]]:
    """Energy an atom (eV) of every element and cut-off there is, and how it was computed."""
    found = {}

    def add(name: str, ecut: float, energy: float, **how: Any) -> None:
        found[name, ecut] = {
            "element": name,
            "ecut (eV)": ecut,
            "energy (eV/atom)": round(energy, 5),
        } | how

    for path in sorted(folder.glob("element-*.json")):
        data = json.loads(path.read_text())
        point = data.get("points", {}).get("relaxed", {})
        if data.get("finished") and point["converged"]:
            how = {
                "structure": data["structure"],
                "kpts": "x".join(map(str, data["kpts"])),
                "relaxed": data["relax"],
                "converged": point["converged"],
                "moment (muB/atom)": round(abs(point["moment"]), 3),
                "cpu_s": round(_cost(data["points"]), 1),
            }
            add(data["label"], data["ecut"], point["energy"], **how)
            for name, other in data["points"].items():
                if name.startswith("ecut"):
                    add(data["label"], float(name[4:]), other["energy"], **how)
    for crystal in queue():
        path = folder / f"{crystal.label}.json"
        if len(crystal.elements) > 1 or not path.exists() or crystal.elements[0] == "C":
            continue
        data = json.loads(path.read_text())
        if "eos" not in data:
            continue
        size = len(crystal.cell(crystal.start))
        energy = equation_of_state(data["points"], "energy").energy / size
        how = {
            "structure": crystal.prototype,
            "kpts": "x".join([str(data["kpts"])] * 3),
            "relaxed": "equation of state",
            "converged": True,
            "moment (muB/atom)": 0.0,
            "cpu_s": round(_cost(data["points"], "eos"), 1),
        }
        add(crystal.elements[0], data["ecut"], energy, **how)
        for name, other in data["points"].items():
            if name.startswith("ecut"):
                add(crystal.elements[0], float(name[4:]), other["energy"] / size, **how)
    return dict(sorted(found.items()))


def _cost(points: dict[str, Any], start: str = "") -> float:
    return float(sum(point["cpu_s"] for name, point in points.items() if name.startswith(start)))


def formation_energy(
    energy: float, atoms: Atoms, ecut: float, known: dict[tuple[str, float], dict[str, Any]]
) -> tuple[float, list[str]]:
    """Formation energy in eV an atom, NaN if elements are missing, and which."""
    parts = [(symbol, ecut) for symbol in atoms.symbols]
    missing = sorted({symbol for symbol, _ in parts if (symbol, ecut) not in known})
    if missing:
        return float("nan"), missing
    total = energy - sum(known[part]["energy (eV/atom)"] for part in parts)
    return total / len(atoms), []


def row(
    crystal: Crystal, data: dict[str, Any], known: dict[tuple[str, float], dict[str, Any]]
) -> dict[str, Any]:
    """Everything that is published of one crystal."""
    points = data["points"]
    state = equation_of_state(points, "free_energy")
    energy = equation_of_state(points, "energy").energy
    start = crystal.cell(crystal.start)
    a = crystal.start * (state.volume / start.get_volume()) ** (1 / 3)
    atoms = crystal.cell(a)
    c11, c12, c44 = elastic_constants(points, data["strain"])
    strained = (c11 + 2 * c12) / 3
    formation, missing = formation_energy(energy, atoms, data["ecut"], known)
    shear = voigt_reuss_hill(c11, c12, c44)
    doubts = []
    if abs(strained / state.bulk_modulus - 1) > DISAGREE:
        doubts.append("bulk moduli disagree")
    if np.isnan(shear):
        doubts.append("mechanically unstable")
    elif crystal.metal and c11 - c12 < 2 * SOFT_SHEAR:
        doubts.append("soft shear of a metal, k-points too few")
    if not all(points[name]["relaxed"] for name in ("e1+", "e1-", "e4")):
        doubts.append("atoms not relaxed under strain")
    if abs(data["eos"]["a"] / a - 1) > 0.001:
        doubts.append("strained at another lattice constant")
    notes = [f"no reference for {' '.join(missing)}"] * bool(missing)
    notes += [CORES[name] for name in crystal.elements if name in CORES]
    return {
        "label": crystal.label,
        "formula": crystal.formula,
        "prototype": crystal.prototype,
        "space_group": spglib.get_spacegroup(
            (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-4
        ).split()[0],
        "lattice_constant": a,
        "bulk_modulus": state.bulk_modulus,
        "bulk_modulus_strain": strained,
        "shear_modulus": shear,
        "c11": c11,
        "c12": c12,
        "c44": c44,
        "formation_energy": formation,
        **gaps(points["equilibrium"]),
        "pulay_pressure": state.pulay,
        "energy": energy,
        "ecut": data["ecut"],
        "kpts": data["kpts"],
        "smearing": data["width"],
        "cpu_s": round(_cost(points), 1),
        "doubtful": bool(doubts),
        "remarks": "; ".join(doubts + notes),
        "atoms": atoms,
    }


def image(found: dict[str, Any]) -> Atoms:
    """One crystal as it stands in the extended XYZ file."""
    one = found["atoms"]
    atoms = Atoms(one.symbols, one.positions.round(6), cell=one.cell.array.round(6), pbc=True)
    atoms.info = {
        key: value for key, value in found.items() if key not in {"atoms", "energy"} and value != ""
    }
    pressure = found["pulay_pressure"] * GPa
    atoms.calc = SinglePointCalculator(
        atoms,
        energy=round(found["energy"], 6),
        forces=np.zeros((len(atoms), 3)),
        stress=np.round([-pressure] * 3 + [0.0] * 3, 8),
    )
    return atoms


def publish(folder: Path) -> list[dict[str, Any]]:
    """Write `cubic-pbe.extxyz`, `cubic-pbe.csv` and `references.csv` from the raw results."""
    known = references(folder)
    rows = []
    for crystal in queue():
        path = folder / f"{crystal.label}.json"
        data = json.loads(path.read_text()) if path.exists() else {}
        if data.get("finished"):
            found = row(crystal, data, known)
            for key, decimals in NUMBERS.items():
                found[key] = round(found[key], decimals)
            rows.append(found)
    used = {symbol for found in rows for symbol in found["atoms"].symbols}
    table("references.csv", [one for (name, _), one in known.items() if name in used])
    shown = [{k: v for k, v in found.items() if k not in {"atoms", "energy"}} for found in rows]
    keys = list(dict.fromkeys(key for found in shown for key in found))
    named = {key: f"{key} ({UNITS[key]})" if key in UNITS else key for key in keys}
    table("cubic-pbe.csv", [{named[key]: found.get(key, "") for key in keys} for found in shown])
    target = HERE / "cubic-pbe.extxyz"
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    write(temporary, [image(found) for found in rows], format="extxyz")
    temporary.replace(target)
    return rows


def table(name: str, rows: list[dict[str, Any]]) -> None:
    """Write a CSV file in one move."""
    temporary = HERE / f".{name}.{os.getpid()}"
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    temporary.replace(HERE / name)
