"""Trajectories: unwrapped whatever the cell, in and out of files, and clear about bad input."""

import errno
import gzip
import os

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from hypothesis import given, settings
from hypothesis import strategies as st

from matlearn.transport import Trajectory, read_trajectory, run_md

SKEW = np.array([[6.0, 0.0, 0.0], [2.5, 5.5, 0.0], [-1.5, 2.0, 7.0]])


def wandering(frames=60, atoms=5, cell=SKEW, seed=0, step=0.6, swelling=0.0):
    """Give unwrapped positions of a walk, and cells that may grow."""
    rng = np.random.default_rng(seed)
    scale = 1 + swelling * np.sin(np.arange(frames) / 9)
    cells = scale[:, None, None] * cell
    steps = np.clip(rng.normal(0, 1, (frames, atoms, 3)), -4, 4) * step / 7  # no rare long ones
    scaled = rng.random((atoms, 3)) + np.cumsum(steps, axis=0)
    return scaled @ cells, cells


def as_frames(positions, cells, *, wrap, pbc=True, symbols=None):
    symbols = symbols or ["Li"] * positions.shape[1]
    frames = [
        Atoms(symbols, positions=p, cell=c, pbc=pbc) for p, c in zip(positions, cells, strict=True)
    ]
    for frame in frames:
        if wrap:
            frame.wrap()
    return frames


def whole_turns(difference, cells):
    """Say by how many cells positions differ; the same in each frame if the path is the same."""
    return difference @ np.linalg.inv(cells)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), swelling=st.sampled_from([0.0, 0.03]))
def test_wrapped_frames_are_followed_in_skew_and_changing_cells(seed, swelling):
    positions, cells = wandering(seed=seed, swelling=swelling)
    found = Trajectory.from_atoms(as_frames(positions, cells, wrap=True), time_step=0.1)
    turns = whole_turns(found.positions - positions, cells)
    assert turns == pytest.approx(np.rint(turns), abs=1e-9)
    assert np.ptp(np.rint(turns), axis=0).max() == 0
    assert np.ptp(found.positions @ np.linalg.inv(cells), axis=0).max() > 1  # it did cross borders


def test_unwrapped_frames_are_left_as_they_are():
    positions, cells = wandering()
    found = Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=0.1)
    assert found.positions == pytest.approx(positions, abs=1e-12)


def test_unwrapped_frames_far_apart_are_recognised():
    positions, cells = wandering(step=3.0)
    found = Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=1.0)
    assert np.array_equal(found.positions, positions)


def test_only_periodic_axes_are_unwrapped():
    frames = [Atoms("Li", [[x, 0, z]], cell=[4, 4, 4], pbc=(1, 1, 0)) for x, z in
              [(3.5, 3.0), (0.3, 3.8), (1.0, 4.6), (1.5, 1.8)]]  # fmt: skip
    found = Trajectory.from_atoms(frames, time_step=0.1)
    assert found.positions[:, 0, 0] == pytest.approx([3.5, 4.3, 5.0, 5.5])
    assert found.positions[:, 0, 2] == pytest.approx([3.0, 3.8, 4.6, 1.8])


def test_a_slab_without_third_lattice_vector_is_unwrapped_in_its_plane():
    frames = [Atoms("Li", [[x, 0, 1]], cell=[4, 4, 0], pbc=(1, 1, 0)) for x in (3.5, 0.3)]
    found = Trajectory.from_atoms(frames, time_step=0.1)
    assert found.positions[1, 0] == pytest.approx([4.3, 0, 1])


def test_frames_too_far_apart_are_an_error():
    positions, cells = wandering(step=3.0)
    with pytest.raises(
        ValueError, match=r"too far apart to be unwrapped: atom \d moves by 0\.[45]\d"
    ):
        Trajectory.from_atoms(as_frames(positions, cells, wrap=True), time_step=1.0)


