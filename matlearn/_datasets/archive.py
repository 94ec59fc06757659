"""Unpacking a zip archive with member checks."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

MAX_FILES = 100_000


class ArchiveError(ValueError):
    """An archive that is damaged, or that must not be unpacked."""


def _check(info: zipfile.ZipInfo) -> None:
    """Refuse a member whose name leads out of the folder that is unpacked into."""
    name = info.orig_filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    outside = name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":"))
    if outside or "\0" in name or not parts:
        raise ArchiveError(f"member {info.orig_filename!r} points outside the archive")


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a plain file (or does not say), not a link or a device."""
    mode = info.external_attr >> 16
    return info.create_system != 3 or stat.S_IFMT(mode) in (0, stat.S_IFREG)


def unpack_member(archive: Path, member: str, folder: Path, *, max_bytes: int) -> Path:
    """Unpack one folder of a zip archive.

    The names of all members are checked, the others' content is left alone. Files only are
    written, with the permissions of new files.

    Parameters
    ----------
    archive : Path
        The zip file.
    member : str
        Folder in the archive, with ``/``.
    folder : Path
        Existing folder to unpack into.
    max_bytes : int
        Upper bound of what the member may hold, unpacked (against zip bombs).

    Returns
    -------
    Path
        ``folder / <last part of member>``.

    Raises
    ------
    ArchiveError
        If the archive is damaged or encrypted, if a member points outside, is a link or a device,
        or comes twice, or if there is nothing called `member` or too much of it.
    """
    target = folder / PurePosixPath(member).name
    prefix = member.rstrip("/") + "/"
    try:
        with zipfile.ZipFile(archive) as source:
            wanted = []
            for info in source.infolist():
                _check(info)
                if info.filename.startswith(prefix) and not info.is_dir():
                    if not _is_plain(info):
                        raise ArchiveError(f"member {info.filename!r} is a link or a device")
                    wanted.append(info)
            total = sum(info.file_size for info in wanted)
            if not wanted:
                raise ArchiveError(f"holds no folder {member!r}")
            if total > max_bytes or len(wanted) > MAX_FILES:
                raise ArchiveError(
                    f"{member!r} would unpack to {len(wanted)} files of {total} bytes, at most "
                    f"{MAX_FILES} files of {max_bytes} bytes are expected"
                )
            for info in wanted:
                path = target.joinpath(*PurePosixPath(info.filename[len(prefix) :]).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with source.open(info) as member_file, path.open("xb") as copy:
                    shutil.copyfileobj(member_file, copy)
    except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError) as error:
        raise ArchiveError(f"is no whole zip archive: {error}") from error
    except (FileExistsError, NotADirectoryError) as error:
        raise ArchiveError(f"holds a member twice: {error.filename}") from error
    return target
