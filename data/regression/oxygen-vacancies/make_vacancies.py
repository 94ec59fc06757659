"""Oxygen vacancies in simple oxides by the universal potential CHGNet (chgnet 0.4.2, model 0.3.0).

    python make_vacancies.py            # computes what is missing, writes after each oxide
    python make_vacancies.py MgO TiO2   # only these

For each oxide: a textbook prototype, relaxed in cell and positions; a supercell of it, rattled and
relaxed in positions at that cell (a crystal that is not stable shows it here, and not as a vacancy
that is too cheap); the same without one oxygen atom, for each kind of oxygen, rattled and relaxed
likewise. Neutral, no charge states: the potential knows none.
"""

from __future__ import annotations

import csv
import sys
import time
from math import ceil
from pathlib import Path

import numpy as np
import spglib
from ase import Atoms
from ase.build import bulk
from ase.data import chemical_symbols
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE
from ase.spacegroup import crystal

import matlearn as ml

HERE = Path(__file__).parent
FMAX = 0.03  # eV/A
MIN_WIDTH = 7.5  # A: each edge of the supercell is at least so long
RATTLE = 0.03  # A, standard deviation of each coordinate
STEPS = 400
SEED = 2014


def rocksalt(metal: str, a: float) -> Atoms:
    return crystal(
        (metal, "O"), [(0, 0, 0), (0.5, 0.5, 0.5)], spacegroup=225, cellpar=[a] * 3 + [90] * 3
    )


def wurtzite(metal: str, a: float, c: float) -> Atoms:
    basis = [(1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0.38)]
    return crystal((metal, "O"), basis, spacegroup=186, cellpar=[a, a, c, 90, 90, 120])


def fluorite(first: str, second: str, a: float) -> Atoms:
    basis = [(0, 0, 0), (0.25, 0.25, 0.25)]
    return crystal((first, second), basis, spacegroup=225, cellpar=[a] * 3 + [90] * 3)


def rutile(metal: str, a: float, c: float) -> Atoms:
    basis = [(0, 0, 0), (0.306, 0.306, 0)]
    return crystal((metal, "O"), basis, spacegroup=136, cellpar=[a, a, c, 90, 90, 90])


def corundum(metal: str, a: float, c: float) -> Atoms:
    basis = [(0, 0, 0.352), (0.306, 0, 0.25)]
    return crystal((metal, "O"), basis, spacegroup=167, cellpar=[a, a, c, 90, 90, 120])


def bixbyite(metal: str, a: float) -> Atoms:
    basis = [(0.25, 0.25, 0.25), (0.968, 0, 0.25), (0.391, 0.154, 0.381)]
    return crystal((metal, metal, "O"), basis, spacegroup=206, cellpar=[a] * 3 + [90] * 3)


def perovskite(a_site: str, b_site: str, a: float) -> Atoms:
    basis = [(0.5, 0.5, 0.5), (0, 0, 0), (0.5, 0, 0)]
    return crystal((a_site, b_site, "O"), basis, spacegroup=221, cellpar=[a] * 3 + [90] * 3)


def spinel(a_site: str, b_site: str, a: float) -> Atoms:
    basis = [(0.125, 0.125, 0.125), (0.5, 0.5, 0.5), (0.2625, 0.2625, 0.2625)]
    return crystal(
        (a_site, b_site, "O"), basis, spacegroup=227, setting=2, cellpar=[a] * 3 + [90] * 3
    )


def cuprite(metal: str, a: float) -> Atoms:
    basis = [(0, 0, 0), (0.25, 0.25, 0.25)]
    return crystal(
        ("O", metal), [basis[0], basis[1]], spacegroup=224, setting=1, cellpar=[a] * 3 + [90] * 3
    )


def litharge(metal: str, a: float, c: float) -> Atoms:
    basis = [(0, 0.5, 0.236), (0, 0, 0)]
    return crystal((metal, "O"), basis, spacegroup=129, setting=1, cellpar=[a, a, c, 90, 90, 90])


def quartz(metal: str, a: float, c: float) -> Atoms:
    basis = [(0.47, 0, 2 / 3), (0.414, 0.267, 0.119 + 2 / 3)]
    return crystal((metal, "O"), basis, spacegroup=154, cellpar=[a, a, c, 90, 90, 120])


def hexagonal_sesquioxide(metal: str, a: float, c: float) -> Atoms:
    basis = [(1 / 3, 2 / 3, 0.245), (1 / 3, 2 / 3, 0.647), (0, 0, 0)]
    return crystal((metal, "O", "O"), basis, spacegroup=164, cellpar=[a, a, c, 90, 90, 120])


