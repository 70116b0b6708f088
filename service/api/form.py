"""A multipart form cut into its parts."""

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.errors import MalformedRequest

if TYPE_CHECKING:  # the parser's package declares the type for checkers alone
    from python_multipart.multipart import MultipartCallbacks


SLICE: Final = 64 * 1024
"""Bytes that are cut at once: at the worst some 10 ms."""

EXTRA_PARTS: Final = 16
"""Parts beyond those that can be taken, so that all of them can be named in the refusal."""

HEADERS_OF_A_PART: Final = 8
HEADER_BYTES: Final = 2048
"""Clients send two headers; a file's name has 255 bytes at most, and three for each if escaped."""

USUAL: Final = re.compile(rb'form-data; name="(?P<name>[^"\\]+)"; filename="(?P<file>[^"\\]*)"')
"""What nearly every client sends, read in a tenth of the time that the general way takes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; `filename` is None for an ordinary field."""

    name: str
    filename: str | None
    data: bytes


async def cut_form(body: bytes, boundary: bytes, most: int) -> list[Part]:
    """Return the parts of a multipart form, strictly read: it must have its end, and no more.

    The parser goes through headers, and through data that nearly look like a boundary, byte by
    byte in Python; so a long body is cut in slices, between which other requests get their turn,
    and a form with many more than `most` parts is given up.

    Raises:
        MalformedRequest: the form cannot be read.
    """
    form = _Form(most + EXTRA_PARTS)
    try:
        parser = MultipartParser(
            boundary,
            form.callbacks(),
            max_header_count=HEADERS_OF_A_PART,
            max_header_size=HEADER_BYTES,
        )
        for start in range(0, len(body), SLICE):
            if start:
                await asyncio.sleep(0)
            parser.write(body[start : start + SLICE])
        parser.finalize()
    except FormParserError as error:
        raise MalformedRequest(f"The form cannot be read: {error}") from error
    if not form.ended:
        raise MalformedRequest("The form has no end: its closing boundary is missing.")
    return form.parts


class _Form:
    """Collects the parts of one form from the parser's calls."""

    def __init__(self, most: int) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._most = most
        self._disposition = b""
        self._field = self._value = b""
        self._chunks: list[bytes] = []

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_part_data": lambda data, start, end: self._chunks.append(data[start:end]),
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_part_end(self) -> None:
        if len(self.parts) == self._most:
            raise MalformedRequest(f"The form has more than {self._most} parts.")
        name, filename = _names(self._disposition)
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self.parts.append(Part(name, filename, data))
        self._disposition, self._chunks = b"", []

    def _on_end(self) -> None:
        self.ended = True


def _names(disposition: bytes) -> tuple[str, str | None]:
    """Return the name of a part's field, and the name of its file."""
    if usual := USUAL.fullmatch(disposition):
        return _text(usual["name"]), _text(usual["file"])
    kind, options = parse_options_header(disposition.decode("latin-1"))
    if kind != b"form-data" or b"name" not in options:
        raise MalformedRequest("The form cannot be read: a part of it has no name.")
    filename = options.get(b"filename")
    return _text(options[b"name"]), None if filename is None else _text(filename)


def _text(value: bytes) -> str:
    """Decode a name in a header: browsers and curl send UTF-8."""
    return value.decode("utf-8", "replace")
