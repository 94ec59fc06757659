"""What a student potential learned from its teacher, and what it lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = ("grades", "forces", "structure")


def distillation(result: Any, *, panel: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how a student learned, its forces beside the teacher's, and the structures of both.

    Parameters
    ----------
    result : Distillation or DistillationReport
        From :func:`matlearn.transport.distil`.
    panel : {"grades", "forces", "structure"}, optional
        Draw one of the three: extrapolation grades during learning, forces on configurations that
        the student had never seen, radial distributions of both (where they were compared). Left
        out, a new figure shows all that there are, and given axes the grades.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        The first one.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, the panel is unknown, or structures were not compared.
    """
    import matplotlib.pyplot as plt

    report = getattr(result, "report", result)
    if not (hasattr(report, "history") and hasattr(report, "errors")):
        raise TypeError(f"result must be what distil returns, got {type(result).__name__}")
    if panel is not None and panel not in PANELS:
        raise ValueError(f"panel must be one of {', '.join(PANELS)}, got {panel!r}")
    radial = getattr(report, "radial", {})
    if panel == "structure" and not radial:
        raise ValueError("structures were not compared: give distil a teacher_run")
    if panel is None and ax is None:
        names = [name for name in PANELS if name != "structure" or radial]
        panels = list(plt.subplots(1, len(names), figsize=(5.2 * len(names), 4.6))[1])
    else:
        names, panels = [panel or "grades"], [new_axes(ax)]
    for name, one in zip(names, panels, strict=True):
        if name == "grades":
            _grades(report, one)
        elif name == "forces":
            report.errors.plot("forces", ax=one)
        else:
            _structures(radial, one)
    return panels[0]


def _grades(report: Any, ax: Axes) -> None:
    """Extrapolation grades of all runs, one after the other."""
    begun, said = 0.0, []
    for index, (temperature, part) in enumerate(
        report.history.groupby("temperature_set", sort=False)
    ):
        steps, grades = part["step"].to_numpy(dtype=float), part["grade"].to_numpy(dtype=float)
        ax.plot(
            begun + np.maximum.accumulate(steps) if _rising(steps) else begun + np.arange(len(steps)),
            np.maximum(grades, 1e-2), ".", color=PALETTE[index % len(PALETTE)], markersize=4,
            label=f"{temperature:g} K",
        )  # fmt: skip
        begun = float(ax.lines[-1].get_xdata()[-1])  # type: ignore[index,arg-type]
        said.append(f"{temperature:g} K: largest {np.nanmax(grades):.3g}, last {grades[-1]:.2g}")
    ax.axhline(1.0, color="0.3", linewidth=1, zorder=0)
    ax.set(xlabel="Steps of molecular dynamics", ylabel="Extrapolation grade", yscale="log")
    ax.legend(fontsize=10)
    describe(
        ax, f"Extrapolation grade while learning, {report.calls} calculations of the teacher. "
        + "; ".join(said) + ". Above 1 the potential extrapolates."
    )  # fmt: skip


def _rising(steps: np.ndarray) -> bool:
    return bool((np.diff(steps) >= 0).all())


def _structures(radial: Any, ax: Axes) -> None:
    """Radial distributions of teacher (lines) and student (dashes)."""
    said = []
    for index, (pair, (teacher, student)) in enumerate(radial.items()):
        color = PALETTE[index % len(PALETTE)]
        ax.plot(teacher.distances, teacher.values, color=color, label=pair)
        ax.plot(student.distances, student.values, color="0.1", linestyle="--", linewidth=1.2)
        away = float(
            np.sqrt(np.mean((np.asarray(teacher.values) - np.asarray(student.values)) ** 2))
        )
        said.append(f"{pair}: {away:.2g}")
    ax.set(xlabel="Distance (Å)", ylabel="g(r), teacher (student dashed)")
    ax.set_ylim(bottom=0)
    ax.set_xlim(left=0)
    ax.legend(fontsize=10)
    describe(
        ax, "Radial distributions of the teacher's and the student's run; root mean square "
        "differences: " + ", ".join(said) + "."
    )  # fmt: skip
