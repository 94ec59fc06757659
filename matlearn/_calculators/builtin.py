"""The calculators that `matlearn.calculators.get_calculator` makes out of ASE's and GPAW's."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase.calculators.calculator import Calculator, all_changes


def emt() -> Calculator:
    """Make ASE's effective-medium theory with a clear word on elements it does not know."""
    from ase.calculators.emt import EMT, parameters

    class CheckedEMT(EMT):
        name = "emt"

        def calculate(
            self,
            atoms: Any = None,
            properties: Any = ("energy",),
            system_changes: Any = all_changes,
        ) -> None:
            if atoms is not None:
                unknown = sorted(set(atoms.get_chemical_symbols()) - set(parameters))
                if unknown:
                    raise ValueError(
                        f"EMT has no parameters for {', '.join(unknown)}; "
                        f"it knows {', '.join(parameters)}"
                    )
                if atoms.cell.rank < 3:  # no volume, no stress: that is no failure
                    properties = [p for p in properties if p != "stress"]
            super().calculate(atoms, properties, system_changes)

    return CheckedEMT()


def lennard_jones(
    sigma: float = 3.40,
    epsilon: float = 0.0104,
    rc: float | None = None,
    ro: float | None = None,
    smooth: bool = True,
) -> Calculator:
    """Make ASE's Lennard-Jones potential, with argon's parameters and smooth forces."""
    from ase.calculators.lj import LennardJones

    given = {"sigma": sigma, "epsilon": epsilon, "rc": rc, "ro": ro}
    for name, value in given.items():
        if value is None and name in ("rc", "ro"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{name} must be a number, got {value!r}")
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be positive and finite, got {value}")
    rc = 3 * sigma if rc is None else rc
    return LennardJones(
        sigma=sigma,
        epsilon=epsilon,
        rc=rc,
        ro=5 / 6 * rc if ro is None else ro,
        smooth=smooth,
    )


def gpaw(**options: Any) -> Calculator:
    """Make a GPAW calculator with the settings of this project's reference calculations."""
    try:
        from gpaw import GPAW
    except ImportError as error:
        raise ImportError(
            "GPAW is not installed here; it is optional (GPL) and best kept in an environment of "
            "its own: https://gpaw.readthedocs.io/install.html"
        ) from error
    settings: dict[str, Any] = {
        "mode": {"name": "pw", "ecut": 800},
        "xc": "PBE",
        "kpts": {"density": 2.5, "gamma": True},
        "occupations": {"name": "fermi-dirac", "width": 0.1},
        "txt": None,
    }
    return GPAW(**{**settings, **options})
