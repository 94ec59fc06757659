"""What a beginner gets wrong first, and what is said then: one place for the chapter's list."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk

from matlearn import transport
from matlearn.transport import Trajectory


@pytest.fixture(scope="module")
def walk():
    return transport.random_walk(frames=60, ions=5, seed=1)


def cluster(frames=60, wrap=None, **settings):
    """Four atoms that wander about, not periodic unless said."""
    rng = np.random.default_rng(0)
    places = np.cumsum(rng.normal(0, 0.4, (frames, 4, 3)), axis=0) + rng.uniform(0, 8, (4, 3))
    return [Atoms("Li4", one % wrap if wrap else one, **settings) for one in places]


def test_wrapped_coordinates_without_a_cell():
    with pytest.raises(ValueError, match=r"look like wrapped coordinates.*give the cell"):
        Trajectory.from_atoms(cluster(wrap=8.0), time_step=0.1)
    with pytest.raises(ValueError, match="there is no cell to unwrap them by"):
        Trajectory.from_atoms(cluster(wrap=8.0, pbc=True), time_step=0.1)


def test_a_changing_number_of_atoms():
    frames = [*cluster(5), Atoms("Li5", np.zeros((5, 3)))]
    with pytest.raises(ValueError, match="frame 0 has 4 atoms, frame 5 has 5"):
        Trajectory.from_atoms(frames, time_step=0.1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: run.indices("Na"),
        lambda run: transport.mean_squared_displacement(run, "Na"),
        lambda run: transport.diffusion_coefficient(run, "Na"),
        lambda run: transport.haven_ratio(run, "Na"),
        lambda run: transport.radial_distribution(run, "Na"),
        lambda run: transport.radial_distribution(run, "Li", "Na"),
        lambda run: transport.density_map(run, "Na"),
        lambda run: transport.velocity_autocorrelation(run, "Na"),
        lambda run: transport.hop_statistics(run, "Na", np.zeros((2, 3))),
        lambda run: transport.ionic_conductivity(run, "Na", temperature=300),
        lambda run: transport.widgets.play(run, species="Na"),
        lambda run: transport.widgets.explore_fit(run, "Na"),
    ],
)
def test_a_species_that_is_not_there(walk, ask):
    with pytest.raises(ValueError, match=r"species .*(Li, O|'Na')") as caught:
        ask(walk)
    assert "Li, O" in str(caught.value)
    assert "'Na'" in str(caught.value)


@pytest.mark.parametrize(
    ("timestep", "words"),
    [
        (0, "must be positive, in ps"),
        (2, "give 0.002 for 2 fs"),
        (2 * units.fs, r"not in ASE's own unit, so give 0\.002 for 2 \* units\.fs"),
        (1 * units.fs, r"so give 0\.001 for 1 \* units\.fs"),
        (1.5 * units.fs, r"give 0\.0015 for 1\.5 \* units\.fs"),
    ],
)
def test_a_time_step_of_nothing_or_in_another_unit(timestep, words):
    with pytest.raises(ValueError, match=words):
        transport.run_md(
            bulk("Cu", cubic=True), "emt", temperature=300, steps=20, timestep=timestep
        )


def test_a_time_step_beyond_ten_femtoseconds_is_warned_of():
    with pytest.warns(UserWarning, match="12 fs: beyond 10 fs"):
        transport.run_md(
            bulk("Cu", cubic=True), "emt", temperature=300, steps=2, timestep=0.012,
            record_every=1, progress=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: transport.mean_squared_displacement(run[:2], "Li"),
        lambda run: transport.diffusion_coefficient(run[:2], "Li"),
        lambda run: transport.diffusion_coefficient(run[:10], "Li"),
        lambda run: transport.haven_ratio(run[:10], "Li"),
        lambda run: transport.hop_statistics(run[:1], "Li", np.zeros((2, 3))),
        lambda run: transport.widgets.explore_fit(run[:10], "Li"),
    ],
)
def test_too_few_frames(walk, ask):
    with pytest.raises(ValueError, match=r"trajectory has \d+ frames.*at least \d+ are needed"):
        ask(walk)


@pytest.mark.parametrize("ask", [transport.arrhenius, transport.widgets.explore_arrhenius])
def test_a_single_temperature_has_no_activation_energy(ask):
    with pytest.raises(ValueError, match="at least two different temperatures, got 300 K alone"):
        ask([(300, 1e-5, 1e-6)])


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: transport.radial_distribution(run, "Li"),
        lambda run: transport.density_map(run, "Li"),
        lambda run: transport.hop_statistics(run, "Li", np.zeros((2, 3))),
        lambda run: transport.ionic_conductivity(run, "Li", temperature=300),
    ],
)
def test_what_is_not_periodic_has_no_density(ask):
    run = Trajectory.from_atoms(cluster(), time_step=0.1, unwrap=False)
    with pytest.raises(ValueError, match="periodic along all three axes"):
        ask(run)


def test_pressure_and_distillation_need_a_crystal():
    atoms = cluster(1)[0]
    with pytest.raises(ValueError, match="periodic along all three axes"):
        transport.run_md(atoms, "emt", ensemble="npt", temperature=300, steps=20, progress=False)
    with pytest.raises(ValueError, match="periodic along all three axes"):
        transport.distil(atoms, "emt", temperatures=[300])


def test_frames_that_are_no_trajectory_yet_are_told_how_to_become_one():
    with pytest.raises(TypeError, match=r"Trajectory\.from_atoms"):
        transport.diffusion_coefficient(cluster(), "Li")


def test_a_file_that_holds_no_trajectory(tmp_path):
    path = tmp_path / "run.py"
    path.write_text("print('four years of work')")
    with pytest.raises(ValueError, match=r"run\.py holds no trajectory that can be read"):
        transport.read_trajectory(path)


def test_trails_are_a_number_of_ions(walk):
    with pytest.raises(TypeError, match="which ions move is said by species"):
        transport.widgets.play(walk, trails="Li")
