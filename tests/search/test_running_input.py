"""What a search takes, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.search.running import run_search
from matlearn.store import Store


def cells(*numbers: float) -> list[Atoms]:
    return [bulk("Cu", "fcc", a=a) for a in numbers]


def search(structures, calculator="emt", **options):
    options = {"progress": False, **options}
    if "client" not in options:
        options.setdefault("workers", 1)
    return run_search(structures, calculator, **options)


def test_a_calculator_is_copied_to_workers_where_they_are_asked_for(tmp_path):
    run = search(cells(3.5, 3.7), EMT(), store=tmp_path / "s.db", workers=2)
    assert run.counts == {"done": 2}


def test_a_calculator_that_cannot_be_copied_is_not_sent_to_workers(tmp_path):
    calculator = EMT()
    calculator.handle = (i for i in range(3))  # a generator cannot be sent anywhere
    with pytest.raises(ValueError, match="cannot be copied to workers"):
        search(cells(3.5), calculator, store=tmp_path / "s.db", workers=2)


def test_threads_of_a_dask_worker_do_not_share_a_calculator(tmp_path):
    distributed = pytest.importorskip("distributed")
    structures = cells(*np.linspace(3.3, 3.9, 8))
    for number, atoms in enumerate(structures):
        atoms.rattle(0.1, seed=number)
    here = search(structures, store=tmp_path / "here.db", workers=1).to_frame()
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=3, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        for calculator in ("emt", EMT()):
            store = tmp_path / f"{type(calculator).__name__}.db"
            there = search(structures, calculator, store=store, client=client).to_frame()
            assert there["label"].tolist() == here["label"].tolist()
            assert there["energy"].tolist() == pytest.approx(here["energy"].tolist(), abs=1e-9)
            assert there["steps"].tolist() == here["steps"].tolist()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"fmax": float("nan")}, ValueError),
        ({"fmax": "0.05"}, TypeError),
        ({"max_steps": 2.5}, ValueError),
        ({"max_steps": None}, TypeError),
        ({"pressure": float("inf")}, ValueError),
        ({"pressure": "10"}, TypeError),
        ({"stop": 3}, TypeError),
        ({"workers": 0}, ValueError),
        ({"calculator": "etm"}, ValueError),
        ({"calculator": None}, TypeError),
        ({"structures": bulk("Cu")}, TypeError),
        ({"structures": None}, TypeError),
        ({"structures": pd.DataFrame({"structure": [bulk("Cu")]})}, TypeError),
    ],
)
def test_arguments_that_make_no_sense_are_named_before_work_begins(tmp_path, options, error):
    given = {"structures": cells(3.5), "calculator": "emt", **options}
    (name,) = options
    with pytest.raises(error, match=f"{name} must be|name_or_path must be"):
        search(given.pop("structures"), given.pop("calculator"), store=tmp_path / "s.db", **given)
    assert [path.name for path in tmp_path.iterdir()] in ([], ["s.db"])


def test_structures_that_are_no_crystals_are_failures_with_a_reason(tmp_path):
    lost = bulk("Cu")
    lost.positions[:] = np.nan
    run = search([Atoms(), lost, molecule("CO"), *cells(3.5)], store=tmp_path / "s.db")
    reasons = run.failures()["reason"].tolist()
    assert run.counts == {"done": 1, "error": 3}
    assert ["without atoms" in reasons[0], "not finite" in reasons[1]] == [True, True]
    assert "no cell" in reasons[2]
    assert run.failures()["structure"].map(len).tolist() == [0, 1, 2]


def test_pymatgen_structures_are_relaxed_too(tmp_path):
    structure = AseAtomsAdaptor.get_structure(bulk("Cu", a=3.5))
    assert search([structure], store=tmp_path / "s.db").counts == {"done": 1}


def test_info_that_cannot_be_kept_is_refused_before_work_begins(tmp_path):
    structures = cells(3.5, 3.6)
    structures[1].info["origin"] = object()
    with pytest.raises(TypeError, match="'origin' in the info of structure"):
        search(structures, store=tmp_path / "s.db")
    with Store(tmp_path / "s.db") as store:
        assert len(store) == 0


def test_a_function_that_makes_no_calculator_is_an_error(tmp_path):
    with pytest.raises(TypeError, match="it made a int"):
        search(cells(3.5), lambda: 3, store=tmp_path / "s.db", workers=1)
