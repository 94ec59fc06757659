"""The parts of fitting: designs, methods, validation, selection, diagnosis, ground states. Private."""
