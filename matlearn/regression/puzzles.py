"""Things that exercises hand over to be judged, good or not.

Examples
--------
>>> descriptors(3).shape
(3, 2000)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["descriptors"]


def descriptors(samples: int) -> pd.DataFrame:
    """Give the descriptors that a colleague's report works with.

    They were made for the exercise "Too good"; what they are worth is what is to be found out
    there.

    Parameters
    ----------
    samples
        How many rows.

    Returns
    -------
    pandas.DataFrame
        2000 columns, ``"D0001"`` to ``"D2000"``; the same numbers whenever it is called.

    Raises
    ------
    ValueError
        If `samples` is no positive number.

    Examples
    --------
    >>> descriptors(47).columns[-1]
    'D2000'
    """
    import pandas as pd

    from matlearn.regression._checks.handed_over import table

    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise ValueError(f"samples must be a positive whole number, got {samples!r}")
    return pd.DataFrame(table(samples), columns=[f"D{number:04d}" for number in range(1, 2001)])
