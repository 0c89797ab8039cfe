"""The OpenAPI schema: made from the code, with what every operation has in common said once, here."""

import json
import re
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

from common.api.permissions import Scope, SignedIn, scopes_for
from common.api.problems import CONTENT_TYPE, TITLES

V1 = "/api/v1/"
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: programs may rely on it."},
        "detail": {"type": "string", "description": "For people, in the language asked for."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer into the body that was sent."},
                    "parameter": {"type": "string", "description": "The parameter in the address."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "params": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        scopes = "; ".join(f"`{scope.value}`: {scope.label}" for scope in Scope)
        return {"type": "http", "scheme": "bearer", "description": f"A token made at /me/tokens/. Scopes: {scopes}."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The site's session; what changes something also needs X-CSRFToken.",
        }


class Operation(AutoSchema):
    """One operation, with the problems it can answer, the headers it reads, and the scopes it needs."""

    def get_operation(self, path: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(path, *args, **kwargs)
        if operation is None:
            return None
        action = getattr(self.view, self.view.action, None) if getattr(self.view, "action", None) else None
        if getattr(action, "needs_idempotency_key", False):
            operation.setdefault("parameters", []).insert(0, IDEMPOTENCY_KEY)
        if getattr(action, "takes_if_match", False):
            operation.setdefault("parameters", []).insert(0, IF_MATCH)
        for status in self._problems(action, operation):
            operation["responses"].setdefault(str(status), problem(status))
        if wanted := self._scopes():
            operation["x-scopes"] = sorted(wanted)
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_operation_id(self) -> str:
        """ "address_create": the resource and what is done, as the code calls them."""
        resource = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__.removesuffix("ViewSet")).lower()
        return f"{resource}_{self.view.action}"

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", None) or super().get_tags()[0]]

    def get_auth(self) -> list[dict[str, Any]]:
        needed = any(isinstance(one, SignedIn) for one in self.view.get_permissions())
        found = super().get_auth()
        return [one for one in found if one] if needed else [*[one for one in found if one], {}]

    def _scopes(self) -> set[str]:
        scope = getattr(self.view, "scope", None)
        return scopes_for(scope, self.method) if scope else set()

    def _problems(self, action: Any, operation: dict[str, Any]) -> set[int]:
        """All that this operation may answer beside what it is for."""
        reads = self.method in SAFE_METHODS
        found = {401, 403, 404, 406, 429, 503}
        if operation.get("parameters") or not reads:
            found |= {400, 422}
        if not reads:
            found |= {409, 413, 415}
        if getattr(action, "takes_if_match", False):
            found.add(412)
        return found


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Any text used for this request only, kept for 48 hours: asked again with it, the answer is the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "example": "6f1c0f3c-4f0e-4a3f-9a55-3d1f6f2b7a10",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read: refused with 412 if the thing has changed since.",
    "schema": {"type": "string"},
}


def problem(status: int) -> dict[str, Any]:
    """A problem's response."""
    return {
        "description": str(TITLES[status]),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def only_v1(endpoints: list[Any]) -> list[Any]:
    """What is below /api/v1/ and nothing else."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(V1)]


def closed_inputs(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Input objects take their fields and no others; and the schema of problems is added."""
    schemas = result["components"].setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name, schema in schemas.items():
        if name.endswith("InputRequest") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def schema() -> dict[str, Any]:
    """The schema, in the language of the moment."""
    return _schema(get_language() or "en")


@lru_cache(maxsize=4)
def _schema(language: str) -> dict[str, Any]:
    with override(language):
        made = SchemaGenerator().get_schema(request=None, public=True)
    return dict(json.loads(json.dumps(made, default=str)))


def as_file() -> str:
    """The schema as it is kept in docs/openapi.json: in English, sorted, so that a change shows in a diff."""
    with override("en"):
        return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
