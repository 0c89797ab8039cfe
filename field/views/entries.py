"""Filling in an entry, sending it, and seeing what arrived. A phone sends the same form as a browser without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import AuthedRequest
from accounts.models import Consent, Farmer, User
from common.errors import DomainError, NotAllowed
from field import services
from field.errors import ChangedMeanwhile
from field.held import as_uploads, hold_for_next_try
from field.kinds import KINDS, Kind
from field.models import EntryPhoto
from field.queries import taken_in
from field.reading import digest_of, read_key, read_made_at, wants_json
from field.sent import Sent
from field.views import answers
from marketplace.forms.fields import show_refusal
from marketplace.models import Photo
from marketplace.views.access import FarmerRequest, farmer_required
from specialists.access import PostedRequest, household, posted_required


@require_GET
@farmer_required
def home(request: FarmerRequest) -> HttpResponse:
    """What waits on this phone, what can be written down, what arrived."""
    return _home(request, request.farmer)


@require_GET
@posted_required
def home_for(request: PostedRequest, pk: int) -> HttpResponse:
    """The same, for a household that consented."""
    return _home(request, _consenting(request, pk))


@require_http_methods(["GET", "POST"])
@farmer_required
def entry(request: FarmerRequest, kind: str) -> HttpResponse:
    """One kind of entry: the form, which the browser keeps, and taking it in."""
    return _entry(request, _kind(kind), request.farmer, request.user)


@require_http_methods(["GET", "POST"])
@posted_required
def entry_for(request: PostedRequest, pk: int, kind: str) -> HttpResponse:
    """The same by a specialist. A consent that ended meanwhile is said to whoever sends, and nothing is done."""
    found = _kind(kind)
    farmer = household(request, pk) if request.method == "POST" and wants_json(request) else _consenting(request, pk)
    return _entry(request, found, farmer, request.user)


@require_POST
@farmer_required
def withdraw(request: FarmerRequest, kind: str) -> HttpResponse:
    """The phone throws away what may have arrived."""
    return _withdraw(request, _kind(kind), request.farmer, request.user)


@require_POST
@posted_required
def withdraw_for(request: PostedRequest, pk: int, kind: str) -> HttpResponse:
    """The same by a specialist."""
    return _withdraw(request, _kind(kind), household(request, pk), request.user)


@require_GET
@login_required
def photo(request: AuthedRequest, pk: int, width: int) -> FileResponse:
    """One clean copy of a photo that came with an entry, for the farmer alone; kept by no cache."""
    theirs = EntryPhoto.objects.filter(entry__farmer__user=request.user, photo__status=Photo.Status.READY)
    found = get_object_or_404(theirs.select_related("photo"), pk=pk).photo
    path = found.path(found.size_for(width))
    if not found.storage.exists(path):
        raise Http404
    response = FileResponse(found.storage.open(path), content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    return response


def _kind(slug: str) -> Kind[Any]:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def _consenting(request: PostedRequest, pk: int) -> Farmer:
    """A household that let this specialist act for it; else 404. The service asks again."""
    farmer = household(request, pk)
    standing = Consent.objects.filter(farmer=farmer, specialist=request.user, state=Consent.State.STANDS)
    if not standing.exists():
        raise Http404
    return farmer


def _home(request: FarmerRequest | PostedRequest, farmer: Farmer) -> HttpResponse:
    own = farmer.user_id == request.user.pk
    words = {str(kind.name): kind.words for kind in KINDS.values()}
    context = {
        "farmer": farmer,
        "own": own,
        "kinds": [{"kind": kind, "url": _address(kind, farmer, own)} for kind in KINDS.values()],
        "arrived": [{"entry": each, "words": words[each.kind]} for each in taken_in(farmer, request.user)],
    }
    return render(request, "field/home.html", context)


def _address(kind: Kind[Any], farmer: Farmer, own: bool) -> str:
    if own:
        return reverse("field:entry", args=[kind.slug])
    return reverse("field:entry_for", args=[farmer.pk, kind.slug])


def _entry(request: HttpRequest, kind: Kind[Any], farmer: Farmer, by: User) -> HttpResponse:
    now = timezone.now()
    made_at = read_made_at(request, now)
    choices, form_class = kind.choices(farmer), kind.form_for(own=farmer.user_id == by.pk)
    if request.method == "GET":
        wanted = request.GET.get("thing", "")
        chosen = next((value for value, _words in choices if value.partition("@")[0] == wanted), "")
        first = {"thing": chosen} | kind.first_values(farmer)
        form = form_class(choices=choices, made_at=now, initial=first)
        return _page(request, kind, farmer, by, form, uuid4())
    key, files, dropped = read_key(request, "key"), request.FILES.copy(), request.POST.getlist("drop")
    uploads = as_uploads(by, [digest for digest in request.POST.getlist("held") if digest not in dropped])
    if uploads is None and wants_json(request):
        return _without_photos(request, kind, farmer, by, key)
    files.setlist("photos", [*(uploads or []), *files.getlist("photos")])
    form = form_class(request.POST, files, choices=choices, made_at=made_at)
    if uploads is None:
        form.add_error("photos", _("Please choose the photos again."))
    if key is None:
        form.add_error(None, _("Please send this again."))
    if not form.is_valid() or key is None:
        return _refused(request, kind, farmer, by, form)
    thing, version = form.cleaned_data.get("thing", (0, ""))
    sent = Sent(
        key=key,
        farmer=farmer,
        by=by,
        digest=digest_of(request, kind.slug),
        made_at=made_at,
        values=form.values(),
        thing=thing,
        version=version,
        replaces=read_key(request, "replaces"),
        photos=form.cleaned_data["photos"],
    )
    return _take(request, kind, sent, form)


def _without_photos(request: HttpRequest, kind: Kind[Any], farmer: Farmer, by: User, key: UUID | None) -> HttpResponse:
    """It names photos that are not here: done before, and they were forgotten since, or the phone sends them once more."""
    digest = digest_of(request, kind.slug)
    before = services.done_before(key=key, farmer=farmer, by=by, digest=digest) if key else None
    return answers.done(before) if before else answers.later()


def _take(request: HttpRequest, kind: Kind[Any], sent: Sent, form: Any) -> HttpResponse:
    try:
        taken = services.take_entry(kind, sent, now=timezone.now())
    except ChangedMeanwhile as error:
        if wants_json(request):
            return answers.conflict(error)
        return _page(
            request, kind, sent.farmer, sent.by, _again(request, kind, sent, error, form), uuid4(), conflict=error
        )
    except NotAllowed as error:
        if not wants_json(request):
            raise Http404 from error
        show_refusal(form, error)
        return answers.refused(form, 404)
    except DomainError as error:
        show_refusal(form, error)
        return _refused(request, kind, sent.farmer, sent.by, form, 503 if error.passes else 422)
    if wants_json(request):
        return answers.done(taken)
    messages.success(request, _("Done."))
    return redirect(taken.link)


def _refused(
    request: HttpRequest, kind: Kind[Any], farmer: Farmer, by: User, form: Any, status: int = 422
) -> HttpResponse:
    if wants_json(request):
        return answers.refused(form, status)
    return _page(request, kind, farmer, by, form, uuid4(), status=status)


def _page(
    request: HttpRequest,
    kind: Kind[Any],
    farmer: Farmer,
    by: User,
    form: Any,
    key: UUID,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form; with `conflict`, beside how the thing is now, for its writer to send again or leave."""
    own, uploads = farmer.user_id == by.pk, form.files.getlist("photos")[: form.most_photos] if form.is_bound else []
    context = {
        "kind": kind,
        "farmer": farmer,
        "own": own,
        "form": form,
        "key": key,
        "conflict": conflict,
        "has_things": "thing" not in form.fields or bool(form.fields["thing"].widget.choices),
        "home": reverse("field:home") if own else reverse("field:home_for", args=[farmer.pk]),
        "held": hold_for_next_try(by, uploads, now=timezone.now()),
    }
    response = render(request, "field/entry.html", context, status=409 if conflict else status)
    response.uses_voice = True  # type: ignore[attr-defined]  # config.middleware lets this page's script listen
    return response


def _again(request: HttpRequest, kind: Kind[Any], sent: Sent, error: ChangedMeanwhile, form: Any) -> Any:
    """What was typed, about the thing as it is now: sent once more, it is done all the same."""
    data = request.POST.copy()
    data["thing"] = value = f"{sent.thing}@{error.version}"
    choices = kind.choices(sent.farmer)
    if value not in dict(choices):
        choices.append((value, " · ".join(each for _label, each in error.rows)))
    form_class = kind.form_for(own=not sent.is_delegated)
    return form_class(data, form.files, choices=choices, made_at=sent.made_at)


def _withdraw(request: HttpRequest, kind: Kind[Any], farmer: Farmer, by: User) -> HttpResponse:
    key = read_key(request, "key")
    if key is None:
        raise Http404
    try:
        services.withdraw_entry(key=key, kind=kind, farmer=farmer, by=by, now=timezone.now())
    except NotAllowed as error:
        raise Http404 from error
    except DomainError as error:
        return answers.problem(error, 409)
    return answers.withdrawn()
