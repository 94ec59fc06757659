"""What an active set is chosen with. Private: `matlearn.potentials.active` is the way in."""
