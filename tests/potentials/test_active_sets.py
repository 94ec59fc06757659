"""Active sets: the same as motep's MLIP algorithm, and what a grade must and must not say."""

from __future__ import annotations

import logging

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from hypothesis import given, settings
from hypothesis import strategies as st

from matlearn.potentials._active.maxvol import MaxVol
from matlearn.potentials._figures.grades import structure_by_grade
from matlearn.potentials._figures.linear import grade_on_a_line, simplex
from matlearn.potentials._live.grades import view_grades
from matlearn.potentials.active import ActiveSet
from matlearn.potentials.moment_tensors import MTP

mpl.use("Agg")


def labelled(atoms: Atoms) -> Atoms:
    atoms = atoms.copy()
    atoms.calc = EMT()
    results = {
        "energy": atoms.get_potential_energy(),
        "forces": atoms.get_forces(),
        "stress": atoms.get_stress(),
    }
    atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def alloys(number: int, rattle: float = 0.1, seed: int = 0, repeat: int = 1) -> list[Atoms]:
    """Cells of 4 atoms of Cu and Au, each rattled and strained in its own way."""
    rng = np.random.default_rng(seed)
    cells = []
    for _ in range(number):
        atoms = bulk("Cu", a=3.85, cubic=True).repeat((2, repeat, repeat))
        atoms.symbols[rng.random(len(atoms)) < 0.5] = "Au"
        atoms.set_cell(atoms.cell @ (np.eye(3) + rng.normal(0, 0.02, (3, 3))), scale_atoms=True)
        atoms.positions += rng.normal(0, rattle, atoms.positions.shape)
        cells.append(atoms)
    return cells


@pytest.fixture(scope="module")
def cells() -> list[Atoms]:
    return alloys(90)


@pytest.fixture(scope="module")
def mtp(cells: list[Atoms]) -> MTP:
    """Fitted a little: grades depend on parameters that are not random."""
    potential = MTP(8, ["Cu", "Au"], cutoff=4.5, min_distance=1.8)
    potential.fit([labelled(one) for one in cells[:12]], max_iterations=4, progress=False)
    return potential


@pytest.fixture(scope="module")
def active(mtp: MTP, cells: list[Atoms]) -> ActiveSet:
    return ActiveSet(mtp, cells)


@pytest.mark.parametrize("mode", ["configuration", "neighbourhood"])
def test_grades_are_those_of_motep_and_so_of_mlip(
    mode: str, active: ActiveSet, mtp: MTP, cells: list[Atoms]
) -> None:
    """To 1e-5, of what was trained on and of what was not, with gauge directions left out."""
    motep = pytest.importorskip("motep.grade")
    logging.getLogger("motep").setLevel(logging.ERROR)
    spelled = {"configuration": "configuration", "neighbourhood": "neighborhood"}[mode]
    grader = motep.Grader(mtp.data, seed=1, mode=spelled, maxvol_setting={"algorithm": "mlip"})
    grader.update(cells)
    new = alloys(6, 0.05, seed=5) + alloys(6, 0.2, seed=6) + cells[:5]
    graded = grader.grade(new)
    theirs = np.array([one.calc.results["MV_grade"] for one in graded])
    assert theirs.min() < 1.01 < 5 < theirs.max()
    assert active.grades(new, mode) == pytest.approx(theirs, rel=1e-5)
    if mode == "neighbourhood":
        atoms = np.concatenate([one.calc.results["nbh_grades"] for one in graded])
        ours = np.concatenate([active.per_atom(one) for one in new])
        assert ours == pytest.approx(atoms, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("n", "m", "rank"), [(30, 6, 6), (80, 40, 37), (40, 40, 20)])
def test_rows_are_chosen_and_swapped_as_mlip_does(n: int, m: int, rank: int) -> None:
    maxvol = pytest.importorskip("motep.grade.maxvol")
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, m)) * np.exp(rng.normal(0, 2, m))
    theirs, ours = maxvol._mlip(rows), MaxVol(rows)
    assert ours.indices.tolist() == theirs.indices.tolist()
    assert ours.swaps == theirs.nit
    assert ours.matrix == pytest.approx(theirs.submatrix, abs=0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(2, 30))
