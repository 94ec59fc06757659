"""Reader of the table of students: other levels, seeds and teachers of one conductor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load"]


def load(path: Path) -> pd.DataFrame:
    """Read the table.

    Parameters
    ----------
    path
        ``students.csv`` of ``data/transport/silver-sulfide-students``.

    Returns
    -------
    pandas.DataFrame
        ``teacher`` (version of CHGNet that labelled), ``level`` and ``seed`` of the student,
        ``images`` it was fitted to, ``forces_rms`` on them (eV/A), ``duration`` of its run (ps),
        ``value`` and ``error`` of D(Ag) (cm2/s), ``sulfur_msd`` after half the run (A2), ``note``.
    """
    import pandas as pd

    return pd.read_csv(path, dtype={"teacher": str}, keep_default_na=False, na_values={
        name: [""] for name in ("forces_rms", "duration", "value", "error", "sulfur_msd")
    })  # fmt: skip
