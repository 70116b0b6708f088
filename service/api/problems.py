"""Errors as clients see them: problem documents (RFC 9457), `application/problem+json`."""

import logging
import re
from typing import Any, Final
from urllib.parse import quote

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from service.api.problem_types import BY_SLUG, KINDS, ProblemKind
from service.api.schemas import Problem
from service.errors import FashionError, InvalidParameter, ModelRefused
from service.logs import fields

MEDIA_TYPE: Final = "application/problem+json"

CAPITAL: Final = re.compile(r"(?<=.)(?=[A-Z])")

CLOSE: Final = {"Connection": "close"}
"""Part of the body may be unread."""

RETRY: Final = {"Retry-After": "1"}

HEADERS: Final = {
    "missing-key": {"WWW-Authenticate": "Bearer"},
    "malformed-request": CLOSE,
    "body-too-large": CLOSE,
    "overloaded": RETRY,
    "not-ready": RETRY,
    "shutting-down": RETRY,
}

logger = logging.getLogger(__name__)


def document(scope: Scope, error: Exception) -> dict[str, Any]:
    """Return the problem document for an error as data; log the error if it is a fault of ours."""
    kind, request_id = _kind(error), scope["state"]["request_id"]
    if kind.status == 500:
        logger.error("internal error", exc_info=error, extra=fields(request_id=request_id))
    problem = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": _detail(kind, error),
        "instance": quote(scope["path"]),
        "request_id": request_id,
    }
    if isinstance(error, ModelRefused) and error.digest:
        problem["digest"] = error.digest
    if isinstance(error, InvalidParameter):
        problem["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults
        ]
    if isinstance(error, RequestValidationError):
        problem["errors"] = [
            {"pointer": "/".join(map(str, one["loc"])), "detail": one["msg"]}
            for one in error.errors()
        ]
    return problem


def response(scope: Scope, error: Exception) -> Response:
    """Return the response for an error."""
    kind, allow = _kind(error), getattr(error, "headers", None) or {}
    headers = {"Cache-Control": "no-store", **HEADERS.get(kind.slug, {}), **allow}
    return Response(orjson.dumps(document(scope, error)), kind.status, headers, MEDIA_TYPE)


def declared(description: str) -> dict[str, Any]:
    """Return how an endpoint declares a problem document, for FastAPI's `responses`."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def declared_by_status(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how an endpoint declares the problems with these statuses."""
    return {
        status: declared(
            "; ".join(f"`{kind.slug}`: {kind.title}" for kind in KINDS if kind.status == status)
        )
        for status in statuses
    }


def _kind(error: Exception) -> ProblemKind:
    slug = ""
    if isinstance(error, FashionError):
        slug = CAPITAL.sub("-", type(error).__name__).lower()
    elif isinstance(error, RequestValidationError):
        slug = "invalid-parameter"
    elif isinstance(error, HTTPException):
        slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "")
    return BY_SLUG.get(slug, BY_SLUG["internal-error"])


def _detail(kind: ProblemKind, error: Exception) -> str:
    """Return the error's own sentence if it is written for people."""
    if isinstance(error, FashionError):
        return str(error)
    return kind.meaning if kind.status == 500 else f"{kind.meaning} {kind.remedy}"
