"""Tasks: what they hold, their official ids and folds, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from matlearn import datasets, regression
from matlearn._datasets import registry as _registry
from matlearn.regression._tasks.definitions import MATBENCH, identifiers
from matlearn.regression._tasks.folding import official_folds
from matlearn.regression._tasks.loaders import load_matbench
from matlearn.regression.tasks import Task

AT_HAND = [
    "steels",
    "phonons",
    "expt_gap",
    "log_gvrh",
    "log_kvrh",
    "mp_gap",
    "mp_e_form",
    "expt_is_metal",
    "mp_is_metal",
]
UNSEEN = ["jdft2d", "dielectric", "perovskites", "glass"]

# mean absolute deviation from the mean, share of true: matbench_v0.1_dataset_metadata.json of
# github.com/materialsproject/matbench, commit 20e2ab78a526a66d22a3b7581e8a91dde40a4c00
DEVIATION = {
    "expt_gap": 1.1432002429044061,
    "log_gvrh": 0.29313828328604646,
    "log_kvrh": 0.2896736342937069,
    "mp_e_form": 1.0059220443295362,
    "mp_gap": 1.3271449960162496,
    "phonons": 323.78696979348734,
    "steels": 229.37426857330706,
}
SHARE = {"expt_is_metal": 0.4980694980694981, "mp_is_metal": 0.43492314796490533}

# the test folds of matbench_steels in full: matbench/tests/msonability_matbench_steels.json there
STEELS = [
    "3 5 20 26 27 32 35 41 45 46 64 66 68 71 72 76 77 89 93 96 104 106 108 111 120 122 128 133 138 "
    "141 146 161 174 175 177 179 181 182 196 209 210 225 232 234 242 244 252 254 257 266 267 269 "
    "272 273 275 281 283 290 294 300 303 309 310",
    "4 9 10 12 24 30 40 47 60 62 67 69 90 94 97 99 100 110 112 114 117 118 124 135 137 139 142 143 "
    "148 151 152 155 156 158 166 180 184 185 189 190 191 192 198 201 212 215 216 226 230 231 236 "
    "238 248 251 263 274 278 279 287 288 297 298 302",
    "17 19 21 23 33 48 53 54 59 65 70 74 78 80 81 83 84 87 102 107 121 123 125 127 131 132 140 149 "
    "153 157 162 163 164 165 168 169 172 186 193 194 202 207 208 213 214 217 218 220 222 223 235 "
    "237 241 255 258 259 260 277 284 289 301 307",
    "2 7 14 22 31 34 42 43 44 49 50 52 56 57 58 63 73 82 86 88 91 92 95 105 113 119 126 130 147 154 "
    "167 171 173 176 183 188 195 200 203 206 221 227 228 243 245 247 249 253 256 261 265 270 271 "
    "276 280 285 286 291 293 295 304 305",
    "1 6 8 11 13 15 16 18 25 28 29 36 37 38 39 51 55 61 75 79 85 98 101 103 109 115 116 129 134 136 "
    "144 145 150 159 160 170 178 187 197 199 204 205 211 219 224 229 233 239 240 246 250 262 264 "
    "268 282 292 296 299 306 308 311 312",
]
# of matbench_dielectric the beginning of the last test fold and the end of the one before, and of
# matbench_glass the beginning of the first: matbench/tests/mb_3_tasks_random.json there
DIELECTRIC = "5 13 15 20 33 34 37 39 42 55 56 58 60 63 65 79 87 91 97 100 101 104 116 119 122 125"
DIELECTRIC_END = "4708 4718 4720 4721 4733 4740 4742 4745 4754 4755 4758 4759"
GLASS = "1 7 18 22 23 26 28 29 31 42 49 54 56 57 67 68 75 91 94 99 105 112"
# the first 112 targets of glass.csv: stratified folds see the classes only in their order
GLASS_TARGETS = (
    "0111100011111111100111001101101001000010010000011111100100101000100100001110010101000000110010"
    "111111101101000010"
)


@pytest.fixture
def task() -> Task:
    return Task(
        name="density",
        kind="regression",
        label="density",
        unit="g/cm3",
        ids=list("abcdef"),
        formulas=["NaCl", "Na2Cl2", "MgO", "TiO2", "Ti2O4", "NaN"],
        target=np.array([2.16, 2.2, 3.58, 4.2, 3.9, 1.0]),
    )


@pytest.mark.parametrize("name", AT_HAND)
def test_a_task_is_what_matbench_says_of_it(published_mirror: str, name: str) -> None:
    task = regression.load_task(name)
    assert len(task) == len(task.ids) == len(task.formulas) == MATBENCH["matbench_" + name].rows
    assert task.official
    if name in SHARE:
        assert task.target.dtype == bool
        assert np.mean(task.target) == pytest.approx(SHARE[name], rel=1e-12)
    else:
        deviation = np.mean(np.abs(task.target - np.mean(task.target)))
        assert deviation == pytest.approx(DEVIATION[name], rel=1e-12)


def test_ids_are_the_official_ones() -> None:
    assert identifiers("matbench_steels", 312)[::311] == ["mb-steels-001", "mb-steels-312"]
    assert identifiers("matbench_dielectric", 4764)[4] == "mb-dielectric-0005"
    assert identifiers("matbench_mp_e_form", 132752)[0] == "mb-mp-e-form-000001"


def test_sodium_nitride_is_a_formula_and_not_a_missing_value(published_mirror: str) -> None:
    task = regression.load_task("mp_e_form")
    assert all(isinstance(formula, str) and formula for formula in task.formulas)
    read = load_table_of("formula,target\nNaN,1.5\nNa3N1,2\n")
    assert read.formulas == ["NaN", "Na3N1"]


def load_table_of(text: str, name: str = "phonons.csv") -> Task:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return load_matbench(path)


def test_folds_of_steels_are_the_official_ones() -> None:
    folds = official_folds(np.zeros(312), "regression")
    for (train, test), official in zip(folds, STEELS, strict=True):
        assert [row + 1 for row in test] == [int(number) for number in official.split()]
        assert sorted([*train, *test]) == list(range(312))


def test_folds_of_dielectric_are_the_official_ones_where_these_are_known() -> None:
    folds = official_folds(np.zeros(4764), "regression")
    assert " ".join(str(row + 1) for row in folds[4][1]).startswith(DIELECTRIC)
    assert " ".join(str(row + 1) for row in folds[3][1]).endswith(DIELECTRIC_END)


def test_folds_of_glass_are_the_official_ones_where_these_are_known() -> None:
    target = np.zeros(5680, dtype=bool)
    known = np.array([number == "1" for number in GLASS_TARGETS])
    target[: len(known)] = known
    positive = round(0.710387323943662 * len(target))  # matbench's metadata
    target[len(known) : len(known) + positive - known.sum()] = True
    test = official_folds(target, "classification")[0][1]
    assert " ".join(str(row + 1) for row in test if row < len(known)) == GLASS


@pytest.mark.parametrize("definition", MATBENCH.values(), ids=lambda definition: definition.name)
def test_folds_test_each_sample_once_and_keep_the_shares_of_classes(definition) -> None:
    target = np.random.default_rng(0).random(definition.rows) < 0.3
    folds = official_folds(target, definition.kind)
    tested = np.concatenate([test for _, test in folds])
    assert len(folds) == 5
    assert np.array_equal(np.sort(tested), np.arange(definition.rows))
    for train, test in folds:
        assert len(train) + len(test) == definition.rows
        assert not np.isin(test, train).any()
        if definition.kind == "classification":
            assert np.mean(target[test]) == pytest.approx(np.mean(target), abs=1 / len(test))


def test_structures_come_in_the_order_of_the_table(published_mirror: str) -> None:
    plain = regression.load_task("phonons")
    task = datasets.load("matbench_phonons", structures=True)
    assert isinstance(task, Task)
    assert plain.structures is None
    assert (task.ids, task.formulas) == (plain.ids, plain.formulas)
    assert np.array_equal(task.target, plain.target)
    assert isinstance(task.structures[0], Structure)
    assert task.structures[0].composition.reduced_formula == "BaTe"
    again = regression.load_task("matbench_phonons", structures=True)
    assert again.structures[700] == task.structures[700]


def structures_file(path: Path, rows: list[tuple[Structure, float]]) -> None:
    table = {
        "index": list(range(len(rows))),
        "columns": ["structure", "last phdos peak"],
        "data": [[structure.as_dict(), value] for structure, value in rows],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(table).encode()))


def crystal(a: str, b: str) -> Structure:
    return Structure(Lattice.cubic(4.2), [a, b], [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror in which a test writes files that the registry then takes for the published ones."""
    text = _registry.REGISTRY.read_text(encoding="utf-8")
    registry = tmp_path / "registry.toml"

    def write(name: str, content: bytes | None = None) -> None:
        nonlocal text
        entry = _registry.entries()[name]
        path = tmp_path / entry.file
        if content is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for digest in entry.accepted:
            text = text.replace(digest.sha256, hashlib.sha256(path.read_bytes()).hexdigest())
        registry.write_text(text, encoding="utf-8")
        monkeypatch.setattr(_registry, "REGISTRY", registry)

    monkeypatch.setenv("MATLEARN_MIRROR", str(tmp_path))
    monkeypatch.setenv("MATLEARN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MATLEARN_OFFLINE", "1")
    write.folder = tmp_path
    return write


