"""The pages for when something is wrong: calm, in the reader's language, with a way on. Programs get problem details."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.api import problems


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problems.respond(request, 400)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problems.respond(request, 403)
    return render(request, "403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the right token: mostly a page left open while its reader signed in or out in another one."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problems.respond(request, 404)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Static: the database may be what broke. While it is away the answer is 503, which says to ask again soon."""
    status = 503 if isinstance(sys.exception(), InterfaceError | OperationalError) else 500
    response = problems.respond(request, status) if _is_program(request) else _static_page(status)
    if status in problems.RETRY_AFTER:
        response["Retry-After"] = problems.RETRY_AFTER[status]
    return response


def _static_page(status: int) -> HttpResponse:
    from django.template.loader import get_template

    return HttpResponse(get_template("500.html").render({}), status=status)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/v")
