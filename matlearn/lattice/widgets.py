"""The widgets of the lattice chapter: a simulation to play with, and fits to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matlearn.widgets import interactive

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from matlearn.lattice._live.board import Board
    from matlearn.lattice._live.fit_explorer import FitExplorer

    from .monte_carlo import MonteCarlo

    Range = tuple[float, float]

_STILL_SWEEPS = 200


def monte_carlo_board(
    simulation: MonteCarlo,
    *,
    temperatures: Range | None = None,
    chemical_potentials: Range | Mapping[str, Range] | None = None,
    plane: Sequence[float] = (0, 0, 1),
    layer: int = 0,
    spin_up: str | None = None,
    sweeps_per_picture: int = 1,
    start: bool = False,
) -> Board | Axes:
    """Watch a Monte Carlo simulation run, and turn its temperature and chemical potentials.

    It runs beside the notebook, about five pictures a second; other cells can be run meanwhile.
    A slider acts at once on the same `simulation`, which stays what it has become: pause the board
    before a cell uses it for something else. It rests while no page shows it.

    Parameters
    ----------
    simulation : MonteCarlo
        Any of :class:`matlearn.lattice.MonteCarlo`; the atoms it has now are those that the reset
        button brings back.
    temperatures : tuple of two floats, optional
        Ends of the temperature slider (K, or J/kB for a model); by default a tenth and two and a
        half times the temperature that the simulation has.
    chemical_potentials : tuple of two floats, or dict of them by symbol, optional
        Ends of the sliders (eV, or J); by default 5 kT to both sides. Only what counts has a
        slider: of the species of a sublattice the first is the reference, and a canonical
        simulation has none.
    plane : sequence of three numbers
        Which layer is shown: its normal along the Cartesian axes.
    layer : int
        Which one of them; a slider changes it.
    spin_up : str, optional
        For an Ising model: the symbol that stands for spin up. The magnetisation is shown instead
        of the concentration.
    sweeps_per_picture : int
        Sweeps from one picture to the next; a slider changes it.
    start : bool
        Start at once; otherwise the button does.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``simulation``, ``temperature``, ``potentials``, ``speed``, ``button``, ``reset``,
        ``traces`` and the methods ``start``, ``pause`` and ``close``. Where widgets cannot run,
        200 sweeps are made and the layer is drawn with the energies beside it.

    Raises
    ------
    TypeError
        If `simulation` is none.
    ValueError
        If a range is empty or does not hold the present value, or a symbol is not one that has a
        chemical potential here.
    """
    for name in ("run", "temperature", "ensemble"):
        if not hasattr(simulation, name):
            raise TypeError(
                f"simulation must be a MonteCarlo, got {type(simulation).__name__} (it has no "
                f"{name!r})"
            )
    if sweeps_per_picture < 1:
        raise ValueError(f"sweeps_per_picture must be at least 1, got {sweeps_per_picture}")
    if spin_up is not None and spin_up not in simulation.concentrations:
        known = ", ".join(simulation.concentrations)
        raise ValueError(f"spin_up must be one of {known}, got {spin_up!r}")
    options = {
        "temperatures": _temperature_range(simulation, temperatures),
        "chemical_potentials": _potential_ranges(simulation, chemical_potentials),
        "plane": tuple(plane), "layer": layer, "spin_up": spin_up,
        "sweeps_per_picture": int(sweeps_per_picture),
    }  # fmt: skip
    if not interactive():
        return _still(simulation, options)
    from matlearn.lattice._live.board import Board

    board = Board(simulation, options)
    if start:
        board.start()
    return board


def _temperature_range(simulation: MonteCarlo, wish: Range | None) -> Range:
    now = float(simulation.temperature)
    if wish is None:
        return _round(0.1 * now), _round(2.5 * now)
    low, high = map(float, wish)
    if not 0 < low <= now <= high or low == high:
        raise ValueError(
            f"temperatures must be two positive ends with the present {now:g} between them, "
            f"got {tuple(wish)}"
        )
    return low, high


def _potential_ranges(
    simulation: MonteCarlo, wish: Range | Mapping[str, Range] | None
) -> dict[str, Range]:
    symbols = turnable_species(simulation)
    ranges: dict[str, Range] = {}
    if isinstance(wish, Mapping):
        unknown = [symbol for symbol in wish if symbol not in symbols]
        if unknown:
            raise ValueError(
                f"chemical_potentials has a range for {', '.join(unknown)}, but sliders are for: "
                f"{', '.join(symbols) or 'none (not a semi-grand simulation)'}"
            )
    elif wish is not None and not symbols:
        raise ValueError(
            f"chemical_potentials is given, but a {simulation.ensemble} simulation has none"
        )
    width = _round(5.0 / simulation.beta)
    for symbol in symbols:
        now = float(dict(simulation.chemical_potentials).get(symbol, 0.0))
        given = wish.get(symbol) if isinstance(wish, Mapping) else wish
        low, high = (now - width, now + width) if given is None else map(float, given)
        if not low <= now <= high or low == high:
            raise ValueError(
                f"chemical_potentials must have the present {now:g} of {symbol} between the ends, "
                f"got {(low, high)}"
            )
        ranges[symbol] = (low, high)
    return ranges


def turnable_species(simulation: MonteCarlo) -> list[str]:
    """Return the species whose chemical potentials matter: all but the first of a sublattice."""
    from ase.data import chemical_symbols

    if simulation.ensemble != "semi-grand":
        return []
    matter = {chemical_symbols[n] for kind, _ in simulation.model.sublattices for n in kind[1:]}
    return [symbol for symbol in simulation.concentrations if symbol in matter]


def _round(value: float) -> float:
    return float(f"{value:.2g}")


def _still(simulation: MonteCarlo, options: dict[str, Any]) -> Axes:
    """The layer after some sweeps, with the energies beside it."""
    import matplotlib.pyplot as plt

    from matlearn.lattice._figures.units import EnergyUnits

    from . import plots

    frame = simulation.run(_STILL_SWEEPS, record_every=2)
    _, (ax, beside) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(2, 3))
    plots.snapshot(
        simulation, plane=options["plane"], layer=options["layer"], spin_up=options["spin_up"],
        ax=ax,
    )  # fmt: skip
    units = EnergyUnits.of(simulation)
    plots.trace(frame, "energy_per_atom", model=units.temperature != "K", ax=beside)
    ax.set_title(f"T = {simulation.temperature:g} {units.temperature}")
    return ax


def fit_explorer(
    frame: pd.DataFrame,
    *,
    cutoffs: Sequence[Sequence[float]] | None = None,
    methods: Sequence[str] = ("ridge", "lasso", "ardr", "ols"),
    **options: Any,
) -> FitExplorer | Axes:
    """Choose cut-offs and method by slider, and see the fit: errors, interactions, hull.

    Every fit stays as a point beside the others, so that one sees where training and validation
    part. Each is made once, when it is first asked for.

    Parameters
    ----------
    frame : pandas.DataFrame
        Training structures, as of :func:`matlearn.lattice.fit_cluster_expansion`.
    cutoffs : sequence of sequences of float, optional
        Choices for pairs, triplets, ... (Å), 0 for none. By default shell by shell: 8 of pairs,
        4 of triplets and 2 of quadruplets, on the lattice in ``frame.attrs["primitive"]``.
    methods : sequence of str
        Methods to choose from.
    **options
        Handed on to :func:`matlearn.lattice.fit_cluster_expansion`: ``validation``, ``seed``, ...

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``cutoffs``, ``method``, ``fit``, ``fits`` and ``to_frame()``. Where widgets cannot
        run, the figure of the fit that it begins with.

    Raises
    ------
    ValueError
        If there are no cut-offs to choose from, no method, or the frame cannot be fitted at all.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from ase.build import bulk
    >>> from icet.tools import enumerate_structures
    >>> cells = list(enumerate_structures(bulk("Cu"), range(1, 5), ["Cu", "Pd"]))
    >>> x = np.array([np.mean(cell.symbols == "Pd") for cell in cells])
    >>> frame = pd.DataFrame({"structure": cells, "concentration": x,
    ...                       "mixing_energy": -0.2 * x * (1 - x)})
    >>> fit_explorer(frame, cutoffs=[[3.0, 4.0]], methods=["ridge"]).get_xlabel()
    'Parameters'
    """
    from matlearn.lattice._live import choices as _choices

    names = [methods] if isinstance(methods, str) else list(methods)
    if not names:
        raise ValueError("methods must name at least one method, got none")
    choices = _choices.cutoff_choices(frame, cutoffs)
    if not interactive():
        return _choices.still(frame, choices, names[0], options)
    from matlearn.lattice._live.fit_explorer import FitExplorer

    return FitExplorer(frame, choices, names, options)
