"""Sharing: the page with link, text and poster, the short link itself, and what became of one's links."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import AuthedRequest
from common.errors import DomainError
from marketplace.carried import carried, carry
from marketplace.models import ShareLink
from marketplace.posters import poster
from marketplace.services import sharing
from marketplace.things import Thing, thing_of


@never_cache
@require_safe
def share_thing(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Link, text and poster of one thing: one's own link once it was made, the plain address before and for guests."""
    thing = _shown(kind, pk)
    link = _own(request).filter(kind=thing.kind, thing_id=pk).first()
    address = link_address(link) if link else settings.SITE_URL + thing.path
    context: dict[str, Any] = {
        "thing": thing,
        "link": link,
        "address": address,
        "text": text_for_friends(thing, address),
        "poster": reverse("marketplace:share_poster", args=[thing.slug, pk]),
        "days": settings.SHARE_DAYS,
    }
    return render(request, "marketplace/share.html", context)


@require_POST
@login_required
def share_make(request: AuthedRequest, kind: str, pk: int) -> HttpResponse:
    """Give the person a link of their own for it."""
    thing = _shown(kind, pk)
    try:
        sharing.make_link(sharer=request.user, thing=thing, now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect("marketplace:share_thing", thing.slug, pk)


@never_cache
@require_safe
def share_poster(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The poster; its code leads by one's own link, if there is one. 429 for whoever asks for too many."""
    thing = _shown(kind, pk)
    if not ratelimit.consume(request, action="share_poster"):
        return ratelimit.respond_429(request)
    link = _own(request).filter(kind=thing.kind, thing_id=pk).first()
    address = link_address(link) if link else settings.SITE_URL + thing.path
    response = HttpResponse(poster(thing, address), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="chushan-{thing.slug}-{pk}.jpg"'
    return response


@never_cache
@require_safe
def share_open(request: HttpRequest, code: str) -> HttpResponse:
    """Where a short link leads: on to the thing, remembering the link. One answer for codes that are wrong or over."""
    if not ratelimit.consume(request, action="share_open"):
        return ratelimit.respond_429(request)
    link = get_object_or_404(ShareLink, code=code.upper())
    thing = thing_of(link.kind, link.thing_id)
    if thing is None:
        raise Http404
    response = redirect(thing.path)
    if request.method == "GET" and link.sharer_id != request.user.pk:
        if carried(request) != link.code:
            sharing.count_opening(link_id=link.pk)
        carry(request, response, link.code)
    return response


def link_address(link: ShareLink) -> str:
    """The whole short address."""
    return settings.SITE_URL + reverse("marketplace:share_open", args=[link.code])


def text_for_friends(thing: Thing, address: str) -> str:
    """A few words to paste into a chat. No price: tomorrow it may be another."""
    if thing.kind == ShareLink.Kind.LIVE:
        said = _("%(farmer)s shows on Chushan what they grow: %(heading)s")
        if thing.when:
            said = _("%(farmer)s goes live on Chushan %(when)s: %(heading)s")
    elif thing.kind == ShareLink.Kind.FARM:
        said = _("%(farmer)s in %(where)s sells on Chushan what they grow, straight from the field.")
    else:
        said = _("%(heading)s from %(farmer)s in %(where)s: straight from who grew it.")
    facts = {"farmer": thing.farmer_name, "heading": thing.heading, "where": thing.where, "when": thing.when}
    return f"{said % facts} {address}"


def _shown(kind: str, pk: int) -> Thing:
    thing = thing_of(kind.upper(), pk)
    if thing is None:
        raise Http404
    return thing


def _own(request: HttpRequest) -> Any:
    return (
        ShareLink.objects.filter(sharer_id=request.user.pk)
        if request.user.is_authenticated
        else ShareLink.objects.none()
    )
