"""The published results of matbench v0.1, a selection (leaderboard.csv).

Numbers: the result pages of https://github.com/materialsproject/matbench, January 2024. Mean and
population standard deviation of a fold's mean absolute error, or balanced accuracy, over the five
official folds. The column that the pages call "rocauc" is balanced accuracy: the package turns
probabilities into classes before it computes the area under the curve (issues 137 and 181 there).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matlearn.regression._tasks.naming import full_name

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.regression.tasks import Task

FILE = Path(__file__).with_name("leaderboard.csv")


def leaderboard(task: str | Task) -> pd.DataFrame:
    """Look up what others reached on a task of matbench, the best first.

    A selection of the leaderboard: the dummy, the random forest of the benchmark's authors, their
    automatic pipeline, well-known networks, and the best of January 2024. CGCNN on mp_is_metal and
    MODNet on glass are far better than their kin and look suspicious.

    Parameters
    ----------
    task : str or Task
        As in `matlearn.regression.load_task`. Nobody published results for the tasks made from the
        course's own crystals, or from a table of yours: their frame is empty.

    Returns
    -------
    pandas.DataFrame
        Indexed by algorithm. Columns: mean and std (population standard deviation over the five
        folds; in the task's unit); metric (``"mae"``, or ``"balanced_accuracy"``, which the
        leaderboard calls "rocauc"); year and source of the algorithm's paper.

    Raises
    ------
    ValueError
        If there is no such task.

    References
    ----------
    Dunn et al., npj Comput. Mater. 6, 138 (2020), and the result pages of the matbench repository.

    Examples
    --------
    >>> leaderboard("steels")[["mean", "std"]].round(1).head(3)
                       mean   std
    algorithm
    TPOT-Mat           80.0  13.6
    MODNet (v0.1.12)   87.8  12.2
    AMMExpress v2020   97.5  13.8
    """
    import pandas as pd

    name = full_name(task) if isinstance(task, str) else task.name
    table = pd.read_csv(FILE)
    chosen = table[table["task"] == name.removeprefix("matbench_")].set_index("algorithm")
    chosen = chosen[["mean", "std", "metric", "year", "source"]]
    lower_is_better = bool((chosen["metric"] == "mae").all())
    return chosen.sort_values("mean", ascending=lower_is_better)
