"""The figure style, the parity plot and the alternative text of figures."""

from __future__ import annotations

import base64
import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from matlearn import plotting


@pytest.fixture(autouse=True)
def closed() -> object:
    with mpl.rc_context():
        yield
    plt.close("all")


def luminance(color: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in mpl.colors.to_rgb(color)
    ]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_the_palette_is_that_of_okabe_and_ito() -> None:
    published = [
        (0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115),
        (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
    ]  # fmt: skip
    ours = {tuple(round(255 * c) for c in mpl.colors.to_rgb(color)) for color in plotting.PALETTE}
    assert ours == set(published)
    assert len(plotting.MARKERS) == len(set(plotting.MARKERS)) == len(plotting.PALETTE)


def test_the_style_reads_on_its_own_white_ground() -> None:
    plotting.use_style()
    ground = luminance(mpl.rcParams["figure.facecolor"])
    for name in ("text.color", "axes.labelcolor", "xtick.color"):
        contrast = (ground + 0.05) / (luminance(mpl.rcParams[name]) + 0.05)
        assert contrast >= 7
    assert mpl.rcParams["font.size"] >= 12


def test_parity_gives_the_errors_of_each_group() -> None:
    ax = plotting.parity(
        [0, 0, 0, 0], [3, -3, 1, 2], label="force", unit="eV/Å", groups=["a", "a", "b", "b"]
    )
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == ["a: MAE 3, RMSE 3 eV/Å (2)", "b: MAE 1.5, RMSE 1.58 eV/Å (2)"]
    assert ax.get_xlabel() == "Reference force (eV/Å)"
    assert ax.get_xlim() == ax.get_ylim()


def test_a_wide_legend_does_not_squeeze_a_parity_plot() -> None:
    plotting.use_style()
    values = np.linspace(0.0, 200.0, 9)
    names = ["found by a universal potential"] * 9
    ax = plotting.parity(values, values + 30, label="energy", unit="meV/atom", groups=names)
    ax.figure.canvas.draw()
    assert ax.get_window_extent().width > 0.6 * ax.figure.bbox.width
    assert ax.get_legend().get_window_extent().width < 0.9 * ax.figure.bbox.width


def test_parity_draws_into_the_axes_it_is_given() -> None:
    _, ax = plt.subplots()
    assert plotting.parity([1.0], [1.0], label="energy", unit="eV", ax=ax) is ax


@pytest.mark.parametrize(
    ("reference", "prediction", "message"),
    [([], [], "equally long"), ([1], [1, 2], "got 1, 2"), ([1, 2], [1, np.nan], "1 pairs")],
)
def test_parity_rejects_what_cannot_be_compared(
    reference: list[float], prediction: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        plotting.parity(reference, prediction, label="energy", unit="eV")


def test_a_described_figure_is_an_image_with_alternative_text() -> None:
    ax = plotting.new_axes(size=(4, 3))
    plotting.describe(ax, 'Energy < 0 & "falling".')
    shown = plotting._html_image(ax.figure)
    assert 'alt="Energy &lt; 0 &amp; &quot;falling&quot;."' in shown
    data = re.search(r"base64,([^\"]+)", shown).group(1)
    assert Image.open(io.BytesIO(base64.b64decode(data))).format == "PNG"


def test_a_figure_without_description_is_left_to_matplotlib() -> None:
    assert plotting._html_image(plotting.new_axes().figure) is None


def test_descriptions_of_several_axes_are_joined() -> None:
    _, (left, right) = plt.subplots(1, 2)
    plotting.describe(left, "Left.")
    assert plotting.describe(right, "Right.") == "Left. Right."


@pytest.mark.parametrize("text", ["", "  ", 3])
def test_an_empty_description_is_rejected(text: object) -> None:
    with pytest.raises(ValueError, match="text must be a sentence"):
        plotting.describe(plotting.new_axes(), text)


def test_a_notebook_shows_described_figures_with_their_text() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        ax = plotting.new_axes()
        plotting.describe(ax, "Seen.")
        data, _ = shell.display_formatter.format(ax.figure)
        assert 'alt="Seen."' in data["text/html"]
    finally:
        InteractiveShell.clear_instance()
