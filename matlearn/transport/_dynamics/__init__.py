"""Behind `matlearn.transport.dynamics`: integrators, records, checkpoints."""
