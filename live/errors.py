"""What broadcasts refuse, each with a stable code."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState


class NotVerified(DomainError):
    """Only verified farmers are seen by buyers, on video as anywhere."""

    code = "not_verified"
    default_message = _("You can go live as soon as you are verified.")


class NotOnAir(WrongState):
    """The broadcast is not live (any more)."""

    code = "not_on_air"
    default_message = _("This broadcast is over.")


class AlreadyOnAir(WrongState):
    """The farmer has another broadcast going."""

    code = "already_on_air"
    default_message = _("Another broadcast of yours is still on. Please end that one first.")


class TooManyOnAir(DomainError):
    """The machine carries no more at once. Trying again later is safe."""

    code = "too_many_on_air"
    passes = True
    default_message = _("Too many are live right now. Please try again in a few minutes.")


class Muted(DomainError):
    """The farmer lets this person write nothing more in their rooms."""

    code = "muted"
    default_message = _("You can't write in this farmer's broadcasts any more.")


class SaidTooOften(DomainError):
    """One after the other; trying again a little later is safe."""

    code = "said_too_often"
    passes = True
    default_message = _("That was quick. Please wait a moment and send it again.")


class NewRecorderNeeded(WrongState):
    """This recorder's pieces are not taken any more: a new one has to begin."""

    code = "new_recorder_needed"


class PieceMissing(DomainError):
    """An earlier piece has not come yet. `expected` is the number of the one that is due."""

    code = "piece_missing"

    def __init__(self, expected: int) -> None:
        self.expected = expected
        super().__init__(expected=expected)


class TooFast(DomainError):
    """More video than a recorder makes in this time; some of it will be taken a little later."""

    code = "too_fast"
    passes = True
