"""WeChat Pay's statement of a day (bill_type=ALL): CSV, each value behind a backtick, a summary in the last two lines.

Columns go by their names. Anything that is not as agreed, or does not add up to the summary, is a BadStatement.
"""

import csv
from collections.abc import Sequence

from payments.gateways.base import MalformedNotification
from payments.gateways.reading import fen_of_yuan, identifier
from payments.gateways.statements import About, BadStatement, Row

TRADE, OURS, MERCHANT, STATE = "微信订单号", "商户订单号", "商户号", "交易状态"
PAID_YUAN, SETTLED_YUAN = "订单金额", "应结订单金额"
OUR_REFUND, REFUND_YUAN, REFUND_STATE = "商户退款单号", "退款金额", "退款状态"
ASKED_YUAN = "申请退款金额"
COUNT, SUM_SETTLED, SUM_REFUNDED = "总交易单数", "应结订单总金额", "退款总金额"
NEEDED = {TRADE, OURS, MERCHANT, STATE, PAID_YUAN, SETTLED_YUAN, OUR_REFUND, REFUND_YUAN, REFUND_STATE, ASKED_YUAN}


def read(content: bytes, *, mch_id: str) -> list[Row]:
    """The rows of a statement. Raises BadStatement."""
    try:
        lines = [line for line in csv.reader(content.decode("utf-8-sig").splitlines()) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadStatement("not CSV in UTF-8") from error
    if len(lines) < 3 or not set(lines[0]) >= NEEDED or lines[-2][0] != COUNT:
        raise BadStatement("header or summary missing")
    rows = [_named(lines[0], line) for line in lines[1:-2]]
    try:
        _add_up(rows, _named(lines[-2], lines[-1]))
        return [found for row in rows if (found := _row(row, mch_id))]
    except (MalformedNotification, KeyError) as error:
        raise BadStatement(f"a value makes no sense: {error}") from error


def _named(header: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    if len(header) != len(line) or not all(value.startswith("`") for value in line):
        raise BadStatement("a row is cut short, or not written as agreed")
    return {name: value[1:].strip() for name, value in zip(header, line, strict=True)}


def _add_up(rows: Sequence[dict[str, str]], summary: dict[str, str]) -> None:
    settled = sum(fen_of_yuan(row[SETTLED_YUAN]) for row in rows)
    refunded = sum(fen_of_yuan(row[REFUND_YUAN]) for row in rows)
    told = (summary[COUNT], fen_of_yuan(summary[SUM_SETTLED]), fen_of_yuan(summary[SUM_REFUNDED]))
    if told != (str(len(rows)), settled, refunded):
        raise BadStatement("the rows do not add up to the summary")


def _row(row: dict[str, str], mch_id: str) -> Row | None:
    """None for what moved no money: a payment taken back before it was one."""
    if row[MERCHANT] != mch_id:
        raise BadStatement("a row of another merchant's")
    if row[STATE] == "SUCCESS":
        return Row(
            about=About.PAYMENT,
            reference=identifier(row, OURS),
            trade_number=identifier(row, TRADE),
            fen=fen_of_yuan(row[PAID_YUAN]),
        )
    if row[STATE] == "REFUND":
        return Row(
            about=About.REFUND,
            reference=identifier(row, OUR_REFUND),
            trade_number=identifier(row, TRADE),
            fen=fen_of_yuan(row[ASKED_YUAN]),
            is_done=row[REFUND_STATE] == "SUCCESS",
        )
    if row[STATE] == "REVOKED":
        return None
    raise BadStatement(f"unknown state {row[STATE][:20]}")
