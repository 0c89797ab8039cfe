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
    "payee_code_sent": Text(
        _("You sent a picture of your receiving code"),
        Reach.EVERY,
        (_("A moderator looks at it. Buyers may pay into it some days after. Wasn't it you? Take it away: My money."),),
    ),
    "payee_code_approved": Text(
        _("Buyers may soon pay you by your own code"),
        Reach.EVERY,
        (
            _("From %(until)s on buyers see your receiving code. Wasn't it you? Take it away: My money."),
            _("In some days buyers see your receiving code. Wasn't it you? Take it away: My money."),
        ),
    ),
    "payee_code_refused": Text(
        _("Your receiving code is not shown"),
        Reach.EVERY,
        (_("A moderator says: %(reason)s. You can send another picture."), _("You can send another picture.")),
    ),
    "offline_said": Text(
        _("A buyer says that they have paid you"),
        Reach.SMS,
        (
            _("Order %(number)s: please look in your own WeChat or Alipay for %(amount)s and say it by %(until)s."),
            _("Order %(number)s: please look in your own WeChat or Alipay and say whether it came."),
        ),
    ),
    "offline_denied": Text(
        _("The farmer sees no money from you"),
        Reach.EMAIL_OR_SMS,
        (
            _("Order %(number)s, %(amount)s: the farmer says none came. Your boxes are kept until %(until)s."),
            _("Order %(number)s: the farmer says that no money came. If you did pay, please tell us."),
        ),
    ),
    "offline_refund_owed": Text(
        _("Please give a buyer money back"),
        Reach.SMS,
        (
            _(
                "Order %(number)s was paid into your own code: give %(amount)s back there, then say so under “My money”."
            ),
            _("Order %(number)s was paid into your own code: give it back there, then say so under “My money”."),
        ),
    ),
    "offline_refund_owed/on_delivery": Text(
        _("Please give a buyer money back"),
        Reach.SMS,
        (
            _("Order %(number)s was paid to you on delivery: send the buyer %(amount)s, then say so under “My money”."),
            _("Order %(number)s was paid to you on delivery: send the buyer money back, then say so under “My money”."),
        ),
    ),
    "order_promised": Text(
        _("The farmer packs it; you pay when it comes"),
        Reach.EMAIL,
        (
            _("Order %(number)s: please have %(amount)s ready for the courier when it comes."),
            _("Order %(number)s: you pay when it comes."),
        ),
    ),
    "order_paid/on_delivery": Text(
        _("The farmer has your money"),
        Reach.EMAIL,
        (_("Order %(number)s: %(amount)s has come, says the farmer. Thank you!"), _("Order %(number)s is paid.")),
    ),
    "parcel_to_pack/on_delivery": Text(
        _("A new parcel to pack, paid on delivery"),
        Reach.SMS,
        (
            _("%(produce)s × %(packs)s, parcel %(number)s: the courier collects %(amount)s. Post it by %(until)s."),
            _("Parcel %(number)s: the courier collects %(amount)s on delivery. Post it by %(until)s."),
            _("Parcel %(number)s is paid on delivery. Please pack and post it soon."),
        ),
    ),
    "parcel_late/buyer_promised": Text(
        _("Your parcel is late"),
        Reach.EMAIL,
        (
            _("%(farmer)s has not posted parcel %(number)s yet. You can wait, or cancel it. You have paid nothing."),
            _("Parcel %(number)s is not posted yet. You can wait, or cancel it. You have paid nothing."),
        ),
    ),
    "parcel_settled/unpaid": Text(
        _("Nothing can be claimed any more, but the money is missing"),
        Reach.EMAIL,
        (
            _("Parcel %(number)s: has %(amount)s come? Please ask the courier, and say so under “My money”."),
            _("Parcel %(number)s: please ask the courier for the money, and say so under “My money”."),
        ),
    ),
    "parcel_refused": Text(
        _("A parcel was not taken"),
        Reach.IN_APP,
        (_("Parcel %(number)s was not taken, and goes back to the farmer."),),
    ),
    "parcel_refused/farmer": Text(
        _("A parcel was not taken and comes back"),
        Reach.SMS,
        (
            _("Parcel %(number)s comes back to you: %(reason)s. When it is here, say whether it can be sold again."),
            _("Parcel %(number)s comes back to you. When it is here, say whether it can be sold again."),
        ),
    ),
    "parcel_refused/buyer": Text(
        _("The farmer says that you did not take a parcel"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s of %(farmer)s goes back, and you pay nothing. Isn't it so? Please tell us."),
            _("Parcel %(number)s goes back, and you pay nothing. Isn't it so? Please tell us."),
        ),
    ),
    "on_delivery_ask": Text(
        _("Has the money come?"),
        Reach.SMS,
        (
            _("Parcel %(number)s: has the courier given you %(amount)s? Please say so under “My money”."),
            _("Parcel %(number)s: has the courier given you the money? Please say so under “My money”."),
        ),
    ),
    "refund_done/on_delivery": Text(
        _("The farmer has given you money back"),
        Reach.EMAIL,
        (
            _("Order %(number)s: the farmer says they sent you %(amount)s back. Didn't they? Tell us."),
            _("Order %(number)s: the farmer says that they sent your money back. Didn't they? Tell us."),
        ),
    ),
    "refund_done/by_hand": Text(
        _("The farmer has given you money back"),
        Reach.EMAIL,
        (
            _("Order %(number)s: the farmer says %(amount)s is back in your own WeChat or Alipay. Isn't it? Tell us."),
            _("Order %(number)s: the farmer says that your money is back. Isn't it? Tell us."),
        ),
    ),
}
