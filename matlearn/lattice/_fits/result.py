"""What a fitted cluster expansion is and says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matlearn.lattice._fits.design import cluster_vectors
from matlearn.lattice._fits.problem import Recipe

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class ClusterExpansionFit:
    """A cluster expansion of the mixing energy, and how well it was fitted.

    `matlearn.lattice.fit_cluster_expansion` and `matlearn.lattice.select_clusters` return it;
    wherever a cluster expansion is asked for, a fit may be given.
    """

    cluster_expansion: Any
    """icet's ClusterExpansion; it predicts the mixing energy in eV/atom."""
    cutoffs: tuple[float, ...]
    """Longest distance in a pair, in a triplet, ... (A)."""
    method: str
    """trainstation's name of the method."""
    rmse_train: float
    """Root mean square error over the structures fitted, eV/atom."""
    rmse_validation: float
    """The same over structures that the fit did not see, eV/atom."""
    validation: str
    """``"k-fold"`` or ``"leave-one-out"``."""
    n_splits: int
    """Folds; for leave-one-out as many as structures."""
    n_structures: int
    """Structures fitted."""
    n_off_lattice: int
    """Structures left out because they left the lattice."""
    condition_number: float
    """Of the cluster vectors of the parameters fitted: how much at worst an error of the energies
    is magnified in the parameters. Infinite where the structures do not determine them."""
    hyperparameters: dict[str, float] = field(repr=False)
    """What the method chose for itself, such as ``alpha_optimal``."""
    notes: tuple[str, ...] = field(repr=False)
    """Warnings of the fit, such as one that did not converge."""
    recipe: Recipe = field(repr=False)
    """How it was made: method, options, weights, constraint, seed."""
    _predictions: pd.DataFrame = field(repr=False)

    @property
    def cluster_space(self) -> Any:
        """icet's ClusterSpace (a copy)."""
        return self.cluster_expansion.get_cluster_space_copy()

    @property
    def parameters(self) -> Floats:
        """The parameters, eV/atom: one for each element of the cluster vector (a copy)."""
        return np.array(self.cluster_expansion.parameters, dtype=float)

    @property
    def n_parameters(self) -> int:
        """Length of the cluster vector."""
        return len(self.cluster_expansion)

    @property
    def n_nonzero(self) -> int:
        """Parameters that differ from zero."""
        return int(np.count_nonzero(self.parameters))

    @property
    def predictions(self) -> pd.DataFrame:
        """The structures fitted, with what the expansion makes of them; see `to_frame`."""
        return self.to_frame()

    @property
    def ecis(self) -> pd.DataFrame:
        """Effective cluster interactions, a row for each element of the cluster vector.

        Returns
        -------
        DataFrame
            ``orbit`` (icet's number of the orbit, -1 for the constant), ``order`` (atoms in the
            cluster), ``radius`` (A, mean distance of its atoms from its centre), ``diameter`` (A,
            the longest distance in it, which cut-offs limit), ``multiplicity`` (clusters a
            primitive cell), ``parameter`` (eV/atom: what multiplies the averaged cluster
            function, multiplicity included) and ``eci`` (eV/atom: the parameter divided by the
            multiplicity, icet's convention and, for one atom a primitive cell, the energy of
            one cluster; for more atoms multiply it by their number), ``multicomponent_vector``.
        """
        space = self.cluster_expansion.get_cluster_space_copy()
        rows = []
        for element, parameter in zip(space.as_list, self.parameters, strict=True):
            number = element["orbit_index"]
            distances = [0.0]
            if number >= 0:
                cluster = space.orbit_list.get_orbit(number).representative_cluster
                distances += list(cluster.distances)
            rows.append(
                {
                    "orbit": number,
                    "order": element["order"],
                    "radius": float(element["radius"]),
                    "diameter": float(max(distances)),
                    "multiplicity": element["multiplicity"],
                    "parameter": parameter,
                    "eci": parameter / element["multiplicity"],
                    "multicomponent_vector": element["multicomponent_vector"],
                }
            )
        return pd.DataFrame(rows)

    def predict(self, structures: Sequence[Atoms] | Atoms) -> Any:
        """Predict mixing energies.

        Parameters
        ----------
        structures
            One structure on the lattice, or several.

        Returns
        -------
        float or array
            eV/atom; a float for one structure.

        Raises
        ------
        ValueError
            If one does not lie on the lattice or holds a species that the expansion has not.
        """
        one = hasattr(structures, "get_atomic_numbers")
        many: list[Any] = [structures] if one else list(structures)
        space = self.cluster_expansion.get_cluster_space_copy()
        energies = cluster_vectors(space, many, [f"{i}" for i in range(len(many))])
        values = energies @ self.parameters
        return float(values[0]) if one else values

    def to_frame(self) -> pd.DataFrame:
        """Give the structures fitted as a table, in the order given.

        Returns
        -------
        DataFrame
            ``label``, ``formula``, ``concentration`` (of the last species on its sites), ``n_atoms``,
            ``mixing_energy``, ``predicted`` and ``held_out`` (eV/atom: the reference, the fit,
            and the prediction of the fit that had not seen the structure), ``hull_distance``
            (eV/atom, of the reference) and ``weight`` (mean 1).
        """
        return self._predictions.copy()

    def plot_ecis(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the interactions against the radius; see `matlearn.lattice.plots.ecis`."""
        from matlearn.lattice import plots

        return plots.ecis(self, ax=ax, **options)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what was predicted unseen against the reference energies (meV/atom)."""
        from matlearn.plotting import parity

        table = self._predictions
        return parity(
            1000 * table["mixing_energy"],
            1000 * table["held_out"],
            label="mixing energy",
            unit="meV/atom",
            ax=ax,
        )

    def __repr__(self) -> str:
        cutoffs = "/".join(f"{one:g}" for one in self.cutoffs)
        kind = f"{self.n_splits}-fold" if self.validation == "k-fold" else "leave-one-out"
        off = f", {self.n_off_lattice} off the lattice" if self.n_off_lattice else ""
        return (
            f"ClusterExpansionFit({self.method}, {cutoffs} A, {self.n_nonzero} of "
            f"{self.n_parameters} parameters, {self.n_structures} structures{off}, RMSE "
            f"{1000 * self.rmse_train:.3g}, {kind} {1000 * self.rmse_validation:.3g} meV/atom)"
        )