def test_no_row_of_the_training_set_has_a_grade_above_one(seed: int, m: int, n: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, m))
    model = MaxVol(rows)
    assert model.grades(rows).max() <= 1.001 + 1e-6
    assert len(model.indices) == min(n, m)
    assert model.coefficients(rows) @ model.matrix == pytest.approx(rows, abs=1e-6)


def test_a_grade_above_one_is_the_growth_of_the_volume() -> None:
    rng = np.random.default_rng(0)
    model, new = MaxVol(rng.normal(size=(20, 5))), 3 * rng.normal(size=5)
    grade, j = model.grades([new])[0], np.abs(model.coefficients([new])[0]).argmax()
    grown = model.matrix.copy()
    grown[j] = new
    assert grade > 1
    assert np.linalg.slogdet(grown)[1] - model.log_volume == pytest.approx(np.log(grade))


def test_points_within_the_hull_of_the_training_set_have_a_grade_of_at_most_one() -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(size=(40, 2))
    model = MaxVol(np.column_stack([np.ones(40), points]))
    inside = rng.dirichlet(np.ones(40), size=500) @ points
    assert model.grades(np.column_stack([np.ones(500), inside])).max() <= 1.001
    assert model.grades([[1.0, 9.0, 0.0]])[0] > 2


def test_a_configuration_of_the_training_set_has_a_grade_of_at_most_one(
    active: ActiveSet, cells: list[Atoms]
) -> None:
    for mode in ("configuration", "neighbourhood"):
        assert active.grades(cells, mode).max() <= 1.001 + 1e-6
    assert active.per_atom(cells[7]).shape == (8,)
    assert active.grades([cells[3]], "neighbourhood")[0] == active.per_atom(cells[3]).max()
    assert active.grades([]).shape == (0,)


def test_grades_rise_as_a_crystal_is_rattled_more(active: ActiveSet) -> None:
    grades = [active.grades(alloys(5, rattle, seed=3)).mean() for rattle in (0.05, 0.2, 0.35)]
    assert grades[0] < grades[1] < grades[2]
    assert grades[2] > 50


def test_a_repeated_cell_has_the_grade_of_its_atoms(active: ActiveSet, cells: list[Atoms]) -> None:
    atoms = alloys(1, 0.15, seed=9)[0]
    twice = atoms.repeat((1, 2, 1))
    assert active.per_atom(twice)[:8] == pytest.approx(active.per_atom(atoms), rel=1e-6)
    assert active.grades([twice])[0] == pytest.approx(2 * active.grades([atoms])[0], rel=1e-6)


def test_fewer_images_than_parameters_leave_tiny_rows_and_huge_grades(
    mtp: MTP, cells: list[Atoms]
) -> None:
    few = ActiveSet(mtp, cells[:5])
    assert few.size == 5
    assert few.members() == [0, 1, 2, 3, 4]
    assert few.grades(cells[:5]).max() <= 1.001
    assert few.grades(cells[5:8]).min() > 1e3


def test_selection_fills_the_set_and_passes_over_what_is_alike(
    mtp: MTP, cells: list[Atoms]
) -> None:
    few = ActiveSet(mtp, cells[:10])
    pool = [*alloys(3, 0.2, seed=8), cells[2], *alloys(3, 0.2, seed=8)]
    chosen = few.select(pool, threshold=2.0)
    assert len({index % 4 for index in chosen}) == len(chosen) == 3
    assert 3 not in chosen
    assert few.size == 10
    few.update([pool[index] for index in chosen])
    assert few.size == 13
    assert few.select(pool, threshold=2.0) == []
    assert few.grades(pool).max() <= 2.0
    assert few.select([]) == []


def test_the_first_selected_is_the_one_with_the_largest_grade(active: ActiveSet) -> None:
    pool = alloys(8, 0.3, seed=11)
    for mode in ("configuration", "neighbourhood"):
        assert active.select(pool, mode=mode)[0] == active.grades(pool, mode).argmax()


