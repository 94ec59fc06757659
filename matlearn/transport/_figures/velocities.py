"""How long ions remember their velocity, and at which frequencies they rattle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.plotting import PALETTE, describe, new_axes
from matlearn.transport._figures.words import labelled, with_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", "-.", ":")


def velocity_autocorrelation(
    results: Any,
    *,
    spectrum: bool | None = None,
    until: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw velocity autocorrelations, and beside them their spectra.

    Parameters
    ----------
    results : VelocityAutocorrelation, a list of them, or a dict of them by name
        From :func:`matlearn.transport.velocity_autocorrelation`.
    spectrum : bool, optional
        Only the spectrum, or only the correlation. Left out, a new figure shows both, and given
        axes the correlation.
    until : float, optional
        Longest time that is drawn (ps).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes
        That of the correlation where there are two.

    Raises
    ------
    TypeError, ValueError
        If it is no such result, or there is none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> t = np.linspace(0, 1, 50)
    >>> ringing = SimpleNamespace(times=t, values=np.exp(-t) * np.cos(20 * t), species="Ar",
    ...                           frequencies=t * 10, spectrum=np.exp(-((t - 0.3) ** 2)))
    >>> velocity_autocorrelation(ringing).get_xlabel()
    'Time (ps)'
    """
    import matplotlib.pyplot as plt

    found = labelled(
        results, lambda one: str(getattr(one, "species", "")), "results",
        needs=("times", "values", "spectrum"),
    )  # fmt: skip
    if ax is None and spectrum is None:
        left, right = plt.subplots(1, 2, figsize=(11.5, 4.4))[1]
        _correlations(found, left, until)
        _spectra(found, right)
        return left
    ax = new_axes(ax)
    if spectrum:
        _spectra(found, ax)
    else:
        _correlations(found, ax, until)
    return ax


def _correlations(found: list[tuple[str, Any]], ax: Axes, until: float | None) -> None:
    said = []
    for index, (name, one) in enumerate(found):
        times, values = np.asarray(one.times, dtype=float), np.asarray(one.values, dtype=float)
        rows = times <= (until or np.inf)
        normal = values / values[0]
        ax.plot(
            times[rows], normal[rows], color=PALETTE[index % len(PALETTE)],
            linestyle=_DASHES[index % len(_DASHES)], label=name,
        )  # fmt: skip
        words = f"{name} falls to {normal[rows].min():.2f} at {times[rows][normal[rows].argmin()]:.3g} ps"
        diffusion = getattr(one, "diffusion", None)
        if diffusion is not None:
            words += f", D = {with_error(float(getattr(diffusion, 'value', diffusion)))} cm²/s"
        said.append(words)
    ax.axhline(0, color="0.4", linewidth=1, zorder=0)
    ax.set(xlabel="Time (ps)", ylabel="Velocity autocorrelation / its start")
    ax.set_xlim(left=0)
    ax.legend(fontsize=11)
    describe(ax, "Velocity autocorrelation. " + "; ".join(said) + ".")


def _spectra(found: list[tuple[str, Any]], ax: Axes) -> None:
    said = []
    for index, (name, one) in enumerate(found):
        frequencies, power = _spectrum(one)
        ax.plot(
            frequencies, power, color=PALETTE[index % len(PALETTE)],
            linestyle=_DASHES[index % len(_DASHES)], label=name,
        )  # fmt: skip
        said.append(
            f"{name} is strongest at {frequencies[int(power.argmax())]:.2g} THz and has "
            f"{power[0] / power.max():.2f} of that at zero frequency"
        )
        gone = np.cumsum(power) / power.sum()
        ax.set_xlim(
            0, max(ax.get_xlim()[1] if index else 0, 1.3 * frequencies[np.searchsorted(gone, 0.99)])
        )
    ax.set(xlabel="Frequency (THz)", ylabel="Spectrum")
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=11)
    describe(ax, "Spectrum of the velocities. " + "; ".join(said) + ".")


def _spectrum(one: Any) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies (THz) and power of a result."""
    if hasattr(one, "frequencies"):
        return np.asarray(one.frequencies, dtype=float), np.asarray(one.spectrum, dtype=float)
    frequencies, power = (
        np.asarray(one.spectrum, dtype=float).T
        if not hasattr(one.spectrum, "columns")
        else one.spectrum.iloc[:, :2].to_numpy(dtype=float).T
    )
    return frequencies, power
