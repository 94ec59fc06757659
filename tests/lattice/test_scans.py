"""Scans: the same whoever computes them, resumable, and with errors that are right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from icet import ClusterExpansion, ClusterSpace

from matlearn.lattice import exact, models
from matlearn.lattice._scans.scanning import seed_of
from matlearn.lattice._scans.shipping import digest, pack, unpack
from matlearn.lattice.monte_carlo import MonteCarlo
from matlearn.lattice.observers import LongRangeOrder, Magnetization, ShortRangeOrder
from matlearn.lattice.scans import scan_temperature
from matlearn.store import Store

QUICK = {
    "sweeps": 64,
    "equilibration": 8,
    "boltzmann_constant": 1.0,
    "progress": False,
    "workers": 1,
}


@pytest.fixture(scope="module")
def square() -> ClusterExpansion:
    return models.ising("square")


def quick(model, temperatures, **options):
    return scan_temperature(model, models.supercell("square", 6), temperatures, **QUICK | options)


def results(scan) -> pd.DataFrame:
    return scan.to_frame().drop(columns="cpu_seconds")


def test_a_temperature_gives_the_same_in_any_list_and_on_any_worker(square):
    alone = results(quick(square, [2.5]))
    among = results(quick(square, [3.0, 2.5, 2.0], observers=[]))
    pd.testing.assert_frame_equal(alone, among.iloc[[1]].reset_index(drop=True))
    others = results(quick(square, [3.0, 2.5, 2.0], workers=2))
    pd.testing.assert_frame_equal(among, others)
    assert seed_of(0, 2.5) != seed_of(1, 2.5) != seed_of(1, 2.5000000001)


def test_means_are_those_of_the_simulation_itself(square):
    scan = quick(square, [2.5], keep_series=True, observers=[Magnetization()])
    simulation = MonteCarlo(
        square, models.supercell("square", 6), temperature=2.5, boltzmann_constant=1.0,
        seed=seed_of(0, 2.5),
    )  # fmt: skip
    simulation.run(8, record_every=8)
    frame = simulation.run(64, observers=[Magnetization()])
    row = scan.to_frame().iloc[0]
    for column in ("energy_per_atom", "concentration_Au", "magnetization", "acceptance"):
        assert row[column] == pytest.approx(frame[column].mean())
        assert scan.series[2.5][column].tolist() == frame[column].tolist()
    assert (scan.configurations[2.5].numbers == simulation.numbers).all()


def test_a_stopped_scan_goes_on_and_repeats_nothing(square, tmp_path, monkeypatch):
    temperatures = [2.0, 2.4, 2.8, 3.2]
    whole = results(quick(square, temperatures))
    store = tmp_path / "scan.db"
    calls, last = [], [150]

    def dies(atoms):
        calls.append(1)
        if len(calls) > last[0]:  # in the third temperature
            raise KeyboardInterrupt
        return 0.0

    with pytest.raises(KeyboardInterrupt):
        quick(square, temperatures, store=store, observers=[dies])
    assert len(Store(store)) == 2
    calls.clear()
    last[0] = 10_000
    found = results(quick(square, temperatures, store=store, observers=[dies]))
    assert len(calls) == 2 * 64
    pd.testing.assert_frame_equal(found.drop(columns=["dies", "dies_error"]), whole)
    more = results(quick(square, [2.0, 2.2, 2.4], store=store, observers=[dies]))
    assert len(calls) == 3 * 64
    assert more["temperature"].tolist() == [2.0, 2.2, 2.4]


def test_a_store_of_another_scan_is_refused(square, tmp_path):
    store = tmp_path / "scan.db"
    quick(square, [2.0], store=store)
    with pytest.raises(ValueError, match=r"of another scan \(sweeps=64 there and 65 now\)"):
        quick(square, [2.0], store=store, sweeps=65)
    with pytest.raises(ValueError, match=r"of another scan \(expansion="):
        quick(models.ising("square", coupling=1.1), [2.0], store=store)
    with pytest.raises(ValueError, match=r"seed=0 there and 1 now"):
        quick(square, [2.0], store=store, seed=1)


def test_results_of_an_observer_that_was_changed_are_not_taken_from_the_store(square, tmp_path):
    def size(atoms):
        return len(atoms)

    def double(atoms):
        return 2 * len(atoms)

    double.__name__ = "size"
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    assert results(quick(square, [2.0], store=first, observers=[size]))["size"].iloc[0] == 36
    assert results(quick(square, [2.0], store=first, observers=size))["size"].iloc[0] == 36
    with pytest.raises(ValueError, match=r"of another scan \(observers="):
        quick(square, [2.0], store=first, observers=[double])
    quick(square, [2.0], store=second, observers=[ShortRangeOrder(1)])
    with pytest.raises(ValueError, match=r"of another scan \(observers="):
        quick(square, [2.0], store=second, observers=[ShortRangeOrder(2)])


def test_a_sample_is_heated_and_cooled_step_by_step(square, tmp_path):
    temperatures = [3.0, 0.5, 1.0, 0.6]
    up = quick(square, temperatures, direction="up")
    assert up.to_frame()["temperature"].tolist() == [0.5, 0.6, 1.0, 3.0]
    down = quick(square, temperatures, direction="down", store=tmp_path / "down.db")
    assert down.to_frame()["temperature"].tolist() == [3.0, 1.0, 0.6, 0.5]
    again = quick(square, temperatures, direction="down", store=tmp_path / "down.db")
    pd.testing.assert_frame_equal(down.to_frame(), again.to_frame())  # cpu_seconds as well: read
    # what is frozen in stays: without flips the end of one is the beginning of the next
    cold = quick(square, [0.02, 0.01], direction="down", concentrations={"Au": 0.5, "Ag": 0.5})
    assert (cold.configurations[0.02].numbers == cold.configurations[0.01].numbers).all()
    assert "2 temperatures down 0.02 to 0.01" in repr(cold)


def test_heat_capacity_of_a_semi_grand_alloy_is_the_slope_of_the_grand_energy():
    """Independent atoms: with v = mu - e, C = (v / kT)^2 c (1 - c), whatever the split of v."""
    k, temperature = 1.0, 0.7
    for energy, potential in ((0.5, 0.0), (0.0, -0.5), (0.8, 0.3)):
        gas = models.pair_model("sc", [{}], species=["Cu", "Au"], sites={"Au": energy})
        scan = scan_temperature(
            gas, models.supercell("sc", 6, fill="Cu"), [temperature], sweeps=2000, equilibration=20,
            chemical_potentials={"Au": potential}, boltzmann_constant=k, workers=1, progress=False,
        )  # fmt: skip
        row = scan.to_frame().iloc[0]
        c = 1 / (1 + np.exp(0.5 / temperature))
        assert abs(row["concentration_Au"] - c) < 4 * row["concentration_Au_error"]
        expected = (0.5 / temperature) ** 2 * c * (1 - c)
        assert abs(row["heat_capacity"] - expected) < 4 * row["heat_capacity_error"]
        assert row["heat_capacity_error"] < 0.1 * expected


def test_canonical_scans_with_an_ordered_structure(tmp_path):
    model = models.ising("fcc", coupling=-1.0, species=("Cu", "Au"))
    l1_0 = models.supercell("fcc", 1, fill="Cu")
    l1_0.symbols[[0, 3]] = "Au"
    scan = scan_temperature(
        model, l1_0.repeat(3), [0.5, 5.0], ensemble="canonical", observers=[LongRangeOrder(l1_0)],
        sweeps=100, equilibration=20, boltzmann_constant=1.0, workers=1, progress=False,
    )  # fmt: skip
    order = scan.to_frame()["long_range_order"]
    assert order[0] > 0.99
    assert order[1] < 0.5
    assert scan.to_frame()["concentration_Au"].tolist() == [0.5, 0.5]
    assert scan.peak[0] in (0.5, 5.0)


def test_expansions_survive_the_way_to_a_worker():
    space = ClusterSpace(
        bulk("NaCl", "rocksalt", a=5.6), [6.0, 4.5], [["Na", "Li", "X"], ["Cl", "O"]]
    )
    parameters = np.random.default_rng(0).normal(size=len(space))
    expansion = ClusterExpansion(space, parameters)
    expansion.prune(indices=[len(space) - 1, 5])
    sent = unpack(pack(expansion))
    assert (sent.parameters == expansion.parameters).all()
    atoms = bulk("NaCl", "rocksalt", a=5.6).repeat(2)
    rng = np.random.default_rng(1)
    for _ in range(5):
        atoms.symbols[0::2] = rng.choice(["Na", "Li", "X"], size=8)
        atoms.symbols[1::2] = rng.choice(["Cl", "O"], size=8)
        assert sent.predict(atoms) == expansion.predict(atoms)
    assert pack(sent) == pack(expansion)
    assert digest(pack(expansion)) != digest(pack(ClusterExpansion(space, parameters)))
    assert "hostname" not in pack(expansion)


def test_a_dask_client_does_the_work(square):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = quick(square, [2.0, 3.0], client=client)
    pd.testing.assert_frame_equal(results(there), results(quick(square, [2.0, 3.0])))


def test_a_scan_can_be_drawn(square):
    scan = quick(square, [2.0, 2.5, 3.0])
    assert "heat capacity" in scan.plot(exact=exact.onsager_heat_capacity).get_ylabel().lower()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperatures": []}, r"temperatures must be positive and finite, got none"),
        ({"temperatures": [300, -1]}, r"temperatures must be positive and finite, got -1"),
        ({"temperatures": [300, 300]}, r"all be different"),
        ({"direction": "sideways"}, r"direction must be None, 'up' or 'down', got 'sideways'"),
        ({"sweeps": 10}, r"gives 10 records; at least 16"),
        ({"sweeps": 100, "record_every": 10}, r"gives 10 records; at least 16"),
        ({"equilibration": -1}, r"equilibration must be a whole number of at least 0"),
        ({"seed": -1}, r"seed must be at least 0, got -1"),
        ({"sweeps": "100"}, r"sweeps must be a whole number of at least 1, got 100"),
        ({"ensemble": "grand"}, r"ensemble"),
        ({"chemical_potentials": {"Au": 0.1}, "ensemble": "canonical"}, r"chemical_potentials"),
        ({"concentrations": {"Au": 0.1, "Ag": 0.1}}, r"concentrations"),
    ],
)
def test_bad_input_is_named(square, options, message):
    with pytest.raises(ValueError, match=message):
        quick(square, **{"temperatures": [2.0]} | options)


@pytest.mark.parametrize("temperatures", [300.0, ["hot"], None])
def test_temperatures_that_are_no_list_of_numbers_are_named(square, temperatures):
    with pytest.raises(TypeError, match="temperatures must be a list of numbers, got"):
        quick(square, temperatures)


def test_what_is_no_expansion_is_refused(square):
    with pytest.raises(
        TypeError, match=r"cluster_expansion must be a ClusterExpansion .* got a str"
    ):
        quick("Cu-Au", [300.0])
