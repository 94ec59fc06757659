"""Reduced formulas as pymatgen writes them, without importing it for one or two elements."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ase.data import atomic_numbers, chemical_symbols

# Pauling's scale (as in pymatgen); the order of the symbols in a formula comes from it.
_ELECTRONEGATIVITY = """
H 2.20 Li 0.98 Be 1.57 B 2.04 C 2.55 N 3.04 O 3.44 F 3.98 Na 0.93 Mg 1.31 Al 1.61 Si 1.90 P 2.19
S 2.58 Cl 3.16 K 0.82 Ca 1.00 Sc 1.36 Ti 1.54 V 1.63 Cr 1.66 Mn 1.55 Fe 1.83 Co 1.88 Ni 1.91 Cu
1.90 Zn 1.65 Ga 1.81 Ge 2.01 As 2.18 Se 2.55 Br 2.96 Kr 3.00 Rb 0.82 Sr 0.95 Y 1.22 Zr 1.33 Nb
1.60 Mo 2.16 Tc 1.90 Ru 2.20 Rh 2.28 Pd 2.20 Ag 1.93 Cd 1.69 In 1.78 Sn 1.96 Sb 2.05 Te 2.10 I
2.66 Xe 2.60 Cs 0.79 Ba 0.89 La 1.10 Ce 1.12 Pr 1.13 Nd 1.14 Pm 1.13 Sm 1.17 Eu 1.20 Gd 1.20 Tb
1.10 Dy 1.22 Ho 1.23 Er 1.24 Tm 1.25 Yb 1.10 Lu 1.27 Hf 1.30 Ta 1.50 W 2.36 Re 1.90 Os 2.20 Ir
2.20 Pt 2.28 Au 2.54 Hg 2.00 Tl 1.62 Pb 2.33 Bi 2.02 Po 2.00 At 2.20 Rn 2.20 Fr 0.70 Ra 0.90 Ac
1.10 Th 1.30 Pa 1.50 U 1.38 Np 1.36 Pu 1.28
"""
_WORDS = _ELECTRONEGATIVITY.split()
_X = dict(zip(_WORDS[::2], map(float, _WORDS[1::2]), strict=True))
_DIATOMIC = {"H", "N", "O", "F", "Cl"}
_ALKALI = {"Li", "Na", "K", "Rb", "Cs", "H"}  # their 1:1 oxides are peroxides: Li2O2, not LiO


def reduced_formula(numbers: Iterable[int]) -> tuple[str, int]:
    """Return the reduced formula of a cell and how many formula units it holds.

    Parameters
    ----------
    numbers : iterable of int
        Atomic numbers of all atoms of the cell.

    Returns
    -------
    formula : str
        As ``pymatgen.core.Composition.reduced_formula`` writes it: ``"LiN2"``, ``"N2"`` for
        nitrogen. Where that would mean half a unit (an odd number of nitrogen atoms) the plain
        ratio is used: ``"N"``.
    formula_units : int

    Examples
    --------
    >>> reduced_formula([7, 3, 7, 7, 3, 7])
    ('LiN2', 2)
    >>> reduced_formula([7, 7]), reduced_formula([7, 7, 7])
    (('N2', 1), ('N', 3))
    """
    return _reduced(tuple(numbers))


@lru_cache(maxsize=4096)
def _reduced(numbers: tuple[int, ...]) -> tuple[str, int]:
    amounts = {chemical_symbols[z]: count for z, count in Counter(map(int, numbers)).items()}
    units = math.gcd(*amounts.values())
    if len(amounts) > 2:
        return _with_pymatgen(amounts), units
    halved = set(amounts) <= _DIATOMIC and len(amounts) == 1
    halved |= len(amounts) == 2 and len(set(amounts.values())) == 1 and _is_peroxide(amounts)
    if halved and units % 2 == 0:
        units //= 2
    symbols = sorted(amounts, key=lambda s: (_X.get(s, math.inf), s))
    return "".join(f"{s}{_count(amounts[s] // units)}" for s in symbols), units


def _is_peroxide(amounts: Mapping[str, int]) -> bool:
    return "O" in amounts and bool(set(amounts) & _ALKALI)


def _count(n: int) -> str:
    return "" if n == 1 else str(n)


def _with_pymatgen(amounts: Mapping[str, int]) -> str:
    from pymatgen.core import Composition

    return str(Composition(dict(amounts)).reduced_formula)


def parse_formula(formula: str) -> dict[str, int]:
    """Return element symbols and counts of a formula without brackets.

    Parameters
    ----------
    formula : str
        Such as ``"LiN2"``.

    Returns
    -------
    dict
        Symbol to count, in the order of the formula.

    Raises
    ------
    ValueError
        If the text is no formula, a count is 0 or a symbol is no element's.

    Examples
    --------
    >>> parse_formula("Li3N")
    {'Li': 3, 'N': 1}
    """
    if not isinstance(formula, str) or not re.fullmatch(r"([A-Z][a-z]?\d*)+", formula):
        raise ValueError(
            f"formula must be element symbols and whole numbers such as 'LiN2', got {formula!r}"
        )
    amounts: dict[str, int] = {}
    for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        if atomic_numbers.get(symbol, 0) < 1:
            raise ValueError(f"formula {formula!r} holds {symbol!r}, which is no element's symbol")
        if count and int(count) == 0:
            raise ValueError(f"formula {formula!r} holds 0 atoms of {symbol}")
        amounts[symbol] = amounts.get(symbol, 0) + int(count or 1)
    return amounts
