"""What exercises hand over: a calculator as a colleague might bring it, with a fault.

Finding what is wrong with it is the exercise; do not compute anything else with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ase.calculators.calculator import Calculator


def wrapped_calculator() -> Calculator:
    """Give a calculator of copper that somebody wrapped: energies and forces are EMT's.

    Returns
    -------
    Calculator

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", "fcc", a=3.59)
    >>> copper.calc = wrapped_calculator()
    >>> print(f"{copper.get_potential_energy():.4f} eV")
    -0.0070 eV
    """
    from ase.calculators.emt import EMT

    class Wrapped(EMT):
        """Effective-medium theory in somebody's wrapping."""

        def calculate(self, *arguments: Any, **options: Any) -> None:
            super().calculate(*arguments, **options)
            if "stress" in self.results:
                self.results["stress"] = -self.results["stress"]

    return Wrapped()
