"""A progress bar learns on the way how long it is."""

from __future__ import annotations

import pytest
from tqdm import tqdm
from tqdm.notebook import tqdm as notebook_tqdm

from matlearn.lattice._phases.bars import lengthen


@pytest.mark.parametrize("kind", [tqdm, notebook_tqdm])
@pytest.mark.parametrize("disable", [False, True])
def test_a_lengthened_bar_keeps_what_is_done(kind: type[tqdm], disable: bool) -> None:
    with kind(total=0, disable=disable) as bar:
        lengthen(bar, 4)
        bar.update(3)
        done = bar.n
        lengthen(bar, 2)
        assert bar.total == 6
        assert bar.n == done == (0 if disable else 3)


def test_a_lengthened_bar_is_drawn_at_its_length_in_a_notebook() -> None:
    with notebook_tqdm(total=0) as bar:
        lengthen(bar, 5)
        _, drawn, _ = bar.container.children
        assert drawn.max == 5
        assert drawn.layout.width is None
