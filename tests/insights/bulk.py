"""A shop with very many sold lines, written past triggers and services: for counting, not for shopping.

Deterministic. Orders of two parcels with two lines each, over two years up to yesterday; most settled and paid out, some
refunded in part or whole, also months later. Only what the roll-ups read is there, and it balances.
"""

# ruff: noqa: E501  # rows of SQL

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from tests.planning import analyze

COUNTIES, FARMERS_EACH, BUYERS, DAYS = 24, 12, 400, 770

# Numbers that look drawn: a hash of the row's own number, the same in every run.
_DRAWN = """
CREATE OR REPLACE FUNCTION pg_temp.drawn(number bigint, salt int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS
    $$ SELECT (abs(hashint8(number * 31 + salt)::bigint) % below)::int $$
"""
_SETUP = """
INSERT INTO accounts_region (code, level, name_zh, name_en, is_current, is_virtual)
    VALUES ('520000', 'PROVINCE', '贵州省', 'Guizhou', true, false) ON CONFLICT DO NOTHING;
INSERT INTO marketplace_produce (id, slug, parent_id, name_zh, name_en, unit, shelf_life_days, cold, harvest_months, picture, position)
    SELECT 90000 + n, 'bulk-' || n, CASE WHEN n > 0 THEN 90000 END, '产品' || n, 'Kind ' || n, 'KG', 30, 'NO', '{}', '', n
    FROM generate_series(0, 6) n;
INSERT INTO accounts_county (id, slug, list_no, code, province_id, prefecture_zh, prefecture_en, name_zh, name_en, short_zh,
                             short_en, alternative_en, latitude, longitude, year_lifted)
    SELECT 90000 + n, 'bulk-county-' || n, 9000 + n, '529' || lpad(n::text, 3, '0'), '520000', '某市', 'Some City',
           '县' || n, 'County ' || n, '县' || n, 'County ' || n, '', 26 + n * 0.05, 105 + n * 0.1, 2019
    FROM generate_series(1, %(counties)s) n;
INSERT INTO accounts_user (id, password, is_superuser, phone_verified, name, language, is_staff, is_moderator, is_active,
                           is_demo, joined_at, phone)
    SELECT 9000000 + n, '!', false, true, 'Person ' || n, 'zh-hans', false, false, true, true,
           %(now)s::timestamptz - interval '3 years', '+8615' || lpad(n::text, 9, '0')
    FROM generate_series(1, %(counties)s * %(each)s + %(buyers)s) n;
INSERT INTO accounts_farmer (id, user_id, kind, name, county_id, town, village, women_led, registered_poor, payee_kind,
                             payee_name, payee_account, status, status_reason, applied_at, verified_at)
    SELECT 900000 + n, 9000000 + n, CASE WHEN n %% 10 = 0 THEN 'COOPERATIVE' ELSE 'HOUSEHOLD' END, 'Farm ' || n,
           90000 + 1 + (n - 1) / %(each)s, 'T', 'V', n %% 3 = 0, false, 'BANK', 'P', '9000' || n, 'VERIFIED', '',
           %(now)s::timestamptz - interval '3 years', %(now)s::timestamptz - interval '3 years'
    FROM generate_series(1, %(counties)s * %(each)s) n;
INSERT INTO payments_account (id, name, kind, farmer_id)
    SELECT 9000000 + n * 3 + k, 'farmer:' || (900000 + n) || ':' || (ARRAY['held', 'due', 'payout'])[k + 1],
           (ARRAY['FARMER_HELD', 'FARMER_DUE', 'FARMER_PAYOUT'])[k + 1], 900000 + n
    FROM generate_series(1, %(counties)s * %(each)s) n, generate_series(0, 2) k;
INSERT INTO payments_account (id, name, kind) VALUES (8999990, 'provider:bulk', 'PROVIDER'),
    (8999991, 'platform_held:bulk', 'PLATFORM_HELD'), (8999992, 'platform:bulk', 'PLATFORM'),
    (8999993, 'refund_due:bulk', 'REFUND_DUE');
-- Two listings of each farm: the county's own produce, and another.
INSERT INTO marketplace_listing (id, farmer_id, status, county_id, province_id, words, origin, rating_sum, rating_count, created_at)
    SELECT 9000000 + 2 * n + k, 900000 + n, 'DRAFT', 90000 + 1 + (n - 1) / %(each)s, '520000', '', '', 0, 0, %(now)s
    FROM generate_series(1, %(counties)s * %(each)s) n, generate_series(0, 1) k;
INSERT INTO marketplace_listingrevision (id, listing_id, number, status, produce_id, pack_grams, price_fen, words, origin,
                                         keeps_days, created_at, submitted_at)
    SELECT 9000000 + 2 * n + k, 9000000 + 2 * n + k, 1, 'DRAFT',
           90001 + CASE k WHEN 0 THEN ((n - 1) / %(each)s) %% 3 ELSE 3 + n %% 3 END, 5000, 4000, '', '', 30, %(now)s, %(now)s
    FROM generate_series(1, %(counties)s * %(each)s) n, generate_series(0, 1) k;
INSERT INTO marketplace_lot (id, listing_id, trace_code, harvested, held, sold, grade, picked_on, created_at)
    SELECT 9000000 + n, 9000000 + n, 'BULK' || n, 1000000, 0, 0, 'FIRST', date '2024-01-01', %(now)s
    FROM generate_series(2, 2 * %(counties)s * %(each)s + 1) n;
"""

