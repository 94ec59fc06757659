"""SHA-256 of files and of the content of folders, and quick fingerprints of both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    import pooch

    return str(pooch.file_hash(str(path), alg="sha256"))


def _files(folder: Path, pattern: str) -> Iterator[tuple[str, Path]]:
    """Files below the folder that match, as (path from the folder's parent, path)."""
    for path in folder.glob(pattern):
        if path.is_file():
            yield f"{folder.name}/{path.relative_to(folder).as_posix()}", path


def content_digest(folder: str | Path, pattern: str = "**/*") -> str:
    r"""Return one SHA-256 for the names and the content of all files of a folder.

    It is the SHA-256 of the concatenated lines ``<sha256 of the file>  <path>\n``, sorted by
    path; paths are written with ``/`` and begin with the folder's own name. Dates, owners,
    permissions, empty folders and how the folder was packed do not matter.

    Parameters
    ----------
    folder : str or Path
        The folder.
    pattern : str
        Which files count, as in `pathlib.Path.glob`; by default all, at any depth.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist, or no file in it matches.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "set"
    >>> folder.mkdir()
    >>> _ = (folder / "a.txt").write_bytes(b"Li")
    >>> content_digest(folder)[:16]
    'acf165351671e6a0'
    """
    folder = Path(folder).absolute()
    files = sorted(_files(folder, pattern))
    if not files:
        raise FileNotFoundError(f"no file in {folder} matches {pattern!r}")
    lines = "".join(f"{sha256(path)}  {name}\n" for name, path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def size(path: Path, pattern: str = "**/*") -> int:
    """Bytes of a file, or of all files of a folder that match."""
    if path.is_file():
        return path.stat().st_size
    return sum(item.stat().st_size for _, item in _files(path, pattern))


def fingerprint(path: Path, pattern: str = "**/*") -> str:
    """Return a quick stand-in for a digest: of names, sizes and times of last change.

    What was verified once and has the same fingerprint now needs no new hashing. It sees a file
    that was changed, cut off, added or lost by accident; it does not see one that was rewritten
    to the same size with its old time of change put back.
    """
    path = path.absolute()
    files = [(path.name, path)] if path.is_file() else sorted(_files(path, pattern))
    lines = []
    for name, item in files:
        status = item.stat()
        lines.append(f"{name} {status.st_size} {status.st_mtime_ns}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()
