"""The figures of the lattice chapter: what they show, not how they look."""

from __future__ import annotations

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.units import kB

from matlearn.lattice import MonteCarlo, models, plots
from matlearn.lattice._figures.closings import closings
from matlearn.lattice._figures.labels import column_label
from matlearn.lattice._figures.pictures import LayerPicture, species_colors
from matlearn.lattice._figures.tiles import EDGE, OUTSIDE, find_layer


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    plt.close("all")


def points(ax: object, label: str) -> list[tuple[float, float]]:
    line = next(one for one in ax.lines if one.get_label() == label)  # type: ignore[attr-defined]
    return [(float(x), round(float(y), 6)) for x, y in line.get_xydata()]


def legend(ax: object) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[attr-defined]


def training() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["a", "b", "c", "d", "e", "f"],
            "formula": ["Cu", "Au", "CuAu", "CuAu", "Cu3Au", "Cu3Au"],
            "concentration": [0.0, 1.0, 0.5, 0.5, 0.25, 0.25],
            "mixing_energy": [0.0, 0.0, -0.008, 0.02, -0.010, -0.9],
            "predicted": [0.001, 0.0, -0.002, 0.02, -0.012, np.nan],
            "on_lattice": [True, True, True, True, True, False],
        }
    )


def test_the_hull_joins_the_lowest_structures_on_the_lattice() -> None:
    ax = plots.convex_hull(training())
    assert points(ax, "computed hull") == [(0, 0), (0.25, -10), (0.5, -8), (1, 0)]
    assert points(ax, "left the lattice") == [(0.25, -900)]
    assert len(points(ax, "computed")) == 5
    assert ax.get_xlabel() == "Fraction of Au"
    assert [text.get_text() for text in ax.texts] == ["Cu", "Cu$_{3}$Au", "CuAu", "Au"]


def test_the_predicted_hull_is_that_of_the_predictions() -> None:
    ax = plots.convex_hull(training())
    assert points(ax, "predicted hull") == [(0, 1), (0.25, -12), (1, 0)]
    assert "on the predicted hull: Cu, Cu3Au, Au" in ax._matlearn_alt


def test_a_fit_is_drawn_over_the_frame_it_is_given_with() -> None:
    frame = training().drop(columns="predicted")
    fit = SimpleNamespace(predictions=training())
    assert "predicted hull" in legend(plots.convex_hull(frame, fit=fit))
    assert "predicted hull" not in legend(plots.convex_hull(frame))


def test_ground_states_that_a_diagnosis_misses_are_marked() -> None:
    frame = training().assign(status=["preserved", "preserved", "lost", "spurious", "", ""])
    ax = plots.convex_hull(SimpleNamespace(to_frame=lambda: frame))
    assert points(ax, "lost ground state") == [(0.5, -8)]
    assert points(ax, "spurious ground state") == [(0.5, 20)]


def test_interactions_are_weighted_by_their_multiplicity() -> None:
    table = pd.DataFrame(
        {"order": [0, 1, 2, 2, 3], "radius": [0, 0, 1.3, 1.8, 1.5],
         "multiplicity": [1, 1, 6, 3, 8], "eci": [-0.02, 0.003, 0.004, -0.001, 0.0]}
    )  # fmt: skip
    ax = plots.ecis(SimpleNamespace(ecis=table))
    assert [y for _, y in points(ax, "pairs")] == [24, -3]
    assert legend(ax) == ["singlet", "pairs", "triplets"]
    assert "3 of them not zero; the largest is 24.00 meV/atom at 1.30 Å" in ax._matlearn_alt


def test_cross_validation_names_the_best_of_each_method_and_skips_what_could_not_be_fitted() -> (
    None
):
    table = pd.DataFrame(
        {"method": ["ridge", "ridge", "ols", "ols"], "n_parameters": [15, 6, 6, np.nan],
         "rmse_train": [0.005, 0.009, 0.009, np.nan],
         "rmse_validation": [0.0063, 0.0101, 0.0102, np.nan]}
    )  # fmt: skip
    ax = plots.cross_validation(table)
    assert "ridge 6.30 meV/atom at 15; ols 10.20 meV/atom at 6" in ax._matlearn_alt
    assert list(ax.lines[0].get_xdata()) == [6, 15]
    assert {text.get_text() for text in ax.texts} == {"ridge", "ols"}


