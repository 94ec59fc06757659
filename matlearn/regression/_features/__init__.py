"""The parts of `matlearn.regression.features`. Private."""