def test_a_refit_makes_the_set_stale_until_it_is_refreshed(mtp: MTP, cells: list[Atoms]) -> None:
    mtp = mtp.copy()
    active = ActiveSet(mtp, cells[:30])
    before = active.grades(cells[40:45])
    mtp.parameters = mtp.parameters + 0.1 * np.random.default_rng(1).normal(size=mtp.n_parameters)
    assert active.stale
    assert "refresh()" in repr(active)
    with pytest.raises(ValueError, match="refresh"):
        active.grades(cells[:1])
    active.refresh()
    assert active.grades(cells[:30]).max() <= 1.001
    assert not np.allclose(active.grades(cells[40:45]), before)
    assert len(active.images) == len(active) == active.size <= mtp.n_parameters


def test_bad_input_is_named(mtp: MTP, active: ActiveSet, cells: list[Atoms]) -> None:
    with pytest.raises(ValueError, match="images is empty"):
        ActiveSet(mtp, [])
    with pytest.raises(ValueError, match="not fitted"):
        ActiveSet(MTP(2, ["Cu"]), cells)
    with pytest.raises(TypeError, match="put the single one into a list"):
        active.grades(cells[0])
    with pytest.raises(TypeError, match=r"images\[1\] must be ASE Atoms, got str"):
        active.grades([cells[0], "Cu"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="mode must be 'configuration' or 'neighbourhood'"):
        active.grades(cells[:1], "atoms")
    with pytest.raises(ValueError, match=r"pool\[0\] has no atoms"):
        active.select([Atoms()])
    with pytest.raises(ValueError, match="above 1"):
        active.select(cells[:2], threshold=1.0)
    with pytest.raises(ValueError, match="Ag"):
        active.grades([bulk("Ag", cubic=True)])
    with pytest.raises(ValueError, match="got 1 that are not"):
        MaxVol([[1.0, np.nan], [0.0, 1.0]])
    with pytest.raises(ValueError, match="3 columns, got 2"):
        MaxVol(np.eye(3)).grades([[1.0, 2.0]])
    with pytest.raises(ValueError, match="matrix with a row or more"):
        MaxVol([])


def test_the_figure_of_a_structure_counts_atoms_and_says_so(
    active: ActiveSet, cells: list[Atoms]
) -> None:
    from matlearn.plotting import describe

    atoms = alloys(1, 0.3, seed=11)[0]
    grades = active.per_atom(atoms)
    ax = structure_by_grade(atoms, grades)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sum(int(label.split("(")[1][:-1]) for label in labels) == 8
    assert 0 < len(ax.texts) <= (grades > 2).sum()
    assert f"largest is {grades.max():.3g}" in describe(ax)
    worst = view_grades([cells[0], atoms], [active.per_atom(cells[0]), grades])
    assert describe(worst) == describe(ax)
    with pytest.raises(ValueError, match="for each of 8 atoms"):
        structure_by_grade(atoms, grades[:3])
    with pytest.raises(ValueError, match="equally many"):
        view_grades([atoms], [])


def test_the_viewer_paints_atoms_by_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    atoms = bulk("Cu", cubic=True)
    viewer = view_grades([atoms, atoms.copy()], [[0.1, 0.2, 3.0, 40.0], [0.1, 0.1, 0.1, 0.1]])
    assert "≤ 1 (2)" in viewer.legend.value
    assert "grades of atoms up to 40" in viewer.label.value
    message = str(viewer.ngl._ngl_msg_archive)
    assert '"sele": "@0,1", "color": "#56B4E9"' in message.replace("\\", "")
    viewer.frame.value = 1
    assert "≤ 1 (4)" in viewer.legend.value


def test_figures_of_linear_models_show_the_set_that_was_chosen() -> None:
    points = np.random.default_rng(2).normal(size=(30, 2))
    ax = simplex(points)
    drawn = ax.collections[-1].get_offsets()
    rows = np.column_stack([np.ones(30), points])
    assert np.asarray(drawn) == pytest.approx(points[MaxVol(rows).indices])
    with pytest.raises(ValueError, match="shape"):
        simplex([[1.0, 2.0]])
    x = np.linspace(0, 2, 9)
    line = MaxVol([[1, 0.5], [1, 1.5]]).grades(np.column_stack([np.ones(9), x]))
    ax = grade_on_a_line(x, x**2, 2 * x - 1, line, train=[[0.5, 0.2], [1.5, 2.2]], active=[0, 1])
    assert len(ax.figure.axes) == 2
