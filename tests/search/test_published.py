"""Every published number of the LiN2 search comes out of the library."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import spglib
from ase.neighborlist import neighbor_list

from matlearn.search.agreement import compare
from matlearn.search.results import read_starting_cells
from matlearn.search.units import connected_units, motif

# set: structures, lowest energy (eV/atom), end of its label, its space group, its atoms,
#      mean volume of the ten lowest (A3/atom), median energy (eV/atom)
NUMBERS = {
    "run1": (800, -247.676850, "191233-0e0121", "P3221", 9, 10.0570, -247.44472),
    "run1-m3gnet": (702, -6.517156, "184413-7bd336", "P-1", 9, 13.3318, -6.40883),
    "run1-relaxed-m3gnet": (800, -6.515111, "190323-377df6", "P-1", 9, 13.0888, -6.41388),
    "refine-run1": (30, -252.111773, "184704-643fb1", "P-6m2", 6, 10.0349, -252.10843),
    "refine-run1-m3gnet": (30, -251.975655, "170249-1247e3", "P1", 12, 12.7325, -251.92105),
}
SIZES = {  # structures of 6, 9, 12 and 18 atoms
    "run1": (204, 193, 204, 199),
    "run1-m3gnet": (175, 170, 184, 173),
    "run1-relaxed-m3gnet": (204, 193, 204, 199),
    "refine-run1": (12, 8, 8, 2),
    "refine-run1-m3gnet": (0, 19, 5, 6),
}
MOTIFS = {  # of the 30 lowest: N2 only, N3 only, N3 and N2
    "run1": (30, 0, 0),
    "run1-m3gnet": (0, 25, 5),
    "run1-relaxed-m3gnet": (1, 25, 4),
    "refine-run1": (30, 0, 0),
    "refine-run1-m3gnet": (0, 25, 5),
}


def lowest(frame, n):
    return frame.sort_values("energy_per_atom").head(n)


@pytest.mark.parametrize("name", NUMBERS)
def test_counts_lowest_energies_volumes_and_medians(lin2_airss, name):
    frame = lin2_airss[name]
    count, energy, label, space_group, n_atoms, volume, median = NUMBERS[name]
    assert len(frame) == count
    assert frame.attrs["failures"] == {}
    sizes = Counter(frame["n_atoms"])
    assert tuple(sizes[n] for n in (6, 9, 12, 18)) == SIZES[name]
    assert set(frame["formula"]) == {"LiN2"}
    assert set(frame["formula_units"]) <= {2, 3, 4, 6}
    assert frame["label"].is_unique
    assert frame["label"].str.startswith("LiN2-230326-").all()
    first = lowest(frame, 1).iloc[0]
    assert first["energy_per_atom"] == pytest.approx(energy, abs=6e-7)
    assert first["label"] == f"LiN2-230326-{label}"
    assert (first["space_group"], first["n_atoms"]) == (space_group, n_atoms)
    assert lowest(frame, 10)["volume_per_atom"].mean() == pytest.approx(volume, abs=6e-5)
    assert frame["energy_per_atom"].median() == pytest.approx(median, abs=6e-6)


@pytest.mark.parametrize("name", MOTIFS)
def test_motifs_of_the_thirty_lowest(lin2_airss, name):
    found = Counter(motif(atoms) for atoms in lowest(lin2_airss[name], 30)["structure"])
    assert (found["N2"], found["N3"], found["N3+N2"]) == MOTIFS[name]
    assert found.total() == 30


def test_dimers_only_over_the_whole_sets(lin2_airss):
    dimers = [
        sum(set(connected_units(atoms, "N", 1.6)) == {2} for atoms in lin2_airss[name]["structure"])
        for name in ("run1", "run1-m3gnet", "run1-relaxed-m3gnet")
    ]
    assert dimers == [369, 314, 374]


def test_the_pbe_search_wins_by_136_mev(lin2_airss):
    ours, theirs = (
        lin2_airss[name]["energy_per_atom"].min() for name in ("refine-run1", "refine-run1-m3gnet")
    )
    assert 1000 * (theirs - ours) == pytest.approx(136.118, abs=6e-4)


def test_rank_correlations(lin2_airss):
    fresh = compare(lin2_airss["run1"], lin2_airss["run1-m3gnet"])
    assert (fresh.n_common, round(fresh.spearman, 4)) == (702, 0.4253)
    relaxed = compare(lin2_airss["run1"], lin2_airss["run1-relaxed-m3gnet"])
    assert (relaxed.n_common, round(relaxed.spearman, 4)) == (800, 0.7287)


@pytest.mark.parametrize("parent", ["run1", "run1-m3gnet"])
def test_the_refined_are_the_thirty_lowest_of_their_parents(lin2_airss, parent):
    refined = set(lin2_airss[f"refine-{parent}"]["label"])
    assert refined == set(lowest(lin2_airss[parent], 30)["label"])


def test_the_98_that_m3gnet_never_finished_are_the_only_ones_missing(lin2_airss):
    everything = set(lin2_airss["run1"]["label"])
    assert everything == set(lin2_airss["run1-relaxed-m3gnet"]["label"])
    finished = set(lin2_airss["run1-m3gnet"]["label"])
    assert finished < everything
    assert len(everything - finished) == 98


def symbol(atoms, symprec):
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return spglib.get_spacegroup(cell, symprec=symprec).split()[0]


def test_the_ten_lowest_are_p6m2_but_not_at_a_tight_tolerance(lin2_airss):
    ten = lowest(lin2_airss["refine-run1"], 10)["structure"]
    assert {symbol(atoms, 0.1) for atoms in ten} == {"P-6m2"}
    assert "P-6m2" not in {symbol(atoms, 1e-3) for atoms in ten}
    primitive = [
        len(spglib.find_primitive((a.cell.array, a.get_scaled_positions(), a.numbers), 0.1)[2])
        for a in ten
    ]
    assert set(primitive) == {3}


@pytest.mark.parametrize(
    ("space_group", "above"), [("P6_3/mmc", 1.3), ("R-3m", 4.1), ("P3_221", 4.8), ("Cmmm", 16.8)]
)
def test_what_comes_after_the_ground_state(lin2_airss, space_group, above):
    frame = lowest(lin2_airss["refine-run1"], 30)
    relative = 1000 * (frame["energy_per_atom"] - frame["energy_per_atom"].min())
    same = [symbol(atoms, 0.1) == space_group for atoms in frame["structure"]]
    assert relative[same].min() == pytest.approx(above, abs=0.05)


@pytest.fixture(scope="module")
def starting_cells(published_mirror, tmp_path_factory):
    folder = tmp_path_factory.mktemp("starting")
    (archive,) = Path(published_mirror).glob("airss-m3gnet-test-*.zip")
    with ZipFile(archive) as packed:
        for name in packed.namelist():
            if name.endswith("-orig.cell"):
                (folder / Path(name).name).write_bytes(packed.read(name))
    return read_starting_cells(folder)


def test_every_structure_has_its_starting_cell(lin2_airss, starting_cells):
    assert set(starting_cells["label"]) == set(lin2_airss["run1"]["label"])
    assert len(starting_cells) == 800


def test_no_starting_cell_holds_a_nitrogen_molecule(starting_cells):
    shortest = np.inf
    for atoms in starting_cells["structure"]:
        nitrogen = atoms[atoms.numbers == 7]
        shortest = min(shortest, neighbor_list("d", nitrogen, 2.0).min(initial=np.inf))
        assert connected_units(atoms, "N", 1.4) == {1: len(nitrogen)}
    assert round(shortest, 3) == 1.5
