"""Where data lie: the course's own folder, the mirror, the cache; what there is verified."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from matlearn._datasets import digests as _digests
from matlearn._datasets.registry import Entry
from matlearn._disk import is_full

LOCK_TIMEOUT = 900.0  # seconds to wait for another process that fetches the same data set

_temporary: dict[int, Path] = {}  # process id -> its folder, where the cache is read-only
_known: dict[Path, tuple[str, str]] = {}  # path -> (fingerprint, digest), of this process


def course_data() -> Path:
    """Folder of the data made by this project: in an installed wheel or in a checkout."""
    from matlearn.course import course_root

    return course_root() / "data"


def mirror() -> Path | None:
    """Folder named by MATLEARN_MIRROR, if any."""
    folder = os.environ.get("MATLEARN_MIRROR")
    return Path(folder).expanduser() if folder else None


def cache_folder() -> Path:
    """Folder named by MATLEARN_CACHE, otherwise the user's cache folder for matlearn."""
    folder = os.environ.get("MATLEARN_CACHE")
    if folder:
        return Path(folder).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("matlearn", appauthor=False))


def offline() -> bool:
    """Whether MATLEARN_OFFLINE forbids the network."""
    return os.environ.get("MATLEARN_OFFLINE", "").lower() not in ("", "0", "false", "no")


def _probe(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass


def writable_folder() -> Path:
    """Return the cache, or where that cannot be written a folder that lives as long as we do."""
    cache = cache_folder()
    try:
        _probe(cache)
    except OSError as error:
        if is_full(error):
            raise
        process = os.getpid()
        if process not in _temporary:
            folder = Path(tempfile.mkdtemp(prefix="matlearn-"))
            _temporary[process] = folder
            atexit.register(_remove, folder, process)
            warnings.warn(
                f"the cache {cache} cannot be written ({error.strerror or error}): data go to "
                f"{folder} and are lost when this process ends; set MATLEARN_CACHE to a folder "
                "that can be written",
                stacklevel=4,
            )
        return _temporary[process]
    return cache


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # not in a forked child
        shutil.rmtree(folder, ignore_errors=True)


def stand_in() -> Path | None:
    """Folder that this process uses because the cache cannot be written, if it came to that."""
    return _temporary.get(os.getpid())


def folders() -> list[Path]:
    """Folders that may hold downloaded data: the cache, and its stand-in if there is one."""
    temporary = stand_in()
    return [cache_folder(), *([temporary] if temporary else [])]


@contextlib.contextmanager
def lock(folder: Path, name: str) -> Iterator[None]:
    """Keep other processes from fetching the same data set into the same folder.

    The operating system frees the lock of a process that dies. Raises TimeoutError after
    `LOCK_TIMEOUT` seconds.
    """
    import filelock

    with filelock.FileLock(folder / f".{name}.lock", timeout=LOCK_TIMEOUT):
        yield


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def mark_verified(path: Path, digest: str, pattern: str = "**/*") -> None:
    """Leave a note beside a file or folder of the cache that it was verified as it is now."""
    note = {"digest": digest, "fingerprint": _digests.fingerprint(path, pattern)}
    temporary = _marker(path).with_name(f".{path.name}.{os.getpid()}.verified")
    with contextlib.suppress(OSError):  # a read-only or full cache: verified anew next time
        temporary.write_text(json.dumps(note), encoding="utf-8")
        temporary.replace(_marker(path))


def _marked(path: Path) -> tuple[str, str] | None:
    try:
        note = json.loads(_marker(path).read_text(encoding="utf-8"))
        return str(note["fingerprint"]), str(note["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def problem_with(entry: Entry, path: Path, *, mark: bool = False) -> str | None:
    """Verify a file or folder; return what is wrong with it, None where it is as it should be.

    What was verified before (by this process, or by another that left its note in the cache) and
    has the same names, sizes and times of change is not hashed again.

    Parameters
    ----------
    entry : Entry
        The data set that it claims to be.
    path : Path
        File or folder.
    mark : bool
        Whether to leave a note for other processes (in the cache, not in a mirror).
    """
    try:
        now = _digests.fingerprint(path, entry.pattern)
        for known in (_known.get(path), _marked(path) if mark else None):
            if known and known[0] == now and entry.accepts(known[1]):
                return None
        digest = entry.digest_of(path)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    if not entry.accepts(digest):
        wanted = " or ".join(f"{item.sha256} ({item.origin})" for item in entry.accepted)
        return f"{path} is not what it should be: its SHA-256 is {digest}, expected {wanted}"
    _known[path] = (now, digest)
    if mark:
        mark_verified(path, digest, entry.pattern)
    return None


def set_aside(path: Path, name: str = "") -> Path | None:
    """Move a file or folder of the cache that failed to rejected/; None where that fails."""
    name = name or path.name
    aside = path.parent / "rejected"
    number = 0
    try:
        aside.mkdir(exist_ok=True)
        while (target := aside / f"{name}.{number}").exists():
            number += 1
        path.rename(target)
        _marker(path).unlink(missing_ok=True)
    except OSError:
        return None
    return target
