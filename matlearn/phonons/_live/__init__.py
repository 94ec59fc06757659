"""Behind `matlearn.phonons.widgets`: one widget a module."""
