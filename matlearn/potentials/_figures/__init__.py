"""How the figures of potentials are drawn. Private: `matlearn.potentials.plots` is the way in."""
