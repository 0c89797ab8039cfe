"""Roll-ups: a line counts on the day it was paid, as the ledger has it now, once, whatever comes late, twice or at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from common.transactions import use_case
from config.verify import run
from insights.invariants import CHECKS
from insights.models import Change, DayFigure, Sale
from insights.services.rolling_up import absorb, absorb_all, rebuild
from payments.models import Entry
from payments.services.booking import reverse_entry
from tests.make import NOON, make_farmer, make_finance, make_listing, make_user
from tests.payments.payout_scene import come_back, confirm, give_back_of, make_settled, sent
from tests.payments.scene import first_parcel, make_order, make_order_of_two, make_paid_order

pytestmark = pytest.mark.django_db(transaction=True)
give_back = use_case(give_back_of)


def rolled_up() -> list[dict[str, Any]]:
    """All cells, after what waited was counted; and that everything holds."""
    absorb_all()
    assert [check.name for check in CHECKS if not run(check, timezone.now()).is_clean] == []
    return [
        {name: value for name, value in cell.items() if name != "id" and value}
        for cell in DayFigure.objects.order_by("day", "county_id", "produce_id").values()
    ]


def test_what_was_paid_counts_on_its_day_and_nothing_unpaid() -> None:
    make_order()
    order = make_paid_order(make_order({make_listing(make_farmer(women_led=True)): 2}))

    [cell] = rolled_up()

    line = first_parcel(order).lines.get()
    assert cell["day"] == timezone.localdate(order.paid_at)
    assert (cell["goods_fen"], cell["farmer_fen"]) == (9960, line.farmer_fen)
    assert (cell["grams"], cell["packs"], cell["orders"], cell["parcels"]) == (10_000, 2, 1, 1)
    assert (cell["women_led"], cell["kind"], cell["produce_id"]) == (True, "HOUSEHOLD", line.revision.produce_id)
    assert "paid_fen" not in cell
    assert "refund_fen" not in cell


def test_an_order_of_two_farmers_is_one_order_and_two_parcels() -> None:
    make_paid_order(make_order_of_two())

    cells = rolled_up()

    assert (sum(cell.get("orders", 0) for cell in cells), sum(cell.get("parcels", 0) for cell in cells)) == (1, 2)


def test_a_late_refund_moves_the_day_of_the_sale() -> None:
    parcel = make_settled()
    [before] = rolled_up()

    with time_machine.travel(NOON + timedelta(days=40)):
        give_back(parcel, 4980)
        [after] = rolled_up()

    assert after["day"] == before["day"]
    assert after["refund_fen"] == 4980
    assert before["farmer_fen"] > after["farmer_fen"] > 0
    assert after["packs"] == 2  # the rest of the line is still sold


def test_what_went_back_whole_is_neither_a_box_nor_weight() -> None:
    give_back(make_settled(), 9960)

    [cell] = rolled_up()

    assert cell["refund_fen"] == cell["goods_fen"] == 9960
    assert not cell.keys() & {"packs", "grams", "farmer_fen"}
    assert cell["orders"] == 1


def test_only_what_the_bank_confirmed_counts_as_paid_to_the_farmer_and_not_if_it_came_back() -> None:
    make_settled()
    preparer, approver = make_finance("A"), make_finance("B")
    [payout] = sent(preparer, approver)
    assert "paid_fen" not in rolled_up()[0]

    confirm(payout, preparer)
    [paid] = rolled_up()
    assert paid["paid_fen"] == paid["farmer_fen"]

    come_back(payout, preparer)
    assert "paid_fen" not in rolled_up()[0]


def test_an_entry_that_was_undone_counts_nothing() -> None:
    make_paid_order()
    rolled_up()

    reverse_entry(
        entry_id=Entry.objects.get(kind="PAID").pk,
        actor=make_user("Admin", is_superuser=True),
        reason="Wrong.",
        now=timezone.now(),
    )

    assert not {"goods_fen", "farmer_fen", "packs"} & rolled_up()[0].keys()


def test_a_farm_counts_as_what_it_is_now() -> None:
    farmer = make_farmer()
    make_paid_order(make_order({make_listing(farmer): 1}))
    rolled_up()

    farmer.women_led = True
    farmer.save(update_fields=["women_led"])

    assert [cell.get("women_led") for cell in rolled_up() if cell.get("goods_fen")] == [True]


def test_the_day_is_chinas() -> None:
    with time_machine.travel(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)):  # half past midnight on the 25th
        make_paid_order()
        [cell] = rolled_up()

    assert cell["day"].isoformat() == "2026-11-25"


def test_counting_again_changes_nothing_and_a_rebuild_gives_the_same() -> None:
    give_back(make_settled(), 1000)
    make_paid_order(make_order_of_two())
    first = rolled_up()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO insights_change (line_id) SELECT line_id FROM insights_sale, generate_series(1, 3)")

    assert rolled_up() == first
    rebuild()
    assert rolled_up() == first
    DayFigure.objects.update(goods_fen=1)
    call_command("insights", "rebuild")
    assert rolled_up() == first


def test_a_change_that_was_not_counted_stays_noted() -> None:
    """Whoever dies in the middle of counting has counted nothing and forgotten nothing."""
    make_paid_order()
    waiting = Change.objects.count()

    def count_and_die() -> None:
        absorb.__wrapped__()  # type: ignore[attr-defined]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        use_case(count_and_die)()

    assert (Change.objects.count(), Sale.objects.count()) == (waiting, 0)
