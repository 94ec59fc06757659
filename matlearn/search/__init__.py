"""Structure search: which crystal is lowest, and does a universal potential find it?

Random structures (Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011)) are made,
relaxed with any ASE calculator, kept in a store that survives the process, and compared.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
