"""Behind `matlearn.transport.barriers`: end states, bands."""
