"""The sums that a Lennard-Jones energy is made of."""
