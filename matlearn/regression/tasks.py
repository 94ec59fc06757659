"""Tasks: what is to be predicted from what, for which materials, and by which folds it is tested.

Examples
--------
>>> import numpy as np
>>> from matlearn.regression import tasks
>>> task = tasks.Task(
...     name="density", kind="regression", label="density", unit="g/cm3",
...     ids=["a", "b", "c"], formulas=["NaCl", "MgO", "LiF"], target=np.array([2.16, 3.58, 2.64]),
... )
>>> [test.tolist() for train, test in task.folds(3)]
[[0], [1], [2]]
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._tasks import definitions as _definitions
from matlearn.regression._tasks import duplicates as _duplicates
from matlearn.regression._tasks import folding as _folding
from matlearn.regression._tasks import own as _own
from matlearn.regression._tasks import reading as _reading
from matlearn.regression._tasks.naming import full_name as _full_name

if TYPE_CHECKING:
    import pandas as pd
    from pymatgen.core import Structure

__all__ = ["Task", "first_task", "load_task"]


@dataclass(frozen=True, eq=False, repr=False)
class Task:
    """A property of materials to be predicted, with the materials for which it is known.

    Attributes
    ----------
    name : str
        Such as ``"matbench_phonons"``.
    kind : str
        ``"regression"`` or ``"classification"``.
    label, unit : str
        The property and its unit; ``""`` for classes and for pure numbers.
    ids : list of str
        One for each sample; of matbench the official ones, ``"mb-phonons-0001"`` and so on.
    formulas : list of str
        Formula of each sample, as published (for structures that of the cell: ``"K6S6"``).
    target : numpy.ndarray
        shape (n,), float in `unit`, or bool (True: yes).
    structures : list of pymatgen.core.Structure or None
        The crystals, where they were asked for.
    official : bool
        Whether this is a complete task of matbench, whose five folds are the official ones.
    """

    name: str
    kind: str
    label: str
    unit: str
    ids: list[str]
    formulas: list[str]
    target: np.ndarray
    structures: list[Structure] | None = None
    official: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("regression", "classification"):
            raise ValueError(f"kind must be 'regression' or 'classification', got {self.kind!r}")
        object.__setattr__(self, "target", _reading.checked_target(self.target, self.kind))
        for field in ("ids", "formulas", "structures"):
            values = getattr(self, field)
            if values is not None and len(values) != len(self.target):
                raise ValueError(
                    f"{field} must have one entry for each of the {len(self.target)} targets, "
                    f"got {len(values)}"
                )
        if len(set(self.ids)) < len(self.ids):
            twice = next(name for name, count in Counter(self.ids).items() if count > 1)
            raise ValueError(f"ids must be different from one another, got {twice!r} twice")

    def __len__(self) -> int:
        return len(self.target)

    def __repr__(self) -> str:
        unit = f" in {self.unit}" if self.unit else ""
        known = "formulas" if self.structures is None else "structures"
        if self.kind == "classification":
            unit = f", {np.count_nonzero(self.target)} of them yes"
        return f"Task({self.name}: {self.label}{unit}, {len(self)} {known})"

    def folds(self, n: int = 5) -> list[tuple[np.ndarray, np.ndarray]]:
        """Folds for cross-validation, by the protocol of matbench.

        Parameters
        ----------
        n : int
            How many; with five, the folds of a task of matbench are the official ones.

        Returns
        -------
        list of tuple of numpy.ndarray
            Row numbers to train on and to test on, for each fold.

        Raises
        ------
        TypeError, ValueError
            If there cannot be so many folds.
        """
        return _folding.official_folds(self.target, self.kind, n)

    def subset(self, n: int, seed: int = 0) -> Task:
        """Draw some samples at random, for a quicker look.

        Parameters
        ----------
        n : int
            How many; all of them returns the task itself.
        seed : int
            For the choice; the samples stay in their order.

        Returns
        -------
        Task
            Smaller, and no longer official.

        Raises
        ------
        TypeError, ValueError
            If there are not so many.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
            raise TypeError(f"n must be a whole number of samples, got {n!r}")
        if not 1 <= n <= len(self):
            raise ValueError(f"n must be from 1 to the {len(self)} samples of {self.name}, got {n}")
        if n == len(self):
            return self
        rows = np.sort(np.random.default_rng(seed).choice(len(self), size=n, replace=False))
        return dataclasses.replace(
            self,
            ids=[self.ids[row] for row in rows],
            formulas=[self.formulas[row] for row in rows],
            target=self.target[rows],
            structures=None if self.structures is None else [self.structures[i] for i in rows],
            official=False,
        )

    def to_frame(self) -> pd.DataFrame:
        """Table of the samples.

        Returns
        -------
        pandas.DataFrame
            Columns id, formula, target, and structure where there are structures.
        """
        import pandas as pd

        columns: dict[str, Any] = {
            "id": self.ids,
            "formula": self.formulas,
            "target": self.target,
        }
        if self.structures is not None:
            columns["structure"] = self.structures
        return pd.DataFrame(columns)

    def duplicates(self) -> pd.DataFrame:
        """List the formulas that occur more than once: polymorphs, or one crystal entered twice.

        Whoever predicts from the formula alone gives all of them one answer, so that half of
        `spread` is the least that the largest error can be. And where one of them is trained on
        while another is tested, the test is no honest one.

        Returns
        -------
        pandas.DataFrame
            One row a formula, the largest spread first. Columns: formula (reduced), count, lowest
            and highest target, spread (their difference; of classes 1 where they disagree).
            ``count.sum() / len(task)`` is the share of such samples.

        Raises
        ------
        ValueError
            If something is no formula.
        """
        return _duplicates.duplicates(self.ids, self.formulas, self.target)

    def beside(self, other: Task) -> pd.DataFrame:
        """Look up what another task says of the same formulas.

        Parameters
        ----------
        other : Task
            Any; the units are not compared.

        Returns
        -------
        pandas.DataFrame
            One row a formula that both hold, in the order in which it appears here. Columns:
            formula (reduced); target (here, the median where it occurs more than once); lowest,
            median, highest and count of the other's targets.

        Raises
        ------
        ValueError
            If something is no formula.
        """
        return _duplicates.beside(self, other)