def scan(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"temperature": [3.0, 2.0], "heat_capacity": [0.4, 0.8],
         "heat_capacity_error": [0.01, 0.02], "energy_per_atom": [-0.8, -1.7]}
    )  # fmt: skip
    return frame.assign(**columns)


def test_a_heat_capacity_is_drawn_with_its_errors_over_the_exact_one() -> None:
    ax = plots.heat_capacity(scan(), exact=lambda t: 1 / t, model=True)
    bars = ax.containers[0]
    assert bars.lines[0].get_xydata().tolist() == [[2.0, 0.8], [3.0, 0.4]]
    segments = bars.lines[2][0].get_segments()
    assert [round(float(np.ptp(s[:, 1])), 6) for s in segments] == [0.04, 0.02]
    assert legend(ax) == ["exact", "simulated"]
    assert ax.get_xlabel() == "Temperature (J/k$_B$)"
    assert "largest 0.8 at 2" in ax._matlearn_alt


def test_the_boltzmann_constant_of_a_scan_decides_its_units() -> None:
    alloy = SimpleNamespace(to_frame=scan, boltzmann_constant=kB)
    model = SimpleNamespace(to_frame=scan, boltzmann_constant=1.0)
    column = "energy_per_atom"
    assert plots.order_parameter(alloy, column).get_ylabel() == "Energy (meV/atom)"
    assert plots.order_parameter(model, column).get_ylabel() == "Energy (J/site)"


def test_several_scans_have_a_name_each() -> None:
    ax = plots.heat_capacity({"L = 16": scan(), "L = 32": scan(heat_capacity=[0.4, 1.1])})
    assert legend(ax) == ["L = 16", "L = 32"]
    assert "L = 32: largest 1.1 at 2" in ax._matlearn_alt


def test_hysteresis_says_where_the_branches_part() -> None:
    temperature = [1.0, 1.5, 2.0, 2.5]
    up = pd.DataFrame({"temperature": temperature, "energy_per_atom": [-2, -1.9, -1.8, -0.9]})
    down = pd.DataFrame({"temperature": temperature, "energy_per_atom": [-2, -1.9, -1.0, -0.9]})
    assert "apart from 2 to 2." in plots.hysteresis(up, down)._matlearn_alt
    assert "lie on each other" in plots.hysteresis(up, up)._matlearn_alt


def test_a_run_of_a_model_is_drawn_in_units_of_its_coupling() -> None:
    start = models.supercell("square", 4, fill="Au")
    simulation = MonteCarlo(
        models.ising("square"), start, temperature=2.0, boltzmann_constant=1.0, seed=1
    )
    assert plots.trace(simulation.run(5)).get_ylabel() == "Energy (J/site)"


def run() -> pd.DataFrame:
    energy = np.concatenate([np.linspace(0.0, -0.2, 50, endpoint=False), np.full(150, -0.2)])
    noise = 1e-3 * np.random.default_rng(0).normal(size=200)
    return pd.DataFrame({"sweep": np.arange(1, 201), "energy_per_atom": energy + noise,
                         "concentration_Au": 0.5 + noise})  # fmt: skip


def test_a_trace_takes_its_mean_after_equilibration() -> None:
    ax = plots.trace(run(), equilibration=100)
    assert "mean -200" in ax.texts[0].get_text()
    found = plots.trace(run())._matlearn_alt
    start = float(found.split("until sweep ")[1].split(";")[0])
    assert 40 <= start <= 60, "where the drift ends"


def test_a_trace_of_several_columns_has_a_panel_each() -> None:
    ax = plots.trace(run(), ["energy_per_atom", "concentration_Au"])
    assert [panel.get_ylabel() for panel in ax.figure.axes] == [
        "Energy (meV/atom)", "Fraction of Au"
    ]  # fmt: skip
    with pytest.raises(ValueError, match="several columns need a figure of their own"):
        plots.trace(run(), ["energy_per_atom", "concentration_Au"], ax=ax)


