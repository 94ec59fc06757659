"""Reading search results."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition
from pymatgen.io.ase import AseAtomsAdaptor

from matlearn.search._formula import parse_formula, reduced_formula
from matlearn.search._res import cells_from_parameters
from matlearn.search.results import (
    _AIRSS_SETS,
    frame_from_atoms,
    load_cells,
    load_li_n_pbe,
    load_lin2_pbe,
    load_steps,
    read_results,
    read_starting_cells,
)

AIRSS = """TITL LiN2-a 0.0561 30.1 -1512.25 0 0  3 (P-6m2) n - 1
REM
CELL 1.54180    2.77500    2.77500    4.51200   90.00000   90.00000  120.00000
LATT -1
SFAC Li N
Li     1  0.3333333333333  0.6666666666667  0.5000000000000 1.0
N      2  0.0000000000000  0.0000000000000 -0.1300000000000 1.0
N      2  0.0000000000000  0.0000000000000  0.1300000000000 1.0
END
"""


def put(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        path = folder / f"{name}.res"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_a_res_file_becomes_a_row_with_every_column(tmp_path):
    row = read_results(put(tmp_path, a=AIRSS)).iloc[0]
    assert row["label"] == "LiN2-a"
    assert (row["formula"], row["formula_units"], row["n_atoms"]) == ("LiN2", 1, 3)
    assert row["energy"] == -1512.25
    assert row["energy_per_atom"] == pytest.approx(-504.08333333)
    assert row["volume"] == pytest.approx(2.775**2 * 4.512 * np.sin(np.pi / 3))
    assert row["volume_per_atom"] == pytest.approx(row["volume"] / 3)
    assert (row["pressure"], row["space_group"]) == (0.0561, "P-6m2")
    assert row["structure"].get_potential_energy() == -1512.25
    assert row["structure"].info["label"] == "LiN2-a"


def test_res_files_agree_with_ase(tmp_path):
    rng = np.random.default_rng(1)
    for i in range(20):
        n = int(rng.integers(1, 9))
        cellpar = [*rng.uniform(3, 9, 3), *rng.uniform(70, 110, 3)]
        atoms = Atoms(rng.choice(["Li", "N", "Cu", "H"], n), cell=cellpar, pbc=True,
                      scaled_positions=rng.uniform(-1, 1, (n, 3)))  # fmt: skip
        atoms.info["name"] = f"random-{i}"
        atoms.info["pressure"], atoms.info["spacegroup"], atoms.info["times_found"] = 0.5, "P1", 1
        atoms.calc = SinglePointCalculator(atoms, energy=float(rng.normal(-100, 10)))
        write(tmp_path / f"{i:02d}.res", atoms, significant_figures=9, write_info=False)
    frame = read_results(tmp_path)
    assert len(frame) == 20
    for path, atoms in zip(sorted(tmp_path.glob("*.res")), frame["structure"], strict=True):
        theirs = read(path)
        assert atoms.get_chemical_symbols() == theirs.get_chemical_symbols()
        assert np.allclose(atoms.positions, theirs.positions, rtol=0, atol=1e-5)
        assert np.allclose(atoms.cell, theirs.cell, rtol=0, atol=1e-5)
        assert atoms.get_potential_energy() == pytest.approx(theirs.get_potential_energy())


def test_atom_lines_with_spins_site_numbers_and_remarks_are_read(tmp_path):
    odd = AIRSS.replace("N      2", "N1     2").replace("0.1300000000000 1.0", "0.13 1.0 0.5")
    odd = odd.replace("SFAC Li N\n", "SFAC Li N\nREM a remark\n")
    mine = read_results(put(tmp_path, odd=odd)).structure[0]
    assert mine.get_chemical_symbols() == ["Li", "N", "N"]
    assert mine.get_scaled_positions(wrap=False)[:, 2] == pytest.approx([0.5, -0.13, 0.13])


def test_damaged_files_are_skipped_counted_and_named(tmp_path):
    bad = {
        "cut": AIRSS[:-60],
        "no_end": AIRSS.replace("END\n", ""),
        "empty": "",
        "binary": bytes(range(256)) * 20,
        "words": AIRSS.replace("2.77500    2.77500", "2.77500    ********"),
        "coordinate": AIRSS.replace("0.3333333333333", "0.33x3333333333"),
        "count": AIRSS.replace(" 3 (P-6m2)", " 4 (P-6m2)"),
        "missing_atom": AIRSS.replace(AIRSS.splitlines()[-2] + "\n", ""),
        "nan": AIRSS.replace("-1512.25", "NaN"),
        "infinite": AIRSS.replace("0.3333333333333", "inf"),
        "element": AIRSS.replace("Li     1", "Xx     1"),
        "flat": AIRSS.replace("120.00000", "180.00000"),
        "zero": AIRSS.replace("4.51200", "0.00000"),
        "title": AIRSS.replace("TITL LiN2-a 0.0561 30.1 -1512.25 0 0  3 (P-6m2) n - 1", "TITL"),
    }
    put(tmp_path, good=AIRSS, **bad)
    with pytest.warns(UserWarning, match=f"{len(bad)} of {len(bad) + 1} files .*binary.res"):
        frame = read_results(tmp_path)
    assert frame["label"].tolist() == ["LiN2-a"]
    failures = frame.attrs["failures"]
    assert {Path(name).stem for name in failures} == set(bad)
    reasons = {Path(name).stem: reason for name, reason in failures.items()}
    assert reasons["empty"] == "empty file"
    assert "END" in reasons["no_end"]
    assert reasons["count"] == "title says 4 atoms, found 3"
    assert reasons["missing_atom"] == "title says 3 atoms, found 2"
    assert reasons["nan"] == "energy is nan"


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(AIRSS) - 5))
def test_a_file_cut_off_anywhere_is_never_read_as_a_structure(tmp_path_factory, at):
    folder = put(tmp_path_factory.mktemp("cut"), a=AIRSS[:at])
    with pytest.warns(UserWarning, match="1 of 1 files"):
        assert len(read_results(folder)) == 0


def test_missing_paths_empty_folders_and_no_match_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_results(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="empty"):
        read_results(tmp_path)
    put(tmp_path, a=AIRSS)
    with pytest.raises(FileNotFoundError, match=r"\*\.cif"):
        read_results(tmp_path, "*.cif")


def test_a_good_folder_gives_no_warning_and_a_single_file_works(tmp_path):
    put(tmp_path, a=AIRSS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_results(tmp_path / "a.res").attrs["failures"] == {}


@pytest.mark.parametrize("suffix", ["", ".xz"])
def test_every_frame_of_an_extxyz_file_is_a_row(tmp_path, suffix):
    images = [bulk("Cu", cubic=True), bulk("NaCl", "rocksalt", 5.64), bulk("Cu")]
    images[0].info["label"] = "copper"
    for i, atoms in enumerate(images[:2]):
        atoms.calc = SinglePointCalculator(atoms, energy=-1.0 - i, stress=np.full(6, 0.01))
    write(tmp_path / f"three.extxyz{suffix}", images, format="extxyz")
    frame = read_results(tmp_path, "*.extxyz*")
    assert frame["label"].tolist() == ["copper", "three-1", "three-2"]
    assert frame["formula"].tolist() == ["Cu", "NaCl", "Cu"]
    assert frame["space_group"].tolist() == ["Fm-3m"] * 3
    assert frame["energy"].tolist()[:2] == [-1.0, -2.0]
    assert np.isnan(frame["energy"][2])
    assert frame["pressure"][0] == pytest.approx(-1.602176634)  # 0.01 eV/A3 of tension
    assert frame["structure"][0].get_potential_energy() == -1.0


def test_files_that_ase_cannot_read_are_failures_too(tmp_path):
    write(tmp_path / "good.cif", bulk("Cu"))
    (tmp_path / "bad.cif").write_text("data_x\n_cell_length_a nothing\n")
    (tmp_path / "bad.vasp").write_bytes(b"\x00\xff" * 50)
    put(tmp_path, mixed=AIRSS)
    with pytest.warns(UserWarning, match="2 of 4 files"):
        frame = read_results(tmp_path, "*")
    assert sorted(frame["label"]) == ["LiN2-a", "good"]


def test_frame_from_atoms_has_the_columns_of_read_results(tmp_path):
    frame = read_results(put(tmp_path, a=AIRSS))
    again = frame_from_atoms(frame["structure"])
    assert again.columns.tolist() == frame.columns.tolist()
    assert again.dtypes.tolist() == frame.dtypes.tolist()
    assert np.isnan(again["pressure"][0])  # the file's, which no calculator here knows
    same = ["structure", "pressure"]
    assert again.drop(columns=same).equals(frame.drop(columns=same))
    assert frame_from_atoms([]).dtypes.tolist() == frame.dtypes.tolist()
    with pytest.raises(ValueError, match="2 for 1"):
        frame_from_atoms([bulk("Cu")], labels=["a", "b"])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(1, 94), st.integers(1, 6), min_size=1, max_size=4))
def test_formulas_are_those_of_pymatgen(counts):
    numbers = [z for z, count in counts.items() for _ in range(count)]
    formula, units = reduced_formula(numbers)
    theirs, factor = Composition({Atoms([z]).symbols[0]: c for z, c in counts.items()}
                                 ).get_reduced_formula_and_factor()  # fmt: skip
    if factor == int(factor):
        assert (formula, units) == (theirs, factor)
    else:  # half a molecule is written as atoms
        assert units == 2 * factor


@pytest.mark.parametrize("formula", ["", "lin2", "LiN2.5", "Li0N", "Qq", "Li(N)2", "2"])
def test_a_formula_that_is_none_is_an_error(formula):
    with pytest.raises(ValueError, match="formula"):
        parse_formula(formula)


def test_cells_agree_with_ase():
    parameters = np.array([[3, 4, 5, 90, 90, 90], [3, 3, 4, 90, 90, 120], [3, 4, 5, 70, 80, 65.0]])
    for row, cell in zip(parameters, cells_from_parameters(parameters), strict=True):
        assert np.allclose(cell, Atoms(cell=row).cell)
    assert np.isnan(cells_from_parameters(np.array([[3, 3, 3, 10, 90, 170.0]]))).all()


def test_own_data_sets_are_read_into_the_same_columns(tmp_path):
    atoms = bulk("Cu")
    atoms.info |= {"label": "x", "stage": 1, "step": 4, "ecut": 600}
    for name in ["run1", "run1-chgnet", "run1-relaxed-chgnet", "refine-run1",
                 "refine-run1-chgnet", "initial", "phases"]:  # fmt: skip
        write(tmp_path / f"{name}.extxyz", atoms)
    write(tmp_path / "steps.extxyz.xz", [atoms, atoms], format="extxyz")
    sets = load_lin2_pbe(tmp_path)
    assert [name.replace("chgnet", "m3gnet") for name in sets] == list(_AIRSS_SETS)
    assert (
        load_cells(tmp_path)["label"].tolist() == load_li_n_pbe(tmp_path)["label"].tolist() == ["x"]
    )
    assert load_steps(tmp_path)[["stage", "step", "ecut"]].to_numpy().tolist() == [[1, 4, 600]] * 2
    (tmp_path / "run1.extxyz").unlink()
    with pytest.raises(FileNotFoundError, match=r"run1\.extxyz"):
        load_lin2_pbe(tmp_path)


def test_starting_cells_are_read_with_their_labels(tmp_path):
    text = "%BLOCK LATTICE_ABC\n 3 3 4\n 90 90 90\n%ENDBLOCK LATTICE_ABC\n"
    text += "%BLOCK POSITIONS_FRAC\n Li 0 0 0\n N 0.5 0.5 0.5 # N1\n%ENDBLOCK POSITIONS_FRAC\n"
    (tmp_path / "LiN-1-orig.cell").write_text(text)
    row = read_starting_cells(tmp_path).iloc[0]
    assert (row["label"], row["formula"]) == ("LiN-1", "LiN")
    assert row["volume"] == pytest.approx(36.0)
    assert np.isnan(row["energy"])
    (tmp_path / "bad-orig.cell").write_text("nothing")
    with pytest.raises(ValueError, match="POSITIONS_FRAC"):
        read_starting_cells(tmp_path)


def test_the_warning_names_each_file_that_was_skipped(tmp_path):
    names = [f"broken-{i}.res" for i in range(12)]
    for name in names:
        (tmp_path / name).write_text("TITL")
    with pytest.warns(UserWarning, match="12 of 12 files") as caught:
        assert len(read_results(tmp_path)) == 0
    assert all(name in str(caught[0].message) for name in names)


def test_every_unusable_frame_of_a_file_is_told(tmp_path):
    images = [bulk("Li") for _ in range(3)]
    for atoms, energy in zip(images, (np.nan, -1.0, np.inf), strict=True):
        atoms.calc = SinglePointCalculator(atoms, energy=energy)
    write(tmp_path / "three.extxyz", images)
    with pytest.warns(UserWarning, match="three.extxyz"):
        frame = read_results(tmp_path / "three.extxyz")
    (reason,) = frame.attrs["failures"].values()
    assert len(frame) == 1
    assert "frame 0" in reason
    assert "frame 2" in reason


@pytest.mark.parametrize("pattern", ["", None, "/*.res"])
def test_a_pattern_that_cannot_match_in_the_folder_is_refused(tmp_path, pattern):
    with pytest.raises(ValueError, match="pattern must be"):
        read_results(tmp_path, pattern)


def test_a_calculator_without_stress_gives_a_row_without_pressure():
    class EnergyOnly(Calculator):
        implemented_properties = ("energy",)

        def calculate(self, *args):
            super().calculate(*args)
            self.results = {"energy": -1.0}

    atoms = bulk("Cu")
    atoms.calc = EnergyOnly()
    atoms.get_potential_energy()
    row = frame_from_atoms([atoms]).iloc[0]
    assert row.energy == -1.0
    assert np.isnan(row.pressure)


def test_tables_take_pymatgen_structures_and_refuse_what_is_none():
    (row,) = frame_from_atoms([AseAtomsAdaptor.get_structure(bulk("Cu"))]).to_dict("records")
    assert (row["formula"], row["space_group"]) == ("Cu", "Fm-3m")
    with pytest.raises(TypeError, match=r"images\[0\] must be ASE Atoms"):
        frame_from_atoms(["POSCAR"])
    with pytest.raises(TypeError, match="images must be a list"):
        frame_from_atoms(bulk("Cu"))
