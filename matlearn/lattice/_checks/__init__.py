"""The checks of the lattice chapter's exercises, an exercise a module."""
