"""What the regressor and the classifier on crystal graphs share: settings, training, evaluation."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from matlearn.regression._graphs import files
from matlearn.regression._graphs.checks import (
    check_neighbourhood,
    check_real,
    check_whole,
)
from matlearn.regression._graphs.graph import CrystalGraph, build_graph, build_graphs

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from matlearn.regression._graphs.layers import Network
    from matlearn.regression._graphs.training import Run, Weights


class CrystalGraphEstimator(BaseEstimator):
    """Settings, training and evaluation of networks on crystal graphs."""

    takes_structures = True
    """Samples are structures: `run_matbench` hands them over in place of features."""

    weights_: list[Weights]

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
        device: str = "auto",
        threads: int = 1,
        progress: bool = False,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.cutoff = cutoff
        self.max_neighbours = max_neighbours
        self.width = width
        self.layers = layers
        self.members = members
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.device = device
        self.threads = threads
        self.progress = progress
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that samples are structures, not rows of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.non_deterministic = False
        return tags

    @property
    def n_parameters_(self) -> int:
        """Numbers that were learned, of all members."""
        check_is_fitted(self, "weights_")
        return sum(
            values.size
            for weights in self.weights_
            for name, values in weights.items()
            if name.split(".")[0] in ("embedding", "convolutions", "readout")
        )

    def edge_gates(self, structure: Any) -> pd.DataFrame:
        """Say how much passes along each edge of one crystal.

        Parameters
        ----------
        structure : ase.Atoms, pymatgen.core.Structure or CrystalGraph
            The crystal.

        Returns
        -------
        pandas.DataFrame
            The edges as in `CrystalGraph.to_frame`, and ``layer 1``, ``layer 2``, ...: the gate,
            from 0 (shut) to 1 (open), a mean over the numbers of a message and over the members.
        """
        one, members = self._looked_into(structure)
        frame = one.to_frame()
        for number, gate in enumerate(np.mean([m["gates"] for m in members], axis=0), start=1):
            frame[f"layer {number}"] = gate
        return frame

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write settings and weights to a ``.safetensors`` file; nothing is pickled.

        Parameters
        ----------
        path
            Ends in ``.safetensors``.

        Raises
        ------
        ValueError
            For another suffix.
        """
        check_is_fitted(self, "weights_")
        files.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote; nothing in it is executed.

        Raises
        ------
        ValueError
            If the file is something else, or not whole.
        """
        return files.load(cls, path)

    def _check_settings(self) -> None:
        check_neighbourhood(self.cutoff, self.max_neighbours)
        for name in ("width", "members", "epochs", "batch_size", "threads"):
            check_whole(getattr(self, name), name, at_least=1)
        check_whole(self.layers, "layers", at_least=0)
        check_real(self.learning_rate, "learning_rate", above=0.0)
        check_real(self.weight_decay, "weight_decay", at_least=0.0)
        check_real(self.dropout, "dropout", at_least=0.0, below=1.0)
        if self.device not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device must be 'auto', 'cpu' or 'cuda', got {self.device!r}")

    def _graphs(self, structures: Any) -> list[CrystalGraph]:
        return build_graphs(
            structures, self.cutoff, self.max_neighbours, progress=bool(self.progress)
        )

    def _train(
        self,
        graphs: list[CrystalGraph],
        targets: np.ndarray,
        loss: Callable[[Any, Any], Any],
        outputs: int,
        held_out: tuple[list[CrystalGraph], Callable[[np.ndarray], float]] | None,
    ) -> None:
        """Train all members; `held_out` are graphs, and what judges a network's values for them."""
        import pandas as pd
        import torch

        from matlearn.regression._graphs import training
        from matlearn.regression._graphs.batches import FlatGraphs
        from matlearn.regression._models.training import pick_device, seeded

        device = pick_device(self.device)
        recipe = training.Recipe(
            self.epochs, self.batch_size, self.learning_rate, self.weight_decay
        )
        flat, wanted = FlatGraphs(graphs, device), torch.as_tensor(targets, device=device)
        judge = None
        if held_out is not None:
            others, judged = FlatGraphs(held_out[0], device), held_out[1]

            def judge(network: Network) -> float:
                return judged(training.evaluate(network, others)["value"])

        seeds = check_random_state(self.random_state).randint(2**31, size=self.members)
        kept: list[Run] = []
        histories, bar = [], self._bar()
        for member, seed in enumerate(seeds):
            try:
                with seeded(int(seed), device, self.threads):
                    network = self._network(outputs).to(device)
                    run = training.train(
                        network, loss, flat, wanted, recipe,
                        order=np.random.default_rng(seed), judge=judge, progress=bar,
                    )  # fmt: skip
            except KeyboardInterrupt:
                if not kept:
                    raise
                break  # with the members that are complete
            if run.interrupted and kept:
                break
            kept.append(run)
            histories.append(pd.DataFrame(run.history).assign(member=member))
            if run.interrupted:
                break
        if bar is not None:
            bar.close()
        self._keep(kept, pd.concat(histories, ignore_index=True), graphs, outputs)

    def _keep(
        self, runs: Sequence[Run], history: Any, graphs: list[CrystalGraph], outputs: int
    ) -> None:
        """Note what was learned."""
        from ase.data import chemical_symbols

        self.weights_ = [run.weights for run in runs if run.weights is not None]
        self.best_epochs_ = [run.best_epoch for run in runs]
        columns = ["member", "epoch", "loss", "validation", "learning_rate"]
        self.history_ = history[columns].dropna(axis=1, how="all")
        whole = len(runs) == self.members and not runs[-1].interrupted
        self.stop_reason_ = "all epochs done" if whole else "interrupted"
        seen = np.unique(np.concatenate([graph.numbers for graph in graphs]))
        self.elements_ = [chemical_symbols[number] for number in seen]
        self.n_outputs_ = outputs

    def _network(self, outputs: int) -> Network:
        from matlearn.regression._graphs.layers import Network

        return Network(float(self.cutoff), self.width, self.layers, outputs, float(self.dropout))

    def _bar(self) -> Any:
        """Give what is called after each epoch to show how far training is."""
        if not self.progress:
            return None
        from matlearn.regression._graphs.progress import EpochBar

        return EpochBar(self.members * self.epochs)

    def _looked_into(self, structure: Any) -> tuple[CrystalGraph, list[dict[str, np.ndarray]]]:
        """Give the graph of one crystal, and all that goes on in each member for it."""
        check_is_fitted(self, "weights_")
        one = build_graph(structure, self.cutoff, self.max_neighbours)
        return one, self._evaluate(self._known([one]))

    def _evaluate(self, graphs: list[CrystalGraph]) -> list[dict[str, np.ndarray]]:
        """What each member's network gives for graphs, one after the other."""
        from matlearn.regression._graphs import training
        from matlearn.regression._graphs.batches import FlatGraphs
        from matlearn.regression._models.training import pick_device, seeded

        device = pick_device(self.device)
        flat, results = FlatGraphs(graphs, device), []
        with seeded(0, device, self.threads):
            for weights in self.weights_:
                network = training.with_weights(self._network(self.n_outputs_), weights)
                results.append(training.evaluate(network.to(device), flat))
        return results

    def _known(self, structures: Any) -> list[CrystalGraph]:
        """Make the graphs to predict for; warn of elements that training has not seen."""
        check_is_fitted(self, "weights_")
        graphs = self._graphs(structures)
        strange: dict[str, int] = {}
        for graph in graphs:
            for symbol in sorted(set(graph.symbols).difference(self.elements_)):
                strange[symbol] = strange.get(symbol, 0) + 1
        if strange:
            named = ", ".join(f"{symbol} (in {count})" for symbol, count in strange.items())
            warnings.warn(
                f"elements that were not in the training set: {named}. The network knows them by "
                f"their properties only (mass, radius, electronegativity, ...): trust it less there",
                stacklevel=3,
            )
        return graphs
