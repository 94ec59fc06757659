"""Universal potentials trained a little further on a material of one's own.

CHGNet has seen the relaxations of some 146,000 materials (B. Deng et al., Nat. Mach. Intell. 5,
1031 (2023)); a few hundred calculations of one system can mend what it gets wrong there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase import Atoms

from matlearn._calculators.chgnet import MODELS, OnePassCHGNet, _torch_threads
from matlearn._tensors import read_tensors, write_tensors
from matlearn.potentials._mtp.checks import check_apart, checked_images
from matlearn.potentials._universal.batches import examples
from matlearn.potentials._universal.training import PARTS, refit_references, train_weights

if TYPE_CHECKING:
    from matlearn.fitting import FitResult

__all__ = ["KIND", "FineTunedCHGNet", "fine_tune"]

KIND = "chgnet"
"""The word in the metadata of a saved model."""


class FineTunedCHGNet:
    """CHGNet with weights of its own; `fine_tune` and `FineTunedCHGNet.load` make one.

    Parameters
    ----------
    model
        The version whose architecture it has, as ``"0.3.0"``.
    weights
        All arrays by name.
    references
        Energies (eV) that were refitted, by element.
    """

    def __init__(
        self, model: str, weights: dict[str, np.ndarray], references: dict[str, float]
    ) -> None:
        self.model = model
        self.weights = weights
        self.references = references

    def __repr__(self) -> str:
        return f"FineTunedCHGNet({self.model}, references of {' '.join(self.references)} refitted)"

    @property
    def digest(self) -> str:
        """A short word that differs where a weight differs."""
        sha = hashlib.sha256()
        for name in sorted(self.weights):
            sha.update(name.encode() + np.ascontiguousarray(self.weights[name]).tobytes())
        return sha.hexdigest()[:16]

    def calculator(self, device: str | None = None, threads: int = 1) -> OnePassCHGNet:
        """Give an ASE calculator: energies as the reference gave them, nothing to be undone.

        Parameters
        ----------
        device
            ``"cpu"``, ``"cuda"``, ``"mps"``; None takes a GPU where there is one.
        threads
            Threads that torch may use.
        """
        import torch

        calculator = OnePassCHGNet(self.model, device=device, threads=threads)
        state = {name: torch.from_numpy(np.array(v)) for name, v in self.weights.items()}
        try:
            calculator.model.load_state_dict(state)
        except RuntimeError as error:
            raise ValueError(
                f"these are not all weights of CHGNet {self.model}: {error}"
            ) from error
        calculator.parameters["model"] = f"{self.model} fine-tuned {self.digest}"
        return calculator

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write weights and references as ``.safetensors``, whole or not at all.

        Raises
        ------
        ValueError
            If `path` does not end so.
        """
        if Path(path).suffix.lower() != ".safetensors":
            raise ValueError(
                f"a fine-tuned CHGNet is saved as .safetensors, got {Path(path).name!r}"
            )
        metadata = {"kind": KIND, "model": self.model, "references": json.dumps(self.references)}
        write_tensors(path, self.weights, metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FineTunedCHGNet:
        """Read what `save` wrote; nothing is unpickled.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or holds something else.
        """
        weights, metadata = read_tensors(path)
        if metadata.get("kind") != KIND or metadata.get("model") not in MODELS:
            raise ValueError(f"{path} holds no fine-tuned CHGNet, but {metadata.get('kind')!r}")
        try:
            references = {k: float(v) for k, v in json.loads(metadata["references"]).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} does not say its atomic references: {error}") from error
        return cls(metadata["model"], weights, references)


def fine_tune(
    universal: str | FineTunedCHGNet,
    images: Iterable[Atoms],
    *,
    validation: Iterable[Atoms] | None = None,
    train: str = "all",
    epochs: int = 10,
    learning_rate: float = 1e-3,
    batch_size: int = 8,
    weights: tuple[float, float, float] = (3.0, 1.0, 0.1),
    patience: int = 5,
    max_minutes: float | None = None,
    device: str | None = None,
    threads: int = 1,
    seed: int = 0,
    progress: bool = True,
    callback: Callable[[int, dict[str, float]], Any] | None = None,
) -> FitResult:
    """Train CHGNet further on structures of one system.

    First the energies of the elements are refitted by least squares: codes, pseudopotentials and
    the Materials Project's corrections put zeros of energy elsewhere, which no weight should have
    to learn. Then the weights follow energies, forces and stresses: Adam, a learning rate that
    falls as a cosine to a hundredth, Huber's loss. Weights that serve `validation` best are kept,
    those from before the first epoch among them: it cannot become worse there.

    Parameters
    ----------
    universal
        ``"chgnet"`` or a version of it (``"0.3.0"``, ``"0.2.0"``, ``"r2scan"``), or what an earlier
        call made.
    images
        Structures with energies, and forces and stresses where they have them.
    validation
        Structures held back. Steps of one relaxation are much alike: hold back whole relaxations.
        None: nothing is held back, and the best weights are those that serve `images` best.
    train
        What is trained: ``"all"``; ``"last"``, the last convolution and the readout;
        ``"readout"`` alone. The rest is frozen, and so are in any case the magnetic moments.
    epochs
        How often each structure is used, at most; 0 refits the references alone.
    learning_rate
        At the start.
    batch_size
        Structures to a step.
    weights
        Of energies (eV/atom), forces (eV/A) and stresses (GPa). Differences up to 0.1 eV/atom,
        0.1 eV/A and 1 GPa count with their square, larger ones linearly.
    patience
        Epochs without gain on `validation` after which training ends.
    max_minutes
        Wall time, looked at after each epoch.
    device
        ``"cpu"``, ``"cuda"``, ``"mps"``; None takes a GPU where there is one.
    threads
        Threads that torch may use.
    seed
        Of the order of structures.
    progress
        Show a progress bar.
    callback
        Called after each epoch with its number and its row of the history.

    Returns
    -------
    FitResult
        ``potential`` is a `FineTunedCHGNet`. ``history`` has a row an epoch, 0 for the refitted
        references: ``loss``, and for `validation` (or `images`) ``score`` (the loss),
        ``energy_rmse`` (eV/atom), ``forces_rmse`` (eV/A, a component), ``stress_rmse`` (GPa).
        Interrupted, the best weights so far.

    Raises
    ------
    ValueError
        For an unknown model or part, an empty set, images without energies, with NaN, without a
        cell, or that CHGNet cannot take.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = [bulk("Cu", a=a) for a in (3.5, 3.6, 3.7)]
    >>> reference = single_points(cells, "emt", progress=False)
    >>> fit = fine_tune("chgnet", reference, train="readout", epochs=1, progress=False)
    >>> fit.potential
    FineTunedCHGNet(0.3.0, references of Cu refitted)
    """
    started, wall = time.process_time(), time.perf_counter()
    _check(train, epochs, learning_rate, batch_size, weights, patience, max_minutes)
    learned = _with_energies(images, "images")
    held = [] if validation is None else _with_energies(validation, "validation")
    if isinstance(universal, FineTunedCHGNet):
        name, calculator = universal.model, universal.calculator(device, threads)
    else:
        name = {"chgnet": "0.3.0"}.get(universal, universal)
        if name not in MODELS:
            raise ValueError(
                f"universal must be 'chgnet', {', '.join(map(repr, MODELS))} or a FineTunedCHGNet, "
                f"got {universal!r}"
            )
        calculator = OnePassCHGNet(name, device=device, threads=threads)
    with _torch_threads(threads):
        given, back = examples(calculator, learned), examples(calculator, held)
        references = refit_references(calculator.model, given)
        course = train_weights(
            calculator,
            given,
            back,
            part=train,
            epochs=epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            weights=weights,
            patience=patience,
            max_seconds=None if max_minutes is None else 60 * max_minutes,
            seed=seed,
            progress=progress,
            callback=callback,
        )
    best = {k: v.cpu().numpy() for k, v in calculator.model.state_dict().items()}
    potential = FineTunedCHGNet(name, best, references)
    from matlearn.fitting import FitResult, error_report

    return FitResult(
        train=error_report(calculator, learned),
        validation=error_report(calculator, held) if held else None,
        history=course.history,
        seconds=time.process_time() - started,
        wall_seconds=time.perf_counter() - wall,
        parameters=course.parameters + len(references),
        converged=not course.stopped or course.stopped.startswith("no better"),
        stop_reason=f"{course.stopped or 'all epochs done'}, best epoch {course.best_epoch}",
        potential=potential,
    )


def _with_energies(images: Iterable[Atoms], argument: str) -> list[Atoms]:
    checked = checked_images(images, argument)
    for number, atoms in enumerate(checked):
        if atoms.calc.results.get("energy") is None:
            raise ValueError(f"{argument}[{number}] ({atoms.symbols}) carries no energy")
        if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
            raise ValueError(f"{argument}[{number}]: positions or cell are not finite")
    check_apart(checked, argument)
    return checked


def _check(
    train: str,
    epochs: int,
    learning_rate: float,
    batch_size: int,
    weights: tuple[float, float, float],
    patience: int,
    max_minutes: float | None,
) -> None:
    """Refuse settings that make no training."""
    if train not in PARTS:
        raise ValueError(f"train must be one of {', '.join(map(repr, PARTS))}, got {train!r}")
    for name, value, least in (
        ("epochs", epochs, 0), ("batch_size", batch_size, 1), ("patience", patience, 1)
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    if not 0 < learning_rate < 1:
        raise ValueError(f"learning_rate must be between 0 and 1, got {learning_rate!r}")
    if len(weights) != 3 or not np.isfinite(weights).all() or min(weights) < 0 or not any(weights):
        raise ValueError(
            f"weights must be three numbers, none negative, not all 0; got {weights!r}"
        )
    if max_minutes is not None and not max_minutes > 0:
        raise ValueError(f"max_minutes must be positive, or None, got {max_minutes!r}")
