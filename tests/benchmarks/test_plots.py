from PIL import Image

from benchmarks.plots import draw, points

RUN = {"seconds": 1.0, "pictures": 50, "p50_ms": 2.0, "p99_ms": 3.0, "connections": 64, "batch": 1}


def test_a_point_is_the_median_of_the_rounds():
    runs = [
        RUN | {"connections": at, "p99_ms": p99} for at, p99 in ((2, 9), (1, 1), (1, 5), (1, 2))
    ]

    assert points(runs, "connections", lambda run: run["p99_ms"]) == [(1, 2), (2, 9)]


def test_every_plot_is_a_picture(tmp_path):
    runs = [
        RUN | {"server": server, "shape": shape, "connections": connections}
        for server in ("service", "service-2", "ceiling")
        for shape in ("form", "raw", "batch")
        for connections in (1, 64)
    ]
    memory = [{"requests": count, "pss_mib": 77.0, "private_mib": 66.0} for count in (1, 9)]

    for file in draw({"runs": runs, "memory": memory}, tmp_path / "pictures"):
        with Image.open(file) as image:
            assert image.format == "PNG"
