"""Structure features, computed by a process of its own so that a test can kill it.

Usage: killed_features.py CACHE WORKERS
"""

from __future__ import annotations

import sys
import time

from ase.build import bulk

from matlearn.regression import features
from matlearn.regression._features import structure_cache, structures


def slow(job: tuple) -> list:
    time.sleep(0.05)
    return real(job)


if __name__ == "__main__":
    structure_cache._COMMIT_EVERY = 0.2
    real, structures.featurize = structures.featurize, slow
    crystals = [bulk("Cu", a=3.0 + 0.01 * number) for number in range(200)]
    features.structure(
        crystals, featurizers=["density"], cache=sys.argv[1], workers=int(sys.argv[2])
    )
