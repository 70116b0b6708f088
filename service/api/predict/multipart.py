"""A multipart form cut into its parts."""

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
"""Bytes that are cut at once: at the worst some 10 ms."""

EXTRA_PARTS: Final = 16
"""Parts beyond those that can be taken, so that all of them can be named in the refusal."""

HEADERS_OF_A_PART: Final = 8
HEADER_BYTES: Final = 2048
"""Clients send two headers; a file's name has 255 bytes at most, and three for each if escaped."""

USUAL: Final = re.compile(rb'form-data; name="(?P<name>[^"\\]+)"; filename="(?P<file>[^"\\]*)"')
"""What nearly every client sends, read in a tenth of the time that the general way takes."""


class Part(NamedTuple):
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
    """The parser, and the parts that it found.

    The parser's own `callback`, called a dozen times for each part, looks for one function under a
    longer name and asks what it takes; with this one a form takes an eighth less.
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
        """Take a piece of what is in a part, or note that something ended."""
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
"""What to do with what the parser finds; what else it tells is of no use here."""


def _names(disposition: bytes) -> tuple[str, str | None]:
    """Return the name of a part's field, and the name of its file."""
    if usual := USUAL.fullmatch(disposition):
        return _text(usual["name"]), _text(usual["file"])
    kind, options = parse_options_header(disposition.decode("latin-1"))
    if kind != b"form-data" or b"name" not in options:
        raise MalformedRequest.form("a part of it has no name")
    filename = options.get(b"filename")
    return _text(options[b"name"]), None if filename is None else _text(filename)


def _text(value: bytes) -> str:
    """Decode a name in a header: browsers and curl send UTF-8."""
    return value.decode("utf-8", "replace")
