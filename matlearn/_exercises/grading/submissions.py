"""Find what was handed in: whose file it is, from the folder's or the file's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HIDDEN = {"__MACOSX", "__pycache__"}
MOODLE = re.compile(r"^(?P<name>.+?)_\d+_assignsubmission_[a-z]+_?(?P<rest>.*)$")
"""What Moodle writes: ``Name_1234_assignsubmission_file_`` as a folder or before a file's name."""
COPIES = re.compile(r"(-Copy\d+|\s*\(\d+\)|\s+-\s+(Copy|Kopie))$")
"""What a browser or JupyterLab puts after a name that is already there."""


@dataclass(frozen=True)
class Submission:
    """A file that somebody handed in: whose, where, and the name of its exercise if it bears one."""

    person: str
    path: Path
    stem: str


def submissions(folder: Path, stems: Iterable[str]) -> tuple[list[Submission], list[str]]:
    """Find the notebooks in a folder and whose they are.

    Parameters
    ----------
    folder
        A folder a person (nbgrader's ``submitted`` and Moodle's download too), or flat files
        such as ``person_NN-name.ipynb``.
    stems
        Names of the exercises' files.

    Returns
    -------
    submissions : list of Submission
        By person and file.
    warnings : list of str
        What was left out: archives, links.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "Ada_01-order.ipynb").touch()
    ...     [(each.person, each.stem) for each in submissions(Path(folder), ["01-order"])[0]]
    [('Ada', '01-order')]
    """
    if not folder.is_dir():
        raise NotADirectoryError(
            f"FOLDER must be a folder of submissions, there is none at {folder}"
        )
    known = sorted(stems, key=len, reverse=True)
    root = folder / "submitted" if (folder / "submitted").is_dir() else folder
    found, warnings = [], []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_dir() or any(part.startswith(".") or part in HIDDEN for part in parts):
            continue
        if path.suffix.lower() in (".zip", ".gz", ".tgz", ".rar", ".7z"):
            warnings.append(f"{path.relative_to(root)}: an archive; unpack it into a folder first")
        elif path.suffix.lower() == ".ipynb" and path.is_symlink():
            warnings.append(f"{path.relative_to(root)}: a link to elsewhere, left out")
        elif path.suffix.lower() == ".ipynb":
            person, stem = _whose(parts, known)
            found.append(Submission(person, path, stem))
    return sorted(found, key=lambda each: (each.person.casefold(), str(each.path))), warnings


def _whose(parts: tuple[str, ...], known: list[str]) -> tuple[str, str]:
    """Person and exercise's name from the path below the folder."""
    name = COPIES.sub("", _plain(Path(parts[-1]).stem))
    stem = next((each for each in known if each.casefold() in name.casefold()), "")
    if len(parts) > 1:
        first = _plain(parts[0])
        moodle = MOODLE.match(first)
        return (moodle["name"] if moodle else first).strip() or first, stem
    moodle = MOODLE.match(name)
    if moodle:
        return moodle["name"].strip(), stem
    if stem:
        begin = name.casefold().index(stem.casefold())
        rest = (name[:begin] + " " + name[begin + len(stem) :]).strip(" _-.")
        return rest or "(no name)", stem
    return name.partition("_")[0].strip() or name, ""


def _plain(text: str) -> str:
    """One way of writing umlauts, whatever system the name comes from."""
    return unicodedata.normalize("NFC", text)
