"""Photos on their way up, each by itself, before the entry that they belong to."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import AuthedRequest
from accounts.models import Farmer
from common.errors import InvalidInput
from field import held
from field.views import answers
from specialists.access import counties_of


@require_http_methods(["GET", "POST"])
@login_required
def photo_up(request: AuthedRequest) -> HttpResponse:
    """GET says which of the asked sums (`sum`, repeated) are here; POST takes one photo in. For farmers and specialists."""
    user, now = request.user, timezone.now()
    if not Farmer.objects.filter(user=user).exists() and not counties_of(user, timezone.localdate(now)):
        raise Http404
    if request.method == "GET":
        answer = JsonResponse({"here": held.held_already(user, request.GET.getlist("sum"))})
        answer["Cache-Control"] = "no-store"
        return answer
    upload = request.FILES.get("photo")
    if upload is None:
        return answers.wrong("photos", _("Please choose a photo."))
    try:
        kept = held.hold_photo(by=user, upload=upload, now=now)
    except InvalidInput as error:
        return answers.wrong("photos", error.message)
    return answers.held(kept.digest)
