"""Insides of learning on the fly."""
