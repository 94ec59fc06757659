"""Training sets of copper alloys by effective-medium theory, for the lattice chapter.

    python make_emt.py cu-au-emt cu-pd-emt --work <folder for stores>

All orderings of the fcc lattice with up to six atoms, cells and positions relaxed.
A set that was interrupted goes on where it was; the file is written when it is complete.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

from ase.build import bulk

from matlearn._relaxing.loop import Run
from matlearn.lattice.training import save_training_set, training_set

HERE = Path(__file__).parent
SPECIES = {"cu-au-emt": ["Cu", "Au"], "cu-pd-emt": ["Cu", "Pd"]}
LATTICE = 3.8  # A: of the ideal structures, which have one lattice whatever their composition
MAX_ATOMS = 6
FMAX = 0.01  # eV/A on an atom, eV per atom on the cell


def make(name: str, work: Path) -> None:
    store = work / f"{name}.db"
    frame = training_set(
        bulk("Cu", "fcc", a=LATTICE), SPECIES[name], MAX_ATOMS, "emt",
        relax="full", fmax=FMAX, store=store,
    )  # fmt: skip
    spent = sum(record.info["cpu_seconds"] for record in Run.read(store).records())
    codes = ", ".join(f"{code} {version(code)}" for code in ("ase", "icet", "spglib"))
    save_training_set(
        frame, HERE / f"{name}.extxyz",
        calculator="EMT as in ASE", relax="full", fmax=FMAX, codes=codes, licence="CC BY 4.0",
    )  # fmt: skip
    left = int((~frame["on_lattice"]).sum())
    hull = frame.loc[frame["hull_distance"] == 0, ["label", "mixing_energy"]]
    print(f"{name}: {len(frame)} structures, {left} off the lattice, {spent:.0f} CPU s, {codes}")
    print(hull.assign(mixing_energy=hull["mixing_energy"] * 1000).round(2).to_string(index=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=SPECIES)
    parser.add_argument("--work", type=Path, required=True)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    for name in given.names:
        make(name, given.work)


if __name__ == "__main__":
    main()
