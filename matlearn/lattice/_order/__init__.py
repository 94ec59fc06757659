"""The parts of the observers of order. Private."""
