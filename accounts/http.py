"""Requests whose person is known."""

from django.http import HttpRequest

from accounts.models import User


class AuthedRequest(HttpRequest):
    """A request behind @login_required."""

    user: User


def signed_in(request: HttpRequest) -> User:
    """The user of a request behind @login_required, for class-based views that can't say so in their types."""
    if not isinstance(request.user, User):
        raise TypeError("this view needs @login_required")
    return request.user
