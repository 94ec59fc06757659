"""Forces of displaced supercells: from any calculator, from files, and as a set that grows."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.phonons._forces import files as _files
from matlearn.phonons._forces import images as _gathering
from matlearn.phonons._forces import residuals
from matlearn.phonons._forces import vasp as _vasp
from matlearn.phonons._forces.evaluating import (
    AnyCalculator,
    ForceSetError,
    calculator_of,
    evaluate,
)
from matlearn.phonons._forces.results import ForceSet
from matlearn.phonons.displacements import Displacements

if TYPE_CHECKING:
    from matlearn.store import Store

__all__ = [
    "ForceSet",
    "ForceSetError",
    "collect_forces",
    "force_set",
    "load",
    "read_force_set",
    "read_vasp_forces",
]


def force_set(
    displacements: Displacements,
    calculator: AnyCalculator,
    *,
    client: Any = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | Store | None = None,
    subtract_mean: bool = True,
    progress: bool = True,
) -> ForceSet:
    """Compute the forces of displaced supercells.

    The undisplaced supercell is computed too: its forces, which a perfect crystal does not have,
    are taken off, and where they or its stress are large, the cell is not relaxed and a warning
    says so. Supercells that are alike are computed once.

    Parameters
    ----------
    displacements : Displacements
        The supercells.
    calculator
        A name such as ``"chgnet"`` or the path of a fitted potential, a function without arguments
        that returns an ASE calculator, an ASE calculator (it works in this process, unless `workers`
        or `client` ask for copies of it), or what `train_potential` returns.
    client
        A connected `distributed.Client` whose cluster does the work.
    workers
        Processes. None: one for each physical core, or this process alone for a calculator.
    store
        File (SQLite) or `matlearn.store.Store` that keeps each supercell as soon as it is done. The
        same call, or one for a set that has grown, goes on from there.
    subtract_mean : bool
        Take the mean force of each supercell off, as phono3py does: a crystal as a whole feels no
        force.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ForceSet

    Raises
    ------
    ForceSetError
        If the calculator failed for some supercells: it says which and why, and has the others.
    TypeError, ValueError
        If an argument makes no sense.

    Warns
    -----
    UserWarning
        Where the cell is not relaxed.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> displaced = phonons.random_displacements(cell, (2, 2, 2), count=2)
    >>> phonons.force_set(displaced, "emt", workers=1, progress=False)
    ForceSet(Al, 2 random of 0.03 A, 32 atoms, forces 72.5... meV/A, energies)
    """
    if not isinstance(displacements, Displacements):
        raise TypeError(
            "displacements must be Displacements, from random_displacements or "
            f"systematic_displacements; got {type(displacements).__name__}"
        )
    if not len(displacements):
        raise ValueError("displacements must hold at least one supercell, got none")
    from matlearn.calculators import describe

    calculator, stressed = calculator_of(calculator)
    images = dict(enumerate(displacements))
    images[residuals.PERFECT] = displacements.supercell
    results = evaluate(
        images,
        calculator,
        store=store,
        client=client,
        workers=workers,
        progress=progress,
        stress_of=residuals.PERFECT if stressed else None,
    )
    forces = np.array(
        [results[number].calc.results["forces"] for number in range(len(displacements))]
    )
    energies = [results[number].calc.results.get("energy") for number in range(len(displacements))]
    perfect = results[residuals.PERFECT]
    residual = perfect.calc.results["forces"].copy()
    messages, info = residuals.judge(perfect, stressed)
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
    if subtract_mean:
        forces = forces - forces.mean(axis=1, keepdims=True)
        residual = residual - residual.mean(axis=0)
    harmonic = None
    if displacements.harmonic is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the same cell, said above
            harmonic = force_set(
                displacements.harmonic,
                calculator,
                client=client,
                workers=workers,
                store=store,
                subtract_mean=subtract_mean,
                progress=progress,
            )
    return ForceSet(
        displacements=displacements,
        forces=forces - residual,
        energies=None if any(one is None for one in energies) else np.array(energies, dtype=float),
        residual=residual,
        perfect_energy=perfect.calc.results.get("energy"),
        info={"calculator": describe(calculator), **info},
        messages=displacements.messages + messages,
        harmonic=harmonic,
    )


def read_force_set(path: str | os.PathLike[str]) -> ForceSet:
    """Read displacements and forces from one of phono3py's YAML files.

    Parameters
    ----------
    path
        Such as ``phono3py_params.yaml``; also ``.yaml.xz`` and ``.yaml.gz``. Nothing beside it is
        read: no stale FORCES_FC3, BORN or fc3.hdf5 comes in.

    Returns
    -------
    ForceSet
        With Born charges where the file has them, and ``.harmonic`` where it has forces of a
        supercell for the second order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is none of phono3py's, or holds no forces.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> displaced = phonons.random_displacements(bulk("Cu", a=3.59, cubic=True), (1, 1, 1), count=2)
    >>> forces = phonons.force_set(displaced, "emt", workers=1, progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     forces.save(f"{folder}/phono3py_params.yaml.xz")
    ...     phonons.read_force_set(f"{folder}/phono3py_params.yaml.xz")
    ForceSet(Cu, 2 random of 0.03 A, 4 atoms, forces ... meV/A, energies)
    """
    return _files.read(path)


def load(path: str | os.PathLike[str]) -> ForceSet:
    """Load a data set of `matlearn.datasets`: see `read_force_set`."""
    return _files.read(path)


def read_vasp_forces(
    displacements: Displacements,
    paths: Sequence[str | os.PathLike[str]],
    *,
    perfect: str | os.PathLike[str] | None = None,
    subtract_mean: bool = True,
) -> ForceSet:
    """Read the forces of displaced supercells from VASP's runs.

    What ``phono3py --sp --cf3 vasprun_xmls`` does, by the same parser; and atoms may stand in
    another order, for they are matched by their positions.

    Parameters
    ----------
    displacements : Displacements
        The supercells that were computed.
    paths
        vasprun.xml (also compressed) of each, in the order of `displacements`. With one more, the
        first is that of the undisplaced supercell.
    perfect
        vasprun.xml of the undisplaced supercell, whose forces are taken off (``--cfz``).
    subtract_mean : bool
        Take the mean force of each supercell off, as phono3py does.

    Returns
    -------
    ForceSet

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    TypeError, ValueError
        If there are too few or too many files, one is not readable, or atoms are not where the
        displacements say.
    """
    return _vasp.force_set_of(displacements, paths, perfect, subtract_mean)


def collect_forces(
    cell: Any,
    supercell: Sequence[int] | np.ndarray,
    images: Iterable[Atoms],
    *,
    subtract_mean: bool = True,
    primitive_matrix: Any = "auto",
    source: str = "",
) -> ForceSet:
    """Make a force set of displaced supercells that were computed elsewhere.

    Atoms may stand in any order: each belongs to the nearest place of its element.

    Parameters
    ----------
    cell, supercell, primitive_matrix
        As in `random_displacements`.
    images
        ASE Atoms with forces (and energies), such as ``ase.io.read("runs.extxyz", ":")``. Where one
        is not displaced at all, its forces are taken off the others.
    subtract_mean : bool
        Take the mean force of each supercell off, as phono3py does.
    source : str
        What the forces come from, for ``.info["calculator"]``.

    Returns
    -------
    ForceSet

    Raises
    ------
    TypeError, ValueError
        If an image is another supercell, has no forces, or an atom is farther than 0.5 A from its
        place.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn import phonons
    >>> from matlearn.calculators import single_points
    >>> cell = bulk("Al", a=3.9943, cubic=True)
    >>> moved = phonons.random_displacements(cell, (2, 1, 1), count=3)
    >>> runs = single_points(moved, "emt", progress=False)
    >>> phonons.collect_forces(cell, (2, 1, 1), runs, source="emt")
    ForceSet(Al, 3 random of 0.03 A, 8 atoms, forces ... meV/A, energies)
    """
    return _gathering.gather(cell, supercell, images, subtract_mean, primitive_matrix, source)
