"""Random numbers inside kernels: xoroshiro128+, whose whole state is two integers.

Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); the constants 24, 16, 37 are theirs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matlearn._compiling import compiled

State = NDArray[np.uint64]


def new_state(seed: int | np.random.SeedSequence) -> State:
    """Make the state of a generator from a seed.

    Parameters
    ----------
    seed
        A number of at least 0, or a `numpy.random.SeedSequence`.

    Returns
    -------
    ndarray of uint64, shape (2,)
        The state; kernels change it in place.

    Examples
    --------
    >>> state = new_state(0)
    >>> values = [uniform(state) for _ in range(1000)]
    >>> bool(0 <= min(values) < max(values) < 1)
    True
    """
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return np.asarray(sequence.generate_state(2, np.uint64), dtype=np.uint64)


@compiled(inline=True, allocates=False)
def uniform(state: State) -> float:
    """Draw a number from 0 (included) to 1 (excluded), 53 bits of it random."""
    s0 = state[0]
    s1 = state[1]
    drawn = s0 + s1
    s1 ^= s0
    state[0] = ((s0 << np.uint64(24)) | (s0 >> np.uint64(40))) ^ s1 ^ (s1 << np.uint64(16))
    state[1] = (s1 << np.uint64(37)) | (s1 >> np.uint64(27))
    return float(drawn >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled(inline=True, allocates=False)
def below(state: State, n: int) -> int:
    """Draw a whole number from 0 to n - 1."""
    return int(uniform(state) * n)
