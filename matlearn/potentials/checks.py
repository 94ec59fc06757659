"""The chapter's checks: what `matlearn.exercises.check("potentials.1a", answer)` calls.

Examples
--------
>>> CHECKS["1a"].title
'A bond in a crystal'
"""

from __future__ import annotations

from matlearn.exercises import Exercise
from matlearn.potentials._questions import argon, colleagues, lithium, selection

__all__ = ["CHECKS"]

CHECKS: dict[str, Exercise] = {
    **argon.EXERCISES,
    **lithium.EXERCISES,
    **selection.EXERCISES,
    **colleagues.EXERCISES,
}
