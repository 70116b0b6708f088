"""Pages for people: API docs that work offline, and what each problem means."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from service.api.middleware.api_keys import NO_KEY
from service.api.problem_types import BY_SLUG, KINDS, ProblemKind

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fashion-MNIST Serving: API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""

START: Final = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true,
});
"""

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI needs inline styles. Only the page's own script files may run, and no other page may
frame this one."""

GUARDED: Final = {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY"}

ASSETS: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")

router = APIRouter(include_in_schema=False, dependencies=NO_KEY)
problem_router = APIRouter(tags=["problems"], dependencies=NO_KEY)


@router.get("/")
async def home() -> Response:
    """Redirect to the docs."""
    return RedirectResponse("docs")


@router.get("/docs")
async def docs() -> Response:
    """Return the page to try every endpoint on."""
    return HTMLResponse(PAGE, headers=GUARDED)


@router.api_route("/openapi.json", methods=["GET", "HEAD"])
async def openapi(request: Request) -> dict[str, Any]:
    """Return the description of every endpoint."""
    document: dict[str, Any] = request.app.openapi()
    return document


@router.get("/docs/start.js")
async def start() -> Response:
    """Return the script that starts the page, which allows no inline scripts."""
    return Response(START, media_type="text/javascript")


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    """Return one of Swagger UI's own files."""
    if name not in ASSETS:
        raise HTTPException(404)
    return FileResponse(_assets() / name)


@problem_router.get("/problems")
async def problems() -> list[ProblemKind]:
    """Return every type of problem."""
    return list(KINDS)


@problem_router.get("/problems/{slug}")
async def problem(slug: str) -> ProblemKind:
    """Return what a problem means and what to do about it."""
    if slug not in BY_SLUG:
        raise HTTPException(404)
    return BY_SLUG[slug]


def _assets() -> Path:
    """Return the folder of Swagger UI's files without importing their package."""
    spec = find_spec("fastapi_swagger")
    if spec is None or spec.origin is None:
        raise HTTPException(404)
    return Path(spec.origin).parent / "resources"
