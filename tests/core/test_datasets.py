"""What datasets tells about the data, and that what comes with the project is what it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dataset_server import CONTENT, content_digest

from matlearn import datasets
from matlearn._datasets import cache as _cache
from matlearn._datasets import digests as _digests
from matlearn._datasets import registry as _registry

LIN2 = "aa5af691a3860ce6934c280814eec92b12b2370864256dfc73b76f22df1a0d32"


def test_available_lists_every_data_set_with_all_that_a_reader_asks_for():
    table = datasets.available()
    assert {"lin2-airss", "lin2-pbe", "lin2-pbe-steps", "li-n-pbe"} <= set(table.index)
    wanted = "name chapter what rows bytes origin licence citation where"
    assert list(table.columns) == wanted.split()
    assert table["name"].tolist() == table.index.tolist()
    assert not table.isna().any().any()
    assert table.loc["lin2-airss", "rows"] == 800 + 702 + 800 + 30 + 30


def test_every_entry_names_known_references_and_a_loader():
    references = _registry.references()
    for entry in _registry.entries().values():
        assert entry.references
        assert set(entry.references) <= set(references)
        module, _, function = entry.loader.partition(":")
        assert module.startswith(f"matlearn.{entry.chapter}")
        assert function.isidentifier()
        for digest in entry.accepted:
            assert len(digest.sha256) == 64
            assert digest.origin


def test_cite_gives_each_reference_once_with_its_address():
    text = datasets.cite("lin2-airss", "lin2-airss")
    assert len(text.splitlines()) == 3
    assert "Bonan Zhu" in text
    assert "https://doi.org/10.1088/0953-8984/23/5/053201" in text
    assert set(text.splitlines()) <= set(datasets.cite().splitlines())


def test_cite_writes_bibtex():
    text = datasets.cite("lin2-pbe", style="bibtex")
    assert text.count("@article{") == 3
    assert text.count("{") == text.count("}")
    with pytest.raises(ValueError, match="style must be 'text' or 'bibtex', got 'ris'"):
        datasets.cite(style="ris")


@pytest.mark.parametrize("call", [datasets.fetch, datasets.load, datasets.cite])
def test_an_unknown_name_suggests_near_ones(call):
    with pytest.raises(ValueError, match=r"got 'lin2-arss'; did you mean 'lin2-airss'"):
        call("lin2-arss")
    with pytest.raises(ValueError, match=r"got 'LiN2_PBE'; did you mean 'lin2-pbe'"):
        call("LiN2_PBE")
    with pytest.raises(TypeError, match="name must be a str, got int"):
        call(7)


def test_content_digest_is_of_the_sorted_lines_and_sees_every_change(tmp_path):
    folder = tmp_path / "set"
    for name, data in CONTENT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    digest = datasets.content_digest(folder)
    assert digest == content_digest(CONTENT)
    (folder / "empty").mkdir()
    assert datasets.content_digest(folder) == digest
    (folder / "a.res").rename(folder / "c.res")
    assert datasets.content_digest(folder) != digest
    with pytest.raises(FileNotFoundError, match=r"matches '\*.xyz'"):
        datasets.content_digest(folder, "*.xyz")


def test_fingerprint_sees_changed_lost_and_added_files(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    before = _digests.fingerprint(tmp_path)
    os.utime(tmp_path / "a", ns=(0, 1))
    touched = _digests.fingerprint(tmp_path)
    (tmp_path / "b").write_bytes(b"")
    added = _digests.fingerprint(tmp_path)
    (tmp_path / "a").unlink()
    assert len({before, touched, added, _digests.fingerprint(tmp_path)}) == 4


def test_importing_datasets_loads_no_heavy_library():
    code = "import sys, matlearn.datasets; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "matlearn._datasets.fetching" in loaded
    assert not loaded & {"pandas", "pooch", "requests", "tqdm", "numpy", "ase", "matlearn.search"}


@pytest.mark.parametrize("name", [n for n, e in _registry.entries().items() if e.own])
def test_own_data_match_the_registry(name):
    entry = _registry.entries()[name]
    path = _cache.course_data() / entry.path
    hint = "; after a change on purpose: python -c 'import matlearn._datasets.registry as r; r.refresh_own()'"
    assert path.exists(), f"{path} is missing"
    assert entry.accepted, f"{name} has no digest in the registry{hint}"
    assert entry.accepts(entry.digest_of(path)), f"{name} is not what the registry expects{hint}"
    assert entry.bytes == _digests.size(path, entry.pattern)


OWN = """
[datasets.mine]
chapter = "search"
what = "mine"
rows = 0
bytes = 0
origin = "this project"
licence = "CC BY 4.0"
references = []
loader = "builtins:sorted_files"
kind = "folder"
own = true
path = "search/set"
pattern = "**/*"
accepted = []

[references]
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A registry with one own data set, and its folder."""
    folder = tmp_path / "data" / "search" / "set"
    for name, data in CONTENT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    registry = tmp_path / "registry.toml"
    registry.write_text(OWN.replace("builtins:sorted_files", "os:listdir"))
    monkeypatch.setattr(_registry, "REGISTRY", registry)
    monkeypatch.setattr(_cache, "course_data", lambda: tmp_path / "data")
    return folder


def test_own_data_without_a_digest_say_that_they_are_not_frozen(own):
    with pytest.warns(UserWarning, match="'mine' is not frozen yet"):
        assert datasets.fetch("mine") == own


def test_refresh_writes_rows_bytes_and_digest_and_later_changes_are_errors(own):
    assert _registry.refresh_own() == ["mine"]
    entry = _registry.lookup("mine")
    assert (entry.rows, entry.bytes) == (2, 14)
    assert entry.accepted[0].sha256 == content_digest(CONTENT)
    assert datasets.fetch("mine") == own
    assert _registry.refresh_own() == []
    (own / "a.res").write_bytes(b"TITL x\n")
    with pytest.raises(datasets.DatasetCorrupted, match=r"'mine': .*set is not what it should be"):
        datasets.fetch("mine")
    assert (own / "a.res").exists()
    assert _registry.refresh_own() == ["mine"]
    assert datasets.fetch("mine") == own


def test_missing_own_data_say_where_they_belong(own):
    (own.parent).rename(own.parent.with_name("elsewhere"))
    with pytest.raises(datasets.DatasetUnavailable, match=r"missing at .*search/set"):
        datasets.fetch("mine")


def test_the_published_search_is_verified_by_content(published_mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path))
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    path = datasets.fetch("lin2-airss")
    files = [item for item in path.rglob("*") if item.is_file()]
    assert len(files) == 3172
    assert datasets.content_digest(path) == LIN2
    assert sum(item.stat().st_size for item in files) == datasets.available().bytes["lin2-airss"]
    monkeypatch.delenv("MATLEARN_MIRROR")
    assert datasets.fetch("lin2-airss") == path
    Path(next(iter(files))).unlink()
    with (
        pytest.raises(datasets.DatasetUnavailable, match="set aside as"),
    ):
        datasets.fetch("lin2-airss")


def test_the_first_data_set_that_can_be_had_is_chosen_and_the_miss_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path))
    monkeypatch.delenv("MATLEARN_MIRROR", raising=False)
    assert datasets.first_available("lin2-airss", "li-n-pbe") == "li-n-pbe"
    said = capsys.readouterr().out
    assert said.startswith("lin2-airss cannot be had here")
    assert said.count("\n") == 1
    with pytest.raises(ValueError, match="at least one"):
        datasets.first_available()
