"""Band gaps from the eigenvalues of a finished calculation, on its grid and on a path."""

from __future__ import annotations

from typing import Any

import numpy as np

POINTS = 36  # on the path of special points


def gap_of(calc: Any) -> dict[str, Any]:
    """Gap, smallest direct gap (eV) and where the band edges are, of a calculation without spin."""
    kpts = np.asarray(calc.get_ibz_k_points())
    levels = np.array([calc.get_eigenvalues(kpt=number) for number in range(len(kpts))])
    electrons = calc.get_number_of_electrons()
    filled = round(electrons / 2)
    if abs(electrons - 2 * filled) > 1e-6 or levels.shape[1] <= filled:
        return {"gap": 0.0, "direct": 0.0}
    top, bottom = levels[:, filled - 1], levels[:, filled]
    return {
        "gap": max(0.0, float(bottom.min() - top.max())),
        "direct": max(0.0, float((bottom - top).min())),
        "valence_kpoint": kpts[top.argmax()].round(4).tolist(),
        "conduction_kpoint": kpts[bottom.argmin()].round(4).tolist(),
        "top": float(top.max()),
        "bottom": float(bottom.min()),
        "kpoints": len(kpts),
    }


def gaps_on_path(calc: Any) -> dict[str, Any]:
    """Gaps on a path of special points, at fixed density."""
    filled = round(calc.get_number_of_electrons() / 2)
    path = calc.atoms.cell.bandpath(npoints=POINTS)
    along = calc.fixed_density(
        kpts=path.kpts,
        symmetry="off",
        nbands=filled + 4,
        convergence={"bands": filled + 1, "eigenstates": 1e-7},
        txt=None,
    )
    return gap_of(along) | {"special": path.path}
