"""Behind `matlearn.transport.dynamics`: forces, integrators, the file of a run."""
