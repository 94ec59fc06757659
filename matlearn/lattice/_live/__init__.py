"""The parts of the lattice chapter's widgets. Private."""
