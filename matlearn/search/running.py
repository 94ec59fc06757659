"""Relax the structures of a search, one after another or side by side, so that nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ase import Atoms
from ase.calculators.calculator import Calculator

from matlearn._relaxing.loop import WITH_ENERGY, Run, relax_all
from matlearn.store import Record, Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WITH_ENERGY", "SearchRun", "run_search"]


@dataclass(frozen=True, repr=False)
class SearchRun(Run):
    """A search as far as it has come; the structures themselves lie in its store.

    Read one with `SearchRun.read`; a run that says ``stopped`` goes on when `run_search` is
    called again.
    """

    def to_frame(self) -> pd.DataFrame:
        """Give the relaxed structures as a table.

        Returns
        -------
        DataFrame
            The columns of `matlearn.search.read_results` (energies in eV, volumes in A3,
            pressure in GPa), and ``converged``, ``steps`` and ``cpu_seconds``. A relaxation that
            did not converge has a row, one that exploded or met an error has not: see `failures`.
            What a search under pressure ranks by is the enthalpy, which is energy plus pressure
            times volume (1 eV/A3 is 160.2 GPa).
        """
        from matlearn.search.results import frame_from_atoms

        kept = [record for record in self.records() if record.status in WITH_ENERGY]
        frame = frame_from_atoms([_only(r.atoms) for r in kept], labels=[r.key for r in kept])
        frame["converged"] = [record.status == "done" for record in kept]
        frame["steps"] = [record.info["steps"] for record in kept]
        frame["cpu_seconds"] = [record.info["cpu_seconds"] for record in kept]
        return frame


def run_search(
    structures: Iterable[Atoms],
    calculator: Calculator | str | os.PathLike[str] | Callable[[], Calculator],
    *,
    store: str | os.PathLike[str] | Store,
    fmax: float = 0.05,
    max_steps: int = 300,
    pressure: float = 0.0,
    workers: int | None = None,
    client: Any = None,
    progress: bool = True,
    stop: Callable[[], bool] | Any = None,
    on_result: Callable[[Record], None] | None = None,
) -> SearchRun:
    """Relax cell and positions of many structures, and keep each as soon as it is finished.

    Whatever ends the process (Ctrl-C, a kill, a power cut), what was finished is in the store. The
    same call goes on from there: nothing finished is done again, and only structures that were in
    flight are started anew. Ctrl-C raises `KeyboardInterrupt` as ever; `SearchRun.read` reads
    what there is.

    Parameters
    ----------
    structures
        ASE Atoms or pymatgen Structures with three-dimensional cells; any iterable, also one that
        makes them as it goes, such as `random_structures`. A structure's label is
        ``info["label"]``, or its formula with its position, as ``LiN2-00017``.
    calculator
        A name such as ``"chgnet"`` or the path of a fitted potential, a function without arguments
        that returns an ASE calculator (each process calls it once), or an ASE calculator: it works
        in this process, unless `workers` or `client` ask for copies of it.
    store
        The file (SQLite) that keeps the results, or an open `Store`.
    fmax
        Relaxed when no force on an atom is larger, in eV/A; likewise the force on the cell as ASE's
        `FrechetCellFilter` has it (stress times volume per atom, in eV).
    max_steps
        Steps after which a relaxation is given up, and kept as unconverged.
    pressure
        External pressure in GPa.
    workers
        Processes, each with one thread. None: one for each physical core available, or this
        process alone for a calculator. 1: this process.
    client
        A connected `distributed.Client` whose cluster does the work instead.
    progress
        Show a progress bar.
    stop
        A function (or a `threading.Event`) that says True when the search shall stop. In this
        process it is asked at each step, otherwise after each structure; what is in flight is
        dropped, what is finished stays, and the run returned says ``stopped``.
    on_result
        Called with the `Record` of each structure that was finished, after it was kept.

    Returns
    -------
    SearchRun
        With ``.to_frame()`` and ``.failures()``. Relaxations that explode, do not converge, or
        meet an error of the calculator are kept with their reason, and counted.

    Raises
    ------
    TypeError, ValueError
        For an argument that makes no sense; for a calculator that cannot be copied to workers; for
        a label that comes twice, or that the store holds already from another start or other
        settings (the message says what differs): nothing is ever mixed.
    matlearn.store.StoreError
        If the store cannot be used, or another search is writing to it.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> cells = [bulk("Cu", "fcc", a=3.4), bulk("Cu", "sc", a=2.3)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = run_search(cells, "emt", store=f"{folder}/copper.db", workers=1, progress=False)
    ...     print(run, run.to_frame()["energy_per_atom"].round(2).tolist())
    SearchRun('copper.db', 2 structures: 2 done) [-0.01, 0.45]
    """
    return relax_all(
        structures,
        calculator,
        kind=SearchRun,
        store=store,
        fmax=fmax,
        max_steps=max_steps,
        pressure=pressure,
        workers=workers,
        client=client,
        progress=progress,
        stop=stop,
        on_result=on_result,
    )


def _only(atoms: Atoms | None) -> Atoms:
    if atoms is None:
        raise ValueError("a record of a search holds no structure")
    return atoms
