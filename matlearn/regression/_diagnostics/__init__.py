"""The parts of `matlearn.regression.diagnostics`. Private."""
