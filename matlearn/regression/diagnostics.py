"""How wrong a model is, where, and whether it knows: errors that can be believed."""

from __future__ import annotations

from matlearn.regression._diagnostics.calibrated import CalibratedEnsemble
from matlearn.regression._diagnostics.comparison import FoldComparison, compare_folds
from matlearn.regression._diagnostics.correlation import correlated_groups
from matlearn.regression._diagnostics.curves import LearningCurve, ValidationCurve
from matlearn.regression._diagnostics.error_bars import CalibratedUncertainty
from matlearn.regression._diagnostics.folds import corrected_std_error
from matlearn.regression._diagnostics.grouping import (
    formula_groups,
    grouped_folds,
    leave_one_element_out,
    whole_formulas,
)
from matlearn.regression._diagnostics.importance import (
    Importance,
    permutation_importance,
)
from matlearn.regression._diagnostics.learning import learning_curve, train_against_test
from matlearn.regression._diagnostics.nested import NestedResult, nested_cross_validation
from matlearn.regression._diagnostics.paired import ModelComparison, compare_models
from matlearn.regression._diagnostics.residuals import residuals_by_chemistry
from matlearn.regression._diagnostics.uncertainty import ensemble_uncertainty

__all__ = [
    "CalibratedEnsemble",
    "CalibratedUncertainty",
    "FoldComparison",
    "Importance",
    "LearningCurve",
    "ModelComparison",
    "NestedResult",
    "ValidationCurve",
    "compare_folds",
    "compare_models",
    "corrected_std_error",
    "correlated_groups",
    "ensemble_uncertainty",
    "formula_groups",
    "grouped_folds",
    "learning_curve",
    "leave_one_element_out",
    "nested_cross_validation",
    "permutation_importance",
    "residuals_by_chemistry",
    "train_against_test",
    "whole_formulas",
]
