"""``matlearn doctor``: is this installation sound, and what does it lack?"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "optional", "problem"]

_IMPORTS = {
    "nglview": "from matlearn._widgets.nglview import import_nglview; import_nglview()",
    "pymatgen": "import pymatgen.core",
}
_COMPILED_OPTIONAL = ("icet", "pypolymlp")
_OPTIONAL = {
    "icet": "the lattice chapter: pip install icet trainstation highspy (icet needs a C++ compiler)",
    "trainstation": "fits of the lattice chapter: pip install trainstation",
    "highspy": "proven ground states of the lattice chapter: pip install highspy",
    "pypolymlp": "polynomial potentials: bash binder/install_optional.sh (needs a C++ compiler and Eigen)",
    "gpaw": "new DFT calculations: data/search/README.md says how, in an environment of its own",
    "dask": "work on a cluster: pip install 'matlearn[dask]'",
    "playwright": "browser tests: pip install playwright, and Chromium from your system",
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes
    ----------
    topic : str
        What was looked at.
    state : {"ok", "optional", "problem"}
        Sound; absent and not needed; to be mended.
    text : str
        What was found, and what to do where something is to be done.
    """

    topic: str
    state: State
    text: str

    def __str__(self) -> str:
        sign = {"ok": "ok", "optional": "--", "problem": "!!"}[self.state]
        return f"{sign}  {self.topic:<14} {self.text}"


def examine(*, thorough: bool = False) -> list[Finding]:
    """Look at interpreter, packages, machine, optional parts and the viewer's front end.

    Parameters
    ----------
    thorough
        Also import the compiled packages, which takes some seconds and finds a broken build.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> [finding.text for finding in examine() if finding.state == "problem"]
    []
    """
    return [
        _python(),
        *_packages(),
        *(_imports() if thorough else ()),
        _viewer(),
        *_machine(),
        *(_optional(name, purpose) for name, purpose in _OPTIONAL.items()),
    ]


def _python() -> Finding:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    advice = "" if good else ": matlearn needs 3.11 or newer"
    return Finding(
        "python", "ok" if good else "problem", f"{version} on {platform.platform()}{advice}"
    )


def _packages() -> list[Finding]:
    """Every requirement of matlearn: present, and of a version that it accepts?"""
    from packaging.requirements import Requirement

    try:
        lines = importlib.metadata.requires("matlearn") or []
    except importlib.metadata.PackageNotFoundError:
        return [Finding("matlearn", "problem", "not installed: pip install -e . in the clone")]
    problems = []
    versions = []
    for line in lines:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(Finding(wanted.name, "problem", f"missing: pip install '{line}'"))
            continue
        if wanted.name in ("ase", "chgnet", "jupyterlab", "numpy", "torch"):
            versions.append(f"{wanted.name} {found}")
        if found.split("+")[0] not in wanted.specifier:
            text = f"{found} is installed, {wanted.specifier} is needed: pip install '{line}'"
            problems.append(Finding(wanted.name, "problem", text))
    summary = Finding("packages", "ok", ", ".join(versions))
    return problems or [summary]


def _imports() -> list[Finding]:
    """Import what is compiled, in a process of its own: a broken build may not even raise."""
    findings = []
    for name in ("numba", "torch", "chgnet", "pymatgen", "nglview", *_COMPILED_OPTIONAL):
        if importlib.util.find_spec(name) is None:
            continue
        code = _IMPORTS.get(name, f"import {name}")
        command = [sys.executable, "-W", "ignore", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it crashed"])[-1]
            text = f"does not import ({last}): pip install --force-reinstall {name}"
            findings.append(Finding(name, "problem", text))
    return findings or [Finding("imports", "ok", "the compiled packages load")]


def _viewer() -> Finding:
    """nglview's Python side and the front end that JupyterLab serves must be of one version.

    nglview 4.0 and 4.0.1 ship a front end that calls itself 3.1.5, and every structure then is a red
    "javascript error" box (nglview issues 1172 and 1181); Python notices nothing.
    """
    if importlib.util.find_spec("nglview") is None:
        return Finding("viewer", "problem", "nglview is missing: pip install nglview==3.1.4")
    python_side = importlib.metadata.version("nglview")
    expected = _frontend_expected() or python_side
    served = _frontend_served()
    if served is None:
        text = "JupyterLab finds no nglview front end: pip install --force-reinstall nglview==3.1.4"
        return Finding("viewer", "problem", text)
    if served != expected or not python_side.startswith("3."):
        text = (
            f"nglview {python_side} expects front end {expected}, JupyterLab serves {served}: structures "
            "will show as an error box; pip install nglview==3.1.4, then restart JupyterLab"
        )
        return Finding("viewer", "problem", text)
    return Finding("viewer", "ok", f"nglview {python_side} with front end {served}")


def _frontend_expected() -> str | None:
    """What nglview's Python side asks the browser for, read without importing it (that is slow)."""
    spec = importlib.util.find_spec("nglview")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).with_name("_frontend.py")
    match = re.search(r"['\"]([\d.]+)['\"]", file.read_text()) if file.is_file() else None
    return match[1] if match else None


def _frontend_served() -> str | None:
    """Version of the front end on JupyterLab's path: the first folder that has it wins, as there."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        package = Path(folder) / "nglview-js-widgets" / "package.json"
        if package.is_file():
            return str(json.loads(package.read_text())["version"])
    return None


def _machine() -> list[Finding]:
    import psutil

    from matlearn.parallel import available_cores

    memory = psutil.virtual_memory()
    cores = available_cores()
    text = f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB"
    enough = memory.available > 1.5e9
    advice = "" if enough else ": notebooks may take 1.5 GB; close other kernels and programs"
    return [
        Finding("threads", "ok", f"{cores} core{'s' if cores > 1 else ''} to work with"),
        Finding("memory", "ok" if enough else "problem", text + advice),
        _gpu(),
    ]


def _gpu() -> Finding:
    if shutil.which("nvidia-smi") is None and platform.system() != "Darwin":
        return Finding("gpu", "optional", "none found; nothing in the course needs one")
    import torch

    if torch.cuda.is_available():
        return Finding("gpu", "ok", torch.cuda.get_device_name())
    if torch.backends.mps.is_available():
        return Finding("gpu", "ok", "Apple Metal")
    return Finding(
        "gpu", "optional", "not usable by this torch build; nothing in the course needs one"
    )


def _optional(name: str, purpose: str) -> Finding:
    if importlib.util.find_spec(name) is None:
        return Finding(name, "optional", f"not installed; for {purpose}")
    return Finding(name, "ok", importlib.metadata.version(name))
