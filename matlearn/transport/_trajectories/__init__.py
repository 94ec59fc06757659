"""How trajectories are checked, unwrapped, read and written."""
