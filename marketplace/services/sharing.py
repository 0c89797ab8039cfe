"""Making links to share, and counting how often they are opened."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.codes import new_code
from common.errors import DomainError, NotAllowed
from common.transactions import use_case
from marketplace.models import ShareLink
from marketplace.things import Thing

CODE_LENGTH = 8  # 40 bits: nobody finds one by trying, and there is nothing behind one that its page does not show
LINKS_PER_DAY = 100


class TooManyLinks(DomainError):
    """Nobody has so many friends for so many things."""

    code = "too_many_links"
    default_message = _("That is a lot of links for one day. Please go on tomorrow.")


@use_case
def make_link(*, sharer: User, thing: Thing, now: datetime) -> ShareLink:
    """The person's link to a thing that buyers may see; asking twice gives the same one. Raises NotAllowed, TooManyLinks."""
    person = User.objects.select_for_update(no_key=True).filter(pk=sharer.pk, is_active=True).first()
    if person is None:
        raise NotAllowed
    mine = ShareLink.objects.filter(sharer=person)
    if there := mine.filter(kind=thing.kind, thing_id=thing.pk).first():
        return there
    if mine.filter(made_at__gt=now - timedelta(days=1)).count() >= LINKS_PER_DAY:
        raise TooManyLinks
    return ShareLink.objects.create(code=_free_code(), sharer=person, kind=thing.kind, thing_id=thing.pk, made_at=now)


def _free_code() -> str:
    while ShareLink.objects.filter(code=(code := new_code(CODE_LENGTH))).exists():
        pass
    return code


@use_case
def count_opening(*, link_id: int) -> None:
    """Somebody opened it; who, is not written down."""
    ShareLink.objects.filter(pk=link_id).update(opened=F("opened") + 1)
