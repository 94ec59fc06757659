"""Which phases are stable: formation energies and the convex hull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn._hulls import lowest_mixtures
from matlearn._structures import as_atoms

from ._entries import entries_frame, labels_of
from ._formula import parse_formula, reduced_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_STABLE = 1e-9  # eV/atom; closer to the hull than this is on it


@dataclass(frozen=True, repr=False)
class Hull:
    """Formation energies of phases and their distances from the convex hull.

    Attributes
    ----------
    elements : tuple of str
        The components, in the order of the columns ``x_<element>``.
    references : dict
        Element -> label of the phase that its zero of energy comes from (the lowest given).
    stable : tuple of str
        Labels of the phases on the hull, the references included.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "formula": ["Li", "N2", "Li3N", "LiN3"], "energy_per_atom": [-1.9, -8.3, -4.0, -6.8]})
    >>> convex_hull(entries)
    Hull(Li-N, 4 phases, 3 stable: Li, N2, Li3N)
    """

    elements: tuple[str, ...]
    references: dict[str, str]
    stable: tuple[str, ...]
    _table: pd.DataFrame = field(compare=False)
    _decompositions: tuple[dict[str, float], ...] = field(compare=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a phase, in the order given.

        Returns
        -------
        DataFrame
            ``label``, ``formula``, ``n_atoms``, ``energy_per_atom`` (eV/atom),
            ``formation_energy`` (eV/atom, from the references), ``energy_above_hull``
            (eV/atom, 0 where stable), ``stable`` (bool), ``x_<element>`` (atomic fractions).
        """
        return self._table.copy()

    @property
    def formation_energy(self) -> pd.Series:
        """Formation energy of each phase by its label, in eV/atom from the references."""
        return self._table.set_index("label")["formation_energy"]

    @property
    def energy_above_hull(self) -> pd.Series:
        """Distance of each phase from the hull by its label, in eV/atom; 0 where stable."""
        return self._table.set_index("label")["energy_above_hull"]

    def decomposition(self, label: str) -> dict[str, float]:
        """Return what a phase falls apart into at equilibrium.

        Parameters
        ----------
        label : str

        Returns
        -------
        dict
            Label of a stable phase -> fraction of the atoms that goes into it (they sum to 1);
            a stable phase is its own decomposition.

        Raises
        ------
        ValueError
            If no phase has this label.
        """
        labels = self._table["label"].tolist()
        if label not in labels:
            raise ValueError(f"label must be one of {', '.join(labels)}; got {label!r}")
        return dict(self._decompositions[labels.index(label)])

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the hull; see `matlearn.search.plots.convex_hull`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        **options
            Handed on.

        Returns
        -------
        matplotlib Axes
        """
        from . import plots

        return plots.convex_hull(self, ax=ax, **options)

    def __repr__(self) -> str:
        names = ", ".join(self.stable[:6]) + (", ..." if len(self.stable) > 6 else "")
        return (
            f"Hull({'-'.join(self.elements)}, {len(self._table)} phases, "
            f"{len(self.stable)} stable: {names})"
        )


def convex_hull(entries: pd.DataFrame | Iterable[Any]) -> Hull:
    """Compute formation energies and the convex hull of any number of components.

    The energy of the hull at a composition is the lowest that any mixture of the given phases
    has there: a linear programme, solved for each phase.

    Parameters
    ----------
    entries : DataFrame or list
        One row a phase: its composition as ``structure`` (`ase.Atoms`) or ``formula`` (such as
        ``"Li3N"``), its energy as ``energy_per_atom`` (eV) or ``energy`` (eV, of the whole
        structure, or of the formula where there is no ``structure`` or ``n_atoms``), and
        ``label`` (if missing, the formula, numbered where it comes again). Or a list of such
        rows as dictionaries, of ASE Atoms that know their energy, or of pymatgen's entries. Each
        element must be among the phases.

    Returns
    -------
    Hull

    Raises
    ------
    ValueError
        If a column is missing, an energy is not finite, a label occurs twice, or an element has
        no phase of its own to refer to.
    TypeError
        If `entries` is something else.

    Examples
    --------
    >>> entries = pd.DataFrame({
    ...     "formula": ["Li", "N2", "Li3N", "LiN3"], "energy_per_atom": [-1.9, -8.3, -4.0, -6.8]})
    >>> hull = convex_hull(entries)
    >>> hull.to_frame()[["formula", "formation_energy", "energy_above_hull"]].round(4)
      formula  formation_energy  energy_above_hull
    0      Li               0.0             0.0000
    1      N2               0.0             0.0000
    2    Li3N              -0.5             0.0000
    3    LiN3              -0.1             0.0667
    >>> {phase: round(share, 3) for phase, share in hull.decomposition("LiN3").items()}
    {'N2': 0.667, 'Li3N': 0.333}
    """
    entries = entries_frame(entries)
    if len(entries) == 0:
        raise ValueError("entries must hold at least one phase, got an empty table")
    compositions = _compositions(entries)
    elements = _ordered({element for composition in compositions for element in composition})
    n_atoms = np.array([sum(composition.values()) for composition in compositions])
    fractions = np.array([[c.get(element, 0) for element in elements] for c in compositions])
    fractions = fractions / n_atoms[:, None]
    formulas = [_formula(composition) for composition in compositions]
    labels = labels_of(entries, formulas)
    energies = _energies_per_atom(entries, n_atoms, labels)
    references = _references(fractions, energies, elements, labels)
    formation = energies - fractions @ energies[references]
    mixtures = lowest_mixtures(fractions, formation)
    above = np.maximum(formation - mixtures @ formation, 0.0)
    above[above < _STABLE] = 0.0
    stable = above == 0.0
    table = pd.DataFrame(
        {
            "label": labels,
            "formula": formulas,
            "n_atoms": n_atoms,
            "energy_per_atom": energies,
            "formation_energy": formation,
            "energy_above_hull": above,
            "stable": stable,
        }
        | {f"x_{element}": fractions[:, k] for k, element in enumerate(elements)}
    )
    return Hull(
        elements=tuple(elements),
        references={e: labels[row] for e, row in zip(elements, references, strict=True)},
        stable=tuple(table["label"][stable]),
        _table=table,
        _decompositions=tuple(
            {labels[i]: 1.0}
            if stable[i]
            else {labels[j]: float(row[j]) for j in np.flatnonzero(row > 1e-9)}
            for i, row in enumerate(mixtures)
        ),
    )


def _compositions(entries: pd.DataFrame) -> list[Mapping[str, int]]:
    if "structure" in entries.columns:
        structures = [as_atoms(one, "each structure") for one in entries["structure"]]
        return [atoms.symbols.formula.count() for atoms in structures]
    if "formula" in entries.columns:
        return [parse_formula(formula) for formula in entries["formula"]]
    raise ValueError(
        f"entries must have a column 'structure' or 'formula'; it has "
        f"{', '.join(map(str, entries))}"
    )


def _numbers(composition: Mapping[str, int]) -> list[int]:
    from ase.data import atomic_numbers

    return [atomic_numbers[element] for element, n in composition.items() for _ in range(n)]


def _formula(composition: Mapping[str, int]) -> str:
    return reduced_formula(_numbers(composition))[0]


def _ordered(elements: set[str]) -> list[str]:
    """Order elements as in a formula, the most electropositive first."""
    return list(parse_formula(reduced_formula(_numbers(dict.fromkeys(elements, 1)))[0]))


def _energies_per_atom(entries: pd.DataFrame, n_atoms: Any, labels: list[str]) -> Floats:
    if "energy_per_atom" in entries:
        energies = entries["energy_per_atom"].to_numpy(dtype=float)
    elif "energy" in entries:
        counts = n_atoms
        if "structure" not in entries and "n_atoms" in entries:
            counts = entries["n_atoms"].to_numpy(dtype=float)
        energies = entries["energy"].to_numpy(dtype=float) / counts
    else:
        raise ValueError(
            f"entries must have a column 'energy_per_atom' or 'energy'; it has "
            f"{', '.join(map(str, entries))}"
        )
    bad = np.flatnonzero(~np.isfinite(energies))
    if len(bad):
        raise ValueError(f"the energy of {labels[bad[0]]!r} must be finite, got {energies[bad[0]]}")
    return energies


def _references(
    fractions: Floats, energies: Floats, elements: list[str], labels: list[str]
) -> list[int]:
    rows = []
    for k, element in enumerate(elements):
        pure = np.flatnonzero(fractions[:, k] == 1.0)
        if len(pure) == 0:
            raise ValueError(
                f"no phase of pure {element} is among the entries ({', '.join(labels[:8])}); add "
                "one as the zero of its energy"
            )
        rows.append(int(pure[np.argmin(energies[pure])]))
    return rows
