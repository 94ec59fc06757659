"""A fully connected neural network in torch, as a regressor and a classifier of scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import StratifiedShuffleSplit, train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from matlearn.regression._models import training
from matlearn.regression._models.checks import check_settings

if TYPE_CHECKING:
    from typing import Self

Floats = NDArray[np.float64]

MIN_VALIDATION = 5
"""With fewer samples to validate on, training runs through all its epochs."""

_LOSSES = ("absolute", "squared")


class _NeuralNetwork(BaseEstimator):
    """What both networks share: parameters, training, and the way from features to outputs."""

    coefs_: list[Floats]
    intercepts_: list[Floats]

    def __init__(
        self,
        hidden: tuple[int, ...] = (256, 128),
        *,
        epochs: int = 200,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.1,
        validation_fraction: float = 0.1,
        patience: int = 30,
        device: str = "auto",
        threads: int = 1,
        progress: bool = False,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.threads = threads
        self.progress = progress
        self.random_state = random_state

    def _train(
        self, features: Floats, target: Any, loss: Any, n_outputs: int, classes: Any
    ) -> None:
        """Train on checked data; `target` is what `loss` compares the outputs with."""
        import pandas as pd
        import torch

        seed = int(check_random_state(self.random_state).randint(2**31))
        device = training.pick_device(self.device)
        train, held_out = self._split(len(features), seed, classes)
        x, y = torch.tensor(features, dtype=torch.float32, device=device), target.to(device)
        with training.seeded(seed, device, self.threads):
            widths = [features.shape[1], *self.hidden, n_outputs]
            network = training.build(widths, self.dropout).to(device)
            history, self.best_epoch_ = training.train(
                network,
                loss,
                (x[train], y[train]),
                (x[held_out], y[held_out]) if len(held_out) else None,
                epochs=self.epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                patience=self.patience,
                progress=self.progress,
            )
        if self.best_epoch_ == 0:
            raise ValueError(
                "the loss was not finite after the first epoch: scale features and target (as "
                f"make_model does), or lower learning_rate ({self.learning_rate:g})"
            )
        self.coefs_, self.intercepts_ = training.matrices(network)
        self.history_ = pd.DataFrame(history)

    def _split(self, n_samples: int, seed: int, classes: Any) -> tuple[Any, Any]:
        """Set samples aside to see when to stop; none where they would be too few."""
        every = np.arange(n_samples)
        n_held = round(self.validation_fraction * n_samples)
        if n_held < MIN_VALIDATION:
            return every, every[:0]
        if classes is not None and np.bincount(classes).min() >= 2 and n_held >= classes.max() + 1:
            split = StratifiedShuffleSplit(1, test_size=n_held, random_state=seed)
            train, held_out = next(split.split(every, classes))
        else:
            train, held_out = train_test_split(every, test_size=n_held, random_state=seed)
        return train, held_out

    def _outputs(self, X: Any) -> Floats:
        """Evaluate the network."""
        check_is_fitted(self, "coefs_")
        features = validate_data(self, X, dtype=np.float64, reset=False)
        return training.apply(self.coefs_, self.intercepts_, features)


class NeuralNetworkRegressor(RegressorMixin, _NeuralNetwork):
    """A fully connected network that predicts a number (torch, AdamW, early stopping).

    Each hidden layer multiplies by a matrix, adds a vector and sets what is negative to zero.
    Features and target should have mean 0 and standard deviation about 1, which
    `matlearn.regression.models.make_model` sees to.

    Parameters
    ----------
    hidden : tuple of int
        Width of each hidden layer; ``()`` has none and is a linear model.
    loss : {"absolute", "squared"}
        Mean absolute error, which matbench ranks by, or mean squared error.
    epochs : int
        Most passes over the training samples.
    batch_size : int
        Samples in a step.
    learning_rate : float
        Of AdamW in the first epoch; it falls to a hundredth of it along half a cosine.
    weight_decay : float
        Of AdamW: pulls weights towards zero.
    dropout : float
        Probability with which a hidden value is set to zero in training.
    validation_fraction : float
        Part of the samples by which the best epoch is chosen; 0, or fewer than 5 samples: none
        are set aside, and training runs to its end.
    patience : int
        Training ends after so many epochs without a better one.
    device : {"auto", "cpu", "cuda", "mps"}
        Where to train; ``"auto"`` takes a GPU that speaks CUDA where there is one.
    threads : int
        For torch while it trains. Small networks are fastest with 1.
    progress : bool
        Show a progress bar.
    random_state : int, RandomState or None
        Of weights, batches and the validation samples.

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Matrix, shape (inputs, outputs), and vector of each layer, those of the best epoch.
        Predictions need no torch: they are products of these.
    history_ : pandas.DataFrame
        Columns epoch, loss, validation_loss, learning_rate.
    best_epoch_ : int
        The epoch that was kept, counted from 1.
    n_features_in_ : int
        Number of features.

    Notes
    -----
    AdamW: Loshchilov and Hutter, ICLR 2019 (arXiv:1711.05101).

    Examples
    --------
    >>> x = np.linspace(-2, 2, 100)[:, None]
    >>> model = NeuralNetworkRegressor((16,), epochs=100, learning_rate=0.02).fit(x, np.abs(x[:, 0]))
    >>> bool(abs(model.predict([[1.0]])[0] - 1.0) < 0.1)
    True
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (256, 128),
        *,
        loss: str = "absolute",
        epochs: int = 200,
        batch_size: int = 64,
        learning_rate: float = 3e-3,
        weight_decay: float = 1e-2,
        dropout: float = 0.1,
        validation_fraction: float = 0.1,
        patience: int = 30,
        device: str = "auto",
        threads: int = 1,
        progress: bool = False,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        super().__init__(
            hidden,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            dropout=dropout,
            validation_fraction=validation_fraction,
            patience=patience,
            device=device,
            threads=threads,
            progress=progress,
            random_state=random_state,
        )
        self.loss = loss

    def fit(self, X: Any, y: Any) -> Self:
        """Train on features, shape (n_samples, n_features), and targets, shape (n_samples,)."""
        import torch
        from torch import nn

        check_settings(self)
        if self.loss not in _LOSSES:
            raise ValueError(
                f"loss must be one of {', '.join(map(repr, _LOSSES))}, got {self.loss!r}"
            )
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        loss = nn.L1Loss() if self.loss == "absolute" else nn.MSELoss()
        target = torch.tensor(np.asarray(y, dtype=np.float32)[:, None])
        self._train(X, target, loss, 1, None)
        return self

    def predict(self, X: Any) -> Floats:
        """Predict the target of each row of `X`, shape (n_samples,)."""
        return self._outputs(X)[:, 0]


