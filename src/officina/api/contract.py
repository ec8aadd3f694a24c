"""The OpenAPI document as partners get it: every refusal is a problem, every operation names its permission."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from officina.api.problem import MEANINGS, MEDIA_TYPE, Problem

PREFIX = "/api/v1"
_REFERENCE = "#/components/schemas/"


class Api(FastAPI):
    """FastAPI whose document says what the code does."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = _finished(_named(super().openapi()))
        return self.openapi_schema


def operation_id(route: APIRoute) -> str:
    """``list_messages`` → ``listMessages``."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), route.name)


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """``Page_Message_`` and ``Page[Message]`` become ``MessagePage``, which code generators can use."""
    text = re.sub(r"Page_(\w+?)_\b|Page\[(\w+)\]", lambda match: f"{match[1] or match[2]}Page", json.dumps(document))
    named: dict[str, Any] = json.loads(text)
    return named


def _finished(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for generated in ("HTTPValidationError", "ValidationError"):
        schemas.pop(generated, None)
    problem = Problem.model_json_schema(ref_template=_REFERENCE + "{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    document["components"]["responses"] = {str(status.value): _response(text) for status, (_, text) in MEANINGS.items()}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            declared = [status for status in operation["responses"] if status >= "400"]
            for status in {*declared, *_refusals(path, method)}:
                operation["responses"][status] = {"$ref": f"#/components/responses/{status}"}
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return document


def _refusals(path: str, method: str) -> list[str]:
    refusals = ["401", "403", "422", "500", "503"]
    if "{" in path or method == "post":
        refusals.append("404")
    if method in ("post", "put"):
        refusals += ["413", "415"]
    return refusals


def _response(text: str) -> dict[str, Any]:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE + "Problem"}}}}
