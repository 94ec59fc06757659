"""Files that potentials are saved in."""
