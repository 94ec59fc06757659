"""Ground states: by enumeration, by trying all, by icet's solver and by annealing."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from ase.build import bulk, make_supercell
from icet import ClusterExpansion, ClusterSpace
from planted import PRIMITIVE, space

from matlearn.lattice import ground_states
from matlearn.lattice._fits import lowest as _lowest
from matlearn.lattice.models import ising

FCC_CUBE = make_supercell(PRIMITIVE, [[-1, 1, 1], [1, -1, 1], [1, 1, -1]])  # 4 sites


def pairs(first: float, second: float = 0.0) -> ClusterExpansion:
    """Nearest and next-nearest neighbours on fcc; parameters, multiplicity included (eV/atom)."""
    return ClusterExpansion(space([4.0]), np.array([0.0, 0.0, first, second]))


LAYERED = pairs(0.03, -0.01)  # like neighbours cost, second neighbours want to be alike


def energies(found) -> dict[float, float]:
    table = found.states
    return dict(zip(table["concentration"].round(9), table["mixing_energy"], strict=True))


def test_fcc_antiferromagnet_has_its_known_ground_states():
    # mean s_i s_j of first and second neighbours: pure 1 and 1, L1_2 0 and 1, L1_0 -1/3 and 1
    found = energies(ground_states(LAYERED, max_atoms=4, progress=False))
    assert found == pytest.approx(
        {0.0: 0.02, 0.25: -0.01, 0.5: -0.01 - 0.01, 0.75: -0.01, 1.0: 0.02}
    )


def test_square_antiferromagnet_in_units_of_its_coupling():
    found = ground_states(ising("square", coupling=-1.0), max_atoms=2, progress=False)
    assert found.states["mixing_energy"].tolist() == pytest.approx([2.0, -2.0, 2.0])
    assert found.proven and found.n_sites == 0


def test_a_supercell_has_the_ground_states_that_fit_into_it():
    cells = ground_states(LAYERED, max_atoms=4, progress=False)
    fits = ground_states(LAYERED, max_atoms=0, supercell=FCC_CUBE, progress=False)
    assert energies(fits) == pytest.approx(energies(cells))
    assert set(fits.to_frame()["method"]) == {"all arrangements"}
    assert fits.proven and set(fits.to_frame()["scope"]) == {"this supercell of 4 sites"}
    odd = ground_states(LAYERED, max_atoms=0, supercell=PRIMITIVE.repeat((3, 1, 1)), progress=False)
    assert odd.states["mixing_energy"].min() > -0.02 + 1e-3


def test_solver_annealing_and_all_arrangements_agree():
    supercell = FCC_CUBE.repeat((2, 1, 1))
    asked = [{"Au": n} for n in (1, 2, 3, 4)]
    common = {"max_atoms": 0, "supercell": supercell, "compositions": asked, "progress": False}
    tables = {
        name: ground_states(LAYERED, method=method, max_seconds=60, **common).to_frame()
        for name, method in (("all", "auto"), ("solver", "solver"), ("annealing", "annealing"))
    }
    for table in tables.values():
        np.testing.assert_allclose(
            table["mixing_energy"], tables["all"]["mixing_energy"], atol=1e-9
        )
        assert [int((cell.symbols == "Au").sum()) for cell in table["structure"]] == [1, 2, 3, 4]
        np.testing.assert_allclose(
            [LAYERED.predict(cell) for cell in table["structure"]], table["mixing_energy"]
        )
    assert tables["solver"]["proven"].all() and set(tables["solver"]["method"]) == {"solver"}
    assert not tables["annealing"]["proven"].any()
    assert (tables["annealing"]["scope"] == "").all()


def test_a_time_out_falls_back_on_annealing_and_says_so(monkeypatch):
    monkeypatch.setattr(_lowest, "MOST_TRIED", 0)
    supercell = FCC_CUBE.repeat((2, 2, 2))
    expansion = ClusterExpansion(
        space([6.0, 4.0]), np.random.default_rng(0).normal(scale=0.01, size=len(space([6.0, 4.0])))
    )
    found = ground_states(
        expansion, max_atoms=0, supercell=supercell, max_seconds=1e-3, sweeps=400, restarts=1,
        compositions=[{"Au": 8}, {"Au": 16}, {"Au": 24}], progress=False,
    )  # fmt: skip
    table = found.to_frame()
    assert set(table["method"]) == {"annealing"}
    assert not found.proven and "not all proven" in repr(found)
    assert table["reason"].str.startswith("the solver gave up: time limit reached").all()
    assert table["reason"][2].endswith("2 times in a row")
    with pytest.raises(ValueError, match=r"gave up: time limit reached .* raise max_seconds"):
        ground_states(
            expansion, max_atoms=0, supercell=supercell, max_seconds=1e-3, method="solver",
            compositions=[{"Au": 16}], progress=False,
        )  # fmt: skip


def test_annealing_finds_the_order_of_a_larger_cell():
    supercell = FCC_CUBE.repeat((3, 3, 2))
    found = ground_states(
        LAYERED, max_atoms=0, supercell=supercell, compositions=[{"Au": 36}],
        method="annealing", seed=1, progress=False,
    ).to_frame()  # fmt: skip
    assert found["mixing_energy"][0] == pytest.approx(-0.02, abs=1e-9)  # L1_0


def test_without_highspy_annealing_takes_over(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    monkeypatch.setattr(_lowest, "MOST_TRIED", 0)
    common = {"supercell": FCC_CUBE, "max_atoms": 0, "compositions": [{"Au": 2}], "progress": False}
    table = ground_states(LAYERED, **common).to_frame()
    assert table["method"].tolist() == ["annealing"]
    assert table["reason"].tolist() == [
        "the ground-state solver needs highspy: pip install highspy"
    ]
    with pytest.raises(ImportError, match="pip install highspy"):
        ground_states(LAYERED, method="solver", **common)


def test_three_species_are_annealed_where_they_cannot_be_solved(monkeypatch):
    fcc = bulk("Cu", "fcc", a=3.8)
    known = ClusterSpace(fcc, [3.0], ["Cu", "Ag", "Au"])
    expansion = ClusterExpansion(
        known, np.random.default_rng(2).normal(scale=0.02, size=len(known))
    )
    asked = [{"Cu": 2, "Ag": 1}, {"Cu": 1, "Ag": 1, "Au": 2}]
    common = {"supercell": FCC_CUBE, "max_atoms": 0, "compositions": asked, "progress": False}
    tried = ground_states(expansion, **common).to_frame()
    assert tried["structure"][0].symbols.formula.count() == {"Cu": 2, "Ag": 1, "Au": 1}
    monkeypatch.setattr(_lowest, "MOST_TRIED", 0)
    annealed = ground_states(expansion, **common).to_frame()
    np.testing.assert_allclose(annealed["mixing_energy"], tried["mixing_energy"], atol=1e-9)
    assert annealed["reason"].str.contains("more than two allowed species").all()
    with pytest.raises(ValueError):
        ground_states(expansion, method="solver", **common)


def test_an_expansion_without_the_parts_of_its_clusters_is_annealed(monkeypatch):
    monkeypatch.setattr(_lowest, "MOST_TRIED", 0)
    whole = ClusterExpansion(space([4.0, 3.0]), np.array([0.0, 0.0, 0.0, -0.01, 0.02]))
    whole.prune()
    table = ground_states(
        whole, max_atoms=0, supercell=FCC_CUBE, compositions=[{"Au": 1}], progress=False
    ).to_frame()
    assert "subclusters that were not included" in table["reason"][0]
    assert table["method"][0] == "annealing"


def test_two_sublattices_are_enumerated_and_searched():
    rocksalt = bulk("TiC", "rocksalt", a=4.3)
    known = ClusterSpace(rocksalt, [4.4], [["Ti", "Zr"], ["C", "N"]])
    expansion = ClusterExpansion(
        known, np.random.default_rng(0).normal(scale=0.01, size=len(known))
    )
    cells = ground_states(expansion, max_atoms=4, progress=False)
    supercell = ground_states(
        expansion, max_atoms=0, supercell=rocksalt.repeat((2, 1, 1)), progress=False
    )
    lowest = {
        row.structure.get_chemical_formula(): row.mixing_energy
        for row in supercell.to_frame().itertuples()
    }
    assert len(lowest) == 9
    for row in cells.to_frame().itertuples():
        if len(row.structure) == 4:
            assert row.mixing_energy <= lowest[row.structure.get_chemical_formula()] + 1e-9


def test_an_interrupt_keeps_what_was_found(monkeypatch):
    tried = _lowest.try_all
    calls = 0

    def interrupted(*given):
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return tried(*given)

    monkeypatch.setattr(_lowest, "try_all", interrupted)
    found = ground_states(LAYERED, max_atoms=0, supercell=FCC_CUBE, progress=False)
    assert found.stopped and "stopped early" in repr(found)
    assert len(found.to_frame()) == 2
    calls = 2
    with pytest.raises(KeyboardInterrupt):
        ground_states(LAYERED, max_atoms=0, supercell=FCC_CUBE, progress=False)


def test_hull_distance_and_plot_are_of_all_rows():
    found = ground_states(LAYERED, max_atoms=3, supercell=FCC_CUBE, progress=False)
    table = found.to_frame()
    assert (table["hull_distance"] >= 0).all()
    assert table["ground_state"].sum() >= len(found.states)
    assert not found.states["concentration"].duplicated().any()
    assert found.plot().get_ylabel() == "Mixing energy (meV/atom)"


def test_nothing_is_printed(capfd):
    ground_states(
        LAYERED, max_atoms=2, supercell=FCC_CUBE, method="solver", progress=False,
        compositions=[{"Au": 1}],
    )  # fmt: skip
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"max_atoms": 0}, ValueError, "nothing to search"),
        ({"max_atoms": -1}, ValueError, "max_atoms must be a whole number"),
        ({"method": "luck"}, ValueError, "auto, solver, annealing, got 'luck'"),
        ({"max_seconds": 0}, ValueError, "max_seconds must be positive"),
        ({"sweeps": 0}, ValueError, "sweeps"),
        ({"compositions": [{"Au": 1}]}, ValueError, "give supercell"),
        ({"supercell": FCC_CUBE, "compositions": [{"Ag": 1}]}, ValueError, "Ag, which no site"),
        ({"supercell": FCC_CUBE, "compositions": [{"Au": 5}]}, ValueError, "of the 4 sites"),
        ({"supercell": FCC_CUBE, "compositions": [{"Au": 1, "Cu": 1}]}, ValueError, "4 sites"),
        ({"cluster_expansion": "ising"}, TypeError, "ClusterExpansion"),
    ],
)
def test_bad_arguments_are_named(change, error, message):
    arguments = {"cluster_expansion": LAYERED, "max_atoms": 2, "progress": False} | change
    with pytest.raises(error, match=message):
        ground_states(arguments.pop("cluster_expansion"), **arguments)


@pytest.mark.parametrize(
    ("compositions", "error", "words"),
    [
        ({"Au": 2}, TypeError, "must be a list of dicts"),
        ([{"Au": 0.5}], TypeError, "numbers of atoms in the supercell, got Au: 0.5"),
        ([], ValueError, "must hold at least one"),
    ],
)
def test_compositions_are_dicts_of_numbers_of_atoms(compositions, error, words):
    with pytest.raises(error, match=words):
        ground_states(
            LAYERED, max_atoms=0, supercell=FCC_CUBE, compositions=compositions, progress=False
        )


def test_a_supercell_of_another_lattice_is_refused():
    shifted = FCC_CUBE.copy()
    shifted.positions[1:] += 0.3
    for other in (bulk("Cu", a=4.0), bulk("Cu", "bcc", a=3.8), shifted):
        with pytest.raises(ValueError, match="supercell does not lie on the lattice"):
            ground_states(LAYERED, max_atoms=0, supercell=other, progress=False)


def test_pure_supercells_need_no_annealing():
    found = ground_states(
        LAYERED, max_atoms=0, supercell=FCC_CUBE, method="annealing", sweeps=200, progress=False
    ).to_frame()
    assert len(found) == 5
    assert found["method"].tolist().count("annealing") == 3
    assert found["mixing_energy"][found["concentration"].isin([0, 1])].tolist() == pytest.approx(
        [0.02, 0.02]
    )


def test_the_solver_says_what_else_there_is():
    ternary = ClusterSpace(PRIMITIVE, [3.0], ["Cu", "Au", "Pd"])
    expansion = ClusterExpansion(ternary, np.linspace(0.01, 0.02, len(ternary)))
    with pytest.raises(ValueError, match=r"more than two allowed species.*'annealing'"):
        ground_states(
            expansion, max_atoms=0, supercell=FCC_CUBE, method="solver",
            compositions=[{"Cu": 1, "Au": 1}], progress=False,
        )  # fmt: skip


def test_too_many_compositions_are_refused():
    known = ClusterSpace(PRIMITIVE, [3.0], ["Cu", "Ag", "Au"])
    expansion = ClusterExpansion(known, np.zeros(len(known)))
    with pytest.raises(ValueError, match="more than 200 compositions"):
        ground_states(expansion, max_atoms=0, supercell=PRIMITIVE.repeat(3), progress=False)


def test_formulas_name_species_in_the_order_of_the_expansion():
    found = ground_states(
        ising("square", coupling=-1.0, species=("Cu", "Au")), max_atoms=2, progress=False
    )
    assert found.states["formula"].tolist() == ["Cu", "CuAu", "Au"]
