"""Confine this process, then become another program: run as a script, with the standard library alone.

``python confine.py '{"network": "namespace", ...}' COMMAND ...`` takes from the process what a
submitted notebook does not need (the network, writing outside its folder, signals to others, more
than its share) and replaces itself by COMMAND; what was taken stays taken in all that comes of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import signal
import socket
import struct
import sys

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000  # linux/sched.h
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # Landlock, the same on every architecture
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14  # linux/landlock.h: rights
CHANGES = sum(1 << bit for bit in (1, *range(4, 13)))  # write, remove, make anything
SINCE = {2: 1 << 13, 3: TRUNCATE}  # version: right that came with it (refer, truncate)
TCP_BIND_AND_CONNECT = 0b11
SOCKETS_AND_SIGNALS = 0b11
CORES = 2
"""Cores for a notebook: those that the exercises are made for."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/full")


def landlock_version() -> int:
    """Version of Landlock that this system offers; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, _libc().syscall(CREATE_RULESET, None, 0, 1))


def leave_the_network() -> None:
    """Move into a network of its own, in which there is nothing but this machine itself.

    Raises
    ------
    OSError
        Where the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    _done(_libc().unshare(NEW_USER | NEW_NETWORK), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 (no pathlib: it is slow to import)
            file.write(text)
    _loopback_up()


def restrict(write: list[str], *, tcp: bool) -> None:
    """Forbid to change files outside some folders, and to signal others; with `tcp` to use TCP too.

    Raises
    ------
    OSError
        Where the system does not allow it.
    """
    version = landlock_version()
    rights = CHANGES | sum(right for since, right in SINCE.items() if version >= since)
    network = TCP_BIND_AND_CONNECT if tcp and version >= 4 else 0
    scoped = SOCKETS_AND_SIGNALS if version >= 6 else 0
    fields = [rights, network, scoped][: 3 if version >= 6 else 2 if version >= 4 else 1]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    libc = _libc()
    ruleset = _done(libc.syscall(CREATE_RULESET, attributes, len(attributes), 0), "Landlock")
    for path in (*write, *DEVICES):
        with contextlib.suppress(FileNotFoundError):
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights if path not in DEVICES else rights & (WRITE_FILE | TRUNCATE)
            rule = struct.pack("=Qi", allowed, folder)
            _done(libc.syscall(ADD_RULE, ruleset, 1, rule, 0), f"Landlock for {path}")
            os.close(folder)
    _done(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    _done(libc.syscall(RESTRICT_SELF, ruleset, 0), "Landlock")
    os.close(ruleset)


def set_limits(cpu_seconds: float, file_bytes: int, processes: int) -> None:
    """Let the system itself end what runs or writes too much, should nobody watch."""
    import resource

    seconds = int(cpu_seconds) + 5
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NPROC: processes,  # of this user, threads included; root is not held to it
    }
    for what, most in wanted.items():
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))


def main(words: list[str]) -> int:
    """Confine as the first word says (JSON), then become the rest."""
    plan = json.loads(words[0])
    if plan["network"] == "namespace":
        leave_the_network()
    if plan["landlock"]:
        restrict(plan["write"], tcp=plan["network"] == "landlock")
    set_limits(plan["cpu_seconds"], plan["file_bytes"], plan["processes"])
    os.nice(10)  # whoever watches it comes first
    if hasattr(os, "sched_setaffinity"):  # parallel loops start a process for each core they see
        os.sched_setaffinity(0, _some(sorted(os.sched_getaffinity(0))))
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.execv(words[1], words[1:])


def _some(cores: list[int]) -> list[int]:
    """Two of the cores, not the same ones for everybody."""
    return random.sample(cores, min(CORES, len(cores)))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _loopback_up() -> None:
    """Switch on the interface by which processes of one machine talk (SIOCSIFFLAGS, IFF_UP)."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, 0x8914, struct.pack("16sh22x", b"lo", 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
