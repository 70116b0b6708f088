import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.errors import UnsupportedMediaType
from service.images.read import read_picture
from training.photographs.folder import Photograph
from training.photographs.variations import VARIATIONS, PreparedPhotograph, prepare


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A dark shirt on a light floor, and a file that is no picture."""
    tmp_path = tmp_path_factory.mktemp("photographs")
    image = Image.effect_noise((320, 320), 20).convert("RGB").point(lambda value: value + 80)
    ImageDraw.Draw(image).polygon(
        [(60, 60), (260, 60), (290, 140), (230, 150), (230, 280), (90, 280), (90, 150), (30, 140)],
        fill=(40, 50, 90),
    )
    image.save(tmp_path / "shirt.png")
    (tmp_path / "notes.txt").write_text("no picture")
    target = np.eye(10, dtype=np.float32)[0]
    return [Photograph(tmp_path / name, "shirt", target) for name in ("shirt.png", "notes.txt")]


@pytest.fixture(scope="module")
def prepared(photographs):
    return list(prepare(photographs, seed=1))


def test_the_views_are_those_of_the_service(photographs, prepared):
    data = photographs[0].path.read_bytes()
    asked = read_picture(data, "photo", max_pixels=10**6).views

    assert np.array_equal(prepared[0].views, asked)


def test_the_first_variant_is_one_of_the_views(prepared):
    assert any(np.array_equal(prepared[0].variants[0], view) for view in prepared[0].views)


def test_the_other_variants_differ_from_the_first(prepared):
    variants = prepared[0].variants

    assert (variants.dtype, variants.shape) == (np.uint8, (1 + len(VARIATIONS), 28, 28))
    assert all(not np.array_equal(variants[0], other) for other in variants[1:])
    assert all((one > 0).sum() > 300 for one in variants)


def test_the_same_seed_varies_the_same_way(photographs, prepared):
    again = next(prepare(photographs, seed=1))
    other = next(prepare(photographs, seed=2))

    assert np.array_equal(again.variants, prepared[0].variants)
    assert not np.array_equal(other.variants, prepared[0].variants)


def test_a_file_that_is_no_picture_yields_its_error(prepared):
    assert isinstance(prepared[0], PreparedPhotograph)
    assert isinstance(prepared[1], UnsupportedMediaType)
