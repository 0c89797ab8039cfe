"""What holds of the roll-ups. See common/invariants.py."""

from common.invariants import Check
from insights.counting import CELLS_THAT_DIFFER, SALES_THAT_DIFFER

CHECKS = [
    Check(
        "sales_are_as_the_ledger_says",
        "Each sold line is rolled up as the ledger has it, unless a change of it still waits to be counted.",
        SALES_THAT_DIFFER,
    ),
    Check(
        "roll_up_is_its_lines",
        "Each day's figures by county, produce and seller are the sums of their lines.",
        CELLS_THAT_DIFFER,
    ),
    Check(
        "public_months_are_their_sales",
        "What is public of a month, whole and in groups, adds up to its sales, unless it waits to be put out again.",
        """
        SELECT month.month::text FROM insights_month month
        LEFT JOIN (
            SELECT month_id, sum(sold_fen) AS sold, sum(farmer_fen) AS farmer, sum(paid_fen) AS paid, sum(grams) AS grams,
                   sum(packs) AS packs
            FROM insights_group GROUP BY month_id
        ) parts ON parts.month_id = month.month
        LEFT JOIN (
            SELECT date_trunc('month', day)::date AS month, sum(goods_fen - refund_fen) AS sold, sum(farmer_fen) AS farmer,
                   sum(paid_fen) AS paid, sum(grams) AS grams, sum(packs) AS packs
            FROM insights_dayfigure GROUP BY 1
        ) counted ON counted.month = month.month
        WHERE NOT month.is_stale AND CASE WHEN month.is_shown THEN
            (counted.sold, counted.farmer, counted.paid, counted.grams, counted.packs) IS DISTINCT FROM
            (parts.sold, parts.farmer, parts.paid, parts.grams, parts.packs)
            OR (parts.sold, parts.farmer, parts.paid, parts.grams, parts.packs) IS DISTINCT FROM
               (month.sold_fen, month.farmer_fen, month.paid_fen, month.grams, month.packs)
        ELSE parts.month_id IS NOT NULL OR month.sold_fen <> 0 OR month.farmer_fen <> 0 END
        """,
    ),
]
