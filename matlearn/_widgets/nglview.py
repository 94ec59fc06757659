"""nglview, imported with care.

nglview 3.1.4 asks ``pkg_resources`` for its own version while it is imported, and setuptools 82
dropped that module. Where it is gone, a stand-in that answers this one question takes its place
for as long as the import lasts.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib import metadata
from types import ModuleType


def import_nglview() -> ModuleType:
    """Return the module nglview.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    if "nglview" in sys.modules or importlib.util.find_spec("pkg_resources") is not None:
        return _import()
    stand_in = ModuleType("pkg_resources")
    stand_in.get_distribution = metadata.distribution  # type: ignore[attr-defined]
    stand_in.DistributionNotFound = metadata.PackageNotFoundError  # type: ignore[attr-defined]
    sys.modules["pkg_resources"] = stand_in
    try:
        return _import()
    finally:
        del sys.modules["pkg_resources"]


def _import() -> ModuleType:
    try:
        return importlib.import_module("nglview")
    except ModuleNotFoundError as error:
        if error.name != "nglview":
            raise
        raise ImportError("the viewer needs nglview: pip install 'nglview>=3.1.2,<4'") from error
