"""The surroundings of a submitted notebook: its folder, its variables, and what is taken from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matlearn._exercises.grading.confine import landlock_version
from matlearn._exercises.grading.limits import Limits

CONFINE = Path(__file__).with_name("confine.py")
HANDED_ON = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "MATLEARN_MIRROR", "MATLEARN_SCALE"),
)
"""Variables that a submission gets to see; everything else, keys and passwords included, it does not."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
NOWHERE = "http://127.0.0.1:9"  # a port at which nobody listens


@dataclass(frozen=True)
class Confinement:
    """What this system lets us take from a notebook.

    Attributes
    ----------
    network : {"namespace", "landlock", "none"}
        A network of its own, or no TCP, or nothing but a request not to use it.
    files : bool
        Whether writing outside its folder is forbidden.
    signals : bool
        Whether ending other processes is forbidden.
    """

    network: str
    files: bool
    signals: bool

    def __str__(self) -> str:
        network = {
            "namespace": "Network: cut off (each notebook has a network of its own with nothing in it).",
            "landlock": "Network: TCP connections are refused by the system (Landlock); other protocols are not.",
            "none": "Network: NOT cut off; this system does not allow it without more rights. Only matlearn's "
            "own downloads are switched off and proxies lead nowhere: cut the machine off if that matters.",
        }[self.network]
        files = (
            "Files: a notebook writes only into a temporary folder of its own; what you may read, it may read."
            if self.files
            else "Files: NOT confined (no Landlock on this system); a notebook can change what you can change."
        )
        signals = "" if self.signals else " It can also end other processes of yours."
        return f"{network} {files}{signals}"


def find_confinement() -> Confinement:
    """Try what this system allows, each in a process that ends at once.

    Examples
    --------
    >>> find_confinement().network in ("namespace", "landlock", "none")
    True
    """
    version = landlock_version()
    files = version > 0 and _works("none", landlock=True)
    network = "none"
    if _works("namespace", landlock=files):
        network = "namespace"
    elif version >= 4 and files and _works("landlock", landlock=True):
        network = "landlock"
    return Confinement(network, files, signals=files and version >= 6)


def command(confinement: Confinement, limits: Limits, write: list[Path]) -> list[str]:
    """Words that confine a process and become what stands behind them."""
    plan = {
        "network": confinement.network,
        "landlock": confinement.files,
        "write": [*map(str, write), "/dev/shm"],
        "cpu_seconds": limits.cpu_seconds,
        "file_bytes": limits.disk_bytes,
        "processes": _of_this_user() + 4 * limits.processes,
    }
    return [sys.executable, "-I", str(CONFINE), json.dumps(plan)]


@contextmanager
def folders(warm: Path | None) -> Iterator[Path]:
    """A temporary folder for one notebook, with a copy of what `warm` holds; removed afterwards."""
    root = Path(tempfile.mkdtemp(prefix="matlearn-grade-"))
    try:
        for name in ("work", "home", "results", "judged", "tmp"):
            (root / name).mkdir()
        if warm is not None and warm.is_dir():
            shutil.copytree(warm, root / "warm")
        yield root
    finally:
        shutil.rmtree(root, onerror=_unlock)


def variables(root: Path, confinement: Confinement, warm: Path | None = None) -> dict[str, str]:
    """Environment of a notebook's kernel.

    Parameters
    ----------
    root
        Its temporary folder.
    confinement
        Where the network is not cut off, proxies that lead nowhere are added.
    warm
        Folder of compiled code and the like; by default the copy in `root`.
    """
    from matlearn._datasets.cache import cache_folder

    warm = warm or root / "warm"
    found = {name: value for name in HANDED_ON if (value := os.environ.get(name))}
    found |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    found |= dict.fromkeys(THREADS, "1")
    found |= {
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "IPYTHONDIR": str(root / "home" / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(root / "home" / "runtime"),
        "MATLEARN_RESULTS": str(root / "results"),
        "MATLEARN_CACHE": str(cache_folder()),
        "MATLEARN_OFFLINE": "1",
        "NUMBA_CACHE_DIR": str(warm / "numba"),
        "MPLCONFIGDIR": str(warm / "matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if confinement.network == "none":
        for name in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"):
            found |= {name: NOWHERE, name.upper(): NOWHERE}
    return found


def _works(network: str, *, landlock: bool) -> bool:
    """Whether a process can be confined in this way."""
    tried = Confinement(network, landlock, landlock)
    words = [*command(tried, Limits(), []), sys.executable, "-I", "-S", "-c", "pass"]
    try:
        done = subprocess.run(words, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _of_this_user() -> int:
    """Threads of all processes of this user: the system's limit counts them too."""
    import psutil

    user = os.getuid()
    wanted = psutil.process_iter(["uids", "num_threads"])
    own = [each.info for each in wanted if each.info["uids"] and each.info["uids"].real == user]
    return sum(info["num_threads"] or 1 for info in own)


def _unlock(_function: Any, path: str, _error: Any) -> None:
    """Remove what a notebook made unremovable; what cannot be removed is left to the system."""
    try:
        Path(path).parent.chmod(0o700)
        Path(path).chmod(0o700)
        shutil.rmtree(path, ignore_errors=True) if Path(path).is_dir() else Path(path).unlink()
    except OSError:
        pass
