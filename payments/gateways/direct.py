"""The ways by which a farmer is paid with nobody in between: nothing of it is held, shared or paid out, and the farmer's
word alone says that it came or went back.
"""

from payments.gateways.offline import NAME as OFFLINE
from payments.gateways.on_delivery import NAME as ON_DELIVERY

DIRECT = (OFFLINE, ON_DELIVERY)
