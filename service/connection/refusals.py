"""How the app learns that the connection refuses a request: its `receive` raises the error."""

import httptools
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from service.errors import FashionError, MalformedRequest


class Cycle(RequestResponseCycle):
    """uvicorn's request and response, whose `receive` raises the error once it is refused."""

    _refusal: FashionError | None = None

    def refuse(self, error: FashionError) -> None:
        """Have `receive` raise the error from now on, and close after the response."""
        self._refusal = error
        self.keep_alive = False
        self.message_event.set()  # the app may be waiting for more of the body

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next part of the body.

        Raises:
            FashionError: the connection reads no more of this request.
        """
        if self._refusal is None:
            message = await super().receive()
        if self._refusal is not None:
            raise self._refusal
        return message


def parser_refusal(error: httptools.HttpParserError) -> FashionError:
    """Return the error for a request that the parser cannot read."""
    cause = error.__context__  # what one of its callbacks raised
    if isinstance(cause, FashionError):
        return cause
    why = "the request line cannot be parsed" if cause else str(error)
    return MalformedRequest(f"The request is not valid HTTP: {why}.")
