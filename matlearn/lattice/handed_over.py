"""What exercises hand over: tables and crystals as a colleague might bring them, some with a fault.

Made from the data of the course and nothing else; finding what is wrong with them is the exercise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from ase import Atoms

LATTICE_CONSTANT = 3.8
"""Of the ideal fcc lattice of the course's copper alloys (A)."""


def stacked_cubes(word: str) -> Atoms:
    """Stack layers of cubic Cu3Pd cells along z.

    Parameters
    ----------
    word
        A letter a layer: ``A`` has palladium on the corners of its cubes, ``B`` is shifted by half a
        face diagonal. ``"A"`` is L1_2, ``"AB"`` D0_22.

    Returns
    -------
    Atoms
        Four atoms a layer, on the ideal lattice.

    Raises
    ------
    ValueError
        If `word` is empty or holds another letter.

    Examples
    --------
    >>> stacked_cubes("AB").get_chemical_formula()
    'Cu6Pd2'
    """
    from ase.build import bulk

    if not isinstance(word, str) or not word or set(word) - {"A", "B"}:
        raise ValueError(f"word must be letters A and B such as 'ABABB', got {word!r}")
    layers = bulk("Cu", "fcc", a=LATTICE_CONSTANT, cubic=True).repeat((1, 1, len(word)))
    for number, letter in enumerate(word):
        across = {"A": 0.0, "B": LATTICE_CONSTANT / 2}[letter]
        corner = [across, across, LATTICE_CONSTANT * number]
        layers.symbols[np.abs(layers.positions - corner).max(axis=1) < 0.1] = "Pd"
    return layers


def collected_orderings() -> pd.DataFrame:
    """Give the orderings of Cu-Pd that a colleague collected from several people, for a fit.

    Returns
    -------
    DataFrame
        171 rows with ``label``, ``formula``, ``n_atoms``, ``concentration`` (of palladium),
        ``mixing_energy`` (eV/atom, EMT) and ``structure`` on the ideal lattice; ``attrs`` as
        `matlearn.lattice.training_set` sets them.

    Examples
    --------
    >>> len(collected_orderings())
    171
    """
    import pandas as pd

    from matlearn import datasets

    data = datasets.load("cu-pd-emt")
    few = data[data["n_atoms"] <= 5]
    random = np.random.default_rng(7)
    parts = []
    for copy in range(3):
        part = few[["concentration", "mixing_energy"]].copy()
        part["structure"] = [_redrawn(atoms, copy, random) for atoms in few["structure"]]
        parts.append(part)
    table = pd.concat(parts).sample(frac=1.0, random_state=7).reset_index(drop=True)
    table.insert(0, "n_atoms", [len(atoms) for atoms in table["structure"]])
    table.insert(0, "formula", [str(atoms.symbols) for atoms in table["structure"]])
    names = [f"{'abc'[row % 3]}-{row:03d}" for row in range(len(table))]
    table.insert(0, "label", names)
    table.attrs = dict(data.attrs)
    return table


def _redrawn(atoms: Atoms, copy: int, random: np.random.Generator) -> Atoms:
    """Describe a crystal by another cell: turned by a symmetry of the cube, and doubled."""
    drawn = atoms.copy()
    if copy:
        axes = list(random.permutation(3))
        drawn.set_cell(drawn.cell.array[:, axes])
        drawn.positions = drawn.positions[:, axes]
        times = [1, 1, 1]
        times[int(random.integers(3))] = 2
        drawn = drawn.repeat(times)
    return drawn
