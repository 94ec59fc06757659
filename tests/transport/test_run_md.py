"""Molecular dynamics against what Newton and Boltzmann say, and against ASE's own runs."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk, molecule
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.lj import LennardJones
from ase.constraints import FixAtoms, FixBondLength
from ase.md.nose_hoover_chain import NoseHooverChainNVT
from ase.md.verlet import VelocityVerlet

from matlearn.calculators import get_calculator
from matlearn.transport import run_md
from matlearn.transport.dynamics import DynamicsError


class Springs(Calculator):
    """Each atom on a spring of its own: all that comes of it is known exactly."""

    implemented_properties = ("energy", "forces")
    constant = 2.0
    """eV/A2"""

    def __init__(self, home):
        super().__init__()
        self.home, self.calls = home, 0

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        away = atoms.positions - self.home
        self.calls += 1
        energy = 0.5 * self.constant * np.sum(away**2)
        self.results = {"energy": energy, "forces": -self.constant * away}


class Soft(Calculator):
    """A fluid of soft repulsive spheres in a cube: cheap, and mixing well."""

    implemented_properties = ("energy", "forces", "stress")

    def __init__(self, height=0.3):
        super().__init__()
        self.height = height

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        side = atoms.cell.array[0, 0]
        apart = atoms.positions[:, None] - atoms.positions
        apart -= side * np.rint(apart / side)
        pairs = self.height * np.exp(-0.5 * np.sum(apart**2, axis=2))
        np.fill_diagonal(pairs, 0)
        forces = pairs[..., None] * apart
        virial = -0.5 * np.einsum("ijk,ijk->k", forces, apart) / side**3
        self.results = {"energy": pairs.sum() / 2, "forces": forces.sum(axis=1)}
        self.results["stress"] = np.array([*virial, 0, 0, 0])


class Broken(Springs):
    """Fail at a call, one way or another."""

    def __init__(self, home, call, how):
        super().__init__(home)
        self.call, self.how = call, how

    def calculate(self, *args, **kwargs):
        super().calculate(*args, **kwargs)
        if self.calls >= self.call:
            if self.how == "raise":
                raise RuntimeError("no convergence")
            self.results["forces"][1] = {"nan": np.nan, "huge": 1e5}[self.how]


def short(atoms, calculator, **settings):
    defaults = {"temperature": 300, "steps": 20, "timestep": 0.002, "progress": False}
    return run_md(atoms, calculator, **(defaults | settings))


@pytest.fixture
def copper():
    return bulk("Cu", cubic=True)


@pytest.fixture
def fluid():
    positions = np.random.default_rng(0).uniform(0, 6, (12, 3))
    return Atoms("Ar12", positions, cell=[6] * 3, pbc=True)


def test_constant_energy_is_velocity_verlet_of_ase(copper):
    copper.rattle(0.05, seed=1)
    copper.set_velocities(np.random.default_rng(1).normal(0, 0.02, (4, 3)))
    copper.set_velocities(copper.get_velocities() - copper.get_velocities().mean(axis=0))
    ours = short(copper, "emt", temperature=None, ensemble="nve", momenta="keep", record_every=20)
    copper.calc = get_calculator("emt")
    VelocityVerlet(copper, 2 * units.fs).run(20)
    assert ours.positions[-1] == pytest.approx(copper.positions, abs=2e-7)
    assert ours.energies[-1] == pytest.approx(copper.get_potential_energy(), abs=1e-10)
    assert ours.kinetic_energies[-1] == pytest.approx(copper.get_kinetic_energy(), abs=1e-10)


def test_an_atom_on_a_spring_swings_as_long_as_theory_says():
    atoms = Atoms("Ar2", [[0.3, 0, 0], [9.7, 0, 0]])
    springs = Springs(np.array([[0.0, 0, 0], [10.0, 0, 0]]))
    atoms.set_momenta(np.zeros((2, 3)))
    period = 2 * np.pi * np.sqrt(39.948 / Springs.constant) / (1000 * units.fs)
    found = short(
        atoms, springs, temperature=None, momenta="keep", ensemble="nve", timestep=period / 200,
        steps=200, record_every=50,
    )  # fmt: skip
    assert found.times[-1] == pytest.approx(period)
    assert found.positions[:, 0, 0] == pytest.approx([0.3, 0, -0.3, 0, 0.3], abs=1e-3)
    assert found.positions[:, 1, 0] == pytest.approx([9.7, 10, 10.3, 10, 9.7], abs=1e-3)


def test_the_error_of_the_energy_falls_with_the_square_of_the_time_step():
    atoms = bulk("Ar", "fcc", a=5.3, cubic=True).repeat(2)
    spread = []
    for timestep in (0.004, 0.008):
        run = short(
            atoms, "lj", temperature=40, ensemble="nve", timestep=timestep, record_every=1,
            steps=round(1.2 / timestep),
        )  # fmt: skip
        total = run.energies + run.kinetic_energies
        spread.append((total - total.mean()).std())
    assert np.log2(spread[1] / spread[0]) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize(("ensemble", "free"), [("nvt", 33), ("langevin", 36)])
def test_thermostats_give_the_canonical_mean_and_spread(fluid, ensemble, free):
    run = short(
        fluid, Soft(), temperature=1000, ensemble=ensemble, steps=6000, timestep=0.005,
        record_every=4, equilibrate=400,
    )  # fmt: skip
    assert run.info["degrees_of_freedom"] == free
    assert run.temperatures.mean() == pytest.approx(1000, rel=0.04)  # ASE's own count: 1091
    assert run.temperatures.std() == pytest.approx(1000 * np.sqrt(2 / free), rel=0.15)


def test_without_correction_our_chain_is_that_of_ase(copper):
    from matlearn.transport._dynamics.integrators import integrator

    pair = []
    for _ in range(2):
        atoms = copper.copy()
        atoms.set_velocities(np.random.default_rng(0).normal(0, 0.03, (4, 3)))
        atoms.calc = get_calculator("emt")
        pair.append(atoms)
    ours = integrator(
        "nvt", pair[0], timestep=0.002, temperature=300, relaxation=0.1, pressure=0.0, free=12,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    theirs = NoseHooverChainNVT(pair[1], 2 * units.fs, 300, tdamp=100 * units.fs)
    for dynamics in (ours, theirs):
        dynamics.run(20)
    assert pair[0].positions == pytest.approx(pair[1].positions, abs=1e-12)


def test_an_ideal_gas_at_constant_pressure_has_the_volume_of_the_gas_law(fluid):
    fluid.set_cell([6.0] * 3, scale_atoms=True)
    run = short(
        fluid, Soft(height=0.0), temperature=500, ensemble="npt", pressure=0.5, steps=6000,
        timestep=0.005, record_every=4, relaxation=0.05,
    )  # fmt: skip
    volume = len(fluid) * units.kB * 500 / (0.5 * units.GPa)
    assert volume == pytest.approx(165.7, abs=0.1)
    assert run.volumes[200:].mean() == pytest.approx(volume, rel=0.12)


def test_a_compressed_crystal_expands_and_keeps_its_shape():
    run = short(bulk("Cu", cubic=True, a=3.4).repeat((2, 1, 1)), "emt", ensemble="npt", steps=60)
    assert run.volumes[-1] > 1.001 * run.volumes[0]
    ratios = run.cells / run.cells[:, 2:, 2:]
    assert ratios == pytest.approx(np.broadcast_to(np.diag([2, 1, 1]), ratios.shape), abs=1e-12)


def test_the_centre_of_mass_stays_where_it_is(copper):
    run = short(copper, "emt", equilibrate=20, ensemble="nvt", velocities=True)
    centre = (run.positions * run.masses[:, None]).sum(axis=1) / run.masses.sum()
    assert np.ptp(centre, axis=0).max() < 1e-6
    momentum = (run.velocities * run.masses[:, None]).sum(axis=1)
    assert np.abs(momentum).max() < 1e-3


def test_the_start_is_drawn_from_boltzmann():
    atoms = bulk("Cu", cubic=True).repeat(5)
    run = short(atoms, Springs(atoms.positions.copy()), temperature=500, steps=10, velocities=True)
    sigma = np.sqrt(units.kB * 500 / run.masses[0]) * 1000 * units.fs
    assert run.velocities[0].std() == pytest.approx(sigma, rel=0.04)
    assert run.temperatures[0] == pytest.approx(500, rel=0.08)
    other = short(atoms, Springs(atoms.positions.copy()), temperature=500, steps=10, seed=1)
    assert not np.allclose(run.positions[-1], other.positions[-1])


def test_the_structure_handed_over_is_not_changed(copper):
    copper.set_momenta(np.ones((4, 3)))
    copper.calc = kept = get_calculator("emt")
    before = copper.copy()
    short(copper, "emt", equilibrate=5)
    assert copper == before
    assert copper.calc is kept
    assert (copper.get_momenta() == 1).all()


def test_each_step_costs_one_evaluation_and_each_checkpoint_one(copper):
    springs = Springs(copper.positions.copy())
    short(copper, springs, steps=100, record_every=1, checkpoint_every=50)
    assert springs.calls == 1 + 100 + 2


def test_fixed_atoms_stay_and_do_not_count(copper):
    copper.set_constraint(FixAtoms([0]))
    run = short(copper, "emt", steps=100, ensemble="nvt")
    assert (run.positions[:, 0] == run.positions[0, 0]).all()
    assert run.info["degrees_of_freedom"] == 9
    assert np.abs(run.positions[-1] - run.positions[0]).max() > 0.01


def test_a_molecule_without_cell_runs():
    run = short(molecule("CH4"), "emt", timestep=0.0005, steps=20)
    assert not run.pbc.any()
    assert len(run) == 3


def test_a_run_says_how_it_was_made(copper):
    run = short(copper, "emt", seed=5, relaxation=0.2)
    assert run.temperature == 300
    assert run.time_step == pytest.approx(0.02)
    wanted = {"ensemble": "nvt", "timestep": 0.002, "record_every": 10, "seed": 5}
    wanted |= {"relaxation": 0.2, "calculator": "emt", "equilibrate": 0}
    assert wanted.items() <= run.info.items()
    assert set(run.info["versions"]) == {"matlearn", "ase", "numpy"}
    frame = run.to_frame()
    assert list(frame) == [
        "time", "temperature", "energy", "kinetic_energy", "total_energy", "volume",
    ]  # fmt: skip
    assert frame["time"].iloc[-1] == pytest.approx(0.04)


def test_constant_energy_has_the_temperature_that_comes_of_it(copper):
    run = short(copper, "emt", ensemble="nve", temperature=600, steps=100)
    assert run.temperature == pytest.approx(run.temperatures.mean())
    assert run.info["starting_temperature"] == 600


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("raise", r"calculator failed at step 12: RuntimeError: no convergence"),
        ("nan", r"flew apart at step 13: the force on atom 1 \(Cu\) is nan"),
        ("huge", r"flew apart at step 13: the force on atom 1 \(Cu\) is 1e\+05"),
    ],
)
def test_a_calculator_that_fails_ends_the_run_and_keeps_what_was_good(copper, how, words):
    broken = Broken(copper.positions.copy(), 15, how)  # one more at the start, one at step 0
    with pytest.raises(DynamicsError, match=words) as caught:
        short(copper, broken, record_every=2)
    assert len(caught.value.trajectory) == 7


def test_a_calculator_that_cannot_handle_the_structure_says_so():
    with pytest.raises(DynamicsError, match=r"calculator failed at step 0: .*Li") as caught:
        short(bulk("Li", cubic=True), "emt")
    assert caught.value.trajectory is None


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"timestep": 0}, "timestep must be positive"),
        ({"timestep": -0.001}, "timestep must be positive"),
        ({"timestep": 2.0}, "give 0.002 for 2 fs"),
        ({"timestep": np.nan}, "timestep must be finite"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"record_every": 0}, "record_every must be at least 1"),
        ({"record_every": 50}, "record_every = 50 is more than all 20 steps"),
        ({"temperature": None}, "temperature is needed"),
        ({"temperature": -5}, "temperature must be above 0"),
        ({"temperature": None, "ensemble": "nve"}, "momenta='keep' goes without"),
        ({"ensemble": "nph"}, "ensemble must be one of nvt, nve, langevin, npt"),
        ({"pressure": 1.0}, "pressure is for ensemble='npt'"),
        ({"relaxation": 0.001}, "relaxation must be at least four time steps"),
        ({"relaxation": 100}, "give 0.1 for 100 fs"),
        ({"momenta": "none"}, "momenta must be 'maxwell' or 'keep'"),
        ({"equilibrate": -1}, "equilibrate must be at least 0"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"checkpoint_every": 0}, "checkpoint_every must be at least 1"),
    ],
)
def test_arguments_out_of_range_are_named(copper, settings, words):
    with pytest.raises(ValueError, match=words):
        short(copper, "emt", **settings)


@pytest.mark.parametrize("settings", [{"steps": 2.5}, {"timestep": "2 fs"}, {"seed": True}])
def test_arguments_of_another_kind_are_named(copper, settings):
    with pytest.raises(TypeError, match=next(iter(settings))):
        short(copper, "emt", **settings)


def test_a_long_time_step_is_warned_of(copper):
    with pytest.warns(UserWarning, match=r"timestep = 0.012 ps is 12 fs: beyond 10 fs"):
        short(copper, "emt", timestep=0.012)


def test_structures_that_cannot_run_are_refused(copper):
    with pytest.raises(ValueError, match="at least two atoms"):
        short(Atoms("Cu"), "emt")
    with pytest.raises(ValueError, match="have no cell"):
        short(Atoms("Cu2", [[0, 0, 0], [2.5, 0, 0]], pbc=True), "emt")
    with pytest.raises(ValueError, match="ensemble='npt' needs atoms that are periodic"):
        short(molecule("CH4"), "emt", ensemble="npt")
    with pytest.raises(TypeError, match="Structure"):
        short("Cu", "emt")
    copper.set_constraint(FixBondLength(0, 1))
    with pytest.raises(TypeError, match="only FixAtoms"):
        short(copper, "emt")


def test_a_calculator_without_stress_does_not_keep_pressure(copper):
    with pytest.raises(ValueError, match="gives no stress"):
        short(copper, Springs(copper.positions.copy()), ensemble="npt")
    with pytest.raises(TypeError, match="ASE calculator"):
        short(copper, lambda: None)


def test_calculators_that_compute_no_more_than_they_are_asked_are_asked_once(copper):
    asked = []

    class Sparing(LennardJones):
        def calculate(self, atoms=None, properties=None, system_changes=all_changes):
            asked.append(sorted(properties))
            super().calculate(atoms, properties, system_changes)

    short(copper, Sparing(sigma=2.3, epsilon=0.4), ensemble="npt", steps=10, record_every=1)
    assert asked == [["energy", "forces", "stress"]] * 12
