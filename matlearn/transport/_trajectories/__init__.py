"""Behind `matlearn.transport.trajectories`: files, unwrapping, checks."""
