"""The Materials Project's 2020 energy corrections, by pymatgen's own rule and values."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ase import Atoms


def correction(atoms: Atoms) -> float:
    """Give the MP2020 energy correction that CHGNet's training energies contain.

    The rule, applied by pymatgen's `MaterialsProject2020Compatibility` with the values of its
    ``MP2020Compatibility.yaml``:

    - An element, N2 and O2 included, has none.
    - In a compound each atom of an anion adds its element's value (N: -0.361 eV). An element of
      Br, I, Se, Si, Sb, Te, H, N, F, Cl counts as an anion where the oxidation states guessed
      from the composition give it a negative one, or where it is the compound's most
      electronegative element. Any negative one counts, -1/3 in the azide LiN3 too: so it
      was when the training data (MPtrj) were made; pymatgen has since become stricter
      (``strict_anions``), which is why the rule is asked for as ``"no_check"``.
    - O takes the value of oxide, peroxide, superoxide or ozonide after the shortest O-O distance
      in the structure, S that of a sulfide unless S-S bonds say otherwise. Hence the correction
      may change during a relaxation in which O-O bonds form or break, and with it the energy
      by a step; forces and stress never have a part in it.
    - In a compound whose most electronegative element is O or F, each atom of V, Cr, Mn, Fe, Co,
      Ni, W and Mo adds the value that brings GGA+U onto the scale of GGA. What stays after
      subtraction is the GGA+U energy, not GGA's.

    Parameters
    ----------
    atoms
        A structure.

    Returns
    -------
    float
        Energy in eV for the whole cell.

    Notes
    -----
    A. Wang et al., Sci. Rep. 11, 15496 (2021).

    Examples
    --------
    >>> from ase import Atoms
    >>> correction(Atoms("N2", positions=[[0, 0, 0], [0, 0, 1.1]], cell=[9, 9, 9], pbc=True))
    0.0
    """
    symbols = atoms.get_chemical_symbols()
    counts = {symbol: symbols.count(symbol) for symbol in sorted(set(symbols))}
    if len(counts) < 2:
        return 0.0
    oxide, sulfide = _bonding(atoms, counts)
    per_atom = _per_atom(_reduced(counts), oxide, sulfide)
    return sum(per_atom.get(symbol, 0.0) * number for symbol, number in counts.items())


def _reduced(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    from math import gcd

    divisor = gcd(*counts.values())
    return tuple((symbol, number // divisor) for symbol, number in counts.items())


def _bonding(atoms: Atoms, counts: dict[str, int]) -> tuple[str, str]:
    """Tell oxide from peroxide and sulfide from the rest, where there is O or S."""
    if not {"O", "S"} & set(counts):
        return "", ""
    from pymatgen.analysis.structure_analyzer import oxide_type, sulfide_type
    from pymatgen.io.ase import AseAtomsAdaptor

    structure = AseAtomsAdaptor.get_structure(atoms)
    oxide = oxide_type(structure, 1.05) if "O" in counts else ""
    sulfide = (sulfide_type(structure) or "none") if "S" in counts else ""
    return oxide, sulfide


@lru_cache(maxsize=4096)
def _per_atom(reduced: tuple[tuple[str, int], ...], oxide: str, sulfide: str) -> dict[str, float]:
    """Give the correction of each element, in eV per atom of it, for one composition."""
    from pymatgen.core import Composition
    from pymatgen.entries.computed_entries import ComputedEntry

    composition = Composition(dict(reduced))
    scheme = _scheme()
    with warnings.catch_warnings():
        # pymatgen warns where it falls back on the most electronegative element: documented above
        warnings.filterwarnings("ignore", message="Failed to guess oxidation states")
        warnings.filterwarnings("ignore", message="No Pauling electronegativity")
        anion = sorted(composition.elements, key=lambda element: element.X)[-1].symbol
        hubbards = {
            element.symbol: float(scheme.u_settings.get(anion, {}).get(element.symbol, 0.0))
            for element in composition.elements
        }
        data = {"oxide_type": oxide, "sulfide_type": sulfide}
        entry = ComputedEntry(
            composition,
            0.0,
            parameters={"run_type": "GGA", "software": "any but VASP", "hubbards": hubbards},
            data={key: value for key, value in data.items() if value},
        )
        adjustments = scheme.get_adjustments(entry)
    per_atom: dict[str, float] = {}
    for adjustment in adjustments:
        element = _element_of(adjustment.name)
        per_atom[element] = per_atom.get(element, 0.0) + float(adjustment.value) / float(
            composition[element]
        )
    return per_atom


def _element_of(name: str) -> str:
    """Read the element off an adjustment such as ``MP2020 anion correction (peroxide)``."""
    label = name[name.rindex("(") + 1 : name.rindex(")")]
    return label if label[0].isupper() else "O"


@lru_cache(maxsize=1)
def _scheme() -> Any:
    """Set up pymatgen's corrections as they stood when CHGNet's training data were made."""
    from pymatgen.entries.compatibility import MaterialsProject2020Compatibility

    return MaterialsProject2020Compatibility(check_potcar=False, strict_anions="no_check")
