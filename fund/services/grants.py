"""Grants: prepared by one, approved by another, paid with evidence, reported on; given up, or noted as returned.

Approving sets the money aside and says whose it was; only paying makes donors part of it. Locks: Grant → Account.
"""

from datetime import date, datetime
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.documents import EXTENSIONS, check_document, plain_name
from accounts.models import Farmer, User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, WrongState
from common.transactions import needs_transaction, use_case
from fund.access import check_may
from fund.errors import EvidenceNeeded, NotWomenLed, OwnPeople, ProgrammeClosed
from fund.models import Evidence, Grant, Payee, Programme, Trace
from fund.services.signing import give_up, lock, lock_to_approve, record, said, sign
from fund.services.tracing import Parts, take_from, trace
from fund.tellings import tell_donors, tell_farmer
from marketplace.services.photos import add_photo
from payments.gateways import GATEWAYS
from payments.gateways.direct import DIRECT
from payments.models import Account, Entry
from payments.services.booking import Kind, Move, Place, book, place_of

State = Grant.State
MAX_EVIDENCE = 20
REPORT_LENGTH = 2000


@use_case
def add_payee(
    *, actor: User, kind: str, name: str, account_kind: str, account_name: str, account: str, now: datetime
) -> Payee:
    """An organisation that grants can go to. Raises NotAllowed."""
    check_may(actor)
    payee = Payee.objects.create(
        kind=kind,
        name=name,
        account_kind=account_kind,
        account_name=account_name,
        account=account,
        added_by=actor,
        added_at=now,
    )
    record_act(actor=actor, kind="payee_add", about=f"payee:{payee.pk}", now=now, new={"name": name, "kind": kind})
    return payee


@use_case
def close_payee(*, payee_id: int, actor: User, now: datetime) -> None:
    """No new grants for it. Twice: the same. Raises NotAllowed."""
    check_may(actor)
    if Payee.objects.filter(pk=payee_id, is_open=True).update(is_open=False):
        record_act(actor=actor, kind="payee_close", about=f"payee:{payee_id}", now=now)


@use_case
def prepare_grant(
    *,
    actor: User,
    programme_id: int,
    amount_fen: int,
    purpose: str,
    now: datetime,
    payee_id: int | None = None,
    farmer_id: int | None = None,
    is_starter: bool = False,
) -> Grant:
    """Propose a grant to a payee, or to a verified farmer into their own account. Nothing moves yet.

    Raises NotAllowed, ProgrammeClosed, InvalidInput, NotWomenLed.
    """
    check_may(actor)
    programme = Programme.objects.get(pk=programme_id)
    if not programme.is_open:
        raise ProgrammeClosed
    if amount_fen <= 0:
        raise InvalidInput(_("Please type an amount above 0."), field="amount")
    payee = _farmers_payee(farmer_id, actor, now) if farmer_id else _open_payee(payee_id)
    farmer = payee.farmer
    if is_starter and (farmer is None or (programme.for_women_led and not farmer.women_led)):
        raise NotWomenLed(field="payee")
    grant = Grant.objects.create(
        programme=programme,
        payee=payee,
        is_starter=is_starter,
        amount_fen=amount_fen,
        purpose=purpose,
        account_kind=farmer.payee_kind if farmer else payee.account_kind,
        account_name=farmer.payee_name if farmer else payee.account_name,
        account=farmer.payee_account if farmer else payee.account,
        prepared_by=actor,
        prepared_at=now,
    )
    record(grant, "grant_prepare", actor, now, fen=amount_fen, programme=programme.slug)
    return grant


def _open_payee(payee_id: int | None) -> Payee:
    payee = Payee.objects.filter(pk=payee_id or 0, is_open=True, farmer=None).first()
    if payee is None:
        raise InvalidInput(_("Please choose to whom it goes."), field="payee")
    return payee


@needs_transaction
def _farmers_payee(farmer_id: int, actor: User, now: datetime) -> Payee:
    farmer = Farmer.objects.verified().filter(pk=farmer_id).first()
    if farmer is None:
        raise InvalidInput(_("This farmer is not verified."), field="farmer")
    payee, _is_new = Payee.objects.get_or_create(
        farmer=farmer,
        defaults={"kind": Payee.Kind.FARMER, "name": farmer.name[:60], "added_by": actor, "added_at": now},
    )
    return payee


