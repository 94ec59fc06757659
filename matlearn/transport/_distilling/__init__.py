"""Behind `matlearn.transport.distillation`: rounds of learning, the report."""
