"""Requests to a service in a container, sent from outside."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from engine import ROOT, wait_until

OPENER: Final = build_opener(ProxyHandler({}))
"""Asks containers directly, whatever proxy this machine has."""

PICTURE: Final = ROOT / "docs" / "pictures" / "ankle-boot.png"
PHOTOGRAPH: Final = ROOT / "docs" / "pictures" / "three.png"
"""Of another size than the data set's, so that the garment has to be found in it."""

PAUSE_S: Final = 0.05


def ask(
    url: str, body: bytes | None = None, *, key: str = "", opener: OpenerDirector = OPENER
) -> tuple[int, Any]:
    """Return the status and the JSON that answer a request; a body is sent as a picture.

    Raises:
        OSError: nobody answers.
    """
    headers = {"Content-Type": "image/png"} if body is not None else {}
    if key:
        headers["X-API-Key"] = key
    try:
        with opener.open(Request(url, body, headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        text = error.read()
        is_json = "json" in error.headers.get("Content-Type", "")
        return error.code, json.loads(text) if is_json else text.decode()


def what_is_it(url: str, opener: OpenerDirector = OPENER) -> str:
    """Return what a service says of the repository's picture of an ankle boot."""
    status, answer = ask(f"{url}/predict", PICTURE.read_bytes(), opener=opener)
    return str(answer["class_name"] if status == 200 else answer)


def wait_for_answers(url: str, opener: OpenerDirector = OPENER) -> None:
    """Wait until a service is ready.

    Raises:
        Broken: it was not in time.
    """
    wait_until(lambda: ask(f"{url}/readyz", opener=opener)[0] == 200, f"{url} answers")


@contextmanager
def asked_meanwhile(url: str) -> Iterator[Counter[str]]:
    """Ask for one picture after the other during the block; count the statuses and the errors."""
    outcomes: Counter[str] = Counter()
    done = threading.Event()

    def visit() -> None:
        while not done.wait(PAUSE_S):
            try:
                outcomes[str(ask(f"{url}/predict", PICTURE.read_bytes())[0])] += 1
            except (OSError, HTTPException) as error:
                outcomes[repr(error)] += 1

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield outcomes
    finally:
        done.set()
        visitor.join()
