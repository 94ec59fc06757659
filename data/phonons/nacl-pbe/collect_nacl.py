"""Put what `compute_nacl.py` computed together as `nacl-pbe.yaml.xz`, which phono3py reads.

python collect_nacl.py --work FOLDER     # FOLDER/forces, FOLDER/born/born.json; course's environment
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from ase.build import bulk
from ase.io import read

from matlearn import phonons

HERE = Path(__file__).parent
LATTICE = 5.6961  # A
DIGITS = 8


def main() -> None:
    """Collect all that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    images = [read(path) for path in sorted((work / "forces").glob("[0-9]*.extxyz"))]
    cell = bulk("NaCl", "rocksalt", a=LATTICE, cubic=True)
    found = phonons.collect_forces(cell, (2, 2, 2), images, source="GPAW 26.7.0, PBE, 350 eV")
    response = json.loads((work / "born" / "born.json").read_text())
    charge = round(float(np.diag(response["born_charge_Na"])[2] if np.ndim(response["born_charge_Na"]) == 2
                         else response["born_charge_Na"][2]), 4)  # fmt: skip
    found = found.with_nac(
        {"Na": charge, "Cl": -charge}, round(float(response["dielectric_constant"]), 4)
    )
    found.save(HERE / "nacl-pbe.yaml.xz")
    spent = [image.info["cpu_s"] for image in images]
    drift = max(float(np.abs(image.get_forces().sum(axis=0)).max()) for image in images)
    print(f"{found!r}; residual {np.abs(found.residual).max():.2e} eV/A, "
          f"sum of forces at most {drift:.1e} eV/A, {np.mean(spent):.0f} CPU s each")  # fmt: skip


if __name__ == "__main__":
    main()
