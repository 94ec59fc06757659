"""How the tour shows its results (what it computes is tested in the chapters)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from matlearn import tour
from matlearn.tour import TourResult

RESULT = TourResult("search", "gap", 151.23, "meV/atom", 2.0, "136 (published)", seconds=1.5)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_each_result_is_a_line_that_starts_with_the_chapter() -> None:
    stream = io.StringIO()
    tour.show([RESULT, RESULT], stream)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.startswith("search: gap = 151.2 ± 2.0 meV/atom") for line in lines)


def test_a_terminal_gets_a_table_with_aligned_columns() -> None:
    stream = Terminal()
    tour.show([RESULT], stream)
    header, rule, row = stream.getvalue().splitlines()
    assert header.index("value") == row.index("151.2")
    assert set(rule) == {"─", " "}


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [(-0.4471, 0.002, "-0.4471 ± 0.0020 eV"), (12.0, None, "12 eV"), (151.23, 20, "151 ± 20 eV")],
)
def test_a_value_has_as_many_digits_as_its_uncertainty(
    value: float, uncertainty: float | None, text: str
) -> None:
    assert TourResult("search", "x", value, "eV", uncertainty, "-").value_text == text


def test_an_unknown_chapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="chapters must be among search, lattice"):
        list(tour.run(tmp_path, chapters=["cooking"]))


def test_seconds_are_measured_between_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys
    import types

    def part(figures: Path, *, progress: bool) -> Iterator[TourResult]:
        yield TourResult("search", "one", 1.0, "", None, "-")

    module = types.ModuleType("matlearn_test_part")
    module.run = part  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "matlearn_test_part", module)
    monkeypatch.setitem(tour.PARTS, "search", "matlearn_test_part:run")
    (result,) = tour.run(tmp_path / "figures", chapters=["search"], progress=False)
    assert 0 <= result.seconds < 5
    assert (tmp_path / "figures").is_dir()


def test_a_chapter_that_misses_a_library_is_left_out_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys
    import types

    def part(figures: Path, *, progress: bool) -> Iterator[TourResult]:
        raise ImportError("the lattice chapter needs icet: pip install icet")

    def other(figures: Path, *, progress: bool) -> Iterator[TourResult]:
        yield TourResult("search", "one", 1.0, "", None, "-")

    module = types.ModuleType("matlearn_test_part")
    module.part, module.other = part, other  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "matlearn_test_part", module)
    monkeypatch.setattr(
        tour, "PARTS", {"lattice": "matlearn_test_part:part", "search": "matlearn_test_part:other"}
    )
    with pytest.warns(UserWarning, match="the tour leaves out lattice: .* needs icet: pip install"):
        (result,) = tour.run(tmp_path / "figures", progress=False)
    assert result.chapter == "search"
    with pytest.raises(ImportError, match="needs icet"):
        list(tour.run(tmp_path / "figures", chapters=["lattice"], progress=False))
