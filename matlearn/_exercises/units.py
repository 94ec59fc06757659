"""Units of the same quantity, and the factors that slips make: recognising a number in a wrong unit."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

_SAME = str.maketrans(
    {"Å": "A", "²": "2", "³": "3", "⁻": "-", "¹": "1", "µ": "u", "^": "", " ": ""}
)
_OWNERS = ("atom", "cell", "site", "f.u.", "formula", "ion", "molecule", "formulaunit", "vacancy")
_NUMBERLESS = ("", "%", "fraction", "1")


@dataclass(frozen=True)
class Slip:
    """A slip of unit or factor: what it multiplies the right value by, and what it is in words."""

    factor: float
    words: str
    rank: int
    """0 for units, which are believed first; then powers of ten, then small factors."""


@functools.cache
def tables() -> tuple[dict[str, float], ...]:
    """Units of one quantity each, in SI; constants from CODATA by way of SciPy.

    Examples
    --------
    >>> energy = tables()[0]
    >>> round(energy["eV"] / energy["kJ/mol"], 2)
    96.49
    """
    from scipy import constants

    e, mol, c, h, k = constants.e, constants.N_A, constants.c, constants.h, constants.k
    hartree = constants.physical_constants["Hartree energy"][0]
    bohr = constants.physical_constants["Bohr radius"][0]
    mass = constants.atomic_mass
    energy = {
        "eV": e, "meV": 1e-3 * e, "kJ/mol": 1e3 / mol, "kcal/mol": 1e3 * constants.calorie / mol,
        "Ha": hartree, "Ry": hartree / 2, "J": 1.0, "kB·K": k,
    }  # fmt: skip
    frequency = {
        "THz": 1e12 * h, "cm-1": 100 * c * h, "meV": 1e-3 * e, "rad/ps": 1e12 * h / (2 * math.pi),
        "Hz": h, "eV": e,
    }  # fmt: skip
    length = {"A": 1e-10, "nm": 1e-9, "pm": 1e-12, "Bohr": bohr, "m": 1.0, "cm": 1e-2}
    time = {"ps": 1e-12, "fs": 1e-15, "ns": 1e-9, "s": 1.0}
    diffusivity = {"cm2/s": 1e-4, "m2/s": 1.0, "A2/ps": 1e-8, "A2/fs": 1e-5, "nm2/ns": 1e-9}
    conductivity = {"S/cm": 100.0, "S/m": 1.0, "mS/cm": 0.1}
    pressure = {
        "GPa": 1e9, "eV/A3": e * 1e30, "kbar": 1e8, "bar": 1e5, "Pa": 1.0, "MPa": 1e6,
        "Ha/Bohr3": hartree / bohr**3,
    }  # fmt: skip
    force = {
        "eV/A": e * 1e10, "meV/A": e * 1e7, "Ha/Bohr": hartree / bohr, "Ry/Bohr": hartree / bohr / 2,
        "eV/Bohr": e / bohr, "eV/nm": e * 1e9, "nN": 1e-9,
    }  # fmt: skip
    stiffness = {
        "eV/A2": e * 1e20, "J/m2": 1.0, "meV/A2": e * 1e17, "N/m": 1.0, "Ha/Bohr2": hartree / bohr**2,
    }  # fmt: skip
    volume = {"A3": 1e-30, "nm3": 1e-27, "cm3": 1e-6, "Bohr3": bohr**3}
    density = {"g/cm3": 1e3, "kg/m3": 1.0, "u/A3": mass * 1e30}
    speed = {"km/s": 1e3, "A/ps": 100.0, "m/s": 1.0, "A/fs": 1e5}
    heat = {"W/mK": 1.0, "W/cmK": 100.0, "mW/mK": 1e-3}
    concentration = {"1/cm3": 1e6, "1/A3": 1e30, "1/m3": 1.0, "1/nm3": 1e27}
    inverse_time = {"1/ps": 1e12, "1/s": 1.0, "1/fs": 1e15, "1/ns": 1e9}
    inverse_length = {"1/A": 1e10, "1/nm": 1e9, "1/Bohr": 1 / bohr}
    capacity = {"kB": k, "J/molK": 1 / mol, "eV/K": e, "meV/K": 1e-3 * e}
    return (energy, frequency, length, time, diffusivity, conductivity, pressure, force, stiffness,
            volume, density, speed, heat, concentration, inverse_time, inverse_length,
            capacity)  # fmt: skip


def alternatives(unit: str) -> dict[str, float]:
    """Other units of the same quantity: by what a number in `unit` is multiplied to be in them.

    Parameters
    ----------
    unit
        Such as ``"eV/atom"``, ``"cm2/s"``, ``"GPa"``; an unknown one has no alternatives.

    Examples
    --------
    >>> alternatives("eV/atom")["meV/atom"]
    1000.0
    >>> alternatives("J/kB")
    {}
    """
    plain, ending = _split(unit)
    found: dict[str, float] = {}
    for table in tables():
        for name, value in table.items() if plain in table else ():
            factor = table[plain] / value
            if name != plain and abs(math.log(factor)) > 1e-9:
                found.setdefault(name if "/mol" in name else name + ending, float(f"{factor:.12g}"))
    return found


def slips(unit: str) -> list[Slip]:
    """Every slip that is recognised for a number in this unit."""
    found = []
    for name, factor in alternatives(unit).items():
        found.append(Slip(factor, f"it is in {name}, where {unit} is asked for: convert it", 0))
        back = (
            f"a conversion with {name} was done twice, or the wrong way round: {unit} is asked for"
        )
        found.append(Slip(1 / factor, back, 1))
    if unit.translate(_SAME) in _NUMBERLESS:
        percent, share = "it is in per cent", "it is a fraction"
        found.append(Slip(100.0, f"{percent}, where a plain fraction is asked for", 0))
        if unit == "%":
            found[-1] = Slip(0.01, f"{share}, where per cent is asked for", 0)
    for power in range(1, 13):
        for sign in (1, -1):
            ten = f"10^{sign * power}"
            words = f"it is off by a power of ten, {ten}: look at prefixes (milli, nano) and at exponents"
            found.append(Slip(10.0 ** (sign * power), words, 2))
    return found + [
        slip
        for factor, words in _FACTORS
        for slip in (
            Slip(factor, f"it is {words[0]} too large: {words[1]}", 3),
            Slip(1 / factor, f"it is {words[0]} too small: {words[1]}", 3),
        )
    ]


_FACTORS = (
    (2.0, ("twice", "is each pair counted once or twice, is it a radius or a diameter, one side or both?")),
    (3.0, ("three times", "are three directions added where they should be averaged, or the other way round?")),
    (4.0, ("four times", "is it for each atom or for a cell of four, is a factor of two squared?")),
    (6.0, ("six times", "how many dimensions, and how many directions, does the formula take?")),
    (math.pi, ("pi times", "look for a pi in the formula")),
    (2 * math.pi, ("2 pi times", "is it a frequency or an angular frequency, with or without 2 pi?")),
)  # fmt: skip


def recognise(value: float, reference: float, unit: str, rtol: float) -> str:
    """Say which slip turns the reference into this value, or nothing.

    Parameters
    ----------
    value, reference
        Of the same sign.
    unit
        The one that is asked for.
    rtol
        Relative tolerance; smaller factors are only believed within a tenth.

    Examples
    --------
    >>> recognise(231.0, 0.231, "eV", 0.02)
    'it is in meV, where eV is asked for: convert it'
    >>> recognise(0.5, 0.231, "eV", 0.02)
    ''
    """
    if value == 0 or reference == 0:
        return ""
    ratio = value / reference
    if ratio <= 0:
        return ""
    best: tuple[int, float, str] | None = None
    for slip in slips(unit):
        far = abs(math.log(ratio / slip.factor))
        within = math.log1p(rtol if slip.rank == 0 else min(rtol, 0.1))
        if far <= within and (best is None or (slip.rank, far) < best[:2]):
            best = (slip.rank, far, slip.words)
    return best[2] if best else ""


def temperature_slip(value: float, reference: float, unit: str, tolerance: float) -> str:
    """Say whether a temperature is on the other scale, or nothing.

    Examples
    --------
    >>> temperature_slip(26.85, 300.0, "K", 1.0)
    'it is in degrees Celsius, where kelvin is asked for: the scales differ by 273.15'
    """
    from scipy.constants import zero_Celsius

    if unit == "K" and abs(value - (reference - zero_Celsius)) <= tolerance:
        given, asked = "degrees Celsius", "kelvin"
    elif unit in ("C", "degC", "°C") and abs(value - (reference + zero_Celsius)) <= tolerance:
        given, asked = "kelvin", "degrees Celsius"
    else:
        return ""
    return f"it is in {given}, where {asked} is asked for: the scales differ by {zero_Celsius}"


def _split(unit: str) -> tuple[str, str]:
    """Cut "eV/atom" into "eV" and "/atom"; units as the tables spell them."""
    plain = unit.replace("angstrom", "A").translate(_SAME).replace("**", "").replace("Ang", "A")
    plain = plain.replace("W/(mK)", "W/mK").replace("W/m/K", "W/mK").replace("J/mol/K", "J/molK")
    head, slash, owner = plain.rpartition("/")
    if slash and owner in _OWNERS:
        return head, f"/{unit.rpartition('/')[2].strip()}"
    return plain, ""
