"""What farmers are told about the money that is paid out to them, and where it goes. See notifications/kinds.py."""

from django.utils.translation import gettext_lazy as _

from notifications.reach import Reach, Text

MONEY_TEXTS: dict[str, Text] = {
    "payout_paid": Text(
        _("Your money has been paid out"),
        Reach.SMS,
        (
            _("%(amount)s was paid to your account %(account)s. Which boxes it is for stands under “My money”."),
            _("Your money was paid to your account. Which boxes it is for stands under “My money”."),
        ),
    ),
    "payout_returned": Text(
        _("A payout came back"),
        Reach.SMS,
        (
            _("The bank sent %(amount)s back: %(reason)s. It goes out again with the next payout."),
            _("The bank sent your money back. It goes out again with the next payout."),
        ),
    ),
    "payout_returned/payee": Text(
        _("Your account could not take the money"),
        Reach.SMS,
        (
            _("The bank sent %(amount)s back: %(reason)s. The money is safe. Please give us another account."),
            _("The bank sent your money back. The money is safe. Please give us another account."),
        ),
    ),
    "payee_change_asked": Text(
        _("Your money will go to another account"),
        Reach.EVERY,
        (
            _("From %(until)s on your money goes to %(account)s. Wasn't it you? Stop it: My money, Another account."),
            _("Your money will go to another account in some days. Wasn't it you? Stop it: My money, Another account."),
        ),
    ),
    "payee_change_stopped": Text(
        _("Your money goes where it went before"),
        Reach.EVERY,
        (
            _("The change to account %(account)s was stopped: %(reason)s. Nothing has changed."),
            _("The change to account %(account)s was stopped. Nothing has changed."),
            _("The change to another account was stopped. Nothing has changed."),
        ),
    ),
    "payee_changed": Text(
        _("Your money goes to your new account now"),
        Reach.EVERY,
        (
            _("From now on your money goes to account %(account)s. Wasn't it you? Tell us at once."),
            _("From now on your money goes to your new account. Wasn't it you? Tell us at once."),
        ),
    ),
}
