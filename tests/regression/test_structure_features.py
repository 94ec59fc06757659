"""Features of crystals are matminer's; failures are kept with their reason, results on disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from pymatgen.core import Composition, Lattice, Structure

from matlearn.regression import features
from matlearn.regression._features import structure_featurizers, structures
from matlearn.store import StoreError


@pytest.fixture(scope="module")
def crystals() -> list[Structure]:
    return [
        Structure.from_ase_atoms(atoms)
        for atoms in (
            bulk("C", "diamond", a=3.567),
            bulk("NaCl", "rocksalt", a=5.64),
            bulk("CaF2", "fluorite", a=5.46),
        )
    ]


@pytest.fixture(scope="module")
def graphite() -> Atoms:
    positions = [(0, 0, 0.25), (0, 0, 0.75), (1 / 3, 2 / 3, 0.25), (2 / 3, 1 / 3, 0.75)]
    return Atoms(
        "C4", scaled_positions=positions, cell=[2.464, 2.464, 6.711, 90, 90, 120], pbc=True
    )


def test_the_numbers_are_matminers(crystals: list[Structure]) -> None:
    from matminer.featurizers.structure import (
        DensityFeatures,
        GlobalSymmetryFeatures,
        OrbitalFieldMatrix,
        SiteStatsFingerprint,
        StructuralComplexity,
    )

    peers = {
        "density": DensityFeatures(),
        "complexity": StructuralComplexity(),
        "site-statistics": SiteStatsFingerprint.from_preset("CrystalNNFingerprint_ops"),
        "orbital-field": OrbitalFieldMatrix(),
        "symmetry": GlobalSymmetryFeatures(
            ["spacegroup_num", "crystal_system_int", "is_centrosymmetric", "n_symmetry_ops"]
        ),
    }
    for name, peer in peers.items():
        ours = features.structure(crystals[1:], featurizers=[name], progress=False, workers=1)
        assert ours.columns.tolist() == peer.feature_labels()
        reference = np.array([peer.featurize(s) for s in crystals[1:]], dtype=float)
        np.testing.assert_allclose(ours, reference, atol=1e-12)
        assert ours.attrs["failures"] == []


def test_those_by_voronoi_cells_are_matminers() -> None:
    from matminer.featurizers.structure import (
        ChemicalOrdering,
        MaximumPackingEfficiency,
        StructuralHeterogeneity,
    )

    zinc_oxide = Structure.from_ase_atoms(bulk("ZnO", "wurtzite", a=3.25, c=5.2))
    peers = (StructuralHeterogeneity(), MaximumPackingEfficiency(), ChemicalOrdering())
    names = ["heterogeneity", "packing", "ordering"]
    ours = features.structure([zinc_oxide], featurizers=names, progress=False, workers=1)
    assert ours.columns.tolist() == [label for peer in peers for label in peer.feature_labels()]
    reference = [number for peer in peers for number in peer.featurize(zinc_oxide)]
    assert ours.iloc[0].tolist() == pytest.approx(reference, abs=1e-10)


def test_eigenvalues_are_matminers_as_a_set(crystals: list[Structure]) -> None:
    from matminer.featurizers.structure import SineCoulombMatrix

    peer = SineCoulombMatrix().fit(crystals)
    ours = features.structure(crystals, featurizers=["sine-coulomb"], progress=False)
    assert ours.columns.tolist() == peer.feature_labels()
    reference = [np.sort(peer.featurize(s)) for s in crystals]
    np.testing.assert_allclose(np.sort(ours.to_numpy(), axis=1), reference, rtol=1e-10)
    assert ours.iloc[1, 2] == 0.0  # rock salt has two atoms, fluorite three


def test_features_do_not_depend_on_how_atoms_are_numbered(crystals: list[Structure]) -> None:
    turned = Structure.from_sites(list(reversed(crystals[2].sites)))
    table = features.structure([crystals[2], turned], progress=False)
    np.testing.assert_allclose(table.iloc[0], table.iloc[1], rtol=1e-10)


def test_polymorphs_differ_where_formulas_cannot(crystals: list, graphite: Atoms) -> None:
    table = features.structure([crystals[0], graphite], progress=False)
    assert table["density"].tolist() == pytest.approx([3.52, 2.26], abs=0.01)  # g/cm3
    assert table["spacegroup_num"].tolist() == [227, 194]
    assert table["vpa"].tolist() == pytest.approx([5.67, 8.82], abs=0.01)
    by_formula = features.magpie([crystals[0].composition, Composition("C4")])
    assert by_formula.iloc[0].tolist() == by_formula.iloc[1].tolist()


def test_atoms_and_structures_give_the_same(crystals: list[Structure]) -> None:
    atoms = [structure.to_ase_atoms() for structure in crystals]
    pd.testing.assert_frame_equal(
        features.structure(atoms, progress=False), features.structure(crystals, progress=False)
    )


def test_a_series_keeps_its_index(crystals: list[Structure]) -> None:
    series = pd.Series(crystals, index=["a", "b", "c"])
    table = features.structure(series, featurizers=["density"], progress=False)
    assert table.index.tolist() == ["a", "b", "c"]


def test_failures_are_kept_with_their_reason(crystals: list[Structure], tmp_path: Path) -> None:
    shared = Structure(Lattice.cubic(3.0), [{"Fe": 0.5, "Ni": 0.5}], [[0, 0, 0]])
    californium = Structure(Lattice.cubic(3.38), ["Cf"], [[0, 0, 0]])
    given = pd.Series([crystals[0], shared, californium], index=["C", "FeNi", "Cf"])
    for _ in range(2):  # the second time from the cache
        table = features.structure(
            given,
            featurizers=["symmetry", "orbital-field"],
            progress=False,
            cache=tmp_path / "c.db",
        )
        failed = table.attrs["failures"]
        assert [(f["index"], f["featurizer"]) for f in failed] == [
            ("FeNi", "symmetry"),
            ("FeNi", "orbital-field"),
            ("Cf", "orbital-field"),
        ]
        assert "shared by several elements" in failed[0]["reason"]
        assert failed[2]["reason"] == "KeyError: 98"
        assert table.loc["C"].notna().all()
        assert table.loc["FeNi"].isna().all()
        assert table.loc["Cf", "spacegroup_num"] == 221
        with pytest.raises(ValueError, match=r"NaN values .* \(index 'FeNi', 'Cf'\)"):
            features.check(table)


def test_numbers_that_are_not_finite_count_as_a_failure(
    crystals: list[Structure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        structure_featurizers.featurizer("density"), "featurize", lambda s: [1.0, np.inf, np.nan]
    )
    table = features.structure(crystals[:1], featurizers=["density"], progress=False, workers=1)
    assert table.attrs["failures"][0]["reason"] == "2 of 3 numbers are not finite"
    assert table.isna().all(axis=None)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([], ValueError, "at least one crystal"),
        (bulk("Cu"), TypeError, r"write \[structure\]"),
        (["NaCl"], TypeError, "got str in row 0"),
        ("NaCl", TypeError, "got a str"),
        (pd.DataFrame({"a": [1]}), TypeError, "got a DataFrame"),
        ([bulk("Cu"), Atoms("N2", [(0, 0, 0), (0, 0, 1.1)])], ValueError, "row 1, N2, has pbc"),
        ([bulk("Cu"), None], TypeError, "got NoneType in row 1"),
    ],
)
def test_what_is_no_list_of_crystals_is_refused(
    given: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        features.structure(given, progress=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        ("density", TypeError, r"write \['density'\]"),
        (["dens"], ValueError, "'sine-coulomb'.*got"),
        ([], ValueError, "featurizers must be"),
        (["density", "density"], ValueError, "different"),
    ],
)
def test_an_unknown_featurizer_is_refused(
    names: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        features.structure([bulk("Cu")], featurizers=names)  # type: ignore[arg-type]


def test_what_is_in_the_cache_is_not_computed_again(
    crystals: list[Structure], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[tuple[str, ...]] = []
    real = structures.featurize

    def counted(job: tuple[Structure, tuple[str, ...]]) -> list:
        jobs.append(job[1])
        return real(job)

    monkeypatch.setattr(structures, "featurize", counted)
    cache = tmp_path / "features.db"
    settings = {"cache": cache, "progress": False, "workers": 1}
    first = features.structure(crystals[:2], featurizers=["density"], **settings)
    assert jobs == [("density",)] * 2
    more = features.structure(crystals, featurizers=["sine-coulomb", "density"], **settings)
    assert jobs[2:] == [("sine-coulomb",)] * 2 + [("sine-coulomb", "density")]
    pd.testing.assert_frame_equal(first, more[first.columns].iloc[:2])
    again = features.structure(crystals, featurizers=["sine-coulomb", "density"], **settings)
    assert len(jobs) == 5
    pd.testing.assert_frame_equal(more, again)
    assert cache.read_bytes().startswith(b"SQLite format 3")


def test_other_versions_are_computed_anew(
    crystals: list[Structure], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"cache": tmp_path / "c.db", "featurizers": ["density"], "progress": False}
    features.structure(crystals[:1], **settings)
    monkeypatch.setattr("matlearn.regression._features.structure_cache.REVISION", 99)
    features.structure(crystals[:1], **settings)
    with sqlite3.connect(tmp_path / "c.db") as connection:
        rows = connection.execute("SELECT versions FROM matlearn_structure_features").fetchall()
    assert len(rows) == len(set(rows)) == 2


def test_equal_structures_are_computed_once(
    crystals: list[Structure], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = []
    real = structures.featurize
    monkeypatch.setattr(structures, "featurize", lambda job: count.append(1) or real(job))
    table = features.structure([crystals[0]] * 3, featurizers=["density"], progress=False)
    assert len(count) == 1
    assert table["density"].nunique() == 1


def test_a_file_that_is_no_cache_is_refused_and_left_alone(
    crystals: list[Structure], tmp_path: Path
) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("not a database, but long enough to be taken for one " * 20)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")
    for path, message in (
        (text, "not a database"),
        (other, "no cache of features"),
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "c.db", "there is no folder"),
    ):
        with pytest.raises(StoreError, match=message):
            features.structure(crystals[:1], cache=path, progress=False)
    assert text.read_text().startswith("not a database")
    with sqlite3.connect(other) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_two_processes_give_what_one_gives(crystals: list[Structure]) -> None:
    one = features.structure(crystals, featurizers=["density"], progress=False, workers=1)
    two = features.structure(crystals, featurizers=["density"], progress=False, workers=2)
    pd.testing.assert_frame_equal(one, two)


def test_an_interrupt_keeps_what_is_done(
    crystals: list[Structure], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = structures.featurize

    def interrupted(job: tuple[Structure, tuple[str, ...]]) -> list:
        if job[0].composition.reduced_formula == "CaF2":
            raise KeyboardInterrupt
        return real(job)

    settings = {"cache": tmp_path / "c.db", "featurizers": ["density"], "progress": False}
    monkeypatch.setattr(structures, "featurize", interrupted)
    with pytest.raises(KeyboardInterrupt):
        features.structure(crystals, workers=1, **settings)
    monkeypatch.setattr(structures, "featurize", lambda job: jobs.append(job) or real(job))
    jobs: list[object] = []
    assert features.structure(crystals, workers=1, **settings).notna().all(axis=None)
    assert len(jobs) == 1


def test_a_killed_run_goes_on_from_its_cache(tmp_path: Path) -> None:
    cache = tmp_path / "c.db"
    script = Path(__file__).with_name("killed_features.py")
    process = subprocess.Popen(
        [sys.executable, script, cache, "1"],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kept() -> int:
        if not cache.exists():
            return 0
        with sqlite3.connect(f"file:{cache}?mode=ro", uri=True, timeout=20) as connection:
            try:
                return connection.execute(
                    "SELECT COUNT(*) FROM matlearn_structure_features"
                ).fetchone()[0]
            except sqlite3.OperationalError:
                return 0  # the table is not there yet

    limit = time.monotonic() + 120
    while kept() < 5 and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) != 0
    before = kept()
    assert 5 <= before < 200
    same = [bulk("Cu", a=3.0 + 0.01 * number) for number in range(before)]
    table = features.structure(same, featurizers=["density"], cache=cache, progress=False)
    assert table["vpa"].to_numpy() == pytest.approx([a.get_volume() for a in same])


def test_published_structures_have_no_failures(published_mirror: str) -> None:
    from matlearn.regression import load_task

    task = load_task("phonons", structures=True, progress=False)
    table = features.structure(
        task.structures[:60], featurizers=["density", "sine-coulomb"], progress=False
    )
    assert table.attrs["failures"] == []
    assert table.notna().all(axis=None)
