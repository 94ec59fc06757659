"""The estimators behind `matlearn.regression.models`. Private."""
