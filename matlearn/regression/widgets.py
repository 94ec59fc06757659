"""What can be turned, fitted and clicked in the regression chapter."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.widgets import interactive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.regression._live.model_explorer import ModelExplorer
    from matlearn.regression._live.path_explorer import PathExplorer
    from matlearn.regression._live.roc_explorer import RocExplorer
    from matlearn.regression.tasks import Task

__all__ = ["explore_models", "explore_paths", "explore_roc"]

_FEWEST = 20


def explore_models(
    task: Task,
    *,
    features: Any = None,
    models: Sequence[str] = ("ridge", "knn", "random-forest", "svm", "gradient-boosting"),
    max_samples: int = 700,
    seed: int = 0,
) -> ModelExplorer | Axes:
    """Choose a model and its settings, fit it, and see what it gets right: fold by fold, run by run.

    Each run is a five-fold cross-validation of the same samples. Points are predictions for samples
    that the model had not seen, and in the other colour what it says of those it had; the further
    the two clouds differ, the more it has learned by heart. Hovering shows the formula, clicking
    the crystal where the task has crystals, and the samples most like it. All runs stay beside one
    another. Choosing the best of many runs by the same folds flatters it: see nested
    cross-validation in :mod:`matlearn.regression.diagnostics`.

    Parameters
    ----------
    task : Task
        What is predicted.
    features : str or pandas.DataFrame, optional
        ``"magpie"`` (the default), ``"structure"``, ``"magpie+structure"``, or a table with a row
        for each sample of the task.
    models : sequence of str
        Names that :func:`matlearn.regression.make_model` knows.
    max_samples : int
        At most so many samples are drawn from the task.
    seed : int
        Which ones.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``model``, ``settings``, ``samples``, ``button``, ``runs``, ``to_frame()`` and the
        methods ``start``, ``stop`` and ``show``. Where widgets cannot run, the first model with
        its default settings: predictions, and its folds beside those of the mean.

    Raises
    ------
    TypeError
        If `task` is none.
    ValueError
        If a model is unknown or not for this kind of task, there are too few samples (20, and of
        each class 5), or the features do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from matlearn.regression.tasks import Task
    >>> x = np.linspace(0, 1, 30)
    >>> task = Task(name="line", kind="regression", label="length", unit="m",
    ...             ids=[str(i) for i in range(30)], formulas=["Cu"] * 30, target=3 * x)
    >>> ax = explore_models(task, features=pd.DataFrame({"x": x}), models=["ridge"])
    >>> ax.get_xlabel()
    'Reference length (m)'
    """
    from matlearn.regression._live.crossing import Samples
    from matlearn.regression.models import make_model
    from matlearn.regression.tasks import Task

    if not isinstance(task, Task):
        raise TypeError(
            f"task must be a Task, as load_task and first_task return, got {type(task).__name__}"
        )
    names = [models] if isinstance(models, str) else list(models)
    if not names:
        raise ValueError("models must name at least one model, got none")
    for name in names:
        make_model(name, task.kind)  # refuses what is unknown
    if max_samples < _FEWEST or len(task) < _FEWEST:
        raise ValueError(
            f"max_samples must be at least {_FEWEST}, and the task have as many samples, got "
            f"{max_samples} and {len(task)}"
        )
    rows = np.random.default_rng(seed).permutation(len(task))[:max_samples]
    part, inputs = _drawn(task, rows, features)
    part.folds(5)  # refuses classes that are too small
    if not interactive():
        return _still(part, inputs, names[0])
    from matlearn.regression._live.model_explorer import ModelExplorer

    samples = Samples(task.kind, rows, inputs, part.target)
    return ModelExplorer(task, samples, names, part.structures)


def _drawn(task: Task, rows: np.ndarray, features: Any) -> tuple[Task, Any]:
    """Some samples of a task, in the order of the rows, and their features."""
    from matlearn.regression._benchmark.inputs import resolve_inputs

    part = dataclasses.replace(
        task,
        ids=[task.ids[row] for row in rows],
        formulas=[task.formulas[row] for row in rows],
        target=task.target[rows],
        structures=None if task.structures is None else [task.structures[row] for row in rows],
        official=False,
    )
    if hasattr(features, "iloc"):
        table, _ = resolve_inputs(task, features, None)
        return part, table.iloc[rows].reset_index(drop=True)
    inputs, _ = resolve_inputs(part, "magpie" if features is None else features, None)
    return part, inputs


def _still(part: Task, inputs: Any, name: str) -> Axes:
    """Predictions of a model, and its folds beside those of the mean."""
    import matplotlib.pyplot as plt

    from matlearn.regression import features, plots
    from matlearn.regression.benchmark import run_matbench

    table = features.drop_constant(inputs)
    results = {
        model: run_matbench(part, model, features=table, workers=1, progress=False)
        for model in dict.fromkeys((name, "dummy"))
    }
    _, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    plots.fold_scores(results, ax=right)
    if part.kind == "regression":
        return plots.parity(results[name], ax=left)
    return plots.roc(results[name], ax=left)


def explore_paths(
    X: Any, y: Any, *, kind: str = "lasso", folds: int = 5, unit: str = "", seed: int = 0
) -> PathExplorer | Axes:
    """Move the penalty of a linear model, and see which coefficients are left, and at what price.

    LASSO takes features out one by one, ridge shrinks them all. Beside the paths of the
    coefficients stand the errors in test folds and on what was seen in training.

    Parameters
    ----------
    X : pandas.DataFrame or (n, p) array
        Features; constant ones are left out, the others brought to a standard deviation of 1.
    y : (n,) array of float
        What is predicted.
    kind : {"lasso", "ridge"}
        Which to begin with. The penalties are those of ``make_model(kind, alpha=...)``.
    folds : int
        Number of folds.
    unit : str
        Of `y`.
    seed : int
        For the folds.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``kind``, ``alpha`` and ``paths``. Where widgets cannot run, the paths and the errors
        with the best penalty marked.

    Raises
    ------
    ValueError
        If the kind is unknown, shapes do not fit, something is not finite, everything is
        constant, or there are too few samples.

    References
    ----------
    Tibshirani, J. R. Stat. Soc. B 58, 267 (1996); Hoerl and Kennard, Technometrics 12, 55 (1970).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(40, 3))
    >>> explore_paths(X, 2 * X[:, 0], unit="eV").get_ylabel()
    'Coefficient (eV)'
    """
    from matlearn.regression.linear import RegularisationPath, regularisation_path

    def make(which: str) -> RegularisationPath:
        return regularisation_path(X, y, kind=which, folds=folds, unit=unit, seed=seed)

    path = make(kind)
    if not interactive():
        return path.plot()
    from matlearn.regression._live.path_explorer import PathExplorer

    return PathExplorer(make, path)


def explore_roc(
    result: Any,
    scores: Any = None,
    *,
    threshold: float | None = None,
    classes: Sequence[str] | None = None,
) -> RocExplorer | Axes:
    """Move the threshold of a classifier, and see every measure follow, or not.

    The area below the ROC curve belongs to the scores, and no threshold changes it. When classes
    replace the scores, two straight lines through one point are left of the curve; the area below
    them is the balanced accuracy at that threshold. This is the number that matbench's leaderboard
    calls ``rocauc``.

    Parameters
    ----------
    result : MatbenchResult or (n,) array of bool
        A classification; or the true classes.
    scores : (n,) array of float, optional
        With true classes: probabilities of True, or distances from the boundary.
    threshold : float, optional
        Where to begin; where the classifier decides if left out.
    classes : sequence of two str, optional
        What False and True stand for.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``threshold`` and ``measures``. Where widgets cannot run, the curve with and without
        the threshold, and the confusion matrix.

    Raises
    ------
    TypeError, ValueError
        If there are no scores, or not both classes.

    References
    ----------
    Issues 137 and 181 of github.com/materialsproject/matbench.

    Examples
    --------
    >>> ax = explore_roc([False, False, True, True], [0.1, 0.6, 0.4, 0.9])
    >>> ax.get_legend().get_texts()[1].get_text()
    'threshold 0.5: area 0.500'
    """
    from matlearn.regression._figures.scored import scored

    data = scored(result, scores, threshold=threshold, classes=classes)
    if not interactive():
        import matplotlib.pyplot as plt

        from matlearn.regression import plots

        _, (left, right) = plt.subplots(1, 2, figsize=(11, 5))
        plots.confusion(result, scores, threshold=threshold, classes=classes, ax=right)
        return plots.roc(result, scores, threshold=threshold, thresholded=True, ax=left)
    from matlearn.regression._live.roc_explorer import RocExplorer

    return RocExplorer(data)
