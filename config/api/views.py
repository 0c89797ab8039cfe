"""The schema as a file and as a page, and the answer where nothing is."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from common.api import problems
from config.api import reading
from config.api.schema import schema


@require_safe
def schema_file(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as JSON."""
    body = json.dumps(schema(), ensure_ascii=False)
    response = HttpResponse(body, content_type="application/vnd.oai.openapi+json;version=3.1; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"  # a public document: tools on other sites may read it
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same for people: every operation with what it takes and answers, and every code of a refusal."""
    context: dict[str, Any] = {"groups": reading.groups(schema()), "codes": reading.codes()}
    response = render(request, "api/index.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address below /api/ that is none."""
    return problems.respond(request, 404)
