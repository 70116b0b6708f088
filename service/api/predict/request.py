"""What a prediction request holds: options in its query, pictures in its body."""

import re
from typing import Final
from urllib.parse import parse_qsl

from pydantic import ValidationError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from service.api.predict.multipart import Part, cut_form
from service.api.schemas import PredictOptions
from service.errors import (
    BodyTooLarge,
    EmptyBody,
    Fault,
    InvalidParameter,
    MalformedRequest,
    UnsupportedMediaType,
)

FORM: Final = "multipart/form-data"
BYTES: Final = "application/octet-stream"

USUAL: Final = re.compile(rb"multipart/form-data; *boundary=(?P<boundary>[A-Za-z0-9_.-]{1,70})")
"""What nearly every client sends; this reads it in a tenth of the general parser's time."""

Headers = dict[bytes, bytes]


class OptionsReader:
    """Reads the options in a query; `min_confidence` is the default for queries without it."""

    def __init__(self, min_confidence: float) -> None:
        self._defaults = {"min_confidence": str(min_confidence)}
        self._without_query = PredictOptions.model_validate(self._defaults)

    def read(self, scope: Scope) -> PredictOptions:
        """Return the options in a request's query.

        Raises:
            InvalidParameter: a parameter is unknown, repeated or out of range.
        """
        query = scope["query_string"]
        if not query:
            return self._without_query
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        names = [name for name, _ in pairs]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidParameter([Fault(f"query/{name}", "given twice") for name in repeated])
        try:
            return PredictOptions.model_validate(self._defaults | dict(pairs))
        except ValidationError as error:
            faults = [Fault(f"query/{one['loc'][0]}", one["msg"]) for one in error.errors()]
            raise InvalidParameter(faults) from error


async def read_upload(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the bytes of the one picture in a request: the form's field `file`, or the body.

    Raises:
        UnsupportedMediaType, BodyTooLarge, EmptyBody, MalformedRequest, InvalidParameter: as
            their docstrings say.
        ClientDisconnect: the client has left.
    """
    headers = dict(scope["headers"])
    media_type, boundary = _media_type(headers)
    accepted = media_type in (FORM, BYTES) or media_type.startswith("image/")
    if accepted or not media_type:  # a request without a type may have no body: that is EmptyBody
        body = await _read_body(headers, receive, limit, "FASHION_MAX_IMAGE_BYTES")
    if not accepted:
        raise _unsupported(
            media_type, f"the field 'file', or the picture itself as image/* or {BYTES}"
        )
    if media_type != FORM:
        return body
    (part,) = _only(await cut_form(body, boundary, most=1), "file", most=1)
    return part.data


async def read_uploads(scope: Scope, receive: Receive, limit: int, most: int) -> list[Part]:
    """Return the files in a form's field `files`, at most `most` of them, in order.

    Raises:
        As `read_upload`.
    """
    headers = dict(scope["headers"])
    media_type, boundary = _media_type(headers)
    if media_type != FORM:
        raise _unsupported(media_type, "the pictures in the field 'files'")
    body = await _read_body(headers, receive, limit, "FASHION_MAX_BATCH_BYTES")
    return _only(await cut_form(body, boundary, most), "files", most)


def _unsupported(media_type: str, send: str) -> UnsupportedMediaType:
    return UnsupportedMediaType(
        f"The content type {media_type or '(none)'!r} is not accepted here. "
        f"Send {FORM} with {send}."
    )


def _only(parts: list[Part], name: str, most: int) -> list[Part]:
    """Return the parts if there are one to `most` of this name and no others."""
    faults = [
        Fault(f"form/{part.name}", f"no such field; send pictures in {name!r}")
        for part in parts
        if part.name != name
    ]
    found = len(parts) - len(faults)
    if not found:
        faults.append(Fault(f"form/{name}", "the field is missing"))
    elif found > most:
        faults.append(Fault(f"form/{name}", f"{found} files; at most {most} are accepted"))
    if faults:
        raise InvalidParameter(faults)
    return parts


def _media_type(headers: Headers) -> tuple[str, bytes]:
    """Return the media type, and a form's boundary."""
    if encoding := headers.get(b"content-encoding"):
        raise UnsupportedMediaType(
            f"The content encoding {encoding.decode('latin-1')!r} is not accepted here. "
            "Send the body unencoded."
        )
    content_type = headers.get(b"content-type", b"")
    if usual := USUAL.fullmatch(content_type):
        return FORM, usual["boundary"]
    kind, options = parse_options_header(content_type.decode("latin-1"))
    boundary = options.get(b"boundary", b"")
    if kind == FORM.encode() and not boundary:
        raise MalformedRequest.form("its content type names no boundary")
    return kind.decode("latin-1"), boundary


async def _read_body(headers: Headers, receive: Receive, limit: int, setting: str) -> bytes:
    length = int(headers.get(b"content-length", 0))
    if length > limit and b"expect" in headers:
        raise BodyTooLarge(limit, setting)  # the client waits for leave to send the body
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if max(size, length) > limit:
            raise BodyTooLarge(limit, setting)
        chunks.append(chunk)
    if not size:
        raise EmptyBody
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