_ORDERS = """
CREATE TEMP TABLE bulk_line ON COMMIT DROP AS
SELECT o, p, l, 9000000 + o AS order_id, 9000000 + 2 * o + p AS parcel_id, 9000000 + 4 * o + 2 * p + l AS line_id,
       1 + (pg_temp.drawn(o, 1, %(farmers)s) + p * 7) %% %(farmers)s AS farm,
       1 + pg_temp.drawn(o, 2, %(buyers)s) AS buyer,
       1 + pg_temp.drawn(4 * o + 2 * p + l, 3, 4) AS packs,
       2000 + 100 * pg_temp.drawn(4 * o + 2 * p + l, 4, 60) AS price,
       -- more of late than at first
       %(now)s::timestamptz - interval '1 day' * (1 + (%(days)s - 2) * power(pg_temp.drawn(o, 5, 1000000) / 1e6, 1.4)) AS paid_at,
       pg_temp.drawn(2 * o + p, 6, 100) AS fate
FROM generate_series(%(first)s, %(first)s + %(lines)s / 4 - 1) o, generate_series(0, 1) p, generate_series(0, 1) l;
ALTER TABLE bulk_line ADD total int, ADD platform int, ADD back int, ADD settled bool, ADD half int, ADD batch_id int, ADD payout_id int;
UPDATE bulk_line SET total = packs * price, platform = packs * price / 20,
    back = CASE WHEN fate < 3 THEN packs * price WHEN fate < 6 AND l = 0 THEN packs * price / 3 ELSE 0 END,
    settled = paid_at < %(now)s::timestamptz - interval '15 days',
    half = extract(year FROM paid_at)::int %% 4 * 2 + (extract(month FROM paid_at) > 6)::int;
ANALYZE bulk_line;
UPDATE bulk_line SET batch_id = 1000000 + %(first)s * 10 + half, payout_id = (1000000 + %(first)s * 10 + half) * 300 + farm;
INSERT INTO orders_order (id, number, buyer_id, checkout_key, status, goods_fen, postage_fen, total_fen, recipient, phone,
                          province_id, address, note, placed_at, pay_by, paid_at)
    SELECT order_id, 'B' || o, 9000000 + %(farmers)s + min(buyer), gen_random_uuid(), 'PAID', sum(total), 0, sum(total), 'R', '1',
           '520000', 'A', '', min(paid_at), min(paid_at), min(paid_at) FROM bulk_line GROUP BY o, order_id;
INSERT INTO orders_parcel (id, order_id, farmer_id, number, state, goods_fen, postage_fen, weight_grams, refunded_fen, days_min,
                           days_max, is_late, courier, tracking_number, timer)
    SELECT parcel_id, order_id, 900000 + farm, 'B' || o || '-' || p, 'TO_PACK', sum(total), 0, sum(packs) * 5000, sum(back), 2, 4,
           false, '', '', '' FROM bulk_line GROUP BY o, p, parcel_id, order_id, farm;
INSERT INTO marketplace_hold (id, lot_id, order_number, packs, status, expires_at, created_at)
    SELECT line_id, 9000000 + 2 * farm + l, 'B' || o, packs, 'SOLD', paid_at, paid_at FROM bulk_line;
INSERT INTO orders_orderline (id, parcel_id, listing_id, revision_id, lot_id, hold_id, produce_zh, produce_en, pack_grams, packs,
                              unit_price_fen, total_fen, platform_fen, fund_fen, postage_fen)
    SELECT line_id, parcel_id, 9000000 + 2 * farm + l, 9000000 + 2 * farm + l, 9000000 + 2 * farm + l, line_id, '', '', 5000, packs,
           price, total, platform, 0, 0 FROM bulk_line;
"""

