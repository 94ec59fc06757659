"""What the checks of the phonon exercises compute for themselves."""
