"""What `docker run` promises: a quick start and end, confinement, training, plain Keras files."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from client import ask, wait_for_answers, what_is_it
from engine import (
    NAME,
    ROOT,
    Report,
    data_folder,
    docker,
    free_port,
    image,
    inside,
    inspect,
    timed,
    wait_for_health,
)

START_S: Final = 3
STOP_S: Final = 10
USER: Final = "10001"

CONFINED: Final = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges"),
)
VOLUME: Final = (f"{NAME}-models", "/app/models")

USERS: Final = """
import pathlib
texts = [path.read_text() for path in pathlib.Path("/proc").glob("[0-9]*/status")]
print(*{text.split("Uid:")[1].split()[0] for text in texts})
"""

WRITE: Final = """
import errno
try:
    open("/app/file", "w").close()
    print("written")
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def check(report: Report) -> None:
    """Run both images without Compose."""
    _check_starts(report)
    with running("--memory", "512m", image("serving")) as url:
        answer = what_is_it(url)
        report.promise(answer == "Ankle boot", "a picture sent from outside is", answer)
        check_confinement(report, NAME)
        report.promise(True, "healthy after", f"{timed(lambda: wait_for_health(NAME)):.1f} s more")
        seconds = timed(lambda: docker("stop", NAME))
        check_end(report, "SIGTERM, as the first process, to the end", NAME, seconds)
    _check_training(report)
    plain = f"{ROOT}/tests/data:/plain:ro"
    options = ("--memory", "2g", "--volume", plain, "--env", "FASHION_MODEL_PATH=/plain/keras-2.h5")
    with running(*options, image("training")) as url:
        answer = what_is_it(url)
        report.promise(
            answer == "Ankle boot", "with the training image and a file of Keras 2 it is", answer
        )


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Start a container with these options and this image, and give its address once it answers."""
    url = f"127.0.0.1:{free_port()}"
    docker("run", "--detach", "--name", NAME, "--publish", f"{url}:8000", *CONFINED, *options)
    try:
        wait_for_answers(f"http://{url}")
        yield f"http://{url}"
    finally:
        docker("rm", "--force", NAME)


def check_confinement(report: Report, container: str) -> None:
    """Check who a container's processes are, and that they cannot write."""
    users = inside(container, USERS)
    report.promise(users == USER, "uid of every process", users, USER)
    error = inside(container, WRITE)
    report.promise(error == "EROFS", "writing to the root file system", error, "EROFS")


def check_end(report: Report, what: str, container: str, seconds: float) -> None:
    """Check that a container ended by itself, and soon."""
    code = inspect(container)["State"]["ExitCode"]
    report.promise(
        code == 0 and seconds < STOP_S,
        what,
        f"{seconds:.1f} s, exit code {code}",
        f"{STOP_S} s, exit code 0",
    )


def _check_starts(report: Report) -> None:
    seconds = []
    for _ in range(3):
        start = time.monotonic()
        with running("--memory", "512m", image("serving")):
            seconds.append(time.monotonic() - start)
    report.promise(
        min(seconds) <= START_S,  # what else the machine does can only add to it
        "`docker run` to the first 200, three times",
        ", ".join(f"{one:.1f} s" for one in seconds),
        f"{START_S} s for the quickest",
    )


def _check_training(report: Report) -> None:
    models = ("--volume", ":".join(VOLUME))
    mounted = (*models, "--volume", f"{data_folder()}:/data:ro")
    train = ("training", "train", "--data-dir", "/data", "--epochs", "1", "--quiet")
    try:
        docker("run", "--rm", *CONFINED, *mounted, image("training"), *train)
        with running("--memory", "512m", *models, image("serving")) as url:
            epochs = ask(f"{url}/model")[1]["facts"]["epochs_run"]
    finally:
        docker("volume", "rm", "--force", VOLUME[0])
    report.promise(epochs == 1, "trained and served by `docker run`: epochs", epochs, "1")
