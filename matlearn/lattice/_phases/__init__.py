"""The parts of transitions, free energies and phase diagrams. Private."""
