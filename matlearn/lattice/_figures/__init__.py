"""The figures of the lattice chapter. Private: :mod:`matlearn.lattice.plots` is the way in."""
