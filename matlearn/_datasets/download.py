"""Downloading one file over HTTP: resumable, through pooch's downloader."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from matlearn._disk import is_full

if TYPE_CHECKING:
    import requests

TIMEOUT = 30.0  # seconds without a byte
CHUNK = 16 * 1024  # bytes; of a connection that is cut off, whole chunks are kept


class DownloadError(OSError):
    """A download that failed; its text says why, and whether a part of it was kept."""


class _Progress:
    """What pooch's downloader wants of a progress bar, on tqdm, whatever the server tells."""

    def __init__(self, label: str, expected: int, enabled: bool) -> None:
        from tqdm.auto import tqdm

        self._bar = tqdm(
            total=expected or None,
            desc=label,
            unit="B",
            unit_scale=True,
            disable=None if enabled else True,  # None: not shown where stderr is no terminal
        )
        self._total = 0
        self._start: float = 0

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, value: int) -> None:
        self._total = value
        self._start = self._bar.n
        if value:
            self._bar.total = self._start + value

    def start_from(self, done: int) -> None:
        self._bar.n = done

    def update(self, count: int) -> None:
        rest = self._bar.total - self._bar.n if self._bar.total else count
        self._bar.update(max(0, min(count, rest)))

    def reset(self) -> None:
        """Go back to where this part began: pooch does so in order to fill the bar."""
        self._bar.n = self._start if self._total else self._bar.n

    def close(self) -> None:
        self._bar.close()


class _Part:
    """A half-done download: the bytes so far, and which version of the file they belong to."""

    def __init__(self, target: Path, url: str) -> None:
        self.path = target.with_name(target.name + ".part")
        self.note = target.with_name(target.name + ".part.json")
        self.url = url
        self.answered = False  # whether the server began to send the file
        self.length: int | None = None  # of the whole file, as the server tells

    def headers(self) -> tuple[int, dict[str, str]]:
        """Bytes that can be kept, and the headers that ask for the rest of the same version."""
        plain = {"Accept-Encoding": "identity"}
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            validator, done = str(note["validator"]), self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return 0, plain
        if note.get("url") != self.url or not done:
            return 0, plain
        return done, {**plain, "Range": f"bytes={done}-", "If-Range": validator}

    def accept(self, response: requests.Response, stream: BinaryIO, done: int) -> int:
        """Take the server's answer before its body: go on, or start again; where we begin."""
        start = 0
        if response.status_code == 206:
            got = response.headers.get("Content-Range", "")
            if not got.startswith(f"bytes {done}-"):
                self.drop()
                raise DownloadError(f"asked for bytes from {done} on, was sent {got!r}")
            start = done
        elif response.status_code == 200:
            self._begin(response, stream)
        else:
            return start
        self.answered = True
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and "Content-Encoding" not in response.headers:
            self.length = start + int(length)
        return start

    def _begin(self, response: requests.Response, stream: BinaryIO) -> None:
        """Start again with the version that the server sends now."""
        stream.truncate(0)
        tag = response.headers.get("ETag", "W/")  # a weak tag cannot be asked for in If-Range
        validator = response.headers.get("Last-Modified") if tag.startswith("W/") else tag
        self.note.unlink(missing_ok=True)
        if validator and "Content-Encoding" not in response.headers:
            note = {"url": self.url, "validator": validator}
            self.note.write_text(json.dumps(note), encoding="utf-8")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def kept(self) -> str:
        """Say what became of the bytes so far; drop those that no later call could use."""
        done = self.headers()[0]
        if done:
            return f"{done} bytes are kept, and the next call goes on from there"
        self.drop()
        return "the next call starts again"


def download(
    url: str, target: Path, *, expected_bytes: int = 0, progress: bool = True, label: str = ""
) -> Path:
    """Download a file, beside its place: the caller verifies it and renames it.

    Parameters
    ----------
    url : str
        Address, http or https.
    target : Path
        Where the file is to lie in the end; its folder exists.
    expected_bytes : int
        Size to show in the progress bar where the server tells none.
    progress : bool
        Whether to show a progress bar.
    label : str
        Its label.

    Returns
    -------
    Path
        ``<target>.part``, complete as far as the server tells; call `finished` after renaming it.

    Raises
    ------
    DownloadError
        If there is no network, the server refuses, the connection ends early or the disk is
        full. What can be resumed is kept as ``<target>.part``, with a note beside it; so it is
        after Ctrl-C.
    """
    import pooch
    import requests

    part = _Part(target, url)
    done, headers = part.headers()
    bar = _Progress(label, expected_bytes, progress)
    try:
        with part.path.open("ab") as stream:

            def on_response(response: requests.Response, *_: Any, **__: Any) -> None:
                bar.start_from(part.accept(response, stream, done))

            get = pooch.HTTPDownloader(
                progressbar=bar,
                chunk_size=CHUNK,
                timeout=TIMEOUT,
                headers=headers,
                hooks={"response": on_response},
            )
            get(url, stream, None)
    except requests.HTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        if code == 416:  # the part is longer than the file: it belongs to another version
            part.drop()
            return download(
                url, target, expected_bytes=expected_bytes, progress=progress, label=label
            )
        raise DownloadError(f"the server answers {error}; {part.kept()}") from error
    except requests.RequestException as error:
        cut = "the connection was cut off" if part.answered else f"no connection ({_cause(error)})"
        raise DownloadError(f"{cut}; {part.kept()}") from error
    except DownloadError:
        raise
    except OSError as error:
        raise _disk_error(error, part) from error
    finally:
        bar.close()
    if part.length is not None and part.path.stat().st_size != part.length:
        raise DownloadError(f"the connection was cut off; {part.kept()}")
    return part.path


def finished(target: Path) -> None:
    """Remove what `download` left beside the target."""
    _Part(target, "").drop()


def _cause(error: BaseException) -> str:
    """Innermost reason of a failed connection, in one line."""
    reason = getattr(error.args[0] if error.args else error, "reason", error)
    return str(reason).rsplit(": ", 1)[-1][:200]


def _disk_error(error: OSError, part: _Part) -> DownloadError:
    if is_full(error):
        part.drop()  # a part that fills the disk helps nobody
        free = shutil.disk_usage(part.path.parent).free
        failed = DownloadError(
            f"the disk is full: without this download {free / 1e6:.1f} MB are free in "
            f"{part.path.parent}"
        )
    else:
        failed = DownloadError(f"{part.path} cannot be written: {error.strerror or error}")
    failed.errno = error.errno
    return failed
