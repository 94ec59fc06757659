"""What conductivities and Haven ratios come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matlearn.transport._figures.words import with_error
from matlearn.transport.diffusion import Diffusion

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Conductivity", "HavenRatio"]


@dataclass(frozen=True, repr=False)
class Conductivity:
    """An ionic conductivity, with the diffusion coefficient that it rests on."""

    value: float
    """S/cm."""
    error: float
    """Standard error (S/cm), that of the diffusion coefficient alone."""
    kind: str
    """``"nernst-einstein"``: ions as if each moved alone; ``"charge"``: all charges together."""
    species: str
    """What carries the charge; several are joined by ``"+"``."""
    charge: dict[str, float]
    """Charge of each species (e)."""
    temperature: float
    """K."""
    number_density: dict[str, float]
    """Ions of each species per A3."""
    diffusion: tuple[Diffusion, ...] = field(repr=False)
    """One; by Nernst and Einstein one a species."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust the value."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``species``, ``kind``, ``temperature``, ``value``, ``error``, ``messages``."""
        import pandas as pd

        names = ("species", "kind", "temperature", "value", "error")
        row = {name: getattr(self, name) for name in names}
        return pd.DataFrame([row | {"messages": len(self.messages)}])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw it against the inverse temperature (`matlearn.transport.plots.conductivity`)."""
        from matlearn.transport import plots

        return plots.conductivity(self, ax=ax)

    def __repr__(self) -> str:
        how = "Nernst-Einstein" if self.kind == "nernst-einstein" else "all charges together"
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        return (
            f"Conductivity({self.species}, {with_error(self.value, self.error)} S/cm at "
            f"{self.temperature:.0f} K, {how}{doubt})"
        )


@dataclass(frozen=True, repr=False)
class HavenRatio:
    """How single ions compare with the current of all together."""

    value: float
    """Self-diffusion over charge diffusion: below 1 where ions push one another along."""
    error: float
    """Standard error, joint: both come from the same runs."""
    species: str
    """What moves."""
    self_diffusion: Diffusion
    """Of single ions."""
    charge_diffusion: Diffusion
    """Of all ions together."""
    blocks: int
    """Blocks of time that were left out one by one for the error; 0: both errors in quadrature."""
    messages: tuple[str, ...] = ()
    """Reasons to distrust the value."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``species``, ``temperature``, ``value``, ``error``, ``messages``."""
        import pandas as pd

        row = {"species": self.species, "temperature": self.self_diffusion.temperature}
        row |= {"value": self.value, "error": self.error, "messages": len(self.messages)}
        return pd.DataFrame([row])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both mean squared displacements, whose slopes are compared."""
        from matlearn.transport import plots

        return plots.msd(
            {"single ions": self.self_diffusion, "all together": self.charge_diffusion}, ax=ax
        )

    def __repr__(self) -> str:
        heat = self.self_diffusion.temperature
        at = "" if heat is None else f" at {heat:.0f} K"
        doubt = f", {len(self.messages)} doubts" if self.messages else ""
        return f"HavenRatio({self.species}, {with_error(self.value, self.error)}{at}{doubt})"
