"""What farmers are told to pick, and about those who help them in their county. See notifications/kinds.py."""

from django.utils.translation import gettext_lazy as _

from notifications.reach import Reach, Text

SPECIALIST_TEXTS: dict[str, Text] = {
    "pick_list": Text(
        _("What to pick and post"),
        Reach.EVERY,
        (
            _("To pick and post: %(what)s. Parcels: %(parcels)s. Please tap “I have seen it” by %(clock)s."),
            _("There is something to pick and post. Please look, and tap “I have seen it”."),
        ),
        # One part of a text message: 70 characters with the signature. What `short` may hold is counted from this.
        sms=(_("Pick, post: %(short)s (%(parcels)s). Confirm by %(clock)s."), _("Something to pick. Please confirm.")),
    ),
    "consent_given": Text(
        _("Somebody may prepare things for you"),
        Reach.SMS,
        (
            _(
                "%(specialist)s may now prepare listings and post parcels for you, never touch price or money. "
                "You can end it any time."
            ),
            _("A specialist may now prepare things for you, never touch price or money. You can end it any time."),
        ),
    ),
    "consent_paper": Text(
        _("A paper with your name was sent in"),
        Reach.SMS,
        (
            _(
                "%(specialist)s sent a paper: you let them prepare things for you. Not signed by you? Please end it or call."
            ),
            _("A paper says that you let a specialist prepare things. Not signed by you? Please end it or call."),
        ),
    ),
    "consent_ended": Text(
        _("Nobody prepares things for you any more"),
        Reach.EMAIL_OR_SMS,
        (_("%(specialist)s no longer prepares things for you."), _("The specialist no longer does.")),
    ),
    "done_for_you": Text(
        _("Something was done for you"),
        Reach.SMS,
        (
            _("%(specialist)s did this for you: %(what)s. Not what you wanted? You can undo it within a day."),
            _("A specialist did something for you. Not what you wanted? You can undo it within a day."),
        ),
    ),
    "done_for_you/parcel": Text(
        _("A parcel was posted for you"),
        Reach.SMS,
        (_("%(specialist)s posted for you: %(what)s."), _("A specialist posted a parcel for you.")),
    ),
}
