"""The container's health: exit code 0 when the service in it is ready, 1 when it is not."""

import os
import sys
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

TIMEOUT_S = 2
"""A service that works answers within milliseconds; Docker itself gives up after three seconds."""


def main() -> int:
    """Ask the service and return the exit code."""
    url = f"http://127.0.0.1:{os.environ['FASHION_PORT']}/readyz"
    # A proxy that the engine hands to its containers does not know the way back into this one.
    opener = build_opener(ProxyHandler({}))
    try:
        opener.open(url, timeout=TIMEOUT_S)
    except (OSError, HTTPException) as error:
        print(f"{url}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
