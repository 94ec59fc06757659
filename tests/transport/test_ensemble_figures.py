"""The figures of time steps and thermostats show the numbers of the runs."""

import matplotlib as mpl
import numpy as np
import pytest
from ase.build import bulk

from matlearn.transport import plots, run_md

mpl.use("Agg")


@pytest.fixture(scope="module")
def runs():
    crystal = bulk("Cu", cubic=True)
    return [
        run_md(
            crystal, "emt", temperature=300, steps=round(0.4 / step), timestep=step, ensemble=kind,
            record_every=1, progress=False,
        )
        for step, kind in [(0.002, "nve"), (0.004, "nve"), (0.004, "nvt")]
    ]  # fmt: skip


def test_points_are_the_scatter_of_the_energy_and_the_line_has_slope_two(runs):
    ax = plots.time_steps(runs[:2])
    line, points = ax.get_lines()
    total = runs[1].energies + runs[1].kinetic_energies
    assert points.get_xdata().tolist() == [2.0, 4.0]
    assert points.get_ydata()[1] == pytest.approx(1000 * total.std() / 4)
    assert line.get_ydata()[1] == pytest.approx(4 * line.get_ydata()[0])
    with pytest.raises(ValueError, match="at least two time steps"):
        plots.time_steps(runs[0])


def test_the_distribution_is_beside_the_canonical_one(runs):
    ax = plots.temperature_distribution({"chain": runs[2], "energy": runs[1]})
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    measured = runs[2].temperatures
    assert f"chain: {measured.mean():.0f} ± {measured.std():.0f} K" in legend
    assert f"canonical: 300 ± {300 * np.sqrt(2 / 9):.0f} K" in legend
    grid = ax.collections[0].get_paths()[0].vertices
    area = np.abs(np.trapezoid(grid[: len(grid) // 2, 1], grid[: len(grid) // 2, 0]))
    assert 0.3 < area <= 1.001  # a density, cut off where nothing was measured
