"""Behind `matlearn.transport.widgets`: one widget a module."""
