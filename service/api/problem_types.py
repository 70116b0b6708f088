"""Every type of problem: status, slug, title, and what to do about it.

The slug of an error in `service.errors` is the name of its class, in lower case with hyphens.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ProblemKind:
    """A type of problem, as `/problems/{slug}` answers it."""

    status: int
    slug: str
    title: str
    meaning: str
    remedy: str


KINDS: Final = (
    ProblemKind(
        400,
        "malformed-request",
        "The request cannot be read",
        "The form cannot be parsed, or the body is not what its headers promise.",
        "Let an HTTP library build the form, and send the whole body.",
    ),
    ProblemKind(
        400,
        "empty-body",
        "There is no picture",
        "The body, or the file in it, has no bytes at all.",
        "Send the picture's bytes; check that the file is not empty.",
    ),
    ProblemKind(
        401,
        "missing-key",
        "A key is needed",
        "This endpoint asks for a key, and the request shows none.",
        "Send the key as `X-API-Key: KEY` or as `Authorization: Bearer KEY`.",
    ),
    ProblemKind(
        403,
        "wrong-key",
        "The key does not open this",
        "The key is unknown, or it is a user's where an admin's is asked for.",
        "Check the key, or ask whoever runs the service for another.",
    ),
    ProblemKind(
        403,
        "admin-disabled",
        "There is no admin key",
        "Without an admin key, what changes the service is refused to everybody.",
        "Whoever runs the service can set one.",
    ),
    ProblemKind(
        404,
        "not-found",
        "There is nothing here",
        "No endpoint has this path.",
        "/docs lists every endpoint.",
    ),
    ProblemKind(
        405,
        "method-not-allowed",
        "This path takes another method",
        "The path exists, but not for this method.",
        "The Allow header names the methods.",
    ),
    ProblemKind(
        409,
        "model-refused",
        "The model file may not serve",
        "A reload found a file that may not serve; the model of before goes on answering.",
        "`detail` has the reason. Put a good file in its place.",
    ),
    ProblemKind(
        408,
        "request-timeout",
        "The request came too slowly",
        "The headers or the body did not come in time; the connection is closed.",
        "Send the request again, over a faster line or with a smaller picture.",
    ),
    ProblemKind(
        413,
        "body-too-large",
        "The body is too large",
        "The body has more bytes than this endpoint takes.",
        "Send a smaller picture or fewer files; whoever runs the service can raise the limit.",
    ),
    ProblemKind(
        415,
        "unsupported-media-type",
        "This is not a picture that can be read",
        "The bytes are no known picture format, or the body is neither a form nor bytes.",
        "Send PNG, JPEG, BMP, GIF, WebP or TIFF, as the form field `file` or as the body.",
    ),
    ProblemKind(
        422,
        "unreadable-image",
        "The picture cannot be decoded",
        "The format is known, but the data are cut short, damaged, or of a kind without grey.",
        "Open the picture on your side and save it again, as PNG for instance.",
    ),
    ProblemKind(
        422,
        "too-many-pixels",
        "The picture has too many pixels",
        "The picture's header claims more pixels than the limit.",
        "Make the picture smaller; whoever runs the service can raise the limit.",
    ),
    ProblemKind(
        422,
        "wrong-size",
        "The picture has the wrong size",
        "The network takes pictures of 28×28 pixels, and `fit=exact` changes none.",
        "Send a picture of 28×28 pixels, or ask for `fit=auto`, which takes every size.",
    ),
    ProblemKind(
        422,
        "invalid-parameter",
        "A parameter is wrong",
        "A query value, or a field of the form, is missing, unknown or out of range.",
        "`errors` says which one and why.",
    ),
    ProblemKind(
        431,
        "headers-too-large",
        "The headers are too large",
        "The request line and the headers have more than 16 KiB, or more than 100 fields.",
        "Leave out what the service does not read, cookies above all.",
    ),
    ProblemKind(
        500,
        "internal-error",
        "The service made a mistake",
        "A fault of the service, not of the request. The log has the details.",
        "Report it with the request id.",
    ),
    ProblemKind(
        503,
        "overloaded",
        "The service has too much to do",
        "So many requests are in flight, or pictures are waiting, that one more is refused.",
        "Try again after the seconds that Retry-After names.",
    ),
    ProblemKind(
        503,
        "not-ready",
        "The service is not ready",
        "The model does not answer.",
        "Try again after the seconds that Retry-After names.",
    ),
    ProblemKind(
        503,
        "shutting-down",
        "The service is leaving",
        "The service was told to stop; it answers what it gets for a moment more.",
        "Send requests to another instance.",
    ),
)

BY_SLUG: Final = {kind.slug: kind for kind in KINDS}
