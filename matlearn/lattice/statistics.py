"""Means with honest errors from correlated samples, as a Markov chain gives them.

Neighbouring samples of a Monte Carlo run resemble each other, so the error of their mean is larger
than that of as many independent ones, by the square root of twice the autocorrelation time. What
follows from fluctuations (heat capacity, Binder cumulant) has its errors from a jackknife over
blocks that are longer than the memory.
"""

from ._autocorrelation import Autocorrelation as Autocorrelation
from ._autocorrelation import autocorrelation_time as autocorrelation_time
from ._autocorrelation import mean as mean
from ._blocking import Blocking as Blocking
from ._blocking import blocking as blocking
from ._equilibration import Equilibration as Equilibration
from ._equilibration import equilibration as equilibration
from ._fluctuations import binder_cumulant as binder_cumulant
from ._fluctuations import heat_capacity as heat_capacity
from ._fluctuations import jackknife as jackknife
from ._fluctuations import reweight as reweight
from ._fluctuations import susceptibility as susceptibility
from ._series import Estimate as Estimate

__all__ = [
    "Autocorrelation",
    "Blocking",
    "Equilibration",
    "Estimate",
    "autocorrelation_time",
    "binder_cumulant",
    "blocking",
    "equilibration",
    "heat_capacity",
    "jackknife",
    "mean",
    "reweight",
    "susceptibility",
]
