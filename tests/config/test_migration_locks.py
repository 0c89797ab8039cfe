"""The look at migrations finds what would stop a running shop. `make lint` looks at the migrations themselves."""

import pytest

from tests.config.migration_locks import EXEMPT, by_the_linter, complaints, guilty_of

NEW = 'CREATE TABLE "orders_gift" ("id" bigint NOT NULL PRIMARY KEY);'


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ('CREATE INDEX "gift_by_day" ON "orders_order" ("placed_at");', {"INDEX orders_order"}),
        ("CREATE UNIQUE INDEX gift_once ON orders_order (number);", {"INDEX orders_order"}),
        ('CREATE INDEX CONCURRENTLY "gift_by_day" ON "orders_order" ("placed_at");', set()),
        ('CREATE INDEX "gift_by_day" ON "orders_gift" ("id");', set()),
        ('ALTER TABLE "orders_order" ADD CONSTRAINT "paid" CHECK ("total_fen" > 0);', {"TRIED orders_order"}),
        ('ALTER TABLE "orders_order" ADD CONSTRAINT "paid" CHECK ("total_fen" > 0) NOT VALID;', set()),
        ('ALTER TABLE "orders_gift" ADD CONSTRAINT "paid" CHECK ("id" > 0);', set()),
        (
            'ALTER TABLE "orders_order" ADD CONSTRAINT "of" FOREIGN KEY ("x") REFERENCES "y" ("id");',
            {"TRIED orders_order"},
        ),
        ("UPDATE orders_order SET total_fen = 1", {"REWRITTEN orders_order"}),
        ('DELETE FROM "orders_order"', {"REWRITTEN orders_order"}),
        ("-- THIS OPERATION CANNOT BE WRITTEN AS SQL", {"PYTHON"}),
    ],
)
def test_what_holds_a_table_that_was_there_is_found(statement, found):
    # An index on the new table first: after one of those, the linter by itself looks no further.
    assert guilty_of([NEW, 'CREATE INDEX "gift_id" ON "orders_gift" ("id");', statement]) == found


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('ALTER TABLE "orders_order" DROP COLUMN "number" CASCADE;', "DROP_COLUMN"),
        ('ALTER TABLE "orders_order" RENAME COLUMN "number" TO "code";', "RENAME_COLUMN"),
        ('ALTER TABLE "orders_order" ALTER COLUMN "number" TYPE text;', "ALTER_COLUMN"),
        ('ALTER TABLE "orders_order" ALTER COLUMN "number" SET NOT NULL;', "NOT_NULL"),
    ],
)
def test_what_the_version_before_could_not_live_with_is_found(statement, code):
    assert code in by_the_linter([statement])


def test_what_is_not_on_record_is_told():
    exempt = {"orders.0002_gift": {"INDEX orders_order": "a reason"}}

    assert complaints({"orders.0002_gift": {"INDEX orders_order"}}, exempt) == []
    assert complaints({"orders.0002_gift": {"INDEX orders_order", "PYTHON"}}, exempt) == ["orders.0002_gift: PYTHON"]
    assert complaints({}, exempt) == ["orders.0002_gift is exempt, and is not there"]


def test_every_exemption_says_why():
    assert all(len(reason) > 15 for reasons in EXEMPT.values() for reason in reasons.values())