def test_wrapped_coordinates_without_a_cell_are_an_error():
    positions, cells = wandering()
    frames = as_frames(positions, cells, wrap=True)
    for frame in frames:
        frame.set_cell(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="periodic along a, but there is no cell"):
        Trajectory.from_atoms(frames, time_step=0.1)
    for frame in frames:
        frame.pbc = False
    with pytest.raises(ValueError, match="look like wrapped coordinates, and there is no periodic"):
        Trajectory.from_atoms(frames, time_step=0.1)


def test_what_is_not_periodic_is_not_unwrapped():
    positions, _ = wandering()
    frames = as_frames(positions, np.zeros((60, 3, 3)), wrap=False, pbc=False)
    found = Trajectory.from_atoms(frames, time_step=0.1)
    assert np.array_equal(found.positions, positions)
    assert (found.volumes == 0).all()


def test_changing_atoms_are_an_error():
    crystal = bulk("LiCl", "rocksalt", a=5.1, cubic=True)
    with pytest.raises(ValueError, match="frame 0 has 8 atoms, frame 2 has 7"):
        Trajectory.from_atoms([crystal, crystal, crystal[:-1]], time_step=0.1)
    with pytest.raises(ValueError, match="frame 1 holds other species than frame 0, or the same"):
        Trajectory.from_atoms([crystal, crystal[::-1]], time_step=0.1)
    with pytest.raises(ValueError, match="at least one structure"):
        Trajectory.from_atoms([], time_step=0.1)
    with pytest.raises(TypeError, match="got one structure"):
        Trajectory.from_atoms(crystal, time_step=0.1)
    with pytest.raises(TypeError, match=r"frames\[1\] must be ASE Atoms"):
        Trajectory.from_atoms([crystal, "LiCl"], time_step=0.1)


@pytest.mark.parametrize(
    ("time_step", "words"),
    [
        (0, "time_step must be positive"),
        (-0.1, "time_step must be positive"),
        (np.nan, "time_step must be positive"),
        (2000.0, "is it in fs. Then give 2"),
        (1e-14, "must be in ps between two frames"),
        (None, "time_step is needed"),
    ],
)
def test_times_that_cannot_be_are_an_error(time_step, words):
    positions, cells = wandering()
    with pytest.raises(ValueError, match=words):
        Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=time_step)


@pytest.mark.parametrize(("time_step", "words"), [(20.0, "is it in fs"), (0.003, "km/s")])
def test_times_that_are_odd_are_warned_of(time_step, words):
    positions, cells = wandering()
    with pytest.warns(UserWarning, match=words):
        Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=time_step)


def test_a_time_in_words_is_an_error():
    with pytest.raises(TypeError, match="time_step must be the time between two frames in ps"):
        Trajectory.from_atoms([bulk("Cu")], time_step="2 fs")


@pytest.fixture(scope="module")
def run():
    crystal = bulk("Cu", cubic=True).repeat((2, 1, 1))
    return run_md(
        crystal, "emt", temperature=900, steps=200, timestep=0.004, velocities=True, progress=False
    )


def test_a_trajectory_knows_itself(run):
    assert repr(run) == "Trajectory(Cu, 8 atoms, 21 frames 0.04 ps apart, 0.8 ps, 900 K)"
    assert run.symbols == ["Cu"] * 8
    assert run.species == ["Cu"]
    assert run.indices("Cu").tolist() == list(range(8))
    with pytest.raises(ValueError, match="species must be one of Cu; got 'Ag'"):
        run.indices("Ag")
    assert run.cells.strides[0] == 0  # a constant cell takes no memory
    assert run.volumes == pytest.approx(2 * 3.61**3)


def test_temperature_energy_and_velocities_agree_with_ase(run):
    atoms = run.atoms(7)
    assert atoms.get_kinetic_energy() == pytest.approx(run.kinetic_energies[7], rel=1e-6)
    assert atoms.get_temperature() * 24 / 21 == pytest.approx(run.temperatures[7], rel=1e-6)
    assert atoms.get_potential_energy() == run.energies[7]
    step = (run.positions[8] - run.positions[6]) / (2 * run.time_step)
    assert step == pytest.approx(run.velocities[7], abs=3)  # A/ps
    assert np.corrcoef(step.ravel(), run.velocities[7].ravel())[0, 1] > 0.9


