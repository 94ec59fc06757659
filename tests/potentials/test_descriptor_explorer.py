"""What turns with a neighbourhood and what does not, on the Python side; and what it costs."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.cluster import Icosahedron

from matlearn.plotting import describe
from matlearn.potentials import evaluation_cost, widgets
from matlearn.potentials._figures.descriptors import first_moments
from matlearn.potentials.moment_tensors import MTP


@pytest.fixture
def mtp() -> MTP:
    potential = MTP(8, ["Cu", "Au"], min_distance=1.9)
    potential.parameters = np.random.default_rng(0).normal(size=potential.n_parameters)
    return potential


@pytest.fixture
def cluster() -> Atoms:
    atoms = Icosahedron("Cu", 2)
    atoms.symbols[[2, 5, 9]] = "Au"
    atoms.rattle(0.2, seed=1)
    return atoms


@pytest.fixture
def explorer(mtp, cluster, monkeypatch):
    monkeypatch.setenv("MATLEARN_STATIC", "0")
    return widgets.descriptor_explorer(mtp, cluster)


def test_turning_mirroring_and_renumbering_leave_the_basis_functions(explorer, mtp, cluster):
    before = explorer.picture.data
    explorer.about_x.value, explorer.about_z.value = 40.0, 125.0
    explorer.mirror.value = True
    explorer.renumber.click()
    assert explorer.picture.data != before
    assert "none has changed" in explorer.status.value
    assert explorer.largest_change < 1e-10
    assert np.abs(first_moments(mtp, explorer.atoms) - first_moments(mtp, cluster)).max() > 1e-3
    assert explorer.atoms.symbols[0] == cluster.symbols[0]
    explorer.reset.click()
    assert explorer.atoms.positions == pytest.approx(cluster.positions)


def test_pushing_an_atom_changes_them(explorer):
    explorer.move.value = 0.3
    assert explorer.largest_change > 1e-3
    assert "changed by up to" in explorer.status.value


def test_without_widgets_there_is_a_figure(mtp, cluster, monkeypatch):
    monkeypatch.setenv("MATLEARN_STATIC", "1")
    assert "Turned by 70°" in describe(widgets.descriptor_explorer(mtp, cluster))


def test_what_it_cannot_show_is_said(mtp, cluster):
    with pytest.raises(ValueError, match="not periodic"):
        widgets.descriptor_explorer(mtp, bulk("Cu"))
    with pytest.raises(ValueError, match="0 to 12"):
        widgets.descriptor_explorer(mtp, cluster, centre=13)
    with pytest.raises(ValueError, match="parameters"):
        widgets.descriptor_explorer(MTP(8, ["Cu", "Au"], min_distance=1.9), cluster)
    with pytest.raises(TypeError, match="MTP"):
        widgets.descriptor_explorer(EMT(), cluster)


def test_a_cost_needs_atoms_and_repeats():
    with pytest.raises(ValueError, match="at least one atom"):
        evaluation_cost(EMT(), Atoms())
    with pytest.raises(ValueError, match="repeats"):
        evaluation_cost(EMT(), bulk("Cu"), repeats=0)
