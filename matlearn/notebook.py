"""What the first cell of every notebook sets: seed, figure style, and how much is computed.

``small`` is the default and fits Binder and thirty laptops; ``full`` is for a workstation.
"""

from __future__ import annotations

import os
import random
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast

Scale = Literal["small", "full"]
T = TypeVar("T")

_SCALES = ("small", "full")
_current: Settings | None = None


@dataclass(frozen=True)
class Settings:
    """What :func:`setup` set.

    Attributes
    ----------
    seed : int
        Seed of ``random``, NumPy and, where it is loaded, torch.
    scale : {"small", "full"}
        How much the notebooks compute.
    threads : int
        Threads that heavy calculations may use: the cores this process may run on.
    results : pathlib.Path
        Folder of results that outlive the notebook.
    """

    seed: int
    scale: Scale
    threads: int
    results: Path

    def __repr__(self) -> str:
        from matlearn import __version__

        return (
            f"matlearn {__version__}: {self.scale} scale, seed {self.seed}, "
            f"{self.threads} thread{'s' if self.threads > 1 else ''}, results in {self.results}"
        )

    def _repr_html_(self) -> str:
        """Show the same line; the first thing that a page sees also makes it wait for widgets."""
        from matlearn._widgets.patience import with_patience

        return with_patience(repr(self))


def setup(seed: int = 0, scale: Scale | None = None) -> Settings:
    """Prepare a notebook: random seeds, figure style, scale; quieten warnings that are not yours.

    Parameters
    ----------
    seed
        Seed for everything random outside matlearn's own functions (those take ``seed`` themselves).
    scale
        ``"small"`` or ``"full"``; by default what ``MATLEARN_SCALE`` says, else ``"small"``.

    Returns
    -------
    Settings

    Raises
    ------
    ValueError
        If `scale` is neither of the two, or `seed` is negative.

    Examples
    --------
    >>> setup(seed=1).scale
    'small'
    """
    global _current
    if not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be a non-negative integer, got {seed!r}")
    chosen = _chosen_scale(scale)
    _seed_everything(seed)
    _quieten()
    from matlearn import plotting
    from matlearn.parallel import available_cores

    plotting.use_style()
    folder = results_folder()
    _current = Settings(seed, chosen, available_cores(), folder)
    return _current


def scale() -> Scale:
    """The scale in force: ``"small"`` until :func:`setup` or ``MATLEARN_SCALE`` says otherwise.

    Examples
    --------
    >>> scale() in ("small", "full")
    True
    """
    return _current.scale if _current is not None else _chosen_scale(None)


def pick(*, small: T, full: T) -> T:
    """The value that belongs to the scale in force.

    Parameters
    ----------
    small, full
        What to compute with on a laptop or in Binder, and on a workstation.

    Examples
    --------
    >>> pick(small=8, full=200)
    8
    """
    return small if scale() == "small" else full


def results_folder() -> Path:
    """Folder for results that outlive a notebook: ``MATLEARN_RESULTS``, else the user's data folder.

    Examples
    --------
    >>> results_folder().name
    'results'
    """
    import platformdirs

    given = os.environ.get("MATLEARN_RESULTS")
    return Path(given) if given else platformdirs.user_data_path("matlearn") / "results"


def results_path(name: str, *, fresh: bool = False) -> Path:
    """Path of a result file; what an earlier run left there is found again.

    Parameters
    ----------
    name
        Name of a file or folder, such as ``"carbon.db"``.
    fresh
        Begin anew: an earlier one is renamed to ``<name>.old`` (an older ``.old`` goes).

    Returns
    -------
    pathlib.Path
        The folder that it is in exists, itself it may not.

    Raises
    ------
    ValueError
        If `name` is not a plain file name.

    Examples
    --------
    >>> results_path("carbon.db").name
    'carbon.db'
    """
    if Path(name).name != name or name in ("", ".", ".."):
        raise ValueError(f"name must be a plain file name such as 'carbon.db', got {name!r}")
    folder = results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if fresh and path.exists():
        old = path.with_name(name + ".old")
        if old.is_dir():
            shutil.rmtree(old)
        elif path.is_dir():
            old.unlink(missing_ok=True)
        path.replace(old)
    return path


def _chosen_scale(given: str | None) -> Scale:
    """What was given, else what the variable says, else ``"small"``; checked wherever it is from."""
    chosen = given or os.environ.get("MATLEARN_SCALE") or "small"
    if chosen not in _SCALES:
        where = "scale" if given else "the variable MATLEARN_SCALE"
        raise ValueError(f"{where} must be 'small' or 'full', got {chosen!r}")
    return cast(Scale, chosen)


def _seed_everything(seed: int) -> None:
    import sys

    import numpy as np

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (for libraries that still use the global state)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _quieten() -> None:
    """Warnings about other libraries' insides that a participant can do nothing about."""
    for module in (
        "nglview",
        "pymatgen",
        "chgnet",
        "spglib",
        "torch",
        "jupyter_client",
        "traitlets",
    ):
        for category in (DeprecationWarning, FutureWarning, UserWarning):
            warnings.filterwarnings("ignore", category=category, module=rf"{module}(\..*)?")
