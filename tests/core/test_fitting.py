from __future__ import annotations

import json
import math

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from hypothesis import given, settings
from hypothesis import strategies as st

from matlearn.calculators import single_points, with_results
from matlearn.fitting import ErrorReport, FitResult, error_report


def pair() -> tuple[list[Atoms], list[Atoms]]:
    water = Atoms("OH2", positions=np.eye(3), cell=[5, 5, 5], pbc=True)
    copper = bulk("Cu", a=3.6)
    gpa = units.GPa
    reference = [
        with_results(water, {"energy": -12.0, "forces": np.array([[0, 3, 4], [0, 0, 0], [0, 0, 1.0]]),
                             "stress": np.array([1, 0, 0, 0, 0, 0]) * gpa}),
        with_results(copper, {"energy": -4.0, "forces": np.zeros((1, 3)),
                              "stress": np.array([2, 2, 1, 0, 0, 0]) * gpa}),
    ]  # fmt: skip
    predicted = [
        with_results(water, {"energy": -12.3, "forces": np.array([[0, 3, 4], [0, 0, 2], [0, 0, 1.0]]),
                             "stress": np.array([1, 0, 0, 1, 0, 0]) * gpa}),
        with_results(copper, {"energy": -3.9, "forces": np.array([[1.0, 0, 0]]),
                              "stress": np.array([2, 2, 1, 0, 0, 0]) * gpa}),
    ]  # fmt: skip
    return reference, predicted


def test_the_report_is_what_one_computes_by_hand():
    report = ErrorReport.from_images(*pair())
    energy, per_atom = report.errors["energy"], report.errors["energy_per_atom"]
    assert (energy.count, energy.maximal, energy.average) == pytest.approx((2, 0.3, 0.2))
    assert energy.rms == pytest.approx(np.sqrt((0.3**2 + 0.1**2) / 2))
    assert (per_atom.maximal, per_atom.average) == pytest.approx((0.1, 0.1))
    assert np.isnan(energy.relative_rms)
    forces = report.errors["forces"]
    assert (forces.count, forces.maximal, forces.average) == pytest.approx((4, 2.0, 0.75))
    assert forces.rms == pytest.approx(np.sqrt(5 / 4))
    assert forces.relative_maximal == pytest.approx(2 / 5)
    assert forces.relative_rms == pytest.approx(np.sqrt(5 / 26))
    stress = report.errors["stress"]
    assert stress.maximal == pytest.approx(np.sqrt(2))  # an off-diagonal element counts twice
    assert stress.relative_maximal == pytest.approx(np.sqrt(2) / 3)
    assert stress.relative_rms == pytest.approx(np.sqrt(2 / 10))
    assert (report.configurations, report.atoms) == (2, 4)


def test_force_metrics_are_of_components_and_by_element():
    metrics = ErrorReport.from_images(*pair()).metrics
    assert metrics["f_mae"] == pytest.approx(3 / 12)
    assert metrics["H_f_mae"] == pytest.approx(2 / 6)
    assert metrics["Cu_f_rmse"] == pytest.approx(np.sqrt(1 / 3))
    assert metrics["O_f_mae"] == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rotating_everything_changes_no_force_or_stress_error(seed):
    rng = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))

    def turned(images: list[Atoms]) -> list[Atoms]:
        from ase.stress import full_3x3_to_voigt_6_stress, voigt_6_to_full_3x3_stress

        new = []
        for atoms in images:
            stress = voigt_6_to_full_3x3_stress(atoms.get_stress())
            results = {
                "forces": atoms.get_forces() @ rotation,
                "stress": full_3x3_to_voigt_6_stress(rotation.T @ stress @ rotation),
            }
            new.append(with_results(atoms, results))
        return new

    reference, predicted = pair()
    before = ErrorReport.from_images(reference, predicted).errors
    after = ErrorReport.from_images(turned(reference), turned(predicted)).errors
    for name in ("forces", "stress"):
        for what in ("maximal", "average", "rms", "relative_maximal", "relative_rms"):
            assert getattr(after[name], what) == pytest.approx(getattr(before[name], what))


def test_a_quantity_that_one_side_lacks_is_left_out():
    reference, predicted = pair()
    del reference[0].calc.results["forces"], predicted[1].calc.results["forces"]
    report = ErrorReport.from_images(reference, predicted)
    assert set(report.errors) == {"energy", "energy_per_atom", "stress"}
    with pytest.raises(ValueError, match="energy_per_atom, stress, got 'forces'"):
        report.plot("forces")


