"""Behind `matlearn.transport.plots`: one figure a module."""
