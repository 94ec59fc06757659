"""Graph networks: a property from the crystal itself, atoms and bonds, without hand-made features.

An atom is a node, a bond to one of its nearest neighbours an edge. In each layer every atom
collects messages from its neighbours, so that after three layers it knows of atoms three bonds
away; a weighted mean over the atoms is the property. Whether the crystal is moved, turned, its
atoms renamed in another order, or its cell doubled: the prediction is the same, by construction.

The layers are in ``matlearn/regression/_graphs/layers.py``, written to be read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from matlearn.regression._graphs.caching import cached_graphs
from matlearn.regression._graphs.classifier import CrystalGraphClassifier
from matlearn.regression._graphs.graph import CrystalGraph, build_graph
from matlearn.regression._graphs.regressor import CrystalGraphNetwork

__all__ = ["CrystalGraph", "CrystalGraphClassifier", "CrystalGraphNetwork", "graph", "graphs"]


def graph(structure: Any, *, cutoff: float = 6.0, max_neighbours: int = 12) -> CrystalGraph:
    """Make the graph of a crystal: atoms, and edges to their nearest neighbours.

    Parameters
    ----------
    structure : ase.Atoms, pymatgen.core.Structure or CrystalGraph
        One atom a site.
    cutoff : float
        A; neighbours farther away do not count.
    max_neighbours : int
        Of the neighbours within the cut-off the nearest so many, and with the last of them all
        that are as far as it is (to 0.02 A): shells are not cut in two.

    Returns
    -------
    CrystalGraph

    Raises
    ------
    TypeError
        For what is no structure, such as a formula.
    ValueError
        If an atom has no neighbour within the cut-off, two atoms are in one place, sites are of
        several elements, coordinates are not finite.

    Examples
    --------
    >>> from ase.build import bulk
    >>> graph(bulk("NaCl", "rocksalt", a=5.64), max_neighbours=6)
    CrystalGraph(ClNa: 2 atoms, 12 edges, 6 an atom, 2.82 to 2.82 A)
    """
    return build_graph(structure, cutoff, max_neighbours)


def graphs(
    structures: Sequence[Any],
    *,
    cutoff: float = 6.0,
    max_neighbours: int = 12,
    cache: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> list[CrystalGraph]:
    """Make the graphs of many crystals, once for all models that want them.

    Parameters
    ----------
    structures : sequence of ase.Atoms or pymatgen.core.Structure
        The crystals.
    cutoff, max_neighbours
        As for `graph`.
    cache : path, optional
        File (``.npz``) to keep the graphs in. It is read in place of making them again if it was
        made of the same structures with the same settings, and written anew if not.
    progress : bool
        Show a progress bar.

    Returns
    -------
    list of CrystalGraph
        `CrystalGraphNetwork` with the same cut-off and number of neighbours takes them in place of
        structures.

    Raises
    ------
    TypeError, ValueError
        As `graph`, with the place of the structure in the list.

    Examples
    --------
    >>> from ase.build import bulk
    >>> [len(one.distances) for one in graphs([bulk("Cu"), bulk("Fe")], progress=False)]
    [12, 14]
    """
    return cached_graphs(structures, cutoff, max_neighbours, cache, progress)
