"""The default style can be read by colour-blind readers, and from the last row.

Colour-vision deficiencies are simulated by the matrices of Machado, Oliveira and Fernandes, *A
physiologically-based model for simulation of color vision deficiency*, IEEE Trans. Vis. Comput.
Graph. 15, 1291 (2009), doi:10.1109/TVCG.2009.113, for the full deficiency; they act on linear RGB.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from matlearn import plotting

SEEN = {
    "by most people": np.eye(3),
    "with protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "with deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "with tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
APART = 15.0  # in CIE L*a*b* (1976); about 2 can just be told apart side by side
READABLE = 10  # points in a figure 7 inches wide, as it is shown


def linear(color: str) -> np.ndarray:
    """A colour as linear RGB (IEC 61966-2-1)."""
    given = np.array(mpl.colors.to_rgb(color))
    return np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB as CIE L*a*b*, for daylight (D65)."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x = to_xyz @ rgb / to_xyz.sum(axis=1)
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(color: str, ground: str) -> float:
    """The contrast of two colours as WCAG 2 defines it."""
    light = [float(np.dot(linear(one), [0.2126, 0.7152, 0.0722])) for one in (color, ground)]
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("how", SEEN)
def test_the_colours_can_be_told_apart(how: str) -> None:
    seen = {
        color: lab(np.clip(np.array(SEEN[how]) @ linear(color), 0, 1)) for color in plotting.PALETTE
    }
    for one, other in itertools.combinations(plotting.PALETTE, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > APART, (one, other)


def test_red_and_green_would_not_pass() -> None:
    red, green = (lab(np.array(SEEN["with deuteranopia"]) @ linear(c)) for c in ("C3", "C2"))
    assert np.linalg.norm(red - green) < 2 * APART  # matplotlib's own, twice as far for others
    assert np.linalg.norm(lab(linear("C3")) - lab(linear("C2"))) > 4 * APART


def test_text_stands_out_from_its_ground() -> None:
    with mpl.rc_context():
        plotting.use_style()
        for name in (
            "text.color",
            "axes.labelcolor",
            "axes.titlecolor",
            "xtick.color",
            "ytick.color",
        ):
            color = mpl.rcParams[name]
            color = mpl.rcParams["text.color"] if color == "auto" else color
            for ground in ("figure.facecolor", "axes.facecolor", "savefig.facecolor"):
                assert contrast(color, mpl.rcParams[ground]) >= 4.5


def test_no_text_of_the_style_is_small() -> None:
    with mpl.rc_context():
        plotting.use_style()
        for name in (
            "font.size",
            "axes.titlesize",
            "axes.labelsize",
            "legend.fontsize",
            "xtick.labelsize",
        ):
            assert mpl.rcParams[name] >= 12, name


def test_no_figure_makes_its_text_small() -> None:
    for path in Path(plotting.__file__).parent.rglob("*.py"):
        for size in re.findall(
            r"(?:font|label)size=\"?(\w[\w.-]*)", path.read_text(encoding="utf-8")
        ):
            assert "small" not in size, path
            if re.fullmatch(r"[\d.]+", size):
                assert float(size) >= READABLE, path


def test_no_figure_writes_in_a_pale_grey() -> None:
    text = re.compile(r"\.(?:text|annotate)\((?:[^()]|\([^()]*\))*\)", re.DOTALL)
    for path in Path(plotting.__file__).parent.rglob("*.py"):
        for call in text.findall(path.read_text(encoding="utf-8")):
            for chosen in re.findall(r"\bcolor=([^,)]*)", call):
                for color in re.findall(r"\"([^\"]+)\"", chosen):
                    # white stands only on what is dark, by a condition
                    assert color == "white" or contrast(color, "white") >= 4.5, (path, call)
