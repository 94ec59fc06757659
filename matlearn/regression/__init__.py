"""Regression: how well can a property be predicted from what a material is made of?

The thirteen matbench tasks (Dunn et al., npj Comput. Mater. 6, 138 (2020)) by the official protocol:
features from formulas and structures, models from the mean to a crystal-graph network, errors that
can be believed.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
