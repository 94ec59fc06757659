"""In which units a simulation's energies and temperatures are shown. Private."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ase.units import kB


@dataclass(frozen=True)
class EnergyUnits:
    """Names of the units, and the factor from the simulation's energies to what is drawn.

    Attributes
    ----------
    temperature : str
        Unit of temperatures.
    energy : str
        Unit of chemical potentials.
    energy_label : str
        Label of an axis of energies.
    per_energy : float
        What the energies are multiplied with for that axis.
    """

    temperature: str
    energy: str
    energy_label: str
    per_energy: float

    @classmethod
    def of(cls, simulation: Any) -> EnergyUnits:
        """Tell an alloy (eV, K) from a model (energies in units of J, temperatures of J/kB).

        Parameters
        ----------
        simulation : MonteCarlo
            Its Boltzmann constant decides: ASE's in eV/K, or anything else.
        """
        return cls.for_constant(1.0 / (simulation.beta * simulation.temperature))

    @classmethod
    def for_constant(cls, boltzmann_constant: float) -> EnergyUnits:
        """Return the units that go with a Boltzmann constant.

        Examples
        --------
        >>> EnergyUnits.for_constant(1.0).temperature
        'J/kB'
        """
        if abs(boltzmann_constant / kB - 1) < 0.01:
            return cls("K", "eV", "Energy (meV/atom)", 1000.0)
        return cls("J/kB", "J", "Energy (J/site)", 1.0)
