"""The folds of the matbench protocol."""

from __future__ import annotations

import numpy as np

SEED = 18012019  # Dunn et al., npj Comput. Mater. 6, 138 (2020)


def official_folds(
    target: np.ndarray, kind: str, count: int = 5
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Folds as matbench makes them: shuffled, for classes with their shares kept.

    Parameters
    ----------
    target : numpy.ndarray
        Targets; of a regression only their number matters.
    kind : {"regression", "classification"}
        Kind of the task.
    count : int
        Number of folds; the official one is five.

    Returns
    -------
    list of tuple of numpy.ndarray
        Row numbers to train on and to test on, for each fold.

    Raises
    ------
    TypeError, ValueError
        If there cannot be so many folds.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
        raise TypeError(f"n must be a whole number of folds, got {count!r}")
    if count < 2:
        raise ValueError(f"n must be at least 2 folds, got {count}: one part is for the test")
    if count > len(target):
        raise ValueError(
            f"n = {count} folds need at least {count} samples, got {len(target)}: use fewer folds "
            "or more data"
        )
    if kind == "regression":
        splitter = KFold(count, shuffle=True, random_state=SEED)
        return list(splitter.split(target))
    positive = int(np.count_nonzero(target))
    fewest = min(positive, len(target) - positive)
    if fewest < count:
        raise ValueError(
            f"n = {count} folds need at least {count} samples of each class, got {positive} true "
            f"and {len(target) - positive} false: use fewer folds or more data"
        )
    stratified = StratifiedKFold(count, shuffle=True, random_state=SEED)
    return list(stratified.split(target, target))