@pytest.mark.parametrize("name", UNSEEN)
def test_tasks_that_are_in_no_mirror_work_once_their_file_is_there(mirror, name: str) -> None:
    values = [index % 2 for index in range(10)] if name == "glass" else np.arange(10) / 8
    rows = "".join(f"Na1Cl{index},{value}\n" for index, value in enumerate(values, 1))
    mirror(f"matbench_{name}", f"formula,target\n{rows}".encode())
    task = regression.load_task(name)
    assert task.formulas[1] == "Na1Cl2"
    assert task.target.tolist() == list(values)
    assert task.target.dtype == (bool if name == "glass" else float)
    assert task.kind == ("classification" if name == "glass" else "regression")
    assert not task.official  # ten rows are not the whole task
    assert [len(test) for _, test in task.folds()] == [2] * 5


def test_structures_that_do_not_belong_to_the_table_are_refused(mirror) -> None:
    mirror("matbench_phonons", b"formula,target\nNa1Cl1,200\nMg1O1,600.5\n")
    path = mirror.folder / "matminer/matbench_phonons.json.gz"
    good = [(crystal("Na", "Cl"), 200.0), (crystal("Mg", "O"), 600.5)]
    for rows, said in (
        (good[::-1], r"2 rows differ, first row 0 \(Mg1 O1, 600.5, against Na1Cl1, 200\)"),
        (
            [(good[0][0], 200.0), (crystal("Mg", "S"), 600.5)],
            r"1 rows differ, first row 1 \(Mg1 S1",
        ),
        (good[:1], "as many as the 2 rows"),
    ):
        structures_file(path, rows)
        mirror("matbench_phonons-structures")
        with pytest.raises(ValueError, match=said):
            regression.load_task("phonons", structures=True, progress=False)
    structures_file(path, good)
    mirror("matbench_phonons-structures")
    task = datasets.load("matbench_phonons", structures=True, progress=False)
    assert [structure.composition.reduced_formula for structure in task.structures] == [
        "NaCl",
        "MgO",
    ]