OXIDES = {
    "BeO": ("wurtzite", wurtzite("Be", 2.70, 4.38)),
    "MgO": ("rocksalt", rocksalt("Mg", 4.21)),
    "CaO": ("rocksalt", rocksalt("Ca", 4.81)),
    "SrO": ("rocksalt", rocksalt("Sr", 5.16)),
    "BaO": ("rocksalt", rocksalt("Ba", 5.52)),
    "ZnO": ("wurtzite", wurtzite("Zn", 3.25, 5.21)),
    "CdO": ("rocksalt", rocksalt("Cd", 4.70)),
    "NiO": ("rocksalt", rocksalt("Ni", 4.18)),
    "CoO": ("rocksalt", rocksalt("Co", 4.26)),
    "FeO": ("rocksalt", rocksalt("Fe", 4.33)),
    "Li2O": ("antifluorite", fluorite("O", "Li", 4.62)),
    "Na2O": ("antifluorite", fluorite("O", "Na", 5.55)),
    "K2O": ("antifluorite", fluorite("O", "K", 6.44)),
    "Rb2O": ("antifluorite", fluorite("O", "Rb", 6.74)),
    "Cu2O": ("cuprite", cuprite("Cu", 4.27)),
    "Ag2O": ("cuprite", cuprite("Ag", 4.72)),
    "SnO": ("litharge", litharge("Sn", 3.80, 4.84)),
    "PbO": ("litharge", litharge("Pb", 3.97, 5.02)),
    "Al2O3": ("corundum", corundum("Al", 4.76, 12.99)),
    "Ga2O3": ("corundum", corundum("Ga", 4.98, 13.43)),
    "Cr2O3": ("corundum", corundum("Cr", 4.96, 13.59)),
    "Fe2O3": ("corundum", corundum("Fe", 5.04, 13.75)),
    "V2O3": ("corundum", corundum("V", 4.95, 14.00)),
    "Rh2O3": ("corundum", corundum("Rh", 5.13, 13.85)),
    "Sc2O3": ("bixbyite", bixbyite("Sc", 9.85)),
    "In2O3": ("bixbyite", bixbyite("In", 10.12)),
    "Y2O3": ("bixbyite", bixbyite("Y", 10.60)),
    "La2O3": ("La2O3", hexagonal_sesquioxide("La", 3.94, 6.13)),
    "SiO2": ("quartz", quartz("Si", 4.91, 5.40)),
    "GeO2": ("rutile", rutile("Ge", 4.40, 2.86)),
    "SnO2": ("rutile", rutile("Sn", 4.74, 3.19)),
    "PbO2": ("rutile", rutile("Pb", 4.96, 3.39)),
    "TiO2": ("rutile", rutile("Ti", 4.59, 2.96)),
    "RuO2": ("rutile", rutile("Ru", 4.49, 3.11)),
    "IrO2": ("rutile", rutile("Ir", 4.50, 3.15)),
    "ZrO2": ("fluorite", fluorite("Zr", "O", 5.09)),
    "HfO2": ("fluorite", fluorite("Hf", "O", 5.08)),
    "CeO2": ("fluorite", fluorite("Ce", "O", 5.41)),
    "ThO2": ("fluorite", fluorite("Th", "O", 5.60)),
    "SrTiO3": ("perovskite", perovskite("Sr", "Ti", 3.905)),
    "BaZrO3": ("perovskite", perovskite("Ba", "Zr", 4.19)),
    "BaHfO3": ("perovskite", perovskite("Ba", "Hf", 4.17)),
    "BaSnO3": ("perovskite", perovskite("Ba", "Sn", 4.12)),
    "KTaO3": ("perovskite", perovskite("K", "Ta", 3.99)),
    "LaAlO3": ("perovskite", perovskite("La", "Al", 3.79)),
    "MgAl2O4": ("spinel", spinel("Mg", "Al", 8.08)),
    "ZnAl2O4": ("spinel", spinel("Zn", "Al", 8.09)),
    "ReO3": ("ReO3", crystal(("Re", "O"), [(0, 0, 0), (0.5, 0, 0)], spacegroup=221,
                             cellpar=[3.75] * 3 + [90] * 3)),
}  # fmt: skip
"""Prototype and starting cell (A) of each oxide; nothing of it survives the relaxation but the kind."""

METALS = {
    "Ga": Atoms("Ga8", cell=[4.52, 7.66, 4.53], pbc=True, scaled_positions=[
        (0, 0.1549, 0.081), (0, 0.8451, 0.919), (0, 0.3451, 0.581), (0, 0.6549, 0.419),
        (0.5, 0.6549, 0.081), (0.5, 0.3451, 0.919), (0.5, 0.8451, 0.581), (0.5, 0.1549, 0.419)]),
    "In": bulk("In", "bct", a=3.25, c=4.95),
    "Sn": bulk("Sn", "diamond", a=6.49),
    "La": bulk("La", "fcc", a=5.30),
}  # fmt: skip
"""Crystals of the metals where `ase.build.bulk` has no simple one."""


