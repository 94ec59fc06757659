"""Disks that are full, said in words."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path


def is_full(error: OSError) -> bool:
    """Tell whether a file could not be written for want of room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_full(error: OSError, path: Path, kept: str) -> OSError:
    """Give an error that says which disk is full, what is kept, and what to do.

    Parameters
    ----------
    error
        What the system said.
    path
        The file that was to be written.
    kept
        Goes on after the name of the file: what is there all the same, and what to do.
    """
    if error.errno == errno.ENOSPC:
        free = shutil.disk_usage(path.parent).free / 1e6
        why = f"the disk is full ({free:.1f} MB free in {path.parent})"
    else:
        why = f"no more may be written in {path.parent} (a quota is used up)"
    explained = OSError(f"{why}: {path.name} {kept}")
    explained.errno = error.errno
    return explained
