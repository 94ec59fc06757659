"""What can be moved, switched and watched in the transport chapter."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.widgets import interactive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from matlearn.transport._live.arrhenius_board import ArrheniusBoard
    from matlearn.transport._live.fit_explorer import FitExplorer
    from matlearn.transport._live.player import Player
    from matlearn.transport.trajectories import Trajectory

__all__ = ["explore_arrhenius", "explore_fit", "play"]

_PICTURES = 300
_TRAILS = 8


def explore_fit(
    trajectory: Trajectory | Sequence[Trajectory],
    species: str,
    *,
    kind: str = "self",
    drift: str | None = "framework",
    axes: str = "xyz",
) -> FitExplorer | Axes:
    """Move the window in which a line is fitted, and watch D and its error.

    Both lines go through the same window: that of generalised least squares, which knows how much
    each lag is worth and how they hang together, and the usual one, which takes all of them for
    independent. The right panel shows D of windows that begin elsewhere.

    Parameters
    ----------
    trajectory : Trajectory or list of Trajectory
        A run, or replicas.
    species : str
        What moves.
    kind, drift, axes
        As of :func:`matlearn.transport.diffusion_coefficient`.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``window``, ``automatic``, ``value``, ``error``, ``line`` and ``to_frame()``. Where
        widgets cannot run, the displacement with the line that the estimator chooses.

    Raises
    ------
    TypeError, ValueError
        If it is no run, the species is not there, or the run is too short.

    Examples
    --------
    >>> from matlearn.transport import random_walk
    >>> explore_fit(random_walk(frames=300, ions=20, seed=1), "Li").get_xlabel()
    'Lag (ps)'
    """
    if not interactive():
        from matlearn.transport import plots
        from matlearn.transport.diffusion import diffusion_coefficient

        return plots.msd(
            diffusion_coefficient(trajectory, species, kind=kind, drift=drift, axes=axes)
        )
    from matlearn.transport._live.fit_explorer import FitExplorer
    from matlearn.transport._live.window import Windows

    windows = Windows(trajectory, species, kind=kind, drift=drift, axes=axes)
    first = trajectory[0] if isinstance(trajectory, (list, tuple)) else trajectory
    known = getattr(first, "info", {}).get("diffusion") if axes == "xyz" else None
    return FitExplorer(windows, truth=float(known) if isinstance(known, float) else None)


def play(
    trajectory: Trajectory,
    *,
    species: str | None = None,
    trails: bool | int = True,
    step: int | None = None,
    height: int = 400,
) -> Player | Axes:
    """Watch a run: the structure turns, the atoms move, and the fastest ions leave trails.

    Mobile ions that leave the cell come in again on the other side; a trail follows its ion, so
    that it jumps with it. The drift of the other atoms is taken off. The cell is that of the first
    picture.

    Parameters
    ----------
    trajectory : Trajectory
        A run.
    species : str, optional
        Which ions move; left out, those that got farthest.
    trails : bool or int
        How many ions leave a trail, those that got farthest; 8 if True.
    step : int, optional
        Show each how-manieth frame; left out, some 300 in all.
    height : int
        Of the picture (pixels).

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``play``, ``frame``, ``trails``, ``viewer`` and ``atoms``. Where widgets cannot run,
        the trails seen along z.

    Raises
    ------
    TypeError, ValueError
        If it is no run, the species is not there, or an argument makes no sense.

    Examples
    --------
    >>> from matlearn.transport import random_walk
    >>> play(random_walk(frames=50, ions=4)).get_title(loc="left")
    'Li, 4.9 ps'
    """
    if not hasattr(trajectory, "positions") or not hasattr(trajectory, "indices"):
        raise TypeError(
            f"trajectory must be a Trajectory, got {type(trajectory).__name__}: of several runs "
            "choose one"
        )
    moving = _fastest(trajectory) if species is None else species
    mobile = trajectory.indices(moving)
    if isinstance(trails, bool):
        count = min(_TRAILS, len(mobile))
    elif isinstance(trails, int | np.integer):
        count = int(trails)
    else:
        raise TypeError(
            f"trails must be True, False or how many ions leave one, got {trails!r}; which ions "
            "move is said by species"
        )
    if not 0 <= count <= len(mobile):
        raise ValueError(
            f"trails must be from 0 to the {len(mobile)} {moving} of the run: {trails}"
        )
    frames = len(trajectory)
    every = max(1, -(-frames // _PICTURES)) if step is None else step
    if isinstance(every, bool) or int(every) != every or not 1 <= every < max(2, frames):
        raise ValueError(
            f"step must be a whole number from 1 to {max(1, frames - 1)}, got {step!r}"
        )
    if not interactive():
        from matlearn.transport import plots

        return plots.trails(trajectory, moving, ions=count or None, step=int(every))
    from matlearn.transport._live.moving import Film
    from matlearn.transport._live.player import Player

    film = Film.of(trajectory, mobile, np.arange(0, frames, int(every)), count)
    return Player(film, trails=bool(trails), height=height)


def _fastest(trajectory: Trajectory) -> str:
    """The species that got farthest from where it was."""
    moved = ((trajectory.positions[-1] - trajectory.positions[0]) ** 2).sum(axis=1)
    return max(trajectory.species, key=lambda name: float(moved[trajectory.indices(name)].mean()))


def explore_arrhenius(
    points: Any, *, experiment: Any = None, extrapolate_to: float | None = None,
    quantity: str | None = None,
) -> ArrheniusBoard | Axes:  # fmt: skip
    """Switch temperatures on and off, scale the errors, and see where the law then leads.

    Parameters
    ----------
    points : list, pandas.DataFrame or Arrhenius
        Whatever :func:`matlearn.transport.arrhenius` takes, or what it returned.
    experiment : dict by name, optional
        Points that were measured: as of :func:`matlearn.transport.plots.arrhenius`.
    extrapolate_to : float, optional
        Temperature (K) to begin with; the lowest of the points less a quarter if left out.
    quantity : {"diffusion", "conductivity"}, optional
        What plain numbers are.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``switches``, ``errors``, ``target``, ``fit`` and ``chosen``. Where widgets cannot
        run, the law through all points, extrapolated.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two temperatures, a value or error is not positive, or
        `experiment` holds no points.

    Examples
    --------
    >>> known = [(500, 1.68e-5, 8e-7), (600, 2.45e-5, 1e-6), (750, 3.57e-5, 2e-6)]
    >>> explore_arrhenius(known, extrapolate_to=400).get_ylabel()
    'D (cm²/s)'
    """
    from matlearn.transport._figures.activation import measured
    from matlearn.transport.activation import Arrhenius, arrhenius

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the board shows them
        fit = points if isinstance(points, Arrhenius) else arrhenius(points, quantity=quantity)
    known: Mapping[str, Any] = measured(experiment)
    lowest = float(fit.points["temperature"].min())
    target = round(0.75 * lowest, -1) if extrapolate_to is None else float(extrapolate_to)
    if not target > 0:
        raise ValueError(f"extrapolate_to must be a temperature above 0 K, got {extrapolate_to}")
    if not interactive():
        return fit.plot(experiment=experiment, extrapolate_to=target)
    from matlearn.transport._live.arrhenius_board import ArrheniusBoard

    return ArrheniusBoard(fit, known, target)
