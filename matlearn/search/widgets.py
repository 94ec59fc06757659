"""The widgets of a structure search: look through finished ones, and watch one that runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matlearn.widgets import check_columns, interactive

from .plots import as_sets, column_or_motif, energy_volume, relative_energy

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

    from ._live import LiveSearch
    from ._sets import SetExplorer
    from .plots import Sets


def explore_search(sets: Sets) -> SetExplorer | Axes:
    """Overlay searches, filter them by motif and by set, and click on any point to see it.

    Energies are counted from the lowest of each set, since every set has its own zero; a switch
    shows them as they were computed.

    Parameters
    ----------
    sets : pandas.DataFrame or dict of them
        Frames of :func:`matlearn.search.read_results`. A column ``motif`` is computed from the
        structures where it is missing.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``figure``, ``selector``, ``viewer``, ``selected``, and the switches ``set_filter``,
        ``motif_filter`` and ``absolute``. Where widgets cannot run, the figure of
        :func:`matlearn.search.plots.energy_volume`.

    Raises
    ------
    TypeError, ValueError
        If it is no frame and no dict of frames, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from ase.build import bulk
    >>> frame = pd.DataFrame({"label": ["fcc", "hcp"], "energy_per_atom": [-3.5, -3.4],
    ...                       "volume_per_atom": [11.8, 11.9],
    ...                       "structure": [bulk("Cu"), bulk("Cu", "hcp", a=2.55)]})
    >>> explore_search({"EMT": frame}).get_ylabel()
    'Energy above the lowest (meV/atom)'
    """
    frames = as_sets(sets)
    for frame in frames.values():
        check_columns(frame, numbers=[], others=["structure"])
    if not interactive():
        return energy_volume(frames)
    import pandas as pd

    from ._sets import SetExplorer

    rows = [
        frame.assign(
            set=name, motif=column_or_motif(frame, "motif"), relative_energy=relative_energy(frame)
        )
        for name, frame in frames.items()
    ]
    return SetExplorer(pd.concat(rows, ignore_index=True), list(frames))


def live_search(
    structures: Iterable[Atoms],
    calculator: Any,
    *,
    store: str | Path,
    fmax: float = 0.05,
    max_steps: int = 300,
    pressure: float = 0.0,
    start: bool = True,
) -> LiveSearch | Axes:
    """Watch a search fill up while it runs; a button stops it and keeps what is done.

    The search runs beside the notebook, in this process. Stopped, it goes on from where it was by
    the same button, or by the same call with the same store in another session.

    Parameters
    ----------
    structures : iterable of ase.Atoms
        Starting structures, as of :func:`matlearn.search.random_structures`.
    calculator : str, callable or ASE calculator
        As in :func:`matlearn.search.run_search`.
    store : str or pathlib.Path
        File of the results.
    fmax : float
        Largest force left (eV/Å).
    max_steps : int
        Steps after which a relaxation is given up.
    pressure : float
        Pressure (GPa).
    start : bool
        Start at once; otherwise the button does.

    Returns
    -------
    ipywidgets.VBox or matplotlib.axes.Axes
        With ``explorer``, ``button``, ``status`` and ``run``, the
        :class:`matlearn.search.SearchRun` of what is done. Where widgets cannot run, the search
        is run to its end and its figure returned.

    Raises
    ------
    ValueError
        If there are no structures.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ax = live_search([bulk("Cu", a=3.5)], "emt", store=f"{folder}/copper.db")
    >>> ax.get_xlabel()
    'Volume (Å³/atom)'
    """
    cells = list(structures)
    if not cells:
        raise ValueError("structures is empty: there is nothing to search")
    options: dict[str, Any] = {
        "store": Path(store),
        "fmax": fmax,
        "max_steps": max_steps,
        "pressure": pressure,
    }
    if not interactive():
        from .running import run_search

        run = run_search(cells, calculator, workers=1, progress=False, **options)
        return energy_volume(run.to_frame())
    from ._live import LiveSearch

    search = LiveSearch(cells, calculator, options)
    if start:
        search.start()
    return search
