"""What an evaluation costs."""

from __future__ import annotations

import time
from numbers import Integral

from ase import Atoms
from ase.calculators.calculator import Calculator

__all__ = ["evaluation_cost"]


def evaluation_cost(calculator: Calculator, atoms: Atoms, *, repeats: int = 3) -> float:
    """Measure the CPU time that energy and forces take for each atom.

    Each evaluation is of slightly other positions, so that nothing is taken from a cache, and the
    first, which may compile something, does not count. The fastest one does: others may have been
    slowed by what else the computer did.

    Parameters
    ----------
    calculator
        Any ASE calculator.
    atoms
        What it is measured on; some hundred atoms show the cost of an atom, few that of a call.
    repeats
        Evaluations that count.

    Returns
    -------
    float
        Microseconds an atom: CPU time of this process, with all its threads.

    Raises
    ------
    ValueError
        If there are no atoms, or `repeats` is less than 1.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from ase.calculators.emt import EMT
    >>> evaluation_cost(EMT(), bulk("Cu", cubic=True), repeats=1) > 0
    True
    """
    if len(atoms) == 0:
        raise ValueError("atoms must hold at least one atom, got none")
    if not isinstance(repeats, Integral) or repeats < 1:
        raise ValueError(f"repeats must be a whole number from 1 on, got {repeats!r}")
    seconds = []
    for number in range(int(repeats) + 1):
        shaken = atoms.copy()
        shaken.rattle(1e-3, seed=number)
        shaken.calc = calculator
        start = time.process_time()
        shaken.get_potential_energy()
        shaken.get_forces()
        seconds.append(time.process_time() - start)
    return 1e6 * min(seconds[1:]) / len(atoms)
