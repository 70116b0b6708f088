"""Replaces curl on machines without it; it knows the options that the docs use.

`python tests/curl.py -F file=@picture.png http://127.0.0.1:8000/predict`
"""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path

BOUNDARY = "one-part-ends-here"


def form(fields):
    """Return the multipart body of `name=@path` and `name=value` fields."""
    body = b""
    for name, value in (field.split("=", 1) for field in fields):
        head, data = f'name="{name}"', value.encode()
        if value.startswith("@"):
            path = Path(value[1:].partition(";")[0])
            head, data = f'{head}; filename="{path.name}"', path.read_bytes()
        lines = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n"
        body += lines.encode() + data + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def request(options):
    """Return the request that the options describe."""
    headers = dict(header.split(": ", 1) for header in options.header)
    body = None
    if options.form:
        body = form(options.form)
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    if options.data_binary:
        body = Path(options.data_binary.removeprefix("@")).read_bytes()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return urllib.request.Request(options.url, body, headers, method=options.request)


def main():
    """Send one request and write the body of the answer to standard output."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-S", "--show-error", action="store_true")
    parser.add_argument("-f", "--fail", action="store_true")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-X", "--request")
    parser.add_argument("--data-binary")
    parser.add_argument("url")
    options = parser.parse_args()
    try:
        with urllib.request.urlopen(request(options), timeout=60) as answer:
            sys.stdout.buffer.write(answer.read())
    except urllib.error.HTTPError as error:
        if options.fail:
            return 22
        sys.stdout.buffer.write(error.read())
    except OSError:
        return 7
    return 0


if __name__ == "__main__":
    sys.exit(main())
