"""Bad cases of fetching, against a real server on this machine."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from dataset_server import CONTENT, PAYLOAD, Server, make_zip, registry_text
from tqdm.std import tqdm

from matlearn import datasets
from matlearn._datasets import cache as _cache
from matlearn._datasets import digests as _digests
from matlearn._datasets import download as _download
from matlearn._datasets import registry as _registry

HALF = len(PAYLOAD) // 2 // _download.CHUNK * _download.CHUNK  # what a cut-off leaves

FETCH = """
import pathlib, sys
from matlearn import datasets
from matlearn._datasets import registry as _registry
_registry.REGISTRY = pathlib.Path(sys.argv[1])
print(datasets.fetch("table"))
"""


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def cache(server, tmp_path, monkeypatch):
    """An empty cache, and a registry whose addresses are the server's."""
    registry = tmp_path / "registry.toml"
    registry.write_text(registry_text(server.url))
    monkeypatch.setattr(_registry, "REGISTRY", registry)
    monkeypatch.setattr(_cache, "_temporary", {})
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,nowhere.invalid")
    for name in ("MATLEARN_MIRROR", "MATLEARN_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_file_is_downloaded_once_and_later_found_without_the_network(server, cache, monkeypatch):
    path = datasets.fetch("table")
    assert path == cache / "table.csv"
    assert path.read_bytes() == PAYLOAD
    assert visible(cache) == {"table.csv", "table.csv.verified"}
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    assert datasets.fetch("table") == path
    assert datasets.load("table") == PAYLOAD
    assert datasets.available().loc["table", "where"] == "cache"
    assert len(server.ranges) == 1


def test_a_file_in_a_folder_of_the_cache_is_fetched_and_set_aside_like_any_other(server, cache):
    server.mode = "html"
    with pytest.raises(datasets.DatasetCorrupted, match=r"set aside as .*rejected") as error:
        datasets.fetch("nested")
    assert (
        f"get {server.url}/tables/of%20%28mine%29.csv and put it, as tables/of (mine).csv"
        in str(error.value)
    )
    assert visible(cache / "tables") == {"rejected"}
    server.mode = "whole"
    assert datasets.fetch("nested") == cache / "tables" / "of (mine).csv"
    assert visible(cache / "tables") == {"rejected", "of (mine).csv", "of (mine).csv.verified"}


def test_options_reach_the_loader_and_what_it_does_not_take_is_refused(server, cache):
    assert datasets.load("nested", times=3, progress=False) == (PAYLOAD, 3, False)
    assert datasets.load("nested") == (PAYLOAD, 1, True)
    with pytest.raises(TypeError, match="'nested' takes the options times, got often"):
        datasets.load("nested", often=3)
    with pytest.raises(TypeError, match="'table' takes no options, got times"):
        datasets.load("table", times=3)
    assert server.ranges == [None]  # what cannot be read so is not downloaded


def test_an_archive_is_unpacked_without_what_is_not_wanted(server, cache):
    server.body = make_zip()
    path = datasets.fetch("packed")
    assert path.name == "set"
    found = {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    assert found == CONTENT
    assert not list(cache.rglob("README.md"))
    assert datasets.fetch("packed") == path
    assert len(server.ranges) == 1


def test_an_archive_packed_differently_is_the_same_data_set(server, cache):
    server.body = make_zip(files=dict(reversed(CONTENT.items())))
    assert sorted(datasets.load("packed")) == ["a.res", "sub"]


def test_the_order_is_mirror_then_cache_then_download(server, cache, tmp_path, monkeypatch):
    cached = datasets.fetch("table")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "table.csv").write_bytes(PAYLOAD)
    monkeypatch.setenv("MATLEARN_MIRROR", str(mirror))
    assert datasets.fetch("table") == mirror / "table.csv"
    assert datasets.available().loc["table", "where"] == "mirror"
    assert [path.name for path in mirror.iterdir()] == ["table.csv"]
    (mirror / "table.csv").unlink()
    assert datasets.fetch("table") == cached
    assert len(server.ranges) == 1


def test_offline_says_what_to_get_from_where_and_where_to_put_it(server, cache, monkeypatch):
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    for name, file, size in (("table", "table.csv", "0.3 MB"), ("packed", "packed.zip", "0.0 MB")):
        with pytest.raises(datasets.DatasetUnavailable) as caught:
            datasets.fetch(name)
        for part in (f"'{name}'", "MATLEARN_OFFLINE", f"{server.url}/{file}", size, str(cache)):
            assert part in str(caught.value)
    assert not server.ranges
    assert not cache.exists()


def test_a_file_put_into_the_cache_by_hand_is_verified_and_used(server, cache, monkeypatch):
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    cache.mkdir()
    (cache / "packed.zip").write_bytes(make_zip())
    assert datasets.fetch("packed").is_dir()
    (cache / "table.csv").write_bytes(PAYLOAD)
    assert datasets.fetch("table") == cache / "table.csv"


@pytest.mark.parametrize("url", ["refused", "http://nowhere.invalid"])
def test_no_network_is_one_clear_error_and_leaves_nothing(server, cache, url):
    if url == "refused":
        server.close()
    else:
        _registry.REGISTRY.write_text(registry_text(url))
    with pytest.raises(datasets.DatasetUnavailable, match=r"'table' .*no connection") as caught:
        datasets.fetch("table")
    assert str(cache) in str(caught.value)
    assert visible(cache) == set()


@pytest.mark.parametrize(("mode", "words"), [("404", "404 .*Not Found"), ("500", "500 .*Error")])
def test_a_refusing_server_is_quoted_and_its_page_is_not_kept(server, cache, mode, words):
    server.mode = mode
    with pytest.raises(datasets.DatasetUnavailable, match=words):
        datasets.fetch("table")
    assert visible(cache) == set()
    server.mode = "whole"
    assert datasets.load("table") == PAYLOAD


@pytest.mark.parametrize(("name", "file"), [("table", "table.csv"), ("packed", "packed.zip")])
def test_a_wrong_file_is_set_aside_and_never_used(server, cache, name, file):
    server.mode = "html"
    with pytest.raises(datasets.DatasetCorrupted, match=f"'{name}'.*\n.*rejected/{file}.0"):
        datasets.fetch(name)
    assert visible(cache) == {"rejected"}
    assert (cache / "rejected" / f"{file}.0").read_bytes().startswith(b"<html>")
    with pytest.raises(datasets.DatasetCorrupted, match=f"rejected/{file}.1"):
        datasets.fetch(name)


def test_an_archive_with_other_content_is_refused(server, cache):
    server.body = make_zip(files={**CONTENT, "a.res": b"TITL x\n"})
    with pytest.raises(datasets.DatasetCorrupted, match="content has digest"):
        datasets.fetch("packed")
    assert visible(cache) == {"rejected"}


def test_a_damaged_file_in_the_cache_is_replaced_with_a_warning(server, cache):
    path = datasets.fetch("table")
    path.write_bytes(PAYLOAD[:-1] + b"x")
    with pytest.warns(UserWarning, match=r"table.csv is not what it should be.*set aside"):
        assert datasets.fetch("table").read_bytes() == PAYLOAD
    assert (cache / "rejected" / "table.csv.0").exists()


def test_a_damaged_folder_in_the_cache_is_unpacked_again(server, cache, monkeypatch):
    server.body = make_zip()
    path = datasets.fetch("packed")
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    (path / "a.res").unlink()
    with pytest.warns(UserWarning, match="set aside"):
        assert datasets.fetch("packed") == path
    assert (path / "a.res").read_bytes() == CONTENT["a.res"]


def test_a_wrong_file_in_the_mirror_is_named_and_left_alone(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("MATLEARN_MIRROR", str(tmp_path))
    (tmp_path / "table.csv").write_bytes(b"wrong")
    with pytest.warns(UserWarning, match=r"table.csv is not what it should be.*left alone"):
        assert datasets.fetch("table") == cache / "table.csv"
    assert (tmp_path / "table.csv").read_bytes() == b"wrong"


def test_a_mirror_that_is_no_folder_is_named(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("MATLEARN_MIRROR", str(tmp_path / "typo"))
    with pytest.warns(UserWarning, match="MATLEARN_MIRROR names .*typo, which is no folder"):
        datasets.fetch("table")


def test_a_download_cut_off_halfway_is_never_used_and_resumed(server, cache):
    server.mode = "cut"
    with pytest.raises(datasets.DatasetUnavailable, match=f"cut off; {HALF} bytes are kept"):
        datasets.fetch("table")
    assert not (cache / "table.csv").exists()
    server.mode = "whole"
    assert datasets.fetch("table").read_bytes() == PAYLOAD
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert visible(cache) == {"table.csv", "table.csv.verified"}


def test_a_cut_off_download_of_another_version_starts_again(server, cache):
    server.mode = "cut"
    server.body = bytes(len(PAYLOAD))
    with pytest.raises(datasets.DatasetUnavailable):
        datasets.fetch("table")
    server.mode, server.body, server.tag = "whole", PAYLOAD, '"v2"'
    assert datasets.load("table") == PAYLOAD


def test_a_cut_off_download_starts_again_where_the_server_cannot_resume(server, cache):
    server.mode = "no-range"
    server.body = PAYLOAD[:1000]
    with pytest.raises(datasets.DatasetCorrupted):
        datasets.fetch("table")
    server.body = PAYLOAD
    assert datasets.load("table") == PAYLOAD
    assert server.ranges == [None, None]


def test_a_file_that_ends_early_without_a_told_length_is_refused(server, cache):
    server.mode = "cut-blind"
    with pytest.raises(datasets.DatasetCorrupted, match="not what it should be"):
        datasets.fetch("table")
    server.mode = "whole"
    assert datasets.load("table") == PAYLOAD


def test_a_part_longer_than_the_file_starts_again(server, cache):
    server.mode = "cut"
    with pytest.raises(datasets.DatasetUnavailable):
        datasets.fetch("table")
    server.mode = "whole"
    (cache / "table.csv.part").write_bytes(PAYLOAD)
    assert datasets.load("table") == PAYLOAD
    assert server.ranges == [None, f"bytes={len(PAYLOAD)}-", None]


def start_fetch(cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH, str(_registry.REGISTRY)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_download_leaves_a_part_that_is_resumed(server, cache, how):
    server.mode = "slow"
    process = start_fetch(cache)
    part = cache / "table.csv.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert how == signal.SIGKILL or "KeyboardInterrupt" in errors
    kept = part.stat().st_size
    assert 0 < kept < len(PAYLOAD)
    assert not (cache / "table.csv").exists()
    server.mode = "whole"
    assert datasets.load("table") == PAYLOAD
    assert server.ranges == [None, f"bytes={kept}-"]


def test_of_two_processes_one_downloads_and_both_have_it(server, cache):
    server.mode = "slow"
    processes = [start_fetch(cache) for _ in range(2)]
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.strip() == str(cache / "table.csv")
    assert server.ranges == [None]
    assert (cache / "table.csv").read_bytes() == PAYLOAD


def test_waiting_for_another_process_ends_with_an_error(server, cache, monkeypatch):
    monkeypatch.setattr(_cache, "LOCK_TIMEOUT", 0.1)
    cache.mkdir()
    held, release = threading.Event(), threading.Event()

    def hold():
        with _cache.lock(cache, "table"):
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        with pytest.raises(datasets.DatasetUnavailable, match=r"\.table\.lock"):
            datasets.fetch("table")
    finally:
        release.set()
        thread.join()


@pytest.mark.parametrize("name", ["table", "packed"])
def test_a_cache_that_cannot_be_made_is_replaced_for_this_process(
    server, cache, name, tmp_path, monkeypatch
):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path / "file" / "cache"))
    server.body = make_zip() if name == "packed" else PAYLOAD
    with pytest.warns(UserWarning, match=r"the cache .*file/cache cannot be written"):
        path = datasets.fetch(name)
    assert path.exists()
    assert datasets.fetch(name) == path
    assert len(server.ranges) == 1


def test_a_read_only_cache_still_serves_what_it_holds(server, cache, monkeypatch):
    """The tests may run as root, whom permissions do not stop: every write is made to fail."""
    held = datasets.fetch("table")
    (cache / "table.csv.verified").unlink()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(_cache, "_probe", refuse)
    monkeypatch.setattr(Path, "write_text", refuse)
    monkeypatch.setattr(_cache, "_known", {})
    assert datasets.fetch("table") == held
    assert len(server.ranges) == 1


def test_a_full_disk_while_downloading_is_named_and_leaves_nothing(server, cache, monkeypatch):
    """A stream that fails as a full disk does, after 64 kB."""

    class Full:
        def __init__(self, stream):
            self.stream, self.written = stream, 0

        def write(self, data):
            self.written += len(data)
            if self.written > 65536:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.stream.write(data)

        def __getattr__(self, name):
            return getattr(self.stream, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.stream.close()

    real = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(
            Path, "open", lambda path, mode="r", **k: Full(real(path, mode, **k))
            if path.suffix == ".part" else real(path, mode, **k)
        )  # fmt: skip
        with pytest.raises(datasets.DatasetUnavailable, match="the disk is full") as caught:
            datasets.fetch("table")
    assert caught.value.errno == errno.ENOSPC
    assert visible(cache) == set()
    assert datasets.load("table") == PAYLOAD


def test_a_full_disk_while_unpacking_leaves_no_half_folder(server, cache, monkeypatch):
    server.body = make_zip()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("matlearn._datasets.archive.shutil.copyfileobj", full)
        with pytest.raises(datasets.DatasetUnavailable, match="No space left"):
            datasets.fetch("packed")
    assert not [path for path in cache.rglob("*") if path.is_dir()]
    assert datasets.fetch("packed").is_dir()


EVIL = ["../evil", "top-1234/set/../../../evil", "/tmp/evil", "C:/evil", "top-1234\\..\\..\\evil"]


@pytest.mark.parametrize("name", EVIL)
def test_an_archive_with_a_member_that_points_outside_is_refused(server, cache, tmp_path, name):
    server.body = make_zip({name: b"evil"})
    with pytest.raises(datasets.DatasetCorrupted, match="points outside the archive"):
        datasets.fetch("packed")
    assert visible(cache) == {"rejected"}
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_an_archive_with_a_link_or_a_device_is_refused(server, cache, tmp_path, mode):
    archive = tmp_path / "x.zip"
    archive.write_bytes(make_zip())
    with zipfile.ZipFile(archive, "a") as opened:
        info = zipfile.ZipInfo("top-1234/set/link")
        info.create_system = 3
        info.external_attr = (mode | 0o777) << 16
        opened.writestr(info, b"/etc/passwd")
    server.body = archive.read_bytes()
    with pytest.raises(datasets.DatasetCorrupted, match="is a link or a device"):
        datasets.fetch("packed")
    assert visible(cache) == {"rejected"}


def test_an_archive_that_unpacks_to_far_too_much_is_refused_before_it_does(server, cache):
    server.body = make_zip({"top-1234/set/bomb": bytes(50_000_000)})
    assert len(server.body) < 100_000
    with pytest.raises(
        datasets.DatasetCorrupted, match="would unpack to 3 files of 50000014 bytes"
    ):
        datasets.fetch("packed")
    assert _digests.size(cache) < 200_000


def test_an_archive_with_a_member_twice_is_refused(server, cache):
    with pytest.warns(UserWarning, match="Duplicate name"):
        server.body = make_zip({"top-1234/set/a.res": b"TITL x\n"})
    with pytest.raises(datasets.DatasetCorrupted, match="holds a member twice"):
        datasets.fetch("packed")


def test_the_progress_bar_ends_full_also_when_resumed(server, cache, monkeypatch):
    bars = []

    def shown(**options):
        bars.append(tqdm(**{**options, "disable": False, "file": io.StringIO()}))
        return bars[-1]

    monkeypatch.setattr("tqdm.auto.tqdm", shown)
    server.mode = "cut"
    with pytest.raises(datasets.DatasetUnavailable):
        datasets.fetch("table")
    server.mode = "whole"
    datasets.fetch("table")
    half, full = bars
    assert half.n == HALF
    assert full.n == full.total == half.total == len(PAYLOAD)


def test_no_progress_bar_where_none_is_wanted(server, cache, capsys):
    datasets.fetch("table", progress=False)
    assert capsys.readouterr() == ("", "")
