"""matlearn: machine learning for materials science by running the real thing.

Six chapters (``regression``, ``lattice``, ``potentials``, ``transport``, ``search``, ``phonons``)
over a small core (data sets, stores, calculators, figures, widgets). Everything is loaded on
first use, so ``import matlearn`` costs a few milliseconds.

Examples
--------
>>> import matlearn as ml
>>> ml.datasets.available().loc["lin2-pbe", "chapter"]
'search'
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
