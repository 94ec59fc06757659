"""The figures behind `matlearn.regression.plots`. Private."""
