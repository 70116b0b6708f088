"""Fixtures that several tests share: model files, a Keras network, real pictures, a server."""

import gzip
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.server import running_server

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "tests" / "data" / "fashion-mnist-sample"


@pytest.fixture(scope="session")
def shipped_model():
    """The model file in the repository."""
    return ROOT / "models" / "best-model.h5"


@pytest.fixture(scope="session")
def dropout_model():
    """The small model file in the repository: recipe `dropout`, without confidence facts."""
    return ROOT / "models" / "dropout.h5"


@pytest.fixture(scope="session")
def examined(shipped_model):
    """The shipped model, examined."""
    return hand_over(shipped_model)


@pytest.fixture(scope="session")
def dropout(dropout_model):
    """The small model, examined."""
    return hand_over(dropout_model)


def hand_over(model):
    from service.model.examined import ExaminedModel
    from service.model_file.examiner import examine

    return ExaminedModel.from_bytes(examine(model))


@pytest.fixture(scope="session")
def real_pixels():
    """The first 1,000 pictures of the official test set, uint8[1000, 28, 28]."""
    data = gzip.decompress((SAMPLE / "t10k-images-idx3-ubyte.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)


@pytest.fixture(scope="session")
def real_labels():
    """Their labels, uint8[1000]."""
    data = gzip.decompress((SAMPLE / "t10k-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=8)


@pytest.fixture(scope="session")
def network():
    """Build a small untrained Keras network."""
    import keras

    def build(shape=(28, 28), name="network", last="softmax", outputs=10):
        keras.utils.set_random_seed(7)
        layers = [
            keras.Input(shape),
            keras.layers.Flatten(name="pixels"),
            keras.layers.Dense(20, "relu", name="hidden"),
            keras.layers.Dropout(0.5, name="dropout"),
            keras.layers.Dense(outputs, last, name="classes"),
        ]
        return keras.Sequential(layers, name=name)

    return build


@pytest.fixture(scope="session")
def server():
    """A real server process on the shipped model, without an access log."""
    with running_server(access_log=False) as running:
        yield running


@pytest.fixture(scope="session")
def client(server):
    """An HTTP client for the server."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def png():
    """Encode pixels as a picture file."""

    def encode(pixels, kind="PNG", **options):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def boot(png, real_pixels):
    """An ankle boot as a PNG file: the first picture of the official test set."""
    return png(real_pixels[0])


@pytest.fixture
def model_copy(dropout_model, tmp_path):
    """A copy of the small model file, to be changed."""
    return Path(shutil.copy(dropout_model, tmp_path / "model.h5"))


@pytest.fixture(scope="session")
def another_model(dropout_model, dropout, real_pixels, tmp_path_factory):
    """A second good model file, which answers every picture differently from `dropout_model`."""
    from service.model_file import export
    from training.publish import publish

    model = export.load(dropout_model)
    last = model.layers[-1]
    kernel, bias = last.get_weights()
    last.set_weights([kernel[:, ::-1], bias[::-1]])
    path = tmp_path_factory.mktemp("another") / "model.h5"
    publish(model, dropout.facts, real_pixels[:10], path)
    return path
