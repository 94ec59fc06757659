"""The chapter's checks: what `matlearn.exercises.check("potentials.1a", answer)` calls.

Examples
--------
>>> CHECKS["1a"].title
'A bond in a crystal'
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._questions import argon, lithium, selection
from matlearn.potentials._questions import colleagues as diagnosis

__all__ = ["CHECKS"]

CHECKS: dict[str, Exercise] = {
    **argon.EXERCISES,
    **lithium.EXERCISES,
    **selection.EXERCISES,
    **diagnosis.EXERCISES,
}
