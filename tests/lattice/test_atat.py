"""ATAT's files into icet and back; energies against a direct sum over the files' clusters."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

icet = pytest.importorskip("icet")

from matlearn.lattice import atat  # noqa: E402

FCC = "4.0 4.0 4.0 90 90 90\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n"
FCC_AXES = "4.0 0 0\n0 4.0 0\n0 0 4.0\n0 0.5 0.5\n0.5 0 0.5\n0.5 0.5 0\n"

# As ATAT's manual writes them: multiplicity, diameter, number of points, points with the number of
# species less two and the cluster function.
BINARY_CLUSTERS = """\
1
0.00000
0

1
0.00000
1
0.00000 0.00000 0.00000 0 0

6
2.82843
2
1.00000 1.00000 1.00000 0 0
0.50000 0.50000 1.00000 0 0

3
4.00000
2
1.00000 1.00000 1.00000 0 0
1.00000 1.00000 0.00000 0 0

8
2.82843
3
1.00000 1.00000 1.00000 0 0
0.50000 0.50000 1.00000 0 0
0.50000 1.00000 0.50000 0 0
"""
BINARY_ECIS = "-0.0812\n0.0231\n0.0155\n-0.0062\n0.0019\n"

TERNARY_CLUSTERS = """\
1
0.0
0

1
0.0
1
0 0 0 1 0

1
0.0
1
0 0 0 1 1

6
2.82843
2
0 0 0 1 0
0.5 0.5 0 1 0

12
2.82843
2
0 0 0 1 0
0.5 0.5 0 1 1

6
2.82843
2
0 0 0 1 1
0.5 0.5 0 1 1
"""
TERNARY_ECIS = "0.1\n0.02 -0.03\n0.011\n-0.017\n0.005\n"

# Rocksalt; the pair between the sublattices is at half a lattice constant.
ROCKSALT_CLUSTERS = """\
1
0.0
0

1
0.0
1
0 0 0 0 0

1
0.0
1
0.5 0.5 0.5 0 0

6
2.0
2
0 0 0 0 0
0.5 0 0 0 0

