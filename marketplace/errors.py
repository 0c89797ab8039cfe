"""What selling and moderation refuse, by name. The rest is common.errors."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, InvalidInput


class NotComplete(DomainError):
    """A listing is sent to the moderators before each step is filled in. `step` is the URL name of what to do next."""

    code = "not_complete"

    def __init__(self, message: object, *, step: str) -> None:
        self.step = step
        super().__init__(message)  # type: ignore[arg-type]  # a lazy translation


class NothingChanged(DomainError):
    """An edit that leaves everything as it is has nothing for a moderator to look at."""

    code = "nothing_changed"
    default_message = _("Nothing has changed yet.")


class PackIsFixed(InvalidInput):
    """Lots count packs, so the pack of an approved listing stays; another pack is another listing."""

    code = "pack_is_fixed"
    default_message = _("The weight of a box stays once buyers can see it. For another box, make a new listing.")


class AlreadyDecided(DomainError):
    """Another moderator was faster; `who` decided."""

    code = "already_decided"
    default_message = _("%(who)s has already decided this.")


class OwnListing(DomainError):
    """Nobody decides about what they sell themselves."""

    code = "own_listing"
    default_message = _("This is your own. Someone else has to decide about it.")


class PhotosNotReady(DomainError):
    """A photo is still being prepared: what is approved must have been seen."""

    code = "photos_not_ready"
    default_message = _("A photo is still being prepared. Please try again in a minute.")


class PhotoUnreadable(DomainError):
    """A photo could not be prepared: the farmer has to send another."""

    code = "photo_unreadable"
    default_message = _("One of the photos could not be read. Please take it out or send another.")


class ReasonMissing(InvalidInput):
    """Whoever is told no is told why."""

    code = "reason_missing"
    default_message = _("Please say why: the farmer will read it.")


class TooManyReports(DomainError):
    """More than anybody sees in a day. Guests may sign in and go on."""

    code = "too_many_reports"
    default_message = _("That is a lot of reports for one day. Please go on tomorrow, or sign in if you haven't.")


class ReportsRefused(DomainError):
    """Who was found to report out of malice again and again."""

    code = "reports_refused"
    default_message = _("Several of your reports were meant to harm, so we take no more of them.")


class NothingToAppeal(DomainError):
    """Not a no, not the last word about it any more, or too long ago."""

    code = "nothing_to_appeal"
    default_message = _("This can't be appealed (any more). You can change your listing and send it again.")


class AppealedAlready(DomainError):
    """One appeal against one decision."""

    code = "appealed_already"
    default_message = _("You have appealed already. Another moderator looks at it.")


class OwnDecision(DomainError):
    """Nobody decides an appeal against their own decision."""

    code = "own_decision"
    default_message = _("You made that decision yourself. Another moderator has to look at it again.")
