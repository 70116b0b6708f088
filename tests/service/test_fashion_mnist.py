import numpy as np
import pytest

from service.fashion_mnist import to_rows


def test_pixels_become_rows_in_zero_to_one():
    pixels = np.arange(2 * 784, dtype=np.uint32).reshape(2, 28, 28).astype(np.uint8)
    rows = to_rows(pixels)

    assert rows.shape == (2, 784)
    assert rows.dtype == np.float32
    assert rows == pytest.approx(pixels.reshape(2, 784) / 255)


def test_one_picture_is_a_batch_of_one():
    assert to_rows(np.zeros((28, 28), np.uint8)).shape == (1, 784)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((28, 28), np.float32),
        np.zeros((1, 28, 27), np.uint8),
        np.zeros(784, np.uint8),
    ],
)
def test_arrays_of_another_type_or_shape_are_refused(pixels):
    with pytest.raises(ValueError, match="expected uint8"):
        to_rows(pixels)
