"""The figures of the regression chapter: data, results, classifiers, and what models learned."""

from ._figures.classes import confusion as confusion
from ._figures.classes import precision_recall as precision_recall
from ._figures.classes import reliability as reliability
from ._figures.classes import roc as roc
from ._figures.inside import coefficients as coefficients
from ._figures.inside import partial_dependence as partial_dependence
from ._figures.ranking import leaderboard as leaderboard
from ._figures.scores import fold_scores as fold_scores
from ._figures.scores import parity as parity

__all__ = [
    "coefficients",
    "confusion",
    "fold_scores",
    "leaderboard",
    "parity",
    "partial_dependence",
    "precision_recall",
    "reliability",
    "roc",
]
