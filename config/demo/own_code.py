"""The demo farmer's own receiving code, by which buyers can pay them directly: sent, confirmed and looked at like any other;
and that they let buyers pay on delivery.

Whoever scans it reads that it is of a demo: nobody can be paid by it.
"""

from datetime import timedelta
from io import BytesIO

import segno
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from config.demo.farms import Farm, Farms
from marketplace.services import photos
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Notification
from payments import on_delivery_queries
from payments.services import on_delivery, receiving_codes

MOST_ON_DELIVERY_FEN = 20_000
SENT_AGO = timedelta(days=6)  # long enough for PAYEE_CHANGE_WAIT
SAYS = "演示用，不能付款。A demo: nobody can be paid by this code."


def send_own_code(farms: Farms, demo_farm: Farm) -> None:
    """Let the demo farmer's buyers pay them directly, for some days already; the farmer is verified by now."""
    user, moderator, when = demo_farm.seller.user, farms.cast.moderators[0], farms.timeline.now - SENT_AGO
    picture = BytesIO()
    segno.make(SAYS, error="m", micro=False).save(picture, kind="png", scale=16, border=4)
    upload = SimpleUploadedFile("code.png", picture.getvalue(), "image/png")
    asked = receiving_codes.ask_receiving_code(user_id=user.pk, kind="WECHAT", upload=upload, now=when)
    receiving_codes.confirm_receiving_code(user_id=user.pk, pk=asked.pk, code=_digits(user), now=when)
    photos.process_photo(photo_id=asked.photo_id, now=when)
    receiving_codes.approve_receiving_code(pk=asked.pk, moderator=moderator, now=when + timedelta(hours=5))
    if on_delivery_queries.is_set_up():
        on_delivery.set_terms(user_id=user.pk, is_offered=True, most_fen=MOST_ON_DELIVERY_FEN, now=when)


def _digits(user: User) -> str:
    """What the farmer would read on their phone."""
    told = Notification.objects.filter(recipient=user, kind=SIGN_IN_CODE).latest("pk")
    return str(told.context["code"])
