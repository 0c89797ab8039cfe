"""What the fund refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState


class NotEnoughThere(WrongState):
    """Nothing can be granted or allotted that isn't there."""

    code = "not_enough_there"
    default_message = _("There is not that much there: %(left)s at most.")


class SecondPersonNeeded(DomainError):
    """Who prepared something cannot approve it."""

    code = "second_person_needed"
    default_message = _("You prepared this yourself. Someone else has to approve it.")


class OwnPeople(DomainError):
    """It would go to the approver's own household, kin or friends."""

    code = "own_people"
    default_message = _("This goes to your own household or to people close to you. Someone else has to approve it.")


class EvidenceNeeded(DomainError):
    """A grant is paid with evidence, or not at all."""

    code = "evidence_needed"
    default_message = _("First add what shows it: the receipt of the transfer, a contract or a photo, with its date.")


class ProgrammeClosed(WrongState):
    """It takes no gifts and gives no grants."""

    code = "programme_closed"
    default_message = _("This programme is closed.")


class NothingLeftOfIt(WrongState):
    """All of a gift became part of grants, or went back."""

    code = "nothing_left_of_it"
    default_message = _("Nothing is left of this gift: it has become part of grants, or went back.")


class NotWomenLed(DomainError):
    """A starter grant of a women's programme for somebody else."""

    code = "not_women_led"
    default_message = _("Starter grants of this programme go to verified women-led farms only.")
