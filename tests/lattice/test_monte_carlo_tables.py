import numpy as np
import pytest
from ase.build import bulk, make_supercell
from expansions import CASES, FCC, HCP, ROCKSALT, case, expansion, random_occupations
from icet import ClusterExpansion, ClusterSpace

from matlearn.lattice._engine.tables import build_tables
from matlearn.lattice._kernels.energy import (
    all_fields,
    change_fields,
    difference,
    flip_difference,
    site_sums,
    swap_difference,
)
from matlearn.lattice._kernels.model import new_work


def energy(model, occupations):
    values = model.values(occupations)
    fields, near = np.empty(len(values)), np.empty(model.tables.slots.shape[1])
    return model.constant + all_fields(values, model.tables, near, fields), fields


@pytest.mark.parametrize("name", CASES)
def test_energies_and_differences_are_those_of_icet(name):
    made, supercell, model = case(name)
    random = np.random.default_rng(1)
    for _ in range(100):
        occupations = random_occupations(model, random)
        supercell.numbers = model.numbers(occupations)
        total, fields = energy(model, occupations)
        assert total == pytest.approx(len(supercell) * made.predict(supercell), abs=1e-9)
        site = random.choice(model.active)
        c = model.tables.site_class[site]
        new = (occupations[site] + random.integers(1, model.tables.n_species[c])) % (
            model.tables.n_species[c]
        )
        values = model.values(occupations)
        found = flip_difference(
            site, new, occupations, values, model.tables, new_work(model.tables)
        )
        flipped = occupations.copy()
        flipped[site] = new
        after, fields_after = energy(model, flipped)
        assert found == pytest.approx(after - total, abs=1e-10)
        change = model.tables.functions[c, :, new] - model.tables.functions[c, :, occupations[site]]
        near, slopes = np.empty((2, model.tables.slots.shape[1]))
        change_fields(site, values, change, fields, model.tables, near, slopes)
        np.testing.assert_allclose(fields, fields_after, atol=1e-10)


@pytest.mark.parametrize("name", ["quadruplets", "ternary", "two active sublattices", "hcp"])
def test_swap_differences_are_those_of_icet(name):
    made, supercell, model = case(name)
    random = np.random.default_rng(2)
    for _ in range(30):
        occupations = random_occupations(model, random)
        _, sites = model.sublattices[random.integers(len(model.sublattices))]
        i, j = random.choice(sites, 2, replace=False)
        values = model.values(occupations)
        found = swap_difference(i, j, occupations, values, model.tables, new_work(model.tables))
        np.testing.assert_array_equal(values, model.values(occupations))
        swapped = occupations.copy()
        swapped[[i, j]] = swapped[[j, i]]
        supercell.numbers = model.numbers(occupations)
        before = made.predict(supercell)
        supercell.numbers = model.numbers(swapped)
        expected = len(supercell) * (made.predict(supercell) - before)
        assert found == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", ["more than 64 neighbours", "quadruplets", "hcp"])
def test_counting_bits_gives_the_sums_of_spins(name):
    _, _, model = case(name)
    assert len(model.tables.bits.tail_mask) > 0
    occupations = random_occupations(model, np.random.default_rng(3))
    values = model.values(occupations)
    sums, near = np.empty(1), np.empty(model.tables.slots.shape[1])
    for site in range(0, len(occupations), 7):
        c = site_sums(site, values, model.tables, near, sums)
        old = occupations[site]
        counted = flip_difference(
            site, 1 - old, occupations, values, model.tables, new_work(model.tables)
        )
        summed = difference(c, old, 1 - old, sums, 0, model.tables.functions)
        assert counted == pytest.approx(summed, abs=1e-12)


