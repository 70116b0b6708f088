"""What can go wrong, in sentences for people; `service.api.problem_types` has the HTTP statuses.

Each sentence says what happened, to what, and what to do about it. The name of a class, in lower
case with hyphens, is the slug of its problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


class FashionError(Exception):
    """Something that a person can put right; the message is a sentence for them."""


class SettingsRefused(FashionError):
    """The service cannot start: a setting is wrong, or its port is taken."""


class ModelRefused(FashionError):
    """A model file cannot be served; the message names the file and the reason.

    `digest` is the file's sha256, if it could be read.
    """

    def __init__(self, message: str, digest: str | None = None) -> None:
        super().__init__(message)
        self.digest = digest


class RequestRefused(FashionError):
    """The request cannot be answered, for a reason that lies in the request."""


class MalformedRequest(RequestRefused):
    """A form that cannot be parsed, or a body that does not match its headers."""

    @classmethod
    def form(cls, reason: object) -> Self:
        """Return the error for a form that cannot be parsed."""
        return cls(f"The form cannot be read: {reason}.")


class HeadersTooLarge(RequestRefused):
    """The request line and headers exceed the limit on bytes or fields."""


class RequestTimeout(RequestRefused):
    """The headers or the body did not arrive in time."""


class EmptyBody(RequestRefused):
    """The body, or the file in it, is empty."""

    def __init__(self) -> None:
        super().__init__("There is no picture: the body or the file is empty. Send its bytes.")


class BodyTooLarge(RequestRefused):
    """The body exceeds the limit of its endpoint, in bytes, which a setting names."""

    def __init__(self, limit: int, setting: str) -> None:
        super().__init__(f"The body has more than {limit} bytes, the limit here ({setting}).")


class UnsupportedMediaType(RequestRefused):
    """Not a supported picture format, or a body that is neither a form nor raw bytes."""


class UnreadableImage(RequestRefused):
    """A known picture format that cannot be decoded, for a reason given as a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Open it in an image editor, save it as PNG or JPEG, and retry.")


class TooManyPixels(RequestRefused):
    """The picture's header claims more pixels than the limit."""

    def __init__(self, claim: str, max_pixels: int) -> None:
        super().__init__(
            f"The header claims {claim}; at most {max_pixels:,} pixels are accepted "
            "(FASHION_MAX_PIXELS; a quarter of it for WebP). Send a smaller picture."
        )


class WrongSize(RequestRefused):
    """The request accepts only 28×28 pixels (`fit=exact`), and the picture has another size."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(
            f"The picture is {width}×{height} pixels, and fit=exact accepts only 28×28. Send such "
            "a picture, or use fit=auto or fit=photo, which accept every size."
        )


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: where (`query/top_k`, `form/file`) and what."""

    pointer: str
    detail: str


class InvalidParameter(RequestRefused):
    """One or more parameters of the request are wrong; `faults` says which and how."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)


class MissingKey(RequestRefused):
    """The endpoint needs a key, and the request has none."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a key. Send it as X-API-Key: KEY or as Authorization: Bearer KEY."
        )


class WrongKey(RequestRefused):
    """The request's key does not open this endpoint."""

    def __init__(self) -> None:
        super().__init__("This key may not do that. Check it, or ask the operator for another.")


class AdminDisabled(RequestRefused):
    """Only an admin may do this, and no admin key is set."""

    def __init__(self) -> None:
        super().__init__(
            "No admin key is set, so nobody may do this. The operator can set FASHION_ADMIN_KEY."
        )


class NotReady(FashionError):
    """The service cannot answer yet."""


class Overloaded(FashionError):
    """A limit is reached, which a setting names; the same request may succeed in a moment."""

    def __init__(self, what: str, setting: str, remedy: str = "Try again in a moment.") -> None:
        super().__init__(f"{what} ({setting}). {remedy}")


class ShuttingDown(FashionError):
    """The service is stopping; until then it answers, but it is not ready for more."""
