"""The doctor finds what is broken, the viewer's known fault above all."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path

import pytest

from matlearn import doctor


def test_a_sound_installation_has_nothing_to_mend() -> None:
    assert [
        str(f)
        for f in doctor.examine(thorough=True)
        if f.state == "problem" and f.topic != "memory"
    ] == []


def test_a_front_end_of_another_version_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "labextensions/nglview-js-widgets/package.json"
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"version": "3.1.5"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = doctor._viewer()
    assert finding.state == "problem"
    assert "pip install nglview==3.1.4" in finding.text


def test_a_missing_front_end_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_frontend_served", lambda: None)
    assert doctor._viewer().state == "problem"


def test_a_package_that_is_too_old_is_named_with_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "1.0" if name == "ase" else real(name)
    )
    (finding,) = doctor._packages()
    assert finding.state == "problem"
    assert finding.topic == "ase"
    assert "pip install" in finding.text


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("icet", "pip install icet trainstation highspy"),
        ("trainstation", "pip install trainstation"),
        ("highspy", "pip install highspy"),
    ],
)
def test_what_the_lattice_chapter_lacks_is_named_with_the_command_that_installs_it(
    name: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == name else real(n))
    (finding,) = (f for f in doctor.examine() if f.topic == name)
    assert finding.state == "optional"
    assert "the lattice chapter: " in finding.text
    assert command in finding.text
