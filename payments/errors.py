"""What payments refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, WrongState


class PaymentNotSetUp(DomainError):
    """No gateway is configured."""

    code = "payment_not_set_up"
    default_message = _("This shop cannot take payments yet. Your order has not been charged.")


class NotOnDelivery(DomainError):
    """This buyer cannot pay this order on delivery; the words say why."""

    code = "not_on_delivery"
    default_message = _("This cannot be paid on delivery.")


class NotPaidYet(WrongState):
    """Something is to go back of what was to be paid on delivery, and the farmer has not said yet that the money came."""

    code = "not_paid_yet"
    default_message = _("The farmer has not said yet that the money has come. Only then can something of it go back.")


class AlreadyPaid(WrongState):
    code = "already_paid"
    default_message = _("This order is paid already.")


class TimeToPayIsOver(WrongState):
    code = "time_to_pay_is_over"
    default_message = _("The time to pay is over, and the produce went back on sale. Nothing was charged.")


class ProviderUnavailable(DomainError):
    """The provider did not answer. The order stands; trying again is safe."""

    code = "provider_unavailable"
    passes = True
    default_message = _("The payment service is not answering. Nothing was charged; please try again.")


class RefundExceedsPaid(DomainError):
    code = "refund_exceeds_paid"
    default_message = _("That is more than was paid.")


class TooLateToClaim(WrongState):
    code = "too_late_to_claim"
    default_message = _("The time to say so is over, and this parcel can no longer be claimed.")


class NothingReceivedYet(WrongState):
    code = "nothing_received_yet"
    default_message = _("You can say so once you have received it.")


class ClaimIsOpen(WrongState):
    """A second claim while the first is open."""

    code = "claim_is_open"
    default_message = _("You have already told us. Here is how it stands.")


class PaidAtOnceAlready(WrongState):
    """The very same was said of this parcel, and paid at once."""

    code = "paid_at_once_already"
    default_message = _("You have told us this, and the money is on its way back.")


class ClaimHasEnded(WrongState):
    """Agreed, decided or taken back in the meantime."""

    code = "claim_has_ended"
    default_message = _("This claim has ended in the meantime. Here is how.")


class NothingToAppealHere(WrongState):
    """It has not ended, or this side has nothing to gain."""

    code = "nothing_to_appeal"
    default_message = _("There is nothing here that could be decided otherwise.")


class ClaimAppealedAlready(WrongState):
    code = "appealed_already"
    default_message = _("Another moderator has been asked already. There is one appeal for a claim.")


class TooLateToAppeal(WrongState):
    code = "too_late_to_appeal"
    default_message = _("The time to appeal is over.")


class AppealDecidedAlready(WrongState):
    code = "appeal_decided_already"
    default_message = _("This appeal has been decided in the meantime.")


class OwnClaimDecision(WrongState):
    """Who decided a claim tried to decide about it again."""

    code = "own_claim_decision"
    default_message = _("You decided this claim. Someone else has to look at the appeal.")


class AnsweredAlready(WrongState):
    code = "answered_already"
    default_message = _("You have already answered this claim. A moderator decides it now.")


class NoOffer(WrongState):
    code = "no_offer"
    default_message = _("The farmer has made no offer.")


class FarmerNotHeard(WrongState):
    """A moderator was too early."""

    code = "farmer_not_heard"
    default_message = _("The farmer still has time to answer. Please decide after that.")


class ReversedAlready(WrongState):
    """An entry of the ledger is undone once, and a reversal never."""

    code = "reversed_already"
    default_message = _("This entry has been undone already.")


class NothingToPayOut(WrongState):
    """Nobody has money that is free and not already on its way."""

    code = "nothing_to_pay_out"
    default_message = _("There is nothing to pay out right now.")


class SecondPersonNeeded(DomainError):
    """Who prepared a batch cannot approve it."""

    code = "second_person_needed"
    default_message = _("You prepared this yourself. Someone else has to approve it.")


class CannotBeReversed(DomainError):
    """An entry whose undoing has a way of its own."""

    code = "cannot_be_reversed"
    default_message = _("Money in a payout is not undone here: note the payout as returned, or give the batch up.")
