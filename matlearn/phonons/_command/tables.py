"""The tables that ``matlearn phonons`` prints and the files that it writes."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from matlearn.phonons.conductivity import ThermalConductivity
    from matlearn.phonons.force_constants import ForceConstants, ThermalProperties


def conductivity_table(found: ThermalConductivity) -> str:
    """Write a conductivity as lines of a terminal."""
    frame = found.to_frame()
    mesh = "x".join(map(str, found.mesh))
    extra = (", NAC" if found.nac else "") + (", isotopes" if found.isotopes else "")
    rows = [f"thermal conductivity (W/mK), {found.method.upper()}, mesh {mesh}{extra}"]
    rows.append(f"{'T (K)':>8}{'mean':>10}{'xx':>10}{'yy':>10}{'zz':>10}")
    for row in frame.to_dict("records"):
        values = "".join(f"{row[name]:>10.4g}" for name in ("kappa", "xx", "yy", "zz"))
        rows.append(f"{row['temperature']:>8g}{values}")
    return "\n".join(rows)


def harmonic_table(constants: ForceConstants, found: ThermalProperties) -> str:
    """Write frequencies of Gamma and thermal properties as lines of a terminal."""
    gamma = ", ".join(f"{one:.3f}" for one in constants.frequencies([0, 0, 0]))
    rows = [f"frequencies at Gamma (THz): {gamma}"]
    rows.append(f"{'T (K)':>8}{'F (eV)':>12}{'S (J/K mol)':>14}{'C (J/K mol)':>14}")
    rows += [
        f"{row['temperature']:>8g}{row['free_energy']:>12.5f}{row['entropy']:>14.3f}"
        f"{row['heat_capacity']:>14.3f}"
        for row in found.to_frame().to_dict("records")
    ]
    rows.append("of a mole of primitive cells")
    return "\n".join(rows)


def name_of(found: ThermalConductivity) -> str:
    """Name the files of a conductivity after what it was computed with."""
    mesh = "x".join(map(str, found.mesh))
    return f"kappa-{mesh}-{found.method}" + ("-isotopes" if found.isotopes else "")


def as_json(found: ThermalConductivity, about: dict[str, Any]) -> dict[str, Any]:
    """Give a conductivity, and where it comes from, as plain data."""
    return {
        "temperatures_K": found.temperatures.tolist(),
        "kappa_W_per_mK": np.round(found.kappa, 8).tolist(),
        "mean_W_per_mK": np.round(found.isotropic, 8).tolist(),
        "mesh": list(found.mesh),
        "method": found.method,
        "nac": found.nac,
        "isotopes": found.isotopes,
        "messages": list(found.messages),
        **about,
    }


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV."""
    write_text(path, frame.to_csv(index=False, float_format="%.8g"))


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write plain data as JSON."""
    write_text(path, json.dumps(data, indent=1) + "\n")
