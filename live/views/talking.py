"""What is said in a room: the list, saying something, and what can be done with one comment."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from accounts.models import Farmer
from common.errors import DomainError
from live import rendering, talk
from live.forms import ReportCommentForm
from live.models import Broadcast, Comment
from live.services import commenting, reporting
from marketplace.forms.fields import show_refusal
from marketplace.views.access import FarmerRequest, farmer_required

SHARED_SECONDS = 1


@never_cache
@require_GET
def comment_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said lately, for who has no events: made once a second for everybody."""
    get_object_or_404(Broadcast.objects.shown(), pk=pk)
    html = cache.get_or_set(f"live-comments:{pk}:{get_language()}", lambda: _made(pk), SHARED_SECONDS)
    return HttpResponse(html)


def _made(pk: int) -> str:
    return rendering.comments(Broadcast.objects.select_related("farmer").get(pk=pk))


@require_POST
@login_required
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something, or as the farmer answer; with htmx the form comes back, empty or with what was wrong."""
    get_object_or_404(Broadcast.objects.shown(), pk=pk)
    text, answers = request.POST.get("text", "")[:500], request.POST.get("answers", "")
    error = ""
    try:
        commenting.say(
            broadcast_id=pk,
            author=signed_in(request),
            text=text,
            now=timezone.now(),
            answers_id=int(answers) if answers.isdecimal() and len(answers) < 18 else None,
        )
        text = answers = ""
    except DomainError as refused:
        error = refused.message
    if request.htmx:  # type: ignore[attr-defined]
        context = {"broadcast": get_object_or_404(Broadcast, pk=pk), "error": error, "text": text}
        return render(request, "live/_say.html", context, status=422 if error else 200)
    if error:
        messages.error(request, error)
    return redirect("live:broadcast_detail", pk)


@require_http_methods(["GET", "POST"])
@login_required
def comment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What this person can do with a comment: report it; take one's own back; in one's own room pin, remove, mute."""
    seen = talk.comments_with(Comment.objects.shown().filter(broadcast__in=Broadcast.objects.shown()))
    comment = get_object_or_404(seen, pk=pk)
    user = signed_in(request)
    farmer = Farmer.objects.filter(user=user, pk=comment.broadcast.farmer_id).first()
    form = ReportCommentForm(request.POST if request.method == "POST" else None)
    act = request.POST.get("act", "")
    if request.method == "POST" and (act != "report" or form.is_valid()):
        try:
            done = _do(act, comment, farmer, request, form)
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            if done:
                return _after(request, comment, done)
            form.add_error(None, _("Please choose what to do."))
    context = {"comment": comment, "form": form, "is_farmer": bool(farmer), "is_own": comment.author_id == user.pk}
    template = "live/_comment_acts.html" if request.htmx else "live/comment.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


def _do(act: str, comment: Comment, farmer: Farmer | None, request: HttpRequest, form: ReportCommentForm) -> str:
    """Do it; what to say afterwards, "" for no such act."""
    user, now = signed_in(request), timezone.now()
    if act == "report":
        reporting.report_comment(comment_id=comment.pk, reporter=user, why=form.cleaned_data["why"], now=now)
        return _("Thank you. The moderators will look at it.")
    if act == "remove":
        commenting.remove_comment(comment_id=comment.pk, remover=user, now=now)
        return _("Removed.")
    if farmer and act in {"pin", "unpin"}:
        commenting.pin_comment(comment_id=comment.pk, farmer=farmer, pinned=act == "pin", now=now)
        return _("It stands above the others now.") if act == "pin" else _("It no longer stands above the others.")
    if farmer and act == "mute":
        commenting.mute_author(comment_id=comment.pk, farmer=farmer, now=now)
        return _("They can write nothing more in your broadcasts.")
    return ""


def _after(request: HttpRequest, comment: Comment, done: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "live/_comment_done.html", {"done": done})
    messages.success(request, done)
    return redirect("live:broadcast_detail", comment.broadcast_id)


@require_POST
@farmer_required
def unmute(request: FarmerRequest, pk: int) -> HttpResponse:
    """Let somebody write again."""
    mute: Any = get_object_or_404(request.farmer.mutes, pk=pk)
    commenting.unmute(mute_id=mute.pk, farmer=request.farmer)
    messages.success(request, _("They can write again."))
    return redirect("live:broadcast_own_list")
