"""Diffusion coefficients of walks that are known exactly, beside kinisi: error, coverage, CPU time.

400 walks of each kind, unless said otherwise: 1,000 frames 0.1 ps apart, 50 ions, hops of 2.5 A
with a probability of 0.2 a frame. Promised: a root mean square error of at most 2.5 % and an error
that covers the truth in 60 to 76 % of the walks, at 1/100 of kinisi's CPU time. Where hops go back
amid vibrations, the mean squared displacement allows for 2.6 % (20 %) to 3.0 % (50 %) at best.

Usage: python tests/benchmarks/bench_transport.py [WALKS [FIRST SEED]]
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import numpy as np

from matlearn.transport import Trajectory, diffusion_coefficient, random_walk

KINDS: dict[str, dict[str, Any]] = {
    "lattice": {},
    "lattice, vibrating, drifting": {"vibration": 0.3, "drift": (3, 1, 0)},
    "face-centred": {"lattice": "fcc"},
    "Gaussian": {"kind": "gaussian"},
    "Gaussian, 4 : 2 : 1": {"kind": "gaussian", "anisotropy": (4, 2, 1)},
    "one axis dead": {"anisotropy": (3, 1, 0)},
    "two dimensions": {"axes": "xy"},
    "one dimension": {"axes": "x"},
    "5 % of hops go back": {"backward": 0.05},
    "10 % of hops go back": {"backward": 0.1},
    "20 % of hops go back": {"backward": 0.2},
    "30 % of hops go back": {"backward": 0.3},
    "50 % of hops go back": {"backward": 0.5},
    "70 % of hops go back": {"backward": 0.7},
    "20 % go back, vibrating": {"backward": 0.2, "vibration": 0.3},
    "50 % go back, vibrating": {"backward": 0.5, "vibration": 0.3},
    "200 frames": {"frames": 200},
    "1 ion": {"ions": 1},
    "4 ions": {"ions": 4},
    "8 ions": {"ions": 8},
    "8 ions, 20 % go back": {"ions": 8, "backward": 0.2},
    "rare hops": {"probability": 0.005, "vibration": 0.2},
    "500 ions, 40 walks": {"ions": 500},
    "20,000 frames, 40 walks": {"frames": 20_000, "ions": 20},
}


def known(walk: Trajectory, **options: Any) -> tuple[float, float, float, float]:
    """Give relative deviation and error (%), the start (ps) and the CPU time (ms)."""
    begin = time.process_time()
    found = diffusion_coefficient(walk, "Li", axes=walk.info["axes"], **options)
    spent = time.process_time() - begin
    exact = walk.info["diffusion"]
    return (
        100 * (found.value / exact - 1),
        100 * found.error / exact,
        found.window[0],
        1e3 * spent,
    )


def line(name: str, rows: list[tuple[float, float, float, float]]) -> str:
    """Sum up walks of one kind."""
    deviation, error, start, spent = np.array(rows).T
    covered = np.mean(np.abs(deviation) < error)
    return (
        f"{name:30s} {len(rows):4d} walks  bias {deviation.mean():+6.2f} %  "
        f"rms {np.sqrt(np.mean(deviation**2)):6.2f} %  quoted {error.mean():6.2f} %  "
        f"covers {100 * covered:3.0f} %  from {np.median(start):.1f} ps  {spent.mean():8.1f} ms"
    )


def walks(count: int, first: int) -> None:
    """Walks of all kinds by the default estimator."""
    for name, options in KINDS.items():
        number = count // 10 if "40 walks" in name else count
        rows = [known(random_walk(seed=first + seed, **options)) for seed in range(number)]
        print(line(name, rows), flush=True)
    for method in ("ols",):
        rows = [known(random_walk(seed=first + seed), method=method) for seed in range(count // 4)]
        print(line(f"lattice, {method}", rows), flush=True)
    rows = []
    for seed in range(count // 4):
        walk = random_walk(seed=first + seed)
        rows.append(known(walk, kind="collective"))
    print(line("lattice, collective", rows), flush=True)


def beside_kinisi(count: int, first: int) -> None:
    """The same few trajectories by both; kinisi's library is imported before."""
    try:
        import kinisi.analyze  # noqa: F401
    except ImportError:
        print("kinisi is not installed: nothing to compare with")
        return
    ours, theirs = [], []
    for seed in range(count):
        walk = random_walk(seed=first + seed)
        ours.append(known(walk))
        theirs.append(known(walk, method="kinisi"))
    print(line("ours", ours))
    print(line("kinisi 2.1, defaults", theirs))
    ratio = np.mean([row[3] for row in theirs]) / np.mean([row[3] for row in ours])
    print(f"kinisi's CPU time over ours: {ratio:.0f} (promised: 100)")


if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)
    given = [int(word) for word in sys.argv[1:]]
    count, first = (*given, *(400, 1)[len(given) :])
    diffusion_coefficient(random_walk(frames=100), "Li")  # compile
    walks(count, first)
    beside_kinisi(max(2, count // 100), first)