@use_case
def approve_grant(*, grant_id: int, actor: User, now: datetime) -> Grant:
    """A second person, not close to the farmer it goes to, stands for it: its money is set aside, first in, first out.

    Raises NotAllowed, SecondPersonNeeded, OwnPeople, WrongState, NotEnoughThere.
    """
    grant = lock_to_approve(Grant, grant_id, actor)
    if grant.payee.farmer and is_close_to(actor, grant.payee.farmer):
        raise OwnPeople
    programme = grant.programme
    parts = take_from(programme.account_id, grant.amount_fen)
    moves = [Move(place_of(programme.account), grant.amount_fen), Move(_due(grant), -grant.amount_fen)]
    entry = book(ref=f"grant:{grant.pk}", kind=Entry.Kind.GRANTED, moves=moves, now=now, actor=actor)
    sign(grant, actor, now, reserved_entry=trace(entry, [(programme.account_id, parts, -1)]))
    record(grant, "grant_approve", actor, now, fen=grant.amount_fen)
    return grant


def _due(grant: Grant) -> Place:
    return Place(Kind.GRANT_DUE, purpose=grant.programme.slug)


@use_case
def add_evidence(
    *,
    grant_id: int,
    actor: User,
    words: str,
    dated_on: date,
    now: datetime,
    paper: UploadedFile | None = None,
    photo: UploadedFile | None = None,
) -> Evidence:
    """Keep a paper (for staff alone) or a photo (shown once a moderator has approved it) of a grant.

    Raises NotAllowed, WrongState for what was given up, InvalidInput for a file that is none of these.
    """
    grant = lock(Grant, grant_id, actor, *(state for state in State if state != State.DROPPED))
    if dated_on > timezone.localdate(now):
        raise InvalidInput(_("That day has not come yet."), field="dated_on")
    if grant.evidence.count() >= MAX_EVIDENCE:
        raise InvalidInput(
            _("There is a lot of evidence already: %(count)s at most."), field="paper", count=MAX_EVIDENCE
        )
    about = {"grant": grant, "words": words, "dated_on": dated_on, "added_by": actor, "added_at": now}
    if photo is not None:
        kept = Evidence.objects.create(photo=add_photo(user=actor, upload=photo, now=now), **about)
    elif paper is not None:
        kept = _keep_paper(paper, about)
    else:
        raise InvalidInput(_("Please choose a paper or a photo."), field="paper")
    record(grant, "grant_evidence", actor, now, evidence=kept.pk)
    return kept


@needs_transaction
def _keep_paper(paper: UploadedFile, about: dict[str, object]) -> Evidence:
    try:
        media_type = check_document(paper)
    except InvalidInput as error:
        error.field = "paper"
        raise
    evidence = Evidence(media_type=media_type, original_name=plain_name(paper.name or "", media_type), **about)
    paper.seek(0)
    evidence.file.save(f"{uuid4().hex}{EXTENSIONS[media_type]}", paper, save=False)
    try:
        evidence.save()
    except BaseException:
        evidence.file.delete(save=False)  # the row goes with the transaction, the file would not
        raise
    return evidence


@use_case
def pay_grant(*, grant_id: int, actor: User, gateway: str, paid_on: date, now: datetime) -> Grant:
    """The transfer was made, out of what lies with `gateway`: donors and the farmer are told.

    Raises NotAllowed, WrongState unless it is approved, EvidenceNeeded, InvalidInput.
    """
    grant = lock(Grant, grant_id, actor, State.APPROVED)
    if gateway not in providers():
        raise InvalidInput(_("Please say from where it was paid."), field="gateway")
    if paid_on > timezone.localdate(now):
        raise InvalidInput(_("That day has not come yet."), field="paid_on")
    if not has_evidence(grant):
        raise EvidenceNeeded
    moves = [Move(_due(grant), grant.amount_fen), Move(Place(Kind.PROVIDER, gateway=gateway), -grant.amount_fen)]
    grant.paid_entry = book(ref=f"grant-paid:{grant.pk}", kind=Entry.Kind.GRANT_PAID, moves=moves, now=now, actor=actor)
    grant.state, grant.paid_by, grant.paid_at, grant.paid_on = State.PAID, actor, now, paid_on
    grant.save(update_fields=["state", "paid_by", "paid_at", "paid_on", "paid_entry"])
    record(grant, "grant_pay", actor, now, gateway=gateway)
    tell_donors(grant, now)
    tell_farmer(grant, now)
    return grant


