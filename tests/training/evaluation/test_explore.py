from PIL import Image

from service.fashion_mnist import CLASS_NAMES
from training.evaluation.explore import describe, draw


def test_the_description_has_shapes_ranges_and_counts(data):
    lines = describe(data).splitlines()

    assert lines[0] == "The sample Fashion-MNIST data"
    assert lines[1] == (
        "train: pictures uint8[1200, 28, 28] from 0 to 255, labels uint8[1200] from 0 to 9"
    )
    assert lines[-1].split() == ["9", "Ankle", "boot", "120", "95"]
    assert len(lines) == 5 + len(CLASS_NAMES)


def test_ten_pictures_are_drawn(data, tmp_path):
    draw(data.train, tmp_path / "ten.png")

    with Image.open(tmp_path / "ten.png") as image:
        assert image.format == "PNG"
        assert image.size == (1000, 450)
        assert len(image.convert("L").getcolors()) > 100