class NeuralNetworkClassifier(ClassifierMixin, _NeuralNetwork):
    """A fully connected network that predicts a class (torch, AdamW, early stopping).

    It has an output for each class, trained by cross-entropy; a softmax of them is the
    probability of the class.

    Parameters and attributes are those of `NeuralNetworkRegressor`, without `loss`; in addition

    Attributes
    ----------
    classes_ : ndarray
        The classes, sorted.

    Examples
    --------
    >>> x = np.linspace(-2, 2, 100)[:, None]
    >>> model = NeuralNetworkClassifier((16,), epochs=100, learning_rate=0.02).fit(x, x[:, 0] ** 2 > 1)
    >>> model.predict([[0.0], [1.9]]).tolist()
    [False, True]
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train on features, shape (n_samples, n_features), and classes, shape (n_samples,)."""
        import torch
        from torch import nn

        check_settings(self)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"y must hold at least two classes to tell apart, got one class: {self.classes_[0]!r}"
            )
        target = torch.tensor(indices)
        self._train(X, target, nn.CrossEntropyLoss(), len(self.classes_), indices)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Give the probability of each class, shape (n_samples, n_classes)."""
        outputs = self._outputs(X)
        weights = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Give the likeliest class of each row of `X`, shape (n_samples,)."""
        chosen = self._outputs(X).argmax(axis=1)
        return self.classes_[chosen]
