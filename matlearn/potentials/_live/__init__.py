"""Widgets of potentials. Private: `matlearn.potentials.widgets` is the way in."""
