"""How far an atom is felt: what the cut-off of a potential leaves out."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._structures import as_atoms
from matlearn.calculators import calculator_factory

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["force_response"]


def force_response(
    atoms: Atoms,
    calculator: Calculator | str | PathLike[str] | Callable[[], Calculator],
    *,
    index: int = 0,
    displacement: float = 0.1,
) -> pd.DataFrame:
    """Move one atom, and see by how much the forces on all others change.

    What has no long range falls off quickly: that is the locality which all potentials with a
    cut-off stand on (W. Kohn, Phys. Rev. Lett. 76, 3168 (1996), calls it nearsightedness).

    Parameters
    ----------
    atoms
        A structure, in a cell more than twice as wide as what is to be seen.
    calculator
        What `matlearn.calculators.calculator_factory` takes.
    index
        Which atom moves.
    displacement
        How far, along x, A.

    Returns
    -------
    pandas.DataFrame
        A row an atom that was not moved: ``distance`` to it before (A, of the nearest image) and
        ``change`` (length of the difference of its forces, eV/A), nearest first.

    Raises
    ------
    ValueError
        If there is no such atom, no other one, or it is not moved.

    Examples
    --------
    >>> from ase.build import bulk
    >>> table = force_response(bulk("Cu", cubic=True).repeat(2), "emt")
    >>> table["change"].idxmax() < 12
    True
    """
    import pandas as pd

    before = as_atoms(atoms, "atoms").copy()
    if not -len(before) <= index < len(before) or len(before) < 2:
        raise ValueError(
            f"index must be one of two or more atoms, got {index} of {len(before)} atoms"
        )
    if not 0 < abs(displacement) < np.inf:
        raise ValueError(f"displacement must be finite and not 0, in A, got {displacement}")
    calc = calculator_factory(calculator)()
    forces = []
    after = before.copy()
    after.positions[index, 0] += displacement
    for image in (before, after):
        calc.calculate(image, ["energy", "forces"])
        forces.append(np.array(calc.results["forces"]))
    others = np.delete(np.arange(len(before)), index)
    distances = before.get_distances(index, others, mic=True)
    change = np.linalg.norm(forces[1] - forces[0], axis=1)[others]
    order = np.argsort(distances, kind="stable")
    return pd.DataFrame({"distance": distances[order], "change": change[order]})
