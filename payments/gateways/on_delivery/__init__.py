"""No provider, and nothing beforehand: the buyer pays when the parcel comes, and the farmer says that the money did.

As with the farmer's own code the money is never with anybody in between, so nothing of it can be held, shared or paid out.
"""

NAME = "on_delivery"