def test_free_energies_of_two_phases_cross_where_they_are_equal() -> None:
    ordered = pd.DataFrame({"temperature": [300, 600], "free_energy": [-0.012, -0.013]})
    mixed = pd.DataFrame({"temperature": [300, 600], "free_energy": [-0.010, -0.016]})
    ax = plots.free_energy({"ordered": ordered, "mixed": mixed}, relative_to="ordered")
    assert "ordered and mixed cross at 420" in ax._matlearn_alt
    assert list(ax.containers[0].lines[0].get_ydata()) == [0, 0]
    assert list(ax.containers[1].lines[0].get_ydata()) == pytest.approx([2, -3])
    with pytest.raises(ValueError, match="relative_to must be one of ordered, mixed"):
        plots.free_energy({"ordered": ordered, "mixed": mixed}, relative_to="liquid")


def test_diffusion_takes_results_by_filling() -> None:
    one = SimpleNamespace(tracer=2e-9, tracer_error=1e-10, jump=4e-9, jump_error=3e-10)
    ax = plots.diffusion({0.5: one, 0.1: one}, exact={"(1 - filling) D0": lambda x: 8e-9 * (1 - x)})
    assert list(ax.containers[1].lines[0].get_xdata()) == [0.1, 0.5]
    assert "jump (collective) diffusion from 4e-09 to 4e-09 cm2/s" in ax._matlearn_alt
    with pytest.raises(TypeError, match="dict of fillings to diffusion results"):
        plots.diffusion({0.5: 1.0})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.convex_hull(pd.DataFrame({"x": [1]})), "data has no column 'concentration'"),
        (lambda: plots.ecis(pd.DataFrame({"order": [2]})), "fit.ecis has no column 'radius'"),
        (lambda: plots.heat_capacity(scan().iloc[:0]), "scan has no rows"),
        (lambda: plots.heat_capacity({}), "scan is empty"),
        (lambda: plots.trace(run(), []), "columns is empty"),
    ],
)
def test_what_is_missing_is_named(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("figure", [plots.ecis, plots.heat_capacity, plots.trace, plots.snapshot])
def test_what_is_no_result_is_refused(figure: object) -> None:
    with pytest.raises(TypeError, match=r"must be .*, got int"):
        figure(3)  # type: ignore[operator]


def square(n: int) -> Atoms:
    return Atoms("Ag", cell=[1, 1, 10], pbc=[True, True, False]).repeat((n, n, 1))


LAYERS = {
    "square": (square(6), (0, 0, 1), 36, 1),
    "fcc, cubic": (bulk("Cu", cubic=True).repeat(3), (0, 0, 1), 18, 6),
    "fcc, primitive": (bulk("Cu").repeat(5), (0, 0, 1), 25, 5),
    "fcc, close-packed": (bulk("Cu").repeat(4), (1, 1, 1), 16, 4),
    "bcc": (bulk("Fe").repeat((4, 4, 6)), (0, 0, 1), 48, 2),
    "hcp": (bulk("Mg").repeat(4), (0, 0, 1), 16, 8),
    "rocksalt": (bulk("NaCl", "rocksalt", a=5.6, cubic=True).repeat(2), (0, 0, 1), 16, 4),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_whole_planes_and_hold_every_site_once(name: str) -> None:
    atoms, plane, n_sites, count = LAYERS[name]
    layers = [find_layer(atoms, plane, index) for index in range(count)]
    assert {layer.count for layer in layers} == {count}
    assert sorted(np.concatenate([layer.sites for layer in layers])) == list(range(len(atoms)))
    for layer in layers:
        assert len(layer.sites) == n_sites
        steps = layer.positions[:, None] - layer.positions + 1e3 * np.eye(n_sites)[..., None]
        inside = np.linalg.norm(steps, axis=2).min(axis=1)
        near = atoms.get_all_distances(mic=True) + 1e3 * np.eye(len(atoms))
        true = near[np.ix_(layer.sites, layer.sites)].min()
        assert inside.min() == pytest.approx(true), "neighbours in the plane keep their distance"


@pytest.mark.parametrize("name", LAYERS)
def test_tiles_are_equally_large(name: str) -> None:
    atoms, plane, n_sites, _ = LAYERS[name]
    tiles, (left, right, bottom, top) = find_layer(atoms, plane).tiles(400)
    sizes = np.bincount(tiles[tiles >= 0], minlength=n_sites)
    assert sizes.min() > 0.85 * sizes.max()
    height, width = tiles.shape
    assert (right - left) / width == pytest.approx((top - bottom) / height)


def test_a_tile_lies_where_its_site_does() -> None:
    layer = find_layer(square(5))
    tiles, (left, right, bottom, top) = layer.tiles(200)
    height, width = tiles.shape
    for site, (x, y) in enumerate(layer.positions):
        row = int((top - y) / (top - bottom) * height)
        column = int((x - left) / (right - left) * width)
        assert tiles[row, column] == site


@pytest.mark.parametrize(
    ("plane", "index", "message"),
    [
        ((0, 0), 0, "three numbers that are not all zero"),
        ((1, 0.3141, 0.577), 0, "no net plane of this supercell"),
        ((0, 0, 1), 6, "layer must be from 0 to 5, got 6"),
    ],
)
def test_a_layer_that_is_not_there_is_refused(
    plane: tuple[float, ...], index: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        find_layer(bulk("Cu", cubic=True).repeat(3), plane, index)


def test_a_picture_has_the_colours_of_its_species() -> None:
    atoms = square(4)
    atoms.symbols[:8] = "Au"
    picture = LayerPicture(find_layer(atoms), species_colors(["Ag", "Au"]), width=32)
    seen = picture.rgb(atoms.numbers)
    colors, counts = np.unique(seen.reshape(-1, 3), axis=0, return_counts=True)
    blue, orange = (0, 114, 178), (230, 159, 0)
    shares = dict(zip(map(tuple, colors.tolist()), counts.tolist(), strict=True))
    assert shares == {blue: 512, orange: 512}, "8 by 8 pixels a site, without seams"


def test_what_is_no_site_is_white() -> None:
    slanted = Atoms("Ag", cell=[[1, 0, 0], [0.5, 0.75**0.5, 0], [0, 0, 9]], pbc=True).repeat(
        (4, 4, 1)
    )
    layer = find_layer(slanted)
    picture = LayerPicture(layer, species_colors(["Ag"]), width=200)
    tiles = layer.tiles(200)[0]
    white = (picture.rgb(slanted.numbers) == 255).all(axis=2)
    assert (white == np.isin(tiles, (OUTSIDE, EDGE))).all()
    assert (tiles == OUTSIDE).any()
    assert (tiles == EDGE).any()


def test_a_snapshot_of_a_simulation_speaks_of_its_spins() -> None:
    atoms = square(4)
    atoms.symbols[:4] = "Au"
    simulation = SimpleNamespace(atoms=atoms, concentrations={"Ag": 0.75, "Au": 0.25})
    ax = plots.snapshot(simulation, spin_up="Au")
    assert legend(ax) == ["down 75 %", "up 25 %"]
    assert "Layer 1 of 1 perpendicular to (0 0 1) with 16 sites" in ax._matlearn_alt
    with pytest.raises(ValueError, match="spin_up must be one of Ag, Au, got 'Cu'"):
        plots.snapshot(simulation, spin_up="Cu")


def test_vacancies_are_named() -> None:
    atoms = square(2)
    atoms.numbers[0] = 0
    assert legend(plots.snapshot(atoms)) == ["vacancy 25 %", "Ag 75 %"]


def test_unknown_columns_are_written_in_words() -> None:
    assert column_label("short_range_order") == ("Short range order", 1.0)
    assert column_label("concentration_X") == ("Fraction of vacancies", 1.0)


def diagram() -> SimpleNamespace:
    """An ordered phase that melts at 300 K into the solution on both sides, which meets itself."""
    names = ["temperature", "phase_left", "phase_right", "x_left", "x_right"]
    rows = [
        (0, "Cu", "AuCu", 0.0, 0.5), (0, "AuCu", "Au", 0.5, 1.0),
        (200, "disordered", "AuCu", 0.2, 0.48), (200, "AuCu", "disordered", 0.52, 0.8),
        (300, "disordered", "AuCu", 0.45, 0.5), (300, "AuCu", "disordered", 0.5, 0.55),
    ]  # fmt: skip
    lines = pd.DataFrame(rows, columns=names)
    boundaries = lines[lines["temperature"] > 0].assign(
        x_left_error=0.01, x_right_error=0.01, kind=["crossing", "crossing", "bracket", "crossing"]
    )
    states = pd.DataFrame(
        [(t, p, x, s) for t in (200, 300, 400) for p, x, s in
         [("disordered", 0.1, True), ("disordered", 0.9, True), ("AuCu", 0.5, t < 350)]],
        columns=["temperature", "phase", "x", "stable"],
    )  # fmt: skip
    ground = pd.DataFrame({"phase": ["Cu", "AuCu", "Au"], "concentration": [0.0, 0.5, 1.0]})
    return SimpleNamespace(
        tie_lines=lines, boundaries=boundaries, single_phase=states, ground_states=ground,
        species=("Cu", "Au"), temperatures=(200.0, 300.0, 400.0), boltzmann_constant=kB,
    )  # fmt: skip


def test_a_phase_diagram_joins_its_boundaries_down_to_zero() -> None:
    ax = plots.phase_diagram(diagram())
    curves = [line.get_xydata().tolist() for line in ax.lines if len(line.get_xdata()) == 3]
    assert [[0, 0], [0.2, 200], [0.45, 300]] in curves
    assert [[0.5, 0], [0.48, 200], [0.5, 300]] in curves
    assert {text.get_text() for text in ax.texts} == {"disordered", "AuCu"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Fraction of Au", "Temperature (K)")
    assert [0.5, 350.0] in [
        line.get_xydata().tolist()[1] for line in ax.lines if len(line.get_xdata()) == 2
    ]
    assert "AuCu is stable from 0.50 to 0.50, up to 300 K" in ax._matlearn_alt


def test_fields_of_phases_close_between_the_temperatures() -> None:
    names = ["temperature", "phase_left", "phase_right", "x_left", "x_right"]
    rows = [
        (1, "s", "A", 0.1, 0.2), (1, "A", "B", 0.3, 0.5), (1, "B", "C", 0.5, 0.7), (1, "C", "s", 0.7, 0.9),
        (2, "s", "A", 0.1, 0.2), (2, "A", "s", 0.3, 0.35), (2, "s", "B", 0.4, 0.5), (2, "B", "s", 0.6, 0.8),
        (3, "s", "B", 0.4, 0.5), (3, "B", "s", 0.6, 0.7),
    ]  # fmt: skip
    found = closings(pd.DataFrame(rows, columns=names), [1, 2, 3, 4], "s")
    by_phases = {(end.phases, end.temperature): end for end in found}
    peritectoid = by_phases[("B", "C", "s"), 1]
    assert peritectoid.tip == 1.5
    assert peritectoid.ends == pytest.approx((0.55, 0.7, 0.85))
    assert peritectoid.beyond == (2, 0.6, 0.8)
    eutectoid = by_phases[("A", "s", "B"), 2]
    assert (eutectoid.tip, eutectoid.beyond) == (1.5, (1, 0.3, 0.5))
    for name, at, x in (("A", 2, 0.25), ("B", 3, 0.55)):  # both melt congruently
        end = by_phases[("s", name, "s"), at]
        assert (end.tip, end.beyond) == (at + 0.5, None)
        assert end.ends == pytest.approx((x, x, x))
    assert len(found) == 4
    gap = pd.DataFrame([(1, "s", "s", 0.1, 0.9), (2, "s", "s", 0.3, 0.7)], columns=names)
    (end,) = closings(gap, [1, 2, 3], "s")
    assert (end.temperature, end.tip, end.ends) == (2, 2.5, (0.5, 0.5, 0.5))


def test_a_boundary_that_was_only_bracketed_is_an_open_marker() -> None:
    markers = [bar.lines[0] for bar in plots.phase_diagram(diagram()).containers]
    openly = [
        line.get_xydata().tolist() for line in markers if line.get_markerfacecolor() == "white"
    ]
    assert openly == [[[0.45, 300.0]], [[0.5, 300.0]]]


def test_a_phase_diagram_is_asked_for() -> None:
    with pytest.raises(TypeError, match="diagram must be a PhaseDiagram, got DataFrame"):
        plots.phase_diagram(pd.DataFrame())
