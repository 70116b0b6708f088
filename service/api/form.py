"""A multipart form cut into its parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.errors import MalformedRequest

if TYPE_CHECKING:  # the parser's package declares the type for checkers alone
    from python_multipart.multipart import MultipartCallbacks


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; `filename` is None for an ordinary field."""

    name: str
    filename: str | None
    data: bytes


def cut_form(body: bytes, boundary: bytes) -> list[Part]:
    """Return the parts of a multipart form, strictly read: it must have its end, and no more.

    Raises:
        MalformedRequest: the form cannot be read.
    """
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise MalformedRequest(f"The form cannot be read: {error}") from error
    if not form.ended:
        raise MalformedRequest("The form has no end: its closing boundary is missing.")
    return form.parts


class _Form:
    """Collects the parts of one form from the parser's calls."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._headers: dict[bytes, bytes] = {}
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
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _on_part_end(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise MalformedRequest("The form cannot be read: a part of it has no name.")
        filename = options.get(b"filename")
        self.parts.append(
            Part(
                name=_text(options[b"name"]),
                filename=None if filename is None else _text(filename),
                data=self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks),
            )
        )
        self._headers, self._chunks = {}, []

    def _on_end(self) -> None:
        self.ended = True


def _text(value: bytes) -> str:
    """Decode a name in a header: browsers and curl send UTF-8."""
    return value.decode("utf-8", "replace")
