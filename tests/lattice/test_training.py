"""Training sets: enumerated, relaxed so that nothing is lost, and mapped back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import icet
import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from killed_training import make

from matlearn import datasets
from matlearn.lattice._training.mapping import map_back
from matlearn.lattice.training import load_training_set, save_training_set, training_set
from matlearn.store import Store

SCRIPT = Path(__file__).with_name("killed_training.py")
COLUMNS = [
    "label", "formula", "n_atoms", "energy", "energy_per_atom", "mixing_energy", "concentration",
    "concentration_Cu", "concentration_Au", "hull_distance", "structure", "relaxed_structure",
    "on_lattice", "displacement", "status", "reason",
]  # fmt: skip
PLAIN = [name for name in COLUMNS if "structure" not in name]


def fcc(a: float = 3.8) -> Atoms:
    return bulk("Cu", "fcc", a=a)


def train(species, max_atoms, folder, calculator="emt", **options):
    options = {"primitive": fcc(), "workers": 1, "progress": False, **options}
    primitive = options.pop("primitive")
    store = folder / "set.db"
    return training_set(primitive, species, max_atoms, calculator, store=store, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cu-au")


@pytest.fixture(scope="module")
def cu_au(folder) -> pd.DataFrame:
    return train(["Cu", "Au"], 4, folder)


def test_the_table_has_every_ordering_once(cu_au):
    assert list(cu_au.columns) == COLUMNS
    assert cu_au.index.tolist() == list(range(29))
    assert Counter(cu_au["n_atoms"]) == {1: 2, 2: 2, 3: 6, 4: 19}
    assert cu_au["label"].tolist()[:4] == ["Cu-00000", "Au-00001", "CuAu-00002", "CuAu-00003"]
    assert cu_au.attrs["primitive"] == fcc()
    assert cu_au.attrs["chemical_symbols"] == [["Cu", "Au"]]
    space = icet.ClusterSpace(cu_au.attrs["primitive"], [6.0, 4.0], [["Cu", "Au"]])
    vectors = np.array([space.get_cluster_vector(atoms) for atoms in cu_au["structure"]])
    assert len(np.unique(vectors.round(6), axis=0)) == 29
    assert vectors[:, 1] == pytest.approx(1 - 2 * cu_au["concentration_Cu"], abs=1e-9)


def test_energies_are_those_of_emt(cu_au):
    """L1_2 and L1_0 are the compounds, and CuAu3 is none."""
    mev = 1000 * cu_au.set_index("label")["mixing_energy"]
    assert mev["Cu3Au-00022"] == pytest.approx(-10.62, abs=0.02)
    assert mev["CuAu-00003"] == pytest.approx(-7.85, abs=0.02)
    hull = cu_au.loc[cu_au["hull_distance"] == 0, "formula"]
    assert set(hull) == {"Cu", "Cu3Au", "CuAu", "Au"}
    row = cu_au.iloc[22]
    single = EMT().get_potential_energy(row["relaxed_structure"])
    assert row["energy"] == pytest.approx(single, abs=1e-9)
    assert cu_au["mixing_energy"].to_numpy() == pytest.approx(
        cu_au["energy_per_atom"]
        - cu_au["concentration_Cu"] * cu_au["energy_per_atom"][0]
        - cu_au["concentration_Au"] * cu_au["energy_per_atom"][1],
        abs=1e-12,
    )


def test_other_systems_are_as_emt_has_them(tmp_path):
    frame = train(["Cu", "Pt"], 4, tmp_path, fmax=0.03)
    hull = frame[frame["hull_distance"] == 0].set_index("formula")["mixing_energy"] * 1000
    assert hull[["Cu3Pt", "CuPt", "CuPt3"]].tolist() == pytest.approx(
        [-96.3, -118.4, -73.4], abs=0.1
    )


def test_al_ni_has_no_compound_and_one_ordering_becomes_bcc(tmp_path):
    frame = train(["Al", "Ni"], 4, tmp_path)
    assert frame.loc[frame["hull_distance"] == 0, "formula"].tolist() == ["Al", "Ni"]
    (left,) = frame[~frame["on_lattice"]].itertuples()
    assert left.label == "AlNi-00023"
    assert "changed its shape by 0.32" in left.reason  # Bain: 2^(1/6) - 2^(-1/3) = 0.329
    assert left.status == "done"
    assert np.isfinite(left.energy)


def test_the_committed_sets_are_what_this_code_computes(cu_au, tmp_path):
    kept = datasets.load("cu-au-emt")
    again = training_set(
        cu_au.attrs["primitive"], ["Cu", "Au"], 3, "emt",
        relax="full", fmax=0.01, store=tmp_path / "again.db", workers=1, progress=False,
    )  # fmt: skip
    assert list(kept.columns) == COLUMNS
    assert kept["label"][:10].tolist() == again["label"].tolist()
    assert kept["mixing_energy"][:10].tolist() == pytest.approx(
        again["mixing_energy"].tolist(), abs=2e-5
    )
    assert kept.attrs == cu_au.attrs
    assert kept["label"][~kept["on_lattice"]].tolist() == [
        "CuAu-00017",
        "CuAu-00068",
        "Cu2Au-00090",
    ]
    for name in ("cu-au-emt", "cu-pd-emt"):
        assert Counter(datasets.load(name)["n_atoms"]) == {1: 2, 2: 2, 3: 6, 4: 19, 5: 28, 6: 80}
    hull = datasets.load("cu-pd-emt").query("hull_distance == 0").set_index("formula")
    mev = 1000 * hull["mixing_energy"][["Cu3Pd", "CuPd", "CuPd3"]]
    assert mev.tolist() == pytest.approx([-28.4, -35.4, -22.0], abs=0.05)


def test_a_file_keeps_the_whole_table(cu_au, tmp_path):
    path = tmp_path / "set.extxyz"
    save_training_set(cu_au, path, calculator="EMT")
    again = load_training_set(path)
    pd.testing.assert_frame_equal(again[PLAIN], cu_au[PLAIN], atol=1e-6)
    assert again.attrs == cu_au.attrs
    for column in ("structure", "relaxed_structure"):
        for ours, theirs in zip(again[column], cu_au[column], strict=True):
            assert ours.positions == pytest.approx(theirs.positions, abs=1e-7)
            assert ours.cell.array == pytest.approx(theirs.cell.array, abs=1e-7)
            assert (ours.numbers == theirs.numbers).all()
    assert again["relaxed_structure"][5].get_potential_energy() == pytest.approx(
        cu_au["energy"][5], abs=1e-8
    )
    assert [file.name for file in tmp_path.iterdir()] == ["set.extxyz"]


def test_cells_are_relaxed_and_fractions_kept(cu_au):
    for ideal, relaxed in zip(cu_au["structure"], cu_au["relaxed_structure"], strict=True):
        moved = relaxed.get_scaled_positions() - ideal.get_scaled_positions()
        assert np.abs(moved - moved.round()).max() < 1e-6
        force = relaxed.get_stress() * relaxed.get_volume() / len(relaxed)
        assert np.abs(force).max() < 0.01
    assert cu_au["displacement"].max() < 1e-6
    assert cu_au["on_lattice"].all()


def test_a_set_that_was_killed_goes_on_and_does_nothing_twice(tmp_path):
    store, log = tmp_path / "set.db", tmp_path / "log"
    command = [sys.executable, str(SCRIPT), str(store), str(log)]
    process = subprocess.Popen(command, env={**os.environ, "PAUSE": "0.01"})
    deadline = time.monotonic() + 60
    while _finished(store) < 5:
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with Store(store) as opened:
        before = set(opened.keys())
    assert 5 <= len(before) < 10
    begun = log.read_text().splitlines()
    log.write_text("")

    frame = make(store, log)
    assert not before & set(log.read_text().splitlines())
    assert set(begun) - before <= set(log.read_text().splitlines())  # it was in flight
    assert len(frame) == 10
    whole = make(tmp_path / "other.db", tmp_path / "other.log")
    pd.testing.assert_frame_equal(frame[PLAIN], whole[PLAIN], check_exact=True)

    log.write_text("")
    again = make(store, log)
    assert log.read_text() == ""
    pd.testing.assert_frame_equal(again[PLAIN], whole[PLAIN], check_exact=True)
    smaller = make(store, log, max_atoms=2)
    assert (len(smaller), log.read_text()) == (4, "")


def _finished(path: Path) -> int:
    if not path.exists():
        return 0
    with Store(path) as store:
        return len(store)


class Touchy(EMT):
    """EMT that fails for one ordering."""

    def calculate(self, atoms=None, *args, **kwargs):
        if len(atoms) == 3 and (atoms.numbers == 79).sum() == 2:
            raise ArithmeticError("did not converge")
        super().calculate(atoms, *args, **kwargs)


def test_what_fails_is_kept_with_its_reason(tmp_path):
    frame = train(["Cu", "Au"], 3, tmp_path, Touchy)
    failed = frame[frame["status"] == "error"]
    assert failed["formula"].tolist() == ["CuAu2"] * 3
    assert set(failed["reason"]) == {"ArithmeticError: did not converge"}
    assert failed[["energy", "mixing_energy", "hull_distance"]].isna().all(axis=None)
    assert not failed["on_lattice"].any()
    assert frame["on_lattice"].sum() == 7
    save_training_set(frame, tmp_path / "set.extxyz")
    again = load_training_set(tmp_path / "set.extxyz")
    pd.testing.assert_frame_equal(again[PLAIN[:9]], frame[PLAIN[:9]], atol=1e-6)
    assert again["reason"].tolist() == frame["reason"].tolist()


def test_what_did_not_converge_is_not_for_fits(tmp_path):
    class Slow(EMT):
        """EMT that pulls for ever on one ordering."""

        def calculate(self, atoms=None, *args, **kwargs):
            super().calculate(atoms, *args, **kwargs)
            if len(atoms) == 2:
                self.results["stress"] = self.results["stress"] + np.sin(1e6 * atoms.get_volume())

    frame = train(["Cu", "Au"], 2, tmp_path, Slow, max_steps=30)
    assert frame["status"].tolist() == ["done", "done", "unconverged", "unconverged"]
    assert frame["on_lattice"].tolist() == [True, True, False, False]
    assert "not converged after 30 steps, largest stress" in frame["reason"][2]
    assert np.isfinite(frame["energy"]).all()


def test_what_did_not_converge_says_how_far_it_is_in_force_and_stress(tmp_path):
    frame = train(["Cu", "Au"], 2, tmp_path, max_steps=4, relax="full")
    assert frame["status"].tolist() == ["done", "done", "unconverged", "unconverged"]
    words = frame["reason"][2]  # no force by symmetry: it is the cell that is not relaxed
    assert re.search(r"largest force [\d.]+e-\d+ eV/A, largest stress \d\.\d GPa", words)


def test_limits_of_the_lattice_can_be_set_afterwards(cu_au, folder):
    frame = train(["Cu", "Au"], 3, folder, max_strain=0.1)
    assert frame.loc[~frame["on_lattice"], "label"].tolist() == ["Cu2Au-00008"]
    assert frame["reason"][8] == "the cell changed its shape by 0.106, more than 0.1"


def test_positions_relax_where_asked(tmp_path, cu_au):
    frame = train(["Cu", "Au"], 3, tmp_path, relax="full")
    assert (frame["energy"] <= cu_au["energy"][:10] + 1e-4).all()
    assert frame["displacement"][4] == pytest.approx(0.065, abs=0.005)
    with pytest.raises(ValueError, match="relax='full' there and 'volume' now"):
        train(["Cu", "Au"], 3, tmp_path, relax="volume")


def test_a_lattice_with_two_sites_that_are_alike(tmp_path):
    hcp = bulk("Cu", "hcp", a=2.7, c=4.4)
    frame = train(["Cu", "Au"], 2, tmp_path, primitive=hcp, relax="volume")
    assert frame["formula"].tolist() == ["Cu", "CuAu", "Au"]
    assert frame["concentration"].tolist() == [0.0, 0.5, 1.0]
    assert frame["mixing_energy"][[0, 2]].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert frame["on_lattice"].all()


def test_two_sublattices_mix_between_four_end_members(tmp_path):
    rocksalt = bulk("NaCl", "rocksalt", a=5.2)
    species = [["Cu", "Ni"], ["Pd", "Au"]]
    frame = train(species, 4, tmp_path, primitive=rocksalt, relax="volume")
    ends = frame.set_index("formula").loc[["CuPd", "CuAu", "NiPd", "NiAu"]]
    ends = ends[ends["n_atoms"] == 2]
    exchange = ends["energy_per_atom"] @ [1, -1, -1, 1]  # CuPd + NiAu from CuAu + NiPd
    assert abs(exchange) > 0.01
    assert (ends["mixing_energy"] / exchange).tolist() == pytest.approx([0.25, -0.25, -0.25, 0.25])
    mixed = frame[(frame["concentration_Ni"] == 0.5) & (frame["concentration_Au"] == 0.5)]
    assert mixed["mixing_energy"].to_numpy() == pytest.approx(
        mixed["energy_per_atom"].to_numpy() - ends["energy_per_atom"].mean(), abs=1e-12
    )
    atoms = np.column_stack([1 - frame["concentration_Ni"], frame[["concentration_Ni"]],
                             1 - frame["concentration_Au"]])  # fmt: skip
    reference = frame["energy_per_atom"] - frame["mixing_energy"]
    assert np.linalg.lstsq(atoms, reference, rcond=None)[1] < 1e-20  # linear in what is there
    space = icet.ClusterSpace(rocksalt, [4.0], species)
    theirs = icet.tools.get_sublattice_concentrations(frame["structure"].tolist(), space)
    counted = pd.DataFrame([row["A"] | row["B"] for row in theirs])
    assert frame["concentration_Ni"].tolist() == counted["Ni"].tolist()
    assert frame["concentration"].tolist() == counted["Au"].tolist()
    hull = icet.tools.ConvexHull.from_sublattice_concentrations(theirs, frame["energy_per_atom"])
    assert set(np.flatnonzero(frame["hull_distance"] == 0)) >= set(hull.structures)


def b2() -> Atoms:
    return Atoms("CuAu", scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5]], cell=[3] * 3, pbc=True)


def test_sublattices_may_share_a_species(tmp_path):
    species = [["Cu", "Pd"], ["Cu", "Ag"]]
    frame = train(species, 4, tmp_path, primitive=b2(), relax="volume")
    again = train(species, 4, tmp_path, primitive=b2(), relax="volume")
    assert frame["energy"].tolist() == again["energy"].tolist()
    assert frame["on_lattice"].all()
    assert frame["formula"].tolist()[:4] == ["Cu", "CuAg", "CuPd", "PdAg"]
    for atoms in frame["structure"]:  # palladium on the first sublattice, silver on the second
        steps = np.linalg.solve(b2().cell.array.T, atoms.positions.T).T
        first = np.abs(steps - np.round(steps)).max(axis=1) < 1e-9
        assert first[atoms.numbers == 46].all()
        assert not first[atoms.numbers == 47].any()


def test_species_that_may_change_sublattice_have_one_hull_of_compositions(tmp_path):
    species = [["Cu", "Pd"], ["Cu", "Pd", "Ag"]]
    frame = train(species, 2, tmp_path, primitive=b2(), relax="volume")
    same = frame[frame["formula"] == "CuPd"]  # Cu-Pd and Pd-Cu are one B2
    assert same["mixing_energy"].tolist() == pytest.approx([same["mixing_energy"].iloc[0]] * 2)
    assert same["hull_distance"].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_inactive_sites_do_not_count_for_concentrations(tmp_path):
    rocksalt = bulk("NaCl", "rocksalt", a=5.2)
    frame = train([["Cu", "Ni"], ["Pd"]], 2, tmp_path, primitive=rocksalt, relax="volume")
    assert frame["concentration"].tolist() == [0.0, 1.0]
    assert "concentration_Pd" not in frame
    assert frame["formula"].tolist() == ["CuPd", "NiPd"]


def bain(ratio: float) -> tuple[Atoms, Atoms]:
    """CuAu on fcc, and strained along Bain's path at equal volume: 1 is fcc, 2^(-1/2) bcc."""
    ideal = Atoms(
        "CuAu",
        [[0, 0, 0], [0, 1.9, 1.9]],
        pbc=True,
        cell=[[1.9, 1.9, 0], [-1.9, 1.9, 0], [0, 0, 3.8]],
    )
    strained = ideal.copy()
    strain = np.diag([ratio ** (-1 / 3)] * 2 + [ratio ** (2 / 3)])
    strained.set_cell(ideal.cell.array @ strain, scale_atoms=True)
    return ideal, strained


