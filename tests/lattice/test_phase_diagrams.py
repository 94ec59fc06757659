"""Phase diagrams: envelopes and crossings of given curves, exact results, resuming."""

from __future__ import annotations

import warnings

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms

from matlearn.lattice import exact, models
from matlearn.lattice._order.patterns import BinaryLattice
from matlearn.lattice._phases.envelopes import Branch, crossings, grouped
from matlearn.lattice._phases.excitations import Excitations
from matlearn.lattice._phases.hull_phases import hull_phases
from matlearn.lattice.monte_carlo import MonteCarlo
from matlearn.lattice.phase_diagrams import phase_diagram

mpl.use("Agg")
SQUARE = models.ising("square")
ANTI = models.ising("fcc", coupling=-1.0)
QUIET = {"boltzmann_constant": 1.0, "workers": 1, "progress": False, "max_atoms": 2}


def ideal(phase, low, high, *, at=0.0, depth=0.0, order=0.0, n=12) -> Branch:
    """A phase whose x(mu) is known: an ideal solution of kT = 1 between order and 1 - order."""
    mu = np.linspace(low, high, n)
    share = 1 / (1 + np.exp(-(mu - at)))
    width = 1 - 2 * order
    phi = -width * np.log1p(np.exp(mu - at)) - order * mu - depth
    x = order + width * share
    small = np.full(n, 1e-5)
    return Branch(phase, mu, phi, small, x, small, width * share * (1 - share))


def test_two_curves_cross_where_their_common_tangent_touches():
    left = ideal("a", -4.0, 1.0, at=1.0)
    right = ideal("b", -1.0, 4.0, at=-1.0, depth=-1.0)
    (found,), segments = crossings(grouped([left, right], {"a": False, "b": False}))
    difference = left.potential(found.mu) - right.potential(found.mu)
    assert difference == pytest.approx(0.0, abs=1e-9)
    assert (found.left, found.right, found.kind) == ("a", "b", "crossing")
    assert found.x_left == pytest.approx(1 / (1 + np.exp(1.0 - found.mu)), abs=1e-3)
    assert found.x_right == pytest.approx(1 / (1 + np.exp(-1.0 - found.mu)), abs=1e-3)
    assert found.mu_error == pytest.approx(np.sqrt(2) * 1e-5 / (found.x_right - found.x_left), 0.1)
    assert [round(a, 3) for a, _, _ in segments] == [-4.0, round(found.mu, 3)]


def test_branches_of_one_solution_are_one_phase_and_have_no_boundary():
    first, second = ideal("disordered", -4.0, 2.0), ideal("disordered", -1.0, 4.0, n=9)
    groups = grouped([first, second], {"disordered": True})
    assert len(groups) == 1
    assert crossings(groups)[0] == []


def test_phases_that_were_not_followed_to_each_other_are_bracketed():
    left, right = ideal("a", -4.0, -0.5), ideal("b", 0.5, 4.0, order=0.2)
    (found,), _ = crossings(grouped([left, right], {"a": False, "b": False}))
    assert found.kind == "bracket"
    assert (found.mu, found.mu_error) == (pytest.approx(0.0), pytest.approx(0.5))
    short = ideal("a", -4.0, -0.5, at=1.0, depth=0.3)  # lost while still the lower one
    (found,), _ = crossings(grouped([short, ideal("b", -2.0, 4.0)], {"a": False, "b": False}))
    assert found.kind == "extrapolated"
    assert abs(found.mu + 0.364) < found.mu_error + 0.01  # where the whole curve would cross


def test_a_phase_that_grows_out_of_another_meets_it_continuously():
    left, right = ideal("a", -4.0, 0.4), ideal("b", -0.4, 4.0)
    (found,), _ = crossings(grouped([left, right], {"a": False, "b": False}))
    assert found.kind == "continuous"
    assert found.x_left == pytest.approx(0.5, abs=0.01)