def test_lists_that_do_not_match_are_refused():
    reference, predicted = pair()
    with pytest.raises(ValueError, match="got 2 and 1"):
        ErrorReport.from_images(reference, predicted[:1])
    with pytest.raises(ValueError, match="structure 0 is OH2 in one list, Cu"):
        ErrorReport.from_images(reference, predicted[::-1])
    with pytest.raises(ValueError, match="nothing to compare"):
        ErrorReport.from_images([bulk("Cu")], [bulk("Cu")])


def test_a_potential_compared_with_itself_has_no_error():
    cells = [bulk("Cu", a=a, cubic=True) for a in (3.4, 3.7)]
    for atoms in cells:
        atoms.rattle(0.1, seed=1)
    report = error_report("emt", single_points(cells, "emt", progress=False))
    assert report.errors["forces"].maximal == pytest.approx(0, abs=1e-12)
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="structure 0 cannot"):
        error_report("emt", [bulk("Fe")])


def test_tables_and_figures_show_units():
    report = ErrorReport.from_images(*pair())
    frame = report.to_frame()
    assert frame.loc["forces", "unit"] == "eV/A"
    assert frame.loc["stress", "rms"] == pytest.approx(1.0)
    assert "eV/A" in report.plot("forces", by_element=True).get_xlabel()
    assert repr(report).count("\n") == 0


def test_a_fit_is_saved_whole_and_read_back(tmp_path):
    report = ErrorReport.from_images(*pair())
    history = [{"iteration": 0, "loss": 2.0}, {"iteration": 1, "loss": 0.5}]
    fit = FitResult(report, None, history, 1.5, 0.9, 75, True, "gradient below 1e-6")
    fit.save(tmp_path / "fit.json")
    back = FitResult.load(tmp_path / "fit.json")
    assert repr(back) == repr(fit)
    assert back.train.errors["forces"] == report.errors["forces"]
    assert back.train.parity == report.parity
    assert back.to_frame()["loss"].tolist() == [2.0, 0.5]
    assert (back.seconds, back.wall_seconds) == (1.5, 0.9)
    assert [file.name for file in tmp_path.iterdir()] == ["fit.json"]


class Spring:
    """The least that a potential must offer."""

    def calculator(self):
        return EMT()

    def save(self, path):
        path.write_text("spring")


def spring_fit() -> FitResult:
    report = ErrorReport.from_images(*pair())
    return FitResult(report, None, [], 1.5, 0.9, 1, True, "converged", potential=Spring())


def test_a_fit_hands_over_to_its_potential(tmp_path):
    fit = spring_fit()
    assert isinstance(fit.calculator(), EMT)
    fit.save(tmp_path / "copper.spring")
    assert (tmp_path / "copper.spring").read_text() == "spring"
    assert "Spring" not in repr(fit)
    with pytest.raises(TypeError, match="Spring has no compiled form"):
        fit.compile()


def test_a_report_without_its_potential_says_where_that_is(tmp_path):
    spring_fit().save(tmp_path / "fit.json")
    fit = FitResult.load(tmp_path / "fit.json")
    assert repr(fit) == repr(spring_fit())
    for use in (fit.calculator, fit.compile, lambda: fit.save(tmp_path / "copper.spring")):
        with pytest.raises(ValueError, match="get_calculator"):
            use()


def test_a_file_that_is_no_fit_is_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"loss": 1}))
    with pytest.raises(ValueError, match="not a saved fit"):
        FitResult.load(tmp_path / "a.json")


def test_a_saved_fit_is_json_for_everybody(tmp_path):
    cells = single_points([bulk("Cu", a=3.5)], "emt", progress=False)
    report = ErrorReport.from_images(cells, cells)
    assert math.isnan(report.errors["energy"].relative_rms)
    history = [{"iteration": 0, "loss": float("nan")}]
    fit = FitResult(report, None, history, 1.0, 1.1, 3, True, "converged")
    fit.save(tmp_path / "fit.json")

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    json.loads((tmp_path / "fit.json").read_text(), parse_constant=refuse)
    again = FitResult.load(tmp_path / "fit.json")
    assert again.validation is None
    assert math.isnan(again.history[0]["loss"])
    assert math.isnan(again.train.errors["energy"].relative_rms)
    assert again.train.errors["stress"] == report.errors["stress"]


def test_a_report_of_nothing_or_of_what_is_no_number_is_refused():
    copper = bulk("Cu")
    with pytest.raises(ValueError, match="images is empty"):
        error_report("emt", [])
    with pytest.raises(TypeError, match="got one Atoms"):
        error_report("emt", copper)
    broken = with_results(copper, {"energy": math.nan})
    with pytest.raises(ValueError, match=r"images\[0\]: its energy holds"):
        error_report("emt", [broken])
