"""Moment tensor potentials: templates, structures as arrays, and their training."""
