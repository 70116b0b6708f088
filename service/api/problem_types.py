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
        "The form cannot be parsed, or the body does not match its headers.",
        "Let an HTTP library build the form, and send the whole body.",
    ),
    ProblemKind(
        400,
        "empty-body",
        "There is no picture",
        "The body, or the file in it, is empty.",
        "Send the picture's bytes; check that the file is not empty.",
    ),
    ProblemKind(
        401,
        "missing-key",
        "A key is needed",
        "This endpoint needs a key, and the request has none.",
        "Send the key as `X-API-Key: KEY` or as `Authorization: Bearer KEY`.",
    ),
    ProblemKind(
        403,
        "wrong-key",
        "The key is not accepted",
        "The key is unknown, or it is a user key where an admin key is needed.",
        "Check the key, or ask the operator for another.",
    ),
    ProblemKind(
        403,
        "admin-disabled",
        "There is no admin key",
        "No admin key is set, so nobody may change the service.",
        "The operator can set FASHION_ADMIN_KEY.",
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
        "The method is not allowed here",
        "The path exists, but not with this method.",
        "The Allow header names its methods.",
    ),
    ProblemKind(
        409,
        "model-refused",
        "The model file cannot be served",
        "A reload found a file that cannot be served; the previous model still answers.",
        "`detail` says why. Replace the file.",
    ),
    ProblemKind(
        408,
        "request-timeout",
        "The request arrived too slowly",
        "The headers or the body did not arrive in time; the connection is closed.",
        "Try again over a faster connection, or with a smaller picture.",
    ),
    ProblemKind(
        413,
        "body-too-large",
        "The body is too large",
        "The body has more bytes than this endpoint accepts.",
        "Send a smaller picture or fewer files; the operator can raise the limit.",
    ),
    ProblemKind(
        415,
        "unsupported-media-type",
        "This is not a picture that can be read",
        "The bytes are no known picture format, or the body is neither a form nor raw bytes.",
        "Send PNG, JPEG, BMP, GIF, WebP or TIFF, as the form field `file` or as the body.",
    ),
    ProblemKind(
        422,
        "unreadable-image",
        "The picture cannot be decoded",
        "The format is known, but the data are cut short, damaged or of an unsupported kind.",
        "Open it in an image editor, and save it as PNG or JPEG.",
    ),
    ProblemKind(
        422,
        "too-many-pixels",
        "The picture has too many pixels",
        "The picture's header claims more pixels than the limit.",
        "Make the picture smaller; the operator can raise the limit.",
    ),
    ProblemKind(
        422,
        "wrong-size",
        "The picture has the wrong size",
        "`fit=exact` accepts only pictures of 28×28 pixels.",
        "Send a picture of 28×28 pixels, or use `fit=auto`, which accepts every size.",
    ),
    ProblemKind(
        422,
        "invalid-parameter",
        "A parameter is wrong",
        "A query parameter or form field is missing, unknown or out of range.",
        "`errors` says which one and why.",
    ),
    ProblemKind(
        431,
        "headers-too-large",
        "The headers are too large",
        "The request line and the headers have more than 16 KiB or 100 fields.",
        "Leave out what the service does not read, above all cookies.",
    ),
    ProblemKind(
        500,
        "internal-error",
        "The service failed",
        "A fault of the service, not of the request. The log has the details.",
        "Report it with the request id.",
    ),
    ProblemKind(
        503,
        "overloaded",
        "The service is busy",
        "Too many requests are in flight, or too many pictures are waiting.",
        "Try again after `Retry-After` seconds.",
    ),
    ProblemKind(
        503,
        "not-ready",
        "The service is not ready",
        "The model does not answer.",
        "Try again after `Retry-After` seconds.",
    ),
    ProblemKind(
        503,
        "shutting-down",
        "The service is stopping",
        "The service was told to stop; for a moment it still answers.",
        "Send requests to another instance.",
    ),
)

BY_SLUG: Final = {kind.slug: kind for kind in KINDS}
