"""Behind `matlearn.phonons.plots`: one subject a module."""
