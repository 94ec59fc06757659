"""The figures of the transport chapter: runs, displacements, temperatures, structure, trust."""

from ._figures.activation import arrhenius as arrhenius
from ._figures.activation import conductivity as conductivity
from ._figures.displacements import msd as msd
from ._figures.displacements import msd_by_species as msd_by_species
from ._figures.ensembles import temperature_distribution as temperature_distribution
from ._figures.ensembles import time_steps as time_steps
from ._figures.lessons import distillation as distillation
from ._figures.partners import bond_partners as bond_partners
from ._figures.paths import migration_path as migration_path
from ._figures.repeats import lag_correlation as lag_correlation
from ._figures.repeats import repeated_estimates as repeated_estimates
from ._figures.runs import energy_conservation as energy_conservation
from ._figures.runs import thermodynamics as thermodynamics
from ._figures.stays import stays as stays
from ._figures.structure import density_map as density_map
from ._figures.structure import radial_distribution as radial_distribution
from ._figures.tracks import trails as trails
from ._figures.trust import run_length as run_length
from ._figures.trust import uncertainties as uncertainties
from ._figures.velocities import velocity_autocorrelation as velocity_autocorrelation

__all__ = [
    "arrhenius",
    "bond_partners",
    "conductivity",
    "density_map",
    "distillation",
    "energy_conservation",
    "lag_correlation",
    "migration_path",
    "msd",
    "msd_by_species",
    "radial_distribution",
    "repeated_estimates",
    "run_length",
    "stays",
    "temperature_distribution",
    "thermodynamics",
    "time_steps",
    "trails",
    "uncertainties",
    "velocity_autocorrelation",
]
