"""Every refusal as problem details (RFC 9457): a stable `code` for programs, a sentence for people."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from common.errors import DomainError, InvalidInput, NotAllowed

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = {503: "2"}

TITLES = {
    400: _("This request can't be read."),
    401: _("Please sign in, or send a token."),
    403: _("You may not do this."),
    404: _("There is nothing here."),
    405: _("This address does not do that."),
    406: _("Answers come as JSON only."),
    409: _("That is not possible as things are."),
    412: _("It has changed since you read it."),
    413: _("This is too large."),
    415: _("Please send JSON."),
    422: _("Some of what you sent can't be right."),
    428: _("Something is missing from the request."),
    429: _("Too many requests. Please wait a little."),
    500: _("Something broke on our side."),
    503: _("This is not possible just now. Please try again."),
}
#: The code where an error of the framework has none of ours.
CODES = {
    400: "malformed",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "refused",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}


class Problem(exceptions.APIException):
    """A refusal of the API itself. `code` never changes once published; `status` is the HTTP status."""

    def __init__(self, status: int, code: str, detail: Any = None, *, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status
        self.headers = dict(headers or {})
        self.problem_code = code
        super().__init__(detail or TITLES[status], code)


def status_of(error: DomainError) -> int:
    """422 where a value that was sent is at fault, else what the kind of error says."""
    return 422 if error.field else usual_status(type(error))


def usual_status(kind: type[DomainError]) -> int:
    """422 for a value that can't be right, 403 for what somebody may not do, 503 for what will pass, else 409."""
    if issubclass(kind, InvalidInput):
        return 422
    if issubclass(kind, NotAllowed):
        return 403
    return 503 if kind.passes else 409


def answer(
    status: int,
    code: str,
    detail: Any = "",
    *,
    errors: list[dict[str, str]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a problem."""
    body: dict[str, Any] = {
        "type": f"/api/#{code}",
        "title": str(TITLES.get(status) or HTTPStatus(status).phrase),
        "status": status,
        "code": code,
        "detail": str(detail or TITLES.get(status) or HTTPStatus(status).phrase),
    }
    if errors:
        body["errors"] = errors
    return body | dict(more or {})


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Django REST framework's exception handler. None for what is a mistake of ours: that is a 500 and is logged."""
    found = _as_problem(exc, context.get("request"))
    if found is None:
        return None
    status, body, headers = found
    if status in RETRY_AFTER:
        headers.setdefault("Retry-After", RETRY_AFTER[status])
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def _as_problem(exc: Exception, request: Any = None) -> tuple[int, dict[str, Any], dict[str, str]] | None:
    if isinstance(exc, DomainError):
        return _of_domain(exc)
    if isinstance(exc, exceptions.ValidationError):
        return 422, answer(422, "invalid", errors=_pointing(exc, request)), {}
    if isinstance(exc, Problem):
        return exc.status_code, answer(exc.status_code, exc.problem_code, exc.detail), exc.headers
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(TITLES[404])
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, exceptions.APIException):
        status = exc.status_code
        headers = {}
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(-(-wait // 1)))
        if challenge := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        detail = TITLES[429] if status == 429 else exc.detail
        return status, answer(status, CODES.get(status, "refused"), detail), headers
    return None


def _of_domain(error: DomainError) -> tuple[int, dict[str, Any], dict[str, str]]:
    status = status_of(error)
    errors = None
    if status == 422:
        where = f"/{error.field}" if error.field else ""
        errors = [{"pointer": f"#{where}", "code": error.code, "detail": error.message}]
    numbers = {name: value for name, value in error.params.items() if isinstance(value, int)}
    return (
        status,
        answer(status, error.code, error.message, errors=errors, more={"params": numbers} if numbers else None),
        {},
    )


def _pointing(exc: exceptions.ValidationError, request: Any) -> list[dict[str, str]]:
    """Where each error is: a pointer into the body, or the name of the parameter in the address."""
    found = list(_field_errors(exc.get_full_details()))
    if request is None or request.method not in ("GET", "HEAD"):
        return found
    return [
        {"parameter": error["pointer"].removeprefix("#/").split("/")[0], **_without_pointer(error)} for error in found
    ]


def _without_pointer(error: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in error.items() if name != "pointer"}


def _field_errors(details: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Each wrong value with a JSON pointer to it (RFC 6901) into the body that was sent."""
    if isinstance(details, list):
        for place, one in enumerate(details):
            leaf = isinstance(one, dict) and set(one) == {"message", "code"}
            yield from _field_errors(one, at if leaf else f"{at}/{place}")
    elif isinstance(details, dict) and set(details) == {"message", "code"} and not isinstance(details["message"], dict):
        yield {"pointer": f"#{at}", "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, one in details.items():
            if name in ("non_field_errors", "form"):
                yield from _field_errors(one, at)
            else:
                yield from _field_errors(one, f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}")


def respond(request: HttpRequest, status: int, code: str = "", detail: Any = "") -> HttpResponse:
    """A problem where no view of the API is reached: an unknown address, a broken request, a crash."""
    body = answer(status, code or CODES[status], detail)
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False}, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response
