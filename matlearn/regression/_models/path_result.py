"""The path of a linear model as its penalty falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class RegularisationPath:
    """What a linear model becomes as its penalty falls, and how well it predicts on the way."""

    kind: str
    """``"lasso"`` or ``"ridge"``."""
    alphas: Floats
    """Penalties as `make_model` takes them, the largest first; shape (m,)."""
    coefficients: Floats
    """Change of the prediction (unit of the target) for a feature that grows by its standard
    deviation, fitted to all samples; shape (m, p)."""
    names: tuple[str, ...]
    """Of the p features; columns that are constant are left out."""
    test: Floats
    """Mean absolute error in the test part of each fold (unit of the target); shape (folds, m)."""
    train: Floats
    """The same for the samples that were fitted."""
    unit: str = ""
    """Of the target."""

    @property
    def n_nonzero(self) -> NDArray[np.int64]:
        """Number of features that are used at each penalty, shape (m,)."""
        return np.asarray((self.coefficients != 0).sum(axis=1))

    @property
    def error(self) -> Floats:
        """Mean over the folds of the error in their test parts, shape (m,)."""
        return np.asarray(self.test.mean(axis=0))

    @property
    def standard_error(self) -> Floats:
        """Standard error of that mean, from the spread over the folds; shape (m,)."""
        return np.asarray(self.test.std(axis=0, ddof=1) / np.sqrt(len(self.test)))

    @property
    def best(self) -> int:
        """Position of the penalty with the smallest error."""
        return int(self.error.argmin())

    @property
    def one_standard_error(self) -> int:
        """Position of the largest penalty within one standard error of the smallest error.

        The simplest model that cannot be told from the best (Hastie, Tibshirani and Friedman, The
        Elements of Statistical Learning, 2nd edition, section 7.10).
        """
        limit = self.error[self.best] + self.standard_error[self.best]
        return int(np.flatnonzero(self.error <= limit)[0])

    @property
    def alpha(self) -> float:
        """The penalty at `one_standard_error`, for `make_model`."""
        return float(self.alphas[self.one_standard_error])

    def left(self, position: int) -> list[tuple[str, float]]:
        """Give the coefficients that are not zero at a position, the largest first."""
        values = self.coefficients[position]
        order = [i for i in np.argsort(-np.abs(values), kind="stable") if values[i] != 0]
        return [(self.names[i], float(values[i])) for i in order]

    def to_frame(self) -> pd.DataFrame:
        """Give a row for each penalty: alpha, n_nonzero, error, standard_error, train_error."""
        import pandas as pd

        return pd.DataFrame(
            {
                "alpha": self.alphas,
                "n_nonzero": self.n_nonzero,
                "error": self.error,
                "standard_error": self.standard_error,
                "train_error": self.train.mean(axis=0),
            }
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw paths and errors, see `matlearn.regression.plots.regularisation_path`."""
        from matlearn.regression._figures.linear import regularisation_path

        return regularisation_path(self, ax=ax)

    def __repr__(self) -> str:
        one, unit = self.one_standard_error, f" {self.unit}" if self.unit else ""
        return (
            f"RegularisationPath({self.kind}, {len(self.names)} features, {len(self.alphas)} penalties, "
            f"smallest MAE {self.error[self.best]:.4g}{unit} at {self.alphas[self.best]:.2g}, "
            f"{self.n_nonzero[one]} features do at {self.alphas[one]:.2g})"
        )
