import numpy as np
import pytest
import tensorflow as tf

from training.fitting.augment import MAX_SHIFT, SQUARE, augment, hide, mirror, move

SEED = tf.constant([42, 7])


@pytest.fixture(scope="module")
def pictures(data):
    """Two hundred real pictures, float32[200, 28, 28]."""
    return (data.train.pixels[:200] / np.float32(255)).astype(np.float32)


@pytest.mark.parametrize("shape", [(784,), (28, 28)])
def test_shape_and_dtype_stay(shape, pictures):
    changed = augment(tf.constant(pictures.reshape(-1, *shape)), SEED)

    assert changed.shape == (200, *shape)
    assert changed.dtype == tf.float32


def test_nothing_but_background_is_added(pictures):
    changed = augment(tf.constant(pictures), SEED).numpy()

    for before, after in zip(pictures, changed, strict=True):
        assert set(after.ravel()) <= {*before.ravel(), 0.0}


def test_an_empty_picture_stays_empty():
    assert not augment(tf.zeros((20, 28, 28)), SEED).numpy().any()


def test_each_picture_is_changed_differently(pictures):
    same = np.repeat(pictures[:1], 100, axis=0)

    assert len(np.unique(augment(tf.constant(same), SEED).numpy(), axis=0)) > 50


def test_the_same_seed_gives_the_same_pictures(pictures):
    first, again, other = (
        augment(tf.constant(pictures), tf.constant([42, last])).numpy() for last in (7, 7, 8)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_half_of_the_pictures_are_mirrored(pictures):
    changed = mirror(tf.constant(pictures), SEED).numpy()

    mirrored = [np.array_equal(*pair) for pair in zip(changed, pictures[:, :, ::-1], strict=True)]
    same = [np.array_equal(*pair) for pair in zip(changed, pictures, strict=True)]
    assert all(np.logical_or(mirrored, same))
    assert 60 < sum(mirrored) < 140


def test_a_picture_moves_by_at_most_two_whole_pixels():
    dot = np.zeros((500, 28, 28), np.float32)
    dot[:, 10, 20] = 1

    _, rows, columns = np.nonzero(move(tf.constant(dot), SEED).numpy())

    near = range(-MAX_SHIFT, MAX_SHIFT + 1)
    assert set(rows - 10) == set(columns - 20) == set(near)
    assert len(rows) == 500


def test_a_square_is_hidden_in_half_of_the_pictures():
    hidden = hide(tf.ones((500, 28, 28)), SEED).numpy() == 0

    sizes = [(one.any(axis=1).sum(), one.any(axis=0).sum()) for one in hidden]
    assert 200 < sum(size != (0, 0) for size in sizes) < 300
    assert max(sizes) == (SQUARE, SQUARE)
    assert [one.sum() for one in hidden] == [height * width for height, width in sizes]
