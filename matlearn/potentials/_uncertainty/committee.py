"""Several potentials of one kind, and how far their forces differ."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from matlearn.parallel import map_unordered
from matlearn.potentials._mtp.checks import checked_images

if TYPE_CHECKING:
    from matlearn.potentials.moment_tensors import MTP

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Committee:
    """Potentials fitted from different starts to different draws of one training set."""

    members: tuple[MTP, ...]
    """The potentials."""
    seconds: float
    """CPU time of all fits in s."""

    def forces(self, image: Atoms) -> Floats:
        """Give the forces of all members in eV/A, shape (n_members, n_atoms, 3)."""
        return np.array([forces_of(one, [image])[0] for one in self.members])

    def force_spread(self, images: Iterable[Atoms]) -> list[Floats]:
        """Give the standard deviation of each atom's force over the members, in eV/A.

        Parameters
        ----------
        images : list of ase.Atoms
            Configurations.

        Returns
        -------
        list of ndarray, shape (n_atoms,)
            Root of the summed variances of the three components.
        """
        given = list(images)
        every = [forces_of(one, given) for one in self.members]
        return [
            np.sqrt(np.var([forces[k] for forces in every], axis=0, ddof=1).sum(axis=1))
            for k in range(len(given))
        ]

    def __len__(self) -> int:
        return len(self.members)

    def __repr__(self) -> str:
        return f"Committee({len(self)} members {self.members[0]!r}, {self.seconds:.3g} CPU s)"


def fit_committee(
    mtp: MTP,
    images: Sequence[Atoms],
    *,
    members: int = 4,
    bootstrap: bool = True,
    max_iterations: int = 30,
    seed: int = 0,
    client: Any = None,
    workers: int | None = None,
    progress: bool = True,
) -> Committee:
    """Fit several potentials that differ by chance alone.

    Parameters
    ----------
    mtp : MTP
        The kind of potential: level, species, cut-off. It is not changed.
    images : list of ase.Atoms
        The training set.
    members : int
        How many; 2 or more.
    bootstrap : bool
        Give each a draw of the training set of the same size, with replacement. Otherwise they
        differ by the parameters from which they start.
    max_iterations : int
        Of each fit.
    seed : int
        Of the first member; each other one has the next.
    client : distributed.Client, optional
        Fit on its cluster.
    workers : int, optional
        Processes on this machine; one for each core where it is left out.
    progress : bool
        Show a bar. Interrupted, those that are there make the committee if they are two or more.

    Returns
    -------
    Committee

    Raises
    ------
    ValueError
        If there are fewer than two members, or too few images.

    Notes
    -----
    H. S. Seung, M. Opper and H. Sompolinsky, Query by committee, Proc. COLT (1992), p. 287.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> from matlearn.potentials.moment_tensors import MTP
    >>> cells = [bulk("Cu", a=a, cubic=True) for a in (3.4, 3.5, 3.6, 3.7, 3.8)]
    >>> train = single_points(cells, "emt", progress=False)
    >>> mtp = MTP(2, ["Cu"], cutoff=4.5, min_distance=2.2)
    >>> two = fit_committee(mtp, train, members=2, max_iterations=3, workers=1, progress=False)
    >>> len(two), two.force_spread(cells)[0].shape
    (2, (4,))
    """
    from tqdm.auto import tqdm

    if isinstance(members, bool) or not isinstance(members, int):
        raise TypeError(f"members must be a whole number, got {members!r}")
    if members < 2:
        raise ValueError(f"members must be 2 or more, got {members}: one alone cannot disagree")
    given = checked_images(images)
    jobs = []
    for k in range(members):
        drawn: Any = np.arange(len(given))
        if bootstrap:
            drawn = np.random.default_rng(seed + k).integers(len(given), size=len(given))
        jobs.append((mtp.copy(), [given[index] for index in drawn], max_iterations, seed + k))
    fitted: dict[int, MTP] = {}
    seconds = 0.0
    with tqdm(total=members, disable=not progress, unit="member") as bar:
        try:
            for index, (one, used) in map_unordered(_fit, jobs, client=client, workers=workers):
                fitted[index] = one
                seconds += used
                bar.update()
        except KeyboardInterrupt:
            if len(fitted) < 2:
                raise
    return Committee(tuple(fitted[index] for index in sorted(fitted)), seconds)


def _fit(job: tuple[MTP, list[Atoms], int, int]) -> tuple[MTP, float]:
    mtp, images, iterations, seed = job
    start = time.process_time()
    result = mtp.fit(images, max_iterations=iterations, seed=seed, restart=True, progress=False)
    if result.stop_reason == "interrupted":  # half a fit is no member
        raise KeyboardInterrupt
    return mtp, time.process_time() - start


def forces_of(mtp: MTP, images: Iterable[Atoms]) -> list[Floats]:
    """Compute the forces of each configuration in eV/A, shape (n_atoms, 3)."""
    calculator = mtp.calculator()
    return [np.array(calculator.get_property("forces", atoms)) for atoms in images]
