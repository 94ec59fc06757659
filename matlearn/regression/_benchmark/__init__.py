"""The parts of `matlearn.regression.benchmark`. Private."""