def test_ordered_structures_fit_only_into_their_multiples():
    lattice = BinaryLattice.of(ANTI)
    layered = models.supercell("fcc", 1)
    layered.numbers = np.where(layered.positions[:, 2] > 0.1, 79, 47)
    for size, fits in ((2, True), (3, True)):
        filled = lattice.laid_over(layered, models.supercell("fcc", size))
        assert (filled is not None) == fits
        assert ANTI.predict(filled) == pytest.approx(-2.0)
    assert lattice.laid_over(layered, ANTI.get_cluster_space_copy().primitive_structure) is None
    pattern = lattice.pattern("own", lattice.laid_over(layered, models.supercell("fcc", 4)))
    simulation = MonteCarlo(ANTI, pattern.atoms, temperature=1.0, boltzmann_constant=1.0)
    assert pattern.compare(simulation) == pytest.approx({"order_own": 1.0, "overlap_own": 1.0})
    turned = pattern.atoms.copy()
    turned.numbers = np.where(np.rint(turned.positions[:, 0] * np.sqrt(2)) % 2, 47, 79)
    simulation.set_atoms(turned)
    assert pattern.compare(simulation) == pytest.approx({"order_own": 1.0, "overlap_own": 1.0})


def test_order_is_told_from_another_with_the_same_peaks_in_each_variant():
    lattice = BinaryLattice.of(ANTI)
    cube = models.supercell("fcc", 1)
    patterns = {}
    for name, numbers in {"L1_2": [79, 47, 47, 47], "L1_0": [79, 47, 47, 79]}.items():
        cube.numbers = numbers
        patterns[name] = lattice.pattern(name, lattice.laid_over(cube, cube.repeat((2, 2, 3))))
    simulation = MonteCarlo(ANTI, patterns["L1_2"].atoms, temperature=1.0, boltzmann_constant=1.0)
    for name, other, variants in (("L1_2", "L1_0", 4), ("L1_0", "L1_2", 6)):
        assert len(lattice.variants(patterns[name])) == variants
        for shift in range(4):  # the four sublattices of the cube
            atoms = patterns[name].atoms
            cells = atoms.numbers.reshape(-1, 4)
            simulation.set_atoms(Atoms(np.roll(cells, shift, axis=1).ravel(), atoms.positions,
                                       cell=atoms.cell, pbc=True))  # fmt: skip
            own = patterns[name].compare(simulation)
            assert own[f"overlap_{name}"] == pytest.approx(own[f"order_{name}"])
            found = patterns[other].compare(simulation)
            assert found[f"overlap_{other}"] ** 2 < 0.6 * found[f"order_{other}"] ** 2


def test_ground_states_on_the_hull_and_their_chemical_potentials():
    lattice = BinaryLattice.of(ANTI)
    hull = hull_phases(ANTI, lattice, models.supercell("fcc", 4), None, 4)
    assert hull.names == ("Ag", "Ag3Au", "AgAu", "AgAu3", "Au")
    assert hull.limits == pytest.approx((-24.0, -8.0, 8.0, 24.0))  # E = 6, 0, -2, 0, 6 J
    six = ANTI.get_cluster_space_copy().primitive_structure.repeat(6)
    with warnings.catch_warnings():  # D0_22 does not fit, but L1_2 has the same energy and does
        warnings.simplefilter("error", UserWarning)
        assert hull_phases(ANTI, lattice, six, None, 4).left_out == ()
    with pytest.warns(UserWarning, match="do not fit into the supercell"):
        cell = ANTI.get_cluster_space_copy().primitive_structure.repeat(3)
        assert hull_phases(ANTI, lattice, cell, None, 2).names == ("Ag", "Au")


