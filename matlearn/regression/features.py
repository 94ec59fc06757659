"""Features: what a model is told about a material, as a table of numbers.

From a formula come Magpie's 132 (`magpie`), statistics of what is known of its elements
(`elements_table`); from a crystal, those of matminer's featurizers (`structure`).

Examples
--------
>>> from matlearn.regression import features
>>> table = features.magpie(["NaCl", "Fe2O3"])
>>> table["MagpieData mean Electronegativity"].round(3).tolist()
[2.045, 2.796]
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from matlearn.regression._features import checks as _checks
from matlearn.regression._features import elements as _elements
from matlearn.regression._features import formulas as _formulas
from matlearn.regression._features import magpie as _magpie
from matlearn.regression._features import structures as _structures
from matlearn.regression._features.checks import check, drop_constant
from matlearn.regression._features.ranking import correlations

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "check",
    "correlations",
    "drop_constant",
    "elements_table",
    "from_elements",
    "magpie",
    "parse",
    "structure",
]


def parse(formula: Any) -> dict[str, float]:
    """Read a chemical formula.

    Brackets of all kinds may be nested; amounts may be decimal (``Fe0.95O``) or like ``1e-3``;
    hydrates are written with a raised dot or an asterisk (``CuSO4·5H2O``); small digits (``Fe₂O₃``)
    and spaces are fine. Deuterium and tritium are hydrogen, as chemistry hardly tells them apart.

    Parameters
    ----------
    formula : str or pymatgen.core.Composition
        The formula.

    Returns
    -------
    dict
        Symbol -> amount (as written, not divided by anything), in the order of appearance.

    Raises
    ------
    ValueError
        If it is no formula: the message says what is wrong and where, and guesses what was meant.
        Also for elements that Magpie's table does not have (after copernicium), for charges, and
        where a dot may be a decimal point as well as a hydrate's (``CuSO4.5H2O``).
    TypeError
        If it is neither text nor a composition.

    Examples
    --------
    >>> parse("Ca3(PO4)2")
    {'Ca': 3.0, 'P': 2.0, 'O': 8.0}
    >>> parse("nacl")
    Traceback (most recent call last):
    ValueError: 'nacl': 'n' at character 1: the symbol of an element begins with a capital; did you mean NaCl?
    """
    try:
        return _formulas.composition(formula)
    except ValueError as error:
        shown = f"{formula!r}: " if isinstance(formula, str) else ""
        raise ValueError(f"{shown}{error}") from None


def magpie(formulas: Iterable[Any]) -> pd.DataFrame:
    """Compute Magpie's 132 features of formulas: six statistics of 22 properties of the elements.

    Minimum, maximum, range, mean, mean absolute deviation (weighted with the amounts) and "mode".
    Names and numbers are those of matminer's ``ElementProperty.from_preset("magpie")``, which
    takes 150 to 300 times as long. Two of its habits come along: "mode" is the smallest value among
    the elements of the largest amount; and where the table has no value for an element (the
    electronegativity of neon, say), the mean over all elements stands in
    (``elements_table(imputed=False)`` shows the holes).

    Parameters
    ----------
    formulas : list, array or pandas.Series of str or pymatgen.core.Composition
        What `parse` reads. A formula that comes many times is read once.

    Returns
    -------
    pandas.DataFrame
        A row a formula, with the index of a Series, otherwise numbered; 132 columns such as
        ``"MagpieData mean Electronegativity"``, in the units of `elements_table`.

    Raises
    ------
    ValueError
        If there are no formulas, or some cannot be read: one message for all, with the first five.
    TypeError
        If a single formula is given instead of a list.
    ImportError
        Without matminer, whose files the table of the elements is read from.

    References
    ----------
    L. Ward, A. Agrawal, A. Choudhary, C. Wolverton, npj Comput. Mater. 2, 16028 (2016);
    L. Ward et al. (matminer), Comput. Mater. Sci. 152, 60 (2018).

    Examples
    --------
    >>> magpie(["NaCl"])["MagpieData range Electronegativity"].round(2).tolist()  # 3.16 - 0.93
    [2.23]
    """
    return _magpie.frame(formulas, _elements.properties(True), list(_magpie.COLUMNS))


def structure(
    structures: Iterable[Any],
    *,
    featurizers: Sequence[str] = ("density", "symmetry", "sine-coulomb"),
    cache: str | os.PathLike[str] | None = None,
    progress: bool = True,
    client: Any = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Compute features of crystals with matminer's featurizers.

    ============================  ===================================================== =========
    featurizer                    columns                                               ms/crystal
    ============================  ===================================================== =========
    ``"density"``                 density (g/cm3), volume per atom (A3), packing of      1
                                  spheres of the atoms' radii
    ``"symmetry"``                space group, crystal system (1 cubic to 7 triclinic),  20
                                  inversion (0 or 1), number of operations
    ``"complexity"``              entropy of the kinds of sites (bits; Krivovichev)      20
    ``"sine-coulomb"``            eigenvalues of the sine Coulomb matrix, the largest     1
                                  in size first; zeros fill up what smaller cells lack
    ``"site-statistics"``         mean and spread of CrystalNN's order parameters (122)  180
    ``"orbital-field"``           orbital field matrix (1024)                            400
    ``"heterogeneity"``           spread of bond lengths and cells of Voronoi            200
    ``"packing"``                 largest packing of spheres within Voronoi's cells      400
    ``"ordering"``                Warren and Cowley's order of three shells              300
    ============================  ===================================================== =========

    The sine Coulomb matrix depends on the choice of the cell, and has one column for each atom of
    the largest one: for further crystals use ``reindex(columns=earlier.columns, fill_value=0.0)``.
    matminer's own eigenvalues come in no order; here they do not depend on how atoms are numbered.

    Parameters
    ----------
    structures : list or pandas.Series of pymatgen.core.Structure or ase.Atoms
        Periodic in three directions. Equal ones are computed once.
    featurizers : sequence of str
        Names from the table above.
    cache : str or path, optional
        A file (SQLite, made where there is none) that keeps each result with the versions of
        matminer and pymatgen: what is in it is not computed again, and an interrupted or killed
        run goes on from it. Without it an interrupted run has to begin anew.
    progress : bool
        Whether a bar shows how far it is.
    client : distributed.Client, optional
        A Dask cluster that does the work; None works on this machine.
    workers : int, optional
        Processes; None takes one for each core, though not for less work than their start costs.

    Returns
    -------
    pandas.DataFrame
        A row a structure, with the index of a Series, otherwise numbered; matminer's names of the
        columns. Where a featurizer fails, its columns are NaN in that row, and
        ``attrs["failures"]`` has a dict with ``index``, ``featurizer`` and ``reason`` (`check` finds
        the columns).

    Raises
    ------
    ValueError
        For an unknown featurizer, no structures, or one that is not a crystal.
    TypeError
        If something else than structures is given.
    matlearn.store.StoreError
        If the cache is no file of this kind, or cannot be written.
    ImportError
        Without matminer.

    References
    ----------
    L. Ward et al. (matminer), Comput. Mater. Sci. 152, 60 (2018); F. Faber, A. Lindmaa,
    O. A. von Lilienfeld, R. Armiento, Int. J. Quantum Chem. 115, 1094 (2015).

    Examples
    --------
    >>> from ase.build import bulk
    >>> diamond = bulk("C", "diamond", a=3.567)
    >>> structure([diamond], featurizers=["density"], progress=False).round(2)
       density   vpa  packing fraction
    0     3.52  5.67              0.25
    """
    import pandas as pd

    names = _structures.checked_names(featurizers)
    crystals = _structures.checked_structures(structures)
    index = structures.index if isinstance(structures, pd.Series) else None
    found = _structures.compute(
        crystals, names, cache=cache, progress=progress, client=client, workers=workers
    )
    return _structures.table(crystals, names, found, index)


