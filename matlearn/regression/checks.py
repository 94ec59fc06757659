"""The chapter's checks: what `matlearn.exercises.check("regression.1a", answer)` calls.

Examples
--------
>>> CHECKS["1a"].title
'A feature by hand'
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.regression._questions import colleagues, errors, formulas, vacancies

__all__ = ["CHECKS"]

CHECKS: dict[str, Exercise] = {
    **formulas.EXERCISES,
    **errors.EXERCISES,
    **vacancies.EXERCISES,
    **colleagues.EXERCISES,
}
