"""Without icet (no C++ compiler) the lattice chapter's fits are missing, with one line, and no more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ase.build import bulk

import matlearn as ml

NEEDS_ICET = "the lattice chapter needs icet: pip install icet"

WITHOUT = """
import sys

sys.modules.update(dict.fromkeys(("icet", "mchammer", "trainstation", "highspy")))
import matlearn as ml
from ase.build import bulk

for chapter in (ml.search, ml.lattice):
    assert all(getattr(chapter, name) is not None for name in dir(chapter))
ml.search.random_structures("Au", 1, formula_units=4, volume_per_formula_unit=18.0,
                            min_separation=2.0, seed=0)
assert round(ml.lattice.exact.onsager_energy(2.0), 5) == -1.74556
copper = bulk("Cu", "fcc", a=3.6).repeat(4)
copper.symbols[0] = "X"
hops = ml.lattice.KineticMonteCarlo(0.7, copper, temperature=800, attempt_frequency=1e13)
assert len(hops.run(10)) == 10
try:
    ml.lattice.models.ising("square")
except ImportError as error:
    print(error)
"""


def test_the_rest_works_where_icet_and_its_companions_are_missing() -> None:
    command = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(NEEDS_ICET)
    assert done.stdout.count("\n") == 1


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "fit": lambda frame, store: ml.lattice.fit_cluster_expansion(frame, [4.0]),
    "select": lambda frame, store: ml.lattice.select_clusters(frame, [4.0], progress=False),
    "training set": lambda frame, store: ml.lattice.training_set(
        bulk("Cu"), ["Cu", "Pd"], 2, "emt", store=store, progress=False
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_needs_icet_says_in_one_line_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    pytest.importorskip("icet")
    frame = ml.datasets.load("cu-pd-emt")
    monkeypatch.setitem(sys.modules, "icet", None)
    with pytest.raises(ImportError, match=NEEDS_ICET) as caught:
        CALLS[name](frame, tmp_path / "store.db")
    assert "\n" not in str(caught.value)
