"""What staff did, for administrators to read. Nothing here changes anything, and nothing can."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from accounts.queries import acts

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


def _keys(after: str) -> tuple[datetime, int] | None:
    """The last act's keys out of the pager's link; a link that makes no sense starts from the front."""
    text, _tilde, pk = after.partition("~")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at, int(pk)) if at.tzinfo and pk.isascii() and pk.isdecimal() and len(pk) < 19 else None
