"""The same question asked of kinisi."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matlearn.transport.trajectories import Trajectory


def by_kinisi(
    runs: Sequence[Trajectory],
    species: str,
    start: float,
    axes: str,
    drift: str | None,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Sample D by kinisi (McCluskey et al.): mean and standard deviation (cm2/s), intercept (A2).

    Parameters
    ----------
    runs
        One, periodic in all directions.
    start
        Where diffusion begins (ps).
    """
    try:
        import scipp as sc
        from kinisi.analyze import DiffusionAnalyzer  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            'method="kinisi" needs the library kinisi: pip install "kinisi>=2.1"'
        ) from error
    if len(runs) > 1 or drift != "framework":
        raise ValueError('method="kinisi" takes one trajectory, with drift="framework"')
    run = runs[0]
    if not np.all(run.pbc):
        raise ValueError('method="kinisi" needs a cell that is periodic in all three directions')
    frames = [run.atoms(index, wrap=True) for index in range(len(run))]
    analyzer = DiffusionAnalyzer.from_ase(
        frames,
        specie=species,
        time_step=run.time_step * sc.Unit("ps"),
        step_skip=1 * sc.Unit("dimensionless"),
        dimension="".join(sorted(axes)),
        progress=False,
    )
    before = np.random.get_state()  # noqa: NPY002  kinisi seeds the global generator
    try:
        analyzer.diffusion(
            start_dt=start * sc.Unit("ps"),
            progress=False,
            random_state=np.random.RandomState(seed),
        )
    finally:
        np.random.set_state(before)  # noqa: NPY002
    samples = sc.to_unit(analyzer.D, "cm^2/s").values
    intercept = analyzer.diff.intercept
    return (
        float(samples.mean()),
        float(samples.std()),
        float("nan") if intercept is None else float(np.mean(intercept.values)),
    )
