"""A network on crystal graphs that predicts a number, as an estimator of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import RegressorMixin

from matlearn.regression._graphs.checks import checked_pair, checked_targets
from matlearn.regression._graphs.estimator import CrystalGraphEstimator
from matlearn.regression._graphs.graph import CrystalGraph
from matlearn.regression._graphs.scaling import TargetScale

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd


class CrystalGraphNetwork(RegressorMixin, CrystalGraphEstimator):
    """Predict a property of crystals by messages between neighbouring atoms (torch).

    A gated graph convolution after Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018), with
    what has proved itself since: atoms enter by properties of their elements, edges also by their
    length in units of the covalent radii and their reduced mass, messages are averaged by their
    gates, atoms read out by a weighted mean. As an estimator of scikit-learn it takes structures
    where others take features.

    Parameters
    ----------
    cutoff, max_neighbours : float (A), int
        Of the graphs, as for `graph`.
    width : int
        Numbers that describe an atom inside the network.
    layers : int
        How often messages are passed; with 0 the network knows the composition only.
    members : int
        Networks that differ by their random numbers; the prediction is their mean (for a
        logarithmic scale, of the logarithms).
    epochs, batch_size, learning_rate, weight_decay, dropout
        Of the training: passes over the crystals, crystals in a step, the highest learning rate
        (AdamW, one cycle: it rises in the first fifth of the steps, and falls to nothing),
        the pull of weights to zero, the part of values set to zero at random.
    target_scale : {"auto", "linear", "log"}
        Learn the property, or its logarithm. ``"auto"`` takes the logarithm where all targets are
        above 0 and the largest is more than ten times the smallest; see ``target_scale_``.
    device : {"auto", "cpu", "cuda"}
        ``"auto"`` takes a GPU where there is one.
    threads : int
        For torch.
    progress : bool
        Show progress bars.
    random_state : int, RandomState or None
        Of weights and order of crystals. On a CPU the same number gives the same network; on a
        GPU sums run in no fixed order, and the last digits differ.

    Attributes
    ----------
    history_ : pandas.DataFrame
        A row an epoch: ``member``, ``epoch``, ``loss`` (mean absolute error on the scale of the
        network), ``validation`` (mean absolute error in the unit of the target, if there are
        validation data) and ``learning_rate``.
    target_scale_ : TargetScale
        ``kind``, ``mean`` and ``std`` of the scale on which the network learned.
    elements_ : list of str
        Elements of the training set.
    weights_ : list of dict
        Of each member, by name, as arrays.
    stop_reason_ : str
        ``"all epochs done"`` or ``"interrupted"``.

    Notes
    -----
    What the choices are worth: mean absolute errors of the last phonon peak (1/cm) for three times
    203 of the 1,012 crystals on which the first fold of matbench_phonons trains, from the others.
    The three differ by up to 10, so that differences below about 3 say little.

    ===================================================  ====
    as it is                                             29.8
    no radii and no masses in the edges, only distances  42.1
    plain mean over the atoms                            36.2
    loss in 1/cm in place of that of the logarithm       34.8
    width 96, 4 layers                                   32.5
    dropout 0.1, and an embedding learned per element    31.4
    ===================================================  ====

    Examples
    --------
    >>> from ase.build import bulk
    >>> cells = [bulk("Cu", a=a) for a in (3.4, 3.6, 3.8, 4.0)]
    >>> model = CrystalGraphNetwork(width=8, layers=1, epochs=40, learning_rate=0.01)
    >>> model.fit(cells, [3.4, 3.6, 3.8, 4.0]).predict([bulk("Cu", a=3.7)]).round(1)
    array([3.7])
    """

    def __init__(
        self,
        *,
        cutoff: float = 6.0,
        max_neighbours: int = 12,
        width: int = 64,
        layers: int = 3,
        members: int = 1,
        epochs: int = 60,
        batch_size: int = 32,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.0,
        target_scale: str = "auto",
        device: str = "auto",
        threads: int = 1,
        progress: bool = False,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        super().__init__(
            cutoff=cutoff,
            max_neighbours=max_neighbours,
            width=width,
            layers=layers,
            members=members,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            dropout=dropout,
            device=device,
            threads=threads,
            progress=progress,
            random_state=random_state,
        )
        self.target_scale = target_scale

    def fit(
        self, structures: Sequence[Any], y: Any, *, validation: tuple[Any, Any] | None = None
    ) -> Self:
        """Train on crystals and their property.

        Parameters
        ----------
        structures : sequence of ase.Atoms, pymatgen.core.Structure or CrystalGraph
            The crystals.
        y : array_like, shape (n,)
            The property, in any unit.
        validation : tuple of structures and targets, optional
            Crystals that are not learned from. With them the weights of the best epoch by their
            mean absolute error are kept; without, those of the last.

        Returns
        -------
        CrystalGraphNetwork
            Itself. An interrupt (Ctrl-C) ends training: the complete members are kept, or of the
            first the best epoch so far, and ``stop_reason_`` says so.

        Raises
        ------
        TypeError, ValueError
            For settings, structures or targets that cannot be.
        """
        from torch.nn.functional import l1_loss

        self._check_settings()
        known = self._graphs(structures)
        targets = checked_targets(y, len(known))
        self.target_scale_ = TargetScale.of(targets, self.target_scale)
        scaled = self.target_scale_.forward(targets)[:, None].astype(np.float32)
        self._train(known, scaled, l1_loss, 1, self._held_out(validation))
        return self

    def predict(self, structures: Sequence[Any]) -> np.ndarray:
        """Predict the property of crystals, shape (n,), in the unit of the targets.

        Warns (UserWarning) of elements that were not in the training set.
        """
        values = [inside["value"][:, 0] for inside in self._evaluate(self._known(structures))]
        return self.target_scale_.back(np.mean(values, axis=0))

    def predict_members(self, structures: Sequence[Any]) -> np.ndarray:
        """Predict by each member, shape (members, n): their spread says where they disagree."""
        values = [inside["value"][:, 0] for inside in self._evaluate(self._known(structures))]
        return self.target_scale_.back(np.array(values))

    def atom_contributions(self, structure: Any) -> pd.DataFrame:
        """Say what each atom adds to the prediction for one crystal.

        Returns
        -------
        pandas.DataFrame
            A row an atom: ``element``; ``weight``, the part of the atom in the mean (they add up
            to 1); ``guess``, what the atom alone would have the property be, in its unit. The
            weighted mean of the guesses (of their logarithms on a logarithmic scale) is the
            prediction, ``.attrs["prediction"]``.
        """
        import pandas as pd

        one, members = self._looked_into(structure)
        weight = np.mean([inside["weight"] for inside in members], axis=0)
        share = np.mean([inside["weight"] * inside["guess"][:, 0] for inside in members], axis=0)
        guess = self.target_scale_.back(share / weight)
        frame = pd.DataFrame({"element": one.symbols, "weight": weight, "guess": guess})
        frame.attrs["prediction"] = float(self.target_scale_.back(share.sum()))
        return frame

    def edge_effects(self, structure: Any) -> pd.DataFrame:
        """Say what each edge of one crystal does to the prediction, by leaving it out.

        Parameters
        ----------
        structure : ase.Atoms, pymatgen.core.Structure or CrystalGraph
            The crystal. The work grows with the square of the number of its edges.

        Returns
        -------
        pandas.DataFrame
            The edges as in `CrystalGraph.to_frame`, and ``effect``: the prediction minus that for
            the graph without this one edge, in the unit of the target. An edge is one direction of
            a bond. Effects do not add up: what one edge tells, another may tell again.
        """
        one, members = self._looked_into(structure)
        value = self.target_scale_.back(np.mean([m["value"][0, 0] for m in members]))
        fewer = [one.without([edge]) for edge in range(len(one.distances))]
        others = np.mean([m["value"][:, 0] for m in self._evaluate(fewer)], axis=0)
        frame = one.to_frame()
        frame["effect"] = value - self.target_scale_.back(others)
        return frame

    def _held_out(
        self, validation: tuple[Any, Any] | None
    ) -> tuple[list[CrystalGraph], Callable[[np.ndarray], float]] | None:
        if validation is None:
            return None
        structures, targets = checked_pair(validation)
        held = self._graphs(structures)
        wanted = checked_targets(targets, len(held), "the targets of validation")
        scale = self.target_scale_
        return held, lambda value: float(np.abs(scale.back(value[:, 0]) - wanted).mean())
