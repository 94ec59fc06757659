"""Where the course (notebooks, data, exercises) lies, and laying it out for a learner.

In a clone the three folders stand beside the package; a wheel carries them as ``matlearn/_course``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

PARTS = ("notebooks", "data", "exercises")
MANIFEST = ".matlearn-course.json"
SOLUTIONS = "solutions"
"""Folders of this name are for teachers."""


def is_clone() -> bool:
    """Whether matlearn runs from a clone of its repository (an editable installation).

    Examples
    --------
    >>> isinstance(is_clone(), bool)
    True
    """
    root = Path(__file__).resolve().parent.parent
    return (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir()


def course_root() -> Path:
    """Folder that holds ``notebooks/``, ``data/`` and ``exercises/``.

    Raises
    ------
    FileNotFoundError
        If neither a clone nor the wheel's copy is there (a damaged installation).

    Examples
    --------
    >>> (course_root() / "notebooks").is_dir()
    True
    """
    package = Path(__file__).resolve().parent
    root = package.parent if is_clone() else package / "_course"
    if not root.is_dir():
        raise FileNotFoundError(
            f"the course is missing: there is no {root}; install matlearn again (pip install matlearn)"
        )
    return root


@dataclass(frozen=True)
class LaidOut:
    """What :func:`lay_out` did: relative paths of the files it wrote, renewed, and left alone."""

    folder: Path
    new: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"LaidOut({self.folder}: {len(self.new)} new, {len(self.updated)} updated, "
            f"{len(self.kept)} kept because you changed them)"
        )


def lay_out(
    folder: str | os.PathLike[str], source: Path | None = None, *, solutions: bool = False
) -> LaidOut:
    """Copy the course into a folder, never overwriting what a learner changed.

    A second call brings in what a newer matlearn added or changed. A file counts as the learner's
    when its content is not what an earlier call wrote there (a manifest in the folder remembers);
    such files are left as they are and listed in ``kept``.

    Parameters
    ----------
    folder
        Where to; made when missing.
    source
        The course to copy, by default that of this installation.
    solutions
        Copy the solutions of the exercises, too (for teachers). Solutions that an earlier call
        wrote stay where they are.

    Returns
    -------
    LaidOut

    Raises
    ------
    NotADirectoryError
        If `folder` is a file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first, second = lay_out(folder), lay_out(folder)
    >>> len(first.new) > 0, len(second.new), len(second.kept)
    (True, 0, 0)
    """
    target_root = Path(folder).expanduser().resolve()
    if target_root.exists() and not target_root.is_dir():
        raise NotADirectoryError(f"folder must be a directory, but {target_root} is a file")
    source = source or course_root()
    manifest = _read_manifest(target_root / MANIFEST)
    new: list[str] = []
    updated: list[str] = []
    kept: list[str] = []
    for path in _course_files(source, solutions):
        name = path.relative_to(source).as_posix()
        target = target_root / name
        digest = _digest(path)
        if target.exists():
            present = _digest(target)
            if present == digest:
                manifest[name] = digest
                continue
            if present != manifest.get(name):
                kept.append(name)
                continue
            updated.append(name)
        else:
            new.append(name)
        _copy(path, target)
        manifest[name] = digest
    _write_atomically(target_root / MANIFEST, json.dumps(manifest, indent=0, sort_keys=True))
    return LaidOut(target_root, tuple(new), tuple(updated), tuple(kept))


def _course_files(source: Path, solutions: bool) -> list[Path]:
    hidden = {".ipynb_checkpoints", "__pycache__"} | (set() if solutions else {SOLUTIONS})
    return sorted(
        path
        for part in PARTS
        for path in (source / part).rglob("*")
        if path.is_file()
        and not hidden & set(path.relative_to(source).parts)
        and not path.name.startswith(".")
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.replace(target)


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}
    except ValueError:  # damaged: every differing file then counts as the learner's, the safe side
        return {}


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)
