"""CHGNet as an ASE calculator that takes one backward pass for forces and stress together.

The calculator of the chgnet package differentiates twice, with graphs kept for training; energies
here are the same numbers, forces and stress differ by single-precision rounding alone.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

if TYPE_CHECKING:
    from ase import Atoms

WITH_CORRECTIONS = ("0.3.0", "0.2.0")
"""Models trained on energies that contain the Materials Project's 2020 corrections."""
MODELS = (*WITH_CORRECTIONS, "r2scan")
"""Models whose weights come with the chgnet package."""
DEVICES = ("cpu", "cuda", "mps")
"""Where torch may compute; a GPU may have a number, as in ``"cuda:1"``."""


class OnePassCHGNet(Calculator):
    """The universal potential CHGNet (B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023)).

    Parameters
    ----------
    model
        ``"0.3.0"`` (weights inside the chgnet wheel), ``"0.2.0"``, ``"r2scan"``, or a
        `chgnet.model.CHGNet`, for example a fine-tuned one.
    device
        ``"cpu"``, ``"cuda"`` or ``"mps"``; None takes a GPU where there is one.
    energy_corrections
        True: energies as the model gives them. False: the Materials Project's 2020 corrections,
        which its training energies contain, are subtracted. What is subtracted, and for which
        compositions, says `matlearn._calculators.mp2020.correction`: nothing for elements, -0.361 eV per N
        atom in nitrides and azides. Forces and stress are the same either way.
    threads
        Threads that torch may use during an evaluation. For cells of some tens of atoms one is
        fastest; on a busy machine two can be thirty times slower.

    Raises
    ------
    ValueError
        On calculation: an element beyond Pu, atoms without a neighbour within 6 A, no cell.

    Examples
    --------
    >>> from ase.build import bulk
    >>> lithium = bulk("Li", cubic=True)
    >>> lithium.calc = OnePassCHGNet()
    >>> print(f"{lithium.get_potential_energy() / 2:.2f} eV/atom")
    -1.88 eV/atom
    """

    name = "chgnet"
    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy",
        "free_energy",
        "forces",
        "stress",
        "magmoms",
    ]

    def __init__(
        self,
        model: Any = "0.3.0",
        *,
        device: str | None = None,
        energy_corrections: bool = True,
        threads: int = 1,
    ) -> None:
        super().__init__()
        if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads must be a whole number of at least 1, got {threads!r}")
        version = model if isinstance(model, str) else getattr(model, "version", None)
        if not energy_corrections and isinstance(model, str) and version not in WITH_CORRECTIONS:
            raise ValueError(
                "energy_corrections=False undoes corrections that are in the training energies of "
                f"the models {', '.join(WITH_CORRECTIONS)} only, got model={model!r}"
            )
        self.model = _load(model, device)
        self.energy_corrections = energy_corrections
        self.threads = threads
        self.parameters = {"model": str(version), "energy_corrections": energy_corrections}

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] | None = None,
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Evaluate one structure: energy (eV), forces (eV/A), stress (eV/A3), magmoms (mu_B)."""
        super().calculate(atoms, list(properties or ["energy"]), list(system_changes))
        self.results = self.batch([self.atoms])[0]

    def batch(self, structures: Sequence[Atoms]) -> list[dict[str, Any]]:
        """Evaluate several structures at once.

        Parameters
        ----------
        structures
            ASE Atoms; about a dozen small cells at a time are best.

        Returns
        -------
        list of dict
            ``energy`` and ``free_energy`` (eV), ``forces`` (eV/A, shape (atoms, 3)), ``stress``
            (eV/A3, Voigt), ``magmoms`` (Bohr magnetons) for each.

        Raises
        ------
        ValueError
            As for the class; the message names the structure's formula.
        """
        with _torch_threads(self.threads):
            graphs = [self._graph(atoms) for atoms in structures]
            results = self._evaluate(graphs)
        if not self.energy_corrections:
            from matlearn._calculators.mp2020 import correction

            for atoms, result in zip(structures, results, strict=True):
                result["energy"] -= correction(atoms)
        for result in results:
            result["free_energy"] = result["energy"]
        return results

    def _graph(self, atoms: Atoms) -> Any:
        """Make the crystal graph, after the checks that chgnet leaves out."""
        from pymatgen.core import Lattice, Structure

        self._check(atoms)
        structure = Structure(
            Lattice(atoms.cell.array, pbc=tuple(bool(p) for p in atoms.pbc)),
            atoms.get_chemical_symbols(),
            atoms.positions,
            coords_are_cartesian=True,
        )
        graph = self.model.graph_converter(structure)
        lonely = len(atoms) - len(np.unique(graph.atom_graph.numpy().reshape(-1, 2)[:, 0]))
        if lonely:
            raise ValueError(
                f"CHGNet cannot describe isolated atoms: {lonely} of {len(atoms)} atoms of "
                f"{atoms.get_chemical_formula()} have no neighbour within "
                f"{self.model.graph_converter.atom_graph_cutoff:g} A"
            )
        return graph.to(next(self.model.parameters()).device)

    def _check(self, atoms: Atoms) -> None:
        formula = atoms.get_chemical_formula()
        if not len(atoms):
            raise ValueError("CHGNet needs at least one atom, got an empty structure")
        if atoms.cell.rank < 3:
            raise ValueError(
                f"CHGNet needs a cell in three dimensions, {formula} has none; put a molecule into "
                "a box first: atoms.center(vacuum=6)"
            )
        if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
            raise ValueError(f"positions or cell of {formula} are not finite")
        heaviest = int(self.model.atom_embedding.embedding.num_embeddings)
        outside = sorted({s for s, z in zip(atoms.symbols, atoms.numbers, strict=True)
                          if not 1 <= z <= heaviest})  # fmt: skip
        if outside:
            raise ValueError(
                f"CHGNet knows the elements H to Pu (Z = 1 to {heaviest}), "
                f"not {', '.join(outside)} in {formula}"
            )

    def _evaluate(self, graphs: list[Any]) -> list[dict[str, Any]]:
        """Run the model forward once and backward once."""
        import torch
        from chgnet.model.model import BatchedGraph

        model = self.model
        with torch.enable_grad(), warnings.catch_warnings():
            # chgnet turns volumes into a tensor of their own, which torch remarks upon
            warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
            batch = BatchedGraph.from_graphs(
                graphs,
                bond_basis_expansion=model.bond_basis_expansion,
                angle_basis_expansion=model.angle_basis_expansion,
                compute_stress=True,
            )
            output = model._compute(batch, compute_magmom=True)
            sizes = output["atoms_per_graph"]
            total = output["e"] * sizes if model.is_intensive else output["e"]
            inputs = [*batch.atom_positions, *batch.strains]
            gradients = torch.autograd.grad(total.sum(), inputs)
        energy = output["e"].detach()
        if model.composition_model is not None:
            energy = energy + model.composition_model(graphs).detach()
        if model.is_intensive:
            energy = energy * sizes
        volumes = np.abs(
            torch.as_tensor(batch.volumes).detach().cpu().numpy()
        )  # of either handedness
        n = len(graphs)
        return [
            {
                "energy": float(energy[i]),
                "forces": -gradients[i].cpu().numpy().astype(float),
                "stress": full_3x3_to_voigt_6_stress(
                    gradients[n + i].cpu().numpy().astype(float) / float(volumes[i])
                ),
                "magmoms": output["m"][i].detach().cpu().numpy().astype(float),
            }
            for i in range(n)
        ]


def _load(model: Any, device: str | None) -> Any:
    """Load the weights in silence, or take a model as it is."""
    try:
        from chgnet.model import CHGNet
        from chgnet.utils import determine_device
    except ImportError as error:
        raise ImportError("CHGNet is not installed: pip install chgnet") from error

    target = determine_device(use_device=device)
    if target.partition(":")[0] not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)} or None, got {device!r}")
    if isinstance(model, str):
        if model not in MODELS:
            raise ValueError(
                f"model must be one of {', '.join(MODELS)}, or a CHGNet; got {model!r}"
            )
        with contextlib.redirect_stdout(io.StringIO()):  # chgnet prints its name and device
            model = CHGNet.load(model_name=model, use_device=target, verbose=False)
        for parameter in model.parameters():
            parameter.requires_grad_(False)
    elif not isinstance(model, CHGNet):
        raise TypeError(
            f"model must be a version such as '0.3.0' or a CHGNet, got {type(model).__name__}"
        )
    model.eval()
    model.graph_converter.set_isolated_atom_response("ignore")  # checked, and refused, in _graph
    return model.to(target)


@contextlib.contextmanager
def _torch_threads(number: int) -> Iterator[None]:
    """Let torch use so many threads for a while, and then as many as before."""
    import torch

    before = torch.get_num_threads()
    if before != number:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        if before != number:
            torch.set_num_threads(before)
