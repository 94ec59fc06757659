"""Phonons: how well does a crystal conduct heat?

Displaced supercells and their forces by any potential or from density-functional theory, force
constants of second and third order, bands, densities of states and thermal properties, and the
lattice thermal conductivity with what it is made of. phono3py, phonopy and symfc do the physics.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
