"""The moderators' desk: the queue, one decision at a time, taking down and putting back."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.queries import is_close_to
from common.errors import DomainError, WrongState
from marketplace.errors import AlreadyDecided
from marketplace.forms.fields import show_refusal
from marketplace.forms.moderation import DecisionForm, TakeDownForm, Verdict
from marketplace.models import Listing, ListingRevision, Storefront
from marketplace.queries import moderation as queries
from marketplace.queries.signals import signals_of, signals_of_story
from marketplace.services import moderation
from marketplace.views.access import SignedInRequest, moderator_required


@require_GET
@moderator_required
def queue(request: SignedInRequest) -> HttpResponse:
    """Everything that waits, oldest first."""
    rows = queries.waiting_revisions(_cursor(request.GET.get("after", "")))
    signals = signals_of(rows)
    for row in rows:
        row.signals = signals[row.pk]  # type: ignore[attr-defined]  # for the template
    more = ""
    if len(rows) == queries.PAGE_SIZE and (last := rows[-1]).submitted_at:
        more = f"?after={last.submitted_at.timestamp():.6f}_{last.pk}"
    context = {
        "revisions": rows,
        "next_page": more,
        "storefronts": [] if "after" in request.GET else queries.waiting_storefronts(),
        "now": timezone.now(),
    }
    return render(request, "marketplace/moderation/queue.html", context)


def _cursor(text: str) -> tuple[datetime, int] | None:
    """What a "more" link carries: when the last row was sent, and its pk. Nonsense means from the beginning."""
    at, _sep, pk = text.partition("_")
    try:
        return datetime.fromtimestamp(float(at), tz=timezone.get_default_timezone()), min(int(pk), 2**63 - 1)
    except (ValueError, OverflowError, OSError):
        return None


@require_GET
@moderator_required
def revision(request: SignedInRequest, pk: int) -> HttpResponse:
    """One revision beside what is shown now."""
    return _show_revision(request, _revision(pk))


@require_POST
@moderator_required
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve, ask for a change, reject."""
    about = _revision(pk)
    form = DecisionForm(request.POST, language=about.listing.farmer.user.language)
    if not form.is_valid():
        return _show_revision(request, about, form, 422)
    try:
        moderation.decide_revision(
            revision_id=pk,
            moderator=request.user,
            verdict=Verdict(form.cleaned_data["verdict"]),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except (AlreadyDecided, WrongState) as error:
        return _too_late(request, _revision(pk), error)
    except DomainError as error:
        show_refusal(form, error)
        return _show_revision(request, about, form, 422)
    messages.success(request, _("Decided. The farmer has been told."))
    following = queries.next_waiting(request.user, about)
    return (
        redirect("marketplace:moderation_revision", following)
        if following
        else redirect("marketplace:moderation_queue")
    )


def _revision(pk: int) -> ListingRevision:
    whole = ListingRevision.objects.select_related(
        "produce",
        "listing__produce",
        "listing__approved_revision",
        "listing__farmer__user",
        "listing__farmer__county__province",
    ).exclude(status=ListingRevision.Status.DRAFT)
    return get_object_or_404(whole, pk=pk)


def _show_revision(
    request: SignedInRequest, about: ListingRevision, form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    farmer = about.listing.farmer
    context = {
        "revision": about,
        "listing": about.listing,
        "comparison": queries.compare(about),
        "record": queries.record_of(farmer),
        "signals": signals_of([about])[about.pk],
        "lot": None if about.listing.approved_revision_id else about.listing.lots.first(),
        "decision": about.decisions.select_related("decided_by").first(),
        "is_own": is_close_to(request.user, farmer),
        "form": form or DecisionForm(language=farmer.user.language),
    }
    return render(request, "marketplace/moderation/revision.html", context, status=status)


def _too_late(request: SignedInRequest, about: ListingRevision, error: DomainError) -> HttpResponse:
    """Someone else decided, or the farmer changed it: say so, and lead on."""
    context = {
        "error": error,
        "revision": about,
        "decision": about.decisions.select_related("decided_by").first(),
        "newer": about.listing.revisions.filter(status=ListingRevision.Status.WAITING).first(),
    }
    return render(request, "marketplace/moderation/too_late.html", context, status=409)


@require_http_methods(["GET", "POST"])
@moderator_required
def take_down(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a listing away from buyers, with a reason."""
    approved = Listing.objects.filter(approved_revision__isnull=False)
    listing = get_object_or_404(approved.select_related("produce", "cover", "farmer__user", "county"), pk=pk)
    form = TakeDownForm(request.POST if request.method == "POST" else None, language=listing.farmer.user.language)
    if request.method == "POST" and form.is_valid():
        try:
            moderation.take_down(
                listing_id=pk, moderator=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
            )
            messages.success(request, _("Taken down. The farmer has been told."))
            return redirect("marketplace:listing_take_down", pk)
        except DomainError as error:
            show_refusal(form, error)
    context = {"listing": listing, "form": form, "record": queries.record_of(listing.farmer)}
    return render(request, "marketplace/moderation/take_down.html", context, status=422 if form.errors else 200)


@require_POST
@moderator_required
def put_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let buyers see it again."""
    get_object_or_404(Listing, pk=pk, approved_revision__isnull=False)
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:300]
    try:
        moderation.put_back(listing_id=pk, moderator=request.user, reason=reason, now=timezone.now())
        messages.success(request, _("Put back. The farmer has been told."))
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect("marketplace:listing_take_down", pk)


def _time(text: str) -> datetime | None:
    """A time as our own form sends it; None for anything else."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo else None


@require_http_methods(["GET", "POST"])
@moderator_required
def storefront(request: SignedInRequest, pk: int) -> HttpResponse:
    """A proposed story and photo beside what is shown now."""
    shop = get_object_or_404(
        Storefront.objects.select_related("photo", "proposed_photo", "farmer__user", "farmer__county__province"), pk=pk
    )
    form = DecisionForm(request.POST if request.method == "POST" else None, language=shop.farmer.user.language)
    if request.method == "POST" and form.is_valid():
        try:
            moderation.decide_storefront(
                storefront_id=pk,
                proposed_at=_time(request.POST.get("proposed_at", "")) or timezone.now(),
                moderator=request.user,
                verdict=Verdict(form.cleaned_data["verdict"]),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
            messages.success(request, _("Decided. The farmer has been told."))
            return redirect("marketplace:moderation_queue")
        except DomainError as error:
            show_refusal(form, error)
    context = {
        "shop": shop,
        "form": form,
        "words": queries.words_diff(shop.story, shop.proposed_story),
        "signals": signals_of_story(shop),
        "record": queries.record_of(shop.farmer),
        "is_own": is_close_to(request.user, shop.farmer),
    }
    return render(request, "marketplace/moderation/storefront.html", context, status=422 if form.errors else 200)
