"""Multipart forms, parsed."""

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.errors import MalformedRequest

if TYPE_CHECKING:  # the parser's package declares the type for checkers alone
    from python_multipart.multipart import CallbackName


SLICE: Final = 64 * 1024
"""Bytes that are parsed at once: 10 ms at worst."""

EXTRA_PARTS: Final = 16
"""Parts read beyond those accepted, so that the refusal can name all of them."""

HEADERS_OF_A_PART: Final = 8
HEADER_BYTES: Final = 2048
"""Clients send two headers; a file name has at most 255 bytes, and each may be escaped as three."""

USUAL: Final = re.compile(rb'form-data; name="(?P<name>[^"\\]+)"; filename="(?P<file>[^"\\]*)"')
"""What nearly every client sends; this reads it in a tenth of the general parser's time."""


class Part(NamedTuple):
    """One part of a form; `filename` is None for an ordinary field."""

    name: str
    filename: str | None
    data: bytes


async def cut_form(body: bytes, boundary: bytes, most: int) -> list[Part]:
    """Return the parts of a multipart form, which must be complete.

    The parser reads headers, and data that resembles a boundary, byte by byte in Python. So other
    requests get their turn between slices of a long body, and parsing stops at `most` parts and a
    few more.

    Raises:
        MalformedRequest: the form cannot be read.
    """
    try:
        form = _Form(boundary, most + EXTRA_PARTS)
        for start in range(0, len(body), SLICE):
            if start:
                await asyncio.sleep(0)
            form.write(body[start : start + SLICE])
        form.finalize()
    except FormParserError as error:
        raise MalformedRequest.form(error) from error
    if not form.ended:
        raise MalformedRequest.form("its closing boundary is missing")
    return form.parts


class _Form(MultipartParser):
    """The parser and the parts it found.

    `callback` is overridden because the parser's own, called a dozen times for each part, takes an
    eighth of a form's time to look up functions.
    """

    def __init__(self, boundary: bytes, most: int) -> None:
        super().__init__(boundary, max_header_count=HEADERS_OF_A_PART, max_header_size=HEADER_BYTES)
        self.parts: list[Part] = []
        self.ended = False
        self._most = most
        self._disposition = b""
        self._field = self._value = b""
        self._chunks: list[bytes] = []

    def callback(
        self,
        name: "CallbackName",
        data: bytes | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> None:
        """Take a piece of a part, or the end of something."""
        if take := _TAKE.get(name):
            take(self, data[start:end] if data else b"")

    def take_field(self, piece: bytes) -> None:
        self._field += piece

    def take_value(self, piece: bytes) -> None:
        self._value += piece

    def end_header(self, _: bytes) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def take_data(self, piece: bytes) -> None:
        self._chunks.append(piece)

    def end_part(self, _: bytes) -> None:
        if len(self.parts) == self._most:
            raise MalformedRequest.form(f"it has more than {self._most} parts")
        name, filename = _names(self._disposition)
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self.parts.append(Part(name, filename, data))
        self._disposition, self._chunks = b"", []

    def end_form(self, _: bytes) -> None:
        self.ended = True


_TAKE: Final[dict[str, Callable[[_Form, bytes], None]]] = {
    "header_field": _Form.take_field,
    "header_value": _Form.take_value,
    "header_end": _Form.end_header,
    "part_data": _Form.take_data,
    "part_end": _Form.end_part,
    "end": _Form.end_form,
}
"""The parser's events that matter here."""


def _names(disposition: bytes) -> tuple[str, str | None]:
    """Return the names of a part's field and file."""
    if usual := USUAL.fullmatch(disposition):
        return _text(usual["name"]), _text(usual["file"])
    kind, options = parse_options_header(disposition.decode("latin-1"))
    if kind != b"form-data" or b"name" not in options:
        raise MalformedRequest.form("a part of it has no name")
    filename = options.get(b"filename")
    return _text(options[b"name"]), None if filename is None else _text(filename)


def _text(value: bytes) -> str:
    """Decode a name in a header; browsers and curl send UTF-8."""
    return value.decode("utf-8", "replace")
