"""Potentials trained on displaced supercells: settings, memory, and the kinds there are."""