def test_fcc_has_left_its_lattice_once_it_is_nearer_to_bcc():
    verdicts = {}
    for ratio in (1.0, 0.93, 0.85, 0.83, 2**-0.5):
        ideal, strained = bain(ratio)
        verdicts[ratio] = map_back(strained, ideal, fcc())
    assert [m.on_lattice for m in verdicts.values()] == [True, True, True, False, False]
    assert "changed its shape by 0.329, more than 0.16" in verdicts[2**-0.5].reason


def test_growth_rotation_and_translation_do_not_leave_the_lattice():
    ideal, moved = bain(1.0)
    moved.set_cell(moved.cell.array * 1.2, scale_atoms=True)
    moved.rotate(25.0, (1, 2, 3), rotate_cell=True)
    moved.positions += [0.3, 0.1, -0.4]
    mapping = map_back(moved, ideal, fcc())
    assert (mapping.on_lattice, mapping.reason) == (True, None)
    assert mapping.displacement < 1e-3


def test_atoms_far_from_their_sites_have_left_the_lattice():
    ideal = fcc() * (2, 2, 2)
    moved = ideal.copy()
    moved.positions[3] += [0.0, 0.0, 1.1]
    mapping = map_back(moved, ideal, fcc())
    assert not mapping.on_lattice
    assert "from its site, more than 0.3" in mapping.reason


