"""What accounts stores: users, places, farmers and who verified them, addresses, specialists' postings."""

from accounts.models.access import ApiToken, KeptAnswer
from accounts.models.acts import StaffAct, Tie
from accounts.models.addresses import Address
from accounts.models.consents import Consent, ConsentRequest, DelegatedAct
from accounts.models.farmers import Farmer, FarmerDocument, Posting, VerificationDecision
from accounts.models.invitations import Invitation
from accounts.models.payees import PayeeChange, PayeeRequest
from accounts.models.places import County, Region
from accounts.models.recoveries import NumberRecovery
from accounts.models.showing import ShowingChoice
from accounts.models.users import User

__all__ = [
    "Address",
    "ApiToken",
    "Consent",
    "ConsentRequest",
    "County",
    "DelegatedAct",
    "Farmer",
    "FarmerDocument",
    "Invitation",
    "KeptAnswer",
    "NumberRecovery",
    "PayeeChange",
    "PayeeRequest",
    "Posting",
    "Region",
    "ShowingChoice",
    "StaffAct",
    "Tie",
    "User",
    "VerificationDecision",
]
