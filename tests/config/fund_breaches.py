"""For each check of the fund, what must never be. See tests/config/breaches.py."""

from collections.abc import Callable

from tests.breaking import sql, without

FUND: dict[str, Callable[[], None]] = {
    "fund_never_below_nothing": sql(
        """UPDATE payments_leg SET fen = 99999999 WHERE id = (SELECT min(leg.id) FROM payments_leg leg
           JOIN payments_account account ON account.id = leg.account_id WHERE account.kind = 'FUND_PROGRAMME')"""
    ),
    "fund_moves_are_traced": sql("UPDATE fund_trace SET fen = fen - 1 WHERE id = (SELECT min(id) FROM fund_trace)"),
    "fund_decided_by_two": without(
        "fund_grant.grant_needs_two_people",
        "UPDATE fund_grant SET approved_by_id = prepared_by_id WHERE state = 'PAID'",
    ),
    "grant_paid_with_evidence": sql(
        "DELETE FROM fund_evidence WHERE grant_id IN (SELECT id FROM fund_grant WHERE state = 'PAID')"
    ),
    "grant_is_in_the_ledger": sql("UPDATE fund_grant SET amount_fen = amount_fen + 1 WHERE state = 'PAID'"),
    "allotment_stays_in_its_area": sql("UPDATE fund_allotment SET area = 'HEALTH' WHERE to_programme_id IS NOT NULL"),
    "gift_that_came_is_booked": sql("UPDATE payments_gift SET amount_fen = amount_fen + 1"),
    "round_up_is_where_it_belongs": sql(
        "UPDATE orders_order SET round_up_fen = round_up_fen + 1, total_fen = total_fen + 1 WHERE round_up_fen BETWEEN 1 AND 99"
    ),
    "donors_are_told": sql("DELETE FROM notifications_notification WHERE kind = 'gift_granted'"),
    "grant_photos_were_looked_at": sql("DELETE FROM fund_photodecision"),
}
