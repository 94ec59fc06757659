"""Tables in another order, folds that overlap, damaged files: said, and never computed with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from pymatgen.core import Structure
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression

from matlearn.regression import CrystalGraphNetwork, Task, load_task, make_model
from matlearn.regression.benchmark import MatbenchResult, run_matbench
from matlearn.regression.diagnostics import learning_curve, leave_one_element_out

FORMULAS = [f"{a}{b}{n}" for a in ("Na", "K", "Mg") for b in "FOSN" for n in (1, 2)]
IDS = [f"id-{i}" for i in range(24)]
TARGET = np.sin(np.arange(24.0))


def task(kind: str = "regression", name: str = "made up") -> Task:
    return Task(name, kind, "x", "", IDS, FORMULAS, TARGET if kind == "regression" else TARGET > 0)


def table(index: object = None) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).normal(size=(24, 3)), index=index)


def run(task: Task, model: object = "ridge", **options: object) -> MatbenchResult:
    return run_matbench(task, model, **{"progress": False, "workers": 1, "folds": 3, **options})


@pytest.mark.parametrize("index", [IDS, range(24)])
def test_a_table_in_another_order_is_refused_and_can_be_put_in_order(index) -> None:
    ordered = table(index)
    mixed = ordered.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="in the order of the task"):
        run(task(), features=mixed)
    again = run(task(), features=mixed.loc[list(index)])
    assert again.mean == run(task(), features=ordered).mean


def test_a_table_with_an_index_of_its_own_is_taken_row_by_row() -> None:
    other = run(task(), features=table(np.arange(24)[::-1] * 7 + 1))
    assert other.mean == run(task(), features=table()).mean


@pytest.mark.parametrize("as_list", [True, False])
def test_folds_that_leave_out_elements_are_sent_to_where_they_belong(as_list: bool) -> None:
    folds = leave_one_element_out(FORMULAS, min_count=2)
    given = list(folds.values()) if as_list else folds
    with pytest.raises(ValueError if as_list else TypeError, match=r"diagnostics\.compare_folds"):
        run(task(), folds=given)


@pytest.mark.parametrize(
    "folds",
    [[np.arange(24) < 9], [1, 2], [(np.arange(24) < 9, np.arange(24) >= 9)], [([0.5, 1], [2])]],
)
def test_folds_that_are_no_pairs_of_row_numbers_are_refused(folds: list[object]) -> None:
    with pytest.raises(ValueError, match=r"pairs|row numbers"):
        run(task(), folds=folds)


def test_training_on_a_single_class_is_refused_with_the_fold() -> None:
    true, false = np.flatnonzero(TARGET > 0), np.flatnonzero(TARGET <= 0)
    folds = [(np.r_[12:24], true[:3]), (true, false)]
    with pytest.raises(ValueError, match=r"folds\[1\] trains on a single class"):
        run(task("classification"), "knn", folds=folds)


def test_a_fold_without_a_measure_does_not_vanish_from_the_mean() -> None:
    true = np.flatnonzero(TARGET[12:] > 0) + 12  # tested alone: no balanced accuracy
    folds = [(np.r_[:12], true), (np.r_[12:24], np.r_[:12])]
    found = run(task("classification"), "knn", folds=folds)
    assert np.isnan([found.mean["balanced_accuracy"], found.std["roc_auc"]]).all()
    assert np.isfinite(found.mean["accuracy"])
    assert np.isfinite(found.folds.loc[1, "balanced_accuracy"])


class Backwards(ClassifierMixin, BaseEstimator):
    """Has its classes in another order than scikit-learn's own."""

    def fit(self, X, y):
        self.classes_ = np.array([True, False])
        return self

    def predict(self, X):
        return np.ones(len(X), dtype=bool)

    def predict_proba(self, X):
        return np.tile([0.9, 0.1], (len(X), 1))


def test_the_probability_is_that_of_true_wherever_it_stands() -> None:
    found = run(task("classification"), Backwards(), features=table())
    assert (found.predictions["probability"] == 0.9).all()


def test_damaged_files_are_named(tmp_path) -> None:
    run(task(), LinearRegression(), features=table(), store=tmp_path)
    (tmp_path / "fold-1.json").write_text('{"run": ')
    with pytest.raises(ValueError, match=r"fold-1\.json is no finished fold"):
        run(task(), LinearRegression(), features=table(), store=tmp_path)
    with pytest.raises(ValueError, match="no saved matbench result"):
        MatbenchResult.load(tmp_path / "fold-1.json")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("matbench_steels", "nobody published structures"),
        ("matbench_phonons", r"load_task\('matbench_phonons', structures=True\)"),
        ("cubic_gap", r"load_task\('cubic_gap', structures=True\)"),
        ("made up", "give the task structures"),
    ],
)
def test_missing_structures_are_asked_for_where_they_can_be_had(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run(task(name=name), features="structure")


def test_a_name_of_a_task_loads_what_the_model_takes() -> None:
    with pytest.raises(ValueError, match="nobody published structures"):
        run_matbench("steels", make_model("ridge"), features="structure", progress=False)
    with pytest.raises(ValueError, match="did you mean"):
        load_task("log_gvhr")


@pytest.fixture
def crystals() -> Task:
    cells = [Structure.from_ase_atoms(bulk("NaCl", "rocksalt", a=a)) for a in (5.0, 5.3, 5.6, 6.0)]
    ids = list("abcd")
    return Task("cells", "regression", "x", "", ids, ["NaCl"] * 4, np.arange(4.0), cells)


def test_features_of_structures_are_silent_where_progress_is_off(crystals: Task, capsys) -> None:
    run(crystals, features="structure", folds=2)
    assert capsys.readouterr().err == ""


def test_other_structures_are_another_run(crystals: Task, tmp_path) -> None:
    network = CrystalGraphNetwork(epochs=1, width=2, layers=1)
    first = run(crystals, network, features=None, folds=2, store=tmp_path)
    again = run(crystals, network, features=None, folds=2, store=tmp_path)
    assert again.predictions.equals(first.predictions)
    strained = [cell.copy() for cell in crystals.structures or ()]
    strained[2].apply_strain(0.01)
    other = dataclasses.replace(crystals, structures=strained)
    with pytest.raises(ValueError, match="another run"):
        run(other, network, features=None, folds=2, store=tmp_path)


class StoppedOnce(LinearRegression):
    """As a network does, ends its second fit where Ctrl-C is pressed, and keeps what it has."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        self.stop_reason_ = "interrupted" if self.fits == 2 else "all epochs done"
        return super().fit(X, y)


def test_an_interrupted_training_is_no_finished_fold(tmp_path) -> None:
    StoppedOnce.fits = 0
    with pytest.raises(KeyboardInterrupt):
        run(task(), StoppedOnce(), features=table(), store=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fold-0.json"]
    whole = run(task(), StoppedOnce(), features=table(), store=tmp_path)
    assert whole.mean == run(task(), LinearRegression(), features=table()).mean


def test_an_interrupted_training_is_no_point_of_a_curve() -> None:
    StoppedOnce.fits = 0
    options = {"folds": 3, "workers": 1, "progress": False}
    with pytest.raises(KeyboardInterrupt):
        learning_curve(StoppedOnce(), table().to_numpy(), TARGET, sizes=[10], **options)
