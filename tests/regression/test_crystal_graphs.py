"""Crystals as graphs: the right neighbours, whole shells, the same graph for the same crystal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene, make_supercell, molecule
from pymatgen.core import Lattice, Structure

from matlearn import plotting, regression
from matlearn.regression import graph, graphs
from matlearn.regression._graphs import caching


def _crooked(seed: int = 0, n: int = 5) -> Atoms:
    """A cell without any symmetry, flat enough that images far away are near."""
    random = np.random.default_rng(seed)
    cell = [[3.1, 0.2, -0.4], [1.9, 6.0, 0.3], [-0.8, 2.5, 7.3]]
    symbols = random.choice(["Mg", "Si", "O"], n)
    return Atoms(symbols, scaled_positions=random.random((n, 3)), cell=cell, pbc=True)


def _by_brute_force(atoms: Atoms, k: int) -> list[np.ndarray]:
    """Distances of each atom to its k nearest neighbours and all that are as far as the last."""
    images = np.array(list(itertools.product(range(-4, 5), repeat=3))) @ atoms.cell.array
    found = []
    for position in atoms.positions:
        vectors = atoms.positions[:, None] + images[None] - position
        distances = np.sort(np.linalg.norm(vectors, axis=2).ravel())[1:]
        found.append(distances[distances <= distances[k - 1] + 0.02])
    return found


def _fingerprint(one: regression.CrystalGraph) -> np.ndarray:
    """What a network sees of a crystal, whatever the order: each kind of edge, per atom."""
    edges = np.column_stack(
        [one.numbers[one.centres], one.numbers[one.neighbours], one.distances.round(5)]
    )
    kinds, counts = np.unique(edges, axis=0, return_counts=True)
    return np.column_stack([kinds, counts / len(one.numbers)])


@pytest.mark.parametrize(
    ("crystal", "wanted", "shells"),
    [
        (bulk("NaCl", "rocksalt", a=5.64), 6, {2.82: 12}),
        (bulk("NaCl", "rocksalt", a=5.64), 7, {2.82: 12, 5.64 / 2**0.5: 24}),
        (bulk("Cu", "fcc", a=3.6), 12, {3.6 / 2**0.5: 12}),
        (bulk("Fe", "bcc", a=2.87), 8, {2.87 * 3**0.5 / 2: 8}),
        (bulk("Fe", "bcc", a=2.87), 9, {2.87 * 3**0.5 / 2: 8, 2.87: 6}),
        (bulk("Si", "diamond", a=5.43), 4, {5.43 * 3**0.5 / 4: 8}),
    ],
)
def test_shells_are_those_of_the_lattice_and_never_cut(crystal, wanted, shells):
    one = graph(crystal, max_neighbours=wanted)
    distances, counts = np.unique(one.distances.round(6), return_counts=True)
    np.testing.assert_allclose(distances, list(shells), atol=1e-6)
    assert counts.tolist() == list(shells.values())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("wanted", [1, 7, 12])
def test_neighbours_are_the_nearest_by_brute_force(seed, wanted):
    atoms = _crooked(seed)
    one = graph(atoms, cutoff=20.0, max_neighbours=wanted)
    for atom, expected in enumerate(_by_brute_force(atoms, wanted)):
        np.testing.assert_allclose(one.distances[one.centres == atom], expected, atol=1e-9)


def test_images_and_positions_give_the_distances():
    one = graph(_crooked())
    vectors = one.positions[one.neighbours] + one.images @ one.cell - one.positions[one.centres]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), one.distances, atol=1e-9)


def test_nothing_is_beyond_the_cutoff():
    one = graph(_crooked(), cutoff=2.5, max_neighbours=40)
    assert one.distances.max() <= 2.5
    longer = graph(_crooked(), cutoff=20.0, max_neighbours=200)
    assert len(one.distances) == (longer.distances <= 2.5).sum()


def test_the_same_crystal_is_the_same_graph():
    atoms = _crooked()
    turned = atoms.copy()
    turned.rotate(37.0, (1.0, 2.0, -0.5), rotate_cell=True)
    moved = atoms.copy()
    moved.translate([11.3, -0.7, 2.2])
    wrapped = moved.copy()
    wrapped.wrap()
    other_cell = make_supercell(atoms, [[1, 1, 0], [0, 1, 0], [0, -1, 1]])
    doubled = make_supercell(atoms, [[1, 1, 0], [-1, 1, 0], [0, 0, 1]])
    expected = _fingerprint(graph(atoms))
    for same in (turned, moved, wrapped, atoms[[3, 0, 4, 1, 2]], other_cell, doubled):
        np.testing.assert_allclose(_fingerprint(graph(same)), expected, atol=2e-5)


def test_structures_of_pymatgen_and_of_ase_are_alike():
    structure = Structure(
        Lattice.hexagonal(3.2, 5.2), ["Mg", "Mg"], [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]
    )
    one, other = graph(structure), graph(structure.to_ase_atoms())
    np.testing.assert_array_equal(one.neighbours, other.neighbours)
    np.testing.assert_allclose(one.distances, other.distances, atol=1e-12)
    assert repr(one).startswith("CrystalGraph(Mg2: 2 atoms, ")


def test_sheets_and_molecules_have_graphs_too():
    sheet = graph(graphene(vacuum=8.0), max_neighbours=3)
    np.testing.assert_allclose(sheet.distances, 2.46 / 3**0.5, atol=1e-3)
    water = graph(molecule("H2O"))
    assert len(water.distances) == 6 and not water.images.any()


def test_table_has_a_row_for_each_edge():
    frame = graph(bulk("NaCl", "rocksalt", a=5.64), max_neighbours=6).to_frame()
    assert set(frame["elements"]) == {"Na-Cl", "Cl-Na"}
    assert frame.groupby("atom").size().tolist() == [6, 6]


def test_figure_says_what_it_shows():
    one = graph(bulk("NaCl", "rocksalt", a=5.64))
    ax = one.plot(longest=3.0, atom_values=[180.0, 251.5])
    told = plotting.describe(ax)
    assert "2 atoms, 12 edges drawn" in told and "Cl 251.5" in told
    with pytest.raises(ValueError, match=r"longest must be at least .* 2\.82"):
        one.plot(longest=1.0)
    with pytest.raises(ValueError, match="edge_values must have one for each of the 36 edges"):
        one.plot(edge_values=[1.0])


_DISORDERED = Structure(Lattice.cubic(3.0), [{"Cu": 0.5, "Au": 0.5}], [[0, 0, 0]])
_LONELY = Atoms("Xe", cell=[9.0, 9.0, 9.0], pbc=True)


@pytest.mark.parametrize(
    ("structure", "error", "words"),
    [
        ("NaCl", TypeError, "formula does not say where the atoms are"),
        (3, TypeError, "ASE Atoms or a pymatgen Structure, got int"),
        (_DISORDERED, ValueError, "sites with several elements"),
        (_LONELY, ValueError, r"atom 0 \(Xe\).*nearest is 9.00 A away: choose cutoff=10"),
        (Atoms("H"), ValueError, "a lonely atom is no graph"),
        (Atoms("HH", [[0, 0, 0], [0, 0, 0.01]]), ValueError, "two atoms in one place"),
        (Atoms("HH", [[0, 0, 0], [0, 0, np.nan]]), ValueError, "finite coordinates"),
        (Atoms(), ValueError, "at least one atom"),
        (Atoms("HH", [[0, 0, 0], [0, 0, 1]], pbc=True), ValueError, "no length"),
    ],
)
def test_what_can_be_no_graph_is_refused_with_a_reason(structure, error, words):
    with pytest.raises(error, match=words):
        graph(structure)


def test_the_bad_one_of_many_is_named():
    with pytest.raises(ValueError, match=r"structures\[1\] has no neighbour"):
        graphs([bulk("Cu"), _LONELY], progress=False)
    with pytest.raises(TypeError, match="put it into a list"):
        graphs(bulk("Cu"), progress=False)
    with pytest.raises(ValueError, match="at least one structure"):
        graphs([], progress=False)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"cutoff": -1.0}, "cutoff must be above 0"),
        ({"cutoff": np.nan}, "cutoff must be above 0"),
        ({"max_neighbours": 0}, "max_neighbours must be a whole number of at least 1, got 0"),
    ],
)
def test_impossible_settings_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        graph(bulk("Cu"), **settings)
    with pytest.raises(TypeError, match="max_neighbours must be a whole number"):
        graph(bulk("Cu"), max_neighbours=6.5)


def test_graphs_made_with_other_settings_are_not_mistaken():
    one = graph(bulk("Cu"), cutoff=5.0)
    assert graph(one, cutoff=5.0) is one
    with pytest.raises(ValueError, match="made with cutoff=5 and max_neighbours=12, not with 6"):
        graph(one, cutoff=6.0)


def test_cache_is_read_for_the_same_structures_only(tmp_path, monkeypatch):
    cells, path = [_crooked(0), _crooked(1)], tmp_path / "graphs.npz"
    first = graphs(cells, cache=path, progress=False)
    with monkeypatch.context() as patch:
        patch.setattr(caching, "build_graphs", lambda *_, **__: pytest.fail("made again"))
        again = graphs(cells, cache=path, progress=False)
    for one, other in zip(first, again, strict=True):
        for field in ("numbers", "centres", "neighbours", "distances", "images", "cell"):
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    cells[1].positions[0] += 0.1
    moved = graphs(cells, cache=path, progress=False)
    np.testing.assert_array_equal(moved[1].distances, graph(cells[1]).distances)
    assert graphs(cells, cutoff=4.0, cache=path, progress=False)[0].cutoff == 4.0


def test_cache_that_is_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", x=np.arange(3))
    with pytest.raises(ValueError, match="is no 'matlearn crystal graphs 1'"):
        graphs([bulk("Cu")], cache=tmp_path / "other.npz", progress=False)
    with pytest.raises(ValueError, match=r"ends in \.npz"):
        graphs([bulk("Cu")], cache=tmp_path / "graphs.pkl", progress=False)
