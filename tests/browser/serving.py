"""Wait for a server that a test has started."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return as soon as the address answers; fail with the end of the log where it does not."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended at once:\n{log.read_text()[-3000:]}")
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not answer within two minutes:\n{log.read_text()[-3000:]}")
