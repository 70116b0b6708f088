import numpy as np
import pytest

from service.model.confidence import pooled
from training.predict import flatten_views, four_views, predict, predict_all


def strips(rows):
    """The brightness of ten strips of each picture, normalised like probabilities."""
    bright = rows[:, :780].reshape(len(rows), 10, -1).mean(axis=2) + 0.1
    return bright / bright.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_views_become_four_with_the_same_mean(count, real_pixels):
    views = real_pixels[:count]

    four = four_views(views)

    assert four.shape == (4, 28, 28)
    assert four.mean(axis=0) == pytest.approx(views.mean(axis=0))


def test_pictures_are_predicted_in_batches(real_pixels):
    found = predict_all(strips, real_pixels[:5], batch=2)

    assert found == pytest.approx(strips(real_pixels[:5].reshape(5, -1) / np.float32(255)))


def test_the_predictions_for_the_views_of_a_photograph_are_pooled(real_pixels):
    views = real_pixels[:12].reshape(3, 4, 28, 28)

    found = predict_all(strips, views, batch=5)

    each = predict_all(strips, flatten_views(views), batch=12)
    assert found == pytest.approx(pooled(each.reshape(3, 4, 10)), rel=1e-5)


def test_keras_predictions_are_pooled_too(network, real_pixels):
    model, pixels = network(), real_pixels[:20]
    views = np.stack([pixels, pixels[:, :, ::-1]], axis=1)
    each = predict(model, pixels), predict(model, pixels[:, :, ::-1])

    assert predict(model, views) == pytest.approx(pooled(np.stack(each, 1)), abs=1e-6)
