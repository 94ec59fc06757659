"""Fits of a user's own tables, and what they are told when something is wrong with one."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
from ase.build import bulk
from icet.tools import enumerate_structures
from planted import SPARSE, SPARSE_CUTOFFS, planted

from matlearn.lattice import compare_fits, fit_cluster_expansion, select_clusters


@pytest.fixture(scope="module")
def sparse() -> pd.DataFrame:
    return planted(SPARSE_CUTOFFS, SPARSE, max_atoms=4)


@pytest.mark.parametrize(
    "lattice",
    [bulk("Cu", "bcc", a=3.0), bulk("Mg", "hcp", a=3.2, c=5.2), bulk("Si", "diamond", a=5.4)],
    ids=["bcc", "hcp", "diamond"],
)
def test_the_lattice_of_a_bare_table_is_neither_turned_nor_shifted(lattice):
    lattice.translate([0.3, 0.2, 0.1])
    cells = list(enumerate_structures(lattice, range(1, 3), ["Cu", "Au"]))
    x = np.array([np.mean(cell.symbols == "Au") for cell in cells])
    frame = pd.DataFrame({"structure": cells, "mixing_energy": x * (x - 1)})
    fit = fit_cluster_expansion(frame, [3.5], n_splits=2)
    assert fit.n_structures == len(cells)
    assert len(fit.cluster_space.primitive_structure) == len(lattice)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda f: f.rename(columns={"mixing_energy": "energy"}), ValueError, "mixing_energies"),
        (lambda f: f.assign(mixing_energy="low"), ValueError, "must hold numbers in eV/atom"),
        (lambda f: f.assign(structure=None), TypeError, "structure of row 0 must be ASE Atoms"),
        (lambda f: f[f["structure"].map(len) < 2][:1], ValueError, "hold only Cu: add some"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_what_to_do(sparse, change, error, words):
    frame = change(sparse)
    frame.attrs = {}
    with pytest.raises(error, match=words):
        fit_cluster_expansion(frame, [3.0], n_splits=2)


def test_relaxed_structures_are_sent_back_to_the_lattice(sparse):
    frame = sparse.copy()
    frame.at[3, "structure"] = bulk("Cu", a=4.0)
    with pytest.raises(ValueError, match=r"ideal lattice.*map_structure_to_reference"):
        fit_cluster_expansion(frame, [3.0])


@pytest.mark.parametrize(
    ("species", "error", "words"),
    [
        ("CuAu", TypeError, "species must be a list of chemical symbols.*got 'CuAu'"),
        (["Cu", "Xx"], ValueError, "must be chemical symbols, got 'Xx'"),
        ([["Cu", "Au"], ["N"]], ValueError, "each of the 1 sites of the primitive cell; got 2"),
    ],
)
def test_species_that_make_no_sense_are_named(sparse, species, error, words):
    with pytest.raises(error, match=words):
        fit_cluster_expansion(sparse, [3.0], species=species)


def test_structures_of_pymatgen_will_do(sparse):
    from pymatgen.io.ase import AseAtomsAdaptor

    theirs = [AseAtomsAdaptor.get_structure(atoms) for atoms in sparse["structure"]]
    frame = pd.DataFrame({"structure": theirs, "mixing_energy": sparse["mixing_energy"]})
    ours, others = (fit_cluster_expansion(one, [3.0], method="ols") for one in (sparse, frame))
    assert others.rmse_train == pytest.approx(ours.rmse_train, rel=1e-6)
    assert others.predictions["n_atoms"].tolist() == ours.predictions["n_atoms"].tolist()


def test_a_misspelt_option_is_named(sparse):
    with pytest.raises(TypeError, match="its method 'ridge' has the option 'n_split'"):
        fit_cluster_expansion(sparse, [3.0], n_split=5)


@pytest.mark.parametrize("seed", [-1, None, "a", 1.5, True])
def test_a_seed_is_a_whole_number(sparse, seed):
    with pytest.raises(ValueError, match="seed must be a whole number"):
        fit_cluster_expansion(sparse, [3.0], seed=seed)
    with pytest.raises(ValueError, match="seed must be a whole number"):
        select_clusters(sparse, [5.5], seed=seed, progress=False)


def test_too_few_structures_to_choose_a_strength_are_said_so(sparse):
    with pytest.raises(ValueError, match=r"has only 6 structures to do so.*\(alpha, mu"):
        fit_cluster_expansion(sparse[:10], [5.5], method="lasso", n_splits=3)


def test_trainstation_does_not_talk_at_every_fit(sparse, caplog):
    with caplog.at_level(logging.WARNING):
        fit = fit_cluster_expansion(
            sparse[:10], [6.73, 4.76], method="split-bregman", mu=1e-3, n_iters=2, n_splits=3
        )
    assert not caplog.records
    assert fit.notes == ("Split Bregman did not converge",)
    assert np.isinf(fit.condition_number)


def test_a_comparison_refuses_what_no_fit_could_use(sparse):
    with pytest.raises(ValueError, match="frame has no column 'mixing_energy'"):
        compare_fits(sparse[["structure"]], [3.0], progress=False)
    with pytest.raises(TypeError, match=r"cutoffs must be a list.*got 3"):
        compare_fits(sparse, 3.0, progress=False)
    with pytest.raises(TypeError, match="takes methods"):
        compare_fits(sparse, [3.0], method="ols", progress=False)
    with pytest.raises(ValueError, match="options are given for lasso, which methods does not"):
        compare_fits(sparse, [3.0], "ols", options={"lasso": {"alpha": 1}}, progress=False)


def test_without_mutation_bits_only_mix(sparse):
    found = select_clusters(
        sparse, SPARSE_CUTOFFS, generations=3, population=4, mutation=0.0, progress=False
    )
    assert found.cluster_expansion is found.fit.cluster_expansion
    tried = found.history["n_tried"]
    same = select_clusters(
        sparse, SPARSE_CUTOFFS, generations=3, population=4, mutation=1e-300, progress=False
    )
    assert tried.tolist() == same.history["n_tried"].tolist()
