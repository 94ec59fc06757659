"""What a potential is trained with: presets, and settings that no kind of potential ignores."""

from __future__ import annotations

from typing import Any

import numpy as np

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "polynomial": {
        "class": {"cutoff": 6.0, "gtinv_maxl": (4, 4), "gaussian_params2": (0.0, 5.0, 5)},
        "default": {},
    },
    "mtp": {
        "class": {"level": 14, "radial_functions": 10, "max_iterations": 150},
        "default": {},
    },
}
"""Settings by kind and preset, beyond the ones of `DEFAULTS`."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "polynomial": {
        "cutoff": 8.0,
        "model_type": 3,
        "max_p": 2,
        "gtinv_order": 3,
        "gtinv_maxl": (8, 8),
        "gaussian_params2": (0.0, 7.0, 10),
        "atom_energies": None,
        "reg_alpha_params": (-3.0, 1.0, 5),
    },
    "mtp": {
        "level": 16,
        "cutoff": 6.0,
        "radial_functions": 8,
        "min_distance": None,
        "weights": (0.01, 1.0, 0.0),
        "max_iterations": 250,
        "starts": 1,
    },
}
"""Settings that may be given, by kind, with phono3py's defaults for the polynomial."""

HINTS = {
    "gaussian_params1": "phono3py accepts gaussian_params1 and never passes it on",
    "ntrain": "it is called n_train here",
    "ntest": "it is called n_test here",
    "test_size": "give n_train and n_test",
}


def settings_of(kind: str, preset: str, given: dict[str, Any]) -> dict[str, Any]:
    """Give all settings of a kind: what was given, over the preset, over the defaults.

    Raises
    ------
    ValueError
        For an unknown preset.
    TypeError
        For a setting that this kind does not have.
    """
    if preset not in PRESETS[kind]:
        raise ValueError(
            f"preset must be one of {', '.join(map(repr, PRESETS[kind]))}, got {preset!r}"
        )
    allowed = DEFAULTS[kind]
    for name in given:
        if name not in allowed:
            hint = f" ({HINTS[name]})" if name in HINTS else ""
            raise TypeError(
                f"settings of kind={kind!r} are {', '.join(allowed)}; got {name!r}{hint}"
            )
    return allowed | PRESETS[kind][preset] | given


def checked_split(count: int, n_train: int | None, n_test: int | None) -> tuple[int, int]:
    """Give how many supercells train and how many test.

    Raises
    ------
    TypeError, ValueError
        If only one is given, one is no count, or they overlap.
    """
    if (n_train is None) != (n_test is None):
        raise ValueError(
            "n_train and n_test go together (phono3py ignores one without the other): got "
            f"n_train={n_train!r}, n_test={n_test!r}"
        )
    if n_train is None or n_test is None:
        n_train = int(count * 0.9)
        n_test = count - n_train
        if n_train < 1 or n_test < 1:
            raise ValueError(f"{count} supercells are too few to train on some and test on others")
        return n_train, n_test
    for name, value in (("n_train", n_train), ("n_test", n_test)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    if n_train + n_test > count:
        raise ValueError(
            f"n_train + n_test must be at most the {count} supercells of the data set, got "
            f"{n_train} + {n_test}: the last would be trained on and tested on"
        )
    return int(n_train), int(n_test)
