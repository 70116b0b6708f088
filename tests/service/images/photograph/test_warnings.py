import re
from pathlib import Path

import numpy as np
import pytest

from service.images.photograph import warnings
from service.images.photograph.foreground import foreground
from service.images.photograph.warnings import LOOKS_INVERTED, WARNINGS, inspect_photograph
from service.images.picture import PictureWarning
from service.images.read import inspect


def with_corners(*values):
    pixels = np.full((28, 28), 128, np.uint8)
    pixels[::27, ::27] = np.array(values).reshape(2, 2)
    return pixels


def test_no_real_picture_looks_inverted_and_each_does_when_it_is(real_pixels):
    assert not any(inspect(pixels) for pixels in real_pixels)
    assert all(inspect(255 - pixels) for pixels in real_pixels)


@pytest.mark.parametrize(
    ("corners", "inverted"),
    [
        ((0, 0, 0, 0), False),
        ((254, 254, 0, 0), False),
        ((255, 254, 0, 0), False),
        ((255, 255, 0, 0), True),
        ((0, 127, 127, 255), False),
        ((0, 127, 128, 255), True),
        ((255, 0, 255, 255), True),
        ((255, 255, 255, 255), True),
    ],
)
def test_the_median_of_the_corners_decides(corners, inverted):
    assert inspect(with_corners(*corners)) == ((LOOKS_INVERTED,) if inverted else ())


GARMENT = (slice(60, 240), slice(80, 160))


def scene(background=(190, 170, 150), cloth=(30, 60, 140), where=GARMENT):
    """A photograph of a garment on a floor of a little grain, uint8[300, 240, 3]."""
    colour = np.full((300, 240, 3), background, float)
    colour[where] = cloth
    grain = np.random.default_rng(1).normal(0, 6, colour.shape)
    return np.clip(colour + grain, 0, 255).astype(np.uint8)


def patterned():
    colour = scene()
    stripes = (np.arange(240) // 12) % 3
    colour[:] = np.array([(240, 240, 240), (20, 20, 20), (220, 40, 40)], np.uint8)[stripes]
    colour[GARMENT] = (30, 60, 140)
    return colour


def two_garments():
    colour = scene(where=(slice(60, 240), slice(30, 100)))
    colour[60:240, 140:210] = (30, 60, 140)
    return colour


def codes(colour, longest=180):
    found = inspect_photograph(colour, foreground(colour), longest)
    return {warning.code for warning in found}


SCENES = {
    "background-not-uniform": patterned(),
    "several-objects": two_garments(),
    "touches-border": scene(where=(slice(8, 292), slice(8, 232))),
    "too-dark": scene(background=(50, 45, 40), cloth=(5, 5, 30)),
    "low-contrast": scene(background=(110, 100, 90), cloth=(122, 110, 98)),
    "white-on-white": scene(background=(225, 222, 218), cloth=(243, 243, 243)),
    "tiny-object": scene(where=(slice(130, 180), slice(100, 150))),
    "no-object": np.full((300, 240, 3), 200, np.uint8),
}


@pytest.mark.parametrize("code", SCENES)
def test_each_fault_of_a_photograph_has_a_warning(code):
    assert code in codes(SCENES[code])


def test_a_good_photograph_has_no_warning():
    assert codes(scene()) == set()
    assert codes(scene(background=(240, 240, 240), cloth=(20, 20, 20))) == set()
    assert codes(scene(background=(40, 40, 40), cloth=(230, 230, 230))) == set()


def test_a_garment_of_fewer_than_28_pixels_is_upscaled():
    assert codes(scene(), longest=27) == {"upscaled"}
    assert codes(scene(), longest=28) == set()


def test_white_on_white_is_not_low_contrast_as_well():
    assert "low-contrast" not in codes(SCENES["white-on-white"])


def test_an_enlarged_real_picture_has_no_warning(real_pixels):
    told = [
        codes(np.repeat(np.kron(pixels, np.ones((10, 10), np.uint8))[..., None], 3, axis=2))
        for pixels in real_pixels[:100]
    ]
    assert sum(map(bool, told)) <= 3


def test_every_warning_has_its_own_code_and_says_what_to_do():
    made = [one for one in vars(warnings).values() if isinstance(one, PictureWarning)]
    assert list(WARNINGS) == made
    assert len({warning.code for warning in WARNINGS}) == len(WARNINGS)
    for warning in WARNINGS:
        assert re.fullmatch("[a-z-]+", warning.code)
        assert re.search(r"\b(Lay|Send|send|Photograph|Step|Take|Go)\b", warning.sentence)


def test_the_docs_list_every_warning():
    text = (Path(__file__).parents[4] / "docs" / "api.md").read_text()
    table = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", text, re.MULTILINE))
    assert {warning.code: table.get(warning.code) for warning in WARNINGS} == {
        warning.code: warning.sentence for warning in WARNINGS
    }
