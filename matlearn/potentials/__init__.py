"""Interatomic potentials: how is a potential-energy surface learned, and when must it not be trusted?

Moment tensor potentials trained by Levenberg and Marquardt's method, with extrapolation grades and
learning on the fly; equivariant networks by nequip, polynomials by pypolymlp and the universal
potential CHGNet, all with the same reports.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