def test_slices_keep_time(run):
    part = run[5:20:5]
    assert len(part) == 3
    assert part.time_step == pytest.approx(0.2)
    assert np.array_equal(part.positions, run.positions[5:20:5])
    assert np.array_equal(part.energies, run.energies[5:20:5])
    assert len(run[-3:]) == 3
    for wrong in (slice(5, 5), slice(None, None, -1), slice(100, 200)):
        with pytest.raises(ValueError, match="leaves no frames in the order of time"):
            run[wrong]
    with pytest.raises(TypeError, match=r"trajectory.atoms\(3\)"):
        run[3]
    with pytest.raises(IndexError, match="frame 21 of a trajectory of 21"):
        run.atoms(21)
    assert run.atoms(-1).info["time_ps"] == pytest.approx(0.8)


def test_frames_can_be_wrapped_again():
    positions, cells = wandering()
    found = Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=0.1)
    scaled = found.atoms(-1, wrap=True).get_scaled_positions(wrap=False)
    assert (scaled >= -1e-6).all()
    assert (scaled < 1 + 1e-6).all()
    assert len(found.to_frames(step=20)) == 3


def test_fields_are_checked():
    positions = np.zeros((4, 2, 3))
    fields = {"numbers": [3, 3], "cells": np.eye(3), "pbc": True, "time_step": 0.1}
    assert Trajectory(positions=positions, **fields).masses == pytest.approx([6.94, 6.94])
    with pytest.raises(ValueError, match=r"positions must have the shape \(frames, 2 atoms, 3\)"):
        Trajectory(positions=positions[:, :1], **fields)
    with pytest.raises(ValueError, match="frame 1 holds a position that is not"):
        Trajectory(
            positions=np.where(np.arange(4)[:, None, None] == 1, np.nan, positions), **fields
        )
    with pytest.raises(ValueError, match="cells must have the shape"):
        Trajectory(positions=positions, **(fields | {"cells": np.zeros((3, 3, 3))}))
    with pytest.raises(ValueError, match=r"energies must have the shape \(4,\)"):
        Trajectory(positions=positions, energies=[1.0], **fields)


def same(one, other, tolerance=1e-7):
    names = ("positions", "cells", "energies", "kinetic_energies", "velocities", "masses")
    for name in names:
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert a == pytest.approx(b, abs=tolerance), name
    assert one.time_step == pytest.approx(other.time_step)
    assert (one.pbc == other.pbc).all()


@pytest.mark.parametrize("name", ["run.extxyz", "run.traj"])
def test_ase_files_come_back_with_their_time(run, tmp_path, name):
    run.write(tmp_path / name)
    same(read_trajectory(tmp_path / name), run, 1e-6)
    thinned = read_trajectory(tmp_path / name, index="::2")
    same(thinned, run[::2], 1e-6)


def test_saved_without_rounding_it_comes_back_to_the_last_bit(run, tmp_path):
    run.save(tmp_path / "run.npz")
    back = read_trajectory(tmp_path / "run.npz")
    same(back, run, 0)
    assert back.info == run.info
    assert back.temperature == 900