6
2.82843
2
0.5 0.5 0.5 0 0
1 1 0.5 0 0
"""
ROCKSALT_ECIS = "0.3\n-0.02\n0.05\n0.04\n-0.01\n"

CASES = {
    "binary, species against the alphabet": (
        FCC + "0 0 0 Cu,Au\n",
        BINARY_CLUSTERS,
        BINARY_ECIS,
    ),
    "binary, species along the alphabet": (
        FCC_AXES + "0 0 0 Au,Cu\n",
        BINARY_CLUSTERS,
        BINARY_ECIS,
    ),
    "ternary": (FCC + "0 0 0 Pd,Au,Cu\n", TERNARY_CLUSTERS, TERNARY_ECIS),
    "vacancies beside inactive sites": (
        FCC + "0 0 0 Li,Vac\n0.5 0.5 0.5 O\n",
        BINARY_CLUSTERS,
        BINARY_ECIS,
    ),
    "two sublattices": (
        FCC + "0 0 0 Mg/Ca\n0.5 0.5 0.5 S, O\n",
        ROCKSALT_CLUSTERS,
        ROCKSALT_ECIS,
    ),
}

# The table of the manual for two and three species: a row a function, a column a species.
TABLE: dict[int, list[list[float]]] = {
    2: [[-1, 1]],
    3: [[-1, 0.5, 0.5], [0, -math.sqrt(0.75), math.sqrt(0.75)]],
}


def write_folder(folder: Path, lattice: str, clusters: str, ecis: str) -> Path:
    (folder / "lat.in").write_text(lattice)
    (folder / "clusters.out").write_text(clusters)
    (folder / "eci.out").write_text(ecis)
    return folder


def direct_energy(folder: Path, atoms: Atoms, size: int) -> float:
    """Total energy (eV) of a cubic fcc or rocksalt cell of `size` lattice constants of 4 A.

    An implementation of its own: integer coordinates in half lattice constants, the 48 rotations
    of the cube as signed permutations, sums over every cell.
    """
    sites = {}
    for line in (folder / "lat.in").read_text().splitlines()[-2:]:
        words = line.replace(",", " ").replace("/", " ").split()
        if len(words) > 3 and words[3].isalpha():
            parity = round(2 * sum(float(word) for word in words[:3])) % 2
            sites[parity] = [word.replace("Vac", "X") for word in words[3:]]
    species = {
        tuple(np.round(atom.position / 2).astype(int) % (2 * size)): atom.symbol for atom in atoms
    }
    rotations = [
        np.array(signs)[:, None] * np.eye(3, dtype=int)[list(order)]
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    ]
    cells = [
        np.array(cell)
        for cell in itertools.product(range(2 * size), repeat=3)
        if sum(cell) % 2 == 0
    ]
    ecis = [float(word) for word in (folder / "eci.out").read_text().split()]
    blocks = (folder / "clusters.out").read_text().strip().split("\n\n")
    total = 0.0
    for eci, block in zip(ecis, blocks, strict=True):
        rows = [[float(word) for word in line.split()] for line in block.splitlines()[3:]]
        images = set()
        for rotation in rotations:
            points = [
                (rotation @ np.round(2 * np.array(row[:3])).astype(int), row[4]) for row in rows
            ]
            # a translation of the lattice moves the first point to the origin or to (1, 0, 0)
            home = min((tuple(point) for point, _ in points), default=(0, 0, 0))
            shift = np.array(home) - [sum(home) % 2, 0, 0]
            images.add(frozenset((tuple(point - shift), int(f)) for point, f in points))
        for image in images:
            for cell in cells:
                product = 1.0
                for point, function in image:
                    place = tuple((np.array(point) + cell) % (2 * size))
                    names = sites[sum(point) % 2]
                    product *= TABLE[len(names)][function][names.index(species[place])]
                total += eci * product
    return total


def random_cell(lattice: atat.AtatLattice, size: int, seed: int) -> Atoms:
    """A random configuration on a cubic cell of the lattices above."""
    kind = "rocksalt" if lattice.n_sites == 2 else "fcc"
    name = "MgO" if lattice.n_sites == 2 else "Cu"
    atoms = bulk(name, kind, a=4.0, cubic=True).repeat(size)
    random = np.random.default_rng(seed)
    parity: np.ndarray = np.round(atoms.positions.sum(axis=1) / 2).astype(int) % 2
    atoms.symbols = [random.choice(lattice.chemical_symbols[p]) for p in parity]
    return atoms


@pytest.mark.parametrize("case", CASES)
def test_energies_equal_a_direct_sum_over_the_clusters_of_the_files(
    case: str, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path, *CASES[case])
    expansion = atat.read_cluster_expansion(folder)
    lattice = atat.read_lattice(folder / "lat.in")
    for seed in range(3):
        atoms = random_cell(lattice, 2, seed)
        energy = len(atoms) * expansion.predict(atoms)
        assert energy == pytest.approx(direct_energy(folder, atoms, 2), abs=1e-9)


def test_the_first_species_of_a_binary_is_the_spin_of_minus_one(tmp_path: Path) -> None:
    clusters = "1\n0\n0\n\n1\n0\n1\n0 0 0 0 0\n"
    for first, second in (("Cu", "Au"), ("Au", "Cu")):
        folder = write_folder(tmp_path, FCC + f"0 0 0 {first},{second}\n", clusters, "0.5\n0.2\n")
        expansion = atat.read_cluster_expansion(folder)
        assert expansion.predict(bulk(first, a=4.0)) == pytest.approx(0.5 - 0.2)
        assert expansion.predict(bulk(second, a=4.0)) == pytest.approx(0.5 + 0.2)


def test_both_forms_of_the_coordinate_system_give_the_same_lattice(tmp_path: Path) -> None:
    (tmp_path / "short").write_text(FCC + "0 0 0 Cu,Au\n")
    (tmp_path / "long").write_text(FCC_AXES + "\n0 0 0 Cu Au\n")
    short, long = (atat.read_lattice(tmp_path / name) for name in ("short", "long"))
    assert short.primitive.cell[:] == pytest.approx(long.primitive.cell[:], abs=1e-12)
    assert short.chemical_symbols == long.chemical_symbols == [["Cu", "Au"]]


def test_hexagonal_axes_and_positions_in_them(tmp_path: Path) -> None:
    (tmp_path / "lat.in").write_text(
        "2.9 2.9 4.7 90 90 120\n1 0 0\n0 1 0\n0 0 1\n0 0 0 Ti,Al\n0.333333 0.666667 0.5 Ti,Al\n"
    )
    lattice = atat.read_lattice(tmp_path / "lat.in")
    assert lattice.primitive.cell.cellpar() == pytest.approx([2.9, 2.9, 4.7, 90, 90, 120])
    assert lattice.primitive.get_scaled_positions()[1] == pytest.approx(
        [1 / 3, 2 / 3, 0.5], abs=1e-6
    )
    assert lattice.chemical_symbols == [["Ti", "Al"]] * 2


def test_a_cell_that_is_not_primitive_gives_the_same_energy_per_atom(tmp_path: Path) -> None:
    small = write_folder(tmp_path, FCC + "0 0 0 Cu,Au\n", BINARY_CLUSTERS, BINARY_ECIS)
    expected = atat.read_cluster_expansion(small)
    cubic = "4 4 4 90 90 90\n1 0 0\n0 1 0\n0 0 1\n" + "".join(
        f"{x} {y} {z} Cu,Au\n"
        for x, y, z in [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]
    )
    clusters = BINARY_CLUSTERS
    for few, many in (("6\n2.8", "24\n2.8"), ("3\n4.0", "12\n4.0"), ("8\n2.8", "32\n2.8")):
        clusters = clusters.replace(few, many)
    clusters = clusters.replace("1\n0.00000\n1\n", "4\n0.00000\n1\n")
    ecis = BINARY_ECIS.replace("-0.0812", "-0.3248")
    found = atat.read_cluster_expansion(write_folder(tmp_path, cubic, clusters, ecis))
    assert found.parameters == pytest.approx(expected.parameters, abs=1e-12)


def test_orbits_that_the_file_leaves_out_are_pruned(tmp_path: Path) -> None:
    blocks = BINARY_CLUSTERS.split("\n\n")
    clusters = "\n\n".join([blocks[0], blocks[3]]) + "\n"
    folder = write_folder(tmp_path, FCC + "0 0 0 Cu,Au\n", clusters, "0.1\n0.2\n")
    expansion = atat.read_cluster_expansion(folder)
    assert expansion.parameters == pytest.approx([0.1, 3 * 0.2])
    assert expansion.to_dataframe()["multiplicity"].tolist() == [1, 3]


def test_interactions_that_hold_their_multiplicity_already(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, FCC + "0 0 0 Cu,Au\n", BINARY_CLUSTERS, BINARY_ECIS)
    ecis = atat.read_ecis(folder / "eci.out") * [1, 1, 6, 3, 8]
    (folder / "with-mult.out").write_text("\n".join(map(repr, ecis.tolist())))
    plain = atat.read_cluster_expansion(folder)
    found = atat.read_cluster_expansion(folder, ecis="with-mult.out", multiplicities_included=True)
    assert found.parameters == pytest.approx(plain.parameters, abs=1e-14)


SPACES = {
    "bcc with quadruplets": (bulk("Fe", a=2.9), [3.0, 3.0, 3.0], ["Fe", "Cr"]),
    "hcp": (bulk("Ti", a=2.95, c=4.68), [4.3, 3.0], ["Ti", "Al"]),
    "quaternary": (bulk("Ni", a=3.6), [2.6, 2.6], ["Ni", "Co", "Cr", "Fe"]),
    "two sublattices and vacancies": (
        bulk("LiO", "rocksalt", a=4.2),
        [3.1, 3.1],
        [["Li", "X", "Mn"], ["O", "F"]],
    ),
    "an inactive sublattice": (
        bulk("GaAs", "zincblende", a=5.6),
        [4.1, 4.1],
        [["Ga", "Al"], ["As"]],
    ),
}


@pytest.mark.parametrize("name", SPACES)
def test_an_expansion_written_and_read_predicts_the_same(name: str, tmp_path: Path) -> None:
    space = icet.ClusterSpace(*SPACES[name])
    random = np.random.default_rng(1)
    expansion = icet.ClusterExpansion(space, random.normal(size=len(space)))
    atat.write_cluster_expansion(expansion, tmp_path)
    found = atat.read_cluster_expansion(tmp_path)
    assert len(found) == len(expansion)
    atoms = space.primitive_structure.repeat((3, 3, 2))
    sublattices = space.get_sublattices(atoms)
    for _ in range(3):
        for sublattice in sublattices:
            symbols = list(sublattice.chemical_symbols)
            atoms.symbols[sublattice.indices] = random.choice(symbols, len(sublattice.indices))
        assert found.predict(atoms) == pytest.approx(expansion.predict(atoms), abs=1e-9)


def test_the_columns_of_a_written_file_are_those_of_the_manual(tmp_path: Path) -> None:
    space = icet.ClusterSpace(bulk("Cu", a=4.0), [3.0], ["Cu", "Au"])
    atat.write_cluster_expansion(icet.ClusterExpansion(space, [-0.1, 0.0, 0.3]), tmp_path)
    lines = (tmp_path / "clusters.out").read_text().splitlines()
    assert lines[:4] == ["1", "0.000000000", "0", ""]
    assert [line.split()[3:] for line in lines[12:14]] == [["0", "0"]] * 2
    assert lines[9] == "6"
    assert (tmp_path / "eci.out").read_text().split() == ["-0.1", "0", "0.05"]


def test_comparison_turns_signs_and_divides_by_multiplicities(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, FCC + "0 0 0 Au,Cu\n", BINARY_CLUSTERS, BINARY_ECIS)
    table = atat.compare_ecis(atat.read_cluster_expansion(folder), folder)
    values = atat.read_ecis(folder / "eci.out")
    assert table["eci_file"].to_numpy() == pytest.approx(values)
    signs = (-1.0) ** table["order"].to_numpy()
    assert table["eci"].to_numpy() == pytest.approx(signs * values)
    assert table["parameter"].to_numpy() == pytest.approx(signs * values * [1, 1, 6, 3, 8])
    assert table["difference"].abs().max() < 1e-12
    assert table["line"].tolist() == [1, 5, 10, 16, 22]
    assert table["diameter"].to_numpy() == pytest.approx([0, 0, 8**0.5, 4, 8**0.5], abs=1e-6)


def test_comparison_shows_what_one_side_lacks(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, FCC + "0 0 0 Cu,Au\n", BINARY_CLUSTERS, BINARY_ECIS)
    space = icet.ClusterSpace(bulk("Cu", a=4.0), [5.0], ["Cu", "Au"])
    table = atat.compare_ecis(icet.ClusterExpansion(space, np.ones(len(space))), folder)
    assert table["eci_file"].isna().tolist() == [False, False, False, False, True, False]
    assert table["eci"].isna().tolist() == [False] * 5 + [True]
    assert table.loc[5, ["order", "line"]].tolist() == [3, 22]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4 4 4 90 90\n", "line 1: the coordinate system needs 3 or 6 numbers, got 5"),
        ("4 4 4 90 90 90\n0 .5 .5\n", "ends before its lattice is"),
        ("4 4 4 90 90 90\n0 .5 .5\n.5 0 b\n.5 .5 0\n", "line 3: a lattice vector needs numbers"),
        (FCC.replace("0 0.5 0.5", "1 0.5 0.5") + "0 0 0 Cu,Au", "lie in one plane"),
        (FCC + "0 0 Cu,Au\n", "line 5: a site's position needs numbers"),
        (FCC + "0 0 0\n", "line 5: a site needs its species"),
        (FCC + "0 0 0 Cu,Fe+2\n", r"line 5: 'Fe\+2' is no chemical element"),
        (FCC + "0 0 0 Cu,Cu\n", "line 5: a species is listed twice"),
        (FCC + "0 0 0 Cu\n", "no site lists two species"),
    ],
)
def test_a_malformed_lattice_is_refused_with_its_line(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "lat.in").write_text(text)
    with pytest.raises(ValueError, match=message):
        atat.read_lattice(tmp_path / "lat.in")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no cluster"),
        ("1\n0\n", "ends before its last cluster is complete"),
        ("1\n0\n1\n\n6\n", "line 5: a point needs 3 or 5 numbers, got 1"),
        ("6\n2.8\n-2\n", "line 1: a cluster starts with"),
        ("1\n0\n1\n0 0 0 0.5 0\n", "cluster of line 1: the columns after"),
        ("one\n0\n1\n", "line 1: a cluster's multiplicity needs numbers"),
        ("nan\n0\n0\n", "line 1: a cluster's multiplicity needs finite numbers"),
    ],
)
def test_malformed_clusters_are_refused_with_their_line(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "clusters.out").write_text(text)
    with pytest.raises(ValueError, match=message):
        atat.read_clusters(tmp_path / "clusters.out")


def test_malformed_interactions_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "eci.out").write_text("0.1\n\nzero\n")
    with pytest.raises(ValueError, match=r"line 3: an interaction needs numbers, got 'zero'"):
        atat.read_ecis(tmp_path / "eci.out")


@pytest.mark.parametrize(
    ("lattice", "clusters", "ecis", "message"),
    [
        ("Cu,Au", BINARY_CLUSTERS, "0.1\n0.2\n", "2 interactions, but clusters.out has 5 clusters"),
        ("Cu,Au", "12\n2.8\n2\n0 0 0\n.5 .5 0\n", "0.1\n", "multiplicity is 12.* makes 6 clusters"),
        ("Cu,Au", "6\n2.8\n2\n0 0 0\n.4 .5 0\n", "0.1\n", "line 1: the point 0.4 0.5 0 is farther"),
        ("Cu,Au,Pd", "6\n2.8\n2\n0 0 0\n.5 .5 0\n", "0.1\n", "2 species and function 0.*Cu,Au,Pd"),
        ("Cu,Au", "1\n0\n1\n0 0 0 0 1\n", "0.1\n", "2 species and function 1"),
        ("Cu,Au", "1\n0\n2\n0 0 0\n0 0 0\n", "0.1\n", "a point is there twice"),
        ("Cu,Au\n.5 .5 .5 Au,Cu", BINARY_CLUSTERS, BINARY_ECIS, "list them in one order"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(
    lattice: str, clusters: str, ecis: str, message: str, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path, FCC + f"0 0 0 {lattice}\n", clusters, ecis)
    with pytest.raises(ValueError, match=message):
        atat.read_cluster_expansion(folder)


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no lat\.in"):
        atat.read_cluster_expansion(tmp_path)


def test_an_expansion_on_another_lattice_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, FCC + "0 0 0 Cu,Au\n", BINARY_CLUSTERS, BINARY_ECIS)
    other = icet.ClusterSpace(bulk("Cu", a=3.9), [3.0], ["Cu", "Au"])
    with pytest.raises(ValueError, match="lattice of the cluster expansion is not that"):
        atat.compare_ecis(icet.ClusterExpansion(other, np.ones(len(other))), folder)
    species = icet.ClusterSpace(bulk("Cu", a=4.0), [3.0], ["Cu", "Pd"])
    with pytest.raises(ValueError, match="sites hold"):
        atat.compare_ecis(icet.ClusterExpansion(species, np.ones(len(species))), folder)


def test_merged_orbits_cannot_be_written(tmp_path: Path) -> None:
    space = icet.ClusterSpace(bulk("Cu", a=4.0), [4.1], ["Cu", "Au"])
    space.merge_orbits({1: [2]})
    with pytest.raises(ValueError, match="merged orbits"):
        atat.write_cluster_expansion(icet.ClusterExpansion(space, np.ones(len(space))), tmp_path)


def test_something_else_than_an_expansion_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="got a dict"):
        atat.write_cluster_expansion({}, tmp_path)
