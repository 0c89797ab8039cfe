"""`manage.py verify`: clean on a sound shop, and every single check finds what is planted for it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from common.invariants import Check
from config.verify import all_checks, run, verify
from orders.models import Order
from tests.breaking import breaks, make_sound_shop
from tests.concurrency.racing import at_once
from tests.config.breaches import BREACHES
from tests.make import NOON, make_listing, make_user
from tests.orders.making import make_order
from tests.planning import analyze


@pytest.mark.django_db
def test_a_sound_shop_breaks_nothing_and_every_breach_is_found(subtests, settings):
    """One shop for all, as making it takes longer than breaking it; what was planted is taken back each time."""
    make_sound_shop()
    settings.EMBEDDED = False
    checks = {check.name: check for check in all_checks()}
    assert breaks(checks.values()) == {}
    assert set(checks) == set(BREACHES), "each check has its breach"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    analyze()  # or the joins of some checks take minutes

    for name, plant in BREACHES.items():
        with subtests.test(name), transaction.atomic():
            plant()
            found = run(checks[name], timezone.now())
            transaction.set_rollback(True)
            assert not found.error
            assert found.breach.count >= 1
            assert len(found.breach.ids) == min(found.breach.count, 5)


@pytest.mark.django_db(transaction=True)
class TestTheCommand:
    def say(self, *arguments: str) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("verify", *arguments, stdout=out)
        except SystemExit as status:
            return int(str(status.code)), out.getvalue()
        return 0, out.getvalue()

    def test_says_that_all_holds(self):
        make_listing()

        status, said = self.say("--only", "lot_conserved", "--only", "lot_counters_match_holds")

        assert status == 0
        assert "2 checks" in said
        assert "all hold" in said

    def test_names_what_is_broken_and_ends_in_failure(self):
        order = make_order()
        Order.objects.filter(pk=order.pk).update(paid_at=NOON)

        status, said = self.say("--only", "order_paid_has_its_time")

        assert status == 1
        assert f"BROKEN  order_paid_has_its_time: 1 ({order.pk})" in said

    def test_tells_machines(self):
        order = make_order()
        Order.objects.filter(pk=order.pk).update(paid_at=NOON)

        status, said = self.say("--json", "--only", "order_paid_has_its_time", "--only", "lot_conserved")

        told = json.loads(said)
        assert (status, told["clean"], told["left_out"]) == (1, False, [])
        assert {check["name"]: (check["count"], check["ids"]) for check in told["checks"]} == {
            "order_paid_has_its_time": (1, [str(order.pk)]),
            "lot_conserved": (0, []),
        }

    def test_says_which_it_left_out(self):
        _, said = self.say("--json")

        assert json.loads(said)["left_out"] == ["photo_files_are_clean", "search_documents_are_fresh"]

    def test_an_unknown_name_is_no_clean_shop(self):
        with pytest.raises(CommandError, match="nothing_of_the_kind"):
            self.say("--only", "nothing_of_the_kind")

    def test_one_check_that_cannot_be_made_breaks_the_whole_and_hinders_no_other(self):
        checks = [
            Check("nonsense", "", "SELECT id FROM no_such_table"),
            Check("fine", "", "SELECT 1 AS id WHERE false"),
        ]

        nonsense, fine = verify(checks, NOON)

        assert (nonsense.is_clean, nonsense.error) == (False, "ProgrammingError 42P01")
        assert fine.is_clean

    def test_looks_at_one_moment_and_writes_nothing(self):
        """Another connection commits between two checks of one run; a third check tries to write."""
        people = Check("people", "", "SELECT id FROM accounts_user")
        write = Check("write", "", "UPDATE accounts_user SET name = 'x' RETURNING id")
        make_user()
        steps = verify([people, people, write], NOON)

        first = next(steps)
        at_once(make_user)
        second, refused = steps

        assert (first.breach.count, second.breach.count) == (1, 1)
        assert refused.error == "InternalError 25006"
