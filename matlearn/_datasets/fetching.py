"""Finding a data set: data/, mirror, cache, download; each copy verified before it is used."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path, PurePosixPath

from matlearn._datasets import archive as _archive
from matlearn._datasets import cache as _cache
from matlearn._datasets import download as _download
from matlearn._datasets.registry import Entry


class DatasetUnavailable(OSError):
    """A data set that is not at hand and could not be downloaded; the text says what helps."""

    __module__ = "matlearn.datasets"


class DatasetCorrupted(DatasetUnavailable):
    """A data set whose own copy, or whose fresh download, fails its SHA-256."""

    __module__ = "matlearn.datasets"


def fetch(entry: Entry, progress: bool) -> Path:
    """Return the path of a data set that was verified; see `matlearn.datasets.fetch`."""
    if entry.own:
        return _own(entry)
    problems: list[str] = []
    found = _verified(entry, problems)
    if found is None:
        if _cache.offline() and not _archives(entry):
            raise _unavailable(entry, "MATLEARN_OFFLINE forbids the download", problems)
        try:
            folder = _cache.writable_folder()
            with _cache.lock(folder, entry.name):
                found = _verified(entry, problems)  # another process may have been faster
                found = found or _unpack_at_hand(entry, folder, problems)
                found = found or _from_network(entry, folder, problems, progress)
        except DatasetUnavailable:
            raise
        except _download.DownloadError as error:  # its text has the cause: 60 lines less to read
            raise _unavailable(entry, str(error), problems, error) from None
        except OSError as error:
            raise _unavailable(entry, str(error), problems, error) from error
    if problems:
        warnings.warn(f"data set {entry.name!r}: {'; '.join(problems)}", stacklevel=3)
    return found


def _own(entry: Entry) -> Path:
    """Path of own data, verified; they come with the project or not at all."""
    path = _cache.course_data() / entry.path
    if not path.exists():
        raise DatasetUnavailable(
            f"data set {entry.name!r} belongs to the course and is missing at {path}: restore it "
            "(git checkout), or install matlearn again"
        )
    if not entry.accepted:
        warnings.warn(
            f"data set {entry.name!r} is not frozen yet: the registry has no digest to verify "
            "it by (data/README.md)",
            stacklevel=4,
        )
        return path
    problem = _cache.problem_with(entry, path)
    if problem:
        raise DatasetCorrupted(
            f"data set {entry.name!r}: {problem}. Restore it (git checkout), or, where it was "
            "changed on purpose, refresh the registry (data/README.md)"
        )
    return path


def _archives(entry: Entry) -> list[tuple[Path, bool]]:
    """Copies of the published file that are at hand: path, and whether it is in our cache."""
    mirror = _cache.mirror()
    places = [(mirror / entry.file, False)] if mirror else []
    places += [(folder / entry.file, True) for folder in _cache.folders()]
    return [(path, ours) for path, ours in places if path.is_file()]


def _unpacked(entry: Entry, folder: Path) -> list[Path]:
    leaf = PurePosixPath(entry.member).name
    names = [f"{entry.name}-{digest.sha256[:12]}" for digest in entry.accepted]
    return [path for name in names if (path := folder / name / leaf).is_dir()]


def where(entry: Entry) -> str:
    if entry.own:
        return "data" if (_cache.course_data() / entry.path).exists() else "missing"
    if any(not ours for _, ours in _archives(entry)):
        return "mirror"
    cached = any(_unpacked(entry, folder) for folder in _cache.folders())
    return "cache" if cached or _archives(entry) else "download"


def _reject(path: Path, problem: str, problems: list[str], *, ours: bool, name: str = "") -> None:
    """Note a copy that failed, and move it out of the way if it lies in our cache."""
    aside = _cache.set_aside(path, name) if ours else None
    text = f"{problem}; {f'set aside as {aside}' if aside else 'left alone and not used'}"
    if text not in problems:
        problems.append(text)


def _verified(entry: Entry, problems: list[str]) -> Path | None:
    """Return a copy that is at hand, ready for use and verified."""
    mirror = _cache.mirror()
    if mirror and not mirror.is_dir():
        text = f"MATLEARN_MIRROR names {mirror}, which is no folder"
        problems += [] if text in problems else [text]
    if entry.kind == "archive":
        ready = [(p, True) for folder in _cache.folders() for p in _unpacked(entry, folder)]
    else:
        ready = _archives(entry)
    for path, ours in ready:
        problem = _cache.problem_with(entry, path, mark=ours)
        if problem is None:
            return path
        _reject(path.parent if entry.kind == "archive" else path, problem, problems, ours=ours)
    return None


def _unpack(entry: Entry, archive: Path, folder: Path) -> Path:
    """Unpack, verify, and only then give the folder its name."""
    temporary = Path(tempfile.mkdtemp(dir=folder, prefix=f".{entry.name}-"))
    try:
        whole = temporary / "whole"  # with the usual permissions, which `temporary` has not
        whole.mkdir()
        limit = 2 * entry.bytes + 1_000_000
        content = _archive.unpack_member(archive, entry.member, whole, max_bytes=limit)
        digest = entry.digest_of(content)
        if not entry.accepts(digest):
            wanted = " or ".join(item.sha256 for item in entry.accepted)
            raise _archive.ArchiveError(f"content has digest {digest}, expected {wanted}")
        final = folder / f"{entry.name}-{digest[:12]}"
        if final.exists():
            _cache.set_aside(final)
        content.parent.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    path = final / content.name
    _cache.mark_verified(path, digest, entry.pattern)
    return path


def _unpack_at_hand(entry: Entry, folder: Path, problems: list[str]) -> Path | None:
    """Unpack the first archive that is at hand and good."""
    if entry.kind != "archive":
        return None
    for path, ours in _archives(entry):
        try:
            return _unpack(entry, path, folder)
        except _archive.ArchiveError as error:
            _reject(path, f"{path}: {error}", problems, ours=ours)
    return None


def _from_network(entry: Entry, folder: Path, problems: list[str], progress: bool) -> Path:
    """Download, verify, and only then give the file its name."""
    if _cache.offline():
        raise _unavailable(entry, "MATLEARN_OFFLINE forbids the download", problems)
    target = folder / entry.file
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _download.download(
        entry.url, target, expected_bytes=entry.bytes, progress=progress, label=entry.name
    )
    path, problem = target, None
    if entry.kind == "archive":
        try:
            path = _unpack(entry, part, folder)
        except _archive.ArchiveError as error:
            problem = f"{part}: {error}"
    else:
        problem = _cache.problem_with(entry, part)
    if problem:
        _reject(part, problem, problems, ours=True, name=target.name)
        _download.finished(target)
        reason = "what was downloaded is not what it should be"
        raise _unavailable(entry, reason, problems, kind=DatasetCorrupted)
    part.replace(target)
    _download.finished(target)
    if entry.kind == "file":
        _cache.problem_with(entry, target, mark=True)
    return path


def _unavailable(
    entry: Entry,
    reason: str,
    problems: list[str],
    error: OSError | None = None,
    kind: type[DatasetUnavailable] = DatasetUnavailable,
) -> DatasetUnavailable:
    """Build the error that says what is missing, why, and how to get it by hand."""
    used = " of its content are used" if entry.kind == "archive" else ""
    size = f" ({entry.bytes / 1e6:.1f} MB{used})" if entry.bytes else ""
    places = [] if _cache.stand_in() else [f"into {_cache.cache_folder()}"]
    places.append("into a folder named by MATLEARN_MIRROR")
    failed = "".join(f"\n  {problem}" for problem in problems)
    raised = kind(
        f"data set {entry.name!r} is not at hand: {reason}.{failed}\n"
        f"By hand: get {entry.url}{size} and put it, as "
        f"{entry.file}, {' or '.join(places)}."
    )
    raised.errno = error.errno if error else None
    return raised
