import numpy as np
import pytest
from ase.build import bulk
from expansions import FCC, expansion
from icet import ClusterExpansion, ClusterSpace

from matlearn.lattice import KineticMonteCarlo, MonteCarlo
from matlearn.lattice.observers import ShortRangeOrder

MADE = expansion(FCC, [3.0], ["Cu", "Au"], scale=0.02)
CELL = FCC.repeat(3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temperature": -300}, "temperature must be above 0 K, got -300"),
        ({"temperature": 0}, "temperature must be above 0 K"),
        ({"temperature": np.inf}, "temperature must be above 0 K"),
        ({"ensemble": "grand"}, "one of semi-grand, canonical, vcsgc, got 'grand'"),
        (
            {"ensemble": "canonical", "chemical_potentials": {"Au": 0.1}},
            "chemical_potentials belong to the semi-grand ensemble",
        ),
        ({"ensemble": "vcsgc"}, "phis are what drives the VCSGC ensemble: give them"),
        ({"phis": {"Au": -1}}, "phis are what drives the VCSGC ensemble, and no other"),
        (
            {"ensemble": "vcsgc", "phis": {"Au": -1, "Cu": -1}},
            "phis must be given for all but one of the species Cu, Au",
        ),
        ({"chemical_potentials": {"Ni": 0.1}}, "chemical_potentials names 'Ni'"),
        ({"chemical_potentials": {"Au": np.nan}}, r"chemical_potentials\['Au'\] must be finite"),
        (
            {"concentrations": {"Cu": 0.5, "Au": 0.4}},
            r"must be from 0 to 1 and sum to one, got Cu 0.5, Au 0.4 \(sum 0.9\)",
        ),
        ({"concentrations": {"Cu": 1.5, "Au": -0.5}}, "must be from 0 to 1 and sum to one"),
        ({"concentrations": {"Cu": 0.5, "Pd": 0.5}}, "concentrations names 'Pd'"),
        ({"ensemble": "canonical"}, "nothing can be exchanged"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"kappa": 0}, "kappa must be positive and finite, got 0"),
        ({"kappa": np.inf}, "kappa must be positive and finite"),
        ({"boltzmann_constant": np.inf}, "boltzmann_constant must be positive and finite"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        MonteCarlo(MADE, CELL, **{"temperature": 300, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temperature": "hot"}, "temperature must be a number, got 'hot'"),
        ({"kappa": "stiff"}, "kappa must be a number, got 'stiff'"),
        ({"boltzmann_constant": "1"}, "boltzmann_constant must be a number, got '1'"),
        ({"chemical_potentials": 0.1}, "chemical_potentials must be a dict"),
        ({"chemical_potentials": {"Au": "high"}}, r"chemical_potentials\['Au'\] must be a number"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(given, message):
    with pytest.raises(TypeError, match=message):
        MonteCarlo(MADE, CELL, **{"temperature": 300, **given})


def test_what_is_no_expansion_is_refused():
    with pytest.raises(TypeError, match="cluster_expansion must be a ClusterExpansion"):
        MonteCarlo("expansion", CELL, temperature=300)


def test_a_run_of_no_sweeps_is_refused():
    simulation = MonteCarlo(MADE, CELL, temperature=300)
    with pytest.raises(ValueError, match="sweeps must be at least 1, got 0"):
        simulation.run(0)
    with pytest.raises(TypeError, match="record_every must be a whole number"):
        simulation.run(10, record_every=0.5)
    with pytest.raises(TypeError, match="an observer must be a function"):
        simulation.run(10, observers=["energy"])
    assert (simulation.sweeps, simulation.temperature) == (0, 300)


def test_setting_what_does_not_belong_is_refused():
    canonical = MonteCarlo(
        MADE,
        CELL,
        ensemble="canonical",
        temperature=300,
        concentrations={"Cu": 0.5, "Au": 0.5},
    )
    with pytest.raises(ValueError, match="in a canonical run the composition is fixed"):
        canonical.chemical_potentials = {"Au": 0.1}
    with pytest.raises(ValueError, match="above 0 K"):
        canonical.temperature = -1
    assert canonical.temperature == 300
    with pytest.raises(ValueError, match="kappa belongs to the VCSGC ensemble"):
        canonical.kappa = 5
    constrained = MonteCarlo(
        MADE, CELL, ensemble="vcsgc", temperature=300, phis={"Au": -1}, kappa=50
    )
    with pytest.raises(ValueError, match="kappa must be positive and finite, got -1"):
        constrained.kappa = -1
    assert constrained.kappa == 50
    for name in ("ensemble", "boltzmann_constant"):
        with pytest.raises(AttributeError):
            setattr(constrained, name, getattr(constrained, name))
    with pytest.raises(TypeError, match="atoms must be ASE Atoms, got a list"):
        constrained.set_atoms([29] * 27)


def test_files_that_are_no_states_are_refused_and_nothing_changes(tmp_path):
    simulation = MonteCarlo(MADE, CELL, temperature=300)
    with pytest.raises(FileNotFoundError):
        simulation.restore(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(ValueError, match="is no 'matlearn Monte Carlo state"):
        simulation.restore(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ValueError, match="is no 'matlearn Monte Carlo state"):
        simulation.restore(tmp_path / "other.npz")
    np.savez(tmp_path / "code.npz", about=np.array({"format": 1}, dtype=object))
    with pytest.raises(ValueError, match="is no 'matlearn Monte Carlo state"):
        simulation.restore(tmp_path / "code.npz")
    MonteCarlo(MADE, FCC.repeat(4), temperature=300).save(tmp_path / "larger.npz")
    with pytest.raises(ValueError, match="another expansion or supercell"):
        simulation.restore(tmp_path / "larger.npz")
    others = ClusterExpansion(ClusterSpace(FCC, [3.0], ["Ag", "Pd"]), MADE.parameters)
    silver = FCC.repeat(3)
    silver.symbols[:] = "Ag"
    MonteCarlo(others, silver, temperature=500).save(tmp_path / "silver.npz")
    with pytest.raises(ValueError, match="another expansion or supercell"):
        simulation.restore(tmp_path / "silver.npz")
    with pytest.raises(FileNotFoundError, match="no folder"):
        simulation.save(tmp_path / "nowhere" / "state.npz")
    assert (simulation.sweeps, simulation.temperature) == (0, 300)
    assert not list(tmp_path.glob("*.part"))


def test_a_truncated_state_is_refused(tmp_path):
    simulation = MonteCarlo(MADE, CELL, temperature=300)
    simulation.save(tmp_path / "state.npz")
    whole = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is no 'matlearn Monte Carlo state"):
        simulation.restore(tmp_path / "state.npz")


def nothing(atoms):
    pass


def energy(atoms):
    return 1.0


@pytest.mark.parametrize(
    ("observers", "error", "message"),
    [
        ([nothing], TypeError, "observer nothing must return a number or a dict .* got None"),
        ([lambda atoms: atoms.positions], TypeError, "must return a number"),
        ([lambda atoms: {"a": "b"}], TypeError, "must return a number or a dict .* got 'b'"),
        ([ShortRangeOrder], TypeError, r"got the class ShortRangeOrder: write ShortRangeOrder\("),
        ([energy], ValueError, "a name of its own for its column, got 'energy'"),
        ([lambda atoms: 1, lambda atoms: 2], ValueError, "got '<lambda>', which is there already"),
    ],
)
def test_observers_that_make_no_sense_are_named(observers, error, message):
    gas = bulk("Li", "sc", a=3.0).repeat(3)
    gas.symbols[::2] = "X"
    for simulation in (
        MonteCarlo(MADE, CELL, temperature=300),
        KineticMonteCarlo(0.3, gas, temperature=300, attempt_frequency=1e13),
    ):
        with pytest.raises(error, match=message):
            simulation.run(2, observers=observers)
        assert len(simulation.records) == 0


def test_an_observer_that_fails_loses_no_record_and_changes_no_trajectory():
    calls = []

    def fails(atoms):
        calls.append(1)
        return 1 / (5 - len(calls))

    straight, stopped = (MonteCarlo(MADE, CELL, temperature=300, seed=3) for _ in range(2))
    with pytest.raises(ZeroDivisionError):
        stopped.run(100, record_every=3, observers=fails)
    assert stopped.records["sweep"].tolist() == [3, 6, 9, 12]
    stopped.run(85)
    straight.run(100)
    np.testing.assert_array_equal(stopped.numbers, straight.numbers)
    assert stopped.energy == straight.energy


def test_a_unit_is_shown_where_temperatures_have_one():
    made = MonteCarlo(MADE, CELL, temperature=300)
    bare = MonteCarlo(MADE, CELL, temperature=2, boltzmann_constant=1)
    assert "T = 300 K," in repr(made)
    assert "T = 2," in repr(bare)
