"""Candidate structures, their relaxation with learning on the way, and the screens."""
