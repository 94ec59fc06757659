from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from matlearn.parallel import _container_share, available_cores, map_unordered


def wait_until(condition, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_done_once_and_known_by_its_index(workers):
    assert sorted(map_unordered(lambda x: x**2, range(20), workers=workers)) == [
        (i, i**2) for i in range(20)
    ]


def test_workers_are_other_processes_with_one_thread_each():
    def look(_):
        return os.getpid(), os.environ["OMP_NUM_THREADS"]

    found = [value for _, value in map_unordered(look, range(4), workers=2)]
    assert os.getpid() not in {pid for pid, _ in found}
    assert {threads for _, threads in found} == {"1"}


def test_one_worker_is_this_process():
    assert [pid for _, pid in map_unordered(lambda _: os.getpid(), [0], workers=1)] == [os.getpid()]


@pytest.mark.parametrize("workers", [1, 2])
def test_items_are_drawn_as_needed_and_may_be_endless(workers):
    results = map_unordered(abs, itertools.count(), workers=workers)
    assert {next(results)[0] for _ in range(3)} <= set(range(6))
    results.close()


def test_closing_leaves_no_process_behind():
    results = map_unordered(lambda x: (x and time.sleep(60), os.getpid())[1], range(4), workers=2)
    _, first = next(results)
    workers = [p.pid for p in psutil.Process().children() if p.pid == first]
    children = {p.pid for p in psutil.Process().children()}
    assert workers == [first]
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 30
    wait_until(lambda: not alive(first))
    trackers = [p for p in psutil.Process().children() if p.pid in children]
    assert all("resource_tracker" in " ".join(p.cmdline()) for p in trackers)


def test_an_exception_reaches_the_caller():
    def fail(_):
        raise LookupError("the reason")

    with pytest.raises(LookupError, match="the reason"):
        list(map_unordered(fail, range(3), workers=2))


def test_a_worker_that_dies_is_reported():
    with pytest.raises(RuntimeError, match="want of memory"):
        list(map_unordered(lambda _: os.kill(os.getpid(), signal.SIGKILL), range(2), workers=2))


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        map_unordered(abs, [1], workers=0)
    with pytest.raises(TypeError, match="client must be a Dask client"):
        map_unordered(abs, [1], client="localhost")


PARENT = """
import os, time
from matlearn.parallel import map_unordered
def work(i):
    time.sleep(0.05 if i < 2 else 600)
    return os.getpid()
for _, pid in map_unordered(work, range(8), workers=2):
    print(pid, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent(how):
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    process.stdout.readline()
    family = [p.pid for p in psutil.Process(process.pid).children(recursive=True)]
    assert len(family) >= 2
    process.send_signal(how)
    process.wait(timeout=30)
    process.stdout.close()
    assert process.returncode != 0
    wait_until(lambda: not any(alive(pid) for pid in family))


def test_a_dask_cluster_does_the_work_where_one_is_connected():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        assert sorted(map_unordered(abs, [-1, -2, -3, 4], client=client)) == [
            (0, 1), (1, 2), (2, 3), (3, 4)
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2.0),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_the_share_of_a_container_is_read(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert _container_share(tmp_path) == expected


def test_affinity_limits_the_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert available_cores() == 1


@pytest.mark.parametrize("workers", ["2", 1.5, True])
def test_workers_are_a_whole_number(workers):
    with pytest.raises(TypeError, match="workers must be a whole number"):
        map_unordered(abs, [1], workers=workers)