def test_low_temperature_expansion_knows_what_single_atoms_cost():
    lattice = BinaryLattice.of(SQUARE)
    cell = models.supercell("square", 8)
    simulation = MonteCarlo(SQUARE, cell, temperature=1.0, boltzmann_constant=1.0)
    pure = lattice.pattern("Ag", cell)
    found = Excitations.of(simulation, lattice, pure)
    assert found.energy == pytest.approx(-2.0)
    assert found.costs == pytest.approx(8.0)
    row = found.row(1.2, 0.0, 1.0)
    assert 1.2 * row["psi"] == pytest.approx(exact.onsager_free_energy(1.2), abs=2e-4)
    assert row["x"] == pytest.approx((1 - exact.onsager_magnetization(1.2)) / 2, abs=3e-4)
    assert found.row(1.2, 1.0, 1.0) is None  # too many excitations


@pytest.fixture(scope="module")
def gap():
    return phase_diagram(
        SQUARE, models.supercell("square", 24), temperatures=[1.8, 2.0, 3.0], seed=2, **QUIET
    )


def test_miscibility_gap_of_the_square_lattice_is_onsagers(gap):
    assert gap.boundaries["temperature"].tolist() == [1.8, 2.0]  # at 3.0 all mixes
    for _, row in gap.boundaries.iterrows():
        x = (1 - exact.onsager_magnetization(row["temperature"])) / 2
        assert abs(row["x_left"] - x) < 4 * row["x_left_error"] + 1e-4
        assert abs(row["x_right"] - (1 - x)) < 4 * row["x_right_error"] + 1e-4
        assert max(row["x_left_error"], row["x_right_error"]) < 0.02
        assert abs(row["mu"]) < 4 * row["mu_error"]
        assert (row["phase_left"], row["phase_right"]) == ("disordered", "disordered")


def test_states_that_were_reached_on_two_ways_agree(gap):
    assert len(gap.checks) == 1
    assert abs(gap.checks["difference"][0]) < 4 * gap.checks["error"][0]
    states = gap.single_phase.query("temperature == 3.0 and stable")
    high = states[states["mu"].abs() < 3]
    assert ((high["x"] > 0.5) == (high["mu"] > 0)).mean() > 0.8


def test_a_diagram_is_frames_a_line_and_a_figure(gap):
    assert repr(gap).startswith("PhaseDiagram(Ag-Au, 1.8 to 3 J/kB, 2 boundaries of Ag, Au")
    assert gap.to_frame().equals(gap.boundaries)
    assert gap.tie_lines["temperature"].tolist() == [0.0, 1.8, 2.0]
    assert gap.tie_lines["x_right"][0] == 1.0
    assert gap.plot().get_xlabel()


def test_ordered_phases_of_an_alloy_follow_one_another_as_symmetry_demands():
    model = models.ising("fcc", coupling=[-1.0, 0.25])  # symmetric under x -> 1 - x, mu -> -mu
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        diagram = phase_diagram(
            model, models.supercell("fcc", 4), temperatures=[1.2, 4.0], sweeps=60,
            equilibration=20, **{**QUIET, "max_atoms": 4},
        )  # fmt: skip
    assert diagram.ground_states["phase"].tolist() == ["Ag", "Ag3Au", "AgAu", "AgAu3", "Au"]
    assert set(diagram.boundaries["temperature"]) == {1.2}  # at 4.0 all mixes
    low = diagram.boundaries
    assert [*low["phase_left"], low["phase_right"].iloc[-1]] == [
        "disordered", "Ag3Au", "AgAu", "AgAu3", "disordered",
    ]  # fmt: skip
    for name, sign in (("x_left", 1.0), ("x_right", 1.0), ("mu", 0.0)):
        mirrored = {"x_left": "x_right", "x_right": "x_left", "mu": "mu"}[name]
        off = low[name].to_numpy() + low[mirrored].to_numpy()[::-1] - sign
        error = np.hypot(low[f"{name}_error"], low[f"{mirrored}_error"].to_numpy()[::-1])
        assert np.abs(off).max() < (4 * error + 0.03).max()
    assert low["mu"].to_numpy() == pytest.approx([-23.7, -7.9, 7.9, 23.7], abs=0.3)
    assert diagram.tie_lines["temperature"].tolist() == [0.0] * 4 + [1.2] * 4


