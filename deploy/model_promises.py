"""What the volume of models promises: a new one is trained into it, kept, saved and restored."""

from pathlib import Path
from typing import Final

from client import PHOTOGRAPH, PICTURE, ask, asked_meanwhile
from compose import Compose
from engine import Report, data_folder, inspect, timed, wait_until

MODEL: Final = "/app/models/best-model.h5"


def check(report: Report, compose: Compose, folder: Path) -> None:
    """Save the shipped model, train another, start over with it, and go back."""
    shipped = compose.digest()
    compose("cp", f"service:{MODEL}", folder / "backup.h5")
    trained = _check_training(report, compose)
    _check_download_folder(report, compose)
    _check_recreation(report, compose, trained)
    _check_damage(report, compose, folder)
    compose("cp", folder / "backup.h5", f"service:{MODEL}")
    compose("restart", "service")
    digest = compose.digest()
    report.promise(digest == shipped, "the backup, restored, is", digest[:12], shipped[:12])


def _check_training(report: Report, compose: Compose) -> str:
    """Train while pictures are sent without a pause: the service goes over to the new model."""
    before = compose.digest()
    with asked_meanwhile(compose.url) as outcomes:
        new = _train(report, compose)
        seconds = timed(lambda: wait_until(lambda: compose.digest() == new, "the new model serves"))
    report.promise(new != before, "the new model serves", f"{new[:12]} after {seconds:.1f} s more")
    answered = outcomes.pop("200", 0)
    report.promise(
        answered > 0 and not outcomes,
        "requests that were answered meanwhile",
        f"{answered}, others: {dict(outcomes) or 'none'}",
    )
    compose("restart", "service")
    digest = compose.digest()
    report.promise(digest == new, "after a restart it is", digest[:12], new[:12])
    return digest


def _train(report: Report, compose: Compose) -> str:
    """Train one epoch; return the digest of the file that is there then."""
    train = ("--profile", "train", "run", "--rm", "train", "--epochs", "1", "--quiet")
    seconds = timed(lambda: compose(*train, FASHION_DATA_DIR=str(data_folder())))
    report.promise(True, f"one epoch on {data_folder().name}", f"{seconds:.0f} s")
    return compose("exec", "service", "sha256sum", MODEL).split()[0]


def _check_download_folder(report: Report, compose: Compose) -> None:
    """Use the volume for the download as training without FASHION_DATA_DIR would."""
    program = "import pathlib; pathlib.Path('/cache/file').touch()"
    python = ("run", "--rm", "--entrypoint", "python", "train", "-c", program)
    compose("--profile", "train", *python)
    report.promise(True, "without FASHION_DATA_DIR, the volume `cache`", "can be written")


def _check_recreation(report: Report, compose: Compose, trained: str) -> None:
    compose("down")
    compose("up", "--detach", "--wait", "--build", FASHION_MIN_CONFIDENCE="1")
    digest = compose.digest()
    report.promise(digest == trained, "after `down` and `up` it is", digest[:12], trained[:12])
    decision = ask(f"{compose.url}/predict", PICTURE.read_bytes())[1]["decision"]
    report.promise(decision == "uncertain", "with FASHION_MIN_CONFIDENCE=1 a boot is", decision)
    fit = ask(f"{compose.url}/predict", PHOTOGRAPH.read_bytes())[1]["input"]["fit"]
    report.promise(fit == "photo", "a picture of another size is taken for a", fit)


def _check_damage(report: Report, compose: Compose, folder: Path) -> None:
    (folder / "half.h5").write_bytes((folder / "backup.h5").read_bytes()[:10_000])
    compose("cp", folder / "half.h5", f"service:{MODEL}")
    compose("restart", "service")
    container = compose.container
    wait_until(lambda: inspect(container)["RestartCount"] > 0, "a damaged model ends the start")
    said = compose("logs", "--no-log-prefix", "--tail", "1", "service")
    sentence = said[said.find("fashion-serve:") :]
    report.promise("may not serve" in sentence, "a start on half a model", sentence)
