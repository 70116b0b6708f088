"""The project of docker-compose.yml, under a name and on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import ask, wait_for_answers
from engine import NAME, docker, free_port


class Compose:
    """The project of the compose file under a name, and on a port, of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "COMPOSE_PROJECT_NAME": NAME,
            "COMPOSE_ANSI": "never",
            "FASHION_PORT": str(self.port),
        }

    def __call__(self, *arguments: str | Path, **settings: str) -> str:
        """Run `docker compose` and return what it printed."""
        return docker("compose", *arguments, **self._settings, **settings)

    @property
    def container(self) -> str:
        """The container of the service."""
        return self("ps", "--all", "--quiet", "service")

    def digest(self) -> str:
        """Return the digest of the model that answers."""
        wait_for_answers(self.url)
        return str(ask(f"{self.url}/model")[1]["digest"])


@contextmanager
def deployment() -> Iterator[Compose]:
    """Give a project without any volume yet, and remove all of it at the end."""
    compose = Compose()
    away = ("--profile", "train", "down", "--volumes", "--remove-orphans", "--timeout", "5")
    compose(*away)
    try:
        yield compose
    finally:
        compose(*away)
