"""Badges and addresses agree with the one place that names the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlparse

import pytest

from matlearn.exercises import CHAPTERS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BADGE = re.compile(r"https://mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)/HEAD\?urlpath=lab/tree/(\S+?)\)")


def repository() -> str:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    return urlparse(urls["Repository"]).path.strip("/")


def test_every_chapter_has_a_badge_that_opens_its_first_notebook() -> None:
    badges = BADGE.findall(README)
    assert {where for where, _ in badges} == {repository()}
    opened = {Path(path).parent.name: ROOT / path for _, path in badges}
    assert set(opened) == set(CHAPTERS)
    for path in opened.values():
        assert path.is_file()
        assert path.name.startswith("01-")


@pytest.mark.parametrize("name", ["README.md", "exercises/teacher.md", "exercises/README.md"])
def test_addresses_on_github_are_of_this_repository(name: str) -> None:
    found = set(re.findall(r"github\.com/(matlearn/[\w-]+)", (ROOT / name).read_text()))
    assert found <= {repository()}
