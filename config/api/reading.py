"""The schema for people: operations by subject, what each takes, a command to try, and the codes of refusals."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from common.api.problems import usual_status
from common.errors import DomainError

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Operation:
    """One thing that can be done at one address."""

    name: str
    method: str
    path: str
    summary: str
    is_open: bool
    scopes: list[str]
    parameters: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    answers: list[str]
    command: str


@dataclass
class Group:
    """What belongs together."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def groups(schema: dict[str, Any]) -> list[Group]:
    """Every operation of the schema, by tag."""
    found: dict[str, Group] = defaultdict(lambda: Group(""))
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                tag = operation["tags"][0]
                found[tag].name = tag
                found[tag].operations.append(_operation(schema, path, method, operation))
    return [found[name] for name in sorted(found)]


def codes() -> list[tuple[str, str]]:
    """The code of every refusal of the domain with its HTTP status, for programs to look up."""
    seen = {error.code: str(usual_status(error)) for error in _all(DomainError)}
    return sorted(seen.items())


def _all(base: type[DomainError]) -> Iterator[type[DomainError]]:
    yield base
    for child in base.__subclasses__():
        yield from _all(child)


def _operation(schema: dict[str, Any], path: str, method: str, found: dict[str, Any]) -> Operation:
    body = _body(schema, found)
    return Operation(
        name=found["operationId"],
        method=method.upper(),
        path=path,
        summary=found.get("description", "") or found.get("summary", ""),
        is_open={} in found.get("security", []),
        scopes=found.get("x-scopes", []),
        parameters=[one for one in found.get("parameters", []) if one["in"] != "path"],
        fields=[
            {"name": name, "kind": _kind(schema, one), "required": name in body.get("required", []), **_words(one)}
            for name, one in body.get("properties", {}).items()
        ],
        answers=sorted(found["responses"]),
        command=_command(path, method, found, body, schema),
    )


def _body(schema: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    for media in content.values():
        return _resolved(schema, media.get("schema", {}))
    return {}


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return dict(schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]])
    for one in part.get("allOf", []):
        return _resolved(schema, one)
    return part


def _kind(schema: dict[str, Any], part: dict[str, Any]) -> str:
    found = _resolved(schema, part)
    if "enum" in found:
        return " | ".join(str(one) for one in found["enum"])
    kind = found.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _words(part: dict[str, Any]) -> dict[str, str]:
    return {"words": str(part.get("description", ""))}


def _command(path: str, method: str, found: dict[str, Any], body: dict[str, Any], schema: dict[str, Any]) -> str:
    lines = [f"curl -X {method.upper()} {settings.SITE_URL}{path}"]
    if found.get("x-scopes"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if any(one["name"] == "Idempotency-Key" for one in found.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body.get("properties"):
        sample = {
            name: _sample(schema, one) for name, one in body["properties"].items() if name in body.get("required", [])
        }
        lines += ['-H "Content-Type: application/json"', f"-d '{json.dumps(sample, ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)


def _sample(schema: dict[str, Any], part: dict[str, Any]) -> Any:
    found = _resolved(schema, part)
    if "enum" in found:
        return found["enum"][0]
    kind = found.get("type", "")
    return {"integer": 1, "boolean": True, "array": [], "object": {}}.get(
        kind if isinstance(kind, str) else kind[0], "…"
    )
