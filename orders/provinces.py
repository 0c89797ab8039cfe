"""Where a visitor's produce would go: the province they chose, kept in their session."""

from django.http import HttpRequest

from accounts.models import Address, Region, User

PROVINCE_SESSION_KEY = "province"


def provinces() -> list[Region]:
    """Every province there is, by code; one query."""
    return list(Region.objects.filter(level=Region.Level.PROVINCE, is_current=True))


def chosen_province(request: HttpRequest) -> str:
    """The province code from the address bar (?province=) or the session; "" while unknown. Not checked: may not exist."""
    return request.GET.get("province", "")[:12] or request.session.get(PROVINCE_SESSION_KEY, "")


def set_chosen_province(request: HttpRequest, code: str) -> None:
    """Keep it for the next pages. Writes the session only when it changes."""
    if request.session.get(PROVINCE_SESSION_KEY) != code:
        request.session[PROVINCE_SESSION_KEY] = code


def remember_province(request: HttpRequest, user: User) -> None:
    """After sign-in: who has not chosen a province gets that of their usual address."""
    if PROVINCE_SESSION_KEY not in request.session:
        usual = Address.objects.filter(user=user).order_by("-is_default", "-pk").first()
        if usual:
            request.session[PROVINCE_SESSION_KEY] = usual.province_id
