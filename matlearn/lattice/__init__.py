"""Lattice models: which atoms order, and at what temperature?

Structures are enumerated and relaxed, a cluster expansion (Sanchez, Ducastelle and Gratias,
Physica A 128, 334 (1984)) is fitted to them with icet and trainstation, and its thermodynamics and
kinetics are computed by Monte Carlo engines of matlearn's own.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
