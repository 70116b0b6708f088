import numpy as np

from training.batches import batches

ROWS = np.arange(10, dtype=np.float32).reshape(10, 1)
LABELS = np.arange(10, dtype=np.uint8)


def drawn(epochs, seed=42):
    return [labels.numpy().tolist() for _, labels in batches(ROWS, LABELS, 4, seed, epochs)]


def test_an_epoch_has_every_picture_once():
    assert [len(batch) for batch in drawn(range(1))] == [4, 4, 2]
    assert sorted(np.concatenate(drawn(range(1)))) == list(range(10))


def test_rows_and_labels_stay_together():
    for rows, labels in batches(ROWS, LABELS, 4, 42, range(2)):
        assert rows.numpy().ravel().tolist() == labels.numpy().tolist()


def test_the_order_is_another_in_each_epoch():
    both = drawn(range(2))

    assert both[:3] != both[3:]


def test_later_epochs_are_the_same_without_the_earlier_ones():
    assert drawn(range(2, 4)) == drawn(range(4))[6:]


def test_the_order_depends_on_the_seed():
    assert drawn(range(1)) != drawn(range(1), seed=43)


def test_no_epochs_are_no_batches():
    assert drawn(range(3, 3)) == []
