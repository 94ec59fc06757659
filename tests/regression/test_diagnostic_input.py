"""What the diagnostics refuse, and what they say; and that figures come with words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor

from matlearn.plotting import describe
from matlearn.regression import plots
from matlearn.regression.diagnostics import (
    compare_folds,
    compare_models,
    ensemble_uncertainty,
    learning_curve,
    nested_cross_validation,
    permutation_importance,
    train_against_test,
)

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0]


def curve(model=None, x=X, y=Y, **options):
    return learning_curve(
        Ridge() if model is None else model, x, y, sizes=[1.0], progress=False, **options
    )


def broken(array, value, place=(3, 1)):
    array = array.copy()
    array[place[: array.ndim]] = value
    return array


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": broken(Y, np.nan)}, "not finite in 1 of 40 rows .*row 3"),
        ({"y": broken(Y, np.inf)}, "missing or not finite"),
        ({"y": np.array([None, *Y[1:]], dtype=object)}, "the first is row 0"),
        ({"y": Y[:30]}, "as many rows, got 40 and 30"),
        ({"y": np.column_stack([Y, Y])}, "one target a sample"),
        ({"x": broken(X, np.nan)}, "columns 1 are not"),
        ({"x": pd.DataFrame(broken(X, np.inf), columns=list("abc"))}, "'b' are not"),
        ({"x": pd.DataFrame({"a": Y, "formula": "NaCl"})}, "'formula' do not"),
        ({"x": X[:, 0]}, r"X.reshape\(-1, 1\)"),
        ({"folds": 1}, "folds must be 2 or more"),
        ({"folds": 50}, "at most the 40 samples"),
        ({"folds": [([0, 1], [1, 2])]}, "1 rows are trained on and tested on"),
        ({"folds": [([0, 1], [40])]}, "rows beyond the 40 samples"),
        ({"folds": [([0, 1], [])]}, "not empty"),
        ({"folds": []}, "folds is empty"),
        ({"groups": np.arange(40) % 3}, "only 3 groups"),
        ({"groups": np.arange(30)}, "a label for each of 40"),
        ({"y": Y > 0}, "holds classes .* but Ridge is a regressor"),
        ({"model": LogisticRegression()}, "but LogisticRegression is a classifier"),
        ({"model": LogisticRegression(), "y": np.ones(40, dtype=int)}, "a single class"),
        ({"model": LogisticRegression(), "y": np.arange(40) < 3}, "class True has 3 samples"),
        ({"metric": "r2"}, "metric must be 'mae' or 'rmse' for a regression"),
        (
            {"model": LogisticRegression(), "y": Y > 0, "metric": "mae"},
            "'balanced_error' or 'error_rate'",
        ),
    ],
)
def test_bad_input_is_refused_in_words(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        curve(**arguments)


@pytest.mark.parametrize("model", [Ridge, 7])
def test_what_is_no_model_is_refused(model) -> None:
    with pytest.raises(TypeError, match="must be a name such as"):
        curve(model)


def test_formulas_are_no_features() -> None:
    with pytest.raises(TypeError, match="a list of str: features of formulas"):
        curve(x=["NaCl"] * 40)


def test_rows_that_may_not_belong_together_are_refused() -> None:
    frame = pd.DataFrame(X)
    with pytest.raises(ValueError, match="different indices"):
        curve(x=frame, y=pd.Series(Y)[::-1])
    assert curve(x=frame, y=pd.Series(Y)).summary()["folds"].iloc[0] == 5


def test_structures_are_rows_as_well() -> None:
    class Counting(KNeighborsRegressor):
        def fit(self, X, y):
            return super().fit([[len(one)] for one in X], y)

        def predict(self, X):
            return super().predict([[len(one)] for one in X])

    structures = [["Na"] * (k % 5 + 1) for k in range(40)]
    found = learning_curve(
        Counting(1), structures, [len(one) for one in structures], sizes=[1.0], progress=False
    )
    assert found.summary()["test_error"].iloc[0] == 0


def test_a_model_without_a_seed_gives_the_same_again() -> None:
    from sklearn.ensemble import ExtraTreesRegressor

    first, second = (curve(ExtraTreesRegressor(3)).summary() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_a_name_is_a_model() -> None:
    assert curve("ridge").model == "ridge"
    assert curve("knn", y=Y > 0).metric == "balanced_error"


def test_figures_say_in_words_what_they_show() -> None:
    import matplotlib.pyplot as plt

    formulas = [a + b for a in ("Li", "Na", "K", "Rb") for b in ("F", "Cl", "Br", "I", "O")] * 2
    folds = pd.DataFrame({"fold": [0, 1], "n_train": 20, "n_test": 20, "mae": [0.2, 0.3]})
    options = {"progress": False}
    results = {
        "samples": learning_curve(Ridge(), X, Y, sizes=[10, 30], **options),
        "alpha": train_against_test(Ridge(), X, Y, "alpha", [0.1, 1.0, 10.0], **options),
        "permuted": permutation_importance(Ridge(), X, Y, **options),
        "each fold. plain folds": compare_folds(
            Ridge(), X, Y, formulas, schemes=("plain", "system", "element"), min_count=8, **options
        ),
        "searches": nested_cross_validation(Ridge(), X, Y, {"alpha": [1.0, 2.0]}, **options),
        "less the first": compare_models(folds, folds),
        "90 % intervals": ensemble_uncertainty(
            LinearRegression(), X, Y, members=3, folds=2, calibration_size=0.5, **options
        ),
    }
    for words, result in results.items():
        ax = result.plot()
        assert words in describe(ax), words
        assert len(repr(result).splitlines()) == 1
        assert result.to_frame() is not result.to_frame()
        plt.close(ax.figure)
    assert "rank correlation" in describe(results["90 % intervals"].plot_errors(unit="eV"))


def test_curves_through_one_feature_have_the_errors_of_both_sides() -> None:
    x = np.arange(5.0)
    ax = plots.fits(
        {"nearest": KNeighborsRegressor(1), "line": LinearRegression()}, x, x**2,
        unseen=([0.4], [1.0]), xlabel="x (A)", ylabel="y (eV)",
    )  # fmt: skip
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[2] == "nearest: MAE 0.00 seen, 1.00 unseen"
    assert labels[3].startswith("line: MAE 1.60 seen")
    with pytest.raises(ValueError, match="models is empty"):
        plots.fits({}, x, x)
    with pytest.raises(ValueError, match="unseen must be equally long"):
        plots.fits({"line": LinearRegression()}, x, x, unseen=([1.0], []))
