"""The body of a request to the bytes of the pictures in it, bounded while it is read."""

import re
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from service.api.predict.multipart import Part, cut_form
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

Headers = dict[bytes, bytes]

USUAL: Final = re.compile(rb"multipart/form-data; *boundary=(?P<boundary>[A-Za-z0-9_.-]{1,70})")
"""What nearly every client sends, read in a tenth of the time that the general way takes."""


async def read_upload(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Return the bytes of the one picture in a request: the form's field `file`, or the body.

    Raises:
        UnsupportedMediaType, BodyTooLarge, EmptyBody, MalformedRequest, InvalidParameter: as
            their names say; ClientDisconnect: there is nobody left to answer.
    """
    headers = dict(scope["headers"])
    media_type, boundary = _media_type(headers)
    if media_type != FORM and media_type != BYTES and not media_type.startswith("image/"):
        if not media_type:
            await _read_body(headers, receive, limit, "FASHION_MAX_IMAGE_BYTES")  # it may be empty
        raise UnsupportedMediaType(
            f"The content type {media_type or '(none)'!r} is not taken here: send {FORM} with the "
            f"field 'file', or the picture itself as image/* or {BYTES}."
        )
    body = await _read_body(headers, receive, limit, "FASHION_MAX_IMAGE_BYTES")
    if media_type != FORM:
        return body
    (part,) = _only(await cut_form(body, boundary, most=1), "file", most=1)
    return part.data


async def read_uploads(scope: Scope, receive: Receive, limit: int, most: int) -> list[Part]:
    """Return the files of a form's field `files`, at most `most` of them, in order.

    Raises:
        As `read_upload`.
    """
    headers = dict(scope["headers"])
    media_type, boundary = _media_type(headers)
    if media_type != FORM:
        raise UnsupportedMediaType(
            f"The content type {media_type or '(none)'!r} is not taken here: send {FORM} with the "
            "pictures in the field 'files'."
        )
    body = await _read_body(headers, receive, limit, "FASHION_MAX_BATCH_BYTES")
    return _only(await cut_form(body, boundary, most), "files", most)


def _only(parts: list[Part], name: str, most: int) -> list[Part]:
    """Return the parts if they are one to `most` of this name and nothing else."""
    faults = [
        Fault(f"form/{part.name}", f"no such field; the pictures belong into {name!r}")
        for part in parts
        if part.name != name
    ]
    found = len(parts) - len(faults)
    if not found:
        faults.append(Fault(f"form/{name}", "the field is missing"))
    elif found > most:
        faults.append(Fault(f"form/{name}", f"{found} files, of which {most} can be taken"))
    if faults:
        raise InvalidParameter(faults)
    return parts


def _media_type(headers: Headers) -> tuple[str, bytes]:
    """Return the media type, and the boundary where it is a form."""
    if encoding := headers.get(b"content-encoding"):
        raise UnsupportedMediaType(
            f"The content encoding {encoding.decode('latin-1')!r} is not taken here: send the "
            "body as it is."
        )
    content_type = headers.get(b"content-type", b"")
    if usual := USUAL.fullmatch(content_type):
        return FORM, usual["boundary"]
    kind, options = parse_options_header(content_type.decode("latin-1"))
    boundary = options.get(b"boundary", b"")
    if kind == FORM.encode() and not boundary:
        raise MalformedRequest("The form cannot be read: its content type names no boundary.")
    return kind.decode("latin-1"), boundary


async def _read_body(headers: Headers, receive: Receive, limit: int, setting: str) -> bytes:
    refusal = BodyTooLarge(
        f"The body has more than {limit} bytes, the limit of this endpoint ({setting})."
    )
    length = int(headers.get(b"content-length", 0))
    if length > limit and b"expect" in headers:
        raise refusal  # the client waits for leave to send and needs no more than the answer
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
            raise refusal
        chunks.append(chunk)
    if not size:
        raise EmptyBody("The body is empty: send a picture.")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
