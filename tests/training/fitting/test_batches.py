import numpy as np
import pytest
import tensorflow as tf

from training.fitting.batches import PictureSource, batches, steps_per_epoch

ROWS = np.arange(10, dtype=np.float32).reshape(10, 1)
LABELS = np.arange(10, dtype=np.uint8)
TEN = PictureSource(ROWS, LABELS)


def labels_of(epochs, seed=42):
    return [labels.numpy().tolist() for _, labels in batches([TEN], 4, seed, epochs)]


def test_an_epoch_has_every_picture_once():
    assert [len(batch) for batch in labels_of(range(1))] == [4, 4, 2]
    assert sorted(np.concatenate(labels_of(range(1)))) == list(range(10))
    assert steps_per_epoch([TEN], 4) == 3


def test_rows_and_labels_stay_together():
    for rows, labels in batches([TEN], 4, 42, range(2)):
        assert rows.numpy().ravel().tolist() == labels.numpy().tolist()


def test_the_order_is_another_in_each_epoch():
    both = labels_of(range(2))

    assert both[:3] != both[3:]


def test_later_epochs_are_the_same_without_the_earlier_ones():
    assert labels_of(range(2, 4)) == labels_of(range(4))[6:]
    assert labels_of(range(3, 3)) == []


def test_the_order_depends_on_the_seed():
    assert labels_of(range(1)) != labels_of(range(1), seed=43)


def noisy(rows, seed):
    return rows + tf.random.stateless_uniform(tf.shape(rows), seed)


def noise(epochs):
    source = PictureSource(ROWS, LABELS, augment=noisy)
    return [
        (rows.numpy().ravel() - labels.numpy()).tolist()
        for rows, labels in batches([source], 4, 42, epochs)
    ]


def test_augmentation_differs_in_each_batch_and_epoch():
    values = np.concatenate(noise(range(3)))

    assert len(set(values.round(4))) == 30


def test_later_epochs_are_augmented_the_same_without_the_earlier_ones():
    assert noise(range(2, 4)) == noise(range(4))[6:]


@pytest.fixture
def mixed():
    """Batches of twelve, a quarter of each from a second source of five pictures."""
    first = PictureSource(ROWS, np.eye(10, dtype=np.float32))
    other = PictureSource(ROWS[:5] + 100, np.full((5, 10), 0.1, np.float32), share=0.25)

    def draw(epochs):
        drawn = batches([first, other], 12, 42, epochs)
        return [(rows.numpy().ravel(), targets.numpy()) for rows, targets in drawn]

    return draw


def test_a_second_source_fills_its_share_of_each_batch(mixed):
    ((first, targets), (last, _)) = mixed(range(1))

    assert [(first < 100).sum(), (last < 100).sum()] == [9, 1]
    assert [(first >= 100).sum(), (last >= 100).sum()] == [3, 3]
    assert targets[first < 100].max() == 1
    assert targets[first >= 100].max() == pytest.approx(0.1)


def test_a_second_source_repeats_only_after_all_of_it(mixed):
    other = np.concatenate([rows[rows >= 100] for rows, _ in mixed(range(1))])

    assert sorted(other[:5]) == [100, 101, 102, 103, 104]


def test_later_epochs_of_two_sources_are_the_same_without_the_earlier_ones(mixed):
    later, all_of_them = mixed(range(1, 3)), mixed(range(3))

    assert [rows.tolist() for rows, _ in later] == [rows.tolist() for rows, _ in all_of_them[2:]]
    assert all_of_them[0][0].tolist() != all_of_them[2][0].tolist()
