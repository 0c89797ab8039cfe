"""What the tests of the fund start from: people who handle it, programmes, gifts that arrived, grants at each stage."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from fund.models import Allotment, Grant, Payee, Programme
from fund.services import giving, grants, programmes
from payments.models import Gift, Payment
from payments.services import settle
from payments.services.giving import open_gift_payment
from tests.make import make_user
from tests.payments.scene import paid_event

PAPER = b"%PDF-1.4\n%receipt\n%%EOF\n"


def make_steward(name: str = "Steward") -> User:
    """Staff who may handle the fund."""
    user = make_user(name, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="handle_fund"))
    return user


def make_programme(actor: User | None = None, slug: str = "school-meals", **wishes: Any) -> Programme:
    """School meals, open since yesterday, unless told otherwise."""
    said = {
        "slug": slug,
        "area": "EDUCATION",
        "name_zh": "学校午餐",
        "name_en": "School meals",
        "purpose_zh": "给父母在外打工的孩子一顿热饭。",
        "purpose_en": "A warm meal for children whose parents work away.",
        "starts_on": timezone.now().date() - timedelta(days=1),
        "now": timezone.now(),
    }
    return programmes.open_programme(actor=actor or make_steward(), **said | wishes)


def make_gift(fen: int, purpose: str = "school-meals", giver: User | None = None, **wishes: Any) -> Gift:
    """A gift that is not paid yet."""
    said = {"key": uuid4(), "now": timezone.now()}
    return giving.give(giver=giver, purpose=purpose, amount_fen=fen, **said | wishes)


def make_gift_payment(gift: Gift) -> Payment:
    """Its live payment, as if the giver had pressed the button."""
    now = timezone.now()
    return open_gift_payment(gift_id=gift.pk, gateway="sandbox", now=now, pay_by=now + giving.TIME_TO_PAY)


def arrived(fen: int, purpose: str = "school-meals", giver: User | None = None, **wishes: Any) -> Gift:
    """A gift whose money came."""
    gift = make_gift(fen, purpose, giver, **wishes)
    settle(paid_event(make_gift_payment(gift)), timezone.now())
    gift.refresh_from_db()
    return gift


def make_payee(actor: User | None = None, name: str = "新村小学") -> Payee:
    said = {"kind": "SCHOOL", "account_kind": "BANK", "account_name": name, "account": "6222000011112222"}
    return grants.add_payee(actor=actor or make_steward(), name=name, now=timezone.now(), **said)


def make_grant(programme: Programme, fen: int, actor: User, payee: Payee | None = None, **wishes: Any) -> Grant:
    """One that waits for a second person."""
    said = {"purpose": "一个学期的午餐", "payee_id": (payee or make_payee(actor)).pk, "now": timezone.now()}
    if "farmer_id" in wishes:
        said.pop("payee_id")
    return grants.prepare_grant(actor=actor, programme_id=programme.pk, amount_fen=fen, **said | wishes)


def approve(grant: Grant, actor: User) -> Grant:
    return grants.approve_grant(grant_id=grant.pk, actor=actor, now=timezone.now())


def show(grant: Grant, actor: User, **wishes: Any) -> None:
    """Its evidence: the bank's receipt."""
    said = {"words": "银行回单", "dated_on": timezone.now().date(), "now": timezone.now()}
    if "photo" not in wishes:
        said["paper"] = SimpleUploadedFile("receipt.pdf", PAPER, "application/pdf")
    grants.add_evidence(grant_id=grant.pk, actor=actor, **said | wishes)


def pay(grant: Grant, actor: User, paid_on: date | None = None) -> Grant:
    now = timezone.now()
    return grants.pay_grant(grant_id=grant.pk, actor=actor, gateway="sandbox", paid_on=paid_on or now.date(), now=now)


def paid_grant(programme: Programme, fen: int, one: User, two: User, **wishes: Any) -> Grant:
    """A grant that was prepared by `one`, approved by `two`, and paid with evidence."""
    grant = make_grant(programme, fen, one, **wishes)
    approve(grant, two)
    show(grant, one)
    return pay(grant, one)


def make_allotment(actor: User, fen: int, programme: Programme | None = None, **wishes: Any) -> Allotment:
    said = {
        "from_area": False,
        "area": programme.area if programme else "EDUCATION",
        "reason": "开学",
        "now": timezone.now(),
    }
    return programmes.prepare_allotment(
        actor=actor, amount_fen=fen, programme_id=programme.pk if programme else None, **said | wishes
    )
