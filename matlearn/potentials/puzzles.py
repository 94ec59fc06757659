"""Things that exercises hand over to be judged: calculators and data with something wrong in them.

Examples
--------
>>> from ase.build import bulk
>>> lithium = bulk("Li", cubic=True).repeat(2)
>>> lithium.calc = stress_riddle()
>>> lithium.get_stress().shape
(6,)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms
    from ase.calculators.calculator import Calculator

__all__ = ["force_riddle", "stress_riddle", "two_sources"]


def stress_riddle() -> Calculator:
    """Give a calculator of lithium with right energies and forces, and a stress to be looked at.

    Made for the exercise "Diagnosis: three potentials that are wrong".

    Returns
    -------
    ase.calculators.calculator.Calculator
        A moment tensor potential (data set ``lithium-learning``), wrapped by a colleague.

    Examples
    --------
    >>> sorted(stress_riddle().implemented_properties)
    ['energy', 'forces', 'stress']
    """
    from matlearn.potentials._checks.handed_over import Wrapped, other_stress

    return Wrapped(change_stress=other_stress)


def force_riddle() -> Calculator:
    """Give a calculator of lithium with right energies and stress, and forces to be looked at.

    Made for the same exercise.

    Returns
    -------
    ase.calculators.calculator.Calculator

    Examples
    --------
    >>> sorted(force_riddle().implemented_properties)
    ['energy', 'forces', 'stress']
    """
    from matlearn.potentials._checks.handed_over import Wrapped, other_forces

    return Wrapped(change_forces=other_forces)


def two_sources() -> tuple[list[Atoms], list[Atoms]]:
    """Give lithium by PBE as two groups handed it over, with energies, forces and stresses.

    Made for the same exercise. Structures, forces and stresses are those of the data set
    ``lithium-pbe``.

    Returns
    -------
    tuple of list of ase.Atoms
        Twelve structures of 16 atoms from each.

    Examples
    --------
    >>> [len(source) for source in two_sources()]
    [12, 12]
    """
    from matlearn.potentials._checks.handed_over import sources

    return sources()
