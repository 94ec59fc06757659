"""ATAT's files: read, written, and matched to icet's orbits. Private."""