def from_elements(formulas: Iterable[Any], properties: pd.DataFrame) -> pd.DataFrame:
    """Compute Magpie's six statistics of properties of your own: prices, radii, or nonsense.

    Parameters
    ----------
    formulas : list, array or pandas.Series of str or pymatgen.core.Composition
        As in `magpie`.
    properties : pandas.DataFrame
        A row an element, by symbol; columns of numbers. Elements that do not occur may be missing.

    Returns
    -------
    pandas.DataFrame
        A row a formula; for each property six columns, such as ``"mean price"``.

    Raises
    ------
    ValueError
        If a property of an element that occurs is missing; else as `magpie`.
    TypeError
        If the properties are no table of numbers; else as `magpie`.

    Examples
    --------
    >>> import pandas as pd
    >>> charges = pd.DataFrame({"charge": {"Na": 1, "Mg": 2, "Cl": -1}})
    >>> from_elements(["NaCl", "MgCl"], charges)["mean charge"].tolist()
    [0.0, 0.5]
    """
    numbers = _checks.numbers(properties)
    unknown = [symbol for symbol in properties.index if symbol not in _elements.SYMBOLS]
    if unknown or not properties.index.is_unique:
        raise ValueError(
            "properties must have a row an element, by its symbol; no element, or double: "
            f"{unknown or properties.index[properties.index.duplicated()].tolist()}"
        )
    table = np.full((len(_elements.SYMBOLS), numbers.shape[1]), np.nan)
    table[[_elements.NUMBER_OF[symbol] for symbol in properties.index]] = numbers
    columns = [f"{s} {name}" for name in properties.columns for s in _magpie.STATISTICS]
    return _magpie.frame(formulas, table, columns)


def elements_table(*, imputed: bool = False) -> pd.DataFrame:
    """Look up the properties of the elements that Magpie's features are made of.

    Parameters
    ----------
    imputed : bool
        Fill what is not known with the mean over all elements, as `magpie` (and matminer) does;
        otherwise it is NaN.

    Returns
    -------
    pandas.DataFrame
        A row an element from H to Cn, by symbol. Columns: name; atomic number; Mendeleev number;
        atomic weight (u); melting temperature (K); column; row; covalent radius (pm);
        electronegativity (Pauling); s, p, d, f electrons; valence electrons; unfilled s, p, d, f
        states; unfilled states; of the elemental ground state in DFT: volume per atom (A3), band gap
        (eV), magnetic moment per atom (mu_B), space group. ``attrs["magpie"]`` gives Magpie's name of
        each.

    Raises
    ------
    ImportError
        Without matminer, which carries the table.

    References
    ----------
    L. Ward et al., npj Comput. Mater. 2, 16028 (2016), supplementary information (there also the
    sources); ground states from the OQMD.

    Examples
    --------
    >>> elements_table()["electronegativity"].head(3)
    element
    H     2.20
    He     NaN
    Li    0.98
    Name: electronegativity, dtype: float64
    """
    import pandas as pd
    from ase.data import atomic_names

    table = _elements.properties(bool(imputed))[: _elements.KNOWN].copy()
    index = pd.Index(_elements.SYMBOLS[: _elements.KNOWN], name="element")
    frame = pd.DataFrame(table, index=index, columns=list(_elements.PROPERTIES.values()))
    frame.insert(0, "name", atomic_names[1 : _elements.KNOWN + 1])
    for column in ("atomic number", "column", "row"):
        frame[column] = frame[column].astype(int)
    frame.attrs["magpie"] = {ours: theirs for theirs, ours in _elements.PROPERTIES.items()}
    return frame