def test_a_file_of_structures_builds_nothing_but_structures(mirror, tmp_path) -> None:
    trap = {"@module": "subprocess", "@class": "Popen", "args": ["touch", str(tmp_path / "trap")]}
    table = {"index": [0], "columns": ["structure", "last phdos peak"], "data": [[trap, 1.0]]}
    content = gzip.compress(json.dumps(table).encode())
    mirror("matbench_phonons-structures", content)
    with pytest.raises(ValueError, match=r"row 0 of .* is no structure of pymatgen"):
        datasets.load("matbench_phonons-structures", progress=False)
    assert not (tmp_path / "trap").exists()
    for broken in (b"no gzip", gzip.compress(b"[1, 2]"), content[:-20]):
        mirror("matbench_phonons-structures", broken)
        with pytest.raises(ValueError, match=r"matminer's format|column 'structure'"):
            datasets.load("matbench_phonons-structures", progress=False)


def test_a_task_of_compositions_has_no_structures(published_mirror: str) -> None:
    with pytest.raises(ValueError, match="matbench_steels is a task of compositions"):
        regression.load_task("steels", structures=True)
    with pytest.raises(ValueError, match="matbench_steels is a task of compositions"):
        datasets.load("matbench_steels", structures=True)


def test_an_unknown_task_suggests_near_ones() -> None:
    with pytest.raises(ValueError, match=r"got 'log_grvh'; did you mean .*'log_gvrh'"):
        regression.load_task("log_grvh")
    with pytest.raises(ValueError, match=r"got 'matbench_fonons'; did you mean 'phonons'"):
        regression.load_task("matbench_fonons")
    with pytest.raises(TypeError, match="must be a str, got int"):
        regression.load_task(13)


def test_the_first_task_that_can_be_had_is_chosen_and_the_miss_is_said(mirror, capsys) -> None:
    mirror("matbench_jdft2d", b"formula,target\nMo1S2,70\nC1,66\n")
    task = regression.first_task("dielectric", "jdft2d")
    assert task.name == "matbench_jdft2d"
    said = capsys.readouterr().out
    assert said.startswith("matbench_dielectric cannot be had here")
    assert said.count("\n") == 1
    with pytest.raises(datasets.DatasetUnavailable, match=r"put it, as matbench/castelli.csv"):
        regression.first_task("dielectric", "perovskites")
    with pytest.raises(ValueError, match="at least one task"):
        regression.first_task()


