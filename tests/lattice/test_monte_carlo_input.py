import numpy as np
import pytest
from expansions import FCC, expansion

from matlearn.lattice import MonteCarlo

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
        ({"kappa": 0}, "must be positive"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        MonteCarlo(MADE, CELL, **{"temperature": 300, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temperature": "hot"}, "temperature must be a number, got 'hot'"),
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
    assert simulation.sweeps == 0


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
    with pytest.raises(FileNotFoundError, match="no folder"):
        simulation.save(tmp_path / "nowhere" / "state.npz")
    assert simulation.sweeps == 0
    assert not list(tmp_path.glob("*.part"))


def test_a_truncated_state_is_refused(tmp_path):
    simulation = MonteCarlo(MADE, CELL, temperature=300)
    simulation.save(tmp_path / "state.npz")
    whole = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is no 'matlearn Monte Carlo state"):
        simulation.restore(tmp_path / "state.npz")
