"""Reasons for doubt in force constants: imaginary modes, supercells that end too early, drift."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matlearn.phonons._constants.results import ForceConstants

IMAGINARY = 0.05
"""Frequencies below minus this (THz) are not roundings."""
LENGTH = 40.0
"""Density of the mesh that is looked over for imaginary modes (A)."""
REACH = 0.10
"""Constants at the edge of the supercell above this share of the largest are cut off."""
DRIFT = 0.02
"""A drift above this share of the largest constant is noise that matters."""
SMALL = 0.1
"""Third-order constants below this (eV/A3) are next to nothing: symmetry forbids them."""
NOTHING = 1e-6
"""Second-order constants below this (eV/A2) are those of no crystal."""


def judge(constants: ForceConstants) -> tuple[str, ...]:
    """Collect reasons for doubt."""
    found = [
        imaginary(constants),
        reach(constants),
        drifting(constants),
        harmonic_alone(constants),
        lower_symmetry(constants),
    ]
    return tuple(message for message in found if message)


def imaginary(constants: ForceConstants) -> str | None:
    """Say which modes are imaginary, how large they are, and what they may mean."""
    made = constants.harmonic_model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a mesh put right: any that is as dense will do
        points = made.run_mesh(mesh=LENGTH, is_gamma_center=True)
    qpoints = [*np.asarray(points.qpoints), *_commensurate(constants)]
    frequencies = constants.frequencies(np.array(qpoints))
    lowest = frequencies.min(axis=1)
    many = int((lowest < -IMAGINARY).sum())
    if not many:
        return None
    worst = int(lowest.argmin())
    q = np.round(qpoints[worst], 3) + 0.0
    place = f"q = ({q[0]:g}, {q[1]:g}, {q[2]:g})"
    near_gamma = np.linalg.norm(np.array(qpoints)[lowest < -IMAGINARY], axis=1).max() < 0.2
    bands = int((frequencies[worst] < -IMAGINARY).sum())
    meaning = (
        "only near Gamma: most often the supercell is too small, forces are noisy, or the "
        "non-analytical correction is missing"
        if near_gamma
        else "the crystal gains energy by distorting along them (a phase that only heat makes "
        "stable, or the wrong structure), or the cell is not relaxed, the potential is wrong far "
        "from what it learned, or the supercell is too small"
    )
    return (
        f"imaginary modes: down to {-lowest[worst]:.2f}i THz at {place} ({bands} of "
        f"{frequencies.shape[1]} bands there; {many} of {len(qpoints)} q-points looked at have "
        f"some): {meaning}. They carry no heat in what is computed from these constants"
    )


def reach(constants: ForceConstants) -> str | None:
    """Say where the second order has not died down at the edge of the supercell."""
    from ase.geometry import get_distances

    supercell = constants.harmonic_supercell
    made = constants.harmonic_model
    first = made.primitive.p2s_map
    _, far = get_distances(
        supercell.positions[first], supercell.positions, cell=supercell.cell, pbc=True
    )
    size = np.linalg.norm(constants.fc2, axis=(2, 3))
    if constants.born is not None:  # the dipoles' share is added without an edge
        return None
    apart = far > 0.1
    edge = far > 0.9 * far.max()
    if not (apart & ~edge).any():
        return "the supercell is too small: all neighbours of an atom are at its edge"
    share = float(size[edge].max() / size[apart].max())
    if share <= REACH:
        return None
    return (
        f"the supercell is small: at its edge, {far.max():.1f} A away, second-order constants are "
        f"still {share:.0%} of the largest between neighbours; see whether results change in a "
        "larger one"
    )


def drifting(constants: ForceConstants) -> str | None:
    """Say where the constants did not add up to zero before they were made to."""
    second = constants.drift[0] / max(np.abs(constants.fc2).max(), NOTHING)
    third = 0.0
    if constants.fc3 is not None and constants.drift[1] is not None:
        third = constants.drift[1] / max(np.abs(constants.fc3).max(), SMALL)
    if max(second, third) <= DRIFT:
        return None
    return (
        f"drift: moving the whole crystal would cost force, {second:.1%} of the largest constant "
        f"of order 2 and {third:.1%} of order 3 before this was put right: forces are noisy, or "
        "the displacements large"
    )


def harmonic_alone(constants: ForceConstants) -> str | None:
    """Say where there is nothing to scatter modes."""
    if constants.fc3 is None or np.abs(constants.fc3).max() > SMALL:
        return None
    return (
        "third-order constants are next to nothing: in a supercell as small as this every atom "
        "meets its neighbours from both sides at once, and they cancel. A conductivity would be "
        "endless"
    )


def lower_symmetry(constants: ForceConstants) -> str | None:
    """Say where the supercell breaks symmetries of the crystal."""
    made = constants.harmonic_model
    crystal = len(made.primitive_symmetry.pointgroup_operations)
    kept = len(made.symmetry.pointgroup_operations)
    if kept >= crystal:
        return None
    return (
        f"the supercell keeps {kept} of the crystal's {crystal} rotations: directions that are alike "
        "come out different; take one that is as symmetric, such as equal multiples"
    )


def _commensurate(constants: ForceConstants) -> np.ndarray:
    """Wave vectors that fit into the supercell, where the frequencies are exact."""
    from phonopy.harmonic.dynmat_to_fc import get_commensurate_points

    matrix = np.linalg.inv(constants.primitive_matrix) @ constants.harmonic_matrix
    return np.asarray(get_commensurate_points(np.rint(matrix).astype(int)))
