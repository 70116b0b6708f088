import numpy as np
import pytest

from service.model.confidence import pooled
from training.predict import answer_all, evened, singly


def strips(rows):
    """How bright each of ten strips of the pictures is, as chances that sum to one."""
    bright = rows[:, :780].reshape(len(rows), 10, -1).mean(axis=2) + 0.1
    return bright / bright.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_views_become_four_with_the_same_mean(count, real_pixels):
    views = real_pixels[:count]

    found = evened(views)

    assert found.shape == (4, 28, 28)
    assert found.mean(axis=0) == pytest.approx(views.mean(axis=0))


def test_every_picture_gets_an_answer_of_its_own(real_pixels):
    found = answer_all(strips, real_pixels[:5], batch=2)

    assert found == pytest.approx(strips(real_pixels[:5].reshape(5, -1) / np.float32(255)))


def test_the_answers_to_the_views_at_a_photograph_become_one(real_pixels):
    views = real_pixels[:12].reshape(3, 4, 28, 28)

    found = answer_all(strips, views, batch=5)

    each = answer_all(strips, singly(views), batch=12)
    assert found == pytest.approx(pooled(each.reshape(3, 4, 10)), rel=1e-5)
