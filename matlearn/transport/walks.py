"""Random walks whose diffusion coefficient is known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase.data import atomic_masses, atomic_numbers

from matlearn.transport._estimators.steps import directions, hops
from matlearn.transport._estimators.walk_arguments import check_walk
from matlearn.transport.trajectories import Trajectory


def random_walk(
    *,
    frames: int = 1000,
    ions: int = 50,
    step: float = 2.5,
    probability: float = 0.2,
    time_step: float = 0.1,
    kind: str = "lattice",
    lattice: str = "cubic",
    axes: str = "xyz",
    anisotropy: Sequence[float] | None = None,
    backward: float = 0.0,
    vibration: float = 0.0,
    drift: Sequence[float] = (0.0, 0.0, 0.0),
    framework: int = 8,
    species: str = "Li",
    seed: int = 0,
) -> Trajectory:
    r"""Make the trajectory of ions that walk at random, so that D is known before it is estimated.

    From one frame to the next each ion hops with `probability`, in one of the directions of a
    lattice. Ions do not see one another. With p the probability, a the step, d the number of axes
    and :math:`\Delta t` the time between frames,

    .. math:: D = f \, \frac{p a^2}{2 d \Delta t}, \qquad f = \frac{1 - b}{1 + b},

    where b, `backward`, is the probability that a hop reverses the one before it whatever the
    lattice would have drawn: the mean cosine between hops that follow one another is -b, after k
    hops :math:`(-b)^k`, and the sum over all k gives the correlation factor f.

    Parameters
    ----------
    frames, ions : int
        How many.
    step : float
        Length of a hop (A).
    probability : float
        Of a hop from one frame to the next, above 0 and at most 1.
    time_step : float
        Between frames (ps).
    kind : {"lattice", "gaussian"}
        Hops, or steps from a normal distribution in every frame, with the same mean square.
    lattice : {"cubic", "bcc", "fcc", "triangular"}
        Directions of hops: along the axes, to 8 or 12 neighbours, or to 6 in a plane of two axes.
    axes : str
        Directions in which ions move, some of ``"xyz"``.
    anisotropy : sequence of float, optional
        How often each of `axes` is taken (cubic lattice) or how its mean square compares (Gaussian
        steps); alike where left out.
    backward : float
        Probability that a hop goes back at once, at least 0 and below 1.
    vibration : float
        Root mean square along each axis of what every atom, the framework's too, is displaced by
        in each frame, at random (A).
    drift : sequence of three floats
        Velocity at which everything moves (A/ps).
    framework : int
        Oxygen atoms that stay where they are; 0 leaves nothing to measure a drift by.
    species : str
        Symbol of the ions.
    seed : int
        Of the random numbers.

    Returns
    -------
    Trajectory
        Its ``info["diffusion"]`` is D, averaged over `axes`, and ``info["diffusion_by_axis"]``
        that along each (cm2/s); ``info["correlation_factor"]`` is f.

    Raises
    ------
    TypeError, ValueError
        If an argument makes no sense.

    References
    ----------
    K. Compaan and Y. Haven, Trans. Faraday Soc. 52, 786 (1956): correlation of hops.

    Examples
    --------
    A hop of 2.5 A every half picosecond: D = 0.2 (2.5 A)^2 / (6 x 0.1 ps) = 2.083 A2/ps.

    >>> walk = random_walk(frames=100, ions=10, seed=0)
    >>> print(f"{walk.info['diffusion']:.4g} cm2/s")
    0.0002083 cm2/s
    >>> random_walk(frames=100, backward=0.5).info["correlation_factor"]
    0.3333333333333333
    """
    share = check_walk(locals())
    rng = np.random.default_rng(seed)
    columns = ["xyz".index(axis) for axis in axes]
    if kind == "lattice":
        vectors, shares = directions(lattice, axes, share)
        moved = step * hops(rng, (frames - 1, ions), vectors, shares, probability, backward)
        by_axis = shares @ vectors**2
    else:
        by_axis = np.zeros(3)
        by_axis[columns] = share / share.sum()
        size = step * np.sqrt(probability * by_axis)
        moved = rng.standard_normal((frames - 1, ions, 3)) * size
    edge = max(10, int(np.ceil((2 * ions) ** (1 / 3))), int(np.ceil((2 * framework) ** (1 / 3))))
    cell = edge * step * np.eye(3)
    positions = np.empty((frames, ions + framework, 3))
    positions[0, :ions] = _sites(rng, ions, edge)
    positions[0, ions:] = _sites(rng, framework, edge) + 0.5
    positions[0] *= step
    positions[1:] = positions[0]
    positions[1:, :ions] += np.cumsum(moved, axis=0)
    if vibration > 0:
        positions += vibration * rng.standard_normal(positions.shape)
    positions += (np.arange(frames) * time_step)[:, None, None] * np.asarray(drift, dtype=float)
    numbers = np.array([atomic_numbers[species]] * ions + [atomic_numbers["O"]] * framework)
    factor = (1 - backward) / (1 + backward)
    diffusion = 1e-4 * factor * probability * step**2 * by_axis / (2 * time_step)
    return Trajectory(
        numbers=numbers,
        positions=positions,
        cells=np.broadcast_to(cell, (frames, 3, 3)),
        pbc=np.array([True, True, True]),
        time_step=float(time_step),
        masses=atomic_masses[numbers],
        info={
            "made_by": "matlearn.transport.random_walk",
            "kind": kind,
            "lattice": lattice if kind == "lattice" else None,
            "step": float(step),
            "probability": float(probability),
            "axes": axes,
            "backward": float(backward),
            "vibration": float(vibration),
            "seed": seed,
            "diffusion": float(diffusion[columns].mean()),
            "diffusion_by_axis": dict(zip("xyz", diffusion.tolist(), strict=True)),
            "correlation_factor": float(factor),
        },
    )


def _sites(rng: np.random.Generator, count: int, edge: int) -> np.ndarray:
    """Draw sites of a cubic grid, none twice."""
    chosen = rng.choice(edge**3, size=count, replace=False)
    return np.stack(np.unravel_index(chosen, (edge,) * 3), axis=1).astype(float)
