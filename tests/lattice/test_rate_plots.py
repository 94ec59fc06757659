"""Figures of waiting times and of diffusion against temperature: what they show."""

from __future__ import annotations

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from matlearn.lattice import plots


@pytest.fixture(autouse=True)
def closed() -> object:
    yield
    plt.close("all")


def run(**columns: object) -> pd.DataFrame:
    given = {"hops": [5, 6, 7, 8], "time": [1.0, 2.0, 5.0, 5.5], "residence": [2.0, 1.0, 0.5, 9.0]}
    return pd.DataFrame(given | columns)


def test_each_wait_is_divided_by_the_mean_of_the_configuration_that_it_was_spent_in() -> None:
    ax = plots.waiting_times(run())  # waits of 1, 3 and 0.5 s, means of 2, 1 and 0.5 s
    drawn = ax.lines[0].get_xydata()
    assert drawn[:, 0].tolist() == [0.5, 1.0, 3.0]
    assert drawn[:, 1] == pytest.approx([1, 2 / 3, 1 / 3])
    exact = ax.lines[1].get_xydata()
    assert exact[-1] == pytest.approx([3.0, np.exp(-3.0)])
    assert "1.500 of the expected one" in ax._matlearn_alt


@pytest.mark.parametrize("hops", [[5, 6, 7, 9], [10, 20, 30, 40]])
def test_waiting_times_need_a_record_of_each_hop(hops: list[int]) -> None:
    with pytest.raises(ValueError, match="a row for each hop"):
        plots.waiting_times(run(hops=hops))


def found(kelvin: float) -> SimpleNamespace:
    values = {"tracer": np.exp(-10 / kelvin), "jump": 2.0}
    return SimpleNamespace(temperature=kelvin, tracer_error=0.01, jump_error=0.02, **values)


def test_diffusion_is_drawn_against_the_inverse_temperature() -> None:
    ax = plots.arrhenius({"one": [found(500.0), found(1000.0)], "other": [found(250.0)]})
    first, second = (container.lines[0].get_xydata() for container in ax.containers)
    assert first[:, 0].tolist() == [1.0, 2.0]
    assert second.tolist() == [[4.0, np.exp(-10 / 250.0)]]
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "Tracer diffusion coefficient (cm²/s)"
    jumps = plots.arrhenius({"one": [found(500.0)]}, kind="jump")
    assert jumps.containers[0].lines[0].get_ydata().tolist() == [2.0]


@pytest.mark.parametrize(
    ("results", "kind", "error", "text"),
    [
        ({"one": [found(500.0)]}, "chemical", ValueError, "'tracer' or 'jump', got 'chemical'"),
        ([found(500.0)], "tracer", TypeError, "a dict of names to results, got list"),
        ({"one": []}, "tracer", ValueError, "no diffusion coefficients"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    results: object, kind: str, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        plots.arrhenius(results, kind=kind)  # type: ignore[arg-type]
