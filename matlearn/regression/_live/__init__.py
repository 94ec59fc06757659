"""The boards behind `matlearn.regression.widgets`. Private."""
