"""What notifications about claims say: told to buyer, farmer and moderators. The form is that of kinds.py."""

from django.utils.translation import gettext_lazy as _

from notifications.reach import Reach, Text

CLAIM_TEXTS: dict[str, Text] = {
    "claim_opened": Text(
        _("A buyer says that something is wrong"),
        Reach.SMS,
        (
            _("Parcel %(number)s: %(what)s. The buyer asks for %(amount)s back. Please answer by %(until)s."),
            _("Parcel %(number)s: the buyer says that something is wrong. Please answer."),
        ),
    ),
    "claim_paid": Text(
        _("A small claim was paid at once"), Reach.EMAIL, (_("Parcel %(number)s: %(amount)s goes back."),)
    ),
    "claim_paid/buyer": Text(
        _("Your money goes back at once"),
        Reach.IN_APP,
        (_("Parcel %(number)s: %(amount)s goes back to where you paid from. You have nothing more to do."),),
    ),
    "claim_paid/farmer": Text(
        _("A small claim was paid at once"),
        Reach.SMS,
        (
            _("Parcel %(number)s: %(what)s. %(amount)s went back to the buyer. You bear nothing: it was %(cause)s."),
            _("Parcel %(number)s: %(what)s. %(amount)s went back to the buyer at once. It comes off this parcel."),
        ),
    ),
    "claim_answered": Text(
        _("The farmer has answered"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s: the farmer offers %(offer)s. You can take it, or let a moderator decide."),
            _("Parcel %(number)s: the farmer sees it differently. A moderator reads both sides and decides."),
        ),
    ),
    "claim_agreed": Text(_("A claim is settled"), Reach.EMAIL, (_("Parcel %(number)s: %(amount)s goes back."),)),
    "claim_agreed/buyer": Text(
        _("The farmer gives your money back"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s: the farmer agrees. %(amount)s goes back to where you paid from."),
            _("Parcel %(number)s: the farmer agrees. Your money goes back to where you paid from."),
        ),
    ),
    "claim_agreed/farmer": Text(
        _("The buyer took your offer"),
        Reach.SMS,
        (
            _("Parcel %(number)s: %(amount)s goes back to the buyer. The matter is closed."),
            _("Parcel %(number)s: the buyer took your offer. The matter is closed."),
        ),
    ),
    "claim_escalated": Text(
        _("A claim waits for a decision"),
        Reach.EMAIL,
        (
            _("Parcel %(number)s of %(farmer)s: please read both sides and decide."),
            _("Parcel %(number)s: please read both sides and decide."),
        ),
    ),
    "claim_escalated/farmer": Text(
        _("A moderator decides the claim now"),
        Reach.SMS,
        (_("Parcel %(number)s: you have not answered the buyer. You still can until a moderator decides."),),
    ),
    "claim_escalated/buyer": Text(
        _("A moderator decides your claim now"),
        Reach.EMAIL,
        (_("Parcel %(number)s: the farmer has not answered in time. A moderator decides, and you will be told."),),
    ),
    "claim_decided": Text(_("A claim is decided"), Reach.EMAIL, (_("Parcel %(number)s: %(reason)s."),)),
    "claim_decided/buyer": Text(
        _("Your claim is decided"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s: %(amount)s goes back to where you paid from. The reason: %(reason)s."),
            _("Parcel %(number)s: no money goes back. The reason: %(reason)s."),
        ),
    ),
    "claim_decided/farmer": Text(
        _("A moderator has decided a claim"),
        Reach.SMS,
        (
            _("Parcel %(number)s: %(amount)s goes back. You bear nothing: it was %(cause)s. The reason: %(reason)s."),
            _("Parcel %(number)s: %(amount)s goes back to the buyer. The reason: %(reason)s."),
            _("Parcel %(number)s: nothing goes back to the buyer. The reason: %(reason)s."),
        ),
    ),
    "claim_appealed": Text(
        _("An appeal on a claim waits for a decision"),
        Reach.EMAIL,
        (
            _("Parcel %(number)s: please read the file and decide by %(until)s."),
            _("Parcel %(number)s: please read the file."),
        ),
    ),
    "claim_appealed/side": Text(
        _("Another moderator looks at the claim"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s: the other side has appealed. Another moderator decides by %(until)s, for good."),
            _("Parcel %(number)s: the other side has appealed. Another moderator decides, for good."),
        ),
    ),
    "claim_appeal_decided": Text(_("An appeal is decided"), Reach.EMAIL, (_("Parcel %(number)s: %(reason)s."),)),
    "claim_appeal_decided/buyer": Text(
        _("The appeal is decided"),
        Reach.EMAIL_OR_SMS,
        (
            _("Parcel %(number)s: %(amount)s more goes back to where you paid from. The reason: %(reason)s."),
            _("Parcel %(number)s: nothing else goes back. The reason: %(reason)s."),
        ),
    ),
    "claim_appeal_decided/farmer": Text(
        _("The appeal is decided"),
        Reach.SMS,
        (
            _("Parcel %(number)s: you bear nothing: it was %(cause)s. The reason: %(reason)s."),
            _("Parcel %(number)s: %(amount)s more goes back to the buyer. The reason: %(reason)s."),
            _("Parcel %(number)s: it stays as it was. The reason: %(reason)s."),
        ),
    ),
    "claim_lot_asked": Text(
        _("Is yours fine?"),
        Reach.IN_APP,
        (
            _(
                "%(produce)s of %(farmer)s: something was wrong with another box of this harvest. If it is with yours, "
                "say so by %(until)s."
            ),
            _("Something was wrong with another box of a harvest that you bought. If it is with yours, please say so."),
        ),
    ),
    "claim_withdrawn": Text(
        _("The buyer took a claim back"),
        Reach.SMS,
        (_("Parcel %(number)s: the claim is taken back. You have nothing more to do."),),
    ),
}
