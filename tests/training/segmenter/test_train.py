import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.images.photograph.segmenter import seen
from service.litert import open_graph
from training.photographs.folder import Photograph, PhotographsRefused
from training.segmenter.train import build, compile_segmenter, make_segmenter


@pytest.fixture
def photographs(tmp_path):
    """Twenty-four dark shirts on light floors, and a file that is no picture."""
    target = np.eye(10, dtype=np.float32)[0]
    for number in range(24):
        image = Image.effect_noise((120, 160), 12).convert("RGB").point(lambda value: value + 70)
        left, top = 20 + number % 5, 30 + number % 7
        ImageDraw.Draw(image).rectangle((left, top, left + 70, top + 90), fill=(40, 50, 90))
        image.save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    return [Photograph(path, "shirt", target) for path in sorted(tmp_path.iterdir())]


def answer(graph, picture):
    """Run a graph on a picture uint8[64, 64, 3]: float32[64, 64]."""
    engine = open_graph(graph)
    engine.allocate_tensors()
    engine.set_tensor(engine.get_input_details()[0]["index"], picture[None].astype(np.float32))
    engine.invoke()
    return engine.get_tensor(engine.get_output_details()[0]["index"])[0, :, :, 0]


def test_the_segmenter_finds_the_garment_in_its_photographs(photographs, tmp_path):
    output = tmp_path / "made.tflite"

    accuracy = make_segmenter(photographs, output, seed=1, quiet=True)

    likely = answer(output.read_bytes(), seen(np.asarray(Image.open(photographs[0].path))))
    assert 0.5 < accuracy <= 1
    assert likely[25:40, 20:30].mean() > 2 * likely[:4].mean()
    assert [path.name for path in tmp_path.glob("made*")] == ["made.tflite"]


def test_photographs_without_any_garment_are_refused(tmp_path):
    Image.new("RGB", (120, 160), "grey").save(tmp_path / "wall.png")
    wall = Photograph(tmp_path / "wall.png", "shirt", np.eye(10, dtype=np.float32)[0])

    with pytest.raises(PhotographsRefused, match="No garment was found"):
        make_segmenter([wall], tmp_path / "made.tflite", seed=1, quiet=True)


def test_the_graph_agrees_with_the_network():
    network = build()
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)

    found = answer(compile_segmenter(network), picture)

    wanted = np.asarray(network(picture[None].astype(np.float32)))[0, :, :, 0]
    assert np.abs(found - wanted).max() < 1e-4
