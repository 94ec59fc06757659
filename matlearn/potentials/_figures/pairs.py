"""A pair potential, and the energies of crystals that it should give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn.calculators import calculator_factory
from matlearn.plotting import MARKERS, PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def pair_potential(
    potentials: Any, *, distances: tuple[float, float] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the energy of a pair of atoms against their distance.

    Parameters
    ----------
    potentials : LennardJones, LennardJonesFit or dict of str to these
        What has a ``sigma`` (A) and an ``epsilon`` (eV); several by name.
    distances : tuple of two floats, optional
        Ends of the axis, A; by default 0.9 to 2.5 sigma.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matlearn.potentials.lennard_jones import LennardJones
    >>> pair_potential(LennardJones(3.4, 0.0104, 12.0)).get_xlabel()
    'Distance (Å)'
    """
    named = potentials if isinstance(potentials, Mapping) else {"": potentials}
    ax = new_axes(ax)
    sigmas = [one.sigma for one in named.values()]
    low, high = distances or (0.9 * min(sigmas), 2.5 * max(sigmas))
    r = np.linspace(low, high, 400)
    deepest, said = 0.0, []
    for number, (name, one) in enumerate(named.items()):
        sixth = (one.sigma / r) ** 6
        energy = 4000 * one.epsilon * (sixth**2 - sixth)
        ax.plot(r, energy, color=PALETTE[number % len(PALETTE)],
                linestyle=DASHES[number % len(DASHES)], label=name or None)  # fmt: skip
        deepest = max(deepest, 1000 * one.epsilon)
        said.append(
            f"{name} {1000 * one.epsilon:.2f} meV deep at {2 ** (1 / 6) * one.sigma:.2f} Å".strip()
        )
    ax.axhline(0, color="0.4", linewidth=1)
    ax.set(xlabel="Distance (Å)", ylabel="Energy of a pair (meV)")
    ax.set_xlim(low, high)
    ax.set_ylim(-1.25 * deepest, 1.5 * deepest)
    if any(named):
        ax.legend()
    describe(ax, "Energy of a pair of atoms against their distance: " + "; ".join(said) + ".")
    return ax


def energy_volume(
    images: Iterable[Atoms], potential: Any = None, *, ax: Axes | None = None
) -> Axes:
    """Draw reference energies of crystals against volume, and a potential's as lines.

    Parameters
    ----------
    images : iterable of ase.Atoms
        With energies; ``info["crystal"]`` names what shares a colour and a line.
    potential : object, optional
        Something with ``energy(atoms)``, such as a `LennardJones`; a fit; or anything that
        `matlearn.calculators.calculator_factory` takes. Each line stretches the first image of
        its crystal.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are no images.
    """
    groups: dict[str, list[Atoms]] = {}
    for atoms in images:
        groups.setdefault(str(atoms.info.get("crystal", "")), []).append(atoms)
    if not groups:
        raise ValueError("images is empty: give structures with energies")
    energy = None if potential is None else _energy_of(potential)
    ax = new_axes(ax, size=(7.5, 5.0))
    ends = [np.inf, -np.inf]
    said = []
    for number, (name, members) in enumerate(groups.items()):
        color, marker = PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)]
        volumes = np.array([atoms.get_volume() / len(atoms) for atoms in members])
        known = 1000 * np.array([a.calc.results["energy"] / len(a) for a in members])
        ends = [min(ends[0], known.min()), max(ends[1], known.max())]
        ax.plot(volumes, known, linestyle="none", marker=marker, color=color, alpha=0.7,
                label=name or None)  # fmt: skip
        lowest = f"{name or 'they'} down to {known.min():.1f} meV/atom"
        if energy is not None:
            line = np.linspace(0.97 * volumes.min(), 1.03 * volumes.max(), 25)
            stretched = [_stretched(members[0], volume) for volume in line]
            values = 1000 * np.array([energy(atoms) / len(atoms) for atoms in stretched])
            ax.plot(line, values, color=color, linestyle=DASHES[number % len(DASHES)])
            lowest += f", the potential to {values.min():.1f}"
        said.append(lowest)
    span = ends[1] - ends[0] or 1.0
    ax.set_ylim(ends[0] - 0.5 * span, ends[1] + 0.5 * span)
    ax.set(xlabel="Volume (Å³/atom)", ylabel="Energy (meV/atom)")
    if any(groups):
        ax.legend(ncols=3, loc="upper right")
    shown = "points: reference" + ("; lines: potential" if energy is not None else "")
    describe(ax, f"Energy against volume ({shown}): " + "; ".join(said) + ".")
    return ax


def _energy_of(potential: Any) -> Callable[[Atoms], float]:
    inner = getattr(potential, "potential", None)
    for one in (potential, inner):
        if callable(getattr(one, "energy", None)):
            found: Callable[[Atoms], float] = one.energy  # type: ignore[union-attr]
            return found
    if inner is not None:
        potential = inner.calculator()
    calculator = calculator_factory(potential)()

    def energy(atoms: Atoms) -> float:
        calculator.calculate(atoms, ["energy"])
        return float(calculator.results["energy"])

    return energy


def _stretched(atoms: Atoms, volume: float) -> Atoms:
    """Scale a structure to a volume an atom (A3)."""
    new = atoms.copy()
    factor = (volume * len(atoms) / atoms.get_volume()) ** (1 / 3)
    new.set_cell(new.cell.array * factor, scale_atoms=True)
    return new
