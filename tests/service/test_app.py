import subprocess
import sys


def test_two_apps_stand_side_by_side(examined):
    from service.app import create_app
    from service.settings import Settings

    first, second = (create_app(Settings(), examined) for _ in range(2))

    assert first.state.metrics is not second.state.metrics


def test_serving_needs_neither_tensorflow_nor_hdf5():
    script = "import sys, service.__main__; print({'tensorflow', 'keras', 'h5py'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"