def test_an_expansion_may_consist_of_points_alone():
    space = ClusterSpace(FCC, [3.0], ["Cu", "Au"])
    made = ClusterExpansion(space, [0.3, 0.2, 0.0])
    supercell = FCC.repeat(3)
    supercell.numbers = np.where(np.arange(27) < 9, 29, 79)
    model = build_tables(made, supercell)
    occupations = model.occupations(supercell.numbers)
    expected = 27 * made.predict(supercell)
    assert energy(model, occupations)[0] == pytest.approx(expected, abs=1e-9)
    flip = flip_difference(
        0, 1, occupations, model.values(occupations), model.tables, new_work(model.tables)
    )
    assert abs(flip) == pytest.approx(2 * 0.2)


def test_clusters_of_order_five_across_words_fall_back_to_plain_sums():
    made = expansion(FCC, [7.0, 6.0, 5.0, 4.0], ["Cu", "Au"])
    supercell = FCC.repeat(6)
    random = np.random.default_rng(4)
    model = build_tables(made, supercell)
    occupations = random_occupations(model, random)
    supercell.numbers = model.numbers(occupations)
    expected = len(supercell) * made.predict(supercell)
    assert energy(model, occupations)[0] == pytest.approx(expected, abs=1e-9)


def test_a_wrapped_supercell_is_warned_of_with_the_cluster_that_meets_itself():
    made = expansion(FCC, [6.73], ["Cu", "Au"])
    with pytest.warns(UserWarning, match=r"meet themselves.*order 2, radius 2\.\d\d A"):
        build_tables(made, FCC.repeat(2))


@pytest.mark.parametrize(
    "make",
    [
        lambda cell: cell.repeat(4),
        lambda cell: make_supercell(cell, [[-4, 4, 4], [4, -4, 4], [4, 4, -4]]),
        lambda cell: bulk("Cu", "fcc", a=3.8, cubic=True).repeat(3),
    ],
)
def test_equivalent_settings_of_fcc_are_accepted(make):
    made = expansion(bulk("Cu", "fcc", a=3.8, cubic=True), [5.0, 4.0], ["Cu", "Au"])
    supercell = make(FCC)
    model = build_tables(made, supercell)
    occupations = random_occupations(model, np.random.default_rng(5))
    supercell.numbers = model.numbers(occupations)
    expected = len(supercell) * made.predict(supercell)
    assert energy(model, occupations)[0] == pytest.approx(expected, abs=1e-9)


def test_an_orthorhombic_cell_of_hcp_is_accepted():
    orthorhombic = bulk("Mg", "hcp", a=3.2, c=5.2, orthorhombic=True)
    made = expansion(orthorhombic, [5.0], ["Mg", "Zn"])
    cell = orthorhombic.repeat((4, 3, 3))
    model = build_tables(made, cell)
    occupations = random_occupations(model, np.random.default_rng(6))
    cell.numbers = model.numbers(occupations)
    expected = len(cell) * made.predict(cell)
    assert energy(model, occupations)[0] == pytest.approx(expected, abs=1e-9)


def test_a_turned_and_shifted_supercell_has_the_same_energy():
    made = expansion(HCP, [5.0, 4.0], ["Mg", "Zn"])
    straight = HCP.repeat((4, 4, 3))
    turned = straight.copy()
    turned.rotate(37, (1, 2, 3), rotate_cell=True)
    turned.positions += [0.3, -0.2, 0.5]
    first, second = build_tables(made, straight), build_tables(made, turned)
    # the sites keep their order, so the same species on them are the same crystal
    random = np.random.default_rng(7)
    for _ in range(5):
        numbers = random.choice([12, 30], len(straight))
        one = energy(first, first.occupations(numbers))[0]
        other = energy(second, second.occupations(numbers))[0]
        assert one == pytest.approx(other, abs=1e-9)


def test_100000_sites_take_little_memory():
    made = expansion(FCC, [6.73, 4.76], ["Cu", "Au"])
    model = build_tables(made, FCC.repeat(47))  # 103,823 sites
    tables = (*model.tables[:-1], *model.tables.bits)
    assert sum(array.nbytes for array in tables) < 50e6


