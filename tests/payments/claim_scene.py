"""What the tests of claims start from: a paid parcel that its buyer has received, and a claim on it."""

import io
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from notifications.models import Notification
from notifications.texts import words as in_words
from orders.models import Order, Parcel
from orders.services.parcels import receive_parcel
from payments.models import Claim, Refund
from payments.services import claiming
from payments.services.counting import Count
from tests.orders.making import post
from tests.payments.scene import first_parcel, make_paid_order

HOUR = timedelta(hours=1)
AFTER_THE_ANSWER = timedelta(hours=49)


def make_received(order: Order | None = None, now: datetime | None = None) -> Parcel:
    """The first parcel of a paid order, received just now."""
    return receive(first_parcel(make_paid_order(order)), now)


def receive(parcel: Parcel, now: datetime | None = None) -> Parcel:
    """A paid parcel posted and received."""
    now = now or timezone.now()
    post(parcel, now=now)
    receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=now)
    return Parcel.objects.select_related("order__buyer", "farmer__user").get(pk=parcel.pk)


def claim_on(parcel: Parcel, **wishes: Any) -> Claim:
    """A claim of its buyer's for 20 yuan, unless told otherwise."""
    said: dict[str, Any] = {
        "parcel_id": parcel.pk,
        "buyer": parcel.order.buyer,
        "kind": "SPOILED",
        "words": "三个烂了",
        "asked_fen": 2000,
        "uploads": [],
        "now": timezone.now(),
    }
    return claiming.open_claim(**said | wishes)


def count_on(parcel: Parcel, *counts: tuple[int, int | None], **wishes: Any) -> Claim:
    """A claim with a photo that counts (bad, of so many pieces; None: of its packs) for each line from the first on."""
    lines = parcel.lines.order_by("pk")
    said = [Count(line.pk, bad, out_of) for line, (bad, out_of) in zip(lines, counts, strict=False)]
    return claim_on(parcel, **{"asked_fen": None, "counts": said, "uploads": [picture()]} | wishes)


def dispute(claim: Claim, *, offered_fen: int | None = None, now: datetime | None = None, **wishes: Any) -> Claim:
    """The farmer's answer, with an offer if told so."""
    said: dict[str, Any] = {
        "claim_id": claim.pk,
        "farmer": claim.parcel.farmer.user,
        "words": "发货时都是好的",
        "offered_fen": offered_fen,
        "now": now or timezone.now(),
    }
    return claiming.dispute_claim(**said | wishes)


def picture(name: str = "rotten.jpg") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "brown").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def agree(claim: Claim, **wishes):
    said = {"claim_id": claim.pk, "farmer": claim.parcel.farmer.user, "now": timezone.now()}
    return claiming.agree_to_claim(**said | wishes)


def decide(claim: Claim, moderator, back_fen: int, **wishes):
    said = {
        "claim_id": claim.pk,
        "moderator": moderator,
        "back_fen": back_fen,
        "reason": "照片里看得清楚",
        "now": timezone.now() + AFTER_THE_ANSWER,
    }
    return claiming.decide_claim(**said | wishes)


def told(kind: str, person) -> list[str]:
    """What someone was told of a kind, in English."""
    with override("en"):
        mine = Notification.objects.filter(kind=kind, recipient=person).order_by("pk")
        return [in_words(kind, each.context).body for each in mine]


def stands(claim: Claim) -> tuple[str, int, int]:
    """The parcel's state, what was given back by its own count, and what the refunds say."""
    parcel = Parcel.objects.get(pk=claim.parcel_id)
    refunds = Refund.objects.filter(parcel=parcel, reason="CLAIM").values_list("amount_fen", flat=True)
    return parcel.state, parcel.refunded_fen, sum(refunds)


def enter(person, language: str = "en") -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


def url(name: str, *args) -> str:
    return reverse(f"payments:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def order_page(parcel: Parcel) -> str:
    return reverse("orders:order_detail", args=[parcel.order.number])
