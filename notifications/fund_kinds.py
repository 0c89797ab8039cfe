"""What donors are told of their gifts, and farmers of grants."""

from django.utils.translation import gettext_lazy as _

from notifications.reach import Reach, Text

FUND_TEXTS: dict[str, Text] = {
    "gift_received": Text(
        _("Your gift has arrived"),
        Reach.EMAIL,
        (
            _("Gift %(number)s, %(amount)s: it has arrived. Thank you! We tell you what it becomes part of."),
            _("Your gift has arrived. Thank you! We tell you what it becomes part of."),
        ),
    ),
    "gift_granted": Text(
        _("Your gift has become part of something"),
        Reach.EMAIL,
        (
            _("%(amount)s of yours is in a grant of “%(programme)s” that was paid today. See what it is for."),
            _("A part of what you gave is in a grant that was paid today. See what it is for."),
        ),
    ),
    "gift_refunded": Text(
        _("Your gift is back with you"),
        Reach.EMAIL,
        (
            _("Gift %(number)s: %(amount)s is back where you paid from."),
            _("What was left of your gift is back where you paid from."),
        ),
    ),
    "grant_paid": Text(
        _("A grant was paid to you"),
        Reach.SMS,
        (
            _("“%(programme)s”: %(amount)s is on its way to your account %(account)s. Nobody may ask for part of it."),
            _("A grant of the fund is on its way to your account. Nobody may ask for part of it."),
        ),
    ),
}
