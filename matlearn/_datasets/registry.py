"""The registry of data sets (registry.toml): its entries, its references, how it is refreshed."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matlearn._datasets import digests as _digests

REGISTRY = Path(__file__).with_name("registry.toml")
KINDS = ("file", "folder", "archive")


@dataclass(frozen=True)
class Digest:
    """A digest that is accepted, and what it was computed from."""

    sha256: str
    origin: str


@dataclass(frozen=True)
class Entry:
    """A data set: where it comes from, how it is verified, loaded and cited (registry.toml)."""

    name: str
    chapter: str
    what: str
    rows: int
    bytes: int
    origin: str
    licence: str
    references: tuple[str, ...]
    loader: str
    kind: str
    own: bool
    accepted: tuple[Digest, ...]
    path: str = ""
    pattern: str = "**/*"
    file: str = ""
    url: str = ""
    member: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind of {self.name!r} must be one of {KINDS}, got {self.kind!r}")
        if self.own and (not self.path or self.kind == "archive"):
            raise ValueError(f"{self.name!r} is own data and needs a path to a file or folder")
        if not self.own and (not self.file or not self.url or not self.accepted):
            raise ValueError(f"{self.name!r} is published and needs file, url and accepted digests")

    def digest_of(self, path: Path) -> str:
        """Digest of a file or folder that claims to be this data set."""
        if self.kind == "file":
            return _digests.sha256(path)
        return _digests.content_digest(path, self.pattern)

    def accepts(self, digest: str) -> bool:
        """Whether the digest is one of the accepted ones."""
        return any(digest == accepted.sha256 for accepted in self.accepted)

    def resolve_loader(self) -> Callable[..., Any]:
        """Import the function that reads the data set."""
        module, _, function = self.loader.partition(":")
        loader: Callable[..., Any] = getattr(importlib.import_module(module), function)
        return loader

    def options(self, loader: Callable[..., Any]) -> list[str]:
        """Names of the options that a loader takes besides path and progress."""
        return [name for name in _keywords(loader) if name != "progress"]

    def shows_progress(self, loader: Callable[..., Any]) -> bool:
        """Whether a loader can show a progress bar."""
        return "progress" in _keywords(loader)


def _keywords(loader: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(loader).parameters.values()
    return [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]


def _read() -> dict[str, Any]:
    return tomllib.loads(REGISTRY.read_text(encoding="utf-8"))


def entries() -> dict[str, Entry]:
    """All data sets by name, in the registry's order."""
    found = {}
    for name, fields in _read()["datasets"].items():
        accepted = tuple(Digest(**digest) for digest in fields.pop("accepted"))
        references = tuple(fields.pop("references"))
        found[name] = Entry(name=name, accepted=accepted, references=references, **fields)
    return found


def references() -> dict[str, dict[str, Any]]:
    """All references by key, with the fields of BibTeX."""
    return dict(_read()["references"])


def lookup(name: str) -> Entry:
    """Return the entry of a data set; an unknown name is an error that suggests near ones."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {type(name).__name__}")
    known = entries()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower().replace("_", "-"), known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise ValueError(f"name must be one of {', '.join(known)}, got {name!r}{hint}")


def refresh_own(data: str | Path | None = None) -> list[str]:
    """Rewrite rows, bytes and digest of the own data sets from what lies in data/.

    To be run after own data were changed on purpose: it accepts whatever is there.

    Parameters
    ----------
    data : str or Path, optional
        The data folder; by default the one of this checkout.

    Returns
    -------
    list of str
        The data sets whose lines changed.
    """
    from matlearn._datasets.cache import course_data

    folder = Path(data) if data else course_data()
    text = REGISTRY.read_text(encoding="utf-8")
    changed = []
    for entry in entries().values():
        if not entry.own:
            continue
        path = folder / entry.path
        loaded = entry.resolve_loader()(path)
        sets = loaded.values() if isinstance(loaded, dict) else [loaded]
        values = {
            "rows": str(sum(len(part) for part in sets)),
            "bytes": str(_digests.size(path, entry.pattern)),
            "accepted": "[\n    { sha256 = "
            f'"{entry.digest_of(path)}", origin = "data/{entry.path} as committed" }},\n]',
        }
        before = text
        for field, value in values.items():
            text = _replace(text, entry.name, field, value)
        if text != before:
            changed.append(entry.name)
    temporary = REGISTRY.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(REGISTRY)
    return changed


def _replace(text: str, name: str, field: str, value: str) -> str:
    """Text of the registry with one field of one data set replaced."""
    head = f"[datasets.{name}]\n"
    start = text.index(head) + len(head)
    end = text.find("\n[", start)
    section = text[start : end if end >= 0 else len(text)]
    pattern = rf"^{field} = (\[\n(?:.*\n)*?\]|.*)$"
    section_new, count = re.subn(pattern, lambda _: f"{field} = {value}", section, flags=re.M)
    if count != 1:
        raise ValueError(f"registry: {name!r} has {count} lines {field!r}, expected one")
    return text[:start] + section_new + text[start + len(section) :]
