"""Does a potential extrapolate? D-optimal active sets, and grades of other configurations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.potentials._active.maxvol import MaxVol

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

__all__ = ["MODES", "ActiveSet", "MaxVol"]

Floats = NDArray[np.float64]

MODES = ("configuration", "neighbourhood")
"""What a row of the active set stands for: a configuration's energy, or an atom's."""


class ActiveSet:
    r"""The configurations on which a potential rests, and how far others lie outside.

    A potential is linearised at its present parameters: a configuration is the row
    b = dE/dtheta of derivatives of its energy (mode ``"configuration"``), or its atoms are, each
    with that of its own energy (``"neighbourhood"``). Of all rows of the training set,
    :class:`MaxVol` keeps those that span the greatest volume. The grade of any other one is the
    largest coefficient with which it is a combination of them: up to 1 is interpolation, and as
    it grows the potential is asked for what nothing has taught it. No reference energy enters: a
    grade says where a potential is ignorant, not how wrong it is.

    An energy's row is a sum over atoms, so a cell repeated eight times has eight times the grade
    of the cell in mode ``"configuration"``. For configurations of different sizes use
    ``"neighbourhood"``, in which a grade is that of the worst atom.

    Parameters
    ----------
    mtp : MTP
        The potential, fitted.
    images : list of ase.Atoms
        The training set; energies and forces are not used.
    threshold : float
        A row enters the set if that multiplies its volume by more than this.

    Raises
    ------
    ValueError
        If there are no images, the potential is not fitted, or it cannot take an image.
    TypeError
        If `images` is something else than several ASE Atoms.

    Notes
    -----
    E. V. Podryabinkin and A. V. Shapeev, Comput. Mater. Sci. 140, 171 (2017). Grades equal those
    of motep with ``algorithm="mlip"``, and so those of mlip-2. The rows change with the
    parameters: after a refit call :meth:`refresh` (or :meth:`update` with new images).

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> from matlearn.potentials.moment_tensors import MTP
    >>> cells = [bulk("Cu", a=a, cubic=True) for a in (3.4, 3.5, 3.6, 3.7, 3.8)]
    >>> mtp = MTP(2, ["Cu"], cutoff=4.5)
    >>> _ = mtp.fit(single_points(cells, "emt", progress=False), max_iterations=3, progress=False)
    >>> active = ActiveSet(mtp, cells)
    >>> inside, outside = active.grades([bulk("Cu", a=3.55, cubic=True), bulk("Cu", a=3.0, cubic=True)])
    >>> bool(inside < outside)
    True
    """

    def __init__(self, mtp: MTP, images: Iterable[Atoms], *, threshold: float = 1.001) -> None:
        if not mtp.fitted:
            raise ValueError(f"mtp = {mtp!r} is not fitted: an active set needs its parameters")
        self.mtp = mtp
        self.threshold = threshold
        self._known = _checked(images, "images")
        if not self._known:
            raise ValueError("images is empty: an active set needs the training set")
        self._sets: dict[str, MaxVol] = {}
        self._owners: dict[str, NDArray[np.int64]] = {}
        self.refresh()

    def grades(self, images: Iterable[Atoms], mode: str = "configuration") -> Floats:
        """Give the extrapolation grade of each configuration.

        Parameters
        ----------
        images : list of ase.Atoms
            Configurations of the potential's elements.
        mode : str
            ``"configuration"``: by its energy; ``"neighbourhood"``: by its worst atom.

        Returns
        -------
        ndarray, shape (n_images,)
            Without unit. While learning, one usually saves above 2 and stops above about 10.

        Raises
        ------
        ValueError
            If `mode` is unknown, or the potential was refitted since the set was made.
        """
        given = _checked(images, "images")
        chosen = self.maxvol(mode)
        if not given:
            return np.empty(0)
        grades = chosen.grades(self._rows(given, mode))
        if mode == "configuration":
            return grades
        largest: Floats = np.maximum.reduceat(grades, _first_atoms(given))
        return largest

    def per_atom(self, image: Atoms) -> Floats:
        """Give the extrapolation grade of each atom, by the derivatives of its own energy.

        Parameters
        ----------
        image : ase.Atoms
            A configuration.

        Returns
        -------
        ndarray, shape (n_atoms,)
        """
        if not isinstance(image, Atoms):
            raise TypeError(f"image must be ASE Atoms, got {type(image).__name__}")
        chosen = self.maxvol("neighbourhood")
        return chosen.grades(self._rows(_checked([image], "image"), "neighbourhood"))

    def select(
        self, pool: Iterable[Atoms], threshold: float = 2.1, mode: str = "configuration"
    ) -> list[int]:
        """Choose what to label next: those of a pool that would enlarge the active set.

        MaxVol goes on with the active set and the pool together, so that of a hundred
        configurations that are alike one is chosen, and not all whose grade is high.

        Parameters
        ----------
        pool : list of ase.Atoms
            Configurations to choose from.
        threshold : float
            A row enters if that multiplies the volume by more than this; above 1.
        mode : str
            ``"configuration"`` or ``"neighbourhood"``.

        Returns
        -------
        list of int
            Indices into `pool`, in the order in which they entered. The set is not changed:
            compute the reference results, refit, and give them to :meth:`update`.
        """
        given = _checked(pool, "pool")
        chosen = self.maxvol(mode)
        if not given:
            return []
        rows = chosen.select(self._rows(given, mode), threshold)
        owners = _owners(given, mode)
        return list(dict.fromkeys(int(owners[row]) for row in rows))

    def update(self, images: Iterable[Atoms]) -> None:
        """Add configurations to the training set, and choose the active ones anew.

        Parameters
        ----------
        images : list of ase.Atoms
            What was added to the training set.
        """
        self._known = self._known + _checked(images, "images")
        self.refresh()

    def refresh(self) -> None:
        """Choose the active configurations anew, at the potential's present parameters."""
        self._sets.clear()
        self._parameters = np.array(self.mtp.parameters, dtype=float)

    @property
    def stale(self) -> bool:
        """True if the potential was refitted since the set was made."""
        return not np.array_equal(self._parameters, self.mtp.parameters)

    def maxvol(self, mode: str = "configuration") -> MaxVol:
        """Give the active rows themselves, made when they are first asked for."""
        if mode not in MODES:
            raise ValueError(f"mode must be {' or '.join(map(repr, MODES))}, got {mode!r}")
        if self.stale:
            raise ValueError("mtp was refitted since the active set was made: call refresh()")
        if mode not in self._sets:
            rows = self._rows(self._known, mode)
            self._sets[mode] = MaxVol(rows, threshold=self.threshold)
            self._owners[mode] = _owners(self._known, mode)
        return self._sets[mode]

    def members(self, mode: str = "configuration") -> list[int]:
        """Say which configurations of the training set are in the active set, by their index."""
        rows = self.maxvol(mode).indices
        return sorted({int(owner) for owner in self._owners[mode][rows]})

    @property
    def images(self) -> list[Atoms]:
        """Configurations of the training set whose rows are in the active set."""
        return [self._known[index] for index in self.members()]

    @property
    def size(self) -> int:
        """Number of configurations in the active set; at most one for each parameter."""
        return len(self.maxvol().indices)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        state = "refitted since: call refresh()" if self.stale else f"{self.size} active"
        return (
            f"ActiveSet({len(self._known)} configurations, {state}, "
            f"{self.mtp.n_parameters} parameters)"
        )

    def _rows(self, images: list[Atoms], mode: str) -> Any:
        return self.mtp.energy_jacobian(images, per_atom=mode == "neighbourhood")


def _checked(images: Iterable[Atoms], name: str) -> list[Atoms]:
    if isinstance(images, Atoms):
        raise TypeError(f"{name} must be a list of ASE Atoms; put the single one into a list")
    given = list(images)
    for number, atoms in enumerate(given):
        if not isinstance(atoms, Atoms):
            raise TypeError(f"{name}[{number}] must be ASE Atoms, got {type(atoms).__name__}")
        if len(atoms) == 0:
            raise ValueError(f"{name}[{number}] has no atoms")
    return given


def _first_atoms(images: list[Atoms]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(atoms) for atoms in images])[:-1]]).astype(int)


def _owners(images: list[Atoms], mode: str) -> NDArray[np.int64]:
    """Say which image each row belongs to."""
    sizes = [len(atoms) if mode == "neighbourhood" else 1 for atoms in images]
    return np.repeat(np.arange(len(images)), sizes)
