import numpy as np
import pytest

from service.images.photograph.border import border_of, looks_like_the_data_set, rim_of


def enlarged(pixels, times=10):
    return np.repeat(np.kron(pixels, np.ones((times, times), np.uint8))[..., None], 3, axis=2)


def test_the_border_is_as_wide_as_was_asked_for():
    assert rim_of((100, 80), 0.025).sum() == 100 * 80 - 96 * 76
    assert rim_of((5, 7), 0.025).sum() == 35 - 15


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (2, 100), (3, 400)])
def test_a_narrow_picture_is_nothing_but_border(shape):
    assert rim_of(shape).all()


def test_one_thing_in_a_corner_does_not_change_the_background():
    colour = np.full((200, 200, 3), (200, 180, 160), np.uint8)
    colour[:40, :40] = 0
    border = border_of(colour)
    assert border.colour.tolist() == [200, 180, 160]
    assert border.spread > 0.5
    colour[:40, :40] = (200, 180, 160)
    assert border_of(colour).spread == 0


def test_real_pictures_look_genuine_when_enlarged_and_never_inverted(real_pixels):
    looks = [looks_like_the_data_set(enlarged(pixels)) for pixels in real_pixels[:300]]
    assert np.mean(looks) > 0.99
    assert not any(looks_like_the_data_set(255 - enlarged(pixels)) for pixels in real_pixels[:300])


def test_a_dark_photograph_does_not_look_genuine(real_pixels):
    table = np.maximum(enlarged(real_pixels[0]), 25)
    assert not looks_like_the_data_set(table)
    blue = enlarged(real_pixels[0])
    blue[100:180, 100:180] = (40, 60, 160)
    assert not looks_like_the_data_set(blue)
