"""Fixtures that every chapter's tests share."""

from __future__ import annotations

import os
import signal

import pandas as pd
import pytest

# a shell starts what it puts into the background with Ctrl-C ignored, and children inherit that:
# tests that send it would wait for nothing
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


collect_ignore_glob = ["*conftest.py"]  # pytest loads them by itself; doctests have no place there


@pytest.fixture(scope="session")
def published_mirror() -> str:
    """The folder with the published data; its absence skips, but fails where CI demands it."""
    folder = os.environ.get("MATLEARN_MIRROR")
    if not folder:
        if os.environ.get("MATLEARN_REQUIRE_MIRROR"):
            pytest.fail("MATLEARN_MIRROR is not set, and MATLEARN_REQUIRE_MIRROR forbids skipping")
        pytest.skip("published data not at hand: set MATLEARN_MIRROR to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def lin2_airss(published_mirror: str) -> dict[str, pd.DataFrame]:
    """The published LiN2 search, read once for all tests."""
    from matlearn import datasets

    return datasets.load("lin2-airss")
