"""``matlearn phonons``: from a cell to its thermal conductivity, in a terminal."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from matlearn.phonons._command.sources import Source
    from matlearn.phonons.force_constants import ForceConstants
    from matlearn.phonons.force_sets import ForceSet

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run the command; what ``matlearn phonons`` calls.

    Parameters
    ----------
    arguments
        Words after ``matlearn phonons``; ``--help`` lists them.

    Returns
    -------
    int
        0 when all went well.

    Raises
    ------
    ValueError, OSError, ImportError
        For everything that is wrong with the words, the files or the calculation: one line.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> folder = tempfile.TemporaryDirectory()
    >>> bulk("Al", a=3.9943, cubic=True).write(f"{folder.name}/POSCAR", format="vasp")
    >>> run([f"{folder.name}/POSCAR", "--potential", "emt", "--supercell", "2", "2", "2",
    ...      "--harmonic", "--output", f"{folder.name}/al", "--no-progress", "--workers", "1"])
    ForceSet(Al, 2 systematic of 0.01 A, 32 atoms, forces ... meV/A, energies)
    ForceConstants(Al, order 2 by systematic, 32 atoms)
    frequencies at Gamma (THz): ...
       T (K)      F (eV)   S (J/K mol)   C (J/K mol)
         300    -0.01...        30.6...        23.2...
    of a mole of primitive cells
    written to ...
    0
    >>> folder.cleanup()
    """
    from matlearn.phonons._command.words import parser
    from matlearn.phonons.force_sets import ForceSetError

    options = parser().parse_args(list(arguments))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning)
        warnings.showwarning = _say
        try:
            return _run(options)
        except (TypeError, ForceSetError) as problem:
            raise ValueError(str(problem)) from problem


def _say(message: Warning | str, *_: object, **__: object) -> None:
    print(f"matlearn: {message}", file=sys.stderr)


def _run(options: argparse.Namespace) -> int:
    import numpy as np

    from matlearn.phonons import thermal_conductivity
    from matlearn.phonons._command import asked, sources, tables

    _check(options)
    source = sources.read(options.cell)
    matrix = _supercell(options, source)
    computes = options.potential is not None
    if not computes and source.forces is None:
        raise ValueError(
            f"{options.cell} has no forces: name a potential, such as --potential chgnet"
        )
    if not computes:
        _refuse_for_forces(options)
    if options.relax:
        from dataclasses import replace

        source = replace(
            source, unitcell=sources.relaxed(source.unitcell, options.potential), displacements=None
        )
        lengths = ", ".join(f"{one:.4f}" for one in source.unitcell.cell.lengths())
        print(f"relaxed with {options.potential}: a, b, c = {lengths} A")
    if options.born:
        source = sources.with_born(source, options.born, matrix)
    formula = source.unitcell.get_chemical_formula("metal", empirical=True)
    folder = Path(options.output or f"phonons-{formula}")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--output must be a folder, and {folder} is a file")
    folder.mkdir(parents=True, exist_ok=True)
    about = asked.about(options, source, np.asarray(matrix))
    asked.check_folder(folder, about)
    forces = _forces(options, source, matrix, folder) if computes else source.forces
    assert forces is not None
    if source.charges is not None:
        forces = forces.with_nac(*source.charges)
    tables.write_json(folder / asked.ABOUT, about)
    forces.save(folder / "phono3py_params.yaml.xz")
    constants = _constants(options, forces)
    constants.save(folder)
    print(forces)
    print(constants)
    if options.harmonic:
        found = constants.thermal_properties(options.temperatures, nac=not options.no_nac)
        print(tables.harmonic_table(constants, found))
        tables.write_frame(folder / "thermal.csv", found.to_frame())
    for mesh in [] if options.harmonic else options.mesh:
        conductivity = thermal_conductivity(
            constants, mesh=mesh, temperatures=options.temperatures, nac=not options.no_nac,
            method=options.method, isotopes=options.isotopes,
            store=folder / "forces.db", progress=not options.no_progress,
        )  # fmt: skip
        print(tables.conductivity_table(conductivity), flush=True)
        name = tables.name_of(conductivity) + ("-no-nac" if options.no_nac else "")
        tables.write_frame(folder / f"{name}.csv", conductivity.to_frame())
        tables.write_json(folder / f"{name}.json", tables.as_json(conductivity, about))
        if options.figures:
            _figure(conductivity, folder / f"{name}.png")
    if options.figures:
        _figure(constants, folder / "bands.png")
    print(f"written to {folder.resolve()}")
    return 0


