"""`fashion-train` and `python -m training`."""

import sys
from importlib.util import find_spec
from typing import Final

EXTRA: Final = ("tensorflow", "sklearn", "rich", "matplotlib")


def main() -> int:
    """Run the command line; return its exit code."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        print(
            f"fashion-train: Training needs {', '.join(missing)}, which serving does not: "
            "install them with `pip install 'fashion-mnist-serving[training]'`.",
            file=sys.stderr,
        )
        return 2
    from training import cli
    from training.noise import hide_library_noise

    hide_library_noise()
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
