"""Figure style, colours, and the figures that several chapters draw.

The colours are those of Okabe and Ito (Color Universal Design, 2008), which readers with any of
the common colour-vision deficiencies can tell apart. Figures have a white ground of their own, so
they read the same in a light and in a dark notebook, and letters that carry to the last row.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE: tuple[str, ...] = (
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#56B4E9",  # sky blue
    "#D55E00",  # vermilion
    "#F0E442",  # yellow
    "#000000",  # black
)
"""Okabe and Ito's eight colours, the ones with most contrast on white first."""

MARKERS: tuple[str, ...] = ("o", "s", "^", "D", "v", "P", "X", "*")
"""A marker for each colour, so that no figure depends on colour alone."""

_LABELS = {
    "energy": "Energy (eV)",
    "energy_per_atom": "Energy (eV/atom)",
    "relative_energy": "Energy above the lowest (meV/atom)",
    "volume": "Volume (Å³)",
    "volume_per_atom": "Volume (Å³/atom)",
    "pressure": "Pressure (GPa)",
    "formation_energy": "Formation energy (eV/atom)",
    "energy_above_hull": "Energy above the hull (eV/atom)",
    "n_atoms": "Atoms in the cell",
    "formula_units": "Formula units in the cell",
    "space_group": "Space group",
}

_STYLE: dict[str, Any] = {
    "figure.figsize": (7.0, 4.4),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "savefig.dpi": 200,
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.labelsize": 14,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "legend.fontsize": 12,
    "legend.framealpha": 0.9,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "image.cmap": "cividis",
}


def use_style() -> None:
    """Set the figure style of matlearn for all figures that follow.

    Examples
    --------
    >>> import matplotlib
    >>> use_style()
    >>> matplotlib.rcParams["axes.prop_cycle"].by_key()["color"][0]
    '#0072B2'
    """
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
    mpl.rcParams["axes.prop_cycle"] = cycler(color=list(PALETTE))


def axis_label(column: str) -> str:
    """Return a column's name as an axis shows it: in words and with its unit.

    Parameters
    ----------
    column : str
        Name of a column of the frames that :func:`matlearn.search.read_results` returns; any
        other name is returned with its underscores turned into spaces.

    Returns
    -------
    str

    Examples
    --------
    >>> axis_label("volume_per_atom"), axis_label("band_gap")
    ('Volume (Å³/atom)', 'band gap')
    """
    return _LABELS.get(column, str(column).replace("_", " "))


