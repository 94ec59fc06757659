"""What is said to answers of exercise 3: heat in a crystal of salt and in a powder."""

from __future__ import annotations

from typing import Any

from matlearn.exercises import Verdict, judge
from matlearn.phonons._checks import salt


def conductivity(answer: Any) -> Verdict:
    """Judge the conductivity at 300 K."""
    return judge.number(
        answer,
        lambda: salt.heat().at(300),
        unit="W/mK",
        rtol=0.003,
        mistakes={
            "it is that of 100 K": lambda: salt.heat().at(100),
            "the three directions are added up. It is their mean": lambda right: 3 * right,
            "the Born charges are left out": lambda: salt.heat(field=False).at(300),
            "the mesh is 7x7x7": lambda: salt.heat(mesh=7).at(300),
        },
        look="`phonons.thermal_conductivity(salt, mesh=9, temperatures=[100, 300]).at(300)`, no isotopes",
        right="relaxation times, mesh 9, no isotopes: say so whenever you quote it.",
    )


def optical_share(answer: Any) -> Verdict:
    """Judge what optical modes carry, in per cent."""
    return judge.number(
        answer,
        lambda: _share(),
        unit="%",
        rtol=0.03,
        mistakes={
            "it is the acoustic modes' share": lambda right: 100 - right,
            "modes are counted: half of them are optical": 50.0,
            "it is the share of the heat capacity, what they hold and not what they carry": _capacity,
            "equivalent wave vectors are counted twice: kappa has their weight already": _weighted,
            "the share is that of 100 K": lambda: _share(100),
            "bands above 3 are taken: counting begins at 0": lambda: _share(first=4),
        },
        look="bands 3, 4 and 5: their `kappa` over the sum of all `kappa`",
        right="they hold half of the heat, and are too slow and too short-lived to get anywhere with it.",
    )


def half(answer: Any) -> Verdict:
    """Judge the grain size that halves the conductivity."""
    return judge.number(
        answer,
        lambda: salt.half(),
        unit="nm",
        rtol=0.04,
        mistakes={
            "longer paths are cut off and shorter ones left whole: that is the median path. The rule "
            "takes a part of every mode": lambda: salt.median_path(),
            "it is done at 100 K": lambda: salt.half(100),
            "the plain mean of all mean free paths is taken": (
                lambda: float(salt.modes().mean_free_path.mean())
            ),
            "the factor is (1 + path/grain) squared, or the grain is taken for its half": (
                lambda right: 2 * right
            ),
        },
        look="solve sum of kappa / (1 + path / L) = half of the sum of kappa for L, mode by mode",
        right="a few dozen nanometres, though neighbours are less than 0.3 nm apart.",
    )


def gain(answer: Any) -> Verdict:
    """Judge what cooling brings to a powder."""
    return judge.number(
        answer,
        lambda: salt.powder(10, 100) / salt.powder(10, 300),
        rtol=0.03,
        mistakes={
            "it is that of the crystal. The grains are as small at 100 K": (
                lambda: salt.heat().at(100) / salt.heat().at(300)
            ),
            "300 K stands above and 100 K below": lambda right: 1 / right,
            "the paths are those of 300 K at both temperatures": _old_paths,
            "the grains are 10 A or 1 nm": lambda: salt.powder(1, 100) / salt.powder(1, 300),
            "the grains are 100 nm": lambda: salt.powder(100, 100) / salt.powder(100, 300),
        },
        look="kappa and mean free paths of each temperature, and grains of 10 nm for both",
        right="walls do not freeze: what is cut off at the border gains nothing from cooling.",
    )


def _share(kelvin: float = 300, first: int = 3) -> float:
    table = salt.modes(kelvin)
    return float(100 * table.kappa[table.band >= first].sum() / table.kappa.sum())


def _capacity() -> float:
    table = salt.modes()
    held = table.heat_capacity * table.weight
    return float(100 * held[table.band > 2].sum() / held.sum())


def _weighted() -> float:
    table = salt.modes()
    carried = table.kappa * table.weight
    return float(100 * carried[table.band > 2].sum() / carried.sum())


def _old_paths() -> float:
    cold, warm = salt.modes(100), salt.modes(300)
    if len(cold) != len(warm):
        return float("inf")
    left = cold.kappa.to_numpy() / (1 + warm.mean_free_path.to_numpy() / 10)
    return float(left.sum() / salt.powder(10, 300))
