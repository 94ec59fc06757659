"""Which cubic crystals are computed: their prototypes, elements and starting lattice constants.

The lattice constants (A) are rough values from general knowledge, only to start from: every one is
replaced by the minimum of an equation of state. All crystals are ones without magnetism. The order
within a prototype is that of computing; :func:`queue` takes the prototypes by turns.
"""

from __future__ import annotations

from dataclasses import dataclass

from ase import Atoms
from ase.spacegroup import crystal

# Space group and Wyckoff positions, in the order of the elements of a label
PROTOTYPES: dict[str, tuple[int, list[tuple[float, float, float]]]] = {
    "fcc": (225, [(0, 0, 0)]),
    "bcc": (229, [(0, 0, 0)]),
    "diamond": (227, [(0.125, 0.125, 0.125)]),
    "rocksalt": (225, [(0, 0, 0), (0.5, 0.5, 0.5)]),
    "zincblende": (216, [(0, 0, 0), (0.25, 0.25, 0.25)]),
    "cscl": (221, [(0, 0, 0), (0.5, 0.5, 0.5)]),
    "fluorite": (225, [(0, 0, 0), (0.25, 0.25, 0.25)]),
    "perovskite": (221, [(0.5, 0.5, 0.5), (0, 0, 0), (0.5, 0, 0)]),
}
ORIGIN_TWO = {"diamond"}

