"""Notebooks with their outputs: each is run once, and kept until its text or matlearn changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CACHE = ROOT / "build" / "executed"


class NotExecutedError(RuntimeError):
    """Some notebooks could not be run to their end."""


def notebooks(chapters: Sequence[str] = ()) -> list[Path]:
    """The notebooks of the course, or of some chapters, in reading order.

    Parameters
    ----------
    chapters : sequence of str, optional
        Names of chapters; left out: all of them, and the index.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    ValueError
        If there is no such chapter.
    """
    known = sorted(path.name for path in NOTEBOOKS.iterdir() if any(path.glob("*.ipynb")))
    for name in chapters:
        if name not in known:
            raise ValueError(f"chapter must be one of {', '.join(known)}, got {name!r}")
    found = [] if chapters else [NOTEBOOKS / "index.ipynb"]
    for name in chapters or known:
        found += sorted((NOTEBOOKS / name).glob("*.ipynb"))
    return found


def kept(notebook: Path, cache: Path = CACHE) -> Path:
    """Where the executed form of a notebook is kept, or will be.

    Parameters
    ----------
    notebook : pathlib.Path
        A notebook of the course.
    cache : pathlib.Path, optional
        The folder of executed notebooks.

    Returns
    -------
    pathlib.Path
        Its name carries a digest of the notebook's text and matlearn's version.
    """
    from matlearn import __version__

    digest = hashlib.sha256(notebook.read_bytes() + __version__.encode()).hexdigest()[:12]
    return cache / notebook.parent.name / f"{notebook.stem}.{digest}.ipynb"


def execute(
    paths: Iterable[Path],
    *,
    cache: Path = CACHE,
    at_once: int = 2,
    say: Callable[[str], None] = print,
) -> dict[Path, Path]:
    """Run the notebooks that are not yet kept, two at once; stopped and called again it goes on.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        Notebooks of the course.
    cache : pathlib.Path, optional
        The folder of executed notebooks.
    at_once : int, optional
        How many are run at the same time, one thread each.
    say : callable, optional
        Takes one line for each notebook that was run.

    Returns
    -------
    dict
        The executed notebook of each.

    Raises
    ------
    NotExecutedError
        If a notebook fails. The others are run and kept all the same.
    """
    found = {path: kept(path, cache) for path in paths}
    missing = [path for path, target in found.items() if not target.exists()]
    if missing:
        say(f"{len(missing)} of {len(found)} notebooks are to be run; the others are kept")
    cache.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=cache, prefix="results-") as results,
        ThreadPoolExecutor(at_once) as pool,
    ):

        def run(path: Path) -> str | None:
            error = _run(path, found[path], Path(results))
            say(f"{path.parent.name}/{path.name}: {'failed' if error else 'done'}")
            return error and f"{path.parent.name}/{path.name}: {error}"

        errors = [error for error in pool.map(run, missing) if error]
    if errors:
        raise NotExecutedError(
            f"{len(errors)} of {len(found)} notebooks failed; the others are kept in {cache}\n"
            + "\n".join(errors)
        )
    return found


def _run(path: Path, target: Path, results: Path) -> str | None:
    """Run one notebook and keep it; what went wrong, or None."""
    target.parent.mkdir(parents=True, exist_ok=True)
    one_thread = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {
        "MATLEARN_RESULTS": str(results),
        "MATLEARN_SCALE": "small",
        **dict.fromkeys(one_thread, "1"),
    }
    with tempfile.TemporaryDirectory(dir=results, prefix="outputs-") as folder:
        command = [sys.executable, "-m", "matlearn", "run", "--json", "--output", folder, str(path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        try:
            error = json.loads(done.stdout.splitlines()[-1])["error"]
        except (IndexError, ValueError):
            error = f"the runner failed: {done.stderr[-2000:]}"
        if error is None:
            (Path(folder) / path.name).replace(target)
            for old in target.parent.glob(f"{path.stem}.*.ipynb"):
                if old != target:
                    old.unlink()
    return error
