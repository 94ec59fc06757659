"""The parts of `matlearn.regression.tasks`. Private."""
