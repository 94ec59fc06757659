"""Runs of VASP as its vasprun.xml has them, as far as phonopy reads it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from ase import Atoms


def write_vasprun(path: Path, atoms: Atoms, forces: np.ndarray, energy: float) -> Path:
    """Write one finished run."""

    def rows(array: np.ndarray) -> str:
        return "".join(f"<v> {x:.10f} {y:.10f} {z:.10f} </v>\n" for x, y, z in array)

    cell = f'<varray name="basis">\n{rows(atoms.cell.array)}</varray>'
    points = f'<varray name="positions">\n{rows(atoms.get_scaled_positions())}</varray>'
    species = "".join(f"<rc><c>{s}</c><c>1</c></rc>" for s in atoms.get_chemical_symbols())
    energies = "".join(
        f'<i name="{name}"> {energy:.8f} </i>'
        for name in ("e_fr_energy", "e_wo_entrp", "e_0_energy")
    )
    text = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<modeling>
<generator><i name="program" type="string">vasp </i>
<i name="version" type="string">6.4.2  </i></generator>
<atominfo><atoms> {len(atoms)} </atoms><array name="atoms"><set>{species}</set></array></atominfo>
<calculation>
<structure><crystal>{cell}</crystal>{points}</structure>
<varray name="forces">
{rows(forces)}</varray>
<energy>{energies}</energy>
</calculation>
</modeling>
"""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt") as file:
        file.write(text)
    return path
