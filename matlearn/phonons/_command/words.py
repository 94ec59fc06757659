"""The words of ``matlearn phonons`` in a terminal."""

from __future__ import annotations

import argparse

DESCRIPTION = """\
Computes the lattice thermal conductivity of a crystal: displaces atoms in a supercell, computes
forces with a potential, finds force constants of second and third order, and adds up what each
vibration carries. What is done is kept: the same command goes on where it was stopped.
"""
EPILOG = """\
examples:
  matlearn phonons POSCAR --potential chgnet --relax --supercell 2 2 2 --mesh 11
  matlearn phonons nacl.cif --potential nacl.yaml --supercell 2 2 2 --born BORN --mesh 11 15 19
  matlearn phonons phono3py_params.yaml.xz --temperatures 200 300 400

files in the output folder:
  forces.db                 forces and scattering, part by part, to go on from
  phono3py_params.yaml.xz   displacements and forces: phono3py-load goes on from it
  phono3py.yaml, fc2.hdf5, fc3.hdf5
                            force constants, as phono3py reads them
  kappa-11x11x11-rta.csv, .json
                            conductivity by temperature; with --mesh 11 15 19 one for each
"""


def parser() -> argparse.ArgumentParser:
    """Make the parser of the command.

    Examples
    --------
    >>> parser().parse_args(["POSCAR", "--potential", "emt"]).mesh
    [11]
    """
    words = argparse.ArgumentParser(
        prog="matlearn phonons",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument(
        "cell",
        metavar="CELL",
        help="unit cell in any format that ASE reads, or YAML of phono3py; the "
        "displacements of phono3py_disp.yaml are taken unless others are asked for",
    )
    words.add_argument(
        "--potential",
        metavar="NAME",
        help="chgnet, emt, ..., or the path of a fitted potential; needed unless CELL has forces",
    )
    words.add_argument(
        "--supercell",
        nargs="+",
        type=int,
        metavar="N",
        help="three whole numbers, or nine of a matrix; that of CELL if it is YAML of phono3py",
    )
    words.add_argument(
        "--relax",
        action="store_true",
        help="relax cell and atoms with the potential first, symmetry kept",
    )
    _displacements(words)
    _conduction(words)
    words.add_argument(
        "--output", metavar="FOLDER", help="default: phonons-FORMULA, beside where you are"
    )
    words.add_argument("--figures", action="store_true", help="write bands.png and kappa.png too")
    words.add_argument("--workers", type=int, metavar="N", help="processes for the forces")
    words.add_argument("--no-progress", action="store_true", help="no progress bars")
    return words


def mesh(text: str) -> int | tuple[int, ...]:
    """Read a mesh.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.

    Examples
    --------
    >>> mesh("11"), mesh("11x11x7")
    (11, (11, 11, 7))
    """
    parts = text.lower().split("x")
    if len(parts) not in (1, 3) or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no mesh: a whole number such as 11, or three such as 11x11x7"
        )
    numbers = tuple(int(part) for part in parts)
    return numbers[0] if len(numbers) == 1 else numbers


def _displacements(words: argparse.ArgumentParser) -> None:
    group = words.add_argument_group("displacements")
    group.add_argument(
        "--displacements",
        choices=("systematic", "random"),
        default="systematic",
        help="pairs that symmetry asks for, or all atoms at once and a fit; default: %(default)s",
    )
    group.add_argument(
        "--distance",
        type=float,
        metavar="A",
        help="default: 0.01, and 0.03 for random ones",
    )
    group.add_argument(
        "--count", type=int, metavar="N", help="random supercells; default: 4 times what is needed"
    )
    group.add_argument("--seed", type=int, metavar="N", help="of random ones; default: 0")
    group.add_argument(
        "--pair-cutoff",
        type=float,
        metavar="A",
        help="leave out pairs farther apart (systematic)",
    )
    group.add_argument(
        "--harmonic",
        action="store_true",
        help="only the second order: frequencies and heat capacity, no conductivity",
    )


def _conduction(words: argparse.ArgumentParser) -> None:
    group = words.add_argument_group("heat conduction")
    group.add_argument(
        "--mesh",
        nargs="+",
        type=mesh,
        default=[11],
        metavar="N",
        help="wave vectors along each direction, 11 or 11x11x7; several are computed one after "
        "the other; default: 11, rarely converged",
    )
    group.add_argument(
        "--temperatures",
        nargs="+",
        type=float,
        default=[300.0],
        metavar="K",
        help="default: 300",
    )
    group.add_argument(
        "--method",
        choices=("rta", "lbte"),
        default="rta",
        help="relaxation times, or the direct solution of the Boltzmann equation; default: rta",
    )
    group.add_argument("--isotopes", action="store_true", help="natural isotopes scatter too")
    group.add_argument(
        "--born",
        metavar="BORN",
        help="phonopy's file of Born charges and dielectric constant, for polar crystals",
    )
    group.add_argument(
        "--no-nac", action="store_true", help="without the field of polar modes even so"
    )
