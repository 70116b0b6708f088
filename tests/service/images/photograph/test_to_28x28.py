import numpy as np
import pytest
from PIL import Image

from service.images.files.decode import open_image
from service.images.photograph.to_28x28 import box_of, draw, take_photograph, tone_of
from service.images.photograph.warnings import NO_OBJECT
from tests.hostile.files import encode, orientation


def read(pixels, kind="PNG", **options):
    data = encode(Image.fromarray(pixels), kind, **options)
    return take_photograph(open_image(data, max_pixels=40_000_000))


def shop_picture(width=600, height=400, box=(100, 50, 300, 350), value=0):
    """A garment on white, and the picture it is in."""
    left, top, right, bottom = box
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[top:bottom, left:right] = value
    return pixels


def centred(pixels):
    """Return whether a real picture is 28 pixels long and centred, as nearly all are."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    sides = [(line[0], line[-1] + 1) for line in (rows, columns)]
    middles = all(first == (28 - (last - first) + 1) // 2 for first, last in sides)
    return middles and max(last - first for first, last in sides) == 28


@pytest.mark.parametrize("resampling", ["NEAREST", "BICUBIC"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_enlarged_real_picture_comes_out_close_to_itself(real_pixels, kind, resampling):
    apart = []
    for pixels in [pixels for pixels in real_pixels[:100] if centred(pixels)]:
        large = Image.fromarray(pixels).resize((280, 280), Image.Resampling[resampling])
        seen = read(np.asarray(large), kind).pixels
        apart.append(np.abs(seen.astype(int) - pixels).mean())
    assert len(apart) > 80
    assert np.median(apart) < (1 if resampling == "NEAREST" else 6)


@pytest.mark.parametrize("value", [0, 100, 200])
def test_a_garment_on_white_becomes_light_on_black_in_the_middle(value):
    pixels = read(shop_picture(300, 200, (50, 25, 150, 175), value)).pixels
    assert pixels.dtype == np.uint8
    assert (pixels[:, 5:24] == 60 + round(0.75 * (255 - value))).mean() > 0.9
    assert (pixels[:, :4] == 0).all()
    assert (pixels[:, 25:] == 0).all()
    assert pixels.any(axis=1).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_crop_is_in_pixels_of_the_original(kind):
    picture = read(shop_picture(2400, 1600, (400, 200, 1200, 1400)), kind)
    assert (picture.fit, picture.mode) == ("photo", "RGB")
    assert (picture.width, picture.height) == (2400, 1600)
    assert np.abs(np.array(picture.crop) - (400, 200, 1200, 1400)).max() <= 12


def test_the_crop_of_a_turned_picture_is_upright():
    picture = read(shop_picture(), exif=orientation(6))
    assert (picture.width, picture.height) == (400, 600)
    # The left side is now the top, and the bottom is now the left side.
    assert np.abs(np.array(picture.crop) - (50, 100, 350, 300)).max() <= 3


def test_the_whole_picture_is_the_garment_if_nothing_is_found():
    picture = read(np.full((90, 60, 3), 120, np.uint8))
    assert picture.crop == (0, 0, 60, 90)
    assert NO_OBJECT in picture.warnings
    assert (picture.pixels[:, 5:24] == 60 + 101).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (7, 5)])
def test_a_picture_of_any_shape_is_drawn(shape):
    for value in (0, 128, 255):
        pixels = read(np.full((*shape, 3), value, np.uint8)).pixels
        assert pixels.shape == (28, 28)
        assert pixels.any() == (value > 0)


def test_the_background_is_black_and_no_pixel_of_the_garment_is():
    colour = np.random.default_rng(1).integers(0, 256, (280, 280, 3), np.uint8)
    mask = np.zeros((280, 280), bool)
    mask[:, 70:210] = True
    seen = draw(colour, mask)
    assert (seen[:, 7:21] > 0).all()
    assert not seen[:, :7].any()
    assert not seen[:, 21:].any()


def test_the_background_does_not_bleed_into_the_garment():
    colour = np.full((300, 300, 3), 255, np.uint8)
    yy, xx = np.mgrid[:300, :300]
    mask = (yy - 150) ** 2 + (xx - 150) ** 2 < 140**2
    colour[mask] = 55
    assert set(draw(colour, mask).ravel().tolist()) == {0, 60 + 150}


def test_a_thread_thinner_than_a_pixel_is_drawn():
    colour, mask = np.zeros((400, 400, 3), np.uint8), np.eye(400, dtype=bool)
    colour[..., 0] = 90
    assert (np.diag(draw(colour, mask)) > 0).all()


def test_an_empty_mask_is_drawn_as_the_whole_picture():
    colour = np.random.default_rng(1).integers(0, 256, (50, 40, 3), np.uint8)
    empty, whole = np.zeros((50, 40), bool), np.ones((50, 40), bool)
    assert np.array_equal(draw(colour, empty), draw(colour, whole))
    assert box_of(empty) == box_of(whole) == (0, 0, 40, 50)


def test_white_cloth_is_darker_than_black_cloth_on_one_scale():
    colour = np.array([[[255] * 3, [128] * 3, [0] * 3]], np.uint8)
    assert tone_of(colour)[0] == pytest.approx([60, 60 + 0.75 * 127, 251.25], abs=0.1)


def test_the_model_is_asked_about_each_cut_out_as_it_is_and_mirrored():
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), np.uint8)
    noise[80:200, 90:220] //= 4
    picture = read(noise)
    first, second, mirrored, other_mirrored = picture.views
    assert np.array_equal(first, picture.pixels)
    assert not np.array_equal(first, second)
    assert np.array_equal(mirrored, first[:, ::-1])
    assert np.array_equal(other_mirrored, second[:, ::-1])
