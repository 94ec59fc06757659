"""Exercises that check themselves: verdicts, the answers file, judging, building and grading."""
