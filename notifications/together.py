"""Several notifications of one kind in one message. It is put into words from the rows, at the moment of sending."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext, override

from notifications.groups import ABOUT, group_of
from notifications.models import Notification
from notifications.texts import as_email, as_sms, title_of, values_of, words

LISTED = 20  # in one letter; the shop's own list has them all


def text_message(told: Sequence[Notification], language: str) -> str:
    """One text message for all of them: how many, and where to read them."""
    first = told[0]
    if len(told) == 1:
        return as_sms(first.kind, first.context, language)
    with override(language):
        values = {"title": title_of(first.kind, first.context), "count": len(told), "site": settings.SITE_URL}
        return gettext("[Chushan] %(title)s (%(count)s). All of them: %(site)s/notifications/") % values


def letter(told: Sequence[Notification], language: str) -> tuple[str, str]:
    """Subject and plain-text body of one e-mail for all of them, each with its link."""
    first = told[0]
    if len(told) == 1:
        return as_email(first.kind, first.context, first.link, language)
    with override(language):
        lines = []
        for one in told[:LISTED]:
            said = words(one.kind, one.context)
            lines.append(f"· {said.body or said.title}" + (f"\n  {settings.SITE_URL}{one.link}" if one.link else ""))
        values = {
            "title": title_of(first.kind, first.context),
            "count": len(told),
            "lines": "\n\n".join(lines),
            "site": settings.SITE_URL,
        }
        subject = gettext("%(title)s (%(count)s) | Chushan") % values
        if len(told) > LISTED:
            return subject, gettext("%(lines)s\n\nAnd more: %(site)s/notifications/\n\nChushan\n%(site)s") % values
        return subject, gettext("%(lines)s\n\nChushan\n%(site)s") % values


def notice(told: Sequence[Notification], language: str) -> str:
    """The title of one notice on a phone, for a locked screen that everybody sees: no name, number or amount.

    Of money and of one's account it says no more than that there is news.
    """
    first = told[0]
    group = group_of(first.kind, first.audience)
    with override(language):
        private = group in ABOUT and ABOUT[group].private
        title = gettext("There is news for you") if private else title_of(first.kind, first.context)
        return f"{title} ({len(told)})" if len(told) > 1 else title


def title(told: Sequence[Notification], language: str) -> str:
    """The kind's title, which never takes a value."""
    with override(language):
        return title_of(told[0].kind, told[0].context)


def values(told: Sequence[Notification], language: str) -> dict[str, str]:
    """What the texts can name of the first one, as people read it."""
    with override(language):
        return values_of(told[0].context)
