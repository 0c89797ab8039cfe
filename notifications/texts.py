"""A notification put into words. Rows keep plain values; words (notifications/kinds.py) are chosen when something is shown
or sent, in the reader's language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override

from common.money import show_yuan
from notifications.kinds import TEXTS
from notifications.reach import Text

_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Words:
    """A notification put into one language."""

    title: str
    body: str


def text_of(kind: str, context: Mapping[str, Any]) -> Text:
    """The text of a kind, told the way its `audience` needs it where that differs. Raises KeyError for no such kind."""
    return TEXTS.get(f"{kind}/{context.get('audience')}") or TEXTS[kind]


def words(kind: str, context: Mapping[str, Any]) -> Words:
    """Title and body for a page, in the language that is active. Never fails: an unknown kind says it plainly."""
    try:
        text = text_of(kind, context)
    except KeyError:  # a row written by a newer version of the shop
        return Words(gettext("There is news for you"), gettext("Please look at your orders and listings."))
    title = str(text.title)
    return Words(title, _first_that_fits(text.body, values_of(context)))


def title_of(kind: str, context: Mapping[str, Any]) -> str:
    """The title alone, in the language that is active: it never holds a value."""
    return words(kind, {"audience": context.get("audience")}).title


def as_sms(kind: str, context: Mapping[str, Any], language: str) -> str:
    """The text message, signed as the networks want it."""
    with override(language):
        found = words(kind, context)
        sms = _first_that_fits(TEXTS[kind].sms, values_of(context)) if kind in TEXTS else ""
        return gettext("[Chushan] %(text)s") % {"text": sms or found.body or found.title}


def as_email(kind: str, context: Mapping[str, Any], link: str, language: str) -> tuple[str, str]:
    """Subject and plain-text body of the e-mail; `link` is a path of this site or empty."""
    with override(language):
        found = words(kind, context)
        values = {"text": found.body or found.title, "link": f"{settings.SITE_URL}{link}", "site": settings.SITE_URL}
        if link:
            body = gettext("%(text)s\n\nMore: %(link)s\n\nChushan\n%(site)s") % values
        else:
            body = gettext("%(text)s\n\nChushan\n%(site)s") % values
        return gettext("%(title)s | Chushan") % {"title": found.title}, body


def _first_that_fits(alternatives: tuple[str | Promise, ...], values: Mapping[str, str]) -> str:
    """The first alternative whose every place has a value, filled in; "" if none."""
    for alternative in alternatives:
        template = str(alternative)
        if all(values.get(name) for name in _PLACE.findall(template)):
            return template % values
    return ""


def values_of(context: Mapping[str, Any]) -> dict[str, str]:
    """The context for a reader: `x_zh`/`x_en` become x, `x_fen` becomes x in yuan, ISO times become local ones."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    values: dict[str, str] = {}
    for name, value in context.items():
        if value is None or isinstance(value, dict | list):
            continue
        if name.endswith("_fen") and isinstance(value, int):
            values[name.removesuffix("_fen")] = show_yuan(value)
        elif name.endswith(("_zh", "_en")):
            if name.endswith(language) or name[:-3] not in values:
                values[name[:-3]] = str(value) or values.get(name[:-3], "")
        else:
            values[name] = _local_time(str(value)) or str(value).rstrip("。.；;")
    return values


def _local_time(value: str) -> str:
    """An ISO date or time as people read it where the farmers are; "" for anything else."""
    if not re.match(r"\d{4}-\d\d-\d\d", value):
        return ""
    try:
        if len(value) == 10:
            return format_date(date.fromisoformat(value), gettext("j F"))
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return format_date(local, gettext("j F, H:i"))
