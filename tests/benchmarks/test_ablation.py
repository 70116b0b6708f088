import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.ablation import WAYS, main, reduced
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


def test_without_a_step_left_out_the_pictures_are_those_of_the_service(photograph):
    seen = read_picture(photograph.path.read_bytes(), "photo", max_pixels=10**6)

    assert np.array_equal(WAYS["nothing"](reduced(photograph)), seen.views)


@pytest.mark.parametrize("title", [title for title in WAYS if title != "nothing"])
def test_leaving_a_step_out_gives_other_pictures(photograph, title):
    pixels, whole = (WAYS[one](reduced(photograph)) for one in (title, "nothing"))

    assert (pixels.dtype, pixels.shape[1:]) == (np.uint8, (28, 28))
    assert pixels.any(axis=(1, 2)).all()
    if not {"cut-out", "cut-outs:", "backgrounds"} & set(title.split()):  # two may agree
        assert not np.array_equal(pixels, whole)


def test_it_prints_a_row_for_each_step(folder, shipped_model, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ablation", str(folder), "--model", str(shipped_model)])
    main()
    titles = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines()]

    assert titles == ["left out", *WAYS]
