"""A trained network: its description and its weights."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matlearn._tensors import read_tensors, write_tensors
from matlearn.potentials._nequip.configuration import checked_model
from matlearn.potentials._nequip.surroundings import chosen_device, nequip_at_work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matlearn.potentials._nequip.calculator import NequIPCalculator

KIND = "nequip"
"""The word in the metadata of a saved network."""


CONSTANTS = ("scales", "shifts", "_rmax_recip", "output_mask")
BESSEL = "bessel_weights"
"""Ends of the names of what is stored with the weights and not trained."""


class NequIPPotential:
    """A NequIP network that can be evaluated, compiled and saved.

    Parameters
    ----------
    model
        What nequip builds the network from: plain numbers and words (the part ``model`` of the
        configuration).
    weights
        The network's parameters and constants by name.
    configuration
        The YAML text of the training run, kept for the record.

    Raises
    ------
    ValueError
        If `model` names anything but a NequIP network.
    """

    def __init__(
        self, model: Mapping[str, Any], weights: Mapping[str, NDArray[Any]], configuration: str = ""
    ) -> None:
        self._model = checked_model(model)
        self._weights = {name: values.copy() for name, values in weights.items()}
        self.configuration = configuration

    @property
    def species(self) -> tuple[str, ...]:
        """Chemical symbols that the network knows."""
        return tuple(self._model["type_names"])

    @property
    def cutoff(self) -> float:
        """How far an atom sees in one layer, A."""
        return float(self._model["r_max"])

    @property
    def layers(self) -> int:
        """How often neighbours exchange features: energies reach `layers` times the cut-off."""
        return int(self._model["num_layers"])

    @property
    def parameters_count(self) -> int:
        """Number of parameters that were trained (constants such as the shifts not counted)."""
        constants = CONSTANTS if self._model.get("bessel_trainable") else (*CONSTANTS, BESSEL)
        return sum(
            values.size
            for name, values in self._weights.items()
            if values.dtype.kind == "f" and not name.endswith(constants)
        )

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """A copy of the network's parameters and constants by name."""
        return {name: values.copy() for name, values in self._weights.items()}

    def __repr__(self) -> str:
        return (
            f"NequIPPotential({' '.join(self.species)}, {self.layers} layer{'s' * (self.layers > 1)}, "
            f"l_max {self._model['l_max']}, cut-off {self.cutoff:g} A, "
            f"{self.parameters_count} parameters)"
        )

    def calculator(
        self, *, precision: str = "float64", device: str = "auto", threads: int = 1
    ) -> NequIPCalculator:
        """Give an ASE calculator; no compiler is needed.

        Parameters
        ----------
        precision
            ``"float64"`` (forces are then the derivatives of energies to ten digits), or
            ``"float32"``, in which the network was trained.
        device
            ``"cpu"``, ``"cuda"`` or ``"auto"``: a GPU where there is one.
        threads
            Threads that torch may use. For cells of some tens of atoms one is fastest.

        Returns
        -------
        ase.calculators.calculator.Calculator
            Energies in eV (of each atom, too), forces in eV/A, stress in eV/A3.

        Raises
        ------
        ValueError
            For another precision, or a device that is not there.
        """
        from matlearn.potentials._nequip.calculator import NequIPCalculator
        from matlearn.potentials._nequip.network import PRECISIONS, build_network

        if precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
        if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads must be a whole number of at least 1, got {threads!r}")
        with nequip_at_work(threads):
            device = chosen_device(device)
            network = build_network(self._model, self._weights, precision).to(device)
        return NequIPCalculator(network, self.species, self.cutoff, device, threads)

    def compile(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        threads: int = 1,
    ) -> NequIPCalculator:
        """Compile the network (torch's AOTInductor, about a minute), and give its calculator.

        Parameters
        ----------
        folder
            Where to keep the compiled network, ``network.nequip.pt2``; LAMMPS and nequip's own
            calculator open it, too. None keeps no file.
        device, threads
            As for `calculator`.

        Returns
        -------
        ase.calculators.calculator.Calculator
            As `calculator` gives it, in single precision and several times faster.

        Raises
        ------
        RuntimeError
            Where there is no C++ compiler.
        """
        from matlearn.potentials._nequip.compilation import compiled_calculator

        return compiled_calculator(
            self._model, self._weights, folder, chosen_device(device), threads
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a ``.safetensors`` file: weights, and the description as JSON.

        Raises
        ------
        ValueError
            For another suffix: the file would not be found again as a potential.
        """
        if not os.fspath(path).lower().endswith(".safetensors"):
            raise ValueError(f"path must end in .safetensors, got {os.fspath(path)!r}")
        metadata = {
            "kind": KIND,
            "model": json.dumps(self._model),
            "configuration": self.configuration,
        }
        write_tensors(path, self._weights, metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> NequIPPotential:
        """Read what `save` wrote; nothing in it is executed or unpickled.

        Raises
        ------
        ValueError
            If the file is something else, or not whole.
        """
        weights, metadata = read_tensors(path)
        if metadata.get("kind") != KIND:
            raise ValueError(f"{path} holds no NequIP network, but {metadata.get('kind')!r}")
        try:
            model = json.loads(metadata["model"])
            return cls(model, weights, metadata.get("configuration", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is no whole NequIP network: {error}") from error
