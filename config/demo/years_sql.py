"""What a paid order leaves behind, table by table, for config/demo/years.py: each statement is run once, in this order."""

# ruff: noqa: E501, S608  # rows of SQL, all our own words


def _id(table: str) -> str:
    return f"nextval(pg_get_serial_sequence('{table}', 'id'))"


# One row for each order, with the ids of all that it becomes. Numbers are drawn from the letters of common/codes.py.
_WHOLE = f"""
CREATE TEMP TABLE sold ON COMMIT DROP AS
SELECT plain.*, total * %(platform)s / 10000 AS platform, total * %(fund)s / 10000 AS fund,
       paid_at - interval '3 minutes' AS placed_at, paid_at + interval '26 hours' AS posted_at,
       paid_at + interval '5 days' AS received_at, paid_at + interval '5 days' + %(window)s::interval AS settled_at
FROM (
    SELECT o.n, o.listing_id, o.buyer_id, o.packs, o.paid_at, o.cancelled, listing.farmer_id, listing.pack_grams,
           listing.approved_revision_id AS revision_id, farmer.user_id AS grower_id, produce.name_zh, produce.name_en,
           listing.price_fen AS price, o.packs * listing.price_fen AS total,
           800 + 300 * (greatest(0, (o.packs * listing.pack_grams - 1) / 1000)) AS postage,
           upper(translate(substr(md5(o.n || 'chushan'), 1, 10), '01', 'xy')) AS letters,
           {_id("orders_order")} AS order_id, {_id("orders_parcel")} AS parcel_id, {_id("orders_orderline")} AS line_id,
           {_id("marketplace_hold")} AS hold_id, {_id("payments_payment")} AS payment_id, {_id("payments_entry")} AS paid_entry,
           {_id("payments_entry")} AS end_entry, {_id("payments_entry")} AS back_entry, {_id("payments_refund")} AS refund_id
    FROM years_order o
    JOIN marketplace_listing listing ON listing.id = o.listing_id
    JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
    JOIN marketplace_produce produce ON produce.id = listing.produce_id
) plain
"""
_NUMBERED = """
ALTER TABLE sold ADD number text, ADD lot_id bigint, ADD month date, ADD payout_id bigint, ADD quarter date;
UPDATE sold SET number = left(letters, 5) || '-' || right(letters, 5), month = date_trunc('month', paid_at AT TIME ZONE 'Asia/Shanghai'),
    quarter = date_trunc('quarter', settled_at AT TIME ZONE 'Asia/Shanghai');
"""
_LOTS = f"""
CREATE TEMP TABLE sold_lot ON COMMIT DROP AS
SELECT listing_id, month, {_id("marketplace_lot")} AS id, sum(packs) AS packs, coalesce(sum(packs) FILTER (WHERE NOT cancelled), 0) AS kept
FROM sold GROUP BY listing_id, month;
INSERT INTO marketplace_lot (id, listing_id, trace_code, harvested, held, sold, grade, picked_on, created_at, closed_at)
    SELECT id, listing_id, 'Y' || upper(substr(md5('lot' || id), 1, 11)), packs, 0, kept, 'FIRST', month,
           month::timestamp AT TIME ZONE 'Asia/Shanghai', least((month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai', %(now)s)
    FROM sold_lot;
UPDATE sold SET lot_id = sold_lot.id FROM sold_lot WHERE sold_lot.listing_id = sold.listing_id AND sold_lot.month = sold.month;
"""
_ORDERS = """
INSERT INTO orders_order (id, number, buyer_id, checkout_key, status, goods_fen, postage_fen, total_fen, recipient, phone, province_id,
                          address, note, placed_at, pay_by, paid_at)
    SELECT order_id, number, buyer_id, gen_random_uuid(), CASE WHEN cancelled THEN 'CANCELLED' ELSE 'PAID' END, total, postage,
           total + postage, '收件人', '+8614000000000', '310000', '上海市上海市徐汇区（演示）', '', placed_at, placed_at + interval '15 minutes', paid_at
    FROM sold;
INSERT INTO orders_parcel (id, order_id, farmer_id, number, state, goods_fen, postage_fen, weight_grams, refunded_fen, days_min, days_max,
                           post_by, is_late, courier, tracking_number, posted_at, received_at, claim_until, settled_at, timer)
    SELECT parcel_id, order_id, farmer_id, number || '-1', CASE WHEN cancelled THEN 'CANCELLED' ELSE 'SETTLED' END, total, postage,
           packs * pack_grams, CASE WHEN cancelled THEN total + postage ELSE 0 END, 2, 4, paid_at + interval '48 hours', false,
           CASE WHEN cancelled THEN '' ELSE 'EMS' END, CASE WHEN cancelled THEN '' ELSE 'EMS' || lpad(n::text, 10, '0') END,
           CASE WHEN NOT cancelled THEN posted_at END, CASE WHEN NOT cancelled THEN received_at END,
           CASE WHEN NOT cancelled THEN settled_at END, CASE WHEN NOT cancelled THEN settled_at END, ''
    FROM sold;
INSERT INTO marketplace_hold (id, lot_id, order_number, packs, status, expires_at, created_at)
    SELECT hold_id, lot_id, number, packs, CASE WHEN cancelled THEN 'RETURNED' ELSE 'SOLD' END, placed_at + interval '15 minutes', placed_at
    FROM sold;
INSERT INTO orders_orderline (id, parcel_id, listing_id, revision_id, lot_id, hold_id, produce_zh, produce_en, pack_grams, packs,
                              unit_price_fen, total_fen, platform_fen, fund_fen, postage_fen)
    SELECT line_id, parcel_id, listing_id, revision_id, lot_id, hold_id, name_zh, name_en, pack_grams, packs, price, total, platform, fund,
           postage FROM sold;
INSERT INTO orders_parcelevent (parcel_id, event, moved_from, moved_to, actor_id, note, happened_at)
    SELECT parcel_id, event, moved_from, moved_to, actor_id, '', happened_at FROM sold, LATERAL (VALUES
        (1, 'PAY', 'PLACED', 'TO_PACK', NULL::bigint, paid_at, true), (2, 'CANCEL', 'TO_PACK', 'CANCELLED', buyer_id, paid_at + interval '2 hours', cancelled),
        (2, 'POST', 'TO_PACK', 'ON_THE_WAY', grower_id, posted_at, NOT cancelled),
        (3, 'RECEIVE', 'ON_THE_WAY', 'RECEIVED', buyer_id, received_at, NOT cancelled),
        (4, 'SETTLE', 'RECEIVED', 'SETTLED', NULL, settled_at, NOT cancelled)
    ) event (turn, event, moved_from, moved_to, actor_id, happened_at, came) WHERE came ORDER BY parcel_id, turn;
INSERT INTO payments_payment (id, order_id, gateway, reference, trade_number, amount_fen, status, started_at, paid_at, queries)
    SELECT payment_id, order_id, 'sandbox', 'Y' || upper(substr(md5('payment' || n), 1, 31)), 'YEARS' || n, total + postage, 'SUCCEEDED',
           placed_at + interval '1 minute', paid_at, 0 FROM sold;
INSERT INTO payments_refund (id, payment_id, parcel_id, reference, amount_fen, reason, status, attempts, next_attempt_at, last_error, created_at, done_at)
    SELECT refund_id, payment_id, parcel_id, 'YR' || n, total + postage, 'CANCELLED', 'DONE', 1, paid_at + interval '2 hours', '',
           paid_at + interval '2 hours', paid_at + interval '3 hours' FROM sold WHERE cancelled;
"""
_ACCOUNTS = """
INSERT INTO payments_account (name, kind, farmer_id)
    SELECT DISTINCT 'farmer:' || farmer_id || ':' || lower(part), 'FARMER_' || part, farmer_id
    FROM sold, (VALUES ('HELD'), ('DUE'), ('PAYOUT')) parts (part) ON CONFLICT DO NOTHING;
INSERT INTO payments_account (name, kind) VALUES ('provider:sandbox', 'PROVIDER'), ('platform_held', 'PLATFORM_HELD'),
    ('platform', 'PLATFORM'), ('fund_held', 'FUND_HELD'), ('fund', 'FUND'), ('refund_due', 'REFUND_DUE') ON CONFLICT DO NOTHING;
"""
# Legs that move nothing are left out; `legs` says how many there are.
_LEDGER = """
CREATE TEMP TABLE leg ON COMMIT DROP AS
SELECT entry_id, account, fen, CASE WHEN part <> '' THEN line_id END AS line_id, part, n FROM sold, LATERAL (VALUES
    (paid_entry, 'provider:sandbox', total + postage, '', true),
    (paid_entry, 'farmer:' || farmer_id || ':held', platform + fund - total, 'GOODS', true),
    (paid_entry, 'farmer:' || farmer_id || ':held', -postage, 'POSTAGE', true),
    (paid_entry, 'platform_held', -platform, 'GOODS', true), (paid_entry, 'fund_held', -fund, 'GOODS', true),
    (end_entry, 'farmer:' || farmer_id || ':held', total - platform - fund, 'GOODS', NOT cancelled),
    (end_entry, 'farmer:' || farmer_id || ':due', platform + fund - total, 'GOODS', NOT cancelled),
    (end_entry, 'farmer:' || farmer_id || ':held', postage, 'POSTAGE', NOT cancelled),
    (end_entry, 'farmer:' || farmer_id || ':due', -postage, 'POSTAGE', NOT cancelled),
    (end_entry, 'platform_held', platform, 'GOODS', NOT cancelled), (end_entry, 'platform', -platform, 'GOODS', NOT cancelled),
    (end_entry, 'fund_held', fund, 'GOODS', NOT cancelled), (end_entry, 'fund', -fund, 'GOODS', NOT cancelled),
    (end_entry, 'farmer:' || farmer_id || ':held', total - platform - fund, 'GOODS', cancelled),
    (end_entry, 'farmer:' || farmer_id || ':held', postage, 'POSTAGE', cancelled),
    (end_entry, 'platform_held', platform, 'GOODS', cancelled), (end_entry, 'fund_held', fund, 'GOODS', cancelled),
    (end_entry, 'refund_due', -total, 'GOODS', cancelled), (end_entry, 'refund_due', -postage, 'POSTAGE', cancelled),
    (back_entry, 'refund_due', total + postage, '', cancelled), (back_entry, 'provider:sandbox', -(total + postage), '', cancelled)
) moved (entry_id, account, fen, part, came) WHERE came AND fen <> 0;
CREATE INDEX ON leg (entry_id);
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, payment_id, parcel_id, refund_id, reason)
    SELECT entry_id, ref, kind, booked_at, (SELECT count(*) FROM leg WHERE leg.entry_id = made.entry_id), payment_id, parcel_id, refund_id, ''
    FROM (
        SELECT paid_entry AS entry_id, 'paid:' || payment_id AS ref, 'PAID' AS kind, paid_at AS booked_at, payment_id, NULL::bigint AS parcel_id, NULL::bigint AS refund_id FROM sold
        UNION ALL SELECT end_entry, 'settled:' || parcel_id, 'SETTLED', settled_at, NULL, parcel_id, NULL FROM sold WHERE NOT cancelled
        UNION ALL SELECT end_entry, 'refund:' || refund_id, 'REFUND', paid_at + interval '2 hours', payment_id, parcel_id, refund_id FROM sold WHERE cancelled
        UNION ALL SELECT back_entry, 'refunded:' || refund_id, 'REFUNDED', paid_at + interval '3 hours', payment_id, parcel_id, refund_id FROM sold WHERE cancelled
    ) made;
"""
_LEGS = """
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT leg.entry_id, account.id, leg.fen, leg.line_id, leg.part FROM leg JOIN payments_account account ON account.name = leg.account;
"""
# A payout for each farm and quarter, but for the one that is going on.
_PAYOUTS = f"""
CREATE TEMP TABLE paid_out ON COMMIT DROP AS
SELECT farmer_id, quarter, {_id("payments_payout")} AS id, sum(total - platform - fund + postage) AS fen,
       (quarter + interval '3 months')::timestamp AT TIME ZONE 'Asia/Shanghai' + interval '34 hours' AS paid_at,
       {_id("payments_entry")} AS into_entry, {_id("payments_entry")} AS out_entry, NULL::bigint AS batch_id
FROM sold WHERE NOT cancelled AND (quarter + interval '3 months 3 days')::timestamp AT TIME ZONE 'Asia/Shanghai' < %(now)s GROUP BY farmer_id, quarter;
CREATE TEMP TABLE batch ON COMMIT DROP AS
SELECT quarter, {_id("payments_payoutbatch")} AS id, min(paid_at) - interval '1 day' AS at FROM paid_out GROUP BY quarter;
UPDATE paid_out SET batch_id = batch.id FROM batch WHERE batch.quarter = paid_out.quarter;
INSERT INTO payments_payoutbatch (id, state, prepared_by_id, prepared_at, approved_by_id, approved_at, sent_by_id, sent_at, reason)
    SELECT id, 'SENT', %(prepared_by)s, at, %(approved_by)s, at + interval '1 hour', %(prepared_by)s, at + interval '2 hours', '' FROM batch;
INSERT INTO payments_payout (id, batch_id, farmer_id, reference, amount_fen, payee_kind, payee_name, payee_account, state, paid_at, reason, is_payee_wrong)
    SELECT paid_out.id, batch_id, farmer_id, 'YP' || paid_out.id, fen, farmer.payee_kind, farmer.payee_name, farmer.payee_account, 'PAID', paid_at, '', false
    FROM paid_out JOIN accounts_farmer farmer ON farmer.id = farmer_id;
CREATE TEMP TABLE payout_leg ON COMMIT DROP AS
SELECT paid_out.into_entry AS entry_id, 'farmer:' || sold.farmer_id || ':' || account AS account, moved.fen, sold.line_id, part
FROM sold JOIN paid_out ON paid_out.farmer_id = sold.farmer_id AND paid_out.quarter = sold.quarter, LATERAL (VALUES
    ('due', total - platform - fund, 'GOODS'), ('payout', platform + fund - total, 'GOODS'), ('due', postage, 'POSTAGE'), ('payout', -postage, 'POSTAGE')
) moved (account, fen, part) WHERE NOT sold.cancelled AND moved.fen <> 0;
INSERT INTO payments_entry (id, ref, kind, booked_at, legs, payout_id, reason)
    SELECT into_entry, 'payout:' || id, 'PAYOUT', paid_at - interval '1 day', counted.legs, id, ''
    FROM paid_out JOIN (SELECT entry_id, count(*) AS legs FROM payout_leg GROUP BY entry_id) counted ON counted.entry_id = into_entry
    UNION ALL SELECT out_entry, 'paid-out:' || id, 'PAID_OUT', paid_at, 2, id, '' FROM paid_out;
INSERT INTO payments_leg (entry_id, account_id, fen, line_id, part)
    SELECT entry_id, account.id, fen, line_id, part FROM payout_leg JOIN payments_account account ON account.name = payout_leg.account;
INSERT INTO payments_leg (entry_id, account_id, fen, part)
    SELECT out_entry, account.id, moved.fen, '' FROM paid_out, LATERAL (VALUES ('farmer:' || farmer_id || ':payout', fen), ('provider:sandbox', -fen)) moved (account, fen)
    JOIN payments_account account ON account.name = moved.account;
"""
_TOLD = """
INSERT INTO notifications_notification (recipient_id, kind, about, dedupe_key, context, link, created_at, read_at)
    SELECT recipient_id, kind, about, 'years:' || kind || ':' || about || ':' || recipient_id,
           jsonb_build_object('number', number, 'amount_fen', fen, 'total_fen', fen, 'farm', '', 'courier', 'EMS', 'tracking_number', '', 'audience', audience), '', at, at
    FROM sold, LATERAL (VALUES
        (buyer_id, 'order_placed', 'order:' || order_id, total + postage, placed_at, true, ''),
        (buyer_id, 'order_paid', 'order:' || order_id, total + postage, paid_at, true, ''),
        (grower_id, 'parcel_to_pack', 'parcel:' || parcel_id, total, paid_at, true, ''),
        (buyer_id, 'parcel_posted', 'parcel:' || parcel_id, total, posted_at, NOT cancelled, ''),
        (grower_id, 'parcel_received', 'parcel:' || parcel_id, total, received_at, NOT cancelled, ''),
        (grower_id, 'parcel_settled', 'parcel:' || parcel_id, total, settled_at, NOT cancelled, ''),
        (grower_id, 'parcel_cancelled', 'parcel:' || parcel_id, total, paid_at + interval '2 hours', cancelled, 'farmer'),
        (buyer_id, 'parcel_cancelled', 'parcel:' || parcel_id, total, paid_at + interval '2 hours', cancelled, 'buyer'),
        (buyer_id, 'refund_done', 'refund:' || refund_id, total + postage, paid_at + interval '3 hours', cancelled, '')
    ) told (recipient_id, kind, about, fen, at, came, audience) WHERE came;
INSERT INTO notifications_notification (recipient_id, kind, about, dedupe_key, context, link, created_at, read_at)
    SELECT farmer.user_id, 'payout_paid', 'payout:' || paid_out.id, 'years:payout:' || paid_out.id,
           jsonb_build_object('amount_fen', fen, 'account', ''), '', paid_at, paid_at
    FROM paid_out JOIN accounts_farmer farmer ON farmer.id = farmer_id;
"""
STATEMENTS = (_WHOLE, _NUMBERED, _LOTS, _ORDERS, _ACCOUNTS, _LEDGER, _LEGS, _PAYOUTS, _TOLD)
