"""Equivariant networks: NequIP, trained off line in minutes, from a short configuration.

Each atom carries features that turn with the structure: numbers, vectors, tensors of higher rank.
In a layer they are multiplied with the directions to the neighbours, in the ways that the rotation
group allows, and summed: energies do not change when the structure is turned, forces turn with it,
exactly and by construction (S. Batzner et al., Nat. Commun. 13, 2453 (2022)). The network and its
training are the nequip package's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ase import Atoms

from matlearn.fitting import FitResult, error_report
from matlearn.potentials._nequip.checks import check_known, check_settings, labelled
from matlearn.potentials._nequip.configuration import configuration_text, parsed_configuration
from matlearn.potentials._nequip.potential import NequIPPotential
from matlearn.potentials._nequip.statistics import statistics_of
from matlearn.potentials._nequip.surroundings import chosen_device, need_nequip

__all__ = ["NequIPPotential", "fit_nequip", "nequip_configuration"]

EPOCHS = 100
"""Unless a number of epochs or of minutes is given."""


def nequip_configuration(
    train: Iterable[Atoms],
    *,
    cutoff: float,
    layers: int = 2,
    l_max: int = 1,
    features: int = 16,
    epochs: int = EPOCHS,
    device: str = "auto",
    seed: int = 0,
) -> str:
    """Write the configuration by which `fit_nequip` trains: YAML, as nequip's own command reads it.

    Parameters
    ----------
    train
        Structures with energies and forces, and stresses where they have them: they decide the
        numbers by which the network is normalised (neighbours, force scales, energies of atoms).
    cutoff
        How far an atom sees in one layer, A.
    layers
        How often neighbours exchange features.
    l_max
        Highest rank of the features: 0 numbers only, 1 vectors, 2 second-rank tensors.
    features
        Number of features of each rank.
    epochs
        How often each structure is used.
    device
        ``"cpu"``, ``"cuda"`` or ``"auto"``: a GPU where there is one.
    seed
        Of the weights at the start and of the order of structures.

    Returns
    -------
    str
        YAML; changed or not, `fit_nequip` takes it as ``configuration``.

    Raises
    ------
    ValueError, TypeError
        As for `fit_nequip`.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = [bulk("Cu", a=a, cubic=True) for a in (3.5, 3.6, 3.7)]
    >>> for cell in cells: cell.rattle(0.1)
    >>> text = nequip_configuration(single_points(cells, "emt", progress=False), cutoff=4.0)
    >>> [line.strip() for line in text.splitlines() if "l_max" in line]
    ['l_max: 1   # 0: numbers only; 1: vectors; 2: second-rank tensors']
    """
    need_nequip()
    check_settings(
        cutoff=cutoff, layers=layers, l_max=l_max, features=features, epochs=epochs, seed=seed
    )
    images = labelled(train, "train")
    return configuration_text(
        statistics_of(images, float(cutoff)),
        cutoff=cutoff,
        layers=layers,
        l_max=l_max,
        features=features,
        epochs=epochs,
        device=chosen_device(device),
        seed=seed,
    )


def fit_nequip(
    train: Iterable[Atoms],
    validation: Iterable[Atoms],
    *,
    cutoff: float | None = None,
    layers: int = 2,
    l_max: int = 1,
    features: int = 16,
    epochs: int | None = None,
    max_minutes: float | None = None,
    device: str = "auto",
    seed: int = 0,
    configuration: str | None = None,
    threads: int = 1,
    progress: bool = True,
    callback: Callable[[int, dict[str, float], NequIPPotential], Any] | None = None,
) -> FitResult:
    """Train a NequIP network (S. Batzner et al., Nat. Commun. 13, 2453 (2022)).

    Off line, in this process, and without a file left behind. `nequip_configuration` shows the
    settings.

    Parameters
    ----------
    train, validation
        Structures with energies and forces, to be learned from and to be held back. Stresses of
        `train` are learned, too, if all structures have them.
    cutoff, layers, l_max, features
        As for `nequip_configuration`.
    epochs
        How often each structure is used; 100 unless it or `max_minutes` is given.
    max_minutes
        Wall time. Alone, it decides the number of epochs: an epoch is timed first, so that the
        learning rate has come down when the time is over. With `epochs`, it only ends training.
    device
        ``"cpu"``, ``"cuda"`` or ``"auto"``: a GPU where there is one.
    seed
        Of the weights at the start and of the order of structures.
    configuration
        YAML of `nequip_configuration`, changed, instead of `cutoff` to `epochs`, `device` and
        `seed`. Its ``_target_`` entries name the code that runs: take none from strangers.
    threads
        Threads that torch may use.
    progress
        Show a progress bar.
    callback
        Called after each epoch with its number, its row of the history and a `NequIPPotential` of
        that epoch. If it raises KeyboardInterrupt, training ends there.

    Returns
    -------
    FitResult
        ``potential`` is a `NequIPPotential` with the weights of the best epoch by validation (ten
        times the energy error in eV/atom plus that of forces in eV/A); interrupted, of the best
        so far. ``history`` has a row an epoch: ``epoch``, ``loss`` (weights of the configuration
        scaled to a sum of 1), ``learning_rate``, of the validation set ``energy_mae``,
        ``energy_rmse`` (eV/atom), ``forces_mae``, ``forces_rmse`` (eV/A, a component) and for
        each species ``Cu_f_mae``; ``cpu_seconds`` and ``seconds`` since the start.

    Raises
    ------
    ValueError
        For an empty set, images without energies or forces, with NaN, two atoms in one place, a
        cut-off below the shortest distance, an element of `validation` that `train` has not.
    ImportError
        If nequip is missing.
    KeyboardInterrupt
        If it is interrupted before the first epoch has ended.

    Notes
    -----
    The loss (weights 4, 1 and 50 of the mean squares of eV/atom, eV/A and eV/A3) learns stresses,
    and that makes energies good. Forces say nothing about how the energy changes with volume or
    composition, and there is but one energy a structure. Measured on 90 cells of Cu-Au (EMT), test
    errors in meV/atom and eV/A (a component), 65 epochs but for the last rows:

    ====================================================  ======  =====
    energies and forces weighed 1:1                         33.4  0.070
    ... an energy for each species                          33.5  0.070
    ... double precision                                    33.1  0.044
    ... cosine schedule                                     34.7  0.072
    ... energies weighed 30 times                            7.6  0.127
    ... energies weighed 10 times, schedule                 10.8  0.102
    ... stresses learned with weight 200, schedule           6.3  0.088
    stresses 50, energies 4, schedule                        3.6  0.082
    as above, 100 epochs (what is done here)                 2.9  0.064
    as above, without stresses                              17.9  0.076
    ... energies weighed 40 times in the last 30 epochs      7.5  0.078
    ====================================================  ======  =====

    The last row is what is done where not every structure has a stress; with stresses, a second
    stage made nothing better. (Energies of the two metals are both near zero in EMT: with DFT,
    the energy of each species does matter.)

    Examples
    --------
    >>> from ase.build import bulk
    >>> from matlearn.calculators import single_points
    >>> cells = [bulk("Cu", a=a, cubic=True) for a in (3.5, 3.6, 3.7)]
    >>> for cell in cells: cell.rattle(0.1)
    >>> images = single_points(cells, "emt", progress=False)
    >>> small = {"layers": 1, "features": 2, "epochs": 1, "progress": False}
    >>> fit = fit_nequip(images[:2], images[2:], cutoff=3.0, **small)
    >>> fit.potential
    NequIPPotential(Cu, 1 layer, l_max 1, cut-off 3 A, 332 parameters)
    """
    need_nequip()
    started, wall = time.process_time(), time.perf_counter()
    check_settings(threads=threads, max_minutes=max_minutes)
    learned, held = labelled(train, "train"), labelled(validation, "validation")
    check_known(learned, held)
    if configuration is None:
        if cutoff is None:
            raise ValueError("cutoff must be given, a distance in A such as 4.5")
        shape = {"cutoff": cutoff, "layers": layers, "l_max": l_max, "features": features}
        text = _timed_configuration(learned, held, epochs, max_minutes, threads,
                                    {**shape, "device": device, "seed": seed})  # fmt: skip
    elif (cutoff, layers, l_max, features, epochs) == (None, 2, 1, 16, None):
        text = configuration
    else:
        raise ValueError(
            "configuration says cutoff, layers, l_max, features and epochs already: change them "
            "in its text, and give none of them besides"
        )
    parsed = parsed_configuration(text)
    model = parsed["training_module"]["model"]

    def reported(epoch: int, row: dict[str, float], weights: Callable[[], dict[str, Any]]) -> None:
        if callback is not None:
            callback(epoch, row, NequIPPotential(model, weights(), text))

    from matlearn.potentials._nequip.training import train_network

    recorder = train_network(
        parsed,
        learned,
        held,
        seconds=None if max_minutes is None else 60 * max_minutes - (time.perf_counter() - wall),
        progress=progress,
        callback=reported,
        threads=threads,
    )
    if recorder.best is None:
        raise ValueError(f"training came to nothing: {recorder.stopped}")
    potential = NequIPPotential(model, recorder.best, text)
    calculator = potential.calculator(device=device, threads=threads)
    done = len(recorder.history)
    return FitResult(
        train=error_report(calculator, learned),
        validation=error_report(calculator, held),
        history=recorder.history,
        seconds=time.process_time() - started,
        wall_seconds=time.perf_counter() - wall,
        parameters=potential.parameters_count,
        converged=not recorder.stopped,
        stop_reason=(
            f"{recorder.stopped or 'all epochs done'}, best of {done} epochs: {recorder.best_epoch}"
        ),
        potential=potential,
    )


def _timed_configuration(
    train: list[Atoms],
    validation: list[Atoms],
    epochs: int | None,
    max_minutes: float | None,
    threads: int,
    settings: dict[str, Any],
) -> str:
    """Write the configuration; where only a time is given, for as many epochs as will fit."""
    if epochs is not None or max_minutes is None:
        return nequip_configuration(train, epochs=EPOCHS if epochs is None else epochs, **settings)
    from matlearn.potentials._nequip.training import epoch_seconds

    started = time.perf_counter()
    trial = parsed_configuration(nequip_configuration(train, epochs=1, **settings))
    each = epoch_seconds(trial, train, validation, threads)
    left = 60 * max_minutes - (time.perf_counter() - started)
    return nequip_configuration(train, epochs=max(1, int(0.95 * left / each)), **settings)
