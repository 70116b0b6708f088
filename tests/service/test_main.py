import signal
import socket

import pytest

from tests.server import failing_start, running_server


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_service_cleanly(name):
    with running_server() as server:
        server.process.send_signal(getattr(signal, name))
        assert server.process.wait(10) == 0


def test_a_port_in_use_ends_the_start_with_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = failing_start(port=port)

    assert code == 2
    assert said.startswith(f"fashion-serve: cannot listen on 127.0.0.1:{port} (")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model_path": "/nowhere.h5"}, "The model /nowhere.h5 may not serve: there is no such"),
        ({"model_path": __file__}, "not an HDF5 file"),
        ({"port": "http"}, "FASHION_PORT=http"),
        ({"prot": "1"}, "FASHION_PROT: no such setting"),
        ({"host": "no.such.host.invalid"}, "cannot listen on no.such.host.invalid"),
    ],
)
def test_a_start_that_fails_says_why_in_one_sentence(settings, sentence):
    code, said = failing_start(**settings)

    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1


def test_a_plain_keras_file_is_served_with_a_warning(tmp_path, network, png, real_pixels):
    network().save(tmp_path / "plain.h5")

    with running_server(model_path=tmp_path / "plain.h5") as server, server.client() as client:
        answer = client.post("/predict", files={"file": png(real_pixels[0])})
        assert answer.status_code == 200
        assert "plain Keras file" in client.get("/model").json()["warnings"][0]
    assert [line["level"] for line in server.log][:1] == ["warning"]
