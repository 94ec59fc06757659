"""Who is bound to whom: does each ion of the framework keep its partner, as in a crystal it must?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from matlearn.transport._structure.inputs import checked_step, require_periodic

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.transport.trajectories import Trajectory

__all__ = ["BondPartners", "bond_partners"]

CHUNK = 200
"""Frames that are looked at together: memory stays flat in long runs."""


@dataclass(frozen=True, repr=False)
class BondPartners:
    """The nearest partner of each ion along a run."""

    species: str
    """Whose partners."""
    to: tuple[str, ...]
    """What the partners may be."""
    times: np.ndarray = field(repr=False)
    """ps, of the frames that were looked at, shape (frames,)."""
    partners: np.ndarray = field(repr=False)
    """Index of the nearest atom of `to`, shape (frames, ions)."""
    distances: np.ndarray = field(repr=False)
    """How far it is, A, shape (frames, ions)."""
    temperature: float | None = None
    """Of the run, K, where it is known."""

    @property
    def changed(self) -> np.ndarray:
        """How many ions have another partner than in the first frame, shape (frames,)."""
        found: np.ndarray = (self.partners != self.partners[0]).sum(axis=1)
        return found

    @property
    def first_change(self) -> float | None:
        """Time (ps) of the first frame in which an ion has another partner; None where none has."""
        late = np.flatnonzero(self.changed)
        return float(self.times[late[0]]) if len(late) else None

    def to_frame(self) -> pd.DataFrame:
        """Return ``time`` (ps), ``changed`` and ``farthest`` (A, of the worst ion) as a table."""
        import pandas as pd

        farthest = self.distances.max(axis=1)
        return pd.DataFrame({"time": self.times, "changed": self.changed, "farthest": farthest})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many ions have another partner than at the start.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure where it is left out.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from matlearn.transport import plots

        return plots.bond_partners(self, ax=ax)

    def __repr__(self) -> str:
        ions, kept = self.partners.shape[1], "the same"
        if self.first_change is not None:
            kept = f"the same until {self.first_change:.4g} ps, {self.changed[-1]} others"
        at = f" at {self.temperature:.0f} K" if self.temperature else ""
        return (
            f"BondPartners({self.species} to {' or '.join(self.to)}{at}, {ions} ions, {kept} after "
            f"{self.times[-1]:.4g} ps)"
        )


def bond_partners(
    trajectory: Trajectory, species: str, to: str | Sequence[str], *, step: int = 1
) -> BondPartners:
    """Find the nearest partner of each ion in each frame, over all images of the cell.

    In a crystal an ion of the framework keeps its partner: an oxygen of a phosphate its phosphorus,
    however the phosphate turns. A run in which that changes has left the crystal that it began
    with, and what it says afterwards is of something else. Look here before you quote a diffusion
    coefficient; a fit notices nothing.

    Parameters
    ----------
    trajectory : Trajectory
        One run.
    species : str
        Whose partners are looked for, such as the anion of a tetrahedron.
    to : str or sequence of str
        Species of the partners, such as the cations in the middle of the tetrahedra.
    step : int
        Take each how-manieth frame.

    Returns
    -------
    BondPartners

    Raises
    ------
    TypeError, ValueError
        If it is no run, the cell is not periodic, a species is not there, or is its own partner.

    Examples
    --------
    >>> import numpy as np
    >>> from ase import Atoms
    >>> from matlearn.transport import Trajectory, bond_partners
    >>> x = [1.5, 1.7, 4.4, 4.5]  # an S that leaves the P at 0 for the one at 6 A
    >>> frames = [Atoms("P2S", [[0, 0, 0], [6, 0, 0], [a, 0, 0]], cell=[12] * 3, pbc=True) for a in x]
    >>> bond_partners(Trajectory.from_atoms(frames, time_step=0.5), "S", "P")
    BondPartners(S to P, 1 ions, the same until 1 ps, 1 others after 1.5 ps)
    """
    from matlearn.transport.trajectories import Trajectory

    if not isinstance(trajectory, Trajectory):
        raise TypeError(
            f"trajectory must be one Trajectory, got {type(trajectory).__name__}: look at replicas "
            "one by one"
        )
    require_periodic([trajectory], "bond_partners")
    step = checked_step(step, [trajectory])
    names = (to,) if isinstance(to, str) else tuple(to)
    if not names or species in names:
        raise ValueError(
            f"to must name other species than {species!r}, between which it may change, got {to!r}"
        )
    ions = trajectory.indices(species)
    centres = np.sort(np.concatenate([trajectory.indices(name) for name in names]))
    frames = np.arange(0, len(trajectory), step)
    nearest = np.empty((len(frames), len(ions)), dtype=int)
    distances = np.empty((len(frames), len(ions)))
    for first in range(0, len(frames), CHUNK):
        part = frames[first : first + CHUNK]
        apart = _distances(
            trajectory.positions[part][:, ions],
            trajectory.positions[part][:, centres],
            trajectory.cells[part],
        )
        nearest[first : first + CHUNK] = apart.argmin(axis=2)
        distances[first : first + CHUNK] = apart.min(axis=2)
    return BondPartners(
        species=species,
        to=names,
        times=trajectory.times[frames],
        partners=centres[nearest],
        distances=distances,
        temperature=trajectory.temperature,
    )


def _distances(one: np.ndarray, other: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Give the distances (frames, ions, partners) between nearest images, in A."""
    from ase.geometry import minkowski_reduce

    reduced = cells
    right = np.eye(3, dtype=bool)
    images = np.zeros((1, 3))
    if np.abs(cells[:, ~right]).max() > 1e-9:  # in a skewed cell rounding is not enough
        same = bool((cells == cells[0]).all())
        found = [minkowski_reduce(cell)[0] for cell in (cells[:1] if same else cells)]
        reduced = np.broadcast_to(found[0], cells.shape) if same else np.array(found)
        images = np.array(list(product((-1, 0, 1), repeat=3)), dtype=float)
    apart = one[:, :, None] - other[:, None]
    apart = np.einsum("fijc,fcd->fijd", apart, np.linalg.inv(reduced))
    apart -= np.rint(apart)
    squares = np.full(apart.shape[:3], np.inf)
    for image in images:
        vectors = np.einsum("fijc,fcd->fijd", apart + image, reduced)
        np.minimum(squares, (vectors**2).sum(axis=3), out=squares)
    return np.sqrt(squares)
