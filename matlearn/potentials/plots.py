"""The figures of the potentials chapter: pairs, fits, costs, grades, and what warns of errors."""

from ._figures.curves import error_against_cost as error_against_cost
from ._figures.curves import learning_curve as learning_curve
from ._figures.descriptors import neighbourhood as neighbourhood
from ._figures.grades import error_against as error_against
from ._figures.grades import structure_by_grade as structure_by_grade
from ._figures.linear import grade_on_a_line as grade_on_a_line
from ._figures.linear import simplex as simplex
from ._figures.locality import force_response as force_response
from ._figures.pairs import energy_volume as energy_volume
from ._figures.pairs import pair_potential as pair_potential
from ._figures.progress import fit_overview as fit_overview
from ._figures.training import training_history as training_history

__all__ = [
    "energy_volume",
    "error_against",
    "error_against_cost",
    "fit_overview",
    "force_response",
    "grade_on_a_line",
    "learning_curve",
    "neighbourhood",
    "pair_potential",
    "simplex",
    "structure_by_grade",
    "training_history",
]
