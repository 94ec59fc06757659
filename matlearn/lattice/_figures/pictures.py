"""Occupations of a layer as a picture. Private: the figures and the live board draw with it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np

from matlearn.lattice._figures.tiles import EDGE, OUTSIDE, Layer
from matlearn.plotting import PALETTE

VACANCY = "X"

_WHITE = (255, 255, 255)
_GREY = (205, 205, 205)


def species_colors(symbols: Sequence[str]) -> dict[str, str]:
    """Return a colour for each chemical symbol, by atomic number; a vacancy is nearly white.

    Examples
    --------
    >>> species_colors(["Cu", "Au", "X"])
    {'X': '#ececec', 'Cu': '#0072B2', 'Au': '#E69F00'}
    """
    from ase.data import atomic_numbers

    ordered = sorted(dict.fromkeys(symbols), key=lambda symbol: atomic_numbers[symbol])
    atoms = [symbol for symbol in ordered if symbol != VACANCY]
    colors = {VACANCY: "#ececec"} if VACANCY in ordered else {}
    return colors | {symbol: PALETTE[i % len(PALETTE)] for i, symbol in enumerate(atoms)}


class LayerPicture:
    """Draws one layer again and again, as the atoms on its sites change.

    Parameters
    ----------
    layer : Layer
        The sites.
    colors : mapping of str to str
        A colour (``#rrggbb``) for each chemical symbol; a symbol without one is grey.
    width : int
        About how many pixels the longer side gets.
    """

    def __init__(self, layer: Layer, colors: Mapping[str, str], width: int = 560) -> None:
        from ase.data import atomic_numbers

        self.layer = layer
        self.colors = dict(colors)
        tiles, self.extent = layer.tiles(width)
        n = len(layer.sites)
        self._tiles = np.select([tiles == OUTSIDE, tiles == EDGE], [n, n], tiles)
        self._palette = np.array([_WHITE, _GREY, *map(_rgb, self.colors.values())], dtype=np.uint8)
        self._codes = np.ones(256, dtype=np.uint8)  # of a species without a colour: grey
        for code, symbol in enumerate(self.colors, start=2):
            self._codes[atomic_numbers[symbol]] = code

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self._tiles.shape[1])

    def indexed(self, numbers: np.ndarray) -> np.ndarray:
        """Return the picture as numbers of colours, shape (height, width).

        Parameters
        ----------
        numbers : ndarray of int, shape (n_atoms,)
            Atomic numbers of all atoms of the supercell.
        """
        codes = self._codes[np.asarray(numbers)[self.layer.sites]]
        return np.append(codes, np.uint8(0))[self._tiles]

    def rgb(self, numbers: np.ndarray) -> np.ndarray:
        """Return the picture as bytes of red, green and blue, shape (height, width, 3)."""
        return self._palette[self.indexed(numbers)]

    def png(self, numbers: np.ndarray) -> bytes:
        """Return the picture as a PNG file."""
        from PIL import Image

        image = Image.fromarray(self.indexed(numbers))
        image.putpalette(self._palette.tobytes())
        buffer = io.BytesIO()
        image.save(buffer, format="png", compress_level=1)
        return buffer.getvalue()


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
