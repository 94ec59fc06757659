"""Data sets: which there are, where they come from, their licence, and whom to cite.

A data set is looked for in this order: the project's own ``data/``, the folder named by
``MATLEARN_MIRROR``, the cache (``MATLEARN_CACHE``, otherwise the user's cache folder), the
download, which ``MATLEARN_OFFLINE=1`` forbids. Wherever it comes from, it is verified by SHA-256.

Examples
--------
>>> from matlearn import datasets
>>> datasets.available().loc["lin2-airss", "licence"]
'none stated: download and cite, do not redistribute'
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matlearn._datasets import citation as _citation
from matlearn._datasets import fetching as _fetch
from matlearn._datasets import registry as _registry
from matlearn._datasets.digests import content_digest
from matlearn._datasets.fetching import DatasetCorrupted, DatasetUnavailable

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DatasetCorrupted",
    "DatasetUnavailable",
    "available",
    "cite",
    "content_digest",
    "fetch",
    "first_available",
    "load",
]


def available() -> pd.DataFrame:
    """List the data sets.

    Returns
    -------
    pandas.DataFrame
        Indexed by name. Columns: name; chapter; what; rows (structures, or lines of a table); bytes (of
        the file or folder, unpacked; 0 where not known); origin; licence; citation (short; `cite`
        has it in full); where ("data", "mirror", "cache", or "download" where it is not at hand;
        not verified).

    Examples
    --------
    >>> list(available().columns)
    ['name', 'chapter', 'what', 'rows', 'bytes', 'origin', 'licence', 'citation', 'where']
    """
    import pandas as pd

    references = _registry.references()
    table = {
        entry.name: {
            "name": entry.name,
            "chapter": entry.chapter,
            "what": entry.what,
            "rows": entry.rows,
            "bytes": entry.bytes,
            "origin": entry.origin,
            "licence": entry.licence,
            "citation": "; ".join(_citation.short(references[key]) for key in entry.references),
            "where": _fetch.where(entry),
        }
        for entry in _registry.entries().values()
    }
    return pd.DataFrame.from_dict(table, orient="index")


def fetch(name: str, *, progress: bool = True) -> Path:
    """Return where a data set lies on this machine; download it if it is nowhere yet.

    A download is verified before it gets its name, can be interrupted at any moment and goes on
    where it stopped if the server allows. Several processes may call at once: one downloads, the
    others wait. A copy that fails its SHA-256 is never used: in the cache it is moved to
    ``rejected/``, elsewhere it is left alone. What was verified once is hashed again only when a
    file's name, size or time of change differs.

    Parameters
    ----------
    name : str
        Name of the data set, see `available`.
    progress : bool
        Whether a download shows a progress bar.

    Returns
    -------
    Path
        The file, or the folder. To be read, not to be changed.

    Raises
    ------
    ValueError
        If there is no such data set; near names are suggested.
    DatasetUnavailable
        If it is not at hand and cannot be downloaded: the message has its address, its size and
        the folder to put it into.
    DatasetCorrupted
        If the course's own copy, or a fresh download, fails its SHA-256.

    Examples
    --------
    >>> fetch("lin2-arss")
    Traceback (most recent call last):
    ValueError: name must be one of ... got 'lin2-arss'; did you mean 'lin2-airss' ...
    """
    return _fetch.fetch(_registry.lookup(name), progress)


def load(name: str, *, progress: bool = True, **options: Any) -> Any:
    """Fetch a data set and read it.

    Parameters
    ----------
    name : str
        Name of the data set, see `available`.
    progress : bool
        Whether a download shows a progress bar, and a long reading too.
    **options
        What the chapter's loader takes besides, such as ``structures=True`` for the tasks of
        matbench; most take nothing.

    Returns
    -------
    object
        What the chapter's loader returns: for a structure search a dict of
        `pandas.DataFrame`, one for each set of structures.

    Raises
    ------
    ValueError, DatasetUnavailable, DatasetCorrupted
        As `fetch`.
    TypeError
        If the loader does not take an option; the message names those it takes.

    Examples
    --------
    >>> load("lin2-pbe", structures=True)
    Traceback (most recent call last):
    TypeError: data set 'lin2-pbe' takes no options, got structures
    """
    entry = _registry.lookup(name)
    loader = entry.resolve_loader()
    known = entry.options(loader)
    unknown = [option for option in options if option not in known]
    if unknown:
        allowed = f"takes the options {', '.join(known)}" if known else "takes no options"
        raise TypeError(f"data set {name!r} {allowed}, got {', '.join(unknown)}")
    path = fetch(name, progress=progress)
    if entry.shows_progress(loader):
        options["progress"] = progress
    return loader(path, **options)


def first_available(*names: str, progress: bool = True) -> str:
    """Return the first data set of several that can be had here, and say in a line what cannot.

    A notebook works on published data where they can be had, and on the project's own where not.

    Parameters
    ----------
    *names : str
        Names of data sets, the preferred one first.
    progress : bool
        Whether a download shows a progress bar.

    Returns
    -------
    str
        Name of the data set, which has been fetched.

    Raises
    ------
    ValueError
        If no name is given, or one is unknown.
    DatasetUnavailable
        If none can be had; the message is that of the last.

    Examples
    --------
    >>> first_available("lin2-pbe")
    'lin2-pbe'
    """
    if not names:
        raise ValueError("names must hold at least one data set, got none")
    entries = [_registry.lookup(name) for name in names]
    for entry, follower in itertools.pairwise(entries):
        try:
            _fetch.fetch(entry, progress)
        except DatasetCorrupted:
            raise
        except DatasetUnavailable:
            print(
                f"{entry.name} cannot be had here (no network, or MATLEARN_OFFLINE=1): "
                f"going on with {follower.name}. `matlearn data fetch {entry.name}` fetches it later."
            )
        else:
            return entry.name
    _fetch.fetch(entries[-1], progress)
    return entries[-1].name


def cite(*names: str, style: str = "text") -> str:
    """Return the bibliography of one or more data sets.

    Parameters
    ----------
    *names : str
        Names of data sets; none means all.
    style : {"text", "bibtex"}
        One line for each reference, or entries of a BibTeX file.

    Returns
    -------
    str
        Each reference once, in the order in which the data sets name them.

    Raises
    ------
    ValueError
        If there is no such data set or style.

    Examples
    --------
    >>> print(cite("lin2-airss").splitlines()[0])
    Bonan Zhu. Test M3GNet for random structure searching (2023), commit f00e... ...
    """
    if style not in ("text", "bibtex"):
        raise ValueError(f"style must be 'text' or 'bibtex', got {style!r}")
    chosen = [_registry.lookup(name) for name in names or _registry.entries()]
    keys = dict.fromkeys(key for entry in chosen for key in entry.references)
    references = _registry.references()
    if style == "bibtex":
        return "\n\n".join(_citation.bibtex(key, references[key]) for key in keys)
    return "\n".join(_citation.text(references[key]) for key in keys)
