"""Thermal conductivity: against the formula by hand, limits, peers and published numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.lj import LennardJones

from matlearn import phonons

QUIET = {"workers": 1, "progress": False}


@pytest.fixture(scope="module")
def conduction(differences):
    return phonons.thermal_conductivity(differences, mesh=7, temperatures=(100, 300, 1000, 2000))


def test_modes_add_up_to_heat_capacity_times_speed_squared_times_lifetime(conduction):
    volume = conduction.primitive.get_volume() * 1e-30  # m3
    joule = 1.602176634e-19
    for number, _ in enumerate(conduction.temperatures):
        lifetimes = np.nan_to_num(conduction.lifetimes[number]) * 1e-12  # s
        speeds = np.linalg.norm(conduction.group_velocities, axis=-1) * 1e3  # m/s
        carried = conduction.heat_capacities[number] * joule * speeds**2 / 3 * lifetimes / volume
        mean = (carried * conduction.weights[:, None]).sum() / conduction.weights.sum()
        assert mean == pytest.approx(conduction.isotropic[number], rel=1e-6)
    assert np.allclose(conduction.mode_kappa.sum(axis=(1, 2)), conduction.kappa)
    assert conduction.weights.sum() == 7**3


def test_mode_data_are_in_the_units_they_are_said_to_be(conduction, differences):
    inner = 5
    q = conduction.qpoints[inner]
    step = 1e-4
    reciprocal = conduction.primitive.cell.reciprocal()
    fractions = conduction.primitive.cell.array  # of a wave vector in 1/A: q . a
    slope = [
        (
            differences.frequencies(q + step * fractions[:, axis])
            - differences.frequencies(q - step * fractions[:, axis])
        )
        / (2 * step)
        for axis in range(3)
    ]  # THz A, and 1 THz A is 0.1 km/s
    assert np.allclose(reciprocal @ fractions.T, np.eye(3))
    assert np.allclose(
        np.sort(np.linalg.norm(np.array(slope), axis=0)) * 0.1,
        np.sort(np.linalg.norm(conduction.group_velocities[inner], axis=1)),
        atol=0.02,
    )
    paths = np.linalg.norm(conduction.group_velocities, axis=-1) * conduction.lifetimes[1]
    assert np.allclose(conduction.mean_free_paths[1], paths, equal_nan=True)  # km/s ps = nm
    theirs = differences.phono3py()
    theirs.mesh_numbers = [7, 7, 7]
    theirs.init_phph_interaction(average_degenerate_weights=True)
    theirs.run_thermal_conductivity(temperatures=[300])
    gamma = theirs.thermal_conductivity.gamma[0, 0, inner]
    assert np.allclose(conduction.lifetimes[1, inner], 1 / (4 * np.pi * gamma))


def test_acoustic_modes_at_gamma_carry_nothing(conduction):
    assert np.isnan(conduction.lifetimes[:, 0]).all()
    assert np.allclose(conduction.mode_kappa[:, 0], 0)
    assert np.allclose(conduction.frequencies[0], 0, atol=1e-3)


def test_hot_crystals_conduct_as_one_over_temperature(conduction):
    assert conduction.at(2000) / conduction.at(1000) == pytest.approx(0.5, rel=0.01)
    assert conduction.at(100) > conduction.at(300)
    assert np.allclose(conduction.kappa[1], conduction.at(300) * np.eye(3), atol=1e-6)  # cubic


def test_cumulative_conductivity_ends_at_the_whole(conduction):
    for quantity in ("frequency", "mean free path"):
        table = conduction.cumulative(quantity, 300)
        assert list(table.columns) == [quantity, "kappa", "share"]
        assert table[quantity].is_monotonic_increasing
        assert table["kappa"].iloc[-1] == pytest.approx(conduction.at(300))
        assert table["share"].iloc[-1] == pytest.approx(1)
    with pytest.raises(ValueError, match="quantity must be one of 'frequency', 'mean free path'"):
        conduction.cumulative("speed")


def test_tables_have_a_row_a_temperature_and_a_row_a_mode(conduction):
    table = conduction.to_frame()
    assert table["kappa"].tolist() == pytest.approx(conduction.isotropic.tolist())
    assert list(table.columns) == ["temperature", "kappa", "xx", "yy", "zz", "yz", "xz", "xy"]
    modes = conduction.modes(300)
    assert len(modes) == conduction.frequencies.size
    assert modes["kappa"].sum() == pytest.approx(conduction.at(300))
    with pytest.raises(ValueError, match=r"temperature must be one of 100, 300, 1000, 2000 K"):
        conduction.at(500)
    assert repr(conduction).startswith("ThermalConductivity(Al, 6.6")


def test_aluminium_of_effective_medium_theory_conducts_6_8(differences):
    found = phonons.thermal_conductivity(differences, mesh=11)
    assert found.at(300) == pytest.approx(6.80, rel=0.007)


def test_all_modes_together_conduct_better_than_each_alone(differences, conduction):
    together = phonons.thermal_conductivity(differences, mesh=7, method="lbte")
    alone = conduction.kappa[1]
    assert np.allclose(together.kappa_rta[0], alone, rtol=1e-3, atol=1e-6)
    assert together.at(300) > 1.1 * conduction.at(300)
    assert np.allclose(together.mode_kappa.sum(axis=(1, 2)), together.kappa, atol=1e-6)
    assert "LBTE" in repr(together)


def test_isotopes_scatter_where_there_are_any(differences):
    pure = phonons.thermal_conductivity(differences, mesh=5, temperatures=50)
    one = phonons.thermal_conductivity(differences, mesh=5, temperatures=50, isotopes=True)
    assert one.at(50) == pytest.approx(pure.at(50), rel=1e-6)  # aluminium has one isotope
    silver = bulk("Ag", a=4.064, cubic=True)
    constants = phonons.force_constants("emt", cell=silver, supercell=(2, 2, 2), **QUIET)
    without, with_them = (
        phonons.thermal_conductivity(constants, mesh=5, temperatures=50, isotopes=each)
        for each in (False, True)
    )
    assert with_them.at(50) < 0.999 * without.at(50)
    lives = np.isfinite(with_them.lifetimes) & np.isfinite(without.lifetimes)
    assert (with_them.lifetimes[lives] <= without.lifetimes[lives] + 1e-9).all()
    assert with_them.isotopes


def test_an_interrupted_calculation_goes_on(differences, tmp_path, monkeypatch):
    path = tmp_path / "modes.db"
    settings = {"mesh": 7, "temperatures": (100, 300), "progress": False}
    whole = phonons.thermal_conductivity(differences, **settings)
    monkeypatch.setattr("matlearn.phonons._transport.running.PART", 5)
    from phono3py import Phono3py

    run, calls = Phono3py.run_thermal_conductivity, []

    def stopping(self, **options):
        calls.append(len(options["grid_points"]))
        if len(calls) == 3:
            raise KeyboardInterrupt
        run(self, **options)

    monkeypatch.setattr(Phono3py, "run_thermal_conductivity", stopping)
    with pytest.raises(KeyboardInterrupt):
        phonons.thermal_conductivity(differences, store=path, **settings)
    again = phonons.thermal_conductivity(differences, store=path, **settings)
    assert calls[:3] == [5, 5, 5]
    assert sum(calls) - 5 == len(whole.weights)  # but for the part that was cut off
    assert np.allclose(again.kappa, whole.kappa, rtol=1e-12)
    assert np.allclose(again.lifetimes, whole.lifetimes, equal_nan=True)
    assert np.array_equal(again.weights, whole.weights)


def test_imaginary_modes_are_counted_and_left_out():
    with pytest.warns(UserWarning):
        constants = phonons.force_constants(
            LennardJones(sigma=2.4, epsilon=0.2, rc=6),
            cell=bulk("Al", "sc", a=2.6), supercell=(2, 2, 2), progress=False,
        )  # fmt: skip
    with pytest.warns(UserWarning, match=r"% of the modes of this mesh are imaginary \(down to"):
        found = phonons.thermal_conductivity(constants, mesh=3)
    assert any("imaginary" in message for message in found.messages)


def test_arguments_that_make_no_sense_are_named(differences):
    harmonic = replace(differences, fc3=None)
    with pytest.raises(ValueError, match=r"second order alone, in which modes live for ever"):
        phonons.thermal_conductivity(harmonic)
    with pytest.raises(TypeError, match="force_constants must be ForceConstants"):
        phonons.thermal_conductivity("emt")
    for options, error, words in (
        ({"mesh": 0}, ValueError, "mesh must be at least 1"),
        ({"mesh": (3, 3)}, TypeError, "mesh must be a whole number or three"),
        ({"mesh": 3.5}, TypeError, "mesh must be a whole number or three"),
        ({"temperatures": -5}, ValueError, "temperatures must be at least 1 K, got -5"),
        ({"temperatures": ()}, ValueError, "temperatures must be a list"),
        ({"temperatures": "warm"}, TypeError, "temperatures must be numbers"),
        ({"method": "wigner"}, ValueError, "method must be 'rta'"),
    ):
        with pytest.raises(error, match=words):
            phonons.thermal_conductivity(differences, **options)
    with pytest.raises(
        ValueError, match=r"mesh = \(5, 5, 3\) has not the symmetry of this crystal"
    ):
        phonons.thermal_conductivity(differences, mesh=(5, 5, 3))
    polonium = differences.unitcell.copy()
    polonium.symbols[:] = "Po"
    with pytest.raises(ValueError, match="Po has no natural mixture of isotopes"):
        phonons.thermal_conductivity(replace(differences, unitcell=polonium), mesh=2, isotopes=True)


def test_sodium_chloride_conducts_as_published(salt):
    found = phonons.thermal_conductivity(salt, mesh=11)
    assert found.at(300) == pytest.approx(8.267, rel=0.007)
    assert (found.nac, found.method) == (True, "rta")


def test_without_the_polar_field_sodium_chloride_conducts_a_little_better(salt):
    found = phonons.thermal_conductivity(salt, mesh=11, nac=False)
    assert found.at(300) == pytest.approx(8.477, rel=0.007)
    assert not found.nac
