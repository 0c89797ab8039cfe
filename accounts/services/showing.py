"""A farmer says whether buyers may see their name and picture. It holds from that moment, and can be said again at any time.

`Farmer.name` is what buyers see, everywhere: pages, lists, search, API, posters. Without consent it is "a household in …",
and the true name waits in `own_name`; so no page has to remember to ask.
"""

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, ShowingChoice, User
from common.errors import NotAllowed, WrongState
from common.transactions import use_case

What = ShowingChoice.What
WORDING = "2026-11"  # moves whenever one of the sentences below changes
SENTENCES = {
    (What.NAME, True): _("Buyers may see my name on my shop, on what I sell and in my broadcasts."),
    (What.NAME, False): _("My name is to be shown nowhere. Buyers read “a household in” my county instead."),
    (What.PICTURE, True): _("Buyers may see the picture of my shop and my broadcasts."),
    (What.PICTURE, False): _("The picture of my shop and my broadcasts are to be shown nowhere."),
}


@use_case
def choose_showing(*, user: User, what: str, is_shown: bool, now: datetime) -> Farmer:
    """Show or hide the person's own name or picture from now on, and keep on record that they said so.

    Raises NotAllowed for who is no farmer (nobody says it for them), WrongState when it is so already.
    """
    farmer = (
        Farmer.objects.select_for_update(no_key=True, of=("self",)).select_related("county").filter(user=user).first()
    )
    if farmer is None or not user.is_active or farmer.status not in (Farmer.Status.VERIFIED, Farmer.Status.SUSPENDED):
        raise NotAllowed
    kind = What(what)
    if (farmer.shows_name if kind == What.NAME else farmer.shows_picture) == is_shown:
        raise WrongState
    ShowingChoice.objects.create(
        farmer=farmer,
        what=kind,
        is_shown=is_shown,
        wording=WORDING,
        said=gettext(str(SENTENCES[kind, is_shown])),
        made_by=user,
        made_at=now,
    )
    if kind == What.PICTURE:
        farmer.shows_picture = is_shown
    else:
        farmer.shows_name = is_shown
        if is_shown:
            farmer.name, farmer.own_name = farmer.own_name, ""
        else:
            farmer.own_name, farmer.name = farmer.name, nameless(farmer)
    farmer.save(update_fields=["shows_name", "shows_picture", "name", "own_name"])
    for path in settings.AFTER_SHOWING_CHANGES:
        import_string(path)(farmer=farmer, what=kind, now=now)
    return farmer


def says_name(words: str, farmer: Farmer) -> bool:
    """Whether a text names a farmer whose name is to be shown nowhere, as a shop or as a person. Never while it is shown."""
    return any(name in words for name in _hidden_names(farmer))


def without_name(words: str, farmer: Farmer) -> str:
    """A text with “a household in …” wherever it names a farmer whose name is to be shown nowhere; else as it is."""
    for name in _hidden_names(farmer):
        words = words.replace(name, nameless(farmer))
    return words


def _hidden_names(farmer: Farmer) -> list[str]:
    """The longest first, so that nothing is left of it when a shorter one is taken out."""
    if farmer.shows_name:
        return []
    names = {farmer.own_name, farmer.own_name.removesuffix("家"), farmer.payee_name, farmer.user.name}
    return sorted((name for name in names if len(name) > 1), key=len, reverse=True)


def nameless(farmer: Farmer) -> str:
    """What stands in place of a name, in Chinese as names do."""
    kind = "一家合作社" if farmer.kind == Farmer.Kind.COOPERATIVE else "一户人家"
    return f"{farmer.county.name_zh}{kind}"
