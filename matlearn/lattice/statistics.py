"""Means with honest errors from correlated samples, as a Markov chain gives them.

Neighbouring samples of a Monte Carlo run resemble each other, so the error of their mean is larger
than that of as many independent ones, by the square root of twice the autocorrelation time. What
follows from fluctuations (heat capacity, Binder cumulant) has its errors from a jackknife over
blocks that are longer than the memory.
"""

from matlearn.lattice._averages.autocorrelation import Autocorrelation as Autocorrelation
from matlearn.lattice._averages.autocorrelation import autocorrelation_time as autocorrelation_time
from matlearn.lattice._averages.autocorrelation import mean as mean
from matlearn.lattice._averages.blocking import Blocking as Blocking
from matlearn.lattice._averages.blocking import blocking as blocking
from matlearn.lattice._averages.equilibration import Equilibration as Equilibration
from matlearn.lattice._averages.equilibration import equilibration as equilibration
from matlearn.lattice._averages.fluctuations import binder_cumulant as binder_cumulant
from matlearn.lattice._averages.fluctuations import heat_capacity as heat_capacity
from matlearn.lattice._averages.fluctuations import jackknife as jackknife
from matlearn.lattice._averages.fluctuations import reweight as reweight
from matlearn.lattice._averages.fluctuations import susceptibility as susceptibility
from matlearn.lattice._averages.series import Estimate as Estimate

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
