"""The figures of the phonons chapter: forces, bands, modes, and who carries heat."""

from ._figures.bands import bands as bands
from ._figures.conduction import cumulative as cumulative
from ._figures.conduction import kappa as kappa
from ._figures.converging import convergence as convergence
from ._figures.densities import dos as dos
from ._figures.densities import heat_capacity as heat_capacity
from ._figures.forces import decay as decay
from ._figures.forces import forces as forces
from ._figures.modes import group_velocities as group_velocities
from ._figures.modes import lifetimes as lifetimes
from ._figures.motion import mode as mode

__all__ = [
    "bands",
    "convergence",
    "cumulative",
    "decay",
    "dos",
    "forces",
    "group_velocities",
    "heat_capacity",
    "kappa",
    "lifetimes",
    "mode",
]
