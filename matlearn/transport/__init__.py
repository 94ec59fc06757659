"""Transport: how fast do ions move?

Molecular dynamics that survives interruption, displacements and diffusion coefficients with honest
errors, Arrhenius laws and conductivities, potentials distilled from a universal teacher, and
barriers of single hops.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
