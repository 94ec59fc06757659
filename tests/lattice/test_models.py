"""Textbook models as cluster expansions, against sums over bonds worked out here."""

from __future__ import annotations

import numpy as np
import pytest
from ase.neighborlist import neighbor_list

from matlearn.lattice import models

NEIGHBOURS = {
    "chain": 2,
    "square": 4,
    "triangular": 6,
    "honeycomb": 3,
    "sc": 6,
    "bcc": 8,
    "fcc": 12,
}


def scrambled(lattice: str, size, symbols, seed: int = 0):
    atoms = models.supercell(lattice, size)
    rng = np.random.default_rng(seed)
    atoms.symbols = rng.choice(symbols, size=len(atoms))
    return atoms


@pytest.mark.parametrize("lattice", models.LATTICES)
def test_the_ferromagnets_ground_state_has_half_its_neighbours_bonds(lattice):
    model = models.ising(lattice, coupling=1.5)
    for fill in ("Ag", "Au"):
        energy = model.predict(models.supercell(lattice, 3, fill=fill))
        assert energy == pytest.approx(-1.5 * NEIGHBOURS[lattice] / 2, abs=1e-12)
    assert model.parameters[:-1] == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("lattice", models.LATTICES)
def test_energies_of_random_spins_are_sums_over_shells_and_field(lattice):
    solid = lattice in ("sc", "bcc", "fcc")
    couplings, field = [1.0, -0.4, 0.15][: 2 if solid else 3], 0.3
    model = models.ising(lattice, coupling=couplings, field=field)
    atoms = scrambled(lattice, 3 if solid else 6, ["Ag", "Au"])
    spin = models.spins(atoms).astype(float)
    energy = -field * spin.sum()
    for coupling, distance in zip(
        couplings, models.shell_distances(lattice, len(couplings)), strict=True
    ):
        i, j, d = neighbor_list("ijd", atoms, distance + 0.01)
        shell = d > distance - 0.01
        energy -= coupling * (spin[i[shell]] * spin[j[shell]]).sum() / 2
    assert len(atoms) * model.predict(atoms) == pytest.approx(energy, abs=1e-10)


def test_couplings_may_be_any_numbers():
    up = models.supercell("square", 4, fill="Au")
    for coupling in (1, np.int64(1), np.array([1.0]), (1.0, 0)):
        assert models.ising("square", coupling=coupling).predict(up) == pytest.approx(-2.0)


def test_a_square_by_hand():
    atoms = models.supercell("square", 8)
    checkerboard = (atoms.positions[:, :2].sum(axis=1).round() % 2).astype(bool)
    atoms.symbols = np.where(checkerboard, "Au", "Ag")
    assert models.ising("square").predict(atoms) == pytest.approx(2.0)
    assert models.ising("square", coupling=-1.0).predict(atoms) == pytest.approx(-2.0)
    atoms.symbols = ["Au"] * len(atoms)
    assert models.ising("square", field=0.25).predict(atoms) == pytest.approx(-2.25)


def test_which_element_is_up_is_for_the_caller_to_say():
    atoms = models.supercell("sc", 2, fill="Cu")
    assert models.ising("sc", field=1.0, species=("Au", "Cu")).predict(atoms) == pytest.approx(-4)
    assert models.ising("sc", field=1.0, species=("Cu", "Au")).predict(atoms) == pytest.approx(-2)
    assert (models.spins(atoms, species=("Cu", "Au")) == -1).all()


def test_three_species_and_vacancies():
    bonds = [
        {("Li", "Li"): -0.05, ("Li", "Na"): 0.02, ("Na", "Na"): 0.07},
        {("Na", "Li"): -0.01},
    ]
    alone = {"Li": -0.3, "Na": 0.1}
    model = models.pair_model("fcc", bonds, species=["Na", "X", "Li"], sites=alone)
    atoms = scrambled("fcc", 3, ["Li", "Na", "X"], seed=3)
    symbols = np.array(atoms.get_chemical_symbols())
    energy = sum(alone.get(s, 0.0) for s in symbols)
    for shell, distance in zip(bonds, models.shell_distances("fcc", 2), strict=True):
        i, j, d = neighbor_list("ijd", atoms, distance + 0.01)
        for a, b in zip(
            symbols[i[d > distance - 0.01]], symbols[j[d > distance - 0.01]], strict=True
        ):
            energy += 0.5 * shell.get((a, b), shell.get((b, a), 0.0))
    assert len(atoms) * model.predict(atoms) == pytest.approx(energy, abs=1e-10)


def test_without_interactions_all_parameters_are_zero():
    gas = models.pair_model("sc", [{}], species=["Li", "X"])
    assert (gas.parameters == 0).all()
    assert models.ising("square", coupling=-1.0).parameters.tolist() == [0.0, 0.0, 2.0]


def test_lattices_have_neighbours_at_distance_one_and_the_sizes_promised():
    for lattice, number in NEIGHBOURS.items():
        atoms = models.supercell(lattice, 3)
        assert len(neighbor_list("i", atoms, 1.01)) == number * len(atoms)
        assert len(neighbor_list("i", atoms, 0.99)) == 0
    assert len(models.supercell("square", (4, 6))) == 24
    assert models.shell_distances("fcc", 3) == pytest.approx(np.sqrt([1, 2, 3]))
    assert models.shell_distances("honeycomb", 3) == pytest.approx(np.sqrt([1, 3, 4]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: models.ising("kagome"), r"lattice must be one of chain, .*; got 'kagome'"),
        (lambda: models.ising("sc", species=("Cu", "Cu")), r"two or more different elements"),
        (lambda: models.ising("sc", species=("Cu", "Ag", "Au")), r"two elements, for down and up"),
        (lambda: models.pair_model("sc", [], species=["Cu", "Au"]), r"at least one shell"),
        (lambda: models.pair_model("sc", [{("Cu", "Ni"): 1.0}], species=["Cu", "Au"]), r"'Ni' is not"),
        (lambda: models.pair_model("sc", [{("Cu", "Au"): np.nan}], species=["Cu", "Au"]), r"finite"),
        (lambda: models.pair_model("sc", [{("Cu", "Au"): 1.0, ("Au", "Cu"): 2.0}],
                                   species=["Cu", "Au"]), r"Cu-Au has two energies"),
        (lambda: models.ising("sc", field=np.nan), r"by itself must be finite"),
        (lambda: models.supercell("square", (4, 4, 4)), r"2 of them for 'square'"),
        (lambda: models.supercell("square", 0), r"positive whole number"),
        (lambda: models.shell_distances("chain", 99), r"at most to a distance of 10"),
        (lambda: models.spins(models.supercell("sc", 2, fill="Cu")), r"Ag and Au alone"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
