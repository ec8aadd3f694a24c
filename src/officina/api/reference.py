"""The API's reference, written from its own OpenAPI document: a page without any script, and the Markdown in docs/."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from officina.api.contract import PREFIX
from officina.api.problem import MEANINGS
from officina.workflow.rights import PERMISSIONS, ROLES

_templates = Environment(
    loader=PackageLoader("officina.api"),
    autoescape=lambda name: bool(name and ".html" in name),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Field(NamedTuple):
    """A parameter or a member: its name, its type in words, whether it must be given, what it means."""

    name: str
    type: str
    required: bool
    text: str


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    title: str
    text: str
    permission: str
    parameters: list[Field]
    body: str
    answer: str
    refusals: list[str]


class Schema(NamedTuple):
    name: str
    text: str
    members: list[Field]


def page(document: dict[str, Any]) -> tuple[str, str]:
    """The HTML page, and the content security policy that lets its one style sheet through and nothing else."""
    style = _templates.get_template("reference.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = _templates.get_template("reference.html.jinja").render(**_outline(document), style=style)
    return html, f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


def markdown(document: dict[str, Any]) -> str:
    """The part of docs/reference/api.md that is generated."""
    return _templates.get_template("reference.md.jinja").render(**_outline(document))


def _outline(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": document["info"]["title"],
        "version": document["info"]["version"],
        "text": document["info"]["description"],
        "prefix": PREFIX,
        "operations": [
            _operation(path, method, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ],
        "schemas": [_schema(name, body) for name, body in sorted(document["components"]["schemas"].items())],
        "problems": [(status.value, status.phrase, code, text) for status, (code, text) in MEANINGS.items()],
        "permissions": PERMISSIONS,
        "roles": ROLES,
    }


def _operation(path: str, method: str, operation: dict[str, Any]) -> Operation:
    responses = operation["responses"]
    success = next(body for status, body in responses.items() if status.startswith("2"))
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=PREFIX + path,
        title=operation["summary"],
        text=operation.get("description", ""),
        permission=_permission(operation),
        parameters=[_parameter(one) for one in operation.get("parameters", ())],
        body=_content(operation.get("requestBody", {})),
        answer=_content(success) or success["description"],
        refusals=[status for status in responses if not status.startswith("2")],
    )


def _permission(operation: dict[str, Any]) -> str:
    return ", ".join(sorted({scope for way in operation["security"] for scopes in way.values() for scope in scopes}))


def _parameter(one: dict[str, Any]) -> Field:
    kind = _type(one["schema"]).removesuffix(" or null")  # left out, not sent as null
    return Field(one["name"], kind, one.get("required", False), one.get("description", ""))


def _schema(name: str, body: dict[str, Any]) -> Schema:
    required = body.get("required", ())
    members = [
        Field(member, _type(of), member in required, of.get("description", ""))
        for member, of in body.get("properties", {}).items()
    ]
    return Schema(name, body.get("description", ""), members)


def _content(part: dict[str, Any]) -> str:
    """Media types and what they hold: ``application/json (MessagePage)``."""
    kinds = [f"{media} ({_type(of['schema'])})" for media, of in part.get("content", {}).items()]
    return ", ".join(kinds)


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words: ``string (date-time)``, ``list of Order``, ``accepted | parked``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(word) for word in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    form = schema.get("format") or schema.get("contentMediaType", "")
    return str(schema.get("type", "anything")) + (f" ({form})" if form else "")
