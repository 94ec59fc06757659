"""Heat conduction: the results of phono3py in units that people read."""
