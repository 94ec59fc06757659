"""The parts of `matlearn.lattice.statistics`. Private."""
