"""What staff did, for administrators to read; and the way on for what staff had typed when their second step was old."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from accounts.queries import acts
from accounts.second_step import kept_form

PAGE = 50


@login_required
@require_safe
def act_list(request: AuthedRequest) -> HttpResponse:
    """Newest first; a person, a kind or a thing narrows it down."""
    if not request.user.is_staff:
        raise Http404
    actor, kind, about = (request.GET.get(name, "").strip()[:80] for name in ("actor", "kind", "about"))
    number = int(actor) if actor.isascii() and actor.isdecimal() and len(actor) < 19 else None
    found = list(acts(actor=number, kind=kind, about=about, after=_keys(request.GET.get("after", "")))[: PAGE + 1])
    next_page = ""
    if len(found) > PAGE:
        last = found[PAGE - 1]
        wanted = {"actor": actor, "kind": kind, "about": about, "after": f"{last.at.isoformat()}~{last.pk}"}
        next_page = f"?{urlencode({name: value for name, value in wanted.items() if value})}"
    context = {"acts": found[:PAGE], "next_page": next_page, "actor": actor, "kind": kind, "about": about}
    return render(request, "accounts/act_list.html", context)


@never_cache
@login_required
@require_safe
def go_on(request: AuthedRequest) -> HttpResponse:
    """After the second step: what they had typed, to be sent now by one tap."""
    if not (request.user.is_staff or request.user.is_moderator):
        raise Http404
    kept = kept_form(request)
    if kept is None:
        return redirect("marketplace:moderation_queue" if request.user.is_moderator else "admin:index")
    path, fields = kept
    said = [value for name, value in fields if name in {"words", "reason"} and value.strip()]
    return render(request, "accounts/go_on.html", {"path": path, "fields": fields, "said": said})


def _keys(after: str) -> tuple[datetime, int] | None:
    """The last act's keys out of the pager's link; a link that makes no sense starts from the front."""
    text, _tilde, pk = after.partition("~")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at, int(pk)) if at.tzinfo and pk.isascii() and pk.isdecimal() and len(pk) < 19 else None
