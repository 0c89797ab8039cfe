"""Addresses under /accounts/: the parts of django-allauth this shop uses. What isn't listed isn't there."""

from allauth.account import views as allauth
from django.urls import include, path

from accounts.views.secrets import ActivateTotpView, ChangePasswordView, ConfirmPasswordView, SetPasswordView
from accounts.views.sign_in import AskForCodeView, ConfirmCodeView, PasswordSignInView

urlpatterns = [
    path("login/code/", AskForCodeView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", ConfirmCodeView.as_view(), name="account_confirm_login_code"),
    path("login/", PasswordSignInView.as_view(), name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("password/change/", ChangePasswordView.as_view(), name="account_change_password"),
    path("password/set/", SetPasswordView.as_view(), name="account_set_password"),
    path("reauthenticate/", ConfirmPasswordView.as_view(), name="account_reauthenticate"),
    path("2fa/totp/activate/", ActivateTotpView.as_view(), name="mfa_activate_totp"),
    path("2fa/", include("allauth.mfa.urls")),
]