def _check(options: argparse.Namespace) -> None:
    """See that the words fit together, before anything is computed."""
    random = options.displacements == "random"
    if not random and (options.count is not None or options.seed is not None):
        raise ValueError("--count and --seed go with --displacements random")
    if random and options.pair_cutoff is not None:
        raise ValueError("--pair-cutoff goes with --displacements systematic")
    if options.relax and options.potential is None:
        raise ValueError("--relax needs --potential: forces that are there cannot relax a cell")
    if options.harmonic and (options.isotopes or options.method != "rta"):
        raise ValueError("--harmonic computes no conductivity: leave --isotopes and --method out")
    least = 0.0 if options.harmonic else 1.0
    if not all(least <= one < float("inf") for one in options.temperatures):
        raise ValueError(f"--temperatures must be numbers of at least {least:g} K")
    if options.potential is not None:
        from matlearn.calculators import calculator_factory

        calculator_factory(options.potential)


def _refuse_for_forces(options: argparse.Namespace) -> None:
    """Refuse words about displacements, where these are there already."""
    from matlearn.phonons._command import asked

    wrong = asked.about_displacements(options)
    if wrong:
        raise ValueError(
            f"{wrong[0]} has nothing to do: {options.cell} holds displacements and forces already "
            "(with --potential they are computed anew)"
        )


def _supercell(options: argparse.Namespace, source: Source) -> Any:
    """Give the supercell's matrix."""
    from matlearn.phonons._phono3py.cells import checked_matrix

    if options.supercell is None:
        if source.supercell is None:
            raise ValueError("--supercell is missing: three whole numbers, such as 2 2 2")
        return source.supercell
    given = options.supercell
    if len(given) not in (3, 9):
        raise ValueError(
            f"--supercell must be three whole numbers, or nine of a matrix, got {len(given)}"
        )
    return checked_matrix(
        given if len(given) == 3 else [given[:3], given[3:6], given[6:]], "--supercell"
    )


def _forces(
    options: argparse.Namespace, source: Source, matrix: Any, folder: Path
) -> ForceSet:  # fmt: skip
    """Displace atoms and compute forces, going on from what is in the folder."""
    from matlearn.phonons import force_set, systematic_displacements
    from matlearn.phonons._command import asked
    from matlearn.phonons.force_constants import _drawn

    order = 2 if options.harmonic else 3
    moved = asked.given_displacements(options, source)
    if moved is not None:
        pass
    elif options.displacements == "random":
        moved = _drawn(
            source.unitcell,
            matrix,
            asked.distance(options),
            options.count,
            options.seed or 0,
            order,
            None,
        )
    else:
        moved = systematic_displacements(
            source.unitcell, matrix, distance=asked.distance(options), order=order,
            cutoff_pair_distance=options.pair_cutoff,
        )  # fmt: skip
    return force_set(
        moved, options.potential, workers=options.workers, store=folder / "forces.db",
        progress=not options.no_progress,
    )  # fmt: skip


def _constants(options: argparse.Namespace, forces: ForceSet) -> ForceConstants:
    from matlearn.phonons import force_constants

    return force_constants(
        forces, order=2 if options.harmonic else (2, 3), progress=not options.no_progress
    )


def _figure(result: Any, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matlearn import plotting
    from matlearn.tour import save_figure

    plotting.use_style()
    save_figure(result.plot(), path)
