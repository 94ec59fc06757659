"""The figures of the regression chapter: data, results, classifiers, and what models learned."""

from ._figures.calibration import calibration as calibration
from ._figures.calibration import error_against_uncertainty as error_against_uncertainty
from ._figures.calibration import residuals as residuals
from ._figures.classes import confusion as confusion
from ._figures.classes import precision_recall as precision_recall
from ._figures.classes import reliability as reliability
from ._figures.classes import roc as roc
from ._figures.data import distribution as distribution
from ._figures.data import in_order as in_order
from ._figures.data import repeated_formulas as repeated_formulas
from ._figures.data import same_formulas as same_formulas
from ._figures.diagnostics import importance as importance
from ._figures.diagnostics import learning_curve as learning_curve
from ._figures.diagnostics import validation_curve as validation_curve
from ._figures.features import feature_against_target as feature_against_target
from ._figures.features import feature_correlation as feature_correlation
from ._figures.features import feature_ranking as feature_ranking
from ._figures.folds import fold_comparison as fold_comparison
from ._figures.folds import nested as nested
from ._figures.folds import paired as paired
from ._figures.graphs import crystal_graph as crystal_graph
from ._figures.inside import coefficients as coefficients
from ._figures.inside import partial_dependence as partial_dependence
from ._figures.linear import coefficient_spread as coefficient_spread
from ._figures.linear import fitted_line as fitted_line
from ._figures.linear import regularisation_path as regularisation_path
from ._figures.networks import training_history as training_history
from ._figures.one_feature import fits as fits
from ._figures.periodic import element_map as element_map
from ._figures.ranking import leaderboard as leaderboard
from ._figures.scores import fold_scores as fold_scores
from ._figures.scores import parity as parity
from ._figures.several_curves import learning_curves as learning_curves

__all__ = [
    "calibration",
    "coefficient_spread",
    "coefficients",
    "confusion",
    "crystal_graph",
    "distribution",
    "element_map",
    "error_against_uncertainty",
    "feature_against_target",
    "feature_correlation",
    "feature_ranking",
    "fits",
    "fitted_line",
    "fold_comparison",
    "fold_scores",
    "importance",
    "in_order",
    "leaderboard",
    "learning_curve",
    "learning_curves",
    "nested",
    "paired",
    "parity",
    "partial_dependence",
    "precision_recall",
    "regularisation_path",
    "reliability",
    "repeated_formulas",
    "residuals",
    "roc",
    "same_formulas",
    "training_history",
    "validation_curve",
]