def test_a_full_disk_leaves_the_file_that_was_there(run, tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "run.npz"
    run[:5].save(path)
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match=r"the disk is full .* run\.npz was not written"):
        run.save(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["run.npz"]
    monkeypatch.setattr("ase.io.write", full)
    with pytest.raises(
        OSError, match=r"the disk is full .* run\.traj is not whole; free some space"
    ):
        run.write(tmp_path / "run.traj")


@pytest.mark.parametrize("resolution", [0.001, 0.01])
@pytest.mark.parametrize("swelling", [0.0, 0.05])
def test_rounding_errors_stay_small_and_do_not_add_up(tmp_path, resolution, swelling):
    positions, cells = wandering(frames=3000, atoms=3, swelling=swelling)
    long = Trajectory.from_atoms(as_frames(positions, cells, wrap=False), time_step=0.1)
    long.save(tmp_path / "long.npz", resolution=resolution)
    back = read_trajectory(tmp_path / "long.npz")
    assert np.abs(back.positions - long.positions).max() <= resolution / 2 * (1 + 1e-9)
    assert np.array_equal(back.cells, long.cells)


def test_the_file_is_several_times_smaller(tmp_path):
    rng = np.random.default_rng(0)
    wiggling = rng.normal(0, 0.1, (2000, 8, 3)).cumsum(axis=1)
    numbers, cell = [3] * 8, 10 * np.eye(3)
    long = Trajectory(numbers, wiggling, cell, True, 0.1)
    long.save(tmp_path / "fine.npz", resolution=0.001)
    long.save(tmp_path / "exact.npz")
    sizes = [(tmp_path / name).stat().st_size for name in ("fine.npz", "exact.npz")]
    assert sizes[0] < sizes[1] / 4


def test_a_jump_of_any_length_is_saved(tmp_path):
    positions = np.zeros((3, 1, 3))
    positions[1:] = 123.4567
    Trajectory([3], positions, np.eye(3), False, 0.1).save(tmp_path / "far.npz", resolution=1e-3)
    assert read_trajectory(tmp_path / "far.npz").positions[2, 0, 0] == pytest.approx(123.457)
    with pytest.raises(ValueError, match="too fine for positions up to 123"):
        Trajectory([3], positions, np.eye(3), False, 0.1).save(
            tmp_path / "far.npz", resolution=1e-12
        )


def test_files_that_are_none_are_named(tmp_path, run):
    with pytest.raises(FileNotFoundError, match="no trajectory"):
        read_trajectory(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match=r"path must end in \.npz"):
        run.save(tmp_path / "run.traj")
    with pytest.raises(ValueError, match="resolution must be between 0 and 1"):
        run.save(tmp_path / "run.npz", resolution=-1)
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="no 'matlearn trajectory 1'"):
        read_trajectory(tmp_path / "bad.npz")
    (tmp_path / "bad.txt").write_text("nothing at all\n")
    with pytest.raises(ValueError, match="no format that ASE knows"):
        read_trajectory(tmp_path / "bad.txt", time_step=0.1)
    run.save(tmp_path / "run.npz")
    with pytest.raises(ValueError, match="index must be a slice"):
        read_trajectory(tmp_path / "run.npz", index="last")


def test_an_xyz_file_takes_the_cell_of_the_simulation(tmp_path):
    positions, cells = wandering()
    frames = as_frames(positions, cells, wrap=True)
    write(tmp_path / "bare.xyz", frames, format="xyz")
    found = read_trajectory(tmp_path / "bare.xyz", time_step=0.1, cell=SKEW)
    turns = whole_turns(found.positions - positions, cells)
    assert np.ptp(turns, axis=0).max() < 1e-6
    with pytest.raises(ValueError, match="look like wrapped coordinates"):
        read_trajectory(tmp_path / "bare.xyz", time_step=0.1)