def test_a_supercell_with_another_lattice_constant_is_refused_with_the_ratio():
    made = expansion(FCC, [5.0], ["Cu", "Au"])
    with pytest.raises(ValueError, match=r"its lengths are 0\.9474 times those of"):
        build_tables(made, bulk("Cu", "fcc", a=3.6).repeat(3))


def test_a_supercell_of_another_lattice_is_refused():
    made = expansion(FCC, [5.0], ["Cu", "Au"])
    with pytest.raises(ValueError, match="not made of whole primitive cells"):
        build_tables(made, bulk("Cu", "bcc", a=3.0).repeat(3))
    half = FCC.repeat(2)
    del half[3]
    with pytest.raises(ValueError, match=r"7 sites where its cell has room for 8. A vacancy is"):
        build_tables(made, half)
    with pytest.raises(TypeError, match="supercell must be ASE Atoms"):
        build_tables(made, "Cu")


def test_species_outside_the_expansion_are_named():
    made = expansion(FCC, [5.0], ["Cu", "Au"])
    supercell = FCC.repeat(4)
    supercell[5].symbol = "Ni"
    with pytest.raises(ValueError, match="Ni on site 5: the cluster expansion knows only Cu, Au"):
        build_tables(made, supercell)
    space = ClusterSpace(bulk("MgO", "rocksalt", a=4.2), [5.0], [["Mg", "Zn"], ["O", "S"]])
    rocksalt = bulk("MgO", "rocksalt", a=4.2).repeat(3)
    rocksalt[1].symbol = "Zn"
    with pytest.raises(ValueError, match="Zn on site 1, where the cluster expansion allows only"):
        build_tables(ClusterExpansion(space, np.ones(len(space))), rocksalt)


def test_a_site_that_is_missing_from_a_large_supercell_is_missed_at_once():
    supercell = FCC.repeat(30)
    del supercell[7]
    with pytest.raises(ValueError, match="26999 sites where its cell has room for 27000"):
        build_tables(expansion(FCC, [3.0], ["Cu", "Au"]), supercell)


def test_a_turned_supercell_is_found_though_its_sites_are_slightly_off():
    made = expansion(FCC, [5.0], ["Cu", "Au"])
    random = np.random.default_rng(5)
    supercell = FCC.repeat(20)
    supercell.numbers = random.choice([29, 79], size=8000)
    straight = build_tables(made, supercell)
    turned = supercell.copy()
    turned.rotate(31, (1, 2, 3), rotate_cell=True)
    turned.positions += random.uniform(-0.001, 0.001, size=(8000, 3))
    order = random.permutation(8000)
    found = build_tables(made, turned[order])
    occupations = straight.occupations(supercell.numbers)
    turned_energy = energy(found, occupations[order])[0]
    assert turned_energy == pytest.approx(energy(straight, occupations)[0], abs=1e-8)


@pytest.mark.parametrize("pbc", [False, (True, True, False)])
def test_a_supercell_with_open_boundaries_is_refused(pbc):
    supercell = FCC.repeat(4)
    supercell.pbc = pbc
    with pytest.raises(ValueError, match="supercell must be periodic in all directions"):
        build_tables(expansion(FCC, [3.0], ["Cu", "Au"]), supercell)


def test_what_is_not_finite_is_refused():
    made = expansion(FCC, [3.0], ["Cu", "Au"])
    supercell = FCC.repeat(3)
    supercell.positions[1, 2] = np.nan
    with pytest.raises(ValueError, match="finite positions"):
        build_tables(made, supercell)
    broken = ClusterExpansion(made.get_cluster_space_copy(), [0.0, np.nan, 1.0])
    with pytest.raises(ValueError, match="parameters that are not finite"):
        build_tables(broken, FCC.repeat(3))


def test_species_that_stay_tell_where_the_lattice_begins():
    made = expansion(ROCKSALT, [3.0], [["Mg", "Zn"], ["O"]])
    supercell = ROCKSALT.repeat(3)
    supercell.positions += supercell.positions[1]  # oxygen where the expansion has metals
    model = build_tables(made, supercell, check_species=False)
    assert (supercell.numbers[model.active] == 12).all()
