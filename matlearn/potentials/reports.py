"""How good a potential is: the core's report, at hand where potentials are fitted."""

from matlearn.fitting import ErrorReport, Errors, FitResult, error_report

__all__ = ["ErrorReport", "Errors", "FitResult", "error_report"]