_LEDGER = """
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, reason)
    SELECT 90000000 + o, 'bulk-paid:' || o, 'PAID', min(paid_at), 9, '' FROM bulk_line GROUP BY o;
INSERT INTO payments_leg (entry_id, account_id, fen, part)
    SELECT 90000000 + o, 8999990, sum(total), '' FROM bulk_line GROUP BY o;
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT 90000000 + o, 9000000 + farm * 3, platform - total, line_id, 'GOODS' FROM bulk_line
    UNION ALL SELECT 90000000 + o, 8999991, -platform, line_id, 'GOODS' FROM bulk_line;
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, reason, parcel_id)
    SELECT 100000000 + 2 * o + p, 'bulk-settled:' || o || ':' || p, 'SETTLED', min(paid_at) + interval '10 days', 8, '', parcel_id
    FROM bulk_line WHERE settled GROUP BY o, p, parcel_id;
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT 100000000 + 2 * o + p, account, fen, line_id, 'GOODS' FROM bulk_line, LATERAL (VALUES
        (9000000 + farm * 3, total - platform), (9000000 + farm * 3 + 1, platform - total), (8999991, platform), (8999992, -platform)
    ) leg (account, fen) WHERE settled;
-- Back to the buyer one to ninety days after: from farm and platform in proportion.
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, reason, parcel_id)
    SELECT 110000000 + line_id, 'bulk-refund:' || line_id, 'REFUND', paid_at + interval '1 day' * (1 + line_id %% 90), 3, '', parcel_id
    FROM bulk_line WHERE back > 0;
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT 110000000 + line_id, account, fen, line_id, 'GOODS' FROM bulk_line, LATERAL (VALUES
        (9000000 + farm * 3 + settled::int, back - back * platform / total),
        (CASE WHEN settled THEN 8999992 ELSE 8999991 END, back * platform / total), (8999993, -back)
    ) leg (account, fen) WHERE back > 0 AND fen <> 0;
-- Payouts: one for each farm and half-year; the newest of the first lines are still with the bank.
INSERT INTO payments_payoutbatch (id, state, prepared_by_id, prepared_at, approved_by_id, approved_at, sent_by_id, sent_at, reason)
    SELECT DISTINCT batch_id, 'SENT', 9000001, %(now)s::timestamptz, 9000002, %(now)s::timestamptz, 9000001, %(now)s::timestamptz, ''
    FROM bulk_line WHERE settled AND back = 0;
INSERT INTO payments_payout (id, batch_id, farmer_id, reference, amount_fen, payee_kind, payee_name, payee_account, state, reason,
                             is_payee_wrong, paid_at)
    SELECT payout_id, batch_id, 900000 + farm, 'BULK' || payout_id, sum(total - platform), 'BANK', 'P', 'A', max(state), '', false,
           CASE WHEN max(state) = 'PAID' THEN %(now)s::timestamptz END
    FROM bulk_line, LATERAL (SELECT CASE WHEN %(first)s = 1 AND half = (SELECT max(half) FROM bulk_line WHERE settled AND back = 0)
                                    THEN 'SENT' ELSE 'PAID' END AS state) standing
    WHERE settled AND back = 0 GROUP BY payout_id, batch_id, farm;
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, reason, payout_id)
    SELECT DISTINCT 200000000 + payout_id, 'bulk-payout:' || payout_id, 'PAYOUT', %(now)s::timestamptz, 2, '', payout_id
    FROM bulk_line WHERE settled AND back = 0;
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT 200000000 + payout_id, account, fen, line_id, 'GOODS'
    FROM bulk_line, LATERAL (VALUES (9000000 + farm * 3 + 1, total - platform), (9000000 + farm * 3 + 2, platform - total)) leg (account, fen)
    WHERE settled AND back = 0;
"""


@contextmanager
def noting() -> Iterator[None]:
    """Let what notes changes run in here although `fill` writes past triggers, as in a running shop. (The ledger's own
    guard would ask of each leg alone whether its entry balances.)
    """
    triggers = [("payments_leg", "insights_leg_added"), ("payments_entry", "insights_payout_booked")]
    try:
        for table, trigger in triggers:
            _run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        yield
    finally:
        for table, trigger in triggers:
            _run(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def fill(*, lines: int, now: datetime, first: int = 1) -> None:
    """Add about so many lines, in orders numbered from `first`; with the first come farms, buyers and produce.

    Nothing is noted, so that only a rebuild finds them, except within `noting`.
    """
    wishes = {
        "counties": COUNTIES,
        "each": FARMERS_EACH,
        "farmers": COUNTIES * FARMERS_EACH,
        "buyers": BUYERS,
        "days": DAYS,
        "lines": lines,
        "first": first,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0")
        cursor.execute(_DRAWN)
        if first == 1:
            cursor.execute(_SETUP, wishes)
        cursor.execute(_ORDERS, wishes)
        cursor.execute(_LEDGER, wishes)
    if first == 1:
        analyze()
