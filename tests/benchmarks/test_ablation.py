import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.ablation import USUAL, WAYS, WHOLE, main, reduced
from service.images.read import read_picture
from training.photographs.folder import Photograph


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two photographs of trousers, on a plain floor and on a speckled one."""
    tmp_path = tmp_path_factory.mktemp("photographs")
    (tmp_path / "trouser").mkdir()
    for name, noise in (("plain", 0), ("speckled", 40)):
        image = Image.effect_noise((180, 240), noise).convert("RGB").point(lambda value: value + 60)
        pen = ImageDraw.Draw(image)
        pen.polygon(
            [(50, 30), (130, 30), (140, 220), (100, 220), (90, 80), (80, 220), (40, 220)], 20
        )
        image.save(tmp_path / "trouser" / f"{name}.png")
    return tmp_path


@pytest.fixture(params=["plain", "speckled"])
def photograph(request, folder):
    path = folder / "trouser" / f"{request.param}.png"
    return Photograph(path, "trouser", np.eye(10, dtype=np.float32)[1])


def test_the_whole_way_is_the_service_s_own(photograph):
    seen = read_picture(photograph.path.read_bytes(), "photo", max_pixels=10**6)

    assert np.array_equal(WAYS[WHOLE](reduced(photograph)), seen.asked)


@pytest.mark.parametrize("title", WAYS)
def test_every_other_way_ends_in_a_picture_too(photograph, title):
    pixels = WAYS[title](reduced(photograph))

    assert (pixels.dtype, pixels.shape[1:]) == (np.uint8, (28, 28))
    assert pixels.any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    "title",
    [
        title
        for title in WAYS
        if not {"backgrounds", "second"} & set(title.split()) and title != WHOLE
    ],
)
def test_what_is_left_out_makes_a_difference(photograph, title):
    colour = reduced(photograph)

    assert not np.array_equal(WAYS[title](colour), WAYS[WHOLE](colour))


def test_it_prints_a_row_for_every_way_and_every_step(folder, shipped_model, monkeypatch, capsys):
    arguments = ["ablation", str(folder), "--beside", str(shipped_model)]
    monkeypatch.setattr(sys, "argv", arguments)
    main()
    lines = capsys.readouterr().out.splitlines()

    titles = [line[:52].strip() for line in lines[1 : len(WAYS) + 3]]
    assert titles == [*WAYS, *(f"best-model.h5, {title}" for title in (WHOLE, USUAL))]
    assert len(lines) == 1 + len(titles) + 2 + 5
