"""Errors as the client sees them: problem+json.

The shape is RFC 9457's. This is the only module that turns an error into an answer.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from service import errors
from service.api.problem_types import BY_ERROR, BY_SLUG, BY_STATUS, Kind

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1

logger = logging.getLogger(__name__)


def document(scope: Scope, error: Exception) -> dict[str, Any]:
    """Return the problem document for an error, as data; logs what is a fault of the service."""
    kind = _kind(error)
    if kind.status == 500:
        logger.error("internal error", exc_info=error, extra={"fields": _trace(scope)})
    detail = kind.meaning
    if isinstance(error, errors.FashionError):
        detail = str(error)
    elif kind.slug in ("not-found", "method-not-allowed"):
        detail = f"{kind.meaning} {kind.remedy}"
    problem = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": quote(scope["path"]),
        **_trace(scope),
    }
    if isinstance(error, errors.ModelRefused) and error.digest:
        problem["digest"] = error.digest
    if isinstance(error, errors.InvalidParameter):
        problem["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults
        ]
    return problem


def response(scope: Scope, error: Exception) -> Response:
    """Return the answer for an error."""
    problem = document(scope, error)
    headers = dict(getattr(error, "headers", None) or {})
    if problem["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem["status"] == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, errors.BodyTooLarge | errors.MalformedRequest):
        headers["Connection"] = "close"  # part of the body may be unread
    return Response(
        orjson.dumps(problem), problem["status"], headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Make every error that an endpoint or the router raises a problem document."""

    async def handle(request: Request, error: Exception) -> Response:
        return response(request.scope, error)

    app.add_exception_handler(errors.FashionError, handle)
    app.add_exception_handler(HTTPException, handle)


def _kind(error: Exception) -> Kind:
    if isinstance(error, HTTPException):
        return BY_STATUS.get(error.status_code, BY_SLUG["internal-error"])
    return BY_ERROR.get(type(error), BY_SLUG["internal-error"])


def _trace(scope: Scope) -> Mapping[str, str]:
    return {"request_id": scope["state"]["request_id"]}
