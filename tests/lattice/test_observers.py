"""Observers, on structures whose order is known."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from icet import ClusterExpansion, ClusterSpace

from matlearn.lattice import KineticMonteCarlo, models
from matlearn.lattice.monte_carlo import MonteCarlo
from matlearn.lattice.observers import (
    HeatCapacity,
    LongRangeOrder,
    Magnetization,
    ShortRangeOrder,
    StructureFactor,
    SublatticeConcentrations,
)


def fcc(size: int = 4) -> Atoms:
    return bulk("Cu", cubic=True, a=4.0).repeat(size)


def l1_2() -> Atoms:
    cell = bulk("Cu", cubic=True, a=3.8)
    cell.symbols[0] = "Au"
    return cell


def l1_0() -> Atoms:
    cell = bulk("Cu", cubic=True, a=3.8)
    cell.symbols[[0, 3]] = "Au"
    return cell


def b2() -> Atoms:
    cell = bulk("Fe", cubic=True, a=2.9)
    cell.symbols[1] = "Al"
    return cell


def randomly(atoms: Atoms, symbols: list[str], seed: int = 0, p=None) -> Atoms:
    atoms = atoms.copy()
    atoms.symbols = np.random.default_rng(seed).choice(symbols, size=len(atoms), p=p)
    return atoms


def test_short_range_order_of_ordered_structures_by_hand():
    # L1_2: around Au (c = 1/4) 12 Cu, then 6 Au; L1_0: 8 Cu and 4 Au, then 6 Au; B2: all 8 unlike
    found = ShortRangeOrder(2)(l1_2().repeat(3))
    assert found == pytest.approx({"sro_Cu_Au_1": 1 - 1 / 0.75, "sro_Cu_Au_2": 1})
    found = ShortRangeOrder(2)(l1_0().repeat(3))
    assert found == pytest.approx({"sro_Cu_Au_1": 1 - (8 / 12) / 0.5, "sro_Cu_Au_2": 1})
    found = ShortRangeOrder(3)(b2().repeat(4))
    assert list(found.values()) == pytest.approx([-1, 1, 1])


def test_short_range_order_is_counted_right_in_cells_where_neighbours_meet_again():
    small, large = l1_2(), l1_2().repeat(4)
    assert ShortRangeOrder(4)(small) == pytest.approx(ShortRangeOrder(4)(large))


def test_short_range_order_of_three_species_obeys_its_sum_rule():
    atoms = randomly(fcc(5), ["Cu", "Ni", "Au"], p=[0.5, 0.2, 0.3])
    found = ShortRangeOrder(1)(atoms)
    assert set(found) == {"sro_Ni_Cu_1", "sro_Cu_Au_1", "sro_Ni_Au_1"}
    c = {s: np.mean(atoms.symbols == s) for s in ("Cu", "Ni", "Au")}
    # around a Cu atom: P(Ni) + P(Au) + P(Cu) = 1, where P(Cu) is counted here
    i, j = neighbor_list("ij", atoms, 2.9)
    cu = atoms.symbols == "Cu"
    like = (cu[i] & cu[j]).sum() / cu[i].sum()
    others = c["Ni"] * (1 - found["sro_Ni_Cu_1"]) + c["Au"] * (1 - found["sro_Cu_Au_1"])
    assert like + others == pytest.approx(1)
    # random: within 4 standard errors, 3000 bonds
    assert abs(found["sro_Cu_Au_1"]) < 4 / np.sqrt(3000)


def test_short_range_order_is_no_number_without_one_of_the_species():
    assert ShortRangeOrder(1)(fcc(2)) == {}
    observer = ShortRangeOrder(1)
    observer(l1_2().repeat(2))
    assert np.isnan(observer._read(fcc(2).numbers)["sro_Cu_Au_1"])


@pytest.mark.parametrize(
    ("ordered", "variants"), [(l1_2(), 4), (l1_0(), 6), (b2(), 2)], ids=["L1_2", "L1_0", "B2"]
)
def test_every_domain_of_an_ordered_structure_is_fully_ordered(ordered, variants):
    observer = LongRangeOrder(ordered)
    crystal = ordered.repeat(2)
    seen = set()
    for turn in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        for shift in ordered.positions:
            turned = crystal.copy()
            turned.positions = (crystal.positions + shift)[:, turn]
            turned.wrap()
            order = np.lexsort(np.round(turned.positions.T, 6))
            turned = turned[order]
            seen.add(tuple(turned.numbers))
            assert observer(turned) == {"long_range_order": 1.0}
    assert len(seen) == variants == observer.n_variants


def test_a_primitive_cell_of_the_ordered_structure_gives_the_same_variants():
    edge = 3.8 / 2
    primitive = Atoms(
        "AuCu", cell=[[edge, edge, 0], [edge, -edge, 0], [0, 0, 2 * edge]],
        positions=[[0, 0, 0], [edge, 0, edge]], pbc=True,
    )  # fmt: skip
    atoms = randomly(fcc(4), ["Cu", "Au"])
    one, other = LongRangeOrder(l1_0()), LongRangeOrder(primitive)
    assert one(atoms) == other(atoms)
    assert other.n_variants == 6


def test_long_range_order_is_the_fraction_that_is_in_place():
    crystal = l1_2().repeat(5)
    rng = np.random.default_rng(1)
    gold, copper = np.flatnonzero(crystal.symbols == "Au"), np.flatnonzero(crystal.symbols == "Cu")
    wrong = 25  # of 125 gold sites, and of 375 copper sites
    a, b = rng.choice(gold, wrong, replace=False), rng.choice(copper, wrong, replace=False)
    crystal.numbers[a], crystal.numbers[b] = crystal.numbers[b], crystal.numbers[a].copy()
    expected = (1 - wrong / 125) + (1 - wrong / 375) - 1  # r_A + r_B - 1
    assert LongRangeOrder(l1_2())(crystal)["long_range_order"] == pytest.approx(expected)
    disordered = randomly(fcc(8), ["Cu", "Au"], p=[0.75, 0.25])
    assert 0 <= LongRangeOrder(l1_2())(disordered)["long_range_order"] < 0.15


def test_long_range_order_counts_only_the_variants_that_fit():
    layers = LongRangeOrder(l1_0())
    cell = np.array([[0.5, 0.5, 0], [0.5, -0.5, 0], [0, 0, 1]]) * 4.0  # no room for layers along x
    atoms = Atoms("Cu2", cell=cell, positions=[[0, 0, 0], [2, 0, 2]], pbc=True)
    atoms = atoms.repeat((3, 3, 2))
    layers(randomly(atoms, ["Cu", "Au"]))
    assert layers.n_variants == 2
    with pytest.raises(ValueError, match=r"no variant .* fits .* incommensurate"):
        LongRangeOrder(l1_2())(randomly(bulk("Cu", a=4.0).repeat(3), ["Cu", "Au"]))


def test_structure_factors_see_every_domain_and_random_alloys_scatter_one_laue_unit():
    star = {"X": [(1, 0, 0), (0, 1, 0), (0, 0, 1)]}
    observer = StructureFactor(star, lattice_constant=4.0, species="Au")
    crystal = l1_0()
    crystal.set_cell([4.0] * 3, scale_atoms=True)
    crystal = crystal.repeat(3)
    assert observer(crystal) == pytest.approx({"structure_factor_X": len(crystal)})
    atoms = fcc(4)
    found = [
        observer(randomly(atoms, ["Cu", "Au"], seed))["structure_factor_X"] for seed in range(200)
    ]
    # 3 exponential variables of mean 1 each (nearly: one sum over the sites is fixed)
    assert np.mean(found) == pytest.approx(3, abs=4 * np.sqrt(6 / 200))
    with pytest.raises(ValueError, match=r"'X' does not fit .* 1.5"):
        observer(randomly(bulk("Cu", a=4.0).repeat(3), ["Cu", "Au"]))


def test_magnetization_and_sublattice_concentrations():
    atoms = models.supercell("square", 4)
    atoms.symbols[:4] = "Au"
    assert Magnetization()(atoms) == {"magnetization": -0.5, "abs_magnetization": 0.5}
    assert SublatticeConcentrations()(atoms)["concentration_Au_A"] == 0.25
    with pytest.raises(ValueError, match=r"species must be those of the model \(Cu\)"):
        Magnetization()(fcc(1))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ShortRangeOrder(0), ValueError, r"shells must be .* at least 1, got 0"),
        (lambda: LongRangeOrder(fcc(1)), ValueError, r"at least two species"),
        (lambda: LongRangeOrder("L1_2"), TypeError, r"ordered must be ASE Atoms"),
        (lambda: LongRangeOrder(b2())(randomly(fcc(2), ["Fe", "Al"])), ValueError, r"not on the lat"),
        (lambda: LongRangeOrder(b2())(fcc(2)), ValueError, r"holds Al, which is not a species"),
        (lambda: StructureFactor({"X": (1, 0)}, lattice_constant=4, species="Au"), ValueError, r"thr"),
        (lambda: StructureFactor({}, lattice_constant=0, species="Au"), ValueError, r"lattice_const"),
        (lambda: Magnetization(("Up", "Au")), ValueError, r"'Up' is not the symbol"),
        (lambda: Magnetization()("Au"), TypeError, r"measures ASE Atoms, got a str"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_observers_can_be_sent_to_workers():
    observer = LongRangeOrder(l1_2())
    crystal = randomly(fcc(2), ["Cu", "Au"])
    assert pickle.loads(pickle.dumps(observer))(crystal) == observer(crystal)


def rocksalt() -> tuple[ClusterExpansion, Atoms]:
    space = ClusterSpace(
        bulk("NaCl", "rocksalt", a=5.6, cubic=True), [4.1],
        [["Na", "Li"] if k % 2 == 0 else ["Cl", "O"] for k in range(8)],
    )  # fmt: skip
    parameters = np.zeros(len(space))
    parameters[-3:] = 0.05, -0.05, 0.02
    atoms = bulk("NaCl", "rocksalt", a=5.6, cubic=True).repeat(2)
    rng = np.random.default_rng(2)
    atoms.symbols[0::2] = rng.choice(["Na", "Li"], size=32)
    atoms.symbols[1::2] = rng.choice(["Cl", "O"], size=32)
    return ClusterExpansion(space, parameters), atoms


def test_several_sublattices_are_told_apart_in_a_simulation():
    expansion, atoms = rocksalt()
    simulation = MonteCarlo(expansion, atoms, ensemble="canonical", temperature=400, seed=3)
    frame = simulation.run(20, observers=[ShortRangeOrder(2), SublatticeConcentrations()])
    first = [c for c in frame if c.endswith("_1")]
    second = [c for c in frame if c.endswith("_2")]
    assert {frozenset(c[4:-2].replace(".", "_").split("_")[0::2]) for c in first} == {
        frozenset(pair) for pair in (("Na", "Cl"), ("Na", "O"), ("Li", "Cl"), ("Li", "O"))
    }  # nearest neighbours are of the other sublattice
    assert len(second) == 2  # next ones of the same: Li-Na and O-Cl
    now = simulation.atoms
    i, j = neighbor_list("ij", now, 2.9)
    symbols = np.array(now.get_chemical_symbols())
    for column in first:
        a, b = (part.split(".")[0] for part in column[4:-2].split("_"))
        of_a = symbols[i] == a
        expected = 1 - (symbols[j][of_a] == b).mean() / (symbols == b).sum() * 32
        assert frame[column].iloc[-1] == pytest.approx(expected)
    oxygen = next(c for c in frame if c.startswith("concentration_O_"))
    assert frame[oxygen].iloc[-1] == pytest.approx((symbols == "O").sum() / 32)


def test_order_on_one_sublattice_leaves_the_other_out():
    expansion, atoms = rocksalt()
    ordered = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    ordered.symbols[[0, 2]] = "Li"
    atoms.symbols[0::2] = np.tile(ordered.get_chemical_symbols()[0::2], 8)
    observer = LongRangeOrder(ordered)
    found = observer.measure(MonteCarlo(expansion, atoms, temperature=400))
    assert found == {"long_range_order": 1.0}  # whatever chlorine and oxygen do
    assert observer.n_variants == 6


def test_the_running_heat_capacity_is_that_of_all_energies_since_the_last_change():
    model = models.ising("square")
    simulation = MonteCarlo(
        model, models.supercell("square", 8), temperature=3.0, boltzmann_constant=1.0,
        chemical_potentials={"Au": 0.4},
    )  # fmt: skip
    observer = HeatCapacity()
    simulation.run(50, observers=[observer])
    simulation.temperature = 4.0
    frame = simulation.run(100, observers=[observer])
    grand = frame["energy"] - 0.4 * 64 * frame["concentration_Au"]
    assert frame["heat_capacity"].iloc[-1] == pytest.approx(grand.var() / 16 / 64)
    assert np.isnan(frame["heat_capacity"].iloc[0])


def test_each_run_begins_a_heat_capacity_anew_and_kinetic_runs_have_none():
    model = models.ising("square")
    simulation = MonteCarlo(
        model, models.supercell("square", 8), temperature=3.0, boltzmann_constant=1.0
    )
    observer = HeatCapacity()
    simulation.run(50, observers=[observer])
    frame = simulation.run(100, observers=[observer])
    assert frame["heat_capacity"].iloc[-1] == pytest.approx(frame["energy"].var() / 9 / 64)
    gas = models.supercell("square", 4, fill="X")
    gas.symbols[0] = "Li"
    kinetic = KineticMonteCarlo(0.3, gas, temperature=300.0, attempt_frequency=1e13)
    with pytest.raises(TypeError, match="those of a KineticMonteCarlo have weights"):
        kinetic.run(10, observers=[observer])


def test_observers_know_what_they_were_made_with():
    one, other = ShortRangeOrder(2), ShortRangeOrder(3)
    assert one.given == ShortRangeOrder(2).given != other.given
    assert pickle.loads(pickle.dumps(one)).given == one.given
    waves = [
        StructureFactor({"X": q}, lattice_constant=4.0, species="Cu")
        for q in ((1, 0, 0), (1, 1, 0))
    ]
    assert waves[0].given != waves[1].given
