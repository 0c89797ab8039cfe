"""Writing reviews, and the moderators' queue of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import AuthedRequest
from common.errors import DomainError
from marketplace.views.kept_photos import keep_for_next_try, sent_before
from orders import queries
from orders.forms import ReviewDecisionForm, ReviewForm
from orders.models import OrderLine, Review
from orders.services import reviews

PAGE = 20


@require_http_methods(["GET", "POST"])
@login_required
def review_create(request: AuthedRequest, number: str, pk: int) -> HttpResponse:
    """The buyer's own parcel's number and a listing in it."""
    line = (
        OrderLine.objects.filter(parcel__number=number, listing_id=pk, parcel__order__buyer=request.user)
        .select_related("parcel__order", "parcel__farmer", "listing__cover", "listing__produce")
        .first()
    )
    if line is None:
        raise Http404
    form = ReviewForm(request.POST or None, request.FILES or None)
    kept, status = sent_before(request), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            sent = form.cleaned_data
            try:
                reviews.write_review(
                    parcel_id=line.parcel_id,
                    listing_id=pk,
                    buyer=request.user,
                    stars=sent["stars"],
                    words=sent["words"],
                    uploads=[*kept, *(sent["photos"] or [])],
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
                status = 422 if error.field else 409
            else:
                messages.success(
                    request, _("Thank you! Your stars count at once; a moderator looks at the words first.")
                )
                return redirect(f"{reverse('orders:order_detail', args=[line.parcel.order.number])}#{number}")
        kept = keep_for_next_try(request, kept, reviews.MAX_PHOTOS)
    context = {"form": form, "line": line, "kept_photos": kept}
    return render(request, "orders/review_form.html", context, status=status)


@require_GET
@login_required
def review_queue(request: AuthedRequest) -> HttpResponse:
    _moderators_only(request)
    return _show_queue(request)


@require_POST
@login_required
def review_decide(request: AuthedRequest, pk: int) -> HttpResponse:
    """Show or hide one review; with an error the queue again, what was typed kept at that review."""
    _moderators_only(request)
    review = get_object_or_404(Review, pk=pk)
    form = ReviewDecisionForm(request.POST)
    if not form.is_valid():
        return _show_queue(request, pk, form, 422)
    try:
        reviews.decide_review(review_id=review.pk, moderator=request.user, now=timezone.now(), **form.cleaned_data)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _show_queue(request, pk, form, 422 if error.field else 409)
    return redirect("orders:review_queue")


def _moderators_only(request: AuthedRequest) -> None:
    if not request.user.is_moderator:
        raise Http404


def _show_queue(
    request: AuthedRequest, review_id: int = 0, form: ReviewDecisionForm | None = None, status: int = 200
) -> HttpResponse:
    waiting = [
        {
            "review": review,
            "form": form if form and review.pk == review_id else ReviewDecisionForm(auto_id=f"r{review.pk}_%s"),
        }
        for review in queries.waiting_reviews()[:PAGE]
    ]
    if form and all(item["form"] is not form for item in waiting):
        for error in form.non_field_errors():
            messages.error(request, str(error))
    return render(request, "orders/review_queue.html", {"waiting": waiting}, status=status)