@pytest.mark.parametrize("swelling", [0.0, 0.02])
def test_xdatcar_is_unwrapped_with_a_cell_that_stays_or_changes(tmp_path, swelling):
    positions, cells = wandering(swelling=swelling)
    frames = as_frames(positions, cells, wrap=True, symbols=["Ag", "Ag", "I", "I", "I"])
    lines = []
    for number, frame in enumerate(frames, 1):
        if number == 1 or swelling:
            lines += ["silver iodide", "1.0"]
            lines += [" ".join(f"{x:.10f}" for x in row) for row in frame.cell.array]
            lines += ["Ag I", "2 3"]
        lines.append(f"Direct configuration= {number}")
        lines += [" ".join(f"{x:.10f}" for x in row) for row in frame.get_scaled_positions()]
    (tmp_path / "XDATCAR").write_text("\n".join(lines) + "\n")
    found = read_trajectory(tmp_path / "XDATCAR", time_step=0.1)
    assert found.symbols == ["Ag", "Ag", "I", "I", "I"]
    turns = whole_turns(found.positions - positions, cells)
    assert np.ptp(turns, axis=0).max() < 1e-7
    with pytest.raises(ValueError, match="time_step is needed"):
        read_trajectory(tmp_path / "XDATCAR")


def dump(positions, cells, columns, *, box="tilted", origin=(1.0, -2.0, 0.5), header=""):
    """Write a LAMMPS dump, atoms in another order in each frame."""
    rng, text = np.random.default_rng(1), []
    shift = np.array(origin)
    for number, (frame, cell) in enumerate(zip(positions, cells, strict=True)):
        scaled = frame @ np.linalg.inv(cell)
        image = np.floor(scaled)
        inside = (scaled - image) @ cell + shift
        table = {
            "x": inside, "xu": frame + shift, "xs": scaled - image, "xsu": scaled, "ix": image,
        }  # fmt: skip
        (lx, _, _), (xy, ly, _), (xz, yz, lz) = cell
        if box == "tilted":
            low = np.add(shift, [min(0, xy, xz, xy + xz), min(0, yz), 0])
            high = np.add(shift, [lx + max(0, xy, xz, xy + xz), ly + max(0, yz), lz])
            bounds = [f"{a} {b} {t}" for a, b, t in zip(low, high, (xy, xz, yz), strict=True)]
            kind = "xy xz yz pp pp pp"
        elif box == "general":
            bounds = [" ".join(map(str, [*row, o])) for row, o in zip(cell, shift, strict=True)]
            kind = "abc origin pp pp pp"
        else:
            bounds = [f"{o} {o + side}" for o, side in zip(shift, (lx, ly, lz), strict=True)]
            kind = "pp pp pp"
        text.append(f"{header.format(time=number * 0.05)}ITEM: TIMESTEP\n{number * 50}")
        text.append(f"ITEM: NUMBER OF ATOMS\n{len(frame)}\nITEM: BOX BOUNDS {kind}")
        text += [*bounds, f"ITEM: ATOMS {columns}"]
        for atom in rng.permutation(len(frame)):
            words = []
            for column in columns.split():
                if column in ("id", "type", "element"):
                    what = {"id": atom + 1, "type": 1 + (atom > 1), "element": "AgI"[:2]}
                    what["element"] = "Ag" if atom < 2 else "I"
                    words.append(str(what[column]))
                else:
                    axis = "xyz".index(column.lstrip("i")[0])
                    words.append(
                        repr(float(table[column.replace("xyz"[axis], "x", 1)][atom, axis]))
                    )
                    if column.startswith("i"):
                        words[-1] = str(int(table["ix"][atom, axis]))
            text.append(" ".join(words))
    return "\n".join(text) + "\n"


@pytest.mark.parametrize("box", ["tilted", "general", "straight"])
@pytest.mark.parametrize(
    "columns",
    [
        "id type x y z",
        "id type xu yu zu",
        "id element xs ys zs",
        "id type xsu ysu zsu",
        "id type x y z ix iy iz",
    ],
)
def test_lammps_dumps_of_each_kind_give_the_same_path(tmp_path, box, columns):
    cell = np.diag(np.diag(SKEW)) if box == "straight" else SKEW
    positions, cells = wandering(cell=cell, swelling=0.02)
    (tmp_path / "run.dump").write_text(dump(positions, cells, columns, box=box))
    found = read_trajectory(tmp_path / "run.dump", timestep=0.001, species=["Ag", "I"])
    if "element" in columns:
        found = read_trajectory(tmp_path / "run.dump", timestep=0.001)
    assert found.symbols == ["Ag", "Ag", "I", "I", "I"]
    assert found.time_step == pytest.approx(0.05)
    assert found.cells == pytest.approx(cells)
    turns = whole_turns(found.positions - positions, cells)
    assert np.ptp(turns, axis=0).max() < 1e-7
    if "u" in columns or "ix" in columns:
        assert found.positions == pytest.approx(positions, abs=1e-7)


