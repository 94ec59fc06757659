"""The figures of the potentials chapter: grades, and errors beside what warns of them."""

from ._figures.grades import error_against as error_against
from ._figures.grades import structure_by_grade as structure_by_grade
from ._figures.linear import grade_on_a_line as grade_on_a_line
from ._figures.linear import simplex as simplex
from ._figures.training import training_history as training_history

__all__ = [
    "error_against",
    "grade_on_a_line",
    "simplex",
    "structure_by_grade",
    "training_history",
]