def load_task(name: str, *, structures: bool = False, progress: bool = True) -> Task:
    """Load one of the thirteen tasks of matbench, or one made from the course's own data.

    Parameters
    ----------
    name : str
        With or without ``matbench_``: steels, jdft2d, phonons, expt_gap, dielectric, log_gvrh,
        log_kvrh, perovskites, mp_gap, mp_e_form, expt_is_metal, glass, mp_is_metal. Of our own
        crystals: cubic_log_gvrh, cubic_log_kvrh, cubic_gap, cubic_e_form, cubic_is_metal,
        cubic_lattice_constant.
    structures : bool
        Whether to load the crystal structures as well (through matminer, a larger download).
    progress : bool
        Whether downloads and reading show progress bars.

    Returns
    -------
    Task
        The samples in their official order.

    Raises
    ------
    ValueError
        If there is no such task, or it has no structures.
    matlearn.datasets.DatasetUnavailable, matlearn.datasets.DatasetCorrupted
        If the data cannot be had here.

    Examples
    --------
    >>> load_task("cubic_gap").unit
    'eV'
    """
    from matlearn import datasets

    full = _full_name(name)
    if full in _own.OWN:
        crystals = datasets.load(_own.DATASET, progress=progress)
        return Task(**_own.select(_own.OWN[full], crystals, structures=structures))
    if structures:
        _definitions.require_structures(full)
    task: Task = datasets.load(full, progress=progress, structures=structures)
    return task


def first_task(*names: str, structures: bool = False, progress: bool = True) -> Task:
    """Load the first of several tasks that can be had here, and say in a line what cannot.

    A notebook works on published data where they can be had, and on the course's own where not.

    Parameters
    ----------
    *names : str
        Names as in `load_task`, the preferred one first.
    structures : bool
        Whether the crystal structures are needed.
    progress : bool
        Whether downloads and reading show progress bars.

    Returns
    -------
    Task
        The first that can be had.

    Raises
    ------
    ValueError
        If no name is given, or one is unknown.
    matlearn.datasets.DatasetUnavailable
        If none can be had; the message is that of the last.

    Examples
    --------
    >>> first_task("cubic_gap", "expt_gap").name
    'cubic_gap'
    """
    from matlearn import datasets

    if not names:
        raise ValueError("names must hold at least one task, got none")
    full = [_full_name(name) for name in names]
    for name, follower in itertools.pairwise(full):
        try:
            return load_task(name, structures=structures, progress=progress)
        except datasets.DatasetCorrupted:
            raise
        except datasets.DatasetUnavailable:
            wanted = f"{name} {name}-structures" if structures else name
            print(
                f"{name} cannot be had here (no network, or MATLEARN_OFFLINE=1): going on with "
                f"{follower}. `matlearn data fetch {wanted}` fetches it later."
            )
    return load_task(full[-1], structures=structures, progress=progress)
