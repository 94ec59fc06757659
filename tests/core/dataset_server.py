"""A small HTTP server with the bad manners of real ones, and a registry that points to it."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAYLOAD = bytes(range(256)) * 1200  # 300 kB
CONTENT = {"a.res": b"TITL a\n", "sub/b.res": b"TITL b\n"}

FILE = """
[datasets.table]
chapter = "search"
what = "a table"
rows = 3
bytes = {size}
origin = "a test"
licence = "none"
references = ["bee"]
loader = "{loader}"
kind = "file"
own = false
file = "table.csv"
url = "{url}/table.csv"
accepted = [{{ sha256 = "{old}", origin = "an older version" }},
            {{ sha256 = "{sha256}", origin = "this one" }}]

[datasets.packed]
chapter = "search"
what = "a folder in an archive"
rows = 2
bytes = 14
origin = "a test"
licence = "none"
references = ["bee"]
loader = "os:listdir"
kind = "archive"
own = false
file = "packed.zip"
url = "{url}/packed.zip"
member = "top-1234/set"
accepted = [{{ sha256 = "{content}", origin = "this one" }}]

[datasets.nested]
chapter = "search"
what = "a table in a folder, of a size that nobody knows"
rows = 3
bytes = 0
origin = "a test"
licence = "none"
references = ["bee"]
loader = "dataset_server:read_with_options"
kind = "file"
own = false
file = "tables/of (mine).csv"
url = "{url}/tables/of%20%28mine%29.csv"
accepted = [{{ sha256 = "{sha256}", origin = "this one" }}]

[references.bee]
type = "misc"
author = "A. Bee"
title = "On tables"
year = 2020
"""


def content_digest(files: dict[str, bytes], folder: str = "set") -> str:
    """The content digest, written out once more."""
    lines = [
        f"{hashlib.sha256(data).hexdigest()}  {folder}/{name}\n" for name, data in files.items()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def registry_text(url: str, loader: str = "dataset_server:read") -> str:
    return FILE.format(
        url=url,
        size=len(PAYLOAD),
        loader=loader,
        old="0" * 64,
        sha256=hashlib.sha256(PAYLOAD).hexdigest(),
        content=content_digest(CONTENT),
    )


def read(path: Path) -> bytes:
    """Read the table: the loader of the test's registry."""
    return path.read_bytes()


def read_with_options(
    path: Path, *, times: int = 1, progress: bool = True
) -> tuple[bytes, int, bool]:
    """Read the table: a loader that takes an option, and is told whether to show a bar."""
    return path.read_bytes(), times, progress


def make_zip(extra: dict[str, bytes] | None = None, files: dict[str, bytes] = CONTENT) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"top-1234/set/{name}", data)
        archive.writestr("top-1234/README.md", b"not wanted")
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


class Server:
    """Serves PAYLOAD (or `body`) the way `mode` says and remembers the requests.

    Modes: whole; cut (half, then the connection closes); cut-blind (the same, without telling the
    length beforehand); slow (in pieces); no-range (neither resumes nor names a version); 404; 500;
    html (a login page instead of the file).
    """

    def __init__(self) -> None:
        self.mode = "whole"
        self.body = PAYLOAD
        self.tag = '"v1"'
        self.ranges: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                """Be silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        mode, body = self.mode, self.body
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        if mode in ("404", "500"):
            request.send_error(int(mode))
            return
        if mode == "html":
            body = b"<html>please log in</html>"
        start = 0
        resumable = mode != "no-range"
        if asked and resumable and request.headers.get("If-Range") == self.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                request.send_error(416)
                return
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            request.send_response(200)
        if resumable:
            request.send_header("ETag", self.tag)
        rest = body[start:]
        if mode != "cut-blind":
            request.send_header("Content-Length", str(len(rest)))
        request.end_headers()
        if mode.startswith("cut"):
            rest = rest[: len(rest) // 2]
        pieces = 20 if mode == "slow" else 1
        step = -(-len(rest) // pieces)
        for begin in range(0, len(rest), step):
            try:
                request.wfile.write(rest[begin : begin + step])
                request.wfile.flush()
            except OSError:
                return
            if mode == "slow":
                time.sleep(0.1)
