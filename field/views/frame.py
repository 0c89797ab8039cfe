"""What every farmer's and specialist's page carries: the bar of what waits on the phone, the worker, the app's manifest."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from field.queries import person_of

FARMERS = ("/sell/", "/field/")
SPECIALISTS = ("/specialist/", "/field/for/")


def frame_of(request: HttpRequest) -> dict[str, str] | None:
    """None on pages that are not theirs: buyers load none of it."""
    if not request.path.startswith((*FARMERS, *SPECIALISTS)):
        return None
    user = request.user
    if not user.is_authenticated:
        return None
    who = "specialist" if request.path.startswith(SPECIALISTS) else "farmer"
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    return {
        "person": person_of(user),
        "manifest": reverse("field:manifest", args=[who, language]),
        "home": reverse("specialists:home" if who == "specialist" else "field:home"),
        "for": reverse("field:home_for", args=[0]) if who == "specialist" else "",
    }
