import numpy as np
from PIL import Image

from training.evaluation.reliability_plot import draw


def test_a_panel_is_drawn_for_each_set_of_answers(tmp_path):
    probabilities = np.random.default_rng(1).dirichlet(np.full(10, 0.3), 200).astype(np.float32)
    allowed = np.eye(10, dtype=bool)[probabilities.argmax(axis=1)]
    draw(
        {"before": (probabilities, allowed), "after": (probabilities, allowed)}, tmp_path / "a.png"
    )

    with Image.open(tmp_path / "a.png") as image:
        assert image.format == "PNG"
        assert image.size == (720, 380)
        assert len(image.convert("RGB").getcolors(100_000)) > 100