def test_atoms_that_change_places_have_left_their_ordering():
    layered = fcc() * (1, 1, 4)
    layered.symbols[:2] = "Au"
    swapped = layered.copy()
    swapped.symbols[[1, 2]] = ["Cu", "Au"]
    mapping = map_back(swapped, layered, fcc())
    assert (mapping.on_lattice, mapping.displacement < 1e-6) == (False, True)
    assert mapping.reason == "it relaxed into another ordering of the lattice"
    shifted = layered.copy()
    shifted.symbols[:] = ["Cu", "Au", "Au", "Cu"]
    assert map_back(shifted, layered, fcc()).on_lattice  # the same one, a layer further


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"species": "CuAu"}, TypeError, "species must be a list of chemical symbols"),
        ({"species": []}, TypeError, "species must be a list"),
        ({"species": ["Cu"]}, ValueError, "must leave a choice"),
        ({"species": ["Cu", "Cu"]}, ValueError, "must be different on a site"),
        ({"species": ["Cu", "Xy"]}, ValueError, "must be chemical symbols, got 'Xy'"),
        ({"species": ["Cu", "X"]}, ValueError, "got a vacancy 'X'"),
        ({"species": [["Cu", "Au"], ["Pd"]]}, ValueError, "one for each of the 1 sites"),
        ({"species": [["Cu", "Au"], "Pd"]}, TypeError, "a list of symbols for each site"),
        ({"max_atoms": 0}, ValueError, "max_atoms must be at least the 1"),
        ({"max_atoms": 2.5}, TypeError, "max_atoms must be a whole number"),
        ({"relax": "positions"}, ValueError, "relax must be one of"),
        ({"calculator": "etm"}, ValueError, "must be one of 'emt'"),
        ({"max_strain": -0.1}, ValueError, "max_strain must be positive"),
        ({"max_displacement": "far"}, TypeError, "max_displacement must be a number"),
        ({"primitive": bulk("Cu", cubic=True)}, ValueError, "4 atoms where 1 would do"),
        ({"primitive": Atoms("Cu")}, ValueError, "periodic in three directions"),
        ({"primitive": "fcc"}, TypeError, "primitive must be ASE Atoms"),
        ({"species": ["Cu", "Fe"]}, ValueError, "end member Fe-00001 .*no parameters for Fe"),
    ],
)
def test_arguments_that_make_no_sense_are_named(tmp_path, change, error, words):
    given = {"species": ["Cu", "Au"], "max_atoms": 2, "folder": tmp_path, **change}
    with pytest.raises(error, match=words):
        train(**given)


