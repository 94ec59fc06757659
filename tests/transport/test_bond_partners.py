"""Partners are found over the images of any cell, and a change is dated."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.geometry import get_distances

from matlearn.transport import Trajectory, bond_partners, plots


def crowd(cell: np.ndarray, frames: int = 6, seed: int = 0) -> Trajectory:
    """Atoms anywhere in a cell, and cells away from it: unwrapped."""
    rng = np.random.default_rng(seed)
    fractions = rng.uniform(-2, 2, (frames, 12, 3))
    return Trajectory(
        numbers=np.array([16] * 6 + [15] * 3 + [32] * 3),
        positions=fractions @ cell,
        cells=cell,
        pbc=np.ones(3, dtype=bool),
        time_step=0.5,
    )


@pytest.mark.parametrize(
    "cell",
    [
        np.diag([5.0, 6.0, 9.0]),
        np.array([[5.0, 0, 0], [2.4, 4.4, 0], [-2.0, 2.1, 4.0]]),
        np.array([[4.0, 0, 0], [11.0, 4.0, 0], [0, 9.0, 5.0]]),
    ],
    ids=["right", "skewed", "very skewed"],
)
def test_distances_are_those_of_ase_in_any_cell(cell: np.ndarray) -> None:
    run = crowd(cell)
    found = bond_partners(run, "S", ["P", "Ge"])
    for i in range(len(run)):
        apart = get_distances(run.positions[i, :6], run.positions[i, 6:], cell=cell, pbc=True)[1]
        assert found.distances[i] == pytest.approx(apart.min(axis=1))
        assert (found.partners[i] == 6 + apart.argmin(axis=1)).all()


def test_neither_wrapping_nor_the_order_of_partners_matters() -> None:
    run = crowd(np.diag([5.0, 6.0, 9.0]))
    wrapped = Trajectory.from_atoms(run.to_frames(), time_step=0.5, unwrap=False)
    first, second = bond_partners(run, "S", ["P", "Ge"]), bond_partners(wrapped, "S", ["Ge", "P"])
    assert (first.partners == second.partners).all()


def leaving(x: list[float]) -> Trajectory:
    frames = [
        Atoms("P2S2", [[0, 0, 0], [6, 0, 0], [a, 0, 0], [0, 2, 0]], cell=[12] * 3, pbc=True)
        for a in x
    ]
    return Trajectory.from_atoms(frames, time_step=0.5)


def test_the_first_change_is_dated_and_a_return_is_seen() -> None:
    found = bond_partners(leaving([2.0, 2.5, 4.0, 2.0]), "S", "P")
    assert found.changed.tolist() == [0, 0, 1, 0]
    assert found.first_change == pytest.approx(1.0)
    assert found.to_frame()["farthest"].tolist() == pytest.approx([2.0, 2.5, 2.0, 2.0])


def test_who_stays_changes_never() -> None:
    found = bond_partners(leaving([2.0, 2.9, 2.0]), "S", "P")
    assert found.first_change is None
    assert "the same after 1 ps" in repr(found)


def test_each_second_frame_keeps_its_time() -> None:
    found = bond_partners(leaving([2.0, 2.0, 2.0, 4.0, 4.0]), "S", "P", step=2)
    assert found.times.tolist() == pytest.approx([0.0, 1.0, 2.0])
    assert found.first_change == pytest.approx(2.0)


def test_the_figure_says_when() -> None:
    found = bond_partners(leaving([2.0, 2.5, 4.0, 4.0]), "S", "P")
    ax = plots.bond_partners({"a run": found})
    assert ax.get_lines()[0].get_ydata().tolist() == [0, 0, 1, 1]
    assert found.plot().get_ylabel() == "S with another partner"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("S", "S"), "other species"),
        (("S", ()), "other species"),
        (("S", "Ge"), "Ge"),
        (("Na", "P"), "Na"),
    ],
)
def test_what_cannot_be_a_partner_is_refused(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        bond_partners(leaving([2.0, 2.0]), *arguments)


def test_replicas_and_molecules_are_refused() -> None:
    run = leaving([2.0, 2.0])
    with pytest.raises(TypeError, match="one by one"):
        bond_partners([run, run], "S", "P")  # type: ignore[arg-type]
    free = Trajectory.from_atoms([Atoms("PS", [[0, 0, 0], [2, 0, 0]])] * 2, time_step=1.0)
    with pytest.raises(ValueError, match="periodic"):
        bond_partners(free, "S", "P")
