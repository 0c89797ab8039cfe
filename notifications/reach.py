"""What the text of a kind of notification consists of, and how far it may go."""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise


class Reach(Enum):
    """How far a message goes beyond the list in the shop, which every kind but a sign-in code is on."""

    IN_APP = "only in the shop"
    EMAIL = "e-mail too, for those who have one"
    EMAIL_OR_SMS = "e-mail, else a text message"
    SMS = "a text message, else e-mail: what can't wait, for people who don't read e-mail"
    EVERY = "a text message and e-mail too, switched off or not: what must not be missed"


@dataclass(frozen=True)
class Text:
    """The words of one kind. `body` and `sms` are alternatives, fullest first; without `sms` the body is texted."""

    title: str | Promise
    reach: Reach
    body: tuple[str | Promise, ...] = ()
    sms: tuple[str | Promise, ...] = ()
