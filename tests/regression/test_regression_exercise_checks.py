"""Checks of the regression exercises: what is right, what each known mistake is told, what is strange."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matlearn.exercises import Verdict
from matlearn.regression import puzzles
from matlearn.regression._checks import descriptors, errors, formulas, twins, vacancies
from matlearn.regression.checks import CHECKS

NUMBERS = ("1a", "1b", "1c", "2b", "2c", "2d", "3c", "3d", "4a", "4b", "4c", "4d", "4f")
PAIRS = ("1d", "2a", "3a")
LETTERS = {"1e": "b", "2e": "c", "3e": "c", "4g": "C"}


def judged(name: str, answer: Any) -> Verdict:
    return CHECKS[name].check(answer)


def test_every_question_has_three_hints_minutes_and_a_title() -> None:
    for exercise in CHECKS.values():
        assert len(exercise.hints) == 3
        assert exercise.minutes > 0
        assert exercise.title
        assert exercise.wants


@pytest.mark.parametrize(("name", "letter"), LETTERS.items())
def test_each_choice_has_its_own_explanation(name: str, letter: str) -> None:
    assert judged(name, letter).passed
    others = ["A", "B", "all", "none"] if name == "4g" else [one for one in "abcd" if one != letter]
    said = [judged(name, one) for one in others]
    assert not any(said)
    assert all(len(verdict.message) > 40 for verdict in said)
    assert "is wanted" in judged(name, "maybe").message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (1.23, "each element counts once"),
        (1.16, "squared"),
        (2.46, "the largest is taken less the smallest"),
        (1.8, "one stops at the mean"),
        (0.0, "with signs they add up to zero"),
    ],
)
def test_a_feature_by_hand(answer: float, words: str) -> None:
    amounts, pull = np.array([2, 1]) / 3, np.array([0.98, 3.44])
    assert judged("1a", (amounts * abs(pull - amounts @ pull)).sum()).passed
    verdict = judged("1a", answer)
    assert not verdict.passed
    assert words in verdict.message


def test_correlations_of_another_kind_are_told_apart() -> None:
    found = formulas.correlations()
    right = found.loc["MagpieData avg_dev Electronegativity"]
    assert judged("1b", right["spearman"]).passed
    assert "Pearson" in judged("1b", right["pearson"]).message
    assert "wrong sign" in judged("1b", -right["spearman"]).message
    assert "squared" in judged("1b", right["spearman"] ** 2).message


def test_nonsense_of_another_kind_is_told_apart() -> None:
    known = formulas.nonsense()
    assert judged("1c", known["right"]).passed
    assert "given to the compounds" in judged("1c", known["by sample"]).message
    assert "typical" in judged("1c", known["typical"]).message
    assert "all ten seeds" in judged("1c", known["largest"]).message


def test_counts_belong_to_their_own_yardsticks() -> None:
    known = formulas._counts()
    first, second = known["significant"], known["beyond"]
    assert judged("1d", (first, second)).passed
    assert "comes first" in judged("1d", (second, first)).message
    assert "0.05" in judged("1d", (known["loose"], second)).message
    assert "only positive" in judged("1d", (first, known["positive"])).message
    assert "fewer features" in judged("1d", (first, first)).message


def test_the_error_of_a_mean_is_not_the_spread_of_the_folds() -> None:
    folds = errors._run("random-forest").folds["mae"].to_numpy()
    mean, spread = folds.mean(), folds.std(ddof=1)
    assert judged("2a", (mean, spread * np.sqrt(1 / 5 + 9.4 / 37.6))).passed
    assert "spread of the folds is given" in judged("2a", (mean, spread)).message
    assert "taken as independent" in judged("2a", (mean, spread / 5**0.5)).message
    assert "number of folds" in judged("2a", (mean, spread / 5)).message
    assert "square" in judged("2a", (errors._run("random-forest").mean["rmse"], spread)).message


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda error: np.exp(error), "natural"),
        (lambda error: 10**error - 1, "without the one"),
        (lambda error: 10**-error, "turned over"),
        (lambda error: error, "error itself"),
        (lambda error: 518 * error, "in GPa"),
    ],
)
def test_an_error_of_a_logarithm_is_a_factor(wrong: Any, words: str) -> None:
    error = errors._run("random-forest").mean["mae"]
    assert judged("2b", 10**error).passed
    assert words in judged("2b", wrong(error)).message


def test_folds_are_not_independent_in_a_comparison_either() -> None:
    from scipy.stats import ttest_ind, ttest_rel

    a, b = (errors._run(name).folds["mae"] for name in ("random-forest", "lasso"))
    assert "independent" in judged("2c", ttest_rel(a, b).pvalue).message
    assert "unpaired" in judged("2c", ttest_ind(a, b).pvalue).message
    assert "itself is given" in judged("2c", (b - a).mean()).message


def test_diamond_must_not_be_seen() -> None:
    known = errors._diamond()
    assert judged("2d", 10 ** known["right"]).passed
    assert "logarithm is given" in judged("2d", known["right"]).message
    assert "among the training samples" in judged("2d", 10 ** known["seen"]).message
    assert "five folds" in judged("2d", 10 ** known["folds"]).message
    assert "LASSO" in judged("2d", 10 ** known["lasso"]).message


def test_slopes_of_other_lines_are_named() -> None:
    x, y = vacancies._xy(vacancies._oxides())
    slope = np.polyfit(x, y, 1)[0]
    assert judged("3a", (slope, 0.108)).passed
    assert "scaled" in judged("3a", (slope * x.std(), 0.108)).message
    assert "other way round" in judged("3a", (1 / np.polyfit(y, x, 1)[0], 0.108)).message
    assert "through zero" in judged("3a", ((x @ y) / (x @ x), 0.108)).message
    assert "scatter about the line is given" in judged("3a", (slope, 1.286)).message
    doubtful = np.polyfit(*vacancies._xy(vacancies._oxides(True)), 1)[0]
    assert "doubtful" in judged("3a", (doubtful, 0.108)).message


def test_impossible_oxides_need_the_metal_to_be_next() -> None:
    table = vacancies._oxides()
    below = table["vacancy_energy"] < -table["formation_energy"]
    right = table.index[table["metal_next"] & below]
    assert judged("3b", list(right)).passed
    assert judged("3b", right.to_numpy()).passed
    assert judged("3b", table.loc[right]).passed
    assert "lower oxide exists" in judged("3b", list(table.index[below])).message
    assert "*above*" in judged("3b", list(table.index[table["metal_next"] & ~below])).message
    assert "1 is missing" in judged("3b", list(right[1:])).message


@pytest.mark.parametrize(
    ("name", "known", "slips"),
    [
        ("3c", vacancies._cleaning, {"kept": "survived", "uncleaned": "nothing is cleaned"}),
        ("3d", vacancies._searching, {"praised": "praises itself", "line": "no search"}),
        ("4a", descriptors._choosing, {"leaked": "before the folds", "mean": "the mean"}),
        (
            "4d",
            lambda: twins.doubled()[1] | {"right": twins.doubled()[1]["honest"]},
            {"plain": "folds are plain", "text": "as text"},
        ),
        (
            "4f",
            lambda: twins._elastic() | {"right": twins._elastic()["noise"]},
            {
                "error": "error of the report",
                "wrong law": "C12 is taken off",
                "relative": "relative",
            },
        ),
    ],
)
def test_leaks_are_named(name: str, known: Any, slips: dict[str, str]) -> None:
    values = known()
    right = values["honest"] if name == "4a" else values["right"]
    assert judged(name, right).passed
    for key, words in slips.items():
        verdict = judged(name, values[key])
        assert not verdict.passed
        assert words in verdict.message


def test_shuffled_targets_must_be_seen_by_the_choice() -> None:
    known = descriptors._choosing()
    assert judged("4b", known["shuffled"]).passed
    assert "inside of the folds" in judged("4b", known["shuffled inside"]).message
    assert "after the choice" in judged("4b", known["shuffled late"]).message


def test_twins_are_counted_by_reduced_formula() -> None:
    known = twins.doubled()[1]
    assert judged("4c", known["share"]).passed
    assert "per cent" in judged("4c", 100 * known["share"]).message
    assert "as text" in judged("4c", 0.0).message
    assert judged("4d", known["by crystal"]).passed


def test_the_line_of_report_c_is_a_law() -> None:
    assert judged("4e", [0.3323, 0.6654, 0.0024]).passed
    assert judged("4e", twins._elastic()["through zero"]).passed
    assert "scaled" in judged("4e", twins._elastic()["scaled"]).message
    assert "three coefficients" in judged("4e", [1 / 3, 2 / 3]).message


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("answer", [None, "0.2 eV", np.nan, [0.1, 0.2], {"a": 1}, print])
def test_strange_answers_are_told_what_is_wanted(name: str, answer: Any) -> None:
    verdict = judged(name, answer)
    assert not verdict.passed
    assert "a number" in verdict.message


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("answer", [None, "0.2", 0.1, (0.1, np.nan), (1, 2, 3), (..., ...)])
def test_pairs_are_asked_for_where_pairs_are_wanted(name: str, answer: Any) -> None:
    verdict = judged(name, answer)
    assert not verdict.passed
    assert len(verdict.message) > 20


def test_descriptors_of_the_report_are_always_the_same() -> None:
    first = puzzles.descriptors(5)
    assert first.shape == (5, 2000)
    assert first.equals(puzzles.descriptors(5))
    with pytest.raises(ValueError, match="samples must be a positive whole number"):
        puzzles.descriptors(0)


def test_a_count_or_half_an_answer_is_met_half_way() -> None:
    table = vacancies._oxides()
    below = table["metal_next"] & (table["vacancy_energy"] < -table["formation_energy"])
    assert "now name them" in judged("3b", int(below.sum())).message
    assert "give both" in judged("2a", 0.143).message
