"""Predicted against reference energies, forces and stresses: what differs, and by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

UNITS = {"energy": "eV", "energy_per_atom": "eV/atom", "forces": "eV/A", "stress": "GPa"}


@dataclass(frozen=True)
class Errors:
    """Differences of one quantity, in its unit (`UNITS`), as mlip-2 reports them."""

    count: int
    """Configurations compared; for forces, atoms."""
    maximal: float
    """Largest absolute difference: of a force its length, of a stress the Frobenius norm."""
    average: float
    """Mean absolute difference (of the same lengths and norms)."""
    rms: float
    """Root of the mean squared difference (of the same)."""
    relative_maximal: float
    """``maximal`` over the largest reference value, for forces and stress; else NaN."""
    relative_rms: float
    """``rms`` over the root mean square of the reference, for forces and stress; else NaN."""


@dataclass(frozen=True)
class ErrorReport:
    """Predicted against reference energies, forces and stresses.

    ``Max(ForceDiff) / Max(Force)`` and ``RMS(ForceDiff) / RMS(Force)`` of mlip-2's report
    (I. Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021)) are
    ``errors["forces"].relative_maximal`` and ``.relative_rms``.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = [bulk("Cu", a=a) for a in (3.5, 3.6)]
    >>> reference = single_points(cells, "emt", progress=False)
    >>> ErrorReport.from_images(reference, reference)
    ErrorReport(2 configurations, 2 atoms, RMS energy 0 meV/atom, forces 0 eV/A, stress 0 GPa)
    """

    configurations: int
    """Structures compared."""
    atoms: int
    """Atoms in them."""
    errors: dict[str, Errors]
    """By quantity: ``energy``, ``energy_per_atom``, ``forces``, ``stress``, where both have it."""
    metrics: dict[str, float]
    """``f_mae`` and ``f_rmse`` of force components in eV/A, and by element as ``H_f_mae``."""
    parity: dict[str, tuple[list[float], list[float]]] = field(repr=False)
    """Reference and predicted values: energy per atom, components of forces and stress (Voigt)."""
    elements: list[str] = field(repr=False)
    """The element of each force component in `parity`."""

    @classmethod
    def from_images(cls, reference: Iterable[Atoms], predicted: Iterable[Atoms]) -> ErrorReport:
        """Compare the results that two lists of the same structures carry.

        Parameters
        ----------
        reference, predicted
            ASE Atoms with results attached, in the same order. Energies are compared as they
            are: shift them to a common reference first where their zeros differ.

        Raises
        ------
        ValueError
            If the lists differ in length, a pair in its atoms, or there is nothing to compare.
        """
        pairs = _pairs(list(reference), list(predicted))
        energy = np.array([e for a, b in pairs if (e := _both(a, b, "energy")) is not None])
        sizes = np.array([len(a) for a, b in pairs if _both(a, b, "energy") is not None])
        forces = [(a, f) for a, b in pairs if (f := _both(a, b, "forces")) is not None]
        stress = [s for a, b in pairs if (s := _both(a, b, "stress")) is not None]
        errors: dict[str, Errors] = {}
        parity: dict[str, tuple[list[float], list[float]]] = {}
        metrics: dict[str, float] = {}
        elements: list[str] = []
        if len(energy):
            per_atom = energy / sizes[:, None]
            errors["energy"] = _errors(energy[:, 0], energy[:, 1], relative=False)
            errors["energy_per_atom"] = _errors(per_atom[:, 0], per_atom[:, 1], relative=False)
            parity["energy_per_atom"] = (per_atom[:, 0].tolist(), per_atom[:, 1].tolist())
        if forces:
            f_ref, f_new = (np.concatenate([f[i] for _, f in forces]) for i in (0, 1))
            errors["forces"] = _errors(f_ref, f_new)
            parity["forces"] = (f_ref.ravel().tolist(), f_new.ravel().tolist())
            symbols = np.concatenate([a.get_chemical_symbols() for a, _ in forces])
            elements = np.repeat(symbols, 3).tolist()
            metrics = _force_metrics(f_new - f_ref, symbols)
        if stress:
            s_ref, s_new = (np.array([s[i] for s in stress]) / units.GPa for i in (0, 1))
            weight = np.sqrt([1, 1, 1, 2, 2, 2])  # the norm of the 3 x 3 tensor
            errors["stress"] = _errors(s_ref * weight, s_new * weight)
            parity["stress"] = (s_ref.ravel().tolist(), s_new.ravel().tolist())
        if not errors:
            raise ValueError("nothing to compare: no quantity is known in both lists")
        atoms = sum(len(a) for a, _ in pairs)
        return cls(len(pairs), atoms, errors, metrics, parity, elements)

    def __repr__(self) -> str:
        parts = [f"{self.configurations} configurations", f"{self.atoms} atoms"]
        known = self.errors
        if "energy_per_atom" in known:
            parts.append(f"RMS energy {1000 * known['energy_per_atom'].rms:.3g} meV/atom")
        others = [name for name in ("forces", "stress") if name in known]
        parts += [f"{name} {known[name].rms:.3g} {UNITS[name]}" for name in others]
        return f"ErrorReport({', '.join(parts)})"

    def to_frame(self) -> pd.DataFrame:
        """Give the report as a table: a row a quantity, with its unit."""
        import pandas as pd

        rows = {name: {"unit": UNITS[name], **asdict(e)} for name, e in self.errors.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("quantity")

    def plot(
        self, quantity: str = "forces", *, by_element: bool = False, ax: Axes | None = None
    ) -> Axes:
        """Draw predicted against reference values.

        Parameters
        ----------
        quantity
            ``"energy_per_atom"``, ``"forces"`` or ``"stress"``.
        by_element
            Colour forces by element.
        ax
            Where to draw; a new figure where it is left out.

        Raises
        ------
        ValueError
            If the quantity was not compared.
        """
        from matlearn.plotting import parity

        if quantity not in self.parity:
            raise ValueError(f"quantity must be one of {', '.join(self.parity)}, got {quantity!r}")
        groups = self.elements if by_element and quantity == "forces" else None
        label = quantity.replace("_per_atom", "")
        x, y = self.parity[quantity]
        return parity(x, y, label=label, unit=UNITS[quantity], groups=groups, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ErrorReport:
        """Make a report from what `to_dict` gave."""
        values = dict(values)
        values["errors"] = {name: Errors(**e) for name, e in values["errors"].items()}
        values["parity"] = {name: (x, y) for name, (x, y) in values["parity"].items()}
        return cls(**values)


def _pairs(reference: list[Atoms], predicted: list[Atoms]) -> list[tuple[Atoms, Atoms]]:
    if len(reference) != len(predicted):
        raise ValueError(
            "reference and predicted must be as long as each other, "
            f"got {len(reference)} and {len(predicted)} structures"
        )
    for number, (a, b) in enumerate(zip(reference, predicted, strict=True)):
        if not np.array_equal(a.numbers, b.numbers):
            raise ValueError(f"structure {number} is {a.symbols} in one list, {b.symbols} in other")
    return list(zip(reference, predicted, strict=True))


def _both(a: Atoms, b: Atoms, what: str) -> tuple[Any, Any] | None:
    """Give a quantity of both structures without computing anything, None if one lacks it."""
    values = [atoms.calc.results.get(what) if atoms.calc is not None else None for atoms in (a, b)]
    return None if values[0] is None or values[1] is None else (values[0], values[1])


def _errors(reference: np.ndarray, predicted: np.ndarray, relative: bool = True) -> Errors:
    """Measure differences of numbers, or of vectors by their length."""

    def length(values: np.ndarray) -> np.ndarray:
        return np.abs(values) if values.ndim == 1 else np.linalg.norm(values, axis=1)

    delta, value = length(predicted - reference), length(reference)
    rms = float(np.sqrt(np.mean(delta**2)))
    ratios = (np.nan, np.nan)
    if relative:
        rms_value = float(np.sqrt(np.mean(value**2)))
        ratios = (
            float(delta.max() / value.max()) if value.max() > 0 else np.nan,
            rms / rms_value if rms_value > 0 else np.nan,
        )
    return Errors(len(delta), float(delta.max()), float(delta.mean()), rms, *ratios)


def _force_metrics(difference: np.ndarray, symbols: np.ndarray) -> dict[str, float]:
    """Measure force components, of all atoms and by element."""
    metrics = {}
    for name in ("", *dict.fromkeys(symbols.tolist())):
        chosen = difference[symbols == name] if name else difference
        prefix = f"{name}_" if name else ""
        metrics[f"{prefix}f_mae"] = float(np.abs(chosen).mean())
        metrics[f"{prefix}f_rmse"] = float(np.sqrt(np.mean(chosen**2)))
    return metrics
