"""What makes the farmers' pages an app on the phone: the service worker, the manifest, and who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.http import AuthedRequest
from field.queries import person_of

ICONS = [
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
]
SHELL = [
    "css/chushan.css",
    "css/selling.css",
    "css/field.css",
    "js/chushan.js",
    "js/field-store.js",
    "js/field.js",
    "js/field-form.js",
    "js/shrink.js",
    "js/field-list.js",
]
LOCALES = {"en": "en", "zh-hans": "zh-Hans"}


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps farmers' pages and lessons that were opened, and sends what waits. Nothing of a buyer's."""
    return render(
        request,
        "field/worker.js",
        {"shell": [static(name) for name in SHELL]},
        content_type="text/javascript; charset=utf-8",
    )


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest, who: str, language: str) -> HttpResponse:
    """What the phone needs to put the shop on its home screen, opening at the farmer's or the specialist's first page."""
    with override(language):
        answer = {
            "id": f"/?app={who}",
            "name": _("Chushan: my farm") if who == "farmer" else _("Chushan: my county"),
            "short_name": _("Chushan"),
            "description": _("Sell what you grow. Works without signal, too."),
            "lang": LOCALES[language],
            "start_url": reverse("orders:farmer_home" if who == "farmer" else "specialists:home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#faf7f0",
            "theme_color": "#1d5b43",
            "icons": [
                {"src": static(f"img/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
                for name, sizes, purpose in ICONS
            ],
            "shortcuts": [{"name": _("Write down without signal"), "url": reverse("field:home")}],
        }
    return JsonResponse(answer, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_GET
@login_required
def token(request: AuthedRequest) -> JsonResponse:
    """Whose session this is, and its token for sending forms: a page that was kept has an old one."""
    answer = JsonResponse({"person": person_of(request.user), "token": get_token(request)})
    answer["Cache-Control"] = "no-store"
    return answer
