"""What can be turned and clicked in the potentials chapter."""

from ._live.grades import view_grades as view_grades

__all__ = ["view_grades"]
