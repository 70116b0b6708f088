"""The OpenAPI document: FastAPI's own, with the fragments of the plain ASGI endpoints."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.api import schemas
from service.api.middleware.api_keys import Asks, asked
from service.api.middleware.layers import LayeredApp
from service.api.problem_types import KINDS
from service.api.problems import MEDIA_TYPE
from service.api.schemas import reference

TEMPLATE: Final = "#/components/schemas/{model}"
BINARY: Final = {"type": "string", "format": "binary"}

KEYS: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
"""The two ways to show a key."""

SHOWN: Final[list[dict[str, list[str]]]] = [{name: []} for name in KEYS]
SECURITY: Final = {Asks.NONE: [], Asks.USER: [{}, *SHOWN], Asks.ADMIN: SHOWN}
"""A user's key is asked for only where the service has some, which the empty object says."""

REFUSALS: Final = ("400", "413", "415", "422")


class DescribedApp(LayeredApp):
    """An app whose document shows the plain ASGI endpoints too."""

    def openapi(self) -> dict[str, Any]:
        """Return the whole document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = _document(self)
        return self.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    document.setdefault("components", {})["securitySchemes"] = KEYS
    components = document["components"].setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components.update(_own_schemas())
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # FastAPI's own shape, which is never answered
    document["paths"] = {
        "/predict": {"post": _predict()},
        "/predict/batch": {"post": _predict_batch()},
        **document["paths"],
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"]["default"] = _problem("Any other outcome is a problem document.")
            operation["security"] = SECURITY[asked(path)]
    return document


def _own_schemas() -> dict[str, Any]:
    models = (schemas.Prediction, schemas.BatchPrediction, schemas.Problem)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=TEMPLATE
    )
    found: dict[str, Any] = definitions["$defs"]
    return found


def _predict() -> dict[str, Any]:
    content = {"multipart/form-data": {"schema": _form("file", BINARY)}}
    content |= {kind: {"schema": BINARY} for kind in ("image/*", "application/octet-stream")}
    return {
        "tags": ["predictions"],
        "summary": "Classify one picture",
        "operationId": "predict",
        "parameters": _parameters(),
        "requestBody": {"required": True, "content": content},
        "responses": _responses(schemas.Prediction, "What the model says about the picture."),
    }


def _predict_batch() -> dict[str, Any]:
    files = {"type": "array", "items": BINARY, "minItems": 1}
    return {
        "tags": ["predictions"],
        "summary": "Classify many pictures",
        "description": "One bad file never spoils the others: it gets a problem of its own.",
        "operationId": "predict_batch",
        "parameters": _parameters(),
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": _form("files", files)}},
        },
        "responses": _responses(schemas.BatchPrediction, "An answer or a problem for each file."),
    }


def _form(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {field: schema}, "required": [field]}


def _parameters() -> list[dict[str, Any]]:
    properties = schemas.PredictOptions.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "description": schema.pop("description"),
            "schema": {key: value for key, value in schema.items() if key != "title"},
        }
        for name, schema in properties.items()
    ]


def _responses(model: type[Any], description: str) -> dict[str, Any]:
    answer = {
        "description": description,
        "content": {"application/json": {"schema": reference(model)}},
    }
    kinds = {status: [k for k in KINDS if str(k.status) == status] for status in REFUSALS}
    return {
        "200": answer,
        **{
            status: _problem("; ".join(f"`{kind.slug}`: {kind.title}" for kind in found))
            for status, found in kinds.items()
        },
    }


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": reference(schemas.Problem)}},
    }
