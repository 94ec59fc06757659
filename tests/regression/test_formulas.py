"""Formulas are read as chemists write them, and refused with an explanation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure

from matlearn.regression import features


@pytest.mark.parametrize(
    ("formula", "amounts"),
    [
        ("NaCl", {"Na": 1, "Cl": 1}),
        ("NaN", {"Na": 1, "N": 1}),
        ("Fe2O3", {"Fe": 2, "O": 3}),
        ("CO", {"C": 1, "O": 1}),
        ("Co", {"Co": 1}),
        ("Ca3(PO4)2", {"Ca": 3, "P": 2, "O": 8}),
        ("K4[Fe(CN)6]", {"K": 4, "Fe": 1, "C": 6, "N": 6}),
        ("{[Na(Cl)2]2}0.5", {"Na": 1, "Cl": 2}),
        ("CH3COOH", {"C": 2, "H": 4, "O": 2}),
        ("Ag0.5Ge1Pb1.75S4", {"Ag": 0.5, "Ge": 1, "Pb": 1.75, "S": 4}),
        ("Fe.95O", {"Fe": 0.95, "O": 1}),
        ("Li1e-2O2E1", {"Li": 0.01, "O": 20}),
        ("Er2Es", {"Er": 2, "Es": 1}),
        ("CuSO4·5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("K4[Fe(CN)6]*3H2O", {"K": 4, "Fe": 1, "C": 6, "N": 6, "H": 6, "O": 3}),
        ("CaSO4·0.5H2O", {"Ca": 1, "S": 1, "O": 4.5, "H": 1}),
        ("CuSO4.5 H2O", {"Cu": 1, "S": 1, "O": 5.5, "H": 2}),
        ("Na0.5H2O", {"Na": 0.5, "H": 2, "O": 1}),
        ("Fe₂O₃", {"Fe": 2, "O": 3}),
        (" Fe 2 O3 ", {"Fe": 2, "O": 3}),
        ("D2O", {"H": 2, "O": 1}),
        ("HTO", {"H": 2, "O": 1}),
        ("Cn", {"Cn": 1}),
    ],
)
def test_a_formula_gives_its_amounts(formula: str, amounts: dict[str, float]) -> None:
    assert features.parse(formula) == pytest.approx(amounts)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("Xx", r"'Xx' at character 1 is no element"),
        ("NaXyO", r"'Xy' at character 3 is no element"),
        ("nacl", r"'n' at character 1.*capital; did you mean NaCl\?"),
        ("NACL", r"did you mean NaCl\?"),
        ("fe2o3", r"did you mean Fe2O3\?"),
        ("co", r"did you mean Co or CO\?"),
        ("", "empty"),
        ("  ", "empty"),
        ("Fe0O", r"amount of Fe is 0 at character 3"),
        ("(Fe0.0)O", r"amount of Fe is 0.0"),
        ("(FeO)0", r"amount of a bracket is 0"),
        ("Fe1e999", "amount of Fe is 1e999"),
        ("(Fe1e-5)1e-5O", "zero once brackets are multiplied out"),
        ("Fe3+", r"'\+' at character 4: charges"),
        ("SO4^2-", r"'\^' at character 4: charges"),
        ("Fe³⁺", "charges"),
        ("Fe-2", "negative"),
        ("Ca(OH", r"'\(' at character 3 is never closed"),
        ("CaOH)2", r"'\)' at character 5 closes nothing"),
        ("[Fe(CN]6", r"'\]' at character 7 does not close '\('"),
        ("Fe()2", r"close at character 4 are empty"),
        ("2H2O", r"'2' at character 1 is an amount, but of no element"),
        ("Fe(2O)", r"'2' at character 4 is an amount"),
        ("Fe2.5.5", r"'\.' at character 6"),
        ("CuSO4.5H2O", r"two ways: write 'CuSO4·5H2O' .* 'CuSO4.5 H2O' for an amount of 4.5"),
        ("CuSO4·", "nothing follows"),
        ("CuSO4·0H2O", "amount of what follows a dot is 0"),
        ("Fe,O", r"',' at character 3 has no meaning"),
        ("Og", "not in Magpie's table of the elements, which ends at Cn"),
        ("Fe$_2$", "no meaning"),
    ],
)
def test_what_is_no_formula_is_refused_with_the_reason(formula: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        features.parse(formula)
    assert repr(formula) in str(error.value)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (float("nan"), "missing value.*keep_default_na=False"),
        (None, "missing value"),
        (pd.NA, "missing value"),
        (3.5, r"3.5 \(float\) is no formula"),
        (b"NaCl", "is no formula"),
        (np.array(["NaCl"]), "is no formula"),
        (Atoms("NaCl"), "get_chemical_formula"),
        (Structure(Lattice.cubic(3.0), ["Po"], [[0, 0, 0]]), "give its .composition"),
    ],
)
def test_what_is_no_text_is_refused_with_advice(given_: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        features.parse(given_)


def test_a_long_word_is_refused_without_guessing_for_ever() -> None:
    with pytest.raises(ValueError, match="capital"):
        features.parse("cosinus" * 40)


def test_a_composition_is_read_whatever_the_charges_of_its_ions() -> None:
    mixed = Composition({"Fe2+": 1, "Fe3+": 2, "O2-": 4})
    assert features.parse(mixed) == {"Fe": 3.0, "O": 4.0}
    with pytest.raises(ValueError, match="empty"):
        features.parse(Composition({}))
    with pytest.raises(ValueError, match="'Qa' in Qa"):
        features.parse(Composition({"Qa": 1}))


AMOUNT = st.one_of(st.integers(1, 99), st.floats(0.01, 99.0).map(lambda x: round(x, 3)))
SYMBOL = st.sampled_from([symbol for symbol in features.elements_table().index if symbol != "Cn"])
GROUP = st.lists(st.tuples(SYMBOL, AMOUNT), min_size=1, max_size=5).map(
    lambda pairs: "".join(f"{symbol}{amount}" for symbol, amount in pairs)
)


@settings(deadline=None)
@given(GROUP, GROUP, AMOUNT, st.sampled_from(["()", "[]", "{}"]))
def test_any_formula_is_read_as_pymatgen_reads_it(
    head: str, inside: str, amount: float, brackets: str
) -> None:
    formula = f"{head}{brackets[0]}{inside}{brackets[1]}{amount}"
    assert features.parse(formula) == pytest.approx(Composition(formula).get_el_amt_dict())


@settings(deadline=None)
@given(st.text(alphabet="NaClOFe()[]{}0123456789.e+-· xX", max_size=12))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        amounts = features.parse(text)
    except ValueError as error:
        assert len(str(error)) > len(repr(text)) + 10
    else:
        assert amounts
        assert all(0 < amount < np.inf for amount in amounts.values())


def test_all_bad_formulas_are_listed_in_one_error_with_their_index() -> None:
    given_ = pd.Series(["NaCl", "nacl", float("nan"), "Fe2O3", "Xx"], index=list("abcde"))
    with pytest.raises(ValueError, match="3 of 5 formulas cannot be read") as error:
        features.magpie(given_)
    lines = str(error.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == ["index b", "index c", "index e"]
    assert "missing value" in lines[1]


def test_a_long_list_of_bad_formulas_is_cut() -> None:
    with pytest.raises(ValueError, match="and 15 more") as error:
        features.magpie(["Xx"] * 20)
    assert len(str(error.value).splitlines()) == 7
    assert "row 4: 'Xx'" in str(error.value)
