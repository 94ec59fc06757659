"""A path of least energy, as it was found: its barrier, its rate, its curve."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms, units
from ase.calculators.calculator import Calculator
from numpy.typing import NDArray

from matlearn.transport._barriers import curves, files, vibrations

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class MigrationPath:
    """The path of least energy between two states, as far as it was found.

    Energies are relative to the initial state, and those of the potential alone: no vibrations,
    no temperature, and not what it costs to make the vacancy.
    """

    images: tuple[Atoms, ...] = field(repr=False)
    """From the initial to the final state, with energies (eV) and forces (eV/A)."""
    coordinate: Floats = field(repr=False)
    """Length of the path up to each image, in the space of all coordinates (A)."""
    energies: Floats = field(repr=False)
    """Of the images, relative to the first (eV)."""
    forces_along: Floats = field(repr=False)
    """Of the images, along the path (eV/A)."""
    climb: bool
    """Whether the highest image climbed to the saddle."""
    converged: bool
    """Whether end states and band came to rest."""
    fmax: float
    """Largest force on an atom of the band that is left (eV/A)."""
    steps: int
    """Steps that the band took."""
    alike: bool
    """Whether both ends have the same distances between atoms, as ends that a symmetry maps onto
    each other do."""
    calculator: str
    """What gave the forces."""
    messages: tuple[str, ...] = field(default=(), repr=False)
    """What to know before trusting the barrier."""

    @property
    def saddle(self) -> int:
        """Number of the highest image."""
        return int(np.argmax(self.energies))

    @property
    def barrier(self) -> float:
        """From the initial state to the top (eV).

        Of the climbing image, which sits on the saddle; without one, of the curve between images.
        """
        return self._top() - float(self.energies[0])

    @property
    def reverse_barrier(self) -> float:
        """From the final state to the top (eV)."""
        return self._top() - float(self.energies[-1])

    @property
    def spline_barrier(self) -> float:
        """Top of the curve through energies and forces of the images (eV): a check of `barrier`."""
        return float(self.curve(2001)[1].max())

    def _top(self) -> float:
        if self.climb and self.converged:
            return float(self.energies.max())
        return max(float(self.energies.max()), self.spline_barrier)

    def curve(self, points: int = 200) -> tuple[Floats, Floats]:
        """Give the energy between images: cubics that fit their energies and forces.

        Returns
        -------
        coordinate : ndarray (points,)
            A.
        energies : ndarray (points,)
            eV, relative to the initial state.
        """
        at = np.linspace(0.0, float(self.coordinate[-1]), points)
        return at, curves.hermite(self.coordinate, self.energies, self.forces_along, at)

    def rate(self, temperature: float, attempt_frequency: float = 1e13) -> float:
        """Rate of this one hop, ``nu exp(-barrier / kT)`` (Hz).

        Parameters
        ----------
        temperature
            K.
        attempt_frequency
            Hz: a guess of the right magnitude, or what `vineyard` gives.

        Raises
        ------
        ValueError
            If either is not positive.
        """
        for name, value in (("temperature", temperature), ("attempt_frequency", attempt_frequency)):
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be positive, got {value!r}")
        return float(attempt_frequency * np.exp(-self.barrier / (units.kB * temperature)))

    def vineyard(
        self,
        calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
        *,
        radius: float = 0.0,
        displacement: float = 0.02,
    ) -> float:
        """Attempt frequency: the frequencies at the bottom over those at the saddle (Hz).

        G. H. Vineyard, J. Phys. Chem. Solids 3, 121 (1957). All atoms but a few are held, which
        is an approximation: see how the result changes with `radius`.

        Parameters
        ----------
        calculator
            As in `migration_barrier`; the same one.
        radius
            Atoms within this distance of the middle of the hop (A) vibrate as well; 0: the atom
            that hops alone. Each costs 12 evaluations.
        displacement
            Of atoms, for the second derivatives (A).

        Raises
        ------
        ValueError
            If the first image is no minimum or the highest no saddle of first order.
        """
        bottom, saddle = (
            self.frequencies(calculator, image=image, radius=radius, displacement=displacement)
            for image in (0, None)
        )
        return vibrations.vineyard(bottom, saddle)

    def frequencies(
        self,
        calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
        *,
        image: int | None = None,
        radius: float = 0.0,
        displacement: float = 0.02,
    ) -> Floats:
        """Vibrations of an image, ascending (Hz); imaginary ones are given as negative numbers.

        At a minimum there is none, at the saddle one: along the path. On a ridge there are more.

        Parameters
        ----------
        calculator, radius, displacement
            As in `vineyard`.
        image
            Its number; the highest where it is left out.

        Raises
        ------
        ValueError
            If an argument makes no sense.
        """
        from matlearn.calculators import calculator_factory

        if not radius >= 0 or not displacement > 0:
            raise ValueError(
                f"radius must be 0 or more and displacement positive, got {radius!r} and "
                f"{displacement!r}"
            )
        number = self.saddle if image is None else image
        if isinstance(number, bool) or number not in range(len(self.images)):
            raise ValueError(f"image must be from 0 to {len(self.images) - 1}, got {image!r}")
        made = calculator_factory(calculator)()
        chosen = vibrations.moving(self.images[0], self.images[-1], radius)
        return vibrations.frequencies(self.images[number], made, chosen, displacement)

    def to_frame(self) -> pd.DataFrame:
        """Give a row an image: coordinate (A), energy (eV), force along the path (eV/A)."""
        import pandas as pd

        return pd.DataFrame(
            {
                "coordinate": self.coordinate,
                "energy": self.energies,
                "force_along": self.forces_along,
            }
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw energies along the path; see `matlearn.transport.plots.migration_path`."""
        from matlearn.transport._figures.paths import migration_path

        return migration_path(self, ax=ax)

    def view(
        self,
        *,
        radius: float | None = None,
        supercell: tuple[int, int, int] = (1, 1, 1),
        height: int = 380,
    ) -> Any:
        """Show the images in the structure viewer, with a slider; where none can be, the saddle.

        Parameters
        ----------
        radius
            Show only what is within this distance of the middle of the hop (A).
        supercell, height
            As in `matlearn.widgets.view`.
        """
        from matlearn.transport._barriers.viewing import centred, hop_viewer
        from matlearn.widgets import interactive, view

        images, atom = centred(self.images, radius)
        if not interactive():
            return view(images[self.saddle], supercell=supercell, height=height)
        labels = [
            f"Image {number} of 0 to {len(images) - 1}: {energy:.3f} eV"
            for number, energy in enumerate(self.energies)
        ]
        return hop_viewer(images, atom, labels, supercell, height)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the path (.npz), whole or not at all; `load` reads it."""
        files.write(path, self.images, {"result": self.about()})

    def about(self) -> dict[str, Any]:
        """Give what a file says of the path beside its images."""
        names = ("climb", "converged", "fmax", "steps", "alike", "calculator", "messages")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> MigrationPath:
        """Read a path that `save` wrote, or the `store` of a finished search.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is something else, or damaged.
        """
        images, about = files.read(path)
        if "result" not in about:
            raise ValueError(
                f"{path} is a band that is not finished: call migration_barrier with it as store"
            )
        return made(images, about["result"])

    def __repr__(self) -> str:
        state = "" if self.converged else ", NOT converged"
        notes = f", {len(self.messages)} messages" if self.messages else ""
        return (
            f"MigrationPath(barrier {self.barrier:.3f} eV, back {self.reverse_barrier:.3f} eV, "
            f"{len(self.images) - 2} images, {self.coordinate[-1]:.2f} A{state}{notes})"
        )


def made(images: list[Atoms], about: dict[str, Any]) -> MigrationPath:
    """Make the result of images with energies and forces."""
    positions = curves.unwrapped(images)
    coordinate = curves.lengths(positions)
    forces = np.array([image.get_forces(apply_constraint=False) for image in images])
    energies = np.array([image.get_potential_energy() for image in images])
    along = (forces * curves.tangents(positions, coordinate)).sum(axis=(1, 2))
    about = {**about, "messages": tuple(about["messages"])}
    return MigrationPath(tuple(images), coordinate, energies - energies[0], along, **about)