def has_evidence(grant: Grant) -> bool:
    """Whether there is something that shows it; the database asks again."""
    return grant.evidence.exists()


def providers() -> list[str]:
    """With whom the fund's money may lie: the gateways that the ledger knows."""
    names = Account.objects.filter(kind=Kind.PROVIDER).order_by("name").values_list("name", flat=True)
    known = [name.partition(":")[2] for name in names]
    return [name for name in known if name in GATEWAYS and name not in DIRECT]


@use_case
def report_grant(*, grant_id: int, actor: User, report: str, beneficiaries: int, now: datetime) -> Grant:
    """What became of it, for everybody to read, and how many people it reached. Raises NotAllowed, WrongState, InvalidInput."""
    grant = lock(Grant, grant_id, actor, State.PAID)
    report = report.strip()
    if not report or len(report) > REPORT_LENGTH:
        raise InvalidInput(_("Please say what became of it, in up to 2000 letters."), field="report")
    grant.report, grant.beneficiaries = report, beneficiaries
    grant.state, grant.reported_by, grant.reported_at = State.REPORTED, actor, now
    grant.save(update_fields=["report", "beneficiaries", "state", "reported_by", "reported_at"])
    record(grant, "grant_report", actor, now, beneficiaries=beneficiaries)
    return grant


@use_case
def drop_grant(*, grant_id: int, actor: User, reason: str, now: datetime) -> Grant:
    """Give it up before it was paid: what was set aside is the programme's again, and the same givers'.

    Raises NotAllowed, WrongState, InvalidInput.
    """
    grant = lock(Grant, grant_id, actor, State.PREPARED, State.APPROVED)
    entry = _back(grant, _due(grant), f"grant-dropped:{grant.pk}", now) if grant.reserved_entry_id else None
    give_up(grant, actor, reason, now, back_entry=entry)
    record(grant, "grant_drop", actor, now, reason=grant.why_dropped)
    return grant


@use_case
def return_grant(*, grant_id: int, actor: User, reason: str, now: datetime) -> Grant:
    """The payee, or the bank, sent it back: it is the programme's again, and the same givers'. Raises as `drop_grant`."""
    grant = lock(Grant, grant_id, actor, State.PAID, State.REPORTED)
    grant.why_returned = said(reason)
    from_provider = grant.paid_entry.leg_rows.select_related("account").get(fen__lt=0) if grant.paid_entry else None
    if from_provider is None:
        raise WrongState
    place = Place(Kind.PROVIDER, gateway=from_provider.account.name.partition(":")[2])
    grant.back_entry = _back(grant, place, f"grant-returned:{grant.pk}", now)
    grant.state, grant.returned_by, grant.returned_at = State.RETURNED, actor, now
    grant.save(update_fields=["why_returned", "back_entry", "state", "returned_by", "returned_at"])
    record(grant, "grant_return", actor, now, reason=grant.why_returned)
    return grant


@needs_transaction
def _back(grant: Grant, source: Place, ref: str, now: datetime) -> Entry:
    programme = grant.programme
    went = Trace.objects.filter(entry=grant.reserved_entry_id, account=programme.account_id).order_by("origin")
    parts: Parts = [(origin, -fen) for origin, fen in went.values_list("origin", "fen")]
    moves = [Move(source, grant.amount_fen), Move(place_of(programme.account), -grant.amount_fen)]
    entry = book(ref=ref, kind=Entry.Kind.GRANT_BACK, moves=moves, now=now)
    return trace(entry, [(programme.account_id, parts, 1)])
