from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from matlearn.potentials._sampling.effective_medium import CompiledEMT
from matlearn.potentials._sampling.moves import dynamics, shortest_distance
from matlearn.potentials.sampling import cu_au_images, sample_configurations

QUICK = {"equilibration": 0.02, "interval": 0.02, "workers": 1, "progress": False}


def disturbed_alloy() -> Atoms:
    rng = np.random.default_rng(0)
    atoms = bulk("Cu", a=3.8, cubic=True).repeat((2, 2, 1))
    atoms.symbols[rng.choice(16, 7, replace=False)] = "Au"
    atoms.rattle(0.15, seed=1)
    atoms.set_cell(atoms.cell @ (np.eye(3) + 0.03 * rng.normal(size=(3, 3))), scale_atoms=True)
    return atoms


@pytest.mark.parametrize("pbc", [(1, 1, 1), (1, 1, 0), (0, 0, 0)])
def test_compiled_effective_medium_is_ase_s(pbc):
    atoms = disturbed_alloy()
    atoms.pbc = pbc
    ours, theirs = CompiledEMT(), EMT()
    theirs.calculate(atoms, ["energy"])
    ours.calculate(atoms)
    for what in ("energy", "energies", "forces"):
        assert np.allclose(ours.results[what], theirs.results[what], rtol=0, atol=1e-11), what
    if all(pbc):
        assert np.allclose(ours.results["stress"], theirs.results["stress"], rtol=0, atol=1e-12)


def test_compiled_effective_medium_follows_a_change_of_structure():
    calculator = CompiledEMT()
    for atoms in (bulk("Cu"), bulk("Au", cubic=True), Atoms("Cu", pbc=False)):
        theirs = EMT()
        theirs.calculate(atoms, ["energy"])
        calculator.calculate(atoms)
        assert calculator.results["energy"] == pytest.approx(theirs.results["energy"], abs=1e-11)


def test_the_set_of_the_facts_is_what_they_say(cu_au):
    images = cu_au(0)
    assert len(images) == 130
    assert {len(image) for image in images} == {32}
    assert sum(image.info["kind"] == "disturbed" for image in images) == 55
    gold = [image.info["gold"] for image in images]
    assert [gold.count(x) for x in (0.0, 0.25, 0.5, 0.75, 1.0)] == [26] * 5
    for image in images:
        assert (image.numbers == 79).sum() == round(32 * image.info["gold"])
        assert {"energy", "forces", "stress"} <= set(image.calc.results)
    forces = np.concatenate([image.get_forces().ravel() for image in images])
    assert 0.8 < forces.std() < 1.2  # eV/A
    assert 1.8 < min(map(shortest_distance, images)) < 2.2


def test_labels_are_the_reference_s(small_cu_au):
    for image in small_cu_au[:3]:
        emt = EMT()
        emt.calculate(image, ["energy"])
        assert image.get_potential_energy() == pytest.approx(emt.results["energy"], abs=1e-10)
        assert np.allclose(image.get_forces(), emt.results["forces"], atol=1e-10)


def test_a_seed_gives_the_same_set_and_another_one_does_not():
    few = {
        "compositions": (0.5,),
        "repeat": 1,
        "temperatures": (300,),
        "snapshots": 1,
        "disturbed": 1,
    }
    first, again, other = (cu_au_images(seed, **few) for seed in (3, 3, 4))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(first, again, strict=True))
    assert not np.allclose(first[0].positions, other[0].positions)


def test_dynamics_holds_its_temperature():
    start = bulk("Cu", cubic=True).repeat(2)
    calculator = CompiledEMT()
    calculator.calculate(start)
    ground = calculator.results["energy"]
    excess = []
    for image in dynamics(
        start, calculator, 300.0, rng=np.random.default_rng(0), snapshots=50, timestep=0.005,
        equilibration=200, interval=20, friction=2.0,
    ):  # fmt: skip
        calculator.calculate(image)
        excess.append(calculator.results["energy"] - ground)
        assert "momenta" not in image.arrays
        assert not image.constraints
    equipartition = 0.5 * 3 * 31 * 8.617e-5 * 300  # 31: the centre of mass is at rest
    assert np.mean(excess) == pytest.approx(equipartition, rel=0.15)


def test_each_structure_gives_its_own_configurations():
    cells = [bulk("Cu", cubic=True), bulk("Au", cubic=True)]
    images = sample_configurations(
        cells, "emt", temperatures=[300], snapshots=2, disturbed=1, **QUICK
    )
    assert [image.info["structure"] for image in images] == [0, 0, 0, 1, 1, 1]
    alone = sample_configurations(cells[:1], "emt", temperatures=[300], snapshots=2, disturbed=1,
                                  **QUICK)  # fmt: skip
    for a, b in zip(images, alone, strict=False):
        assert np.array_equal(a.positions, b.positions)


def test_the_reference_may_differ_from_what_drives_the_dynamics():
    images = sample_configurations(bulk("Cu", cubic=True), "emt", temperatures=[300], snapshots=1,
                                   disturbed=0, reference=LennardJones(), **QUICK)  # fmt: skip
    lj = LennardJones()
    lj.calculate(images[0], ["energy"])
    assert images[0].get_potential_energy() == pytest.approx(lj.results["energy"])


def test_configurations_that_are_too_close_are_left_out_and_counted():
    with pytest.warns(UserWarning, match="left out, the first: structure 0 disturbed"):
        images = sample_configurations(
            molecule("N2"), "emt", temperatures=[], disturbed=20, rattle=(0.2, 0.2),
            min_distance=1.1, **QUICK)  # fmt: skip
    assert 0 < len(images) < 20
    assert min(map(shortest_distance, images)) >= 1.1


def test_what_the_calculator_cannot_handle_is_counted():
    with pytest.warns(UserWarning, match=r"left out.*Fe"):
        images = sample_configurations([bulk("Fe"), bulk("Cu")], "emt", temperatures=[300],
                                       snapshots=1, disturbed=1, **QUICK)  # fmt: skip
    assert {image.info["structure"] for image in images} == {1}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperatures": [-1]}, "temperatures must be in K"),
        ({"snapshots": 1.5}, "snapshots must be a whole number"),
        ({"timestep": 2.0}, "2 fs are 0.002"),
        ({"interval": 0}, "interval must be positive"),
        ({"strain": 0.5}, "strain must be"),
        ({"rattle": (0.2, 0.1)}, "rattle must be"),
        ({"min_distance": -1}, "min_distance must be"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        sample_configurations(bulk("Cu"), "emt", **{**QUICK, **settings})
    with pytest.raises(ValueError, match="structures is empty"):
        sample_configurations([], "emt")
    with pytest.raises(ValueError, match="compositions must be"):
        cu_au_images(compositions=(1.5,))