def test_a_target_that_is_no_number_is_refused_with_its_line() -> None:
    for value in ("NaN", "", "inf", "soft"):
        with pytest.raises(
            ValueError, match=rf"in 1 of 2 it is not, first in line 3 \('{value}'\)"
        ):
            load_table_of(f"formula,target\nNaCl,1\nMgO,{value}\n")
    with pytest.raises(ValueError, match="columns 'formula' and 'target', got composition, gap"):
        load_table_of("composition,gap\nNaCl,1\n")
    with pytest.raises(ValueError, match=r"must be 0 or 1, got 0\.5"):
        load_table_of("formula,target\nNaCl,0.5\n", "glass.csv")
    with pytest.raises(ValueError, match="name of a file of matbench"):
        load_table_of("formula,target\nNaCl,1\n", "mine.csv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": [1, 2, np.nan, 3, 4, 5]}, r"finite, got nan in row 2 \(1 of 6 rows\)"),
        ({"target": [[1, 2]] * 6}, "got an array of shape"),
        ({"target": [True, False] * 3}, "target of a regression must be numbers, got True and"),
        ({"kind": "classification"}, "must be 0 or 1, got 2.16"),
        ({"kind": "ranking"}, "kind must be 'regression' or 'classification', got 'ranking'"),
        ({"formulas": ["NaCl"]}, "formulas must have one entry for each of the 6 targets, got 1"),
        ({"ids": list("abcdee")}, "ids must be different from one another, got 'e' twice"),
    ],
)
def test_what_cannot_be_a_task_is_refused(task: Task, change: dict, said: str) -> None:
    import dataclasses

    with pytest.raises(ValueError, match=said):
        dataclasses.replace(task, **change)


def test_a_target_of_words_is_refused(task: Task) -> None:
    import dataclasses

    with pytest.raises(TypeError, match="target must hold numbers"):
        dataclasses.replace(task, target=["hard", "soft"] * 3)


def test_too_few_samples_for_the_folds_are_refused(task: Task) -> None:
    with pytest.raises(ValueError, match="n = 7 folds need at least 7 samples, got 6"):
        task.folds(7)
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        task.folds(1)
    with pytest.raises(TypeError, match=r"whole number of folds, got 2\.5"):
        task.folds(2.5)
    with pytest.raises(ValueError, match="5 samples of each class, got 2 true and 8 false"):
        official_folds(np.arange(10) < 2, "classification")


def test_a_subset_keeps_order_and_belongs_to_its_seed(task: Task) -> None:
    part = task.subset(4, seed=1)
    assert part.ids == sorted(part.ids)
    assert part.ids == task.subset(4, seed=1).ids
    assert any(task.subset(4, seed=seed).ids != part.ids for seed in range(2, 6))
    assert [task.ids.index(name) for name in part.ids] == [
        task.target.tolist().index(value) for value in part.target
    ]
    assert not part.official
    assert task.subset(6) is task
    with pytest.raises(ValueError, match="from 1 to the 6 samples of density, got 7"):
        task.subset(7)
    with pytest.raises(TypeError, match="whole number of samples"):
        task.subset(0.5)


def test_frame_and_one_line_say_what_a_task_holds(task: Task) -> None:
    assert repr(task) == "Task(density: density in g/cm3, 6 formulas)"
    assert list(task.to_frame().columns) == ["id", "formula", "target"]
    assert task.to_frame()["formula"].tolist() == task.formulas


def test_duplicates_are_formulas_that_are_the_same_once_reduced(task: Task) -> None:
    table = task.duplicates()
    assert table["formula"].tolist() == ["TiO2", "NaCl"]
    assert table["count"].tolist() == [2, 2]
    assert table["spread"].to_numpy() == pytest.approx([0.3, 0.04])
    assert table["lowest"].to_numpy() == pytest.approx([3.9, 2.16])


def test_two_tasks_stand_beside_each_other_by_formula(task: Task) -> None:
    other = regression.task_from_frame(
        pd.DataFrame({"formula": ["Cl1Na1", "O4Ti2", "TiO2", "KCl"], "gap": [5.0, 1.8, 2.2, 5.2]}),
        "gap",
    )
    table = task.beside(other)
    assert table["formula"].tolist() == ["NaCl", "TiO2"]
    assert table["target"].to_numpy() == pytest.approx([2.18, 4.05])
    assert table[["lowest", "median", "highest"]].to_numpy().tolist() == [[5, 5, 5], [1.8, 2, 2.2]]
    assert table["count"].tolist() == [1, 2]
    assert other.beside(regression.task_from_frame(task.to_frame().iloc[[2]], "target")).empty


@pytest.mark.parametrize(
    ("name", "share"),
    [("log_gvrh", 0.19), ("mp_gap", 0.37), ("mp_e_form", 0.41), ("expt_gap", 0.0)],
)
def test_share_of_samples_whose_formula_occurs_again(
    published_mirror: str, name: str, share: float
) -> None:
    task = regression.load_task(name)
    assert task.duplicates()["count"].sum() / len(task) == pytest.approx(share, abs=0.005)


def test_tasks_are_imported_without_the_heavy_libraries() -> None:
    code = "import sys, matlearn.regression.tasks; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "sklearn", "pandas", "pymatgen", "matminer", "matplotlib"}
