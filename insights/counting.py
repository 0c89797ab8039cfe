"""The counting itself, as SQL: what each sold line comes to, read from the ledger and from nowhere else."""

SUMS = ("goods_fen", "refund_fen", "farmer_fen", "paid_fen", "grams", "packs", "parcels", "orders")
CELL = ("day", "county_id", "produce_id", "kind", "women_led")
COLUMNS = ("line_id", *CELL, "farmer_id", "buyer_id", *SUMS)

# {which} limits the lines: to those of a batch, or not at all. A line's goods are paid for by the entry PAID (an admin may
# undo it by a REVERSAL); what of them went back is in REFUND_DUE, what is the farmer's in their accounts, whoever bears it.
_FACTS = """
SELECT line.id AS line_id, money.day, farmer.county_id, revision.produce_id, farmer.kind, farmer.women_led,
       farmer.id AS farmer_id, placed.buyer_id, money.goods_fen, money.refund_fen, money.farmer_fen,
       least(money.paid_fen, money.farmer_fen) AS paid_fen,  -- more had been paid out when some went back: not theirs
       CASE WHEN money.goods_fen > money.refund_fen THEN line.packs::bigint * line.pack_grams ELSE 0 END AS grams,
       CASE WHEN money.goods_fen > money.refund_fen THEN line.packs ELSE 0 END AS packs,
       (line.id = (SELECT min(id) FROM orders_orderline other WHERE other.parcel_id = parcel.id))::int AS parcels,
       (line.id = (SELECT min(other.id) FROM orders_orderline other JOIN orders_parcel beside
                   ON beside.id = other.parcel_id WHERE beside.order_id = placed.id))::int AS orders
FROM (
    SELECT leg.line_id,
        (min(entry.booked_at) FILTER (WHERE entry.kind = 'PAID') AT TIME ZONE 'Asia/Shanghai')::date AS day,
        coalesce(-sum(leg.fen) FILTER (WHERE 'PAID' IN (entry.kind, undone.kind)), 0)::bigint AS goods_fen,
        coalesce(-sum(leg.fen) FILTER (WHERE account.kind = 'REFUND_DUE'), 0)::bigint AS refund_fen,
        coalesce(-sum(leg.fen) FILTER (WHERE account.kind IN
            ('FARMER_HELD', 'FARMER_DUE', 'FARMER_PAYOUT', 'FARMER_DIRECT')), 0)::bigint AS farmer_fen,
        coalesce(-sum(leg.fen) FILTER (WHERE account.kind = 'FARMER_DIRECT'
            OR (account.kind = 'FARMER_PAYOUT' AND payout.state = 'PAID')), 0)::bigint AS paid_fen
    FROM payments_leg leg
    JOIN payments_entry entry ON entry.id = leg.entry_id
    JOIN payments_account account ON account.id = leg.account_id
    LEFT JOIN payments_entry undone ON undone.id = entry.reverses_id
    LEFT JOIN payments_payout payout ON payout.id = entry.payout_id
    WHERE leg.part = 'GOODS' AND {which}
    GROUP BY leg.line_id
) money
JOIN orders_orderline line ON line.id = money.line_id
JOIN marketplace_listingrevision revision ON revision.id = line.revision_id
JOIN orders_parcel parcel ON parcel.id = line.parcel_id
JOIN orders_order placed ON placed.id = parcel.order_id
JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
WHERE money.day IS NOT NULL
"""
ALL_FACTS = _FACTS.format(which="leg.line_id IS NOT NULL")
SOME_FACTS = _FACTS.format(which="leg.line_id = ANY(%(lines)s)")

_CELL = ", ".join(CELL)
_SUMS = ", ".join(SUMS)

TAKE = """
DELETE FROM insights_change WHERE id IN (SELECT id FROM insights_change ORDER BY id LIMIT %(limit)s) RETURNING line_id
"""

# What the lines come to now, less what they came to when they were counted last, goes to their cells: so it does not
# matter how often a line is counted. Answers with the months that something moved in.
ABSORB = f"""
WITH fresh AS ({SOME_FACTS}),
before AS (SELECT {", ".join(COLUMNS)} FROM insights_sale WHERE line_id = ANY(%(lines)s)),
moved AS (
    SELECT {_CELL}, {", ".join(f"sum({name})::bigint AS {name}" for name in SUMS)} FROM (
        SELECT {_CELL}, {_SUMS} FROM fresh
        UNION ALL SELECT {_CELL}, {", ".join("-" + name for name in SUMS)} FROM before
    ) both_times GROUP BY {_CELL} HAVING {" OR ".join(f"sum({name}) <> 0" for name in SUMS)}
),
stored AS (
    INSERT INTO insights_sale ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM fresh
    ON CONFLICT (line_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[1:])}
),
added AS (
    INSERT INTO insights_dayfigure AS cell ({_CELL}, {_SUMS}) SELECT {_CELL}, {_SUMS} FROM moved
    ON CONFLICT ({_CELL}) DO UPDATE SET {", ".join(f"{name} = cell.{name} + EXCLUDED.{name}" for name in SUMS)}
    RETURNING day
)
SELECT DISTINCT date_trunc('month', day)::date FROM added
"""  # noqa: S608  # our own words

REBUILD = (
    "DELETE FROM insights_sale",
    "DELETE FROM insights_dayfigure",
    f"INSERT INTO insights_sale ({', '.join(COLUMNS)}) {ALL_FACTS}",
    f"""INSERT INTO insights_dayfigure ({_CELL}, {_SUMS})
        SELECT {_CELL}, {", ".join(f"sum({name})" for name in SUMS)} FROM insights_sale GROUP BY {_CELL}""",  # noqa: S608
    "ANALYZE insights_sale, insights_dayfigure",  # what follows is to know that they are large
    "DELETE FROM insights_yearpeople",
    "DELETE FROM insights_group",
    "DELETE FROM insights_month",
    "INSERT INTO insights_month (month) SELECT DISTINCT date_trunc('month', day)::date FROM insights_dayfigure",
)

# Lines of which no change waits, that are not what the ledger says; and cells that are not the sums of their lines.
SALES_THAT_DIFFER = f"""
WITH fact AS ({ALL_FACTS.replace("%", "%%")})
SELECT coalesce(fact.line_id, sale.line_id) FROM fact FULL JOIN insights_sale sale ON sale.line_id = fact.line_id
WHERE ({", ".join(f"fact.{name}" for name in COLUMNS)}) IS DISTINCT FROM ({", ".join(f"sale.{name}" for name in COLUMNS)})
  AND NOT EXISTS (SELECT 1 FROM insights_change change WHERE change.line_id = coalesce(fact.line_id, sale.line_id))
"""  # noqa: S608
CELLS_THAT_DIFFER = f"""
SELECT coalesce(cell.id::text, counted.day::text) FROM insights_dayfigure cell FULL JOIN (
    SELECT {_CELL}, {", ".join(f"sum({name}) AS {name}" for name in SUMS)} FROM insights_sale GROUP BY {_CELL}
) counted USING ({_CELL})
WHERE {" OR ".join(f"coalesce(cell.{name}, 0) <> coalesce(counted.{name}, 0)" for name in SUMS)}
"""  # noqa: S608
