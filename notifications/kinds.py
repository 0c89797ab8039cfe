"""What every kind of notification says, and over which channels: the one place for the words,
with claim_kinds.py for claims, money_kinds.py for what farmers are paid, fund_kinds.py for the fund and
specialist_kinds.py for who helps them.

A text is a list of alternatives, fullest first: the first whose values are all there is used, and the title, which never
takes a value, is the last resort. So a value that a caller forgot makes a message plainer and never stops one.
"""

from django.utils.translation import gettext_lazy as _

from notifications.claim_kinds import CLAIM_TEXTS
from notifications.fund_kinds import FUND_TEXTS
from notifications.money_kinds import MONEY_TEXTS
from notifications.reach import Reach, Text
from notifications.specialist_kinds import SPECIALIST_TEXTS

SIGN_IN_CODE = "sign_in_code"


TEXTS: dict[str, Text] = {
    SIGN_IN_CODE: Text(
        _("Your sign-in code"),
        Reach.SMS,
        (_("%(code)s is your sign-in code. It is valid for 5 minutes. Tell it to nobody, not even to us."),),
    ),
    f"{SIGN_IN_CODE}/receiving": Text(
        _("Your code for your receiving code"),
        Reach.SMS,
        (_("%(code)s lets buyers pay by the picture you sent. Wasn't it you? Tell it to nobody, not even to us."),),
    ),
    f"{SIGN_IN_CODE}/consent": Text(
        _("Your code for your specialist"),
        Reach.SMS,
        (
            _(
                "%(code)s: tell it to %(specialist)s if they may prepare listings and post parcels for you. Else to nobody."
            ),
            _("%(code)s lets your specialist prepare things for you. Tell it to them alone, if you want that."),
        ),
    ),
    f"{SIGN_IN_CODE}/price": Text(
        _("Your code for another price"),
        Reach.SMS,
        (
            _("%(code)s: tell it to %(specialist)s if a box of %(what)s is to cost %(price)s. Else to nobody."),
            _("%(code)s lets your specialist set another price for you. Tell it to them alone, if you want that."),
        ),
    ),
    f"{SIGN_IN_CODE}/payee": Text(
        _("Your code for another account"),
        Reach.SMS,
        (
            _("%(code)s lets your money go to account %(account)s. Wasn't it you? Tell it to nobody, not even to us."),
            _("%(code)s lets your money go to another account. Wasn't it you? Tell it to nobody, not even to us."),
        ),
    ),
    f"{SIGN_IN_CODE}/contact": Text(
        _("Your code for another number or e-mail"),
        Reach.SMS,
        (
            _("%(code)s lets %(contact)s sign in as you. Wasn't it you? Tell it to nobody, not even to us."),
            _(
                "%(code)s lets another number or e-mail sign in as you. Wasn't it you? Tell it to nobody, not even to us."
            ),
        ),
    ),
    f"{SIGN_IN_CODE}/new_contact": Text(
        _("Your code for this number or e-mail"),
        Reach.SMS,
        (
            _(
                "%(code)s says that this is yours and you sign in with it. Wasn't it you? Tell it to nobody, not even to us."
            ),
        ),
    ),
    "contact_changed": Text(
        _("You sign in with something else now"),
        Reach.EVERY,
        (
            _("From now on you sign in with %(contact)s. Wasn't it you? Tell us at once."),
            _("Your phone number or e-mail was changed. Wasn't it you? Tell us at once."),
        ),
    ),
    "contact_recovery_asked": Text(
        _("Your phone number is to be changed"),
        Reach.EVERY,
        (
            _("You are to sign in with %(contact)s, from %(until)s at the earliest. Wasn't it you? Stop it: Me."),
            _("Your phone number here is to be changed. Wasn't it you? Sign in and stop it: Me."),
        ),
    ),
    "contact_recovery_dropped": Text(
        _("Your phone number stays as it is"),
        Reach.EVERY,
        (_("You sign in with your number as before."),),
    ),
    "recovery_waits": Text(
        _("A lost number waits for a second person"), Reach.EMAIL, (_("Please look whether it is really them."),)
    ),
    # --- Farmers and those who look after them ---
    "farmer_applied": Text(
        _("A farmer is waiting to be verified"),
        Reach.EMAIL,
        (
            _("%(farmer)s from %(county)s wants to sell here. Please look at their details."),
            _("%(farmer)s wants to sell here. Please look at their details."),
        ),
    ),
    "farmer_verified": Text(
        _("You can sell now"),
        Reach.SMS,
        (
            _("%(farmer)s is verified. Put up your first harvest: it takes a few minutes."),
            _("You are verified. Put up your first harvest: it takes a few minutes."),
        ),
    ),
    "farmer_refused": Text(
        _("Your details need another look"),
        Reach.SMS,
        (_("We could not verify you yet: %(reason)s. Please correct it and send it again."),),
    ),
    "farmer_suspended": Text(
        _("Your shop is closed for now"),
        Reach.SMS,
        (_("Your shop is closed for now: %(reason)s. Paid parcels still have to be posted."),),
    ),
    "webhook_disabled": Text(
        _("One of your addresses cannot be reached"),
        Reach.EMAIL,
        (_("It has failed for a day, so we stopped telling it. What is due waits until you switch it on again."),),
    ),
    # --- Broadcasts ---
    "broadcast_begun": Text(
        _("The broadcast you wait for has begun"),
        Reach.EMAIL_OR_SMS,
        (_("%(farmer)s is live now: %(show)s"),),
    ),
    "broadcast_called_off": Text(
        _("A broadcast does not take place"),
        Reach.EMAIL,
        (_("The broadcast of %(farmer)s that you wait for does not take place."),),
    ),
    "broadcast_stopped": Text(
        _("Your broadcast was stopped"),
        Reach.SMS,
        (_("A moderator stopped your broadcast: %(reason)s."),),
    ),
    "comment_removed": Text(
        _("What you wrote in a broadcast was removed"),
        Reach.EMAIL,
        (_("A moderator removed what you wrote: “%(text)s”."),),
    ),
    # --- Moderation ---
    "revision_approved": Text(
        _("Your listing is on sale"),
        Reach.EMAIL,
        (_("%(produce)s: approved. Buyers can see it now."),),
    ),
    "revision_change_asked": Text(
        _("Please change something in your listing"),
        Reach.SMS,
        (
            _("%(produce)s: %(reason)s. Please change it and send it again."),
            _("The moderator writes: %(reason)s. Please change it and send it again."),
        ),
    ),
    "revision_rejected": Text(
        _("Your listing was not approved"),
        Reach.SMS,
        (_("%(produce)s was not approved: %(reason)s."), _("The reason: %(reason)s.")),
    ),
    "listing_taken_down": Text(
        _("Your listing was taken down"),
        Reach.SMS,
        (
            _("%(produce)s was taken down: %(reason)s. Paid parcels still have to be posted."),
            _("The reason: %(reason)s. Paid parcels still have to be posted."),
        ),
    ),
    "listing_restored": Text(_("Your listing is back on sale"), Reach.SMS, (_("%(produce)s is back on sale."),)),
    "storefront_approved": Text(
        _("Your shop page is up to date"), Reach.EMAIL, (_("Buyers see your new story and photo now."),)
    ),
    "storefront_refused": Text(
        _("Please change your shop page"),
        Reach.EMAIL,
        (_("The moderator writes: %(reason)s. Please change it and send it again."),),
    ),
    "storefront_taken_down": Text(
        _("Your story was taken off your shop page"),
        Reach.EMAIL,
        (_("The moderator writes: %(reason)s. Please change it and send it again."),),
    ),
    "reported": Text(
        _("Somebody told us about your page"),
        Reach.EMAIL,
        (_("A moderator has looked: %(reason)s. Please put it right; buyers still see it."),),
    ),
    "appeal_overturned": Text(
        _("You were right"),
        Reach.SMS,
        (_("Another moderator has looked again: %(reason)s. The decision is taken back."),),
    ),
    "appeal_upheld": Text(
        _("The decision stands"),
        Reach.SMS,
        (_("Another moderator has looked again: %(reason)s. The decision stands."),),
    ),
    "report_valid": Text(
        _("You were right, thank you"), Reach.IN_APP, (_("A moderator has looked at what you reported: %(reason)s."),)
    ),
    "report_invalid": Text(
        _("We looked at what you reported"),
        Reach.IN_APP,
        (_("A moderator found nothing against it: %(reason)s. Thank you for telling us."),),
    ),
    "report_malicious": Text(
        _("We looked at what you reported"),
        Reach.IN_APP,
        (_("A moderator found that it was meant to harm: %(reason)s. Your reports count less from now on."),),
    ),
    # --- Buying ---
    "order_placed": Text(
        _("Order placed"),
        Reach.IN_APP,
        (
            _("Order %(number)s, %(amount)s: your packs are kept for you until %(until)s. Please pay by then."),
            _("Order %(number)s: please pay to keep your packs."),
        ),
    ),
    "order_paid": Text(
        _("Payment received"),
        Reach.EMAIL,
        (
            _("Order %(number)s, %(amount)s: paid. The farmers are packing now."),
            _("Order %(number)s is paid. The farmers are packing now."),
        ),
    ),
    "order_released": Text(
        _("Order not paid in time"),
        Reach.EMAIL,
        (_("Order %(number)s was not paid in time, so its packs went back on sale. Nothing was charged."),),
    ),
    "payment_late_refund": Text(
        _("Your payment came too late and goes back"),
        Reach.EMAIL_OR_SMS,
        (
            _("Order %(number)s was paid after its time was over and is sold out. You get %(amount)s back."),
            _("Order %(number)s was paid after its time was over and is sold out. You get all of it back."),
        ),
    ),
    "payment_twice_refund": Text(
        _("You paid twice; the second payment goes back"),
        Reach.EMAIL_OR_SMS,
        (
            _("Order %(number)s was paid twice. The second %(amount)s goes back to where it came from."),
            _("Order %(number)s was paid twice. The second payment goes back to where it came from."),
        ),
    ),
    "refund_done": Text(
        _("Money returned"),
        Reach.EMAIL,
        (_("Order %(number)s: %(amount)s is back where you paid from."), _("Order %(number)s: your money is back.")),
    ),
    "wish_granted": Text(
        _("What you were waiting for is on sale"),
        Reach.EMAIL_OR_SMS,
        (_("%(what)s can be bought now. You asked us to tell you."),),
    ),
    "share_rewarded": Text(
        _("Something for sharing"),
        Reach.IN_APP,
        (_("What you shared was bought and arrived well. A coupon of %(amount)s is yours."),),
    ),
    "share_rewarded/fund": Text(
        _("Something for sharing"),
        Reach.IN_APP,
        (_("What you shared was bought and arrived well. %(amount)s went to the fund, as you wished."),),
    ),
    "course_offered": Text(
        _("A short course that may help you"),
        Reach.IN_APP,
        (
            _("“%(course)s”: a few lessons of two or three minutes, made for what has just happened."),
            _("A few lessons of two or three minutes, made for what has just happened."),
        ),
    ),
    # --- Parcels ---
    "parcel_to_pack": Text(
        _("A new parcel to pack"),
        Reach.SMS,
        (
            _("%(produce)s × %(packs)s, parcel %(number)s. Please post it by %(until)s."),
            _("Parcel %(number)s. Please post it by %(until)s."),
            _("Parcel %(number)s is paid. Please pack and post it soon."),
        ),
    ),
    "parcel_post_reminder": Text(
        _("Please post a parcel today"),
        Reach.SMS,
        (
            _("Parcel %(number)s (%(produce)s × %(packs)s) has to be posted by %(until)s."),
            _("Parcel %(number)s has to be posted by %(until)s."),
            _("Parcel %(number)s is still to be posted."),
        ),
    ),
    "parcel_late": Text(
        _("A parcel is late"),
        Reach.EMAIL,
        (
            _("Parcel %(number)s of %(farmer)s was not posted in the promised days."),
            _("Parcel %(number)s was not posted in the promised days."),
        ),
    ),
    "parcel_late/farmer": Text(
        _("You are late with a parcel"),
        Reach.SMS,
        (_("Parcel %(number)s was due. Please post it now: the buyer may cancel it. Your specialist can help."),),
    ),
    "parcel_late/buyer": Text(
        _("Your parcel is late"),
        Reach.EMAIL,
        (
            _("%(farmer)s has not posted parcel %(number)s yet. You can wait, or cancel it and get your money back."),
            _("Parcel %(number)s is not posted yet. You can wait, or cancel it and get your money back."),
        ),
    ),
    "parcel_posted": Text(
        _("Your parcel is on its way"),
        Reach.EMAIL_OR_SMS,
        (
            _("%(farmer)s posted parcel %(number)s: %(courier)s %(tracking_number)s."),
            _("%(farmer)s posted parcel %(number)s."),
            _("Parcel %(number)s is on its way."),
        ),
    ),
    "parcel_received": Text(
        _("The buyer has the parcel"),
        Reach.IN_APP,
        (
            _("Parcel %(number)s has arrived. It is settled on %(until)s if nothing is wrong with it."),
            _("Parcel %(number)s has arrived."),
        ),
    ),
    "parcel_auto_received": Text(
        _("Parcel counted as received"),
        Reach.EMAIL,
        (
            _("Parcel %(number)s was posted long ago and counts as received. Something wrong? Tell us by %(until)s."),
            _("Parcel %(number)s was posted long ago and counts as received."),
        ),
    ),
    "parcel_settled": Text(
        _("A sale is settled"),
        Reach.EMAIL,
        (_("Parcel %(number)s: %(amount)s. Nothing can be claimed any more."), _("Parcel %(number)s is settled.")),
    ),
    "parcel_cancelled": Text(
        _("A parcel was cancelled"),
        Reach.SMS,
        (_("Parcel %(number)s was cancelled: %(reason)s."), _("Parcel %(number)s was cancelled.")),
    ),
    "parcel_cancelled/farmer": Text(
        _("Do not post a cancelled parcel"),
        Reach.SMS,
        (
            _("Parcel %(number)s was cancelled: %(reason)s. Please do not post it. Its packs are on sale again."),
            _("Parcel %(number)s was cancelled. Please do not post it. Its packs are on sale again."),
        ),
    ),
    "parcel_cancelled/buyer": Text(
        _("Your parcel was cancelled"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s was cancelled: %(reason)s. %(amount)s goes back to where you paid from."),
            _("Parcel %(number)s was cancelled. %(amount)s goes back to where you paid from."),
            _("Parcel %(number)s was cancelled."),
        ),
    ),
    **CLAIM_TEXTS,
    # --- Reviews ---
    "review_written": Text(
        _("A buyer rated you"),
        Reach.IN_APP,
        (_("%(produce)s: %(stars)s of 5 stars."), _("A buyer rated your %(produce)s.")),
    ),
    "review_shown": Text(
        _("Your review is shown"),
        Reach.IN_APP,
        (_("Thank you for your words about %(produce)s. Other buyers can read them now."),),
    ),
    "review_hidden": Text(
        _("Your review is not shown"),
        Reach.EMAIL,
        (_("Your words about %(produce)s are not shown: %(reason)s."), _("The reason: %(reason)s.")),
    ),
    **MONEY_TEXTS,
    **FUND_TEXTS,
    **SPECIALIST_TEXTS,
}