def test_sets_of_different_lattices_are_never_mixed(tmp_path):
    train(["Cu", "Au"], 1, tmp_path)
    with pytest.raises(ValueError, match=r"'Cu-00000' of another run .another starting structure"):
        train(["Cu", "Au"], 1, tmp_path, primitive=fcc(3.9))


def test_the_ideal_structure_is_not_touched_by_the_comparison():
    ideal = Atoms("PdCu", b2().positions, cell=b2().cell, pbc=True)
    relaxed = ideal.copy()
    relaxed.set_cell(1.02 * relaxed.cell.array, scale_atoms=True)
    before = ideal.positions.copy()
    assert map_back(relaxed, ideal, b2()).on_lattice
    assert (ideal.positions == before).all()


def test_a_set_without_an_end_member_has_no_energies_of_mixing(cu_au, tmp_path):
    with pytest.raises(ValueError, match="needs all its end members, and Cu is not among the 28"):
        save_training_set(cu_au[1:], tmp_path / "set.extxyz")


@pytest.mark.parametrize("text", ["", "hello\n", "1\nLattice='1 0 0 0 1 0 0 0 1'\n"])
def test_a_file_that_is_not_whole_is_refused(tmp_path, text):
    path = tmp_path / "set.extxyz"
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no training set"):
        load_training_set(path)


def test_only_whole_tables_are_saved(cu_au, tmp_path):
    with pytest.raises(ValueError, match="frame has no column 'status', 'relaxed_structure'"):
        save_training_set(cu_au.drop(columns=["relaxed_structure", "status"]), tmp_path / "a")
    with pytest.raises(TypeError, match="frame must be a pandas DataFrame, got list"):
        save_training_set([cu_au], tmp_path / "a")


def test_a_file_that_holds_something_else_is_refused(cu_au, tmp_path):
    fcc().write(tmp_path / "cu.extxyz")
    with pytest.raises(ValueError, match="holds no training set"):
        load_training_set(tmp_path / "cu.extxyz")
    with pytest.raises(FileNotFoundError, match=r"none\.extxyz"):
        load_training_set(tmp_path / "none.extxyz")
    bare = cu_au.copy()
    bare.attrs = {}
    with pytest.raises(ValueError, match="attrs"):
        save_training_set(bare, tmp_path / "set.extxyz")