# Not metals: a gap, or hardly one in PBE (NARROW)
INSULATORS = {
    "diamond": "Si 5.47, C 3.57, Ge 5.78",
    "zincblende": (
        "Ga As 5.75, Zn S 5.45, Si C 4.38, Al P 5.51, B N 3.63, Zn Se 5.74, In P 5.96, Al As 5.73, "
        "Ga P 5.51, Cd Te 6.62, B P 4.55, Zn Te 6.18, Al Sb 6.23, Ga N 4.55, Cu Cl 5.42, B As 4.81, "
        "In As 6.19, Ga Sb 6.22, In Sb 6.63, Al N 4.40, Cd S 5.94, Cd Se 6.21, Be S 4.88, Be Se 5.18, "
        "Be Te 5.66, Zn O 4.62, Cu Br 5.73, Mg Te 6.52, In N 5.05, Be O 3.83, Cu I 6.08, Mg Se 6.00"
    ),
    "rocksalt": (
        "Mg O 4.25, Na Cl 5.69, Li F 4.07, Ca O 4.84, K Cl 6.38, Mg S 5.23, Pb Te 6.56, Na F 4.70, "
        "Sr O 5.20, Li Cl 5.15, Ca S 5.72, K Br 6.72, Ag Cl 5.61, Ba O 5.62, Li Br 5.51, K F 5.43, "
        "Sr S 6.05, Na Br 6.05, Pb S 6.00, Ca Se 5.96, Rb Cl 6.78, Mg Se 5.50, Cd O 4.78, Li H 4.02, "
        "Ag Br 5.85, Ba S 6.43, Pb Se 6.21, Na H 4.84, Sr Se 6.29, Rb F 5.71, Na I 6.52, K I 7.19, "
        "Ca Te 6.39, Sr Te 6.72, Ba Se 6.66, Ba Te 7.06, Li I 6.03, Rb Br 7.08, Rb I 7.52, Cs F 6.11, "
        "Ag F 4.99, K H 5.70, Sn Te 6.40, Sn Se 6.05, Ge Te 6.02"
    ),
    "cscl": "Cs Cl 4.21, Cs I 4.67, Cs Br 4.40, Tl Cl 3.88, Tl Br 4.02, Tl I 4.26",
    "fluorite": (
        "Ca F 5.50, O Li 4.63, Si Mg 6.37, Sr F 5.86, O Na 5.56, C Be 4.33, Ba F 6.27, S Li 5.71, "
        "Ge Mg 6.42, Zr O 5.12, S Na 6.57, Cd F 5.50, Hf O 5.07, O K 6.46, Sn Mg 6.84, Se Li 6.01, "
        "S K 7.44, Pb F 6.05, Sr Cl 7.03, Te Li 6.53, Se Na 6.85, Pb Mg 6.91"
    ),
    "perovskite": (
        "Sr Ti O 3.94, K Mg F 4.06, Ba Ti O 4.03, Cs Ca F 4.60, K Ta O 4.03, Ba Zr O 4.25, "
        "K Zn F 4.13, Na Mg F 3.95, Li Ba F 4.06, Sr Zr O 4.18, Ca Ti O 3.89, K Nb O 4.06, "
        "Rb Ca F 4.53, K Ca F 4.48, Cs Cd F 4.58, Ba Sn O 4.19, La Al O 3.81, Na Ta O 3.98, "
        "Sr Hf O 4.14, Ba Hf O 4.22, Pb Ti O 3.97, Cs Pb Cl 5.73, Cs Pb Br 5.99, Na Nb O 4.00"
    ),
}
METALS = {
    "fcc": (
        "Al 4.04, Cu 3.64, Ag 4.16, Au 4.16, Pd 3.94, Pt 3.97, Ca 5.53, Rh 3.83, Ir 3.87, Sr 6.02, "
        "Pb 5.04"
    ),
    "bcc": "Na 4.20, W 3.18, K 5.28, Mo 3.16, Ta 3.32, Li 3.44, Nb 3.31, Ba 5.03, V 3.00, Rb 5.67, Cs 6.15",
    "cscl": (
        "Ni Al 2.89, Cu Zn 2.96, Ru Al 3.01, Ag Mg 3.33, Y Cu 3.48, Sc Au 3.39, Ti Ru 3.08, Li Ag 3.18, "
        "Hf Ru 3.24, Ti Os 3.09, Sc Cu 3.26, Y Ag 3.65, Sc Rh 3.21, Sc Pd 3.29, Sc Ag 3.43, Ti Ni 3.01, "
        "Y Rh 3.43, Ca Pd 3.54, Zr Ru 3.25, Hf Os 3.26, Al Ir 3.00, Li Pd 3.00, Mg Au 3.28, Cd Ag 3.40, "
        "Sr Mg 3.93, Ba Cd 4.25, Li Hg 3.33, Ti Co 2.96, Zr Zn 3.35, Y Mg 3.80, Sc Ru 3.20, Ca Tl 3.87"
    ),
    "rocksalt": (
        "Ti C 4.34, Ti N 4.25, Zr C 4.72, Zr N 4.60, Nb C 4.50, Hf C 4.64, V N 4.12, V C 4.16, Ta C 4.48, "
        "Hf N 4.54, Nb N 4.43, Sc N 4.52, Y N 4.92, La N 5.31, W C 4.38, Zr S 5.18, Zr B 4.66"
    ),
    "fluorite": "Au Al 6.07, Pt Al 5.98, Co Si 5.30, Ni Si 5.47, Ca H 5.40, Ti H 4.43, Zr H 4.82, Y H 5.20",
    "perovskite": "Mg C Ni 3.82, Al N Sc 4.41, Pb N Ca 4.97",  # X3 B A: antiperovskites
}
HARD, SOFT = 800.0, 600.0  # eV: cut-offs
NARROW = {"PbTe", "PbSe", "PbS", "SnTe", "SnSe", "GeTe", "InSb", "InAs", "GaSb", "Ge", "InN"}
# Where the rule for k-points is not enough (`convergence.csv`): free electrons, soft shear
KPOINTS = {"Al-fcc": 20, "Na-bcc": 16, "Li-bcc": 16, "K-bcc": 12}
TURNS = [  # which list gives the next crystal, over and over
    *("rocksalt", "zincblende", "fcc", "cscl metal", "rocksalt", "fluorite", "bcc"),
    *("perovskite", "zincblende", "rocksalt metal", "diamond", "rocksalt", "cscl", "zincblende"),
    *("fcc", "rocksalt", "fluorite", "cscl metal", "bcc", "perovskite"),
    *("fluorite metal", "perovskite metal"),
]
# Cheap ones of every kind that share elements, so that few references serve many
FIRST = """
MgO-rocksalt Al-fcc GaAs-zincblende NaCl-rocksalt LiF-rocksalt CaF2-fluorite SiC-zincblende Si-diamond
AgMg-cscl CaO-rocksalt KMgF3-perovskite Na-bcc CsCl-cscl Li2O-fluorite Cu-fcc KCl-rocksalt C-diamond
TiC-rocksalt NiAl-cscl NaF-rocksalt Mg2Si-fluorite Ag-fcc SrTiO3-perovskite AlAs-zincblende LiCl-rocksalt
Li-bcc SrO-rocksalt LiAg-cscl W-bcc SrF2-fluorite BN-zincblende TiN-rocksalt Ge-diamond MgS-rocksalt
CuZn-cscl Au-fcc Na2O-fluorite AlP-zincblende AgCl-rocksalt ZnS-zincblende ZrC-rocksalt Mo-bcc
CsI-cscl BaZrO3-perovskite GaP-zincblende Ca-fcc BP-zincblende K-bcc KF-rocksalt RuAl-cscl
"""


