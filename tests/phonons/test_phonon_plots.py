"""What the figures of the phonons chapter show, said in their data and their alternative text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from ase.build import bulk

import matlearn as ml
from matlearn import phonons
from matlearn.phonons import plots
from matlearn.plotting import describe

PATH = "GXKGL"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def constants() -> phonons.ForceConstants:
    cell = bulk("Al", a=3.9943, cubic=True)
    return phonons.force_constants("emt", cell=cell, supercell=(2, 2, 2), workers=1, progress=False)


@pytest.fixture(scope="module")
def bands(constants: phonons.ForceConstants) -> phonons.BandStructure:
    return constants.bands(PATH, points=11)


@pytest.fixture(scope="module")
def conductivity(constants: phonons.ForceConstants) -> phonons.ThermalConductivity:
    return phonons.thermal_conductivity(constants, mesh=4, temperatures=(300, 200, 600))


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def curves(ax: Any) -> list[np.ndarray]:
    """The lines of bands, without the vertical ones."""
    return [np.array(line.get_data()) for line in ax.lines if len(line.get_xdata()) > 2]


def test_every_band_is_drawn_along_every_line(bands: phonons.BandStructure) -> None:
    ax = bands.plot()
    drawn = curves(ax)
    assert len(drawn) == 3
    for band, (way, values) in enumerate(drawn):
        kept = np.isfinite(values)
        np.testing.assert_allclose(way[kept], bands.distances)
        np.testing.assert_allclose(values[kept], bands.frequencies[:, band])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Γ", "X", "K", "Γ", "L"]
    assert ax.get_ylim()[0] == 0
    assert "3 bands up to 8.6" in describe(ax)


def test_a_line_ends_where_the_path_jumps(constants: phonons.ForceConstants) -> None:
    ax = plots.bands(constants.bands("GX,KG", points=5))
    way, values = curves(ax)[0]
    assert np.isnan(values).sum() == 1
    assert "X|K" in [label.get_text() for label in ax.get_xticklabels()]
    assert len(way) == 11


def test_a_larger_crystal_is_stretched_to_the_path_of_the_first(
    bands: phonons.BandStructure,
) -> None:
    larger = replace(
        bands,
        distances=0.9 * bands.distances,
        labels=tuple((0.9 * place, name) for place, name in bands.labels),
        frequencies=0.8 * bands.frequencies,
    )
    ax = plots.bands({"small": bands, "large": larger})
    drawn = curves(ax)
    np.testing.assert_allclose(drawn[0][0], drawn[3][0])
    np.testing.assert_allclose(drawn[3][1], 0.8 * drawn[0][1])
    assert texts(ax) == ["small", "large"]


def test_other_paths_are_refused(constants: phonons.ForceConstants, bands: Any) -> None:
    with pytest.raises(ValueError, match="same path, got G-X-K-G-L and G-X of short: name it"):
        plots.bands({"long": bands, "short": constants.bands("GX", points=3)})


def test_imaginary_frequencies_are_shown_and_said(bands: phonons.BandStructure) -> None:
    ax = plots.bands(replace(bands, frequencies=bands.frequencies - 1.0))
    assert ax.get_ylim()[0] < -1.0
    assert "imaginary down to -1.00 THz near Γ" in describe(ax)
    assert "imaginary" in [text.get_text() for text in ax.texts]


def test_measured_frequencies_lie_at_their_points(bands: phonons.BandStructure) -> None:
    ax = plots.bands(bands, experiment={"neutrons": {"G": [0.0], "X": [5.8, 9.7]}})
    points = np.array(ax.lines[-1].get_data()).T
    ways = {name: [w for w, other in bands.labels if other == name] for _, name in bands.labels}
    assert points[:, 0].tolist() == [*ways["G"], *ways["X"], *ways["X"]]
    assert sorted(points[:, 1]) == [0.0, 0.0, 5.8, 9.7]
    with pytest.raises(ValueError, match="names 'Q'; the path has G, X, K, L"):
        plots.bands(bands, experiment={"neutrons": {"Q": [1.0]}})


def test_densities_stand_beside_the_bands(constants: phonons.ForceConstants, bands: Any) -> None:
    density = constants.dos(6)
    ax = plots.bands({"EMT": bands}, dos={"EMT": density})
    left, right = ax.figure.axes
    np.testing.assert_allclose(right.lines[0].get_xdata(), density.total)
    assert right.lines[0].get_color() == left.lines[0].get_color()
    assert right.get_ylim() == left.get_ylim()
    assert "density of states" in describe(ax)
    with pytest.raises(ValueError, match="leave out ax or dos"):
        plots.bands(bands, dos=density, ax=left)


def test_shares_of_elements_add_up_to_the_density(constants: phonons.ForceConstants) -> None:
    one = constants.dos(6)
    split = replace(one, by_element={"Na": 0.3 * one.total, "Cl": 0.7 * one.total})
    ax = split.plot()
    assert texts(ax) == ["Na", "Cl", "total"]
    top = max(path.vertices[:, 1].max() for part in ax.collections for path in part.get_paths())
    assert top == pytest.approx(one.total.max())
    with pytest.raises(ValueError, match="single result"):
        plots.dos([one, one], by_element=True)


def test_the_heat_capacity_stays_below_dulong_and_petit(constants: phonons.ForceConstants) -> None:
    ax = constants.thermal_properties((0, 100, 300, 1000), 6).plot()
    limit = next(line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == ":")
    assert limit == pytest.approx(24.94, abs=0.01)
    values = ax.lines[0].get_ydata()
    assert 0.98 * limit < values.max() < limit


def test_conductivities_are_drawn_by_temperature_beside_experiment(conductivity: Any) -> None:
    ax = plots.kappa(conductivity, experiment={"made up": [(400, 5.0, 0.5)]})
    kelvin, values = ax.lines[0].get_data()
    assert kelvin.tolist() == [200, 300, 600]
    assert values[1] == pytest.approx(conductivity.at(300))
    law = next(line for line in ax.lines if line.get_label() == "as 1/T").get_data()
    np.testing.assert_allclose(law[0] * law[1], 600 * conductivity.at(600))
    assert texts(ax) == ["RTA, mesh 4", "as 1/T", "made up"]
    assert f"{conductivity.at(300):.3g} W/mK at 300 K" in describe(ax)


def test_directions_that_differ_are_drawn_apart(conductivity: Any) -> None:
    stretched = conductivity.kappa * np.diag([1.0, 1.0, 2.0])
    ax = replace(conductivity, kappa=stretched).plot()
    assert [line.get_label() for line in ax.lines[:3]] == [
        f"RTA, mesh 4, along {axis}" for axis in "xyz"
    ]
    np.testing.assert_allclose(ax.lines[2].get_ydata(), 2 * ax.lines[0].get_ydata())


def test_a_direct_solution_stands_beside_its_relaxation_times(conductivity: Any) -> None:
    both = replace(conductivity, method="lbte", kappa_rta=0.8 * conductivity.kappa)
    ax = plots.kappa(both)
    assert texts(ax)[:2] == ["LBTE, mesh 4", "relaxation times"]
    np.testing.assert_allclose(ax.lines[1].get_ydata(), 0.8 * ax.lines[0].get_ydata())


@pytest.mark.parametrize("quantity", ["frequency", "mean free path"])
def test_what_is_added_up_ends_at_the_conductivity(conductivity: Any, quantity: str) -> None:
    ax = plots.cumulative(conductivity, quantity=quantity, temperature=200)
    values = ax.lines[0].get_ydata()
    assert values[-1] == pytest.approx(conductivity.at(200), rel=1e-6)
    assert (np.diff(values) > -1e-9).all()
    place, half = (float(one[0]) for one in ax.lines[1].get_data())
    assert half == pytest.approx(values[-1] / 2)
    assert np.searchsorted(ax.lines[0].get_xdata(), place) == np.searchsorted(values, half)


def test_several_are_added_up_to_a_hundred_percent(conductivity: Any) -> None:
    ax = plots.cumulative({"one": conductivity, "two": conductivity}, temperature=300)
    assert ax.lines[1].get_ydata()[-1] == pytest.approx(100)
    assert ax.get_ylabel().endswith("(%)")
    with pytest.raises(ValueError, match="temperature must be one of 300, 200, 600 K"):
        plots.cumulative(conductivity, temperature=250)


def test_modes_have_their_lifetimes_and_a_line_of_one_period(conductivity: Any) -> None:
    ax = plots.lifetimes(conductivity, temperature=600)
    points = ax.collections[0].get_offsets()
    table = conductivity.modes(600)
    alive = table[(table["lifetime"] > 0) & (table["frequency"] > 1e-3)]
    np.testing.assert_allclose(points, alive[["frequency", "lifetime"]])
    frequencies, periods = ax.lines[0].get_data()
    np.testing.assert_allclose(frequencies * periods, 1.0)
    assert "At 600 K; acoustic" in describe(ax)
    assert "100 % of the heat" in describe(ax)


def test_group_velocities_are_those_of_the_modes(conductivity: Any) -> None:
    ax = plots.group_velocities(conductivity)
    speeds = np.linalg.norm(conductivity.group_velocities, axis=-1).ravel()
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 1], speeds)


def test_coupling_falls_with_distance_and_border_atoms_are_open(
    constants: phonons.ForceConstants,
) -> None:
    ax = plots.decay(constants)
    inside, border = (np.array(part.get_offsets()) for part in ax.collections)
    nearest = 3.9943 / np.sqrt(2)
    np.testing.assert_allclose(inside[:, 0], nearest)
    assert border[:, 0].min() == pytest.approx(3.9943)
    assert inside[:, 1].min() > 5 * border[:, 1].max()


def test_nearest_neighbours_are_coupled_alike_whatever_the_order_of_atoms() -> None:
    salt = phonons.force_constants(ml.datasets.load("nacl-pbe")[:6], order=2)
    inside = np.array(plots.decay(salt).collections[0].get_offsets())
    nearest = inside[:, 0] < 2.9
    assert nearest.sum() == 12  # six of each ion
    np.testing.assert_allclose(inside[nearest, 1], inside[nearest, 1].mean(), rtol=1e-6)


def test_forces_are_compared_only_of_the_same_displacements() -> None:
    cell = bulk("Al", a=3.9943, cubic=True)
    moved = phonons.random_displacements(cell, (1, 1, 1), count=2)
    found = phonons.force_set(moved, "emt", workers=1, progress=False)
    worse = replace(found, forces=found.forces + 0.002)
    ax = plots.forces(found, worse)
    assert "MAE 2, RMSE 2 meV/Å (24)" in texts(ax)[0]
    others = phonons.random_displacements(cell, (1, 1, 1), count=2, seed=5)
    with pytest.raises(ValueError, match="same displacements"):
        plots.forces(found, phonons.force_set(others, "emt", workers=1, progress=False))


def test_a_mode_is_marked_among_the_bands_with_an_arrow_an_atom(constants: Any) -> None:
    ax = plots.mode(constants, path=PATH, point="L", branch=3)
    (way,), (frequency,) = ax.lines[-1].get_data()
    bands = constants.bands(PATH)
    assert way == pytest.approx(bands.labels[-1][0])
    assert frequency == pytest.approx(bands.frequencies[-1, 2])
    assert "longitudinal" in ax.get_title(loc="left")
    arrows = ax.figure.axes[1].collections
    assert max(len(part.get_offsets()) for part in arrows) == 8 * 4
    assert "L, branch 3 of 3" in describe(ax)


def test_a_table_of_convergence_is_drawn_with_its_failures_and_errors() -> None:
    rows = [
        {"value": 20, "kappa": 8.4, "force_rmse": 0.03},
        {"value": 40, "failure": "no"},
        {"value": 80, "kappa": 8.1, "force_rmse": 0.027},
    ]
    ax = plots.convergence(
        phonons.Convergence("training", 300.0, rows), reference={"direct": 8.267}, tolerance=0.01
    )
    left, right = ax.figure.axes
    assert np.array(left.lines[0].get_data()).T.tolist() == [[20, 8.4], [80, 8.1]]
    assert left.lines[1].get_xdata().tolist() == [40]
    assert texts(ax) == ["300 K", "failed (1)", "last value ± 1 %", "direct"]
    assert right.lines[0].get_ydata().tolist() == [0.03, 0.027]
    assert "from 0.03 to 0.027 meV/Å" in describe(ax)


def test_supercells_stand_side_by_side_by_name() -> None:
    rows = [{"value": (n, n, n), "kappa": 8.0 + n} for n in (1, 2, 3)]
    ax = phonons.Convergence("supercell", 300.0, rows).plot()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1×1×1", "2×2×2", "3×3×3"]
    meshes = phonons.Convergence("mesh", 300.0, [{"value": 5, "kappa": 1.0}])
    with pytest.raises(ValueError, match="over one thing, got supercell and mesh"):
        plots.convergence([phonons.Convergence("supercell", 300.0, rows), meshes])


@pytest.mark.parametrize(
    ("figure", "what", "kind", "message"),
    [
        (plots.bands, [], ValueError, "at least one"),
        (plots.bands, 3, TypeError, "got int, which has no 'primitive'"),
        (plots.dos, {"a": 3}, TypeError, "dict of them by name"),
        (plots.kappa, "x", TypeError, "got str, which has no 'temperatures', 'kappa'"),
        (plots.mode, 3, TypeError, "ForceConstants or a BandStructure, got int"),
        (plots.decay, 3, TypeError, "fc2"),
    ],
)
def test_what_is_no_result_is_refused(figure: Any, what: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        figure(what)


def test_experiments_that_are_none_are_refused(conductivity: Any) -> None:
    with pytest.raises(ValueError, match=r"experiment\['x'\] must be a frame, or pairs"):
        plots.kappa(conductivity, experiment={"x": 3})
    with pytest.raises(ValueError, match="positive temperatures and values"):
        plots.kappa(conductivity, experiment={"x": [(0, 3)]})
