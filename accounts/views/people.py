"""/me/: everything that is one's own, in one calm page."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.people import NameForm
from accounts.http import AuthedRequest
from accounts.queries import roles_of
from accounts.services import people
from common.errors import InvalidInput
from common.signing import State


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: AuthedRequest) -> HttpResponse:
    """The page; a POST changes the display name."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        try:
            people.rename(user_id=request.user.pk, name=form.cleaned_data["name"])
        except InvalidInput as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:me")
    waiting = request.user.recoveries.filter(state=State.PREPARED).first()
    context = {"form": form, "recovery": waiting, **roles_of(request.user, timezone.localdate())}
    return render(request, "accounts/me.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def sign_out_everywhere(request: AuthedRequest) -> HttpResponse:
    """This browser stays signed in; no other does, and no token opens anything any more."""
    user = people.sign_out_everywhere(user_id=request.user.pk, now=timezone.now())
    update_session_auth_hash(request, user)
    messages.success(request, _("Done. You are signed in here and nowhere else."))
    return redirect("accounts:me")
