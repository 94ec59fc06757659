"""Barriers of single hops: the path of least energy from one site to the next."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._structures import as_atoms
from matlearn.transport._barriers import ends, vacancies
from matlearn.transport._barriers.arguments import check_arguments, checked_store
from matlearn.transport._barriers.result import MigrationPath

__all__ = ["MigrationPath", "load_path", "migration_barrier", "vacancy_hop"]


def migration_barrier(
    initial: Atoms,
    final: Atoms,
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    images: int = 5,
    climb: bool = True,
    fmax: float = 0.05,
    relax_ends: bool = True,
    symmetric: bool | None = None,
    interpolation: str = "idpp",
    check: bool = True,
    spring: float = 0.5,
    match: bool | None = None,
    steps: int = 300,
    store: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> MigrationPath:
    """Find the path of least energy between two states, and the barrier on it.

    A band of images between both states is pulled to the path by the forces across it, and held
    apart by springs along it (nudged elastic band, ASE's, with improved tangents). When it is
    nearly at rest its highest image climbs against the force along the path, to the saddle. One
    cell throughout: its volume is part of the answer.

    Parameters
    ----------
    initial, final
        The two states, such as `vacancy_hop` gives: the same atoms in the same cell. Atoms go the
        shortest way, however they are wrapped; a shift that all have in common is taken back, and
        the messages say so. Constraints are those of `initial`. Not periodic is fine.
    calculator
        ASE calculator, a name or path for `matlearn.calculators.get_calculator`, or a function
        that makes one. It serves all images in turn.
    images
        Between the two states, at least 1. An odd number puts one near the middle.
    climb
        Let the highest image climb to the saddle; without it, the barrier is that of a curve
        through the images.
    fmax
        Largest force on an atom that is left (eV/A), of the ends and of the band.
    relax_ends
        Relax both states first.
    symmetric
        None: where both ends turn out alike, say so if the path is not its own mirror image.
        True: it is an error if they are not alike. False: do not look.
    interpolation
        First guess: ``"idpp"`` keeps distances between atoms reasonable, ``"linear"`` is a
        straight line.
    check
        See whether the top is a saddle, with up to twenty more evaluations: a band as symmetric as the
        crystal may come to rest on a ridge, where it feels no force to either side. It is pushed
        off then, and the messages say so.
    spring
        eV/A2.
    match
        None: the atoms of `final` are put into the order of `initial`, each to the nearest of its
        kind, where elements come in another order or where that leaves far fewer atoms to move
        (two states that were numbered differently), and the messages say so. True: always. False:
        never.
    steps
        At most so many for each end, and for the band in one call.
    store
        File (.npz) that the band is kept in while it moves. Whatever ends the process, the same
        call goes on from there; of a path that is finished it only reads the result.
    progress
        Show a progress bar.

    Returns
    -------
    MigrationPath
        ``.converged`` and ``.messages`` say whether to trust it. Interrupted by Ctrl-C, the path
        as far as it was found.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense, the two states do not belong together or relax to one, or
        `store` holds another band.

    Notes
    -----
    G. Henkelman and H. Jonsson, J. Chem. Phys. 113, 9978 (2000); G. Henkelman, B. P. Uberuaga and
    H. Jonsson, J. Chem. Phys. 113, 9901 (2000), for the climbing image; S. Smidstrup, A. Pedersen,
    K. Stokbro and H. Jonsson, J. Chem. Phys. 140, 214106 (2014), for the first guess.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", cubic=True)
    >>> initial, final = vacancy_hop(copper, "Cu", supercell=2)
    >>> path = migration_barrier(initial, final, "emt", images=1, progress=False)
    >>> path.converged, f"{path.barrier:.2f} eV", f"{path.rate(800):.1e} Hz"
    (True, '0.76 eV', '1.6e+08 Hz')
    """
    from tqdm.auto import tqdm

    from matlearn.calculators import calculator_factory, describe
    from matlearn.transport._barriers.search import Search, digest

    options = {
        "images": images, "climb": bool(climb), "fmax": fmax, "relax_ends": bool(relax_ends),
        "interpolation": interpolation, "spring": spring, "check": bool(check),
    }  # fmt: skip
    check_arguments({**options, "steps": steps})
    path = checked_store(store)
    first, last, messages = ends.checked_pair(
        as_atoms(initial, "initial"), as_atoms(final, "final"), match
    )
    settings = {
        **options,
        "images": int(images),
        "initial": digest(first),
        "final": digest(last),
        "calculator": describe(calculator),
    }
    made = calculator_factory(calculator)()
    search = Search(first, last, made, settings, path, messages)
    with tqdm(desc="band", unit="step", disable=not progress) as bar:
        return search.run(int(steps), symmetric, bar)


def vacancy_hop(
    crystal: Atoms,
    species: str,
    *,
    supercell: int | tuple[int, int, int] | None = None,
    start: int | None = None,
    end: int | None = None,
    hop: int = 0,
) -> tuple[Atoms, Atoms]:
    """Make both ends of a vacancy's hop from a perfect crystal.

    An atom is taken out; in the second state one of its neighbours sits in its place, and the
    vacancy where that was. The atom that is taken out is neutral: a charged cell needs a
    calculator that knows of charge.

    Parameters
    ----------
    crystal
        ASE Atoms or a pymatgen Structure, without the vacancy. Its cell stays as it is.
    species
        Which atoms have the vacancy.
    supercell
        How often the crystal is repeated: one number for all axes, or three.
    start, end
        Indices, in the supercell, of the site that is empty first, and of the site whose atom
        hops into it. Left out: the first site of the species, and a neighbour at the distance that
        `hop` says. Where sites of one species differ, choose: the barrier differs too.
    hop
        0: to the nearest sites of that species, 1: to the next shell, and so on.

    Returns
    -------
    initial, final : ase.Atoms
        Not relaxed, with the same order of atoms; ``info["hop"]`` says which atom hops and how
        far (A).

    Raises
    ------
    TypeError, ValueError
        If there is no such species, site or neighbour, or the supercell is too small.

    Examples
    --------
    >>> from ase.build import bulk
    >>> salt = bulk("LiCl", "rocksalt", a=5.14, cubic=True)
    >>> initial, final = vacancy_hop(salt, "Li", supercell=2)
    >>> len(initial), round(initial.info["hop"]["length"], 3)
    (63, 3.635)
    """
    atoms = vacancies.checked_supercell(crystal, supercell)
    sites = np.flatnonzero([symbol == species for symbol in atoms.symbols])
    if len(sites) < 2:
        raise ValueError(
            f"species must name atoms of the crystal, with at least two in the supercell; it holds "
            f"{atoms.get_chemical_formula()}, got {species!r}"
        )
    here = int(sites[0]) if start is None else vacancies.site(atoms, start, sites, "start", species)
    vector, length, there = vacancies.chosen(atoms, here, sites, end, hop, species)
    final = atoms.copy()
    final.positions[there] = atoms.positions[here]
    del atoms[here], final[here]
    about = {"species": species, "atom": there - (there > here), "length": length}
    for state in (atoms, final):
        state.calc = None
        state.info = {**state.info, "hop": dict(about)}
    final.positions[about["atom"]] = atoms.positions[about["atom"]] - vector
    return atoms, final


def load_path(path: Path) -> MigrationPath:
    """Read a recorded path; see `matlearn.datasets.load` and `MigrationPath.load`."""
    return MigrationPath.load(path)
