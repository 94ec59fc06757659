"""Grading: submitted notebooks run in confined processes, and our own check cells judge what they leave."""
