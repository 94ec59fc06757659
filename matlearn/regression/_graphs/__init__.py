"""Crystals as graphs, and the layers that pass messages on them. Private."""
