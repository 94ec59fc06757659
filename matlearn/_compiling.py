"""Compile numeric kernels with numba, and keep the compiled code where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
from numba import types
from numba.extending import intrinsic

REORDER = {"reassoc", "contract", "nsz"}
"""Fast-math flags that let sums be reordered, and nothing else."""


def compiled(
    function: Callable[..., Any] | None = None,
    *,
    reorder: bool = False,
    inline: bool = False,
    allocates: bool = True,
) -> Callable[..., Any]:
    """Compile a kernel at its first call.

    Compiled code is kept in the user's cache folder; where nothing can be written (a read-only
    installation without ``NUMBA_CACHE_DIR``), it is compiled anew in each process instead.

    Parameters
    ----------
    function
        What to compile; arrays and numbers in, arrays and numbers out.
    reorder
        Let the compiler reorder sums (faster, and still the same result each time).
    inline
        Put the body into whatever calls it.
    allocates
        False promises that no array is made in it: numba then counts no references, which matters
        in a short loop over arrays of a named tuple (10 times as fast has been measured).

    Returns
    -------
    callable
        The compiled function.

    Examples
    --------
    >>> @compiled
    ... def squares(n):
    ...     total = 0
    ...     for k in range(n):
    ...         total += k * k
    ...     return total
    >>> squares(4)
    14
    """
    if function is None:
        return lambda given: compiled(given, reorder=reorder, inline=inline, allocates=allocates)
    options: dict[str, Any] = {"inline": "always"} if inline else {}
    if reorder:
        options["fastmath"] = REORDER
    if not allocates:
        options["_nrt"] = False
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder to keep compiled code in
        return numba.njit(**options)(function)


def _count_bits(_context: Any, _word: Any) -> Any:
    """Count the bits that are set in a 64-bit word: one instruction, inside kernels only."""

    def build(_context: Any, builder: Any, _signature: Any, words: Any) -> Any:
        return builder.ctpop(words[0])

    return types.int64(types.uint64), build


count_bits: Callable[[Any], Any] = cast(Any, intrinsic(_count_bits))
