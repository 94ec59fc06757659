"""The figures of the lattice chapter: fits, scans and runs, snapshots, phase diagrams, diffusion."""

from ._figures.energies import free_energy as free_energy
from ._figures.fits import cross_validation as cross_validation
from ._figures.fits import diagnosis as diagnosis
from ._figures.fits import ecis as ecis
from ._figures.fits import learning_curve as learning_curve
from ._figures.hulls import convex_hull as convex_hull
from ._figures.kinetics import diffusion as diffusion
from ._figures.kinetics import displacements as displacements
from ._figures.layers import snapshot as snapshot
from ._figures.phases import phase_diagram as phase_diagram
from ._figures.rates import arrhenius as arrhenius
from ._figures.rates import waiting_times as waiting_times
from ._figures.runs import trace as trace
from ._figures.scans import heat_capacity as heat_capacity
from ._figures.scans import hysteresis as hysteresis
from ._figures.scans import order_parameter as order_parameter

__all__ = [
    "arrhenius",
    "convex_hull",
    "cross_validation",
    "diagnosis",
    "diffusion",
    "displacements",
    "ecis",
    "free_energy",
    "heat_capacity",
    "hysteresis",
    "learning_curve",
    "order_parameter",
    "phase_diagram",
    "snapshot",
    "trace",
    "waiting_times",
]