def test_lammps_units_give_the_time(tmp_path):
    positions, cells = wandering(frames=5)
    for unit, step in (("metal", 0.05), ("real", 5e-5)):
        header = f"ITEM: UNITS\n{unit}\nITEM: TIME\n{{time}}\n"
        text = dump(positions, cells, "id element xu yu zu", header=header)
        with gzip.open(tmp_path / "run.dump.gz", "wt") as file:
            file.write(text)
        if unit == "metal":
            assert read_trajectory(tmp_path / "run.dump.gz").time_step == pytest.approx(step)
        else:
            with pytest.raises(ValueError, match="km/s"):  # it says fs, and means it
                read_trajectory(tmp_path / "run.dump.gz")
    (tmp_path / "lj.dump").write_text(text.replace("real", "lj"))
    with pytest.raises(ValueError, match="units 'lj'"):
        read_trajectory(tmp_path / "lj.dump")


def test_lammps_dumps_that_say_too_little_are_an_error(tmp_path):
    positions, cells = wandering(frames=4)
    path = tmp_path / "run.dump"

    def reading(text, words, **options):
        path.write_text(text)
        with pytest.raises(ValueError, match=words):
            read_trajectory(path, **options)

    good = dump(positions, cells, "id type xu yu zu")
    reading(good, "species is needed: .* types .1, 2.", timestep=0.001)
    reading(good, "has type 2 as well", timestep=0.001, species=["Ag"])
    reading(good, "chemical symbols; got 'Xx'", timestep=0.001, species={1: "Ag", 2: "Xx"})
    reading(good, "give timestep", species=["Ag", "I"])
    reading(dump(positions, cells, "type xu yu zu"), "no column 'id'", timestep=0.001)
    reading(dump(positions, cells, "id type"), "no coordinates", timestep=0.001)
    uneven = good.replace("ITEM: TIMESTEP\n150", "ITEM: TIMESTEP\n160")
    reading(uneven, "50 to 60 steps", timestep=0.001, species=["Ag", "I"])


def test_a_dump_cut_off_gives_its_whole_frames(tmp_path):
    positions, cells = wandering(frames=4)
    path = tmp_path / "run.dump"
    path.write_text(dump(positions, cells, "id element xu yu zu")[:-30])
    with pytest.warns(UserWarning, match="last frame .* cut off"):
        found = read_trajectory(path, timestep=0.001)
    assert len(found) == 3


def test_a_repeated_frame_of_a_restart_counts_once(tmp_path):
    positions, cells = wandering(frames=4)
    text = dump(positions, cells, "id element xu yu zu")
    last = text[text.rindex("ITEM: TIMESTEP") :]
    (tmp_path / "run.dump").write_text(text + last)
    assert len(read_trajectory(tmp_path / "run.dump", timestep=0.001)) == 4


def test_energies_come_along_where_each_frame_has_them():
    positions, cells = wandering(frames=3)
    frames = as_frames(positions, cells, wrap=False)
    for frame in frames:
        frame.calc = SinglePointCalculator(frame, energy=-1.5)
        frame.set_velocities(np.full((5, 3), 0.01))
    found = Trajectory.from_atoms(frames, time_step=0.1)
    assert found.energies.tolist() == [-1.5] * 3
    assert found.velocities[0, 0, 0] == pytest.approx(0.01 * 1000 * units.fs)
    frames[1].calc = None
    assert Trajectory.from_atoms(frames, time_step=0.1).energies is None
