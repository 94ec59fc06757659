"""What `migration_barrier` and `vacancy_hop` do with ends that do not fit, and with interruptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from surfaces import Valley, at, find

from matlearn.transport.barriers import MigrationPath, migration_barrier, vacancy_hop


@pytest.fixture
def copper() -> tuple[Atoms, Atoms]:
    return vacancy_hop(bulk("Cu", cubic=True), "Cu", supercell=2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"images": 0}, "images must be a whole number"),
        ({"images": 2.5}, "images must be a whole number"),
        ({"fmax": 0.0}, "fmax must be a positive number"),
        ({"spring": -1.0}, "spring must be a positive number"),
        ({"steps": 0}, "steps must be a whole number"),
        ({"interpolation": "cubic"}, "interpolation must be 'idpp' or 'linear'"),
        ({"store": "band.traj"}, r"ends in \.npz"),
    ],
)
def test_settings_that_make_no_sense(
    copper: tuple[Atoms, Atoms], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        find(*copper, **options)


def test_ends_that_do_not_belong_together(copper: tuple[Atoms, Atoms]) -> None:
    initial, final = copper
    with pytest.raises(ValueError, match="the same atoms, got Cu31 and Cu30"):
        find(initial, final[:-1])
    other = final.copy()
    other.symbols[3] = "Au"
    with pytest.raises(ValueError, match="the same atoms"):
        find(initial, other)
    other = final.copy()
    other.set_cell(1.01 * other.cell, scale_atoms=True)
    with pytest.raises(ValueError, match="the same cell"):
        find(initial, other)
    other = final.copy()
    other.pbc = False
    with pytest.raises(ValueError, match="periodic along the same axes"):
        find(initial, other)
    with pytest.raises(ValueError, match="no atom moves"):
        find(initial, initial)
    with pytest.raises(TypeError, match="initial must be ASE Atoms"):
        find("copper", final)
    broken = final.copy()
    broken.positions[0, 0] = np.nan
    with pytest.raises(ValueError, match="final has positions that are not finite"):
        find(initial, broken)
    fixed = initial.copy()
    fixed.set_constraint(FixAtoms([initial.info["hop"]["atom"]]))
    with pytest.raises(ValueError, match="is fixed but not in one place"):
        find(fixed, final)
    with pytest.raises(TypeError, match="calculator must be"):
        find(initial, final, 3)


def test_ends_that_relax_to_one_state() -> None:
    with pytest.raises(ValueError, match="relaxed to the same state"):
        find(at(-1.0), at(-0.7), Valley())


def test_an_end_that_moves_away_is_named() -> None:
    path = find(at(-1.0), at(0.05, -1.1), Valley(bend=0.0), images=3)
    assert any("final did not stay what it was" in message for message in path.messages)
    assert path.converged


def test_atoms_in_another_order_are_matched(copper: tuple[Atoms, Atoms]) -> None:
    initial, final = copper
    expected = find(initial, final, images=1)
    shuffled = final[np.random.default_rng(1).permutation(len(final))]
    path = find(initial, shuffled, images=1)
    assert path.barrier == pytest.approx(expected.barrier, abs=1e-4)
    assert any("put into the order of initial" in message for message in path.messages)
    first, last = vacancy_hop(bulk("LiCl", "rocksalt", a=5.1, cubic=True), "Li", supercell=2)
    with pytest.raises(ValueError, match="in different orders"):
        find(first, last[np.argsort(last.numbers)], match=False)


def test_two_vacancies_cut_from_one_crystal_are_matched() -> None:
    crystal = bulk("Cu", cubic=True).repeat(2)
    first, last = crystal.copy(), crystal.copy()
    del first[0]
    del last[21]  # numbered differently now: twenty atoms seem to move
    away = crystal.get_distance(0, 21, mic=True)
    path = find(first, last, images=1, steps=1, relax_ends=False)
    moved = np.linalg.norm(path.images[-1].positions - path.images[0].positions, axis=1)
    assert moved.max() == pytest.approx(away)
    assert (moved > 1e-6).sum() == 1
    assert any("1 of 31 move" in message for message in path.messages)


@pytest.mark.parametrize(
    ("along", "shuffled"),
    [
        ((0.4, 0.2, -0.1), False),
        ((0.0, 1.1, 1.1), False),
        ((3.0, 0.1, 0.0), False),
        ((0.4, 0.2, -0.1), True),  # small: each atom is still nearest to its own place
    ],
)
def test_a_common_shift_is_named_and_taken_back(
    copper: tuple[Atoms, Atoms], along: tuple[float, float, float], shuffled: bool
) -> None:
    initial, final = copper
    shifted = final.copy()
    shifted.positions += along
    shifted.wrap()
    if shuffled:
        shifted = shifted[np.random.default_rng(1).permutation(len(final))]
    path = find(initial, shifted, images=1, steps=1, relax_ends=False)
    length = np.linalg.norm(along)
    assert any(f"shifted by {length:.2f} A" in message for message in path.messages)
    moved = np.linalg.norm(path.images[-1].positions - path.images[0].positions, axis=1)
    assert np.flatnonzero(moved > 1e-6).tolist() == [initial.info["hop"]["atom"]]
    assert moved.max() == pytest.approx(initial.info["hop"]["length"])


def test_a_shift_of_relaxed_ends_does_not_change_the_barrier(copper: tuple[Atoms, Atoms]) -> None:
    initial, final = copper
    rng = np.random.default_rng(2)
    for atoms in copper:
        atoms.positions += rng.normal(0, 0.05, atoms.positions.shape)
    expected = find(initial, final, images=1)
    final.positions += (0.3, -0.5, 0.2)
    path = find(initial, final, images=1)
    assert path.barrier == pytest.approx(expected.barrier, abs=1e-3)
    assert any("final was moved back" in message for message in path.messages)


@pytest.mark.parametrize("along", [(0.5, 0.0, 0.0), (0.0, 1.1, 1.1)])
def test_a_shift_and_nothing_else_is_no_hop(
    copper: tuple[Atoms, Atoms], along: tuple[float, float, float]
) -> None:
    final = copper[0].copy()
    final.positions += along
    with pytest.raises(ValueError, match=r"no atom moves; all atoms of final were shifted by"):
        find(copper[0], final)


def test_other_numbers_and_nothing_else_are_no_hop(copper: tuple[Atoms, Atoms]) -> None:
    initial = copper[0]
    final = initial[np.random.default_rng(1).permutation(len(initial))]
    with pytest.raises(ValueError, match=r"final is initial with other numbers: \d+ atoms change"):
        find(initial, final)
    with pytest.raises(ValueError, match="no atom moves; the atoms of final were put into the"):
        find(initial, final, match=True)
    ring = initial.copy()
    ring.positions[[0, 1, 2, 3]] = initial.positions[[1, 2, 3, 0]]
    path = find(initial, ring, images=1, steps=1, relax_ends=False)
    assert any("4 atoms change places with each other" in message for message in path.messages)


def test_a_crystal_moved_by_a_lattice_vector_is_a_vacancy_elsewhere(
    copper: tuple[Atoms, Atoms],
) -> None:
    initial = copper[0]
    final = initial.copy()
    final.positions += initial.cell.array[0] / 4 + initial.cell.array[1] / 4
    path = find(initial, final, images=1, steps=1, relax_ends=False)
    moved = np.linalg.norm(path.images[-1].positions - path.images[0].positions, axis=1)
    assert (moved > 1e-6).sum() == 1


def test_exchange_of_two_atoms_is_left_alone_and_they_pass_each_other() -> None:
    first = bulk("Cu", cubic=True).repeat(2)
    last = first.copy()
    last.positions[[0, 1]] = last.positions[[1, 0]]
    path = find(first, last, images=1, steps=1)
    moved = np.linalg.norm(path.images[-1].positions - path.images[0].positions, axis=1)
    assert np.flatnonzero(moved > 1.0).tolist() == [0, 1]
    assert path.images[1].get_distance(0, 1, mic=True) > 1.0
    assert not any("put into the order" in message for message in path.messages)


def test_atoms_on_top_of_each_other_in_the_guess_are_an_error() -> None:
    first = bulk("Cu", cubic=True).repeat(2)
    last = first.copy()
    last.positions[[0, 1]] = last.positions[[1, 0]]
    with pytest.raises(ValueError, match="atoms come too close"), np.errstate(all="ignore"):
        find(first, last, images=1, interpolation="linear")


def test_symmetry_is_checked(copper: tuple[Atoms, Atoms]) -> None:
    assert find(*copper, images=1, symmetric=True).alike
    alloy = bulk("Cu", cubic=True).repeat(2)
    alloy.symbols[7] = "Au"
    first, last = vacancy_hop(alloy, "Cu")
    with pytest.raises(ValueError, match="symmetric=True"):
        find(first, last, images=1, symmetric=True)


def test_a_band_out_of_steps_says_so_and_keeps_what_it_has(copper: tuple[Atoms, Atoms]) -> None:
    path = find(*copper, images=3, steps=3, fmax=0.01)
    assert not path.converged
    assert path.fmax > 0.01
    assert any("did not come to rest" in message for message in path.messages)
    assert "NOT converged" in repr(path)
    assert 0.5 < path.barrier < 1.5


def test_an_interrupted_band_goes_on_from_its_file(tmp_path: Path) -> None:
    store = tmp_path / "band.npz"
    options: dict[str, Any] = {"images": 5, "fmax": 0.002, "interpolation": "linear"}
    whole = Valley()
    expected = find(at(-1), at(1), whole, **options)
    broken = Valley()
    broken.stop_after = whole.calls // 2
    part = _stopped(at(-1), at(1), broken, store, options)
    assert not part.converged and any("was interrupted" in m for m in part.messages)
    again = Valley()
    path = find(at(-1), at(1), again, store=store, **options)
    assert path.converged and path.steps > part.steps
    assert path.barrier == pytest.approx(expected.barrier, abs=1e-4)
    assert 0 < again.calls < whole.calls
    finished = Valley()
    assert find(at(-1), at(1), finished, store=store, **options).barrier == path.barrier
    assert finished.calls == 0
    assert MigrationPath.load(store).barrier == path.barrier


def _stopped(
    first: Atoms, last: Atoms, surface: Valley, store: Path, options: dict[str, Any]
) -> MigrationPath:
    """Stop a search by Ctrl-C in the middle of an evaluation, and let it put itself together."""
    stop, surface.stop_after = surface.stop_after, None
    original = surface.value

    def value(x: float, y: float, z: float) -> tuple[float, list[float]]:
        nonlocal stop
        if stop is not None and surface.calls > stop:
            stop = None
            raise KeyboardInterrupt
        return original(x, y, z)

    surface.value = value  # type: ignore[method-assign]
    return migration_barrier(first, last, surface, store=store, progress=False, **options)


def test_a_file_of_another_band_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "band.npz"
    find(at(-1), at(1), Valley(), images=1, store=store)
    with pytest.raises(ValueError, match="its images is 1, not 3"):
        find(at(-1), at(1), Valley(), images=3, store=store)
    with pytest.raises(ValueError, match="holds another band: its final"):
        find(at(-1), at(1.1), Valley(), images=1, store=store)
    store.write_bytes(b"not a band")
    with pytest.raises(ValueError, match="damaged"):
        find(at(-1), at(1), Valley(), images=1, store=store)
    with pytest.raises(FileNotFoundError, match="no folder"):
        find(at(-1), at(1), Valley(), store=tmp_path / "nowhere" / "band.npz")


def test_vacancy_hop_moves_one_atom_into_the_vacancy() -> None:
    salt = bulk("LiCl", "rocksalt", a=5.14, cubic=True).repeat(2)
    initial, final = vacancy_hop(salt, "Li", start=10)
    atom = initial.info["hop"]["atom"]
    moved = np.linalg.norm(final.positions - initial.positions, axis=1)
    assert np.flatnonzero(moved > 1e-9).tolist() == [atom]
    assert moved[atom] == pytest.approx(5.14 / np.sqrt(2))
    away = (final.positions[atom] - salt.positions[10]) @ np.linalg.inv(salt.cell.array)
    assert np.allclose(away, np.round(away))  # it sits in the vacancy, up to a period
    assert initial.get_chemical_formula() == "Cl32Li31"
    with pytest.raises(ValueError, match="in 2 directions at once"):
        vacancy_hop(salt, "Li", hop=1)
    wider = bulk("LiCl", "rocksalt", a=5.14, cubic=True)
    second = vacancy_hop(wider, "Li", supercell=3, hop=1)[0]
    assert second.info["hop"]["length"] == pytest.approx(5.14)
    chosen = vacancy_hop(salt, "Li", start=10, end=10 + 2)[0]
    assert chosen.info["hop"]["atom"] == 11


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"species": "Na"}, "it holds Cl32Li32, got 'Na'"),
        ({"supercell": 0}, "supercell must be a whole number"),
        ({"supercell": (2, 2)}, "supercell must be a whole number"),
        ({"supercell": None}, "too small"),
        ({"start": 1}, "start must be the index of one of the 32 atoms of Li"),
        ({"start": 0, "end": 0}, "start and end must be two sites"),
        ({"end": 99}, "no atom"),
        ({"hop": -1}, "hop must be 0"),
    ],
)
def test_vacancy_hop_says_what_is_wrong(options: dict[str, Any], words: str) -> None:
    salt = bulk("LiCl", "rocksalt", a=5.14, cubic=True)
    with pytest.raises(ValueError, match=words):
        vacancy_hop(salt, **{"species": "Li", "supercell": 2, **options})
