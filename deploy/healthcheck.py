"""Health check of the container: exits with 0 if the service is ready, else with 1."""

import os
import sys
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

TIMEOUT_S = 2
"""A healthy service answers within milliseconds; Docker gives up after three seconds."""


def main() -> int:
    """Ask the service and return the exit code."""
    url = f"http://127.0.0.1:{os.environ['FASHION_PORT']}/readyz"
    # The engine may pass a proxy to its containers, which cannot reach this address.
    opener = build_opener(ProxyHandler({}))
    try:
        opener.open(url, timeout=TIMEOUT_S)
    except (OSError, HTTPException) as error:
        print(f"{url}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
