import pytest
from PIL import Image

from benchmarks.growth import Growth, powers_of_two


def test_points_are_the_powers_of_two():
    assert powers_of_two(1) == [1]
    assert powers_of_two(8) == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("plot", "names"),
    [("plot_connections", ["throughput.png", "tail.png"]), ("plot_batches", ["batches.png"])],
)
def test_every_plot_is_a_picture(tmp_path, monkeypatch, plot, names):
    runs = [type("Run", (), {"rate": 100, "p99_ms": 3})]
    monkeypatch.setattr(Growth, "loads", lambda self, server, shapes: [runs for _ in shapes])
    figures = getattr(Growth(tmp_path, tmp_path), plot)()

    assert [*figures] == names
    for name, figure in figures.items():
        figure.savefig(tmp_path / name)
        with Image.open(tmp_path / name) as image:
            assert image.format == "PNG"
