"""The two sign-in pages: asking for a code, and typing it. allauth runs them; here are our answers.

What is ours: errors come with status 422, a new code has to wait its minute like the first one, a wrong code is counted
where parallel requests can't outrun the count, and somebody blocked sees what everybody sees.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import ConfirmLoginCodeView, LoginView, RequestLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.contacts import show_phone
from accounts.forms.sign_in import TOO_SOON, may_send_code
from accounts.services.tries import count_try
from accounts.views.answers import SayWhatIsWrong


class AskForCodeView(SayWhatIsWrong, RequestLoginCodeView):
    """A phone number or an e-mail address in, a code out."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> HttpResponseRedirect | None:
        """To the code that was asked for before, without forgetting where they want to go now."""
        if stage.urlname != "account_confirm_login_code":
            return super()._redirect_to_pending_stage(request, stage)
        return HttpResponseRedirect(self.passthrough_next_url(reverse(stage.urlname)))


class ConfirmCodeView(ConfirmLoginCodeView):
    """The code in, signed in. At most 5 tries and 5 minutes; bound to this session."""

    _process: Any = False  # allauth sets it, to None for a code that is too old

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self._process is None:
            messages.error(request, _("The code was valid for 5 minutes. Please ask for a new one."))
            return self._start_again()
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._action == "verify" and _tries(request, self._process) > settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS:
            self._process.abort()
            messages.error(request, get_adapter().error_messages["too_many_login_attempts"])
            return self._start_again()
        return super().post(request, *args, **kwargs)

    def _start_again(self) -> HttpResponse:
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_request_login_code")))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if "code" in kwargs and self._process.user is None:
            kwargs["code"] = ""  # blocked, or forgotten meanwhile: no code is right
        return kwargs

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if response.status_code == 200:
            response.status_code = 422
        return response

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        process = self._process
        if not may_send_code(process.state.get("phone") or process.state["email"]):
            messages.error(self.request, TOO_SOON)
        else:
            if process.user is not None:
                process.state["at"] = time.time()  # five minutes from now, as the message says
                process.resend()
            messages.success(self.request, _("A new code is on its way."))
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        phone = self._process.state.get("phone")
        context["contact"] = show_phone(phone) if phone else self._process.state.get("email")
        return context


class PasswordSignInView(SayWhatIsWrong, LoginView):
    """For those who set a password."""


def _tries(request: HttpRequest, process: Any) -> int:
    """How often a code was tried in this sign-in, this time included.

    allauth's own count is read from and written to the session, so requests sent at once would each see the old one.
    """
    return count_try(f"{request.session.session_key}:{process.stage.login.initiated_at}")