@dataclass(frozen=True)
class Crystal:
    """One crystal of the queue."""

    prototype: str
    elements: tuple[str, ...]
    start: float  # A
    metal: bool

    @property
    def kind(self) -> str:
        """What decides the density of k-points: metal, narrow, covalent or ionic."""
        if self.metal:
            return "metal"
        if self.formula in NARROW:
            return "narrow"
        oxide = self.prototype == "perovskite" and self.elements[-1] == "O"
        return "covalent" if oxide or self.prototype in {"diamond", "zincblende"} else "ionic"

    @property
    def ecut(self) -> float:
        """Plane-wave cut-off in eV: more for oxygen, nitrogen and fluorine."""
        return HARD if set(self.elements) & {"O", "N", "F"} else SOFT

    @property
    def label(self) -> str:
        """Formula and prototype: ``MgO-rocksalt``."""
        return f"{self.formula}-{self.prototype}"

    @property
    def formula(self) -> str:
        """Formula with the elements in the order of the prototype's sites, anions last."""
        first, *rest = self.elements
        if self.prototype == "perovskite":
            return f"{first}{rest[0]}{rest[1]}3"
        if self.prototype == "fluorite":
            anti = first in {"O", "S", "Se", "Te", "C", "Si", "Ge", "Sn", "Pb"} and rest[0] in {
                *("Li", "Na", "K", "Be", "Mg"),
            }
            return f"{rest[0]}2{first}" if anti else f"{first}{rest[0]}2"
        return "".join(self.elements)

    def cell(self, a: float) -> Atoms:
        """Primitive cell with lattice constant ``a`` (A) of the cubic cell."""
        number, sites = PROTOTYPES[self.prototype]
        return crystal(
            list(self.elements),
            sites,
            spacegroup=number,
            setting=2 if self.prototype in ORIGIN_TWO else 1,
            cellpar=[a, a, a, 90, 90, 90],
            primitive_cell=True,
        )


def _parse(prototype: str, text: str, *, metal: bool) -> list[Crystal]:
    found = []
    for part in text.split(","):
        *elements, start = part.split()
        found.append(Crystal(prototype, tuple(elements), float(start), metal))
    return found


def queue() -> list[Crystal]:
    """Every crystal: those of `FIRST`, then prototypes by turns."""
    lists = {name: _parse(name, text, metal=False) for name, text in INSULATORS.items()}
    for name, text in METALS.items():
        key = f"{name} metal" if name in lists else name
        lists[key] = _parse(name, text, metal=True)
    ordered: list[Crystal] = []
    while any(lists.values()):
        ordered.extend(lists[turn].pop(0) for turn in TURNS if lists[turn])
    first = FIRST.split()
    return sorted(ordered, key=lambda one: first.index(one.label) if one.label in first else 1000)
