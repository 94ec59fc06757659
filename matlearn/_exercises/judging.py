"""What checks are made of: each function looks at an answer and says what it sees.

``from matlearn.exercises import judge``. Everywhere a *reference* is a number or, better, a function
without arguments that computes it (once in each process), and a *mistake* is a number that a known
slip gives, or a function that computes it: without arguments, or from the reference.
"""

from matlearn._exercises.judging_arrays import array
from matlearn._exercises.judging_causes import causes
from matlearn._exercises.judging_choices import all_of, choice, members, that
from matlearn._exercises.judging_laws import function, invariant, sum_rule
from matlearn._exercises.judging_numbers import number
from matlearn._exercises.judging_pairs import pair

__all__ = [
    "all_of",
    "array",
    "causes",
    "choice",
    "function",
    "invariant",
    "members",
    "number",
    "pair",
    "sum_rule",
    "that",
]
