"""Alipay's statement of a day (bill_type=trade): a ZIP of CSV files in GB18030; the one of single trades is read.

Columns go by their names. Anything that is not as agreed, or does not add up to its own last lines, is a BadStatement.
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence

from payments.gateways.base import MalformedNotification
from payments.gateways.reading import fen_of_yuan, identifier
from payments.gateways.statements import About, BadStatement, Row

MAX_BYTES = 64 * 1024 * 1024
TRADE, OURS, KIND, YUAN, OUR_REFUND = "支付宝交易号", "商户订单号", "业务类型", "订单金额（元）", "退款批次号/请求号"
RECEIVED = "商家实收（元）"
NEEDED = {TRADE, OURS, KIND, YUAN, RECEIVED, OUR_REFUND}
PAYMENTS = re.compile(r"#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元")
REFUNDS = re.compile(r"#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元")


def read(content: bytes) -> list[Row]:
    """The rows of a statement. Raises BadStatement."""
    text = _single_trades(content)
    lines = [line for line in text.splitlines() if line.strip()]
    table = [[value.strip() for value in line] for line in csv.reader(line for line in lines if line[0] != "#")]
    if not table or not set(table[0]) >= NEEDED or not any("业务明细列表结束" in line for line in lines):
        raise BadStatement("header or end missing")
    if any(len(line) != len(table[0]) for line in table):
        raise BadStatement("a row is cut short")
    rows = [dict(zip(table[0], line, strict=True)) for line in table[1:]]
    try:
        _add_up(rows, text)
        return [_row(row) for row in rows]
    except MalformedNotification as error:
        raise BadStatement(f"a value makes no sense: {error}") from error


def _single_trades(content: bytes) -> str:
    """The file of single trades; beside it lies one of sums by shop. Names in the ZIP are GB18030 as well."""
    try:
        with zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gb18030") as packed:
            found = [each for each in packed.infolist() if each.filename.endswith("业务明细.csv")]
            if len(found) != 1 or found[0].file_size > MAX_BYTES:
                raise BadStatement("no file of single trades")
            return packed.read(found[0]).decode("gb18030")
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise BadStatement("not a ZIP of CSV files in GB18030") from error


def _add_up(rows: Sequence[dict[str, str]], text: str) -> None:
    for kind, pattern in (("交易", PAYMENTS), ("退款", REFUNDS)):
        of_kind = [abs(fen_of_yuan(row[RECEIVED])) for row in rows if row[KIND] == kind]
        told = pattern.search(text)
        if told is None or (int(told[1]), abs(fen_of_yuan(told[2]))) != (len(of_kind), sum(of_kind)):
            raise BadStatement("the rows do not add up to the last lines")


def _row(row: dict[str, str]) -> Row:
    """Alipay lists only what has moved; refunds are below 0."""
    fen = fen_of_yuan(row[YUAN])
    if row[KIND] == "交易" and fen > 0:
        return Row(about=About.PAYMENT, reference=identifier(row, OURS), trade_number=identifier(row, TRADE), fen=fen)
    if row[KIND] == "退款" and fen < 0:
        refund = identifier(row, OUR_REFUND)
        return Row(about=About.REFUND, reference=refund, trade_number=identifier(row, TRADE), fen=-fen)
    raise BadStatement(f"a row of an unknown kind: {row[KIND][:20]}")
