"""Every ionic step of the search, read off GPAW's text logs: training data.

    python steps.py <folder with logs>

Adds to ``steps.extxyz.xz`` the steps of logs that it does not hold yet. Each step carries energy
(extrapolated to no smearing), forces and stress, and in ``info`` the label, the cut-off, the
``stage`` (the number in the log's name) and the number of the step within it. The logs round
positions to 1e-6 A and forces to 1e-5 eV/A. Never mix cut-offs in one fit.
"""

from __future__ import annotations

import argparse
import io
import lzma
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

STEPS = Path(__file__).parent / "steps.extxyz.xz"
ATOM = re.compile(r"\|\s*\d+ \|\s+([A-Z][a-z]?) \|(.*?)\|(.*?)\|(.*?)\|")
VOIGT = ([0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1])


def numbers(line: str) -> list[float]:
    """The decimal numbers of a line."""
    return [float(text) for text in re.findall(r"-?\d+\.\d+", line)]


def frames(log: Path) -> Iterator[Atoms]:
    """The steps of one log in order; a step without forces (a killed run's last) is left out."""
    table, energy = "", float("nan")
    symbols: list[str] = []
    rows: dict[str, list[list[float]]] = {"atoms": [], "cell": [], "stress": [], "forces": []}
    headers = {
        "Atoms  #": "atoms",
        "Unit cell": "cell",
        "Stress tensor": "stress",
        "Forces  #": "forces",
    }
    for line in log.read_text().splitlines():
        header = next((name for start, name in headers.items() if line.startswith(start)), None)
        if header:
            table, rows[header] = header, []
            if header == "atoms":
                symbols = []
        elif "xtrapolated" in line and numbers(line):
            energy = numbers(line)[-1]
        elif table == "atoms" and (match := ATOM.match(line)):
            symbols.append(match[1])
            rows["atoms"].append([float(match[k]) for k in (2, 3, 4)])
        elif table == "atoms" and symbols and not line.strip():
            table = ""
        elif table == "cell" and line.startswith("|") and "yes" in line:
            rows["cell"].append(numbers(line)[:3])
        elif table in ("stress", "forces") and line.startswith("|") and numbers(line):
            rows[table].append(numbers(line)[:3])
        elif "Force computation" in line and len(rows["forces"]) == len(symbols) > 0:
            if len(rows["stress"]) != 3:
                raise ValueError(f"{log.name}: a step without a stress tensor")
            atoms = Atoms(symbols, positions=rows["atoms"], cell=rows["cell"], pbc=True)
            stress = np.array(rows["stress"])[VOIGT]
            forces = np.array(rows["forces"])
            atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces, stress=stress)
            rows["forces"], rows["stress"], table = [], [], ""
            yield atoms


def labelled(log: Path) -> list[Atoms]:
    """The steps of ``<label>-<stage>.txt`` with their labels."""
    label, stage = log.stem.rsplit("-", 1)
    ecut = 600 if int(stage) < 800 else 800
    images = list(frames(log))
    for step, atoms in enumerate(images):
        atoms.info = {"label": label, "stage": int(stage), "step": step, "ecut": ecut}
    return images


def contents(path: Path) -> str:
    """The text of a compressed file, empty where there is no file."""
    if not path.exists():
        return ""
    with lzma.open(path, "rt") as file:
        return file.read()


def load(path: Path) -> list[Atoms]:
    """The steps of a compressed file."""
    held = contents(path)
    return list(read(io.StringIO(held), ":", format="extxyz")) if held else []


def text(images: list[Atoms]) -> str:
    """Extended XYZ of ``images``."""
    buffer = io.StringIO()
    write(buffer, images, format="extxyz")
    return buffer.getvalue()


def main() -> None:
    """Add the steps of new logs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logs", type=Path, help="folder with <label>-<stage>.txt")
    logs = sorted(parser.parse_args().logs.glob("LiN2-*-*.txt"))
    old = load(STEPS)
    held = {(atoms.info["label"], int(atoms.info["stage"])) for atoms in old}
    found = [atoms for log in logs for atoms in labelled(log)]
    new = [a for a in found if (a.info["label"], a.info["stage"]) not in held]
    temporary = STEPS.with_name(f".{STEPS.name}.{os.getpid()}")
    with lzma.open(temporary, "wt", preset=9) as file:
        file.write(contents(STEPS) + (text(new) if new else ""))
    temporary.replace(STEPS)
    print(f"{len(old)} steps kept, {len(new)} added from {len(logs)} logs")


if __name__ == "__main__":
    main()
