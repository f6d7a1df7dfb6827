"""The OpenAPI document: FastAPI's, with what is true of every address said once for all of them."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from wastetrack.api.schemas import Problem

_REF = "#/components/schemas/{model}"
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh UUID; sending the same request under the same key again does nothing a second time",
    "schema": {"type": "string", "format": "uuid"},
}


_WITHOUT_KEY = re.compile(r"/(sign-in|oauth)(/|$)")
"""Where nobody is signed in yet there is nobody whose key it could be."""


def describe(app: FastAPI) -> None:
    """Let the application describe itself so; made when it is first asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            problem = Problem.model_json_schema(ref_template=_REF)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(problem.pop("$defs"))
            schemas["Problem"] = problem
            for path, operations in made["paths"].items():
                for verb, operation in operations.items():
                    if verb != "get" and not _WITHOUT_KEY.search(path):
                        operation.setdefault("parameters", []).append(_KEY)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to say it
