"""Argon by GPAW: the dimer, crystals and rattled crystals, by PBE and by vdW-DF2.

    python make_argon.py --work FOLDER    # in GPAW's environment

Everything goes into `argon-gpaw.extxyz` beside this script, each configuration as soon as it is
done; what the file holds is skipped. Energies are relative to one atom in the dimer's box.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

TARGET = Path(__file__).with_name("argon-gpaw.extxyz")
ECUT = 400.0  # eV
BOX = (9.0, 9.0, 16.0)  # A: the dimer lies along the long axis
KPOINT_LENGTH = 16.0  # A: k-points along an axis times the distance of its lattice planes
DISTANCES = np.r_[3.0:3.6:0.15, 3.65:4.35:0.1, 4.35:5.5:0.25, 5.6, 6.2, 7.0, 8.0]  # A
NEIGHBOURS = (3.5, 3.75, 4.0, 4.3, 4.7)  # A: nearest distances in the crystals
LATTICES = {"sc": 1.0, "bcc": 2 / 3**0.5, "fcc": 2**0.5, "diamond": 4 / 3**0.5}
RATTLES = np.linspace(5.4, 6.2, 9)  # A: fcc lattice constants of the rattled cells


def configurations() -> Iterator[Atoms]:
    """The isolated atom first, then crystals by turns, dimers, cells of four atoms."""
    yield Atoms("Ar", cell=BOX, pbc=True, info={"label": "atom", "kind": "atom"})
    for nearest in NEIGHBOURS:
        for lattice, factor in LATTICES.items():
            atoms = bulk("Ar", lattice, a=factor * nearest)
            atoms.info = {"label": f"{lattice}-{nearest:.2f}", "kind": lattice}
            yield atoms
    for distance in DISTANCES:
        atoms = Atoms("Ar2", [(0, 0, 0), (0, 0, distance)], cell=BOX, pbc=True)
        atoms.info = {"label": f"dimer-{distance:.2f}", "kind": "dimer"}
        yield atoms
    for place, length in enumerate(RATTLES):
        atoms = bulk("Ar", "fcc", a=length, cubic=True)
        atoms.rattle(0.2, seed=place)
        atoms.info = {"label": f"rattled-{length:.2f}", "kind": "rattled"}
        yield atoms


def compute(atoms: Atoms, txt: Path | None, ecut: float = ECUT) -> dict[str, object]:
    """PBE energy, forces and stress, and vdW-DF2 evaluated on PBE's density (eV, A)."""
    from gpaw import GPAW, PW, FermiDirac

    spacing = 1 / np.linalg.norm(atoms.cell.reciprocal(), axis=1)
    size = tuple(max(1, round(KPOINT_LENGTH / float(length))) for length in spacing)
    atoms.calc = GPAW(
        mode=PW(ecut),
        xc="PBE",
        kpts={"size": size, "gamma": True},
        occupations=FermiDirac(0.01),
        convergence={"energy": 1e-6},
        symmetry={"point_group": False},
        txt=None if txt is None else str(txt),
    )
    energy = float(atoms.get_potential_energy())
    return {
        "energy": energy,
        "forces": atoms.get_forces(),
        "stress": atoms.get_stress().round(8),
        "vdw_df2": energy + float(atoms.calc.get_xc_difference("vdW-DF2")),
        "kpts": np.array(size),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for logs")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    images = list(read(TARGET, ":")) if TARGET.exists() else []
    held = {image.info["label"] for image in images}
    for atoms in configurations():
        label = atoms.info["label"]
        if label in held:
            continue
        begun = time.process_time()
        found = compute(atoms, work / f"{label}.txt")
        if label == "atom":
            reference = {"pbe_atom": found["energy"], "vdw_df2_atom": found["vdw_df2"]}
            atoms.info |= reference
        else:
            reference = {name: images[0].info[name] for name in ("pbe_atom", "vdw_df2_atom")}
        pbe = found["energy"] - len(atoms) * reference["pbe_atom"]
        vdw = found["vdw_df2"] - len(atoms) * reference["vdw_df2_atom"]
        atoms.info |= {
            "vdw_df2_energy": round(vdw, 8),
            "ecut": ECUT,
            "kpts": found["kpts"],
            "cpu_s": round(time.process_time() - begun, 1),
        }
        atoms.calc = SinglePointCalculator(
            atoms, energy=round(pbe, 8), forces=found["forces"], stress=found["stress"]
        )
        images.append(atoms)
        temporary = TARGET.with_name(f".{TARGET.name}.{os.getpid()}")
        write(temporary, images, format="extxyz")
        temporary.replace(TARGET)
        print(
            f"{label}: PBE {pbe / len(atoms) * 1000:.2f}, vdW-DF2 {vdw / len(atoms) * 1000:.2f} "
            f"meV/atom, {atoms.info['cpu_s']} CPU s",
            flush=True,
        )


if __name__ == "__main__":
    main()
