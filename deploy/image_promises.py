"""What the two images promise: how large they are, what is in them, how fast they are made anew."""

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

from engine import NAME, ROOT, Report, docker, image, inspect, project_version, run, timed

SERVICE_MB: Final = 550
"""Room for the packages of today, of which OpenCV is 150, and a fifth more."""

TRAINING_MB: Final = 1800
REBUILD_S: Final = 5

UNWANTED: Final = """
import importlib.util, json, shutil
modules = [m for m in ("tensorflow", "keras", "training", "pip") if importlib.util.find_spec(m)]
print(json.dumps(modules + [p for p in ("pip", "gcc", "cc", "g++", "make") if shutil.which(p)]))
"""


def check(report: Report) -> None:
    """Build both images and look at them."""
    service, training = image("serving"), image("training")
    seconds = timed(lambda: run("make", "image"))
    report.promise(True, "`make image`", f"{service} in {seconds:.0f} s")
    seconds = timed(lambda: docker("build", "--target", "training", "--tag", training, "."))
    report.promise(True, "build of the other", f"{training} in {seconds:.0f} s")
    for name, limit in ((service, SERVICE_MB), (training, TRAINING_MB)):
        size = inspect(name)["Size"] / 1e6
        report.promise(size <= limit, f"size of {name}", f"{size:.0f} MB", f"{limit} MB at most")
    _check_content(report, service)
    _check_rebuild(report)


def _check_content(report: Report, service: str) -> None:
    config, version = inspect(service)["Config"], project_version()
    label = config["Labels"]["org.opencontainers.image.version"]
    report.promise(label == version, "version in the image's label", label, version)
    user = config["User"]
    report.promise(user == "10001:10001", "user of the image", user, "10001:10001")
    found = json.loads(docker("run", "--rm", "--entrypoint=python", service, "-c", UNWANTED))
    report.promise(not found, "TensorFlow, training code, compilers, pip in it", found or "none")


def _check_rebuild(report: Report) -> None:
    """Change a line of code in a copy of the checkout, with secrets beside it, and build that."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / "context"
        context.mkdir()
        for name in ("Dockerfile", ".dockerignore"):
            shutil.copy(ROOT / name, context)
        for name in ("deploy", "models", "requirements", "service", "training"):
            shutil.copytree(ROOT / name, context / name)
        for secret in (".env", "service/.env", "models/key.pem"):
            (context / secret).write_text("secret")
        with (context / "service" / "fashion.py").open("a") as code:
            code.write(f"# {time.time()}\n")
        seconds = timed(lambda: docker("build", "--tag", NAME, context))
    report.promise(
        seconds < REBUILD_S, "build after a change of code", f"{seconds:.1f} s", f"{REBUILD_S} s"
    )
    files = docker("run", "--rm", "--entrypoint=find", NAME, "/app").splitlines()
    docker("rmi", NAME)
    leaked = [path for path in files if path.endswith((".env", ".pem"))]
    report.promise(not leaked, "secrets of the checkout in the image", leaked or "none")
