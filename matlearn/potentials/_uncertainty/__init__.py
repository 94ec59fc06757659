"""What indicators of error are made of. Private: `matlearn.potentials.uncertainty` is the way in."""
