"""A network on crystal graphs that predicts a class, as an estimator of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin

from matlearn.regression._graphs.checks import checked_classes, checked_pair
from matlearn.regression._graphs.estimator import CrystalGraphEstimator

if TYPE_CHECKING:
    from typing import Self


class CrystalGraphClassifier(ClassifierMixin, CrystalGraphEstimator):
    """Predict a class of crystals by messages between neighbouring atoms (torch).

    The network of `CrystalGraphNetwork` with an output for each class, trained by cross-entropy; a
    softmax of the outputs is the probability. Parameters and attributes are those of the
    regressor, without ``target_scale``; ``validation`` in the history is the part of the
    validation crystals whose class is wrong. In addition

    Attributes
    ----------
    classes_ : numpy.ndarray
        The classes, sorted.

    Examples
    --------
    >>> from ase.build import bulk
    >>> cells = [bulk("Cu", a=a) for a in (3.4, 3.5, 3.9, 4.0)]
    >>> model = CrystalGraphClassifier(width=8, layers=1, epochs=40, learning_rate=0.01)
    >>> model.fit(cells, ["dense", "dense", "loose", "loose"]).predict([bulk("Cu", a=3.45)])
    array(['dense'], dtype='<U5')
    """

    def fit(
        self, structures: Sequence[Any], y: Any, *, validation: tuple[Any, Any] | None = None
    ) -> Self:
        """Train on crystals and their classes.

        Parameters
        ----------
        structures : sequence of ase.Atoms, pymatgen.core.Structure or CrystalGraph
            The crystals.
        y : array_like, shape (n,)
            The class of each: words, truth values or whole numbers.
        validation : tuple of structures and classes, optional
            As for `CrystalGraphNetwork.fit`.

        Returns
        -------
        CrystalGraphClassifier
            Itself.

        Raises
        ------
        TypeError, ValueError
            For settings, structures or classes that cannot be.
        """
        from torch.nn.functional import cross_entropy

        self._check_settings()
        known = self._graphs(structures)
        self.classes_, indices = np.unique(checked_classes(y, len(known)), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold at least two classes, got only {self.classes_[0]!r}")
        held_out = None
        if validation is not None:
            others, classes = checked_pair(validation)
            held = self._graphs(others)
            true = checked_classes(classes, len(held), "the classes of validation")
            for strange in np.unique(true[~np.isin(true, self.classes_)])[:1]:
                raise ValueError(f"validation has the class {strange.item()!r}, which y has not")
            held_out = held, lambda value: float(np.mean(self._likeliest(value) != true))
        self._train(known, indices, cross_entropy, len(self.classes_), held_out)
        return self

    def predict_proba(self, structures: Sequence[Any]) -> np.ndarray:
        """Give the probability of each class, shape (n, classes), in the order of ``classes_``."""
        values = np.mean([m["value"] for m in self._evaluate(self._known(structures))], axis=0)
        weights = np.exp(values - values.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, structures: Sequence[Any]) -> np.ndarray:
        """Give the likeliest class of crystals, shape (n,)."""
        values = np.mean([m["value"] for m in self._evaluate(self._known(structures))], axis=0)
        return self._likeliest(values)

    def _likeliest(self, values: np.ndarray) -> np.ndarray:
        chosen: np.ndarray = self.classes_[values.argmax(axis=1)]
        return chosen
