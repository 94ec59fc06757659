"""``matlearn phonons``, as a person in a terminal meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk

from matlearn import phonons
from matlearn.cli import main
from matlearn.phonons._command import sources
from matlearn.phonons._forces import evaluating

BORN = """# epsilon and Z* of Na and Cl
2.5 0 0 0 2.5 0 0 0 2.5
1.1 0 0 0 1.1 0 0 0 1.1
-1.1 0 0 0 -1.1 0 0 0 -1.1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    bulk("Al", a=3.9943, cubic=True).write(tmp_path / "POSCAR", format="vasp")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str) -> int:
    return main(["phonons", *words, "--no-progress", "--workers", "1"])


ALUMINIUM = ("POSCAR", "--potential", "emt", "--supercell", "2", "2", "2")


def test_the_command_says_and_writes_what_the_library_finds(
    folder: Path, capsys: pytest.CaptureFixture[str], differences: phonons.ForceConstants
) -> None:
    assert call(*ALUMINIUM, "--mesh", "3", "5x5x5", "--temperatures", "200", "300") == 0
    wanted = phonons.thermal_conductivity(differences, mesh=5, temperatures=(200, 300))
    out = folder / "phonons-Al"
    table = pd.read_csv(out / "kappa-5x5x5-rta.csv")
    np.testing.assert_allclose(table["kappa"], wanted.isotropic, rtol=1e-5)
    known = json.loads((out / "kappa-5x5x5-rta.json").read_text())
    np.testing.assert_allclose(known["kappa_W_per_mK"], wanted.kappa, atol=1e-4)
    assert (known["potential"], known["supercell"][0]) == ("emt", [2, 0, 0])
    said = capsys.readouterr().out
    assert f"{wanted.at(300):.4g}" in said
    assert "RTA, mesh 3x3x3" in said
    assert sorted(path.name for path in folder.iterdir()) == ["POSCAR", "phonons-Al"]


def test_phono3py_goes_on_from_what_is_written(folder: Path) -> None:
    import phono3py

    assert call(*ALUMINIUM, "--mesh", "1", "--output", "al") == 0
    made = phono3py.load(
        folder / "al/phono3py_params.yaml.xz", produce_fc=True, fc_calculator="traditional",
        log_level=0,
    )  # fmt: skip
    constants = phonons.ForceConstants.load(folder / "al")
    assert constants.fc3 is not None
    np.testing.assert_allclose(made.fc2, constants.fc2, atol=2e-4)


def test_an_interrupted_run_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = evaluating.map_unordered
    done: list[int] = []

    def breaks(*arguments: Any, **options: Any) -> Iterator[Any]:
        for result in plain(*arguments, **options):
            if len(done) == 2:
                raise KeyboardInterrupt
            done.append(result[0])
            yield result

    monkeypatch.setattr(evaluating, "map_unordered", breaks)
    words = (*ALUMINIUM, "--displacements", "random", "--count", "4", "--harmonic")
    assert call(*words) == 130
    assert "what was finished is kept" in capsys.readouterr().err
    done.clear()

    def counts(*arguments: Any, **options: Any) -> Iterator[Any]:
        for result in plain(*arguments, **options):
            done.append(result[0])
            yield result

    monkeypatch.setattr(evaluating, "map_unordered", counts)
    assert call(*words) == 0
    assert len(done) == 5 - 2, "four supercells and the undisplaced one, less two"
    assert "frequencies at Gamma (THz)" in capsys.readouterr().out
    assert list(pd.read_csv("phonons-Al/thermal.csv")["temperature"]) == [300]


def test_forces_that_are_there_need_no_potential(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = phonons.systematic_displacements(bulk("Al", a=3.9943, cubic=True), (2, 2, 2), order=2)
    phonons.force_set(moved, "emt", workers=1, progress=False).save("params.yaml")
    assert call("params.yaml", "--harmonic", "--output", "there") == 0
    assert "C (J/K mol)" in capsys.readouterr().out
    assert call("params.yaml", "--distance", "0.02") == 1
    assert "--distance has nothing to do" in capsys.readouterr().err


def test_a_cell_is_relaxed_where_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bulk("Al", a=4.05, cubic=True).write("POSCAR", format="vasp")
    assert call(*ALUMINIUM, "--harmonic", "--output", "strained") == 0
    assert "not relaxed with this calculator" in capsys.readouterr().err
    assert call(*ALUMINIUM, "--harmonic", "--relax") == 0
    captured = capsys.readouterr()
    assert "a, b, c = 3.994" in captured.out
    assert "not relaxed" not in captured.err


def test_a_folder_of_another_calculation_is_not_written_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*ALUMINIUM, "--harmonic") == 0
    before = (folder / "phonons-Al/run.json").read_bytes()
    assert call(*ALUMINIUM, "--harmonic", "--distance", "0.02") == 1
    problem = capsys.readouterr().err
    assert "holds another calculation, whose distance is 0.01 and not 0.02" in problem
    assert "--output" in problem
    assert (folder / "phonons-Al/run.json").read_bytes() == before


