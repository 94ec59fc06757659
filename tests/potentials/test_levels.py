"""The contractions of moment tensor potentials: how many, invariant, and independent."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from matlearn.potentials._mtp.levels import Template, template


def moments(levels: Template, radial: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """All moments of a neighbourhood, written down as slowly and plainly as possible."""
    values = np.zeros(levels.alpha_moments_count)
    for at, (mu, *powers) in enumerate(levels.alpha_index_basic):
        values[at] = radial[mu] @ np.prod(directions ** np.array(powers), axis=1)
    for left, right, factor, result in levels.alpha_index_times:
        values[result] += factor * values[left] * values[right]
    return values


def basis(levels: Template, radial: np.ndarray, directions: np.ndarray) -> np.ndarray:
    return moments(levels, radial, directions)[levels.alpha_moment_mapping]


def neighbourhood(levels: Template, seed: int, size: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Radial functions of neighbours, and their directions."""
    random = np.random.default_rng(seed)
    directions = random.normal(size=(size, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return random.normal(size=(levels.radial_funcs_count, size)), directions


@pytest.mark.parametrize(
    ("level", "basic", "scalars"),
    [(2, 1, 1), (8, 11, 9), (12, 46, 29), (14, 81, 52), (16, 130, 92), (20, 295, 288)],
)
def test_a_level_has_the_published_numbers_of_moments_and_scalars(level, basic, scalars):
    levels = template(level)
    assert (len(levels.alpha_index_basic), len(levels.alpha_moment_mapping)) == (basic, scalars)
    assert levels.alpha_index_basic[:, 0].max() + 1 == levels.radial_funcs_count


@pytest.mark.parametrize(
    ("level", "products", "count"),
    [(8, 14, 18), (12, 117, 84), (16, 969, 350), (20, 6349, 1352)],
)
def test_a_level_takes_no_more_products_than_the_published_list(level, products, count):
    levels = template(level)
    assert len(levels.alpha_index_times) <= products
    assert levels.alpha_moments_count <= count
    if level <= 12:
        assert (len(levels.alpha_index_times), levels.alpha_moments_count) == (products, count)


@pytest.mark.parametrize("level", [4, 10, 16])
def test_a_product_uses_only_what_is_there_already(level):
    levels = template(level)
    left, right, factor, result = levels.alpha_index_times.T
    assert (np.maximum(left, right) < result).all()
    assert (factor > 0).all()
    assert (np.diff(result) >= 0).all()
    assert set(result) == set(range(len(levels.alpha_index_basic), levels.alpha_moments_count))


@pytest.mark.parametrize("level", [8, 14, 20])
def test_scalars_do_not_change_when_a_neighbourhood_is_turned_or_mirrored(level):
    levels = template(level)
    radial, directions = neighbourhood(levels, seed=level)
    turn = Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix()
    before = moments(levels, radial, directions)
    scalars = levels.alpha_moment_mapping
    size = np.abs(before[scalars]).max()
    for matrix in (turn, -turn):
        after = moments(levels, radial, directions @ matrix.T)
        assert after[scalars] == pytest.approx(before[scalars], rel=1e-9, abs=1e-12 * size)
        vectors = [at for at, one in enumerate(levels.alpha_index_basic) if one[1:].sum() == 1]
        assert np.abs(after[vectors] - before[vectors]).max() > 0.1


@pytest.mark.parametrize("level", [6, 8, 10, 12])
def test_scalars_are_linearly_independent(level):
    levels = template(level)
    scalars = len(levels.alpha_moment_mapping)
    rows = np.array(
        [basis(levels, *neighbourhood(levels, seed, size=7)) for seed in range(3 * scalars)]
    )
    rows /= np.abs(rows).max(axis=0)
    assert np.linalg.matrix_rank(rows, tol=1e-9) == scalars


def test_the_scalars_of_level_eight_are_the_contractions_one_writes_by_hand():
    levels = template(8)
    radial, directions = neighbourhood(levels, seed=1)
    m00, m10 = radial[0].sum(), radial[1].sum()
    vector = radial[0] @ directions
    tensor = np.einsum("j,ja,jb->ab", radial[0], directions, directions)
    square, inertia = vector @ vector, (tensor * tensor).sum()
    expected = [m00, m00**2, m00**3, m00**4, m10, m00 * m10, square, m00 * square, inertia]
    assert np.sort(basis(levels, radial, directions)) == pytest.approx(np.sort(expected))


@pytest.mark.parametrize("level", [7, 0, 24, 8.0, "8"])
def test_a_level_that_is_not_there_is_named(level):
    with pytest.raises(ValueError, match="even number from 2 to"):
        template(level)
