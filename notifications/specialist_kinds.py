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
        sms=(
            _("Pick, post: %(short)s (%(parcels)s). Reply %(reply)s by %(clock)s."),
            _("Pick, post: %(short)s (%(parcels)s). Confirm by %(clock)s."),
            _("Something to pick. Please confirm."),
        ),
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
    "posting_began": Text(
        _("You are posted to a county"),
        Reach.EMAIL_OR_SMS,
        (
            _("You work in %(county)s now. Visits planned there: %(visits)s. Things that need somebody: %(calls)s."),
            _("You work in another county now. Please look at what is open there."),
        ),
    ),
    "posting_began/household": Text(
        _("Somebody helps in your county now"),
        Reach.EMAIL_OR_SMS,
        (
            _("%(specialist)s works in %(county)s now, visits you and helps if you want."),
            _("A specialist works in your county now."),
        ),
    ),
    "posting_ended": Text(
        _("Your posting has ended"),
        Reach.EMAIL_OR_SMS,
        (
            _(
                "You no longer work in %(county)s, and households' consents to you have ended. Left to whoever comes: "
                "visits %(visits)s, things that need somebody %(calls)s. Thank you."
            ),
            _("You no longer work there, and households' consents to you have ended. Thank you."),
        ),
    ),
    "posting_ended/next": Text(
        _("Somebody has left your county"),
        Reach.EMAIL_OR_SMS,
        (
            _(
                "%(specialist)s has left %(county)s. Yours now: visits %(visits)s, things that need somebody %(calls)s. "
                "Consents don't pass on: ask the households yourself."
            ),
            _("A colleague has left. What was open is yours now; ask the households for their consent yourself."),
        ),
    ),
    "posting_ended/admin": Text(
        _("A county has nobody any more"),
        Reach.EMAIL_OR_SMS,
        (
            _(
                "%(specialist)s has left %(county)s, and nobody is posted there. Open: visits %(visits)s, things that "
                "need somebody %(calls)s. Please post somebody."
            ),
            _("A specialist has left, and nobody is posted there. Please post somebody."),
        ),
    ),
    "posting_ended/household": Text(
        _("Your specialist has left"),
        Reach.EMAIL_OR_SMS,
        (
            _(
                "%(specialist)s no longer works in %(county)s and does nothing for you any more. Now %(next)s helps there."
            ),
            _(
                "%(specialist)s no longer works in %(county)s and does nothing for you any more. We tell you who follows."
            ),
            _("Your specialist no longer works in your county and does nothing for you any more."),
        ),
    ),
    "done_for_you": Text(
        _("Something was done for you"),
        Reach.SMS,
        (
            _("%(specialist)s did this for you: %(what)s. Not what you wanted? You can undo it within a day."),
            _("A specialist did something for you. Not what you wanted? You can undo it within a day."),
        ),
    ),
    "done_for_you/weighing": Text(
        _("A harvest was weighed for you"),
        Reach.SMS,
        (
            _("%(specialist)s weighed for you: %(what)s. Not right? You can undo it within a day."),
            _("A specialist weighed a harvest for you. Not right? You can undo it within a day."),
        ),
    ),
    "done_for_you/packing": Text(
        _("A parcel was packed for you"),
        Reach.SMS,
        (
            _("%(specialist)s packed for you: %(what)s. Not right? You can undo it until it is posted."),
            _("A specialist packed a parcel for you. Not right? You can undo it until it is posted."),
        ),
    ),
    "done_for_you/parcel": Text(
        _("A parcel was posted for you"),
        Reach.SMS,
        (_("%(specialist)s posted for you: %(what)s."), _("A specialist posted a parcel for you.")),
    ),
}
