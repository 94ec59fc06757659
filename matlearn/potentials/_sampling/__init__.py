"""Making training sets: a fast effective-medium theory, and the ways to disturb a structure."""
