"""What the transport figures show, said in their data and their alternative text."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk

from matlearn.calculators import get_calculator
from matlearn.plotting import describe
from matlearn.transport import (
    Trajectory,
    arrhenius,
    diffusion_coefficient,
    plots,
    radial_distribution,
    random_walk,
)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


WALK = random_walk(frames=600, ions=20, seed=4)
POINTS = [(500, 1.68e-5, 8e-7), (600, 2.45e-5, 1e-6), (750, 3.57e-5, 2e-6)]


def run(drift: float = 0.0, frames: int = 50, **info: Any) -> Trajectory:
    """Four copper atoms whose total energy drifts by so many eV/ps, all atoms together."""
    rng = np.random.default_rng(0)
    times = 0.1 * np.arange(frames)
    start = bulk("Cu", cubic=True)
    shake = 0.02 * rng.normal(size=frames)
    return Trajectory(
        numbers=start.numbers, positions=np.repeat(start.positions[None], frames, axis=0),
        cells=start.cell.array, pbc=True, time_step=0.1, energies=-14.0 + shake + drift * times,
        kinetic_energies=0.15 - shake, info=info,
    )  # fmt: skip


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_diffusion_coefficient_is_drawn_with_its_line_and_its_window() -> None:
    found = diffusion_coefficient(WALK, "Li")
    ax = plots.msd(found)
    left, right = ax.figure.axes
    assert (left.get_xscale(), right.get_xscale()) == ("linear", "log")
    line = next(one for one in left.lines if one.get_label() == "fitted, ± its error")
    x, y = line.get_xdata(), line.get_ydata()
    assert x[0] == pytest.approx(found.window[0])
    assert (y[-1] - y[0]) / (x[-1] - x[0]) == pytest.approx(6e4 * found.value)
    assert "D = " in describe(ax)
    assert "slope 1" in texts(right)


def test_the_guide_on_logarithmic_axes_has_the_slope_one() -> None:
    ax = plots.msd(diffusion_coefficient(WALK, "Li"), log=True)
    guide = next(one for one in ax.lines if one.get_label() == "slope 1")
    x, y = guide.get_data()
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(1.0)


def test_each_axis_is_drawn_by_itself_and_they_add_up() -> None:
    found = diffusion_coefficient(WALK, "Li").msd
    ax = plots.msd(found, by_axis=True, log=False)
    assert texts(ax) == ["Li along x", "Li along y", "Li along z"]
    total = sum(line.get_ydata() for line in ax.lines)
    rows = np.isin(found.lags, ax.lines[0].get_xdata())
    np.testing.assert_allclose(total, found.values[rows])


def test_species_that_stay_are_told_from_those_that_move() -> None:
    ax = plots.msd_by_species(WALK, drift=None)
    ends = {line.get_label(): line.get_ydata()[-1] for line in ax.lines}
    still = next(name for name in WALK.species if name != "Li")
    assert ends[still] < 0.05 * ends["Li"]
    assert set(ends) == {"Li", still}


@pytest.mark.parametrize(
    ("what", "kind", "message"),
    [
        (3, TypeError, "must be what diffusion_coefficient"),
        ([], ValueError, "at least one"),
    ],
)
def test_what_has_no_displacement_is_refused(what: Any, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        plots.msd(what)


def test_a_lag_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="until must leave at least two lags"):
        plots.msd(diffusion_coefficient(WALK, "Li").msd, until=0.05)


def test_an_arrhenius_law_goes_through_the_axis_at_its_own_values() -> None:
    law = arrhenius(POINTS)
    ax = plots.arrhenius(law, extrapolate_to=300, experiment={"made up": [(550, 2.2e-5, 1e-6)]})
    assert ax.get_yscale() == "log"
    solid, dashed = (one for one in ax.lines if len(one.get_xdata()) >= 40)
    for line in (solid, dashed):
        for x, y in zip(*line.get_data(), strict=True):
            assert y == pytest.approx(law.at(1000.0 / x)[0])
    assert dashed.get_xdata()[0] == pytest.approx(1000 / 300)
    assert texts(ax) == ["$E_a$ = 0.097(9) eV", "made up"]
    above = ax.child_axes[0]
    assert above.get_xlabel() == "Temperature (K)"
    assert 300 in above.get_xticks()
    said = describe(ax)
    assert "activation energy 0.097(9) eV" in said
    assert "2.2e-05 at 550 K" in said


def test_a_law_is_not_extrapolated_to_where_it_was_measured() -> None:
    assert "extrapolated" not in describe(plots.arrhenius(arrhenius(POINTS), extrapolate_to=620))


def test_measured_values_come_as_a_frame_pairs_or_a_law() -> None:
    law = arrhenius(POINTS)
    frame = pd.DataFrame({"temperature": [520.0], "value": [2e-5]})
    ax = plots.arrhenius({"run": law}, experiment={"a": frame, "b": [(530, 2e-5)], "c": law})
    assert set(texts(ax)) == {"run: $E_a$ = 0.097(9) eV", "a", "b", "c"}


@pytest.mark.parametrize(
    ("experiment", "message"),
    [
        ({"a": [(500,)]}, "pairs of a temperature"),
        ({"a": "no"}, "pairs of a temperature"),
        ({"a": [(500, -1e-5)]}, "positive"),
        ({"a": pd.DataFrame({"T": [500]})}, "columns 'temperature' and 'value'"),
    ],
)
def test_an_experiment_that_is_none_is_refused(experiment: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.arrhenius(arrhenius(POINTS), experiment=experiment)


def test_quantities_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="one quantity"):
        plots.arrhenius([arrhenius(POINTS), arrhenius(POINTS, quantity="conductivity")])
    with pytest.raises(ValueError, match="above 0 K"):
        plots.arrhenius(arrhenius(POINTS), extrapolate_to=-10)
    with pytest.raises(TypeError, match="activation_energy"):
        plots.arrhenius(POINTS)


def conductivity(temperature: float, value: float, kind: str) -> SimpleNamespace:
    return SimpleNamespace(temperature=temperature, value=value, error=0.1 * value, kind=kind)


def test_conductivities_of_a_kind_share_a_marker() -> None:
    found = [
        conductivity(t, t / 400, kind) for t in (500, 700) for kind in ("nernst-einstein", "charge")
    ]
    ax = plots.conductivity(found, experiment={"made up": [(600, 1.4)]})
    assert texts(ax) == ["Nernst-Einstein (single ions)", "motion of all charges", "made up"]
    assert "1.25(12) at 500 K" in describe(ax)
    with pytest.raises(ValueError, match="must have temperatures"):
        plots.conductivity(SimpleNamespace(temperature=None, value=1, error=1, kind="charge"))


def test_the_drift_of_the_total_energy_is_its_slope() -> None:
    ax = plots.energy_conservation({"still": run(), "drifting": run(drift=0.008)})
    assert texts(ax)[0].startswith("still: drift ")
    assert "drift +2 meV/atom/ps" in texts(ax)[1]
    still, drifting = (line.get_ydata() for line in ax.lines[:2])
    np.testing.assert_allclose(still, 0, atol=1e-9)
    assert drifting[-1] == pytest.approx(2 * 4.9)


def test_the_name_of_a_run_is_its_time_step() -> None:
    assert texts(plots.energy_conservation(run(timestep=0.004)))[0].startswith("4 fs: ")


def test_a_run_without_energies_has_none_to_conserve() -> None:
    with pytest.raises(ValueError, match="has no energies"):
        plots.energy_conservation(WALK)


def test_temperature_energy_and_volume_are_drawn_where_they_change() -> None:
    ax = plots.thermodynamics(run())
    labels = [one.get_ylabel() for one in ax.figure.axes]
    assert labels == ["Temperature (K)", "Potential energy (eV/atom)"], "the volume is constant"
    mean = run().temperatures[25:].mean()
    assert f"{mean:.5g} ± " in describe(ax)
    assert len(plots.thermodynamics(run(), quantities="volume").figure.axes) == 1


def test_what_a_run_does_not_know_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="quantities must be of temperature, energy, volume"):
        plots.thermodynamics(run(), quantities="pressure")
    with pytest.raises(ValueError, match="does not know its energy"):
        plots.thermodynamics(WALK, quantities="energy")
    with pytest.raises(ValueError, match="ax has room for one quantity"):
        plots.thermodynamics(run(), ax=plots.thermodynamics(run()))


def test_neighbours_are_counted_on_an_axis_of_their_own() -> None:
    still = Trajectory.from_atoms([bulk("Cu", cubic=True) * (2, 2, 2)] * 2, time_step=0.1)
    found = radial_distribution(still, "Cu")
    ax = plots.radial_distribution([found], coordination=True)
    beside = ax.figure.axes[1]
    np.testing.assert_allclose(beside.lines[0].get_ydata(), found.coordination)
    assert texts(ax) == ["Cu-Cu"]
    assert "12.0 neighbours" in describe(ax)


def blob(cell: Any, shape: tuple[int, int, int] = (6, 8, 10)) -> SimpleNamespace:
    values = np.zeros(shape)
    values[3, 4, 5] = 1.0
    return SimpleNamespace(values=values, cell=np.asarray(cell, dtype=float), species="Ag")


def test_a_section_shows_what_lies_in_it_and_a_projection_all() -> None:
    density = blob(np.diag([6.0, 8.0, 10.0]))
    for at, largest in ((0.55, 1.0), (0.0, 0.0), (None, 0.1)):
        mesh = plots.density_map(density, at=at).collections[0]
        picture = mesh.get_array()
        assert picture.shape == (6, 8)
        assert picture.max() == pytest.approx(largest)
        if largest:
            assert np.unravel_index(picture.argmax(), picture.shape) == (3, 4)


def test_a_slanted_cell_keeps_its_angle() -> None:
    cell = [[4, 0, 0], [2, 2 * 3**0.5, 0], [0, 0, 5]]
    corners = plots.density_map(blob(cell)).collections[0].get_coordinates()
    first, second = corners[-1, 0] - corners[0, 0], corners[0, -1] - corners[0, 0]
    assert np.linalg.norm(first) == pytest.approx(4)
    assert np.degrees(np.arccos(first @ second / 16)) == pytest.approx(60)


def test_framework_atoms_lie_on_the_map_where_they_are() -> None:
    atoms = Atoms("I2", [(0, 0, 0), (2, 2, 2)], cell=[4, 4, 4], pbc=True)
    ax = plots.density_map(blob(4 * np.eye(3)), at=0.5, framework=atoms)
    (places,) = [one.get_offsets() for one in ax.collections[1:]]
    np.testing.assert_allclose(places, [[2, 2]])
    assert "with 1 atoms of the framework" in describe(ax)


@pytest.mark.parametrize(
    ("change", "message"), [({"axis": "w"}, "axis must be"), ({"at": 2}, "at must")]
)
def test_a_section_outside_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.density_map(blob(np.eye(3)), **change)


def test_trails_are_those_of_the_ions_that_got_farthest() -> None:
    ax = plots.trails(WALK, "Li", ions=1, step=1)
    moved = WALK.positions[:, WALK.indices("Li")]
    farthest = int(np.argmax(((moved[-1] - moved[0]) ** 2).sum(axis=1)))
    path = ax.lines[0].get_xydata()
    np.testing.assert_allclose(path[-1] - path[0], (moved[-1] - moved[0])[farthest, :2], atol=1e-6)
    assert "Paths of 1 of 20 Li" in describe(ax)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"plane": "xyz"}, "plane"),
        ({"ions": 21}, "ions"),
        ({"step": 0}, "step"),
        ({"species": "Na"}, "Na"),
    ],
)
def test_trails_that_are_not_there_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.trails(**({"trajectory": WALK, "species": "Li"} | change))


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": ["size", "size", "potential"],
            "label": ["108 atoms", "256 atoms", "teacher"],
            "value": [2.0e-5, 2.2e-5, 3.0e-5],
            "error": [1e-6, 2e-6, np.nan],
        }
    )


def test_uncertainties_share_one_axis_and_one_reference() -> None:
    ax = plots.uncertainties(table(), reference="108 atoms")
    assert ax.get_xlabel() == "D (10⁻⁵ cm²/s)"
    assert ax.lines[0].get_xdata()[0] == pytest.approx(2.0)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "108 atoms",
        "256 atoms",
        "teacher",
    ]
    assert "The line is at 2.00(10) 10⁻⁵ cm²/s." in describe(ax)
    assert plots.uncertainties(table(), reference=(2.5e-5, 1e-6)).lines[0].get_xdata()[
        0
    ] == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"reference": "512 atoms"}, "one of the labels"),
        ({}, {"reference": 2.0}, "pair of a value"),
        ({"error": None}, {}, "missing: error"),
    ],
)
def test_a_table_that_lacks_something_is_refused(
    change: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    frame = table().drop(columns=list(change))
    with pytest.raises(ValueError, match=message):
        plots.uncertainties(frame, **options)


def test_a_spectrum_stands_beside_its_correlation() -> None:
    t = np.linspace(0, 2, 100)
    ringing = SimpleNamespace(
        times=t, values=4 * np.exp(-t) * np.cos(20 * t), species="Ar", frequencies=10 * t,
        spectrum=np.exp(-((10 * t - 3.0) ** 2)), diffusion=2e-5,
    )  # fmt: skip
    ax = plots.velocity_autocorrelation(ringing)
    left, right = ax.figure.axes
    assert left.lines[0].get_ydata()[0] == 1.0
    assert right.get_xlabel() == "Frequency (THz)"
    assert "strongest at 3 THz" in describe(ax)


def test_a_lesson_shows_grades_forces_and_structures() -> None:
    from matlearn.fitting import error_report

    images = [bulk("Cu", cubic=True) for _ in range(2)]
    for number, atoms in enumerate(images):
        atoms.rattle(0.1, seed=number)
        atoms.calc = get_calculator("emt")
        atoms.get_forces()
    still = Trajectory.from_atoms([bulk("Cu", cubic=True) * (2, 2, 2)] * 2, time_step=0.1)
    found = radial_distribution(still, "Cu")
    history = pd.DataFrame(
        {"temperature_set": [300.0] * 3 + [600.0] * 3, "step": [0, 5, 10] * 2,
         "grade": [9.0, 2.0, 0.8, 4.0, 1.0, 0.5]}
    )  # fmt: skip
    report = SimpleNamespace(
        history=history, calls=12, errors=error_report(get_calculator("emt"), images),
        radial={"Cu-Cu": (found, found)},
    )  # fmt: skip
    ax = plots.distillation(SimpleNamespace(report=report))
    assert len(ax.figure.axes) == 3
    assert ax.lines[1].get_xdata()[-1] == 20, "one temperature after the other"
    assert "300 K: largest 9, last 0.8" in describe(ax)
    assert "Cu-Cu: 0" in describe(ax)
    report.radial = {}
    assert len(plots.distillation(report).figure.axes) == 2
    with pytest.raises(ValueError, match="give distil a teacher_run"):
        plots.distillation(report, panel="structure")
    with pytest.raises(ValueError, match="panel must be one of grades, forces, structure"):
        plots.distillation(report, panel="speed")
    with pytest.raises(TypeError, match="what distil returns"):
        plots.distillation(3)


def test_pieces_of_a_run_show_their_scatter_beside_what_they_quote() -> None:
    cut = {
        length: [
            diffusion_coefficient(WALK[k : k + 10 * length], "Li")
            for k in range(0, 600 - 10 * length + 1, 10 * length)
        ]
        for length in (10, 20)
    }
    ax = plots.run_length(cut, reference=diffusion_coefficient(WALK, "Li"))
    assert "10 ps: 6 pieces quote" in describe(ax)
    assert texts(ax) == ["a piece", "error that a piece quotes", "scatter of the pieces"]
    with pytest.raises(ValueError, match="pieces must be a dict"):
        plots.run_length({})


def test_results_by_cause_are_taken_as_they_are() -> None:
    found = diffusion_coefficient(WALK, "Li")
    ax = plots.uncertainties({"run": {"walk": found}, "other": {"exact": (2.0833e-4, 0.0)}})
    assert "run: walk 2." in describe(ax)
    with pytest.raises(TypeError, match="must be a dict of results by name"):
        plots.uncertainties({"run": found})
