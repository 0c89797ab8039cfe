"""What is written once stays: PostgreSQL itself refuses to change or delete it, whoever asks."""

import pytest
from django.apps import apps
from django.db import InternalError, connection, transaction

from accounts.models import StaffAct, VerificationDecision
from common.models import AppendOnly
from tests.make import NOON, make_farmer, make_moderator

pytestmark = pytest.mark.django_db

TABLES = sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly))


@pytest.fixture
def decision() -> VerificationDecision:
    return VerificationDecision.objects.create(
        farmer=make_farmer(), decided_by=make_moderator(), verdict="VERIFY", reason="Seen on the farm.", decided_at=NOON
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_verificationdecision SET reason = 'x'",
        "DELETE FROM accounts_verificationdecision",
    ],
)
def test_raw_sql_is_refused(decision: VerificationDecision, statement: str) -> None:
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    decision.refresh_from_db()
    assert decision.reason == "Seen on the farm."


def test_the_orm_is_refused_too(decision: VerificationDecision) -> None:
    decision.reason = "x"
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        decision.save()
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        decision.delete()

    assert VerificationDecision.objects.get().reason == "Seen on the farm."


def test_the_record_of_what_staff_did_cannot_be_emptied_either(decision: VerificationDecision) -> None:
    StaffAct.objects.create(
        actor=decision.decided_by, at=NOON, kind="farmer_verify", about="farmer:1", way="PAGE", ip="192.0.2.1"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit would stop a TRUNCATE by itself
    for statement in (
        "UPDATE accounts_staffact SET reason = 'x'",
        "DELETE FROM accounts_staffact",
        "TRUNCATE accounts_staffact",
        "TRUNCATE accounts_user CASCADE",
    ):
        with pytest.raises(InternalError, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert StaffAct.objects.get().reason == ""


def test_there_are_such_tables() -> None:
    assert {
        "accounts_staffact",
        "accounts_verificationdecision",
        "marketplace_moderationdecision",
        "orders_parcelevent",
    } <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_append_only_table_has_its_trigger(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_trigger
               WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgname LIKE 'pgtrigger_append_only%%'
                 AND tgenabled = 'O' AND tgtype & 8 = 8 AND tgtype & 16 = 16""",  # on DELETE and on UPDATE
            [table],
        )
        row = cursor.fetchone()
    assert row == (1,)