def test_forces_that_are_there_stay_apart_and_no_constants_are_lost(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (0, 1):
        moved = phonons.random_displacements(
            bulk("Al", a=3.9943, cubic=True), (2, 2, 2), count=3, seed=seed
        )
        phonons.force_set(moved, "emt", workers=1, progress=False).save(f"params-{seed}.yaml")
    assert call("params-0.yaml", "--mesh", "2") == 0
    assert call("params-0.yaml", "--mesh", "3") == 0
    assert call("params-0.yaml", "--harmonic") == 1
    assert "holds another calculation, whose harmonic is False" in capsys.readouterr().err
    assert Path("phonons-Al/fc3.hdf5").is_file()
    Path("params-1.yaml").replace("params-0.yaml")
    assert call("params-0.yaml", "--mesh", "2") == 1
    assert "holds another calculation, whose forces is 'params-0.yaml:" in capsys.readouterr().err


def test_displacements_of_a_file_are_taken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = phonons.random_displacements(bulk("Al", a=3.9943, cubic=True), (2, 2, 2), count=5)
    moved.save("phono3py_disp.yaml")
    words = ("phono3py_disp.yaml", "--potential", "emt", "--harmonic")
    assert call(*words) == 0
    assert "ForceSet(Al, 5 random of 0.03 A" in capsys.readouterr().out
    there = phonons.read_force_set("phonons-Al/phono3py_params.yaml.xz")
    np.testing.assert_allclose(there.displacements.displacements, moved.displacements, atol=1e-10)
    assert call(*words, "--distance", "0.02", "--output", "other") == 0
    assert "2 systematic of 0.02 A" in capsys.readouterr().out


def test_charges_come_from_a_born_file(folder: Path) -> None:
    cell = bulk("NaCl", "rocksalt", a=5.603, cubic=True)
    Path("BORN").write_text(BORN)
    found = sources.with_born(sources.Source(cell), "BORN", np.diag([2, 2, 2]))
    assert found.charges is not None
    born, dielectric = found.charges
    np.testing.assert_allclose(born, [1.1 * np.eye(3), -1.1 * np.eye(3)], atol=1e-9)
    np.testing.assert_allclose(dielectric, 2.5 * np.eye(3), atol=1e-9)
    Path("BORN").write_text("no numbers\nat all\n")
    with pytest.raises(ValueError, match="BORN is no BORN file of this crystal"):
        sources.with_born(sources.Source(cell), "BORN", np.diag([2, 2, 2]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("POSCAR",), "--supercell is missing"),
        (("POSCAR", "--supercell", "2", "2", "2"), "POSCAR has no forces: name a potential"),
        (("nothing.cif", "--potential", "emt"), "no file nothing.cif"),
        (("notes.txt", "--potential", "emt", "--supercell", "1", "1", "1"), "notes.txt"),
        (("POSCAR", "--potential", "emt", "--supercell", "2", "2"), "nine of a matrix, got 2"),
        (("POSCAR", "--potential", "emt", "--supercell", "0", "2", "2"), "--supercell"),
        (("POSCAR", "--potential", "emtt", "--supercell", "2", "2", "2"), "did you mean 'emt'"),
        ((*ALUMINIUM, "--count", "4"), "--count and --seed go with --displacements random"),
        ((*ALUMINIUM, "--born", "BORN"), "no file BORN"),
        ((*ALUMINIUM, "--temperatures", "0"), "--temperatures must be numbers of at least 1 K"),
        ((*ALUMINIUM, "--temperatures", "nan"), "--temperatures must be numbers of at least 1 K"),
        ((*ALUMINIUM, "--output", "POSCAR"), "--output must be a folder, and POSCAR is a file"),
        (("POSCAR", "--potential", "no.mtp", "--supercell", "2", "2", "2"), "no fitted potential"),
        ((*ALUMINIUM, "--distance", "-1"), "distance must be above 0"),
        ((*ALUMINIUM, "--harmonic", "--isotopes"), "--harmonic computes no conductivity"),
        ((*ALUMINIUM, "--pair-cutoff", "3", "--displacements", "random"), "systematic"),
        (("POSCAR", "--relax", "--supercell", "2", "2", "2"), "--relax needs --potential"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    (folder / "notes.txt").write_text("buy milk\n")
    assert call(*words) == 1
    problem = capsys.readouterr().err
    assert message in problem
    assert problem.startswith("matlearn: ")
    assert "Traceback" not in problem


@pytest.mark.parametrize("words", [("POSCAR", "--mesh", "11x11"), ("--help",), ("--colour",)])
def test_help_and_unknown_words_are_the_chapter_s_own(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["phonons", *words])
    said = "".join(capsys.readouterr())
    assert stop.value.code == (0 if words == ("--help",) else 2)
    assert "usage: matlearn phonons" in said
    if "11x11" in words:
        assert "is no mesh: a whole number such as 11, or three" in said


def test_the_tour_conducts_heat_through_aluminium(tmp_path: Path) -> None:
    from matlearn import tour

    first = next(iter(tour.run(tmp_path, chapters=["phonons"], progress=False)))
    assert first.value == pytest.approx(6.80, rel=7e-3)
    assert first.unit == "W/mK"
    assert (tmp_path / "phonons-aluminium.png").stat().st_size > 10_000
