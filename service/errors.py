"""What can go wrong, in words for people; HTTP makes of it what `service.api.problems` says.

Each message says what happened, to what, and what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class FashionError(Exception):
    """Something that a person can put right; the message is a sentence for them."""


class SettingsRefused(FashionError):
    """The service cannot start as it was told to: a setting, or a port that is taken."""


class ModelRefused(FashionError):
    """A model file that may not serve; the message names the file and the reason.

    `digest` is the file's sha256, where it could be read.
    """

    def __init__(self, message: str, digest: str | None = None) -> None:
        super().__init__(message)
        self.digest = digest


class RequestRefused(FashionError):
    """The request cannot be answered for a reason that lies in the request."""


class MalformedRequest(RequestRefused):
    """A form that cannot be parsed, or a body that is not what its headers promise."""


class HeadersTooLarge(RequestRefused):
    """A request line and headers of more bytes or fields than are read."""


class RequestTimeout(RequestRefused):
    """The headers or the body did not come in time."""


class EmptyBody(RequestRefused):
    """No bytes at all, in the body or in the file."""


class BodyTooLarge(RequestRefused):
    """More bytes than the limit for this endpoint."""


class UnsupportedMediaType(RequestRefused):
    """Not a picture format that is read here, or a body that is neither a form nor bytes."""


class UnreadableImage(RequestRefused):
    """A known picture format that cannot be decoded."""


class TooManyPixels(RequestRefused):
    """The picture's header claims more pixels than the limit."""


class WrongSize(RequestRefused):
    """The picture is not 28×28 pixels, and only such pictures were asked to be taken."""


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
    """The request shows no key where one is asked for."""


class WrongKey(RequestRefused):
    """The request shows a key that does not open this."""


class AdminDisabled(RequestRefused):
    """Only an admin may do this, and there is no admin key."""


class NotReady(FashionError):
    """The service cannot answer yet."""


class Overloaded(FashionError):
    """More is waiting than the service lets wait; the same request may succeed in a moment."""


class ShuttingDown(FashionError):
    """The service is about to leave; it answers until then, but is not ready for more."""
