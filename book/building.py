"""Sphinx makes the book of the pages."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from book import executed, pages


def exercises(chapters: Sequence[str]) -> list[Path]:
    """The exercises, unsolved, and the texts beside them.

    Parameters
    ----------
    chapters : sequence of str
        Names of chapters.

    Returns
    -------
    list of pathlib.Path
    """
    folder = executed.ROOT / "exercises"
    found = [path for path in (folder / "README.md", folder / "teacher.md") if path.exists()]
    for name in chapters:
        found += sorted((folder / name).glob("*.md")) + sorted((folder / name).glob("*.ipynb"))
    return found


def build(
    notebooks: Sequence[Path],
    *,
    site: Path = pages.SITE,
    cache: Path = executed.CACHE,
    say: Callable[[str], None] = print,
) -> Path:
    """Build the book of some notebooks and their chapters' exercises.

    Parameters
    ----------
    notebooks : sequence of pathlib.Path
        Notebooks of the course; those not yet executed are run.
    site : pathlib.Path, optional
        Folder of the book's sources and pages.
    cache : pathlib.Path, optional
        Folder of executed notebooks.
    say : callable, optional
        Takes lines about the progress.

    Returns
    -------
    pathlib.Path
        The book's first page.

    Raises
    ------
    RuntimeError
        If Sphinx is missing, or warns of anything: a broken link, a term nobody defined.
    """
    missing = [
        name for name in ("sphinx", "myst_nb", "pydata_sphinx_theme", "sphinxcontrib.bibtex")
        if importlib.util.find_spec(name.partition(".")[0]) is None
    ]  # fmt: skip
    if missing:
        raise RuntimeError(
            f"{', '.join(missing)} missing: `make book` installs what the book needs, "
            "or: pip install -r binder/teaching.txt"
        )
    runs = executed.execute(notebooks, cache=cache, say=say)
    chapters = dict.fromkeys(
        path.parent.name for path in notebooks if path.parent != executed.NOTEBOOKS
    )
    pages.write(runs, exercises(list(chapters)), site / "source")
    words = [
        sys.executable, "-m", "sphinx", "-q", "-a", "-W", "--keep-going", "-b", "html",
        "-c", str(Path(__file__).parent), "-d", str(site / "doctrees"),
        str(site / "source"), str(site / "html"),
    ]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=executed.ROOT)
    if done.returncode:
        raise RuntimeError(f"the book was not built:\n{done.stderr[-4000:]}")
    return site / "html" / "index.html"
