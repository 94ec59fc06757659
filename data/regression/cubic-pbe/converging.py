"""How well the numbers are converged: other cut-offs and other k-points for a few crystals.

A cut-off is judged by the lattice constant, the bulk modulus and the formation energy, k-points by
the elastic constants at the lattice constant that is published.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from computing import Record, Work
from crystals import Crystal, queue
from elements import reference
from publishing import (
    elastic_constants,
    equation_of_state,
    formation_energy,
    references,
    table,
    voigt_reuss_hill,
)

CUTOFFS = {  # crystal: cut-offs in eV beside its own
    "LiF-rocksalt": (600, 1000, 1200),
    "MgO-rocksalt": (600, 1000, 1200),
    "NaCl-rocksalt": (600,),
    "Si-diamond": (800,),
    "Cu-fcc": (800,),
    "CaF2-fluorite": (1200,),
}
KPOINTS = {  # crystal: k-points along an axis beside its own
    "MgO-rocksalt": (12,),
    "Cu-fcc": (16,),
    "Al-fcc": (12,),
}


def converge(folder: Path, deadline: float) -> None:
    """Compute what is missing of both lists, for crystals that are there."""
    place = folder / "converge"
    place.mkdir(exist_ok=True)
    for crystal in queue():
        known = Record(folder / f"{crystal.label}.json").data
        if not known.get("finished"):
            continue
        for ecut in CUTOFFS.get(crystal.label, ()):
            if time.time() < deadline:
                work = _work(crystal, place, known, float(ecut), known["kpts"])
                if "eos" not in work.record.data:
                    work.equation_of_state()
                for name in set(crystal.elements):
                    reference(name, float(ecut), folder)
        for kpts in KPOINTS.get(crystal.label, ()):
            if time.time() < deadline:
                work = _work(crystal, place, known, known["ecut"], kpts)
                work.elastic(known["eos"]["a"])


def _work(crystal: Crystal, place: Path, known: dict[str, Any], ecut: float, kpts: int) -> Work:
    """The work on one crystal with settings of its own."""
    stem = f"{crystal.label}-{ecut:.0f}-{kpts}"
    record = Record(place / f"{stem}.json")
    record.put(ecut=ecut, kpts=kpts)
    work = Work(crystal, record, place / f"{stem}.txt")
    work.describe()
    return work


def publish(folder: Path) -> None:
    """Write `convergence.csv`: each crystal with its own settings and with the others."""
    energies = references(folder)
    rows: list[dict[str, Any]] = []
    for crystal in queue():
        own = folder / f"{crystal.label}.json"
        others = sorted((folder / "converge").glob(f"{crystal.label}-*.json"))
        if others:
            rows += [_row(crystal, path, own, energies) for path in (own, *others)]
    if rows:
        table("convergence.csv", rows)


def _row(crystal: Crystal, path: Path, own: Path, energies: dict[Any, Any]) -> dict[str, Any]:
    data = json.loads(path.read_text())
    points = data["points"]
    found: dict[str, Any] = {
        "label": crystal.label,
        "ecut (eV)": data["ecut"],
        "kpts": data["kpts"],
        "published": path == own,
    }
    blank = ("lattice_constant (A)", "bulk_modulus (GPa)", "pulay_pressure (GPa)")
    found |= dict.fromkeys((*blank, "formation_energy (eV/atom)"), "")
    if "eos" in data:
        state = equation_of_state(points, "free_energy")
        cell = crystal.cell(crystal.start)
        a = crystal.start * (state.volume / cell.get_volume()) ** (1 / 3)
        values = (round(a, 4), round(state.bulk_modulus, 1), round(state.pulay, 3))
        found |= dict(zip(blank, values, strict=True))
        energy = equation_of_state(points, "energy").energy
        formation, missing = formation_energy(energy, cell, data["ecut"], energies)
        if not missing:
            found["formation_energy (eV/atom)"] = round(formation, 4)
    names = ("c11 (GPa)", "c12 (GPa)", "c44 (GPa)", "shear_modulus (GPa)")
    found |= dict.fromkeys(names, "")
    if "e4" in points:
        constants = elastic_constants(points, data["strain"])
        values = [round(x, 1) for x in (*constants, voigt_reuss_hill(*constants))]
        found |= dict(zip(names, values, strict=True))
    return found | {"cpu_s": round(sum(point["cpu_s"] for point in points.values()), 1)}
