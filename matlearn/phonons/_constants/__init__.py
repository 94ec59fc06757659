"""Force constants: how they are found, judged, kept, and what follows from the harmonic ones."""