def new_axes(ax: Axes | None = None, *, size: tuple[float, float] | None = None) -> Axes:
    """Return `ax`, or the axes of a new figure where there are none.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Returned as it is.
    size : tuple of two floats, optional
        Width and height of the new figure (inch); the style's size where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> new_axes(size=(4, 3)).figure.get_size_inches().tolist()
    [4.0, 3.0]
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size)[1]


def parity(
    reference: Sequence[float] | np.ndarray,
    prediction: Sequence[float] | np.ndarray,
    *,
    label: str,
    unit: str,
    groups: Sequence[str] | None = None,
    color: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw predicted against reference values, with the mean errors in the legend.

    Parameters
    ----------
    reference, prediction : array_like, shape (n,)
        Values in the same unit.
    label, unit : str
        What is compared, and its unit; both axes are named after them.
    groups : sequence of str, shape (n,), optional
        A name for each point; each group is drawn and counted by itself.
    color : str, optional
        Colour of the points where there are no groups.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the lengths differ, nothing is given or a value is not finite.

    Examples
    --------
    >>> ax = parity([0.0, 1.0], [0.1, 0.9], label="energy", unit="eV/atom")
    >>> ax.get_legend().get_texts()[0].get_text()
    'MAE 0.1, RMSE 0.1 eV/atom (2)'
    """
    x, y = np.asarray(reference, dtype=float).ravel(), np.asarray(prediction, dtype=float).ravel()
    names = np.full(len(x), "") if groups is None else np.asarray(groups, dtype=str)
    if not len(x) == len(y) == len(names) or len(x) == 0:
        raise ValueError(
            f"reference, prediction and groups must be equally long and not empty, "
            f"got {len(x)}, {len(y)} and {len(names)} values"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        bad = int((~np.isfinite(x) | ~np.isfinite(y)).sum())
        raise ValueError(f"reference and prediction must be finite, got {bad} pairs that are not")
    ax = new_axes(ax, size=(5.2, 5.0))
    summaries, drawn = [], {}
    for index, name in enumerate(dict.fromkeys(names)):
        chosen = names == name
        error = y[chosen] - x[chosen]
        summary = (
            f"MAE {np.abs(error).mean():.3g}, RMSE {np.sqrt((error**2).mean()):.3g} {unit} "
            f"({chosen.sum()})"
        )
        summaries.append(f"{name}: {summary}" if name else summary)
        paint = color if color and groups is None else PALETTE[index % len(PALETTE)]
        drawn[name] = summary, ax.scatter(
            x[chosen], y[chosen], s=30, color=paint, marker=MARKERS[index % len(MARKERS)],
            alpha=0.8, edgecolor="white", linewidth=0.4,
        )  # fmt: skip
    apart = ":\n" if max(map(len, summaries)) > 42 else ": "  # the same for all
    for name, (summary, dots) in drawn.items():
        dots.set_label(f"{name}{apart}{summary}" if name else summary)
    low, high = min(x.min(), y.min()), max(x.max(), y.max())
    pad = 0.05 * (high - low) or 1.0
    ax.plot([low - pad, high + pad], [low - pad, high + pad], color="0.3", linewidth=1, zorder=0)
    ax.set(xlim=(low - pad, high + pad), ylim=(low - pad, high + pad), aspect="equal")
    ax.set(xlabel=f"Reference {label} ({unit})", ylabel=f"Predicted {label} ({unit})")
    texts = ax.get_legend_handles_labels()[1]
    longest = max(len(line) for text in texts for line in text.splitlines())
    legend = ax.legend(loc="upper left", fontsize=12 if longest <= 34 else 10)
    legend.set_in_layout(False)  # a wide legend would squeeze the axes
    describe(ax, f"Predicted against reference {label}. " + "; ".join(summaries) + ".")
    return ax


def describe(ax: Axes, text: str | None = None) -> str:
    """Set, or only read, the alternative text of a figure: what it says to who cannot see it.

    JupyterLab has no alternative text for PNG output (its renderer ignores the ``alt`` metadata
    that IPython writes), so in a notebook a described figure is shown as an HTML image, which
    carries the text everywhere: in JupyterLab, in nbconvert and in the book.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of the figure. A figure with several axes joins their texts.
    text : str, optional
        One or two sentences; replaces an earlier text of these axes. Left out: nothing changes.

    Returns
    -------
    str
        The alternative text of the whole figure, empty where there is none.

    Examples
    --------
    >>> describe(new_axes(), "Energy falls with volume.")
    'Energy falls with volume.'
    """
    if text is not None:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"text must be a sentence that says what is seen, got {text!r}")
        ax._matlearn_alt = text.strip()  # type: ignore[attr-defined]
        _show_descriptions()  # again: the inline back end forgets it when it draws a first figure
    figure: Any = ax.figure
    return _alternative_text(figure)


def _alternative_text(figure: Figure) -> str:
    texts = [getattr(ax, "_matlearn_alt", "") for ax in figure.axes]
    return " ".join(text for text in texts if text)


def _html_image(figure: Figure) -> str | None:
    """A described figure as an HTML image with its alternative text; None for any other."""
    text = _alternative_text(figure)
    if not text:
        return None
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = int(figure.get_figwidth() * figure.dpi)
    return (
        f'<img alt="{html.escape(text)}" style="max-width: 100%; width: {width}px; '
        f'background: white" src="data:image/png;base64,{data}">'
    )


def _show_descriptions() -> None:
    """Tell IPython, where it runs, to show described figures with their text."""
    import sys

    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        formatter.for_type_by_name("matplotlib.figure", "Figure", _html_image)
