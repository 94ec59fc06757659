"""Behind structure, velocities and hopping: histograms, correlations, sites."""
