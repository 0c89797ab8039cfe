"""Forms of accounts."""

from allauth.account.forms import RequestLoginCodeForm


class SignInForm(RequestLoginCodeForm):
    """One field for a phone number or an e-mail address."""