def test_neither_the_order_of_temperatures_nor_the_number_of_workers_matters():
    cell, few = models.supercell("square", 8), {"sweeps": 20, "equilibration": 5}
    one = phase_diagram(SQUARE, cell, temperatures=[1.6, 1.0, 1.3, 1.0], **few, **QUIET)
    two = phase_diagram(
        SQUARE, cell, temperatures=[1.0, 1.3, 1.6], **few, **{**QUIET, "workers": 2}
    )
    assert one.temperatures == (1.0, 1.3, 1.6)
    assert one.boundaries.equals(two.boundaries)
    assert one.single_phase.equals(two.single_phase)


def test_an_order_that_has_no_room_is_missed_aloud():
    checkerboard = models.ising("square", coupling=-1.0)
    with pytest.warns(UserWarning, match="do not fit into the supercell"):
        diagram = phase_diagram(
            checkerboard, models.supercell("square", 7), temperatures=[1.0], sweeps=40,
            equilibration=10, **QUIET,
        )  # fmt: skip
    assert any("an order that is none of the phases" in note for note in diagram.notes)


def test_an_interrupted_diagram_goes_on_and_another_is_refused(tmp_path, monkeypatch):
    import matlearn.lattice._phases.tracing as tracing

    store = tmp_path / "diagram.db"
    cell = models.supercell("square", 8)
    arguments = {"temperatures": [1.0, 1.3], "sweeps": 20, "equilibration": 5, **QUIET}
    whole = phase_diagram(SQUARE, cell, **arguments)
    done = []
    work = tracing.Tracer.__call__

    def once(tracer, task):
        if done:
            raise KeyboardInterrupt
        done.append(task["temperature"])
        return work(tracer, task)

    monkeypatch.setattr(tracing.Tracer, "__call__", once)
    with pytest.raises(KeyboardInterrupt):
        phase_diagram(SQUARE, cell, store=store, **arguments)
    monkeypatch.setattr(tracing.Tracer, "__call__", lambda t, task: done.append(0) or work(t, task))
    resumed = phase_diagram(SQUARE, cell, store=store, **arguments)
    assert done == [1.0, 0]
    assert resumed.boundaries.equals(whole.boundaries)
    with pytest.raises(ValueError, match="holds a phase diagram of another"):
        phase_diagram(SQUARE, cell, store=store, **{**arguments, "sweeps": 30})


def test_arguments_that_make_no_sense_are_errors():
    cell = models.supercell("square", 8)
    with pytest.raises(ValueError, match="temperatures must be positive"):
        phase_diagram(SQUARE, cell, temperatures=[-1.0], **QUIET)
    with pytest.raises(ValueError, match="sweeps must be a whole number"):
        phase_diagram(SQUARE, cell, temperatures=[1.0], sweeps=2, **QUIET)
    for given, message in (
        ([0.25, 0.5], "not a composition"), (models.supercell("square", 2), "must be a list"),
        ({"a": models.supercell("fcc", 1)}, r"phases\['a'\] is no structure of"),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError), match=message):
            phase_diagram(SQUARE, cell, temperatures=[1.0], phases=given, **QUIET)
    with pytest.raises(TypeError, match="temperatures must be numbers, got 'hot'"):
        phase_diagram(SQUARE, cell, temperatures="hot", **QUIET)
    ternary = models.pair_model("fcc", [{("Cu", "Au"): -1.0}], species=["Cu", "Ag", "Au"])
    with pytest.raises(ValueError, match="must be of a binary"):
        phase_diagram(ternary, models.supercell("fcc", 2), temperatures=[1.0], **QUIET)