def relax(atoms: Atoms, calculator, *, cell: bool) -> tuple[float, bool, int]:
    """Relax in place; energy (eV), whether the forces are below the limit, steps."""
    atoms.calc = calculator
    optimiser = FIRE(FrechetCellFilter(atoms) if cell else atoms, logfile=None)
    good = optimiser.run(fmax=FMAX, steps=STEPS)
    return float(atoms.get_potential_energy()), bool(good), optimiser.nsteps


def oxygen_kinds(atoms: Atoms) -> list[int]:
    """One oxygen atom of each symmetry-inequivalent kind."""
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    orbits = spglib.get_symmetry_dataset(cell, symprec=1e-2).equivalent_atoms
    oxygen = [i for i, symbol in enumerate(atoms.symbols) if symbol == "O"]
    return list({orbits[i]: i for i in reversed(oxygen)}.values())


def neighbours_of_oxygen(atoms: Atoms, index: int) -> tuple[int, float]:
    """Number of metal atoms around an oxygen, and their mean distance (A): up to 1.25 of the nearest."""
    from ase.neighborlist import neighbor_list

    first, second, distance = neighbor_list("ijd", atoms, 5.0)
    chosen = (first == index) & (atoms.numbers[second] != 8)
    near = np.sort(distance[chosen])
    near = near[near < 1.25 * near[0]]
    return len(near), float(near.mean())


def vacancy(formula: str, calculator) -> dict:
    """Compute one oxide."""
    start = time.process_time()
    prototype, unit = OXIDES[formula]
    unit = Atoms(unit)  # without the spacegroup's own class of information
    energy, good, _ = relax(unit, calculator, cell=True)
    repeat = [ceil(MIN_WIDTH / length - 1e-6) for length in unit.cell.lengths()]
    rng = np.random.default_rng(SEED)
    perfect = unit.repeat(repeat)
    ideal = energy * np.prod(repeat)
    perfect.positions += rng.normal(scale=RATTLE, size=perfect.positions.shape)
    whole, good_whole, _ = relax(perfect, calculator, cell=False)
    sites = []
    for site in oxygen_kinds(unit):
        defect = perfect.copy()
        del defect[site]
        defect.positions += rng.normal(scale=RATTLE, size=defect.positions.shape)
        removed, good_defect, steps = relax(defect, calculator, cell=False)
        sites.append((removed - whole, site, good_defect, steps))
    cost, site, good_defect, steps = min(sites)
    n_near, distance = neighbours_of_oxygen(unit, site)
    return {
        "formula": formula,
        "prototype": prototype,
        "atoms": len(perfect),
        "oxygen_sites": len(sites),
        "energy_without_oxygen": round(cost, 4),
        "energy": round(energy / len(unit), 5),
        "volume": round(unit.cell.volume / len(unit), 4),
        "neighbours": n_near,
        "distance": round(distance, 4),
        "distortion": round(1000 * (whole - ideal) / len(perfect), 2),
        "converged": good and good_whole and good_defect,
        "steps": steps,
        "cpu_seconds": round(time.process_time() - start, 1),
    }


def metal(symbol: str, calculator) -> dict:
    """Energy of an element (eV/atom), its simplest crystal relaxed; O is half a molecule."""
    if symbol == "O":
        atoms = Atoms("O2", [(0, 0, 0), (0, 0, 1.23)], cell=[12, 12, 12], pbc=True)
        energy, good, _ = relax(atoms, calculator, cell=False)
    else:
        atoms = METALS[symbol].copy() if symbol in METALS else bulk(symbol)
        energy, good, _ = relax(atoms, calculator, cell=True)
    return {"element": symbol, "energy": round(energy / len(atoms), 5), "converged": good}


def read(path: Path, key: str) -> dict[str, dict]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def write(path: Path, rows: list[dict]) -> None:
    """Write the whole table beside the old one, then rename."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)


def main(wanted: list[str]) -> None:
    calculator = ml.calculators.get_calculator("chgnet", device="cpu")
    oxides, elements = HERE / "oxides.csv", HERE / "elements.csv"
    done = read(oxides, "formula")
    for formula in wanted:
        if formula not in done:
            done[formula] = vacancy(formula, calculator)
            write(oxides, list(done.values()))
            print(done[formula], flush=True)
    known = read(elements, "element")
    present = {symbol for formula in done for symbol in Atoms(formula).symbols}
    for symbol in sorted(present - set(known), key=chemical_symbols.index):
        known[symbol] = metal(symbol, calculator)
        write(elements, list(known.values()))
        print(known[symbol], flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(OXIDES))
